"""Paragraphs are set as a whole: what `linebreaks` chooses is told to WeasyPrint, which breaks line by line.

WeasyPrint fills a line as far as it goes. So each line of a justified paragraph is given just the width of the words
that belong in it, and is then spread or squeezed to the measure. Nothing is moved by hand: where WeasyPrint ends a line
elsewhere than planned, the rest of the paragraph is weighed anew from there; lines beside a float, and paragraphs whose
spaces must stay, are left to WeasyPrint.

Like `cures`, it takes hold of WeasyPrint 70.0's insides, and of nothing else's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyphen
import weasyprint.layout.inline
from weasyprint.formatting_structure import boxes
from weasyprint.layout.inline import atomic_box
from weasyprint.layout.percent import resolve_percentages
from weasyprint.text.line_break import Layout, get_log_attrs, get_next_word_boundaries, line_size

from diptych.writers.pdf.linebreaks import Chance, Measure, choose

_GRACE = 0.6
"""Pixels by which the words of a line may be wider together than one by one, for kerning; no letter is so narrow."""

_NEARLY = 0.01

_TRIES = (("none", 250.0), ("words", 1_200.0), ("names", 10_000.0))
"""What may be broken, and how bad a line may be then: nothing, then words, at last names too (better whole)."""

_EDGES = ("margin_left", "margin_right", "padding_left", "padding_right")
_BORDERS = ("border_left_width", "border_right_width")
_COLLAPSED = ("normal", "nowrap")


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
        if isinstance(box, boxes.LineBox):
            width = _planned(context, box, most - x, skip, around)
            most = most if width is None else x + width
        return split(context, box, x, most, below, skip, around, *rest)

    @functools.wraps(align)
    def text_align(context: Any, line: Any, available: float, last: Any) -> Any:
        if line.width > available and not last and _is_justified(line.style) and _planned_for(context, line):
            inline.justify_line(context, line, available - line.width)
        return align(context, line, available, last)

    inline.split_inline_box, inline.text_align = split_inline_box, text_align
    inline._diptych_paragraphs = True


def _is_justified(style: Any) -> bool:
    return bool(style["text_align_all"] == "justify" and style["white_space"] == "normal")


def _planned_for(context: Any, line: Any) -> bool:
    return id(line.element) in getattr(context, "diptych_squeezed", ())


def _planned(context: Any, box: Any, available: float, skip: Any, around: Any) -> float | None:
    """Give the width of the words that belong into the line that begins at `skip`; None leaves it to WeasyPrint."""
    if not _is_justified(box.style) or not isinstance(around.width, (int, float)):
        return None
    known = context.__dict__.setdefault("diptych_paragraphs", {})
    if id(box) not in known:
        known[id(box)] = (
            _Paragraph.of(context, box, around),
            box,
        )  # the box is kept, for its id stays its own so long
    paragraph = known[id(box)][0]
    if paragraph is None:
        return None
    width = paragraph.width(skip, available, around.width)
    if width is not None and width > available:
        context.__dict__.setdefault("diptych_squeezed", set()).add(id(box.element))
    return None if width is None else width + _GRACE


class _Faces:
    """Measures words, each once in each style; kept by a layout's context."""

    def __init__(self) -> None:
        self._layouts: dict[int, tuple[Any, Any]] = {}
        self._widths: dict[tuple[int, str], float] = {}

    def width(self, text: str, style: Any) -> float:
        """Give the width of a text without spaces at its ends, or of one space, in CSS pixels."""
        key = (id(style), text)
        known = self._widths.get(key)
        if known is None:
            if id(style) not in self._layouts:
                self._layouts[id(style)] = (Layout(style), style)
            layout = self._layouts[id(style)][0]
            layout.set_text(text)
            known = self._widths[key] = float(line_size(layout.get_first_line()[0], style)[0])
        return known


_OBJECT = "\u2e80"
"""What WeasyPrint takes a picture in a line for: a character that lines may end before and behind."""


class _Run:
    """A text box of a paragraph: its path in the line box, and where its text begins in the paragraph's.

    A picture has a `size`, its width, and counts for one character.
    """

    def __init__(self, path: tuple[int, ...], box: Any, start: int, size: float = 0.0) -> None:
        self.path, self.style, self.start, self.size = path, box.style, start, size
        self.text = box.text if isinstance(box, boxes.TextBox) else _OBJECT

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Paragraph:
    """A line box's text, and the lines that were chosen for it."""

    def __init__(self, context: Any, runs: Sequence[_Run], style: Any) -> None:
        self.runs, self.style = runs, style
        self.text = "".join(run.text for run in runs)
        self.faces: _Faces = context.__dict__.setdefault("diptych_faces", _Faces())
        self.dictionaries = context.dictionaries
        self.starts = {run.path: run for run in runs}
        self.edges = frozenset(run.end for run in runs[:-1])
        self.begin = len(self.text) - len(self.text.lstrip(" "))
        self.plan: dict[int, float | None] = {}
        self.asked: tuple[float, float] = (0.0, 0.0)
        self.all_chances: dict[str, list[Chance]] = {}

    @classmethod
    def of(cls, context: Any, box: Any, around: Any) -> _Paragraph | None:
        """Read a line box; None where it holds something else than words and pictures."""
        runs: list[_Run] = []
        for path, inner in _texts(box, ()):
            if inner is None or inner.style["white_space"] not in _COLLAPSED or inner.style["word_spacing"]:
                return None
            at = runs[-1].end if runs else 0
            runs.append(_Run(path, inner, at, _size(context, inner, around)))
        text = "".join(run.text for run in runs)
        if " " not in text.strip(" ") or "\xad" in text or "\n" in text:
            return None
        return cls(context, runs, box.style)

    def width(self, skip: Any, available: float, rest: float) -> float | None:
        """Give the width of the words of the line that begins at `skip`."""
        start = self._offset(skip)
        if start is None:
            return None
        first = start == self.begin
        if not first and abs(available - rest) > _NEARLY:
            return None  # beside a float
        if start not in self.plan or (first and self.asked != (available, rest)):
            self.asked = (available, rest)
            self.plan |= self._weighed(start, Measure(available if first else rest, rest, self._space()))
        return self.plan[start]

    def _offset(self, skip: Any) -> int | None:
        path: list[int] = []
        while skip is not None:
            ((index, skip),) = skip.items()
            path.append(index)
        if not path:
            return self.begin
        if run := self.starts.get(tuple(path[:-1])):
            at = run.start + len(run.text.encode()[: path[-1]].decode(errors="replace"))
        elif (run := self.starts.get(tuple(path))) is not None:
            at = run.start
        else:
            at = next(
                (run.start for run in self.runs if run.path[: len(path)] >= tuple(path)), len(self.text)
            )
        while self.text[at : at + 1] == " ":
            at += 1
        return at

    def _space(self) -> float:
        style = next(run.style for run in self.runs if not run.size)
        return self.faces.width(" ", style)

    def _weighed(self, start: int, measure: Measure) -> dict[int, float | None]:
        """Weigh the paragraph from here on: for each line's beginning the width of its words."""
        for how, worst in _TRIES:
            chances = self._chances(how)
            at = next((n for n, chance in enumerate(chances) if chance.at == start), None)
            if at is None:
                break
            if (ends := choose(chances[at:], measure, worst)) is not None:
                return dict(self._widths(chances[at], ends))
        return {start: None}

    def _widths(self, begin: Chance, ends: Sequence[Chance]) -> Iterator[tuple[int, float | None]]:
        for end in ends[:-1]:
            yield begin.at, end.ends + end.hyphen - begin.begins + self._hanging(end)
            begin = end
        yield begin.at, None  # the last one takes what there is

    def _hanging(self, end: Chance) -> float:
        """Give the width of a space that ends a line and its box: WeasyPrint does not let it hang over the edge."""
        at_edge = end.at in self.edges and not end.hyphen
        return end.begins - end.ends if at_edge else 0.0

    def _chances(self, how: str) -> list[Chance]:
        if how not in self.all_chances:
            self.all_chances[how] = list(self._read(how))
        return self.all_chances[how]

    def _read(self, broken: str) -> Iterator[Chance]:
        """Walk the words between the places where a line may end."""
        attributes = get_log_attrs(self.text, self.style["lang"])
        held = {
            n
            for run in self.runs
            if run.style["white_space"] == "nowrap"
            for n in range(run.start + 1, run.end)
        }
        places = [n for n in range(1, len(self.text)) if attributes[n].is_line_break and n not in held]
        here = _Place()
        here.at = self.begin
        yield Chance(here.at, 0.0, 0.0, 0, 0)
        for place in [n for n in places if n > self.begin] + [len(self.text)]:
            if broken != "none":
                yield from self._inside(here, place, broken)
            word = self.text[here.at : place]
            end = here.at + len(word.rstrip(" "))
            self._walk(here, end)
            ends, inner = here.width, here.spaces
            self._walk(here, place)
            yield Chance(place, ends, here.width, inner, here.spaces)

    def _walk(self, here: _Place, to: int) -> None:
        """Add up what stands between two places."""
        while here.at < to:
            run = self.runs[here.run]
            stop = min(to, run.end)
            for piece in _pieces(self.text[here.at : stop]):
                if run.size:
                    here.width += run.size
                elif piece[0] in " \u00a0":
                    here.width += len(piece) * self.faces.width(piece[0], run.style)
                    here.spaces += len(piece)
                else:
                    here.width += self.faces.width(piece, run.style)
            here.at = stop
            if stop == run.end and here.run + 1 < len(self.runs):
                here.run += 1

    def _inside(self, here: _Place, to: int, broken: str) -> Iterator[Chance]:
        """Give the places inside the next word where it may be broken."""
        run = self.runs[here.run]
        if run.size:
            return
        text = self.text[here.at : min(to, run.end)].rstrip(" ")
        lang = run.style["lang"] and pyphen.language_fallback(run.style["lang"])
        total, left, right = run.style["hyphenate_limit_chars"]
        if run.style["hyphens"] != "auto" or not lang or len(text) < total or "\u00a0" in text:
            return
        found = get_next_word_boundaries(text, lang)
        if not found or found[1] - found[0] < total:
            return
        word, whole = text[found[0] : found[1]], self.faces.width(text, run.style)
        if broken == "words" and word[0].isupper() and not lang.startswith("de"):
            return
        mark = run.style["hyphenate_character"]
        for part, _ in sorted(
            self._dictionary(lang, left, right, total).iterate(word), key=lambda p: len(p[0])
        ):
            cut = found[0] + len(part)
            ends = here.width + self.faces.width(text[:cut] + mark, run.style)
            begins = here.width + whole - self.faces.width(text[cut:], run.style)
            hyphen = self.faces.width(mark, run.style)
            yield Chance(here.at + cut, ends - hyphen, begins, here.spaces, here.spaces, hyphen)

    def _dictionary(self, lang: str, left: int, right: int, total: int) -> Any:
        key = (lang, left, right, total)
        if key not in self.dictionaries:
            self.dictionaries[key] = pyphen.Pyphen(lang=lang, left=left, right=right)
        return self.dictionaries[key]


class _Place:
    """How far a walk has come: the width and the spaces behind it, the place in the text, the run."""

    def __init__(self) -> None:
        self.width, self.spaces, self.at, self.run = 0.0, 0, 0, 0


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into words and runs of one kind of space."""
    at = 0
    while at < len(text):
        end = at + 1
        if text[at] in " \u00a0":
            while end < len(text) and text[end] == text[at]:
                end += 1
        else:
            while end < len(text) and text[end] not in " \u00a0":
                end += 1
        yield text[at:end]
        at = end


def _texts(box: Any, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Give the text boxes and pictures in a line box with their paths; None for what else takes room in it."""
    for n, child in enumerate(box.children):
        if isinstance(child, (boxes.TextBox, boxes.InlineReplacedBox)) and child.is_in_normal_flow():
            yield (*path, n), child
        elif isinstance(child, boxes.InlineBox) and child.is_in_normal_flow() and _is_plain(child.style):
            yield from _texts(child, (*path, n))
        elif child.is_in_normal_flow():
            yield (*path, n), None


def _size(context: Any, box: Any, around: Any) -> float:
    """Give the width of a picture in a line, 0 for text."""
    if isinstance(box, boxes.TextBox):
        return 0.0
    picture = box.copy()
    resolve_percentages(picture, around)
    return float(atomic_box(context, picture, 0, None, around, [], []).margin_width())


def _is_plain(style: Mapping[str, Any]) -> bool:
    """Whether an inline box adds nothing to the width of its words."""
    return all(style[edge] == "auto" or not style[edge].value for edge in _EDGES) and not any(
        style[border] for border in _BORDERS
    )
