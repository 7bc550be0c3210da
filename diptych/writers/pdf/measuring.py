"""A paragraph measured: its words and spaces, the places where a line of it may end, and the lines chosen for it.

Words are measured by WeasyPrint 70.0's own means, each once in each face.
"""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import pyphen
from weasyprint.formatting_structure import boxes
from weasyprint.layout.inline import atomic_box
from weasyprint.layout.percent import resolve_percentages
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, get_log_attrs, get_next_word_boundaries, line_size

from diptych.writers.pdf import hanging
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


class _Cut(NamedTuple):
    """Where a word may be broken: letters before it, their width with a hyphen, that of the letters behind it."""

    letters: int
    ends: float
    rest: float


class Set(NamedTuple):
    """How much room words take that are set in a line, in CSS pixels, and whether they run from right to left."""

    width: float
    height: float
    baseline: float
    direction: int


class _Face:
    """Measures words, each once."""

    def __init__(self, style: Any, dictionaries: dict[Any, Any]) -> None:
        self.style, self.dictionaries = style, dictionaries
        self.space = self.hyphen = 0.0
        self._layout = Layout(style)
        self._widths: dict[str, float] = {}
        self._cuts: dict[tuple[str, str], tuple[_Cut, ...]] = {}
        self.space, self.hyphen = self.width(" "), self.width(style["hyphenate_character"])

    def width(self, text: str) -> float:
        """Give the width of a text without spaces at its ends, or of one space, in CSS pixels."""
        known = self._widths.get(text)
        if known is None:
            self._layout.set_text(text)
            known = self._widths[text] = float(line_size(self._layout.get_first_line()[0], self.style)[0])
        return known

    def line(self, text: str) -> Set | None:
        """Set a line of words; None where it is more than one."""
        self._layout.set_text(text)
        line, more = self._layout.get_first_line()
        if not text or more is not None:
            return None
        baseline = pango.pango_layout_get_baseline(self._layout.layout) * FROM_UNITS
        width, height = line_size(line, self.style)
        return Set(width, height, baseline, line.resolved_dir)

    def cuts(self, text: str, broken: str) -> tuple[_Cut, ...]:
        """Give the places inside a word, and the marks at it, where it may be broken."""
        key = (text, broken)
        if key not in self._cuts:
            self._cuts[key] = tuple(self._broken(text, broken))
        return self._cuts[key]

    def _broken(self, text: str, broken: str) -> Iterator[_Cut]:
        lang = self.style["lang"] and pyphen.language_fallback(self.style["lang"])
        total, left, right = self.style["hyphenate_limit_chars"]
        if self.style["hyphens"] != "auto" or not lang or len(text) < total or "\u00a0" in text:
            return
        found = get_next_word_boundaries(text, lang)
        if not found or found[1] - found[0] < total:
            return
        word = text[found[0] : found[1]]
        if broken == "words" and word[0].isupper() and not lang.startswith("de"):
            return
        parts = {len(part) for part, _ in self._dictionary(lang, left, right, total).iterate(word)}
        for cut in sorted(found[0] + part for part in parts):
            ends = self.width(text[:cut] + self.style["hyphenate_character"])
            yield _Cut(cut, ends, self.width(text[cut:]))

    def _dictionary(self, lang: str, left: int, right: int, total: int) -> Any:
        key = (lang, left, right, total)
        if key not in self.dictionaries:
            self.dictionaries[key] = pyphen.Pyphen(lang=lang, left=left, right=right)
        return self.dictionaries[key]


class Run:
    """A text box of a paragraph: its path in the line box, and where its text begins in the paragraph's.

    A picture has a `size`, its width, and counts for one character.
    """

    def __init__(self, path: tuple[int, ...], box: Any, start: int, size: float = 0.0) -> None:
        self.path, self.style, self.start, self.size = path, box.style, start, size
        self.text = box.text if isinstance(box, boxes.TextBox) else _OBJECT
        self.end = start + len(self.text)
        self.face: _Face


class _Word(NamedTuple):
    """What stands between two places where a line may end: its run, its text, and the place behind it.

    `width` is that of everything before it.
    """

    run: Run
    at: int
    text: str
    width: float
    end: Chance


def memory(context: Any, name: str) -> dict[Any, Any]:
    """Give a dictionary that lasts as long as a layout.

    The context may stand behind a veil (see `cures`), so it is asked and not opened.
    """
    if not hasattr(context, name):
        setattr(context, name, {})
    return getattr(context, name)  # type: ignore[no-any-return]


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Let Python look for no garbage meanwhile: weighing makes many small things, and none that hold each other.

    Looking through all boxes of a book again and again for them took half of the time that weighing took.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Paragraph:
    """A line box's text, and the lines that were chosen for it."""

    def __init__(self, context: Any, runs: Sequence[Run], style: Any) -> None:
        self.runs, self.style = runs, style
        self.text = "".join(run.text for run in runs)
        self._take_faces(context)
        self._space = next(run.face.space for run in runs if not run.size)
        self._starts = {run.path: run for run in runs}
        self.edges = frozenset(run.end for run in runs[:-1])
        self._begin = len(self.text) - len(self.text.lstrip(" "))
        self._plan: dict[int, Line] = {}
        self._found = False
        self._asked: tuple[float, float] = (0.0, 0.0)
        self._chances: dict[str, list[Chance]] = {}
        self._words: list[_Word] = []
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

    def _take_faces(self, context: Any) -> None:
        faces = memory(context, "diptych_faces")
        for run in self.runs:
            key = _words(run.style)
            if key not in faces:
                faces[key] = _Face(run.style, context.dictionaries)
            run.face = faces[key]

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
    def hyphens(self) -> frozenset[int]:
        """The places where a line may end in a hyphen, the author's own among them."""
        found = {
            chance.at
            for chance in self._read("names")
            if chance.hyphen or self.text[chance.at - 1 : chance.at] in _HYPHENS
        }
        self._forget()
        return frozenset(found)

    def refuse(self, start: int, hyphens: Collection[int]) -> None:
        """Weigh anew, from the line that begins at `start`, without these hyphens and with all others."""
        self._refused = frozenset(hyphens)
        self._weigh(start, self._asked[0] if start == self._begin else self._asked[1])

    @_uncollected()
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
        self._chances, self._words = {}, []

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
            self._words = self._words or list(self._measured())
            self._chances[broken] = list(self._all(broken))
        found = self._chances[broken]
        if not self._refused:
            return found
        return [chance for chance in found if chance.at not in self._refused]

    def _all(self, broken: str) -> Iterator[Chance]:
        yield Chance(self._begin, 0.0, 0.0, 0, 0, leads=self._leads(self._begin, self.runs[0]))
        for word in self._words:
            if broken != "none" and not word.run.size:
                yield from _inside(word, broken)
            yield word.end

    def _places(self) -> Iterator[int]:
        """Give the places between words where a line may end, and the end."""
        attributes = memoryview(ffi.buffer(get_log_attrs(self.text, self.style["lang"]))).cast("I").tolist()
        held = {
            n
            for run in self.runs
            if run.style["white_space"] == "nowrap"
            for n in range(run.start + 1, run.end)
        }
        for n in range(self._begin + 1, len(self.text)):
            if attributes[n] & _IS_LINE_BREAK and n not in held:
                yield n
        yield len(self.text)

    def _measured(self) -> Iterator[_Word]:
        """Walk the words between the places where a line may end."""
        here = _Place(self._begin)
        for place in self._places():
            run, at, width = self.runs[here.run], here.at, here.width
            text = self.text[at:place].rstrip(" ")
            end = at + len(text)
            if place < run.end and not run.size and text and " " not in text and "\u00a0" not in text:
                here.last, here.at = run, place
                here.width += run.face.width(text)
                ends, inner = here.width, here.spaces
                here.spaces += place - end
                here.width += (place - end) * run.face.space
            else:
                self._walk(here, end)
                ends, inner = here.width, here.spaces
                self._walk(here, place)
            hangs = self._hangs(end, here.last or run)
            leads = self._leads(place, self.runs[here.run])
            yield _Word(
                run,
                at,
                text[: run.end - at],
                width,
                Chance(place, ends, here.width, inner, here.spaces, 0.0, hangs, leads),
            )

    def _walk(self, here: _Place, to: int) -> None:
        """Add up what stands between two places."""
        while here.at < to:
            here.last = run = self.runs[here.run]
            stop = min(to, run.end)
            for piece in _PIECES.findall(self.text[here.at : stop]):
                if run.size:
                    here.width += run.size
                elif piece[0] in " \u00a0":
                    here.width += len(piece) * run.face.width(piece[0])
                    here.spaces += len(piece)
                else:
                    here.width += run.face.width(piece)
            here.at = stop
            if stop == run.end and here.run + 1 < len(self.runs):
                here.run += 1

    def _hangs(self, end: int, run: Run) -> float:
        mark = self.text[end - 1 : end]
        part = 0.0 if mark.isalpha() else hanging.at_end(mark)
        return part * run.face.width(mark) if part else 0.0

    def _leads(self, place: int, run: Run) -> float:
        mark = self.text[place : place + 1]
        part = 0.0 if mark.isalpha() else hanging.at_beginning(mark)
        return part * run.face.width(mark) if part else 0.0


def _inside(word: _Word, broken: str) -> Iterator[Chance]:
    """Give the places inside a word where it may be broken."""
    face, spaces = word.run.face, word.end.inner
    for cut in face.cuts(word.text, broken):
        begins = word.width + face.width(word.text) - cut.rest
        ends = word.width + cut.ends - face.hyphen
        hangs = hanging.at_end(face.style["hyphenate_character"]) * face.hyphen
        yield Chance(word.at + cut.letters, ends, begins, spaces, spaces, face.hyphen, hangs)


class _Place:
    """How far a walk has come: the width and the spaces behind it, the place in the text, the run; the last run met."""

    def __init__(self, at: int) -> None:
        self.width, self.spaces, self.at, self.run = 0.0, 0, at, 0
        self.last: Run | None = None


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
