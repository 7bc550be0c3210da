"""The pages of a finished PDF as a reader sees them: lines with their word spaces, pictures, faces, read by PDFium.

The blocks to which the lines belong come from the layout (`writers/pdf/places.py`); nothing here judges anything. All
measures are points from the upper left corner of the page as it is trimmed, downwards.
"""

from __future__ import annotations

import ctypes
import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from diptych.checks.pages import Opened
from diptych.model import Block

_HYPHENS = "-\u2010\u00ad\u0002\ufffe"
"""What PDFium gives for a hyphen; it marks one at a line's end with a sign of its own."""

_APART = 3.0
"""A space of so many times the type size does not lie between words: another cell or column begins."""

_BASELINE = 0.45
"""Letters that stand higher or lower than this part of the type size are of another line; superiors are not."""

_BLANKS = "\t\n\r \u00a0\u2002\u2003\u2009\u202f"
"""Spaces."""

_BREAKING = "-\u2010\u2013\u2014\u00ad\u0002\ufffe/"
"""Signs behind which a line may end without a space."""

_WIDE = "\u2e80-\ud7ff"
"""A line may end before each of these: Chinese, Japanese, Korean."""

_ROW = re.compile("[^\r\n\u0002\ufffe]*[\u0002\ufffe]|[^\r\n\u0002\ufffe]+")
_BREAK, _BLANK = re.escape(_BREAKING), re.escape(_BLANKS)
_WORD = re.compile(f"[{_BREAK}]|[^{_BLANK}{_BREAK}][^{_BLANK}{_BREAK}{_WIDE}]*[{_BREAK}]?")
"""What PDFium draws in a row, and what stands in it without a space and without a place where a line may end."""

_HYPHEN = re.compile("\ufffe")
"""Stands in a page's text for two signs of PDFium's."""

_BEYOND = re.compile("[\U00010000-\U0010ffff]")
"""Letters that PDFium counts as two."""

_IDEOGRAPH = re.compile(f"[{_WIDE}]")

_LEFTWARD = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ud800-\udfff\ufb1d-\ufdff\ufe70-\ufeff"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""The ranges in which all signs are that run from right to left; halves of those beyond U+FFFF among them."""

_ASCENT, _DESCENT = 0.74, 0.26
"""How far a line reaches above and below its baseline, as parts of the type size."""

_SIDES = 0.08
"""The white that letters bring along at both sides of a space, as a part of the type size: Source Serif has this."""

_FLOWING = ("p", "li", "dd")
"""Kinds of blocks whose text runs in full lines."""

_EMPTY = ("page", "margin", "notes", "blank")
"""Kinds of blocks that a page without words has."""


class Box(NamedTuple):
    """Left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Tell whether a point lies within, or not further outside than `slack`."""
        wide = self.left - slack <= x <= self.right + slack
        return wide and self.top - slack <= y <= self.bottom + slack

    def with_(self, other: Box) -> Box:
        """Give the box round both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))


@dataclass(frozen=True)
class Line:
    """A line of a block: its box, its text, the spaces between its words as (left, right).

    `size` is the type size, `space` the white that its faces themselves would put between two words.
    """

    box: Box
    text: str
    size: float
    space: float
    gaps: tuple[tuple[float, float], ...]
    block: Block | None = None

    @property
    def hyphenated(self) -> bool:
        """Whether a word is broken at its end."""
        return self.text[-1:] in _HYPHENS and self.text[-2:-1].isalpha()

    @property
    def broken(self) -> bool:
        """Whether the press put that hyphen there; one of the author's own is another character."""
        return self.text[-1:] == "\u2010"

    @property
    def stretch(self) -> float:
        """How many times the face's word space stands between its words, on the average."""
        wide = [right - left for left, right in self.gaps]
        return sum(wide) / len(wide) / self.space if wide and self.space else 1.0

    @property
    def letters(self) -> int:
        """How many letters and figures it has; one of Chinese or Japanese is as wide as three."""
        wide = filter(str.isalnum, _IDEOGRAPH.findall(self.text))
        return sum(map(str.isalnum, self.text)) + 2 * len([*wide])

    @property
    def leftward(self) -> bool:
        """Whether it runs from right to left, as most of its letters do."""
        return _turns(self.text) and _count(self.text, "R", "AL") > _count(self.text, "L")


@dataclass(frozen=True)
class Sheet:
    """A page; `pictures` are its images, drawings not among them."""

    width: float
    height: float
    lines: tuple[Line, ...]
    pictures: tuple[Box, ...]
    faces: tuple[str, ...]
    blocks: tuple[Block, ...]

    @cached_property
    def frame(self) -> Box:
        """The text block; the whole page where the layout says nothing."""
        return next((box_of(b) for b in self.blocks if b.kind == "page"), Box(0, 0, self.width, self.height))

    @cached_property
    def feet(self) -> Box | None:
        """The area of the notes."""
        return next((box_of(b) for b in self.blocks if b.kind == "notes" and b.bottom > b.top), None)

    @cached_property
    def blank(self) -> bool:
        """Whether the layout left it blank on purpose."""
        return not any(block.kind not in _EMPTY for block in self.blocks)

    @cached_property
    def lines_of_text(self) -> tuple[Line, ...]:
        """The lines of the text and of the notes: no running head, no folio, no words in a picture."""
        return tuple(
            line for line in self.lines if line.block is None or line.block.kind not in ("margin", "img")
        )

    @cached_property
    def paragraphs(self) -> tuple[tuple[Block, tuple[Line, ...]], ...]:
        """The author's paragraphs that are set in full lines, each with its lines from top to bottom."""
        found: dict[Block, list[Line]] = {}
        for line in self.lines_of_text:
            if line.block and line.block.source and line.block.kind in _FLOWING:
                found.setdefault(line.block, []).append(line)
        return tuple((block, tuple(_joined(lines))) for block, lines in found.items())


def _joined(lines: Sequence[Line]) -> Iterator[Line]:
    """Sort the lines of a paragraph, and put together those whose words stand as far apart as columns."""
    ordered = sorted(lines, key=lambda line: (round(line.box.bottom), line.box.left))
    for _, row in groupby(ordered, key=lambda line: round(line.box.bottom)):
        yield functools.reduce(_with, row)


def _turns(text: str) -> bool:
    """Tell, quickly where none can, whether letters of a text may run from right to left."""
    return _LEFTWARD.search(text) is not None


def _count(text: str, *directions: str) -> int:
    return sum(unicodedata.bidirectional(sign) in directions for sign in text)


def _with(line: Line, more: Line) -> Line:
    gaps = (*line.gaps, (line.box.right, more.box.left), *more.gaps)
    return replace(line, box=line.box.with_(more.box), text=f"{line.text} {more.text}", gaps=gaps)


def box_of(block: Block) -> Box:
    """Give a block's sides."""
    return Box(block.left, block.top, block.right, block.bottom)


def sheet(opened: Opened, blocks: Sequence[Block]) -> Sheet:
    """Read a page of a finished PDF, and give each line to the innermost block that it stands in."""
    left, bottom, right, top = opened.page.get_trimbox()
    reader = _Reader(opened.text, left, top)
    lines = tuple(_line(words, blocks) for words in reader.lines())
    pictures = tuple(_pictures(opened.page.raw, left, top))
    return Sheet(right - left, top - bottom, lines, pictures, reader.faces, tuple(blocks))


def _owner(box: Box, blocks: Sequence[Block]) -> Block | None:
    """Give the innermost block in which a line stands."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    around = [b for b in blocks if b.kind != "page" and b.top - 1 <= y <= b.bottom + 1]
    around = [b for b in around if b.kind == "margin" or box_of(b).holds(x, y, 1.0)] or [
        b for b in around if b.right - b.left > 1
    ]
    return min(reversed(around), key=_extent, default=None)


def _extent(block: Block) -> float:
    return (block.right - block.left) * (block.bottom - block.top)


def _pictures(page: Any, left: float, top: float) -> Iterator[Box]:
    sides = [ctypes.c_float() for _ in range(4)]
    for n in range(pdfium.FPDFPage_CountObjects(page)):
        thing = pdfium.FPDFPage_GetObject(page, n)
        if pdfium.FPDFPageObj_GetType(thing) == pdfium.FPDF_PAGEOBJ_IMAGE:
            pdfium.FPDFPageObj_GetBounds(thing, *sides)
            x1, y1, x2, y2 = (side.value for side in sides)
            yield Box(x1 - left, top - y2, x2 - left, top - y1)


@dataclass(frozen=True)
class _Face:
    """The face of a run of letters, its size and its word space, in points."""

    name: str
    size: float
    space: float


class _Word(NamedTuple):
    """Letters without a space between them; `spaced` says whether one stands before them. `y` is the baseline."""

    text: str
    left: float
    right: float
    y: float
    face: _Face
    spaced: bool


_Run = tuple[str, int, int, bool]
"""Letters without a space between them, PDFium's numbers of the first and the last, whether a space stands before."""


class _Style(NamedTuple):
    """What letters have in common that are drawn at once, of which PDFium has a number: the baseline, and the face."""

    drawn: int
    y: float


class _Reader:
    """Reads the words of one page. PDFium answers one question at a time, so only the ends of a word are looked at."""

    def __init__(self, text: Any, left: float, top: float) -> None:
        self._left, self._top = left, top
        self._text, self._raw = text, text.raw
        self._numbers = [ctypes.c_double() for _ in range(6)]
        self._known: dict[int, _Face] = {}
        self._styles: dict[int, _Style | None] = {}
        self._runs: dict[int, Any] = {}
        self._spaces: dict[tuple[int, float], tuple[str, float]] = {}

    @property
    def faces(self) -> tuple[str, ...]:
        """Give the names of the faces that were met."""
        return tuple(sorted({face.name for face in self._known.values()}))

    def lines(self) -> Iterator[list[_Word]]:
        """Give the words of each line, in the order in which they were drawn."""
        line: list[_Word] = []
        for word in self._words():
            if line and not _goes_on(line[-1], word):
                yield line
                line = []
            line.append(word)
        if line:
            yield line

    def _signs(self) -> str:
        """Give all signs of the page, so that the place of each is PDFium's number of it."""
        count = self._text.count_chars()
        signs = str(self._text.get_text_range())
        if len(signs) != count or _BEYOND.search(signs):
            return "".join(chr(pdfium.FPDFText_GetUnicode(self._raw, n)) for n in range(count))
        return _HYPHEN.sub(lambda at: chr(pdfium.FPDFText_GetUnicode(self._raw, at.start())), signs)

    def _words(self) -> Iterator[_Word]:
        signs, end = self._signs(), 0
        turned = _turns(signs)
        for drawn in _ROW.finditer(signs):
            row: list[_Run] = []
            for found in _WORD.finditer(signs, *drawn.span()):
                first, behind = found.span()
                row.append((found[0], first, behind - 1, first > end))
                end = behind
            if turned and _turns(drawn[0]):
                for each in row:
                    yield from self._word(*each)
            elif row:
                yield from self._row(row)

    def _row(self, words: list[_Run]) -> Iterator[_Word]:
        """Give words of a row, parted until those of each part have face and baseline in common."""
        if style := self._style(words[0][1], words[-1][2]):
            yield from self._alike(words, style)
        elif len(words) == 1:
            yield from self._word(*words[0])
        else:
            half = len(words) // 2
            yield from self._row(words[:half])
            yield from self._row(words[half:])

    def _style(self, first: int, last: int) -> _Style | None:
        """Tell what all letters between two have in common, where PDFium drew them at once and on one line."""
        style = self._style_of(first)
        return style if style and style == self._style_of(last) else None

    def _style_of(self, n: int) -> _Style | None:
        if n not in self._styles:
            run = pdfium.FPDFText_GetTextObject(self._raw, n)
            self._runs[_address(run)] = run
            self._styles[n] = _Style(_address(run), self._baseline(n)) if run else None
        return self._styles[n]

    def _alike(self, words: Sequence[_Run], style: _Style) -> Iterator[_Word]:
        face = self._face(style.drawn)
        box, raw, (x1, x2, y1, y2, _, _) = pdfium.FPDFText_GetCharBox, self._raw, self._numbers
        for text, first, last, spaced in words:
            box(raw, first, x1, x2, y1, y2)
            left, right = x1.value, x2.value
            if last > first:
                box(raw, last, x1, x2, y1, y2)
                left, right = min(left, x1.value), max(right, x2.value)
            yield _Word(text, left - self._left, right - self._left, style.y, face, spaced)

    def _word(self, text: str, first: int, last: int, spaced: bool) -> Iterator[_Word]:  # noqa: FBT001
        """Give a word, letter by letter where it is broken over lines without a hyphen, as an address may be."""
        style = self._style_of(first)
        if not style:
            return
        if last > first and abs(style.y - self._baseline(last)) > _BASELINE * self._face(style.drawn).size:
            for n, letter in enumerate(text, first):
                yield from self._word(letter, n, n, spaced and n == first)
        else:
            yield from self._alike([(_decoded(text), first, last, spaced)], style)

    def _baseline(self, n: int) -> float:
        """Give where a letter stands."""
        *_, x, y = self._numbers
        pdfium.FPDFText_GetCharOrigin(self._raw, n, x, y)
        return float(self._top - y.value)

    def _face(self, drawn: int) -> _Face:
        if drawn not in self._known:
            run = self._runs[drawn]
            font, points = pdfium.FPDFTextObj_GetFont(run), _points(run)
            kind = _address(font), points
            if kind not in self._spaces:
                self._spaces[kind] = _name_and_space(font, points)
            name, space = self._spaces[kind]
            self._known[drawn] = _Face(name, points, space)
        return self._known[drawn]


def _address(run: Any) -> int:
    return ctypes.addressof(run.contents) if run else 0


def _decoded(text: str) -> str:
    """PDFium gives letters beyond U+FFFF in two halves."""
    if max(text) < "\ud800":
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _points(run: Any) -> float:
    """Give the size of the type of a run of letters."""
    size, matrix = ctypes.c_float(), pdfium.FS_MATRIX()
    pdfium.FPDFTextObj_GetFontSize(run, size)
    pdfium.FPDFPageObj_GetMatrix(run, matrix)
    return float(abs(size.value * matrix.d) or size.value)


def _name_and_space(font: Any, points: float) -> tuple[str, float]:
    """Give the name of a face, and its word space in some size."""
    name, space = ctypes.create_string_buffer(200), ctypes.c_float()
    pdfium.FPDFFont_GetBaseFontName(font, name, 200)
    pdfium.FPDFFont_GetGlyphWidth(font, 32, points, space)
    return name.value.decode("utf-8", "replace").partition("+")[2], space.value


def _goes_on(before: _Word, word: _Word) -> bool:
    size = word.face.size if word.face is before.face else max(before.face.size, word.face.size)
    apart = _APART * size
    beside = word.left - before.right <= apart and before.left - word.right <= apart
    return beside and abs(word.y - before.y) <= _BASELINE * size


def _line(words: Sequence[_Word], blocks: Sequence[Block]) -> Line:
    face = max(words, key=attrgetter("face.size")).face
    baseline = max(word.y for word in words if word.face.size == face.size)
    across = sorted(words, key=attrgetter("left"))
    left, right = across[0].left, max(map(attrgetter("right"), words))
    box = Box(left, baseline - _ASCENT * face.size, right, baseline + _DESCENT * face.size)
    pairs = [(one, two) for one, two in pairwise(across) if two.left - one.right > face.space / 2]
    gaps = tuple((one.right, two.left) for one, two in pairs)  # whichever way the line is read
    spaces = [
        one.face.space if one.face is two.face else max(one.face.space, two.face.space) for one, two in pairs
    ] or [face.space]
    space = sum(spaces) / len(spaces) + _SIDES * face.size
    text = "".join(f" {word.text}" if word.spaced else word.text for word in words).strip()
    if _turns(text) and _count(text, "R", "AL") and _count(text, "L"):
        gaps = ()  # PDFium cuts words anew where the direction turns
    return Line(box, text, face.size, space, gaps, _owner(box, blocks))
