"""Paragraphs are set as a whole: what `linebreaks` chooses is told to WeasyPrint, which breaks line by line.

WeasyPrint fills a line as far as it goes. So each line of a justified paragraph is given just the width of the words
that belong in it, and is then spread or squeezed to the measure; where a text box ends in it, it is told as well, for
finding out takes it four or five tries. Nothing is moved by hand: where WeasyPrint ends a line
elsewhere than planned, the rest of the paragraph is weighed anew from there; lines beside a float, and paragraphs whose
spaces must stay, are left to WeasyPrint.

The last words of a line remember what stood behind them, for those who have the pages read to them (`tagging`).

Like `cures`, it takes hold of WeasyPrint 70.0's insides, and of nothing else's.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import weasyprint.layout.inline
from weasyprint.formatting_structure import boxes
from weasyprint.text.ffi import FROM_UNITS, pango
from weasyprint.text.line_break import Layout, line_size

from diptych.writers.pdf.measuring import Line, Paragraph, Run, memory, texts

GRACE = 0.6
"""Pixels by which the words of a line may be wider together than one by one, for kerning; no letter is so narrow."""


def install() -> None:
    """Put it in place, once per process."""
    inline = weasyprint.layout.inline
    if hasattr(inline, "_diptych_paragraphs"):
        return
    inline._diptych_paragraphs = True
    lines: list[Due | None] = [None]
    _plan_lines(lines)
    _tell_where_boxes_end(lines)
    _align_as_planned()
    _close_up_before_the_last_words()


def _plan_lines(lines: list[Due | None]) -> None:
    """Give each line the width of the words that belong in it; `lines` are those being set, one within another."""
    inline = weasyprint.layout.inline
    split = inline.split_inline_box

    @functools.wraps(split)
    def split_inline_box(
        context: Any, box: Any, x: float, most: float, below: float, skip: Any, around: Any, *rest: Any
    ) -> Any:
        if not isinstance(box, boxes.LineBox):
            return split(context, box, x, most, below, skip, around, *rest)
        planned = due(context, box, most - x, skip, around)
        lines.append(planned)
        try:
            result = split(
                context, box, x, planned.edge(x, most) if planned else most, below, skip, around, *rest
            )
        finally:
            lines.pop()
        line, resume = result[:2]
        tell(box, line, resume, planned and _kept(context, box, planned.line, resume))
        return result

    inline.split_inline_box = split_inline_box


def _tell_where_boxes_end(lines: Sequence[Due | None]) -> None:
    """Let a text box be cut where the line that is being set ends."""
    inline = weasyprint.layout.inline
    split_text, first_line = inline.split_text_box, inline.split_first_line
    cut: _Cut | None = None  # that of the box which is being split

    @functools.wraps(split_text)
    def split_text_box(context: Any, box: Any, available: float, skip: int, **rest: Any) -> Any:
        nonlocal cut
        cut = lines[-1] and lines[-1].cut(box, skip)
        try:
            return split_text(context, box, available, skip, **rest)
        finally:
            cut = None

    @functools.wraps(first_line)
    def split_first_line(text: str, style: Any, context: Any, most: Any, spacing: float, **rest: Any) -> Any:
        made = cut and cut.made(text, style, most, spacing)
        return made or first_line(text, style, context, most, spacing, **rest)

    inline.split_text_box, inline.split_first_line = split_text_box, split_first_line


def _align_as_planned() -> None:
    inline = weasyprint.layout.inline
    align = inline.text_align

    @functools.wraps(align)
    def text_align(context: Any, line: Any, available: float, last: Any) -> Any:
        planned = getattr(line, "diptych_line", None)
        if planned is None:
            return align(context, line, available, last)
        available += planned.leads + planned.hangs
        full = not last or line.style["text_align_last"] == "justify"
        if line.width > available and full:
            loss = min(line.width - available, planned.shrinks + GRACE)
            inline.justify_line(context, line, -loss)
        return align(context, line, available, last) - planned.leads

    inline.text_align = text_align


def _close_up_before_the_last_words() -> None:
    inline = weasyprint.layout.inline
    strip = inline.remove_last_whitespace

    @functools.wraps(strip)
    def remove_last_whitespace(context: Any, line: Any) -> None:
        width, left = line.width, line.children[0].position_x if line.children else 0.0
        strip(context, line)
        if line.children and line.children[0].position_x < left:
            _set_back(line, width - line.width)

    inline.remove_last_whitespace = remove_last_whitespace


def planned(context: Any, box: Any, around: Any) -> int | None:
    """Say how many lines are planned for a line box in a block; None where WeasyPrint breaks it into lines."""
    if not any(inner is None or getattr(inner, "text", "?").strip() for _, inner in texts(box)):
        return 0
    indent, sides = box.style["text_indent"], around.width
    if not _is_justified(box.style) or getattr(indent, "unit", "") != "px":
        return None
    paragraph = _read(context, box, around)
    return paragraph.planned(sides - indent.value, sides) if paragraph else None


def _read(context: Any, box: Any, around: Any) -> Paragraph | None:
    known = memory(context, "diptych_paragraphs")
    if id(box) not in known:
        known[id(box)] = _Known(Paragraph.of(context, box, around), box)
    paragraph: Paragraph | None = known[id(box)].paragraph
    return paragraph


def read(context: Any, box: Any) -> Paragraph | None:
    """Give what was read of a line box."""
    known = memory(context, "diptych_paragraphs").get(id(box))
    return known.paragraph if known else None


def _is_justified(style: Any) -> bool:
    return bool(style["text_align_all"] == "justify" and style["white_space"] == "normal")


def due(context: Any, box: Any, available: float, skip: Any, around: Any) -> Due | None:
    """Give what is planned for the line that begins at `skip`; None leaves it to WeasyPrint."""
    line = _planned(context, box, available, skip, around)
    if line is None:
        return None
    known = context.diptych_paragraphs[id(box)]
    return Due(line, known.runs, known.paragraph.edges)


def is_of_words(context: Any, box: Any, around: Any) -> bool:
    """Whether a line box is justified, and holds nothing but words of the usual kind, whose lengths are known then."""
    if not _is_justified(box.style) or not isinstance(around.width, (int, float)):
        return False
    _read(context, box, around)
    known: _Known = context.diptych_paragraphs[id(box)]
    if known.is_of_words:
        known.resolve_in(around.width, around.height)
    return known.is_of_words


def tell(box: Any, line: Any, resume: Any, planned: Line | None) -> None:
    """Note at a line what was planned for it, and at its last words what of its text is not shown."""
    line.diptych_line = planned
    _mark_end(box, line, resume)


def _planned(context: Any, box: Any, available: float, skip: Any, around: Any) -> Line | None:
    """Give what is planned for the line that begins at `skip`; None leaves it to WeasyPrint."""
    if not _is_justified(box.style) or not isinstance(around.width, (int, float)):
        return None
    paragraph = _read(context, box, around)
    line = paragraph.line(skip, available, around.width) if paragraph else None
    if line and line.words is not None and line.words > available and _beside_a_float(context, box):
        return None  # WeasyPrint would take it for a line below that
    return line


class _Known:
    """A line box that was read; it is kept, for its id stays its own so long."""

    def __init__(self, paragraph: Paragraph | None, box: Any) -> None:
        self.paragraph, self.box = paragraph, box
        self._resolved: tuple[Any, Any] | None = None

    def resolve_in(self, width: Any, height: Any) -> None:
        """Let each box in it know its lengths in a block of such a size: they are the same for all its lines."""
        if self._resolved != (width, height):
            self._resolved = width, height
            for inner in itertools.islice(self.box.descendants(), 1, None):
                weasyprint.layout.inline.resolve_percentages(inner, (width, height))

    @functools.cached_property
    def runs(self) -> dict[int, Run]:
        """The runs of the paragraph by the ids of their boxes."""
        runs = self.paragraph.runs if self.paragraph else ()
        return {id(inner): run for (_, inner), run in zip(texts(self.box), runs, strict=True)}

    @functools.cached_property
    def is_of_words(self) -> bool:
        """Whether it holds nothing but words of the usual kind, from left to right."""
        return self.paragraph is not None and all(map(_is_usual, self.box.descendants()))


def _is_usual(box: Any) -> bool:
    """Whether a box in a line is a text that is not underlined, or holds some, from left to right."""
    style = box.style
    if style["direction"] != "ltr" or not style["font_size"] or not box.is_in_normal_flow() or box.is_leader:
        return False
    if isinstance(box, boxes.TextBox):
        return bool(style["text_decoration_line"] == "none")
    return isinstance(box, (boxes.LineBox, boxes.InlineBox))


class Due(NamedTuple):
    """A line that is planned, the runs of its paragraph, and the places where text boxes of it end."""

    line: Line
    runs: Mapping[int, Run]
    edges: Collection[int]

    @property
    def ends_with_a_box(self) -> bool:
        """Whether the next line begins with a text box of its own."""
        return self.line.end in self.edges

    def edge(self, x: float, most: float) -> float:
        """Say how far the line that begins at `x` may reach: as far as its words, or to the edge if it is the last."""
        return most if self.line.words is None else x + self.line.words + GRACE

    def cut(self, box: Any, skip: int) -> _Cut | None:
        """Say how much of a text box, behind what is skipped, stands on the line; None where WeasyPrint has to see."""
        run = self.runs.get(id(box))
        if run is None:
            return None
        start = run.start + (len(box.text.encode()[:skip].decode()) if skip else 0)
        if self.line.end >= run.end:
            return _Cut(None, "")
        hyphen = box.style["hyphenate_character"] if self.line.hyphen else ""
        return _Cut(self.line.end - start, hyphen) if self.line.end > start else None


class _Cut(NamedTuple):
    """What of a text stands on a line: so many letters, all of them where it is None, and a hyphen."""

    letters: int | None
    hyphen: str

    def of(self, text: str) -> tuple[str, str]:
        """Give what is taken of a text, and what of that is shown."""
        if self.letters is None:
            return text, text
        taken = text[: self.letters]
        return taken, taken.rstrip(" ") + self.hyphen

    def made(self, text: str, style: Any, most: float, spacing: float) -> Any:
        """Give what `split_first_line` would, which tries its way to it; None where it does not fit after all."""
        taken, shown = self.of(text)
        layout = Layout(style, spacing, most)
        layout.set_text(shown)
        line, more = layout.get_first_line()
        width, height = line_size(line, style)
        if more is not None or width > most or not shown:
            return None
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        layout.deactivate()
        length = len(shown.encode()) - len(self.hyphen.encode())
        resume = None if self.letters is None else len(taken.encode())
        return layout, length, resume, width, height, baseline


def _beside_a_float(context: Any, box: Any) -> bool:
    return any(
        float_.position_y + float_.margin_height() > box.position_y for float_ in context.excluded_shapes
    )


def _kept(context: Any, box: Any, line: Line, resume: Any) -> Line:
    """Give what was planned for a line, or, where WeasyPrint ended it elsewhere, that it may not hang over its end."""
    paragraph = read(context, box)
    if paragraph is None or resume is None or paragraph.offset(resume) == line.end:
        return line
    return line._replace(hangs=0.0)


def _set_back(line: Any, space: float) -> None:
    """Let the last words of a line from right to left stand where they stood: only what is before them closes up.

    WeasyPrint moves the whole line by the space that vanishes at its end, past the edge.
    """
    last = line.children[-1]
    last.translate(dx=space)
    while getattr(last, "children", ()):
        for before in last.children[:-1]:
            before.translate(dx=-space)
        last = last.children[-1]


def _mark_end(box: Any, line: Any, resume: Any) -> None:
    """Note at a line's last words, as `diptych_end`, the space that the line swallows, or the hyphen it is given."""
    last, before = _last(line), _before(box, resume)
    if last is None or before is None:
        return
    mark = last.style["hyphenate_character"]
    if before == " " and last.style["direction"] == "ltr":
        last.diptych_end = " "
    elif last.text.endswith(mark) and not mark.endswith(before):
        last.diptych_end = mark


def _last(box: Any) -> Any:
    """Give the last text box of a line; None where it ends in something else."""
    while isinstance(box, boxes.ParentBox):
        inner = [child for child in box.children if child.is_in_normal_flow()]
        box = inner[-1] if inner else None
    return box if isinstance(box, boxes.TextBox) else None


def _before(box: Any, resume: Any) -> str | None:
    """Give the letter of the text before the place where the next line begins; None where it is not in a text."""
    before = None
    while resume is not None:
        ((index, resume),) = resume.items()
        if isinstance(box, boxes.TextBox):
            return box.text.encode()[:index].decode(errors="replace")[-1:] or before
        if index and (last := _last(box.children[index - 1])):
            before = last.text[-1:]
        box = box.children[index] if index < len(box.children) else None
    return before
