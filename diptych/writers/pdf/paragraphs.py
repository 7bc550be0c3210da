"""Paragraphs are set as a whole: what `linebreaks` chooses is told to WeasyPrint, which breaks line by line.

WeasyPrint fills a line as far as it goes. So each line of a justified paragraph is given just the width of the words
that belong in it, and is then spread or squeezed to the measure. Nothing is moved by hand: where WeasyPrint ends a line
elsewhere than planned, the rest of the paragraph is weighed anew from there; lines beside a float, and paragraphs whose
spaces must stay, are left to WeasyPrint.

The last words of a line remember what stood behind them, for those who have the pages read to them (`tagging`).

Like `cures`, it takes hold of WeasyPrint 70.0's insides, and of nothing else's.
"""

from __future__ import annotations

import functools
from typing import Any

import weasyprint.layout.inline
from weasyprint.formatting_structure import boxes

from diptych.writers.pdf.measuring import Line, Paragraph, memory

_GRACE = 0.6
"""Pixels by which the words of a line may be wider together than one by one, for kerning; no letter is so narrow."""


def install() -> None:
    """Put it in place, once per process."""
    inline = weasyprint.layout.inline
    if hasattr(inline, "_diptych_paragraphs"):
        return
    split, align = inline.split_inline_box, inline.text_align

    @functools.wraps(split)
    def split_inline_box(
        context: Any, box: Any, x: float, most: float, below: float, skip: Any, around: Any, *rest: Any
    ) -> Any:
        if not isinstance(box, boxes.LineBox):
            return split(context, box, x, most, below, skip, around, *rest)
        line = _planned(context, box, most - x, skip, around)
        if line and line.words is not None:
            most = x + line.words + _GRACE
        result = split(context, box, x, most, below, skip, around, *rest)
        result[0].diptych_line = line and _kept(context, box, line, result[1])
        _mark_end(box, *result[:2])
        return result

    @functools.wraps(align)
    def text_align(context: Any, line: Any, available: float, last: Any) -> Any:
        planned = getattr(line, "diptych_line", None)
        if planned is None:
            return align(context, line, available, last)
        available += planned.leads + planned.hangs
        full = not last or line.style["text_align_last"] == "justify"
        if line.width > available and full:
            loss = min(line.width - available, planned.shrinks + _GRACE)
            inline.justify_line(context, line, -loss)
        return align(context, line, available, last) - planned.leads

    strip = inline.remove_last_whitespace

    @functools.wraps(strip)
    def remove_last_whitespace(context: Any, line: Any) -> None:
        width, left = line.width, line.children[0].position_x if line.children else 0.0
        strip(context, line)
        if line.children and line.children[0].position_x < left:
            _set_back(line, width - line.width)

    inline.remove_last_whitespace = remove_last_whitespace
    inline.split_inline_box, inline.text_align = split_inline_box, text_align
    inline._diptych_paragraphs = True


def _is_justified(style: Any) -> bool:
    return bool(style["text_align_all"] == "justify" and style["white_space"] == "normal")


def _planned(context: Any, box: Any, available: float, skip: Any, around: Any) -> Line | None:
    """Give what is planned for the line that begins at `skip`; None leaves it to WeasyPrint."""
    if not _is_justified(box.style) or not isinstance(around.width, (int, float)):
        return None
    known = memory(context, "diptych_paragraphs")
    if id(box) not in known:
        known[id(box)] = (
            Paragraph.of(context, box, around),
            box,
        )  # the box is kept: its id stays its own so long
    paragraph = known[id(box)][0]
    line: Line | None = paragraph and paragraph.line(skip, available, around.width)
    if line and line.words is not None and line.words > available and _beside_a_float(context, box):
        return None  # WeasyPrint would take it for a line below that
    return line


def _beside_a_float(context: Any, box: Any) -> bool:
    return any(
        float_.position_y + float_.margin_height() > box.position_y for float_ in context.excluded_shapes
    )


def _kept(context: Any, box: Any, line: Line, resume: Any) -> Line:
    """Give what was planned for a line, or, where WeasyPrint ended it elsewhere, that it may not hang over its end."""
    paragraph = context.diptych_paragraphs[id(box)][0]
    if resume is None or paragraph.offset(resume) == line.end:
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
