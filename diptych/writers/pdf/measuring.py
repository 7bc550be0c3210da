"""A paragraph measured: its words and spaces, the places where a line of it may end, and the lines chosen for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from weasyprint.formatting_structure import boxes
from weasyprint.layout.inline import atomic_box
from weasyprint.layout.percent import resolve_percentages
from weasyprint.text.ffi import ffi
from weasyprint.text.line_break import get_log_attrs

from diptych.writers.pdf.founts import Cut, Fount, Part
from diptych.writers.pdf.linebreaks import Chance, Measure, choose, is_runt
from diptych.writers.pdf.thrift import FACE

_NEARLY, _SAME = 0.01, 1e-6

_SHRINK, _TIGHT = 0.25, 1 / 3
"""The part of its width that a space may lose, and where nothing else helps: as much as in TeX's own faces."""

_TRIES = (
    ("none", 250.0, _SHRINK),
    ("words", 1_200.0, _SHRINK),
    ("none", 250.0, _TIGHT),
    ("words", 1_200.0, _TIGHT),
    ("names", 10_000.0, _SHRINK),
)
"""What may be broken, how bad a line may be then, how tight: nothing, then words, at last names too (better whole)."""

_EDGES = ("margin_left", "margin_right", "padding_left", "padding_right")
_BORDERS = ("border_left_width", "border_right_width")
_COLLAPSED = ("normal", "nowrap")

_IS_LINE_BREAK = 1
"""The bit by which Pango says that a line may end before a letter (`PangoLogAttr`)."""

_words = itemgetter(
    *FACE,
    "letter_spacing",
    "overflow_wrap",
    "hyphens",
    "hyphenate_limit_chars",
    "hyphenate_character",
)
"""The properties on which the width of a word depends, and where it is broken."""

_OBJECT = "\u2e80"
"""What WeasyPrint takes a picture in a line for: a character that lines may end before and behind."""

_HYPHENS = ("-", "\u2010")
_PIECES = re.compile(" +|\u00a0+|[^ \u00a0]+")


class Line(NamedTuple):
    """What is planned for a line: the width of its words, in pixels, and where it ends.

    It may begin and end so far over the edges, and lose no more than `shrinks` of its spaces; `hyphen` says that it
    gets one. The last line of a
    paragraph takes what there is: it has no width of its own.
    """

    words: float | None
    end: int
    leads: float = 0.0
    hangs: float = 0.0
    shrinks: float = 0.0
    hyphen: bool = False


class Run:
    """A text box of a paragraph: its path in the line box, and where its text begins in the paragraph's.

    A picture has a `size`, its width, and counts for one character.
    """

    def __init__(self, path: tuple[int, ...], box: Any, start: int, size: float = 0.0) -> None:
        self.path, self.style, self.start, self.size = path, box.style, start, size
        self.text = box.text if isinstance(box, boxes.TextBox) else _OBJECT
        self.end = start + len(self.text)
        self.fount: Fount


class _Word(NamedTuple):
    """A word that may be broken: its run, where it begins, and the width of everything before it.

    `number` is that of the place behind it, among those where a line may end.
    """

    number: int
    run: Run
    at: int
    text: str
    width: float


def memory(context: Any, name: str) -> dict[Any, Any]:
    """Give a dictionary that lasts as long as a layout.

    The context may stand behind a veil (see `cures`), so it is asked and not opened.
    """
    if not hasattr(context, name):
        setattr(context, name, {})
    return getattr(context, name)  # type: ignore[no-any-return]


class Paragraph:
    """A line box's text, and the lines that were chosen for it."""

    def __init__(self, context: Any, runs: Sequence[Run], style: Any) -> None:
        self.runs, self.style = runs, style
        self.text = "".join(run.text for run in runs)
        self._take_founts(context)
        self._space = next(run.fount.space for run in runs if not run.size)
        self._starts = {run.path: run for run in runs}
        self.edges = frozenset(run.end for run in runs[:-1])
        self._begin = len(self.text) - len(self.text.lstrip(" "))
        self._plan: dict[int, Line] = {}
        self._found = False
        self._asked: tuple[float, float] = (0.0, 0.0)
        self._chances: dict[str, list[Chance]] = {}
        self._words: list[_Word] = []
        self._ends: list[Chance] = []
        self._refused: frozenset[int] = frozenset()
        self._last: Literal["free", "full"] = "full" if style["text_align_last"] == "justify" else "free"

    @classmethod
    def of(cls, context: Any, box: Any, around: Any) -> Paragraph | None:
        """Read a line box; None where it holds something else than words and pictures.

        Notes are copied anew each time the foot of a page is set: what is read of one copy holds for all.
        """
        runs: list[Run] = []
        for path, inner in texts(box):
            if inner is None or inner.style["white_space"] not in _COLLAPSED or inner.style["word_spacing"]:
                return None
            at = runs[-1].end if runs else 0
            runs.append(Run(path, inner, at, _size(context, inner, around)))
        text = "".join(run.text for run in runs)
        if " " not in text.strip(" ") or "\xad" in text or "\n" in text or _is_chinese(box.style["lang"]):
            return None
        same = (
            id(box.element),
            box.style["text_align_last"],
            *((run.path, id(run.style), run.text, run.size) for run in runs),
        )
        known: dict[Any, Paragraph] = memory(context, "diptych_copies")
        if same not in known:
            known[same] = cls(context, runs, box.style)
        return known[same]

    def _take_founts(self, context: Any) -> None:
        founts = memory(context, "diptych_founts")
        for run in self.runs:
            key = _words(run.style)
            if key not in founts:
                founts[key] = Fount(run.style, context.dictionaries)
            run.fount = founts[key]

    def line(self, skip: Any, available: float, rest: float) -> Line | None:
        """Give what is planned for the line that begins at `skip`; None leaves it to WeasyPrint."""
        start = self.offset(skip)
        first = start == self._begin
        if not first and abs(available - rest) > _NEARLY:
            return None  # beside a float
        if start not in self._plan or (first and not self._is_asked(available, rest)):
            self._asked = (available, rest)
            self._weigh(start, available if first else rest)
        return self._plan[start]

    def _is_asked(self, first: float, rest: float) -> bool:
        return abs(first - self._asked[0]) < _SAME and abs(rest - self._asked[1]) < _SAME

    def planned(self, first: float, rest: float) -> int | None:
        """Say how many lines are planned; None where no good ones are found."""
        self.line(None, first, rest)
        return len(self._plan) if self._found else None

    def offset(self, skip: Any) -> int:
        """Give the place in the text of what WeasyPrint calls a skip stack; None is the beginning."""
        path: list[int] = []
        while skip is not None:
            ((index, skip),) = skip.items()
            path.append(index)
        if not path:
            return self._begin
        if run := self._starts.get(tuple(path[:-1])):
            at = run.start + len(run.text.encode()[: path[-1]].decode(errors="replace"))
        elif (run := self._starts.get(tuple(path))) is not None:
            at = run.start
        else:
            at = next(
                (run.start for run in self.runs if run.path[: len(path)] >= tuple(path)), len(self.text)
            )
        while self.text[at : at + 1] == " ":
            at += 1
        return at

    @cached_property
    def _hyphens(self) -> frozenset[int]:
        """The places where a line may end in a hyphen, the author's own among them."""
        found = {
            chance.at
            for chance in self._read("names")
            if chance.hyphen or self.text[chance.at - 1 : chance.at] in _HYPHENS
        }
        self._forget()
        return frozenset(found)

    def is_hyphenated(self, place: int) -> bool:
        """Whether a line that ends there ends in a hyphen."""
        return self.text[place - 1 : place] != " " and place in self._hyphens

    def refuse(self, start: int, hyphens: Collection[int]) -> None:
        """Weigh anew, from the line that begins at `start`, without these hyphens and with all others."""
        self._refused = frozenset(hyphens)
        self._weigh(start, self._asked[0] if start == self._begin else self._asked[1])

    def _weigh(self, start: int, first: float) -> None:
        """Weigh the paragraph from here on; a last line that is hardly there is worth a hyphen, not a broken name."""
        found: list[Chance] = []
        measure = Measure(first, self._asked[1], self._space, last=self._last)
        for how, worst, shrink in _TRIES:
            if found and how == "names":
                break
            tried = replace(measure, shrink=shrink)
            ends = self._chosen(start, how, tried, worst)
            runt = ends[2:] and self._last == "free" and is_runt(ends[-2], ends[-1], measure)
            whole = ends and not runt
            if whole or not found:
                found, measure = ends, tried
            if whole:
                break
        self._found = bool(found)
        self._plan |= dict(self._lines(found, measure)) if found else {start: Line(None, len(self.text))}
        self._forget()

    def _forget(self) -> None:
        """Let go of what was measured, for most paragraphs are weighed once."""
        self._chances, self._words, self._ends = {}, [], []

    def _chosen(self, start: int, how: str, measure: Measure, worst: float) -> list[Chance]:
        """Give the beginning and the ends of all lines, or nothing."""
        chances = self._read(how)
        at = next((n for n, chance in enumerate(chances) if chance.at == start), None)
        if at is None:
            return []
        indented = abs(measure.first - measure.rest) > _NEARLY
        begin = chances[at]._replace(leads=0.0) if indented else chances[at]
        return [begin, *found] if (found := choose([begin, *chances[at + 1 :]], measure, worst)) else []

    def _lines(self, ends: Sequence[Chance], measure: Measure) -> Iterator[tuple[int, Line]]:
        free = self._last == "free"
        for begin, end in pairwise(ends[:-1] if free else ends):
            words = end.ends + end.hyphen - begin.begins + self._kept(end)
            shrinks = (end.inner - begin.before) * self._space * measure.shrink
            yield begin.at, Line(words, end.at, begin.leads, end.hangs, shrinks, end.hyphen > 0)
        if free:
            yield ends[-2].at, Line(None, len(self.text), ends[-2].leads)

    def _kept(self, end: Chance) -> float:
        """Give the width of a space that ends a line and its box: WeasyPrint does not let it hang over the edge."""
        at_edge = end.at in self.edges and not end.hyphen
        return end.begins - end.ends if at_edge else 0.0

    def _read(self, broken: str) -> list[Chance]:
        """Give the places where a line may end, the beginning first."""
        if broken not in self._chances:
            if not self._ends:
                self._measure()
            self._chances[broken] = [*self._all(broken)]
        found = self._chances[broken]
        if not self._refused:
            return found
        return [chance for chance in found if chance.at not in self._refused]

    def _all(self, broken: str) -> Iterator[Chance]:
        yield Chance(self._begin, 0.0, 0.0, 0, 0, leads=self.runs[0].fount.leads(self.text[self._begin]))
        done = 0
        for word in self._words if broken != "none" else ():
            if cuts := word.run.fount.cuts(word.text, broken):
                yield from self._ends[done : word.number]
                yield from _inside(word, self._ends[word.number].inner, cuts)
                done = word.number
        yield from self._ends[done:]

    def _places(self) -> Iterator[int]:
        """Give the places between words where a line may end, and the end."""
        attributes = memoryview(ffi.buffer(get_log_attrs(self.text, self.style["lang"]))).cast("I").tolist()
        held = {
            n
            for run in self.runs
            if run.style["white_space"] == "nowrap"
            for n in range(run.start + 1, run.end)
        }
        free = self._begin + 1
        for place, said in enumerate(attributes[free : len(self.text)], free):
            if said & _IS_LINE_BREAK and place not in held:
                yield place
        yield len(self.text)

    def _measure(self) -> None:
        """Walk the words between the places where a line may end."""
        here = _Place(self._begin)
        for place in self._places():
            at, width, run = here.at, here.width, self.runs[here.run]
            text = self.text[at:place]
            part = run.fount.part(text) if place < run.end and not run.size else None
            self._ends.append(
                here.passed(part, run, place, self.text[place]) if part else self._walked(here, place)
            )
            word = part.word if part else text.rstrip(" ")[: run.end - at]
            if len(word) >= run.fount.least and not run.size:
                self._words.append(_Word(len(self._ends) - 1, run, at, word, width))

    def _walked(self, here: _Place, place: int) -> Chance:
        """Walk over what is no single word in one text, and give the place behind it."""
        run, end = self.runs[here.run], here.at + len(self.text[here.at : place].rstrip(" "))
        self._walk(here, end)
        ends, inner = here.width, here.spaces
        self._walk(here, place)
        hangs = (here.last or run).fount.hangs(self.text[end - 1 : end])
        leads = self.runs[here.run].fount.leads(self.text[place : place + 1])
        return Chance(place, ends, here.width, inner, here.spaces, 0.0, hangs, leads)

    def _walk(self, here: _Place, to: int) -> None:
        """Add up what stands between two places."""
        while here.at < to:
            here.last = run = self.runs[here.run]
            stop = min(to, run.end)
            for piece in _PIECES.findall(self.text[here.at : stop]):
                if run.size:
                    here.width += run.size
                elif piece[0] in " \u00a0":
                    here.width += len(piece) * run.fount.width(piece[0])
                    here.spaces += len(piece)
                else:
                    here.width += run.fount.width(piece)
            here.at = stop
            if stop == run.end and here.run + 1 < len(self.runs):
                here.run += 1


class _Place:
    """How far a walk has come: the width and the spaces behind it, the place in the text, the run; the last run met."""

    def __init__(self, at: int) -> None:
        self.width, self.spaces, self.at, self.run = 0.0, 0, at, 0
        self.last: Run | None = None

    def passed(self, part: Part, run: Run, to: int, then: str) -> Chance:
        """Pass a word and the spaces behind it, before a letter of the same text; give the place behind them."""
        _, width, hangs, spaces = part
        ends, inner = self.width + width, self.spaces
        self.at, self.last, self.spaces = to, run, inner + spaces
        self.width = ends + spaces * run.fount.space
        return Chance(to, ends, self.width, inner, self.spaces, 0.0, hangs, run.fount.leads(then))


def _inside(word: _Word, spaces: int, cuts: Sequence[Cut]) -> Iterator[Chance]:
    """Give the places inside a word, with so many spaces before them, where it may be broken."""
    fount = word.run.fount
    for cut in cuts:
        begins = word.width + fount.width(word.text) - cut.rest
        ends = word.width + cut.ends - fount.hyphen
        yield Chance(word.at + cut.letters, ends, begins, spaces, spaces, fount.hyphen, fount.hyphen_hangs)


def _is_chinese(language: str | None) -> bool:
    """Tell whether lines are full without spaces, in Japanese too; `ideographs` spreads them."""
    return bool(language) and str(language).partition("-")[0] in ("zh", "ja")


def texts(box: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Give the text boxes and pictures in a line box with their paths; None for what else takes room in it."""
    for n, child in enumerate(box.children):
        if isinstance(child, (boxes.TextBox, boxes.InlineReplacedBox)) and child.is_in_normal_flow():
            yield (*path, n), child
        elif isinstance(child, boxes.InlineBox) and child.is_in_normal_flow() and _is_plain(child.style):
            yield from texts(child, (*path, n))
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
