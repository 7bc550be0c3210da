"""The sentinel: looks at every finished page as a proofreader would, and says what is not as it should be.

Errors damage the book, and are never a matter of taste: words that leave the page. Warnings are what a designer would
not let pass, hints what one would look at again. It never repairs, and what it reads is the finished file
(`checks/sheets.py`). A rule is one function and one row; every limit stands here with its reason.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from itertools import groupby, takewhile
from typing import Any, Generic, NamedTuple, TypeVar

from diptych.checks import sheets
from diptych.checks.ledger import Expected, Spot
from diptych.checks.pages import Opened, Question
from diptych.checks.sheets import Box, Line, Sheet, box_of
from diptych.model import Block, Edition, Finding
from diptych.problems import Place, Problem, Severity

_SLACK, _OVERHANG = 3.0, 0.28
"""Points, and the part of its type size if that is more, that a line may stand over an edge: an italic letter reaches
out of its box, a hyphen or a quotation mark hangs in the margin."""

_TRIM = 1.0
"""Points over the page's edge that nobody sees: the white that a letter brings along."""

_OVER = 0.6
"""The part of the type size by which two lines may share their height: more is one printed over the other."""

_LOOSE = 2.6
"""How many times the face's word space may stand between the words of a line."""

_RIVER_LINES, _RIVER_SPACE = 5, 1.5
"""A river is a white channel through so many lines, whose spaces are so many times the face's own."""

_ENOUGH = 40
"""Lines of text from which a measure can be told."""

_LADDER = 3
"""Most hyphens under each other (Chicago Manual of Style, 7.47)."""

_RUNT = 5
"""Fewest letters on the last line of a paragraph: four leave the next one's indent without anything above it."""

_NARROW, _WIDE = 45, 80
"""Fewest and most characters of a line: 60 to 72 read well (Bringhurst, "The Elements of Typographic Style", 2.1.2, has
45 to 75), and a measure is told only where it is far from that."""

_RAGGED = 32
"""Fewest characters of a ragged line, whose spaces need not grow; large print has about 40."""

_EMPTY, _SHORT = 1 / 3, 0.2
"""A page filled to less than this part is nearly empty; one that lacks so much at its foot is short."""

_THIN = 4
"""Fewest lines on a chapter's last page: fewer look forgotten."""

_BLANK = 4
"""Most blank pages in a row: more, and a printer asks whether pages are missing."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_FIGURES = ("img", "table", "hr", "scene-break", "formula")


@dataclass(frozen=True)
class Faces:
    """What the faces of an edition can show, by code points, and the families to which they belong."""

    characters: frozenset[int]
    families: frozenset[str]


@dataclass(frozen=True)
class Found:
    """One place on a page: `what` fills the rule's sentence."""

    box: Box
    what: str = ""
    block: Block | None = None


class Told(NamedTuple):
    """One place on a page, as plain data: whose line it is, if somebody wrote it."""

    code: str
    box: Box
    what: str
    file: str
    line: int


class Measured(NamedTuple):
    """The full lines of a page's text: how many, their characters, how wide they are; and how many reach both edges."""

    lines: int
    characters: int
    width: float
    full: int


@dataclass(frozen=True)
class Seen:
    """What was found on a page, and what is to be known of it when the whole edition is judged.

    `frame` is the page's text block, `text` the first paragraph of its text, `unknown` the first line with letters that
    no face has.
    """

    told: tuple[Told, ...]
    frame: Told
    blank: bool
    unknown: Told | None
    text: Told | None
    measured: Measured


@dataclass(frozen=True)
class Pages:
    """What the rules of an edition look at: what was seen of its pages, their folios, where its notes stand."""

    seen: Sequence[Seen]
    folios: Sequence[str]
    blocks: Mapping[int, Sequence[Block]]
    notes: Sequence[Expected]
    spots: Mapping[str, Spot]


Look = TypeVar("Look")


@dataclass(frozen=True)
class Rule(Generic[Look]):
    """`{}` in the sentence is what was found."""

    severity: Severity
    code: str
    look: Look
    sentence: str
    advice: str


def question(blocks: Sequence[Block], count: int, faces: Faces) -> Question[Seen]:
    """Ask each of so many pages what the rules find on it; `blocks` say what stands where."""
    plain = tuple(sorted(faces.characters)), tuple(sorted(faces.families))
    own = by_page(blocks)
    given = [[block[1:] for block in own.get(n, ())] for n in range(1, count + 1)]  # wherever the page stands
    return Question(_look, _read, plain, given)


def by_page(blocks: Iterable[Block]) -> dict[int, tuple[Block, ...]]:
    """Give the blocks of each page, which are counted from 1."""
    return {number: tuple(own) for number, own in groupby(blocks, key=lambda block: block.page)}


def _look(opened: Opened, faces: tuple[tuple[int, ...], tuple[str, ...]], blocks: Sequence[Any]) -> Any:
    return astuple(seen(sheets.sheet(opened, [Block(0, *each) for each in blocks]), _faces(*faces)))


@lru_cache(maxsize=1)
def _faces(characters: tuple[int, ...], families: tuple[str, ...]) -> Faces:
    return Faces(frozenset(characters), frozenset(families))


def seen(sheet: Sheet, faces: Faces) -> Seen:
    """Look at one page."""
    found = (_told(sheet, each, rule.code) for rule in OF_A_PAGE for each in rule.look(sheet, faces))
    frame = _told(sheet, Found(sheet.frame))
    return Seen(tuple(found), frame, sheet.blank, _unknown(sheet, faces), *_text(sheet))


def _told(sheet: Sheet, found: Found, code: str = "") -> Told:
    near = found.block if found.block and found.block.source else _nearest(sheet, found.box)
    return Told(code, found.box, found.what, *((near.source, near.line) if near else ("", 0)))


def _read(plain: Any) -> Seen:
    told, frame, blank, unknown, text, measured = plain
    return Seen(
        tuple(_as_told(*each) for each in told),
        _as_told(*frame),
        bool(blank),
        unknown and _as_told(*unknown),
        text and _as_told(*text),
        Measured(*measured),
    )


def _as_told(code: str, box: Sequence[float], what: str, file: str, line: int) -> Told:
    return Told(code, Box(*box), what, file, line)


def findings(pages: Pages, edition: Edition, folder: str) -> tuple[Finding, ...]:
    """Say what was found on the pages of an edition.

    What stands on a page that nobody wrote is told with the book's folder as its place.
    """
    found = [(n, told) for n, page in enumerate(pages.seen, 1) for told in page.told]
    found += [(n, told._replace(code=rule.code)) for rule in OF_AN_EDITION for n, told in rule.look(pages)]
    found.sort(key=lambda pair: (pair[0], pair[1].box.top, pair[1].box.left, pair[1].code))
    return tuple(_finding(n, told, pages.folios[n - 1], edition, folder) for n, told in found)


def _finding(page: int, told: Told, folio: str, edition: Edition, folder: str) -> Finding:
    rule = RULES[told.code]
    nth = "" if folio == str(page) else f", the {_ordinal(page)} of the file"
    sentence = f"Page {folio} ({edition.name}{nth}): {rule.sentence.format(told.what)}"
    place = Place(told.file, told.line) if told.file else Place(folder)
    left, top, right, bottom = (round(side, 1) for side in told.box)
    return Finding(
        page, (left, top, right, bottom), Problem(rule.severity, rule.code, place, sentence, rule.advice)
    )


def _nearest(sheet: Sheet, box: Box) -> Block | None:
    """Give the author's block that stands last above a place without one, or first on its page."""
    written = [block for block in sheet.blocks if block.source and block.line]
    above = [block for block in written if block.top <= box.bottom and block.kind != "chapter"]
    return max(above, key=lambda block: block.top) if above else next(iter(written), None)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


# --- What the rules ask -----------------------------------------------------------------------------------------------


def _body_lines(sheet: Sheet) -> list[Line]:
    """Give the lines above the notes."""
    floor = _floor(sheet)
    return [line for line in sheet.lines_of_text if line.box.bottom <= floor + _SLACK]


def _floor(sheet: Sheet) -> float:
    """Give where the text has to end."""
    return sheet.feet.top if sheet.feet else sheet.frame.bottom


def _noted(block: Block, sheet: Sheet) -> bool:
    return sheet.feet is not None and block.top >= sheet.feet.top - 1


def _full(line: Line, block: Block) -> bool:
    """Tell whether a line is set to the full measure."""
    if line.leftward:
        return line.box.left <= block.left + _SLACK
    return line.box.right >= block.right - _SLACK


def _white(sheet: Sheet) -> Box:
    """Give what is left white between the text and the notes, or the foot of the page."""
    bottoms = [line.box.bottom for line in _body_lines(sheet)] + [box.bottom for box in sheet.pictures]
    bottoms += [block.bottom for block in sheet.blocks if block.kind in _FIGURES]
    floor = _floor(sheet)
    above = [bottom for bottom in bottoms if bottom <= floor + _SLACK]
    top = min(max(above, default=sheet.frame.top), floor)
    return Box(sheet.frame.left, top, sheet.frame.right, floor)


def _ends(sheet: Sheet) -> bool:
    """Tell whether a chapter, or a page nobody wrote, ends here."""
    return any(block.kind == "chapter" and block.ends for block in sheet.blocks)


# --- The rules --------------------------------------------------------------------------------------------------------


def _off_the_page(sheet: Sheet, _: Faces) -> Iterator[Found]:
    return _outside(sheet, Box(0, 0, sheet.width, sheet.height), sheet.lines, lambda _: _TRIM)


def _outside(
    sheet: Sheet, edge: Box, lines: Iterable[Line], slack: Callable[[Line], float]
) -> Iterator[Found]:
    """Find lines that leave an edge; those of one table or paragraph are told as one, by the first of them."""
    told: set[Block | None] = set()
    for line in lines:
        over = _over(line.box, edge, slack(line))
        block = _whole(line, sheet)
        if over and block not in told and not (block and block.kind == "img"):
            told.add(block)
            yield Found(line.box, f"“{_short(line.text)}” {over}", block)


def _whole(line: Line, sheet: Sheet) -> Block | None:
    """Give the table in which a line stands, or its own block."""
    if line.block and line.block.kind == "cell":
        tables = (b for b in sheet.blocks if b.kind == "table" and b.top - 1 <= line.box.top <= b.bottom)
        return next(tables, line.block)
    return line.block


def _over(box: Box, edge: Box, slack: float) -> str:
    """Say by how much a box leaves an edge, or nothing where that is within the slack."""
    sides = (edge.left - box.left, edge.top - box.top, box.right - edge.right, box.bottom - edge.bottom)
    most = max(sides)
    name = ("left", "top", "right", "foot")[sides.index(most)]
    return f"by {most * 25.4 / 72:.1f} mm at the {name}" if most > slack else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39].rstrip()}…"


def _past_the_margin(sheet: Sheet, faces: Faces) -> Iterator[Found]:
    off = {found.block for found in _off_the_page(sheet, faces)}
    found = _outside(sheet, sheet.frame, sheet.lines_of_text, _overhang)
    yield from (each for each in found if each.block not in off)


def _overhang(line: Line) -> float:
    return max(_SLACK, _OVERHANG * line.size)


def _overprinted(sheet: Sheet, _: Faces) -> Iterator[Found]:
    lines = sorted(sheet.lines_of_text, key=lambda line: line.box.top)
    for n, line in enumerate(lines):
        below = takewhile(lambda other: other.box.top < line.box.bottom, lines[n + 1 :])  # noqa: B023
        if under := next((other for other in below if _covers(line, other)), None):
            yield Found(line.box.with_(under.box), f"“{_short(line.text)}”", line.block)


def _covers(line: Line, other: Line) -> bool:
    """Tell whether two lines are printed over each other; words of one line may be read in any order."""
    apart = abs(line.box.bottom - other.box.bottom)
    wide = min(line.box.right, other.box.right) - max(line.box.left, other.box.left)
    high = min(line.box.bottom, other.box.bottom) - max(line.box.top, other.box.top)
    return apart > 1 and wide > 2 and high > _OVER * min(line.size, other.size)


def _pictures_past_the_margin(sheet: Sheet, _: Faces) -> Iterator[Found]:
    drawn = {box_of(block): block for block in sheet.blocks if block.kind == "img"}
    known = [box for box in sheet.pictures if not any(_same(box, other) for other in drawn)]
    for box in (*drawn, *known):
        bled = box.left <= 0 and box.right >= sheet.width
        if (over := _over(box, sheet.frame, _SLACK)) and not bled:
            yield Found(box, over, drawn.get(box))


def _same(one: Box, two: Box) -> bool:
    return all(abs(a - b) < 2 for a, b in zip(one, two, strict=True))


def _unknown_letters(pages: Pages) -> Iterator[tuple[int, Told]]:
    """Say it once for the whole edition: a book in a script that no face has would say it on every line."""
    wrong = [(n, page.unknown) for n, page in enumerate(pages.seen, 1) if page.unknown]
    for n, first in wrong[:1]:
        signs = _short("".join(dict.fromkeys("".join(told.what for _, told in wrong))))
        yield n, first._replace(what=f"{signs} on {len(wrong)} pages" if len(wrong) > 1 else signs)


def _unknown(sheet: Sheet, faces: Faces) -> Told | None:
    """Give the first line of a page with letters that no face has, and all such letters of the page."""
    wrong = [(line, missing) for line in sheet.lines if (missing := _missing(line, faces.characters))]
    if not wrong:
        return None
    line, _ = wrong[0]
    signs = "".join(dict.fromkeys("".join(missing for _, missing in wrong)))
    return _told(sheet, Found(line.box, signs, line.block))


def _missing(line: Line, known: frozenset[int]) -> str:
    if known.issuperset(map(ord, line.text)):
        return ""
    return "".join(sign for sign in line.text if _unseen(sign, known))


def _unseen(sign: str, known: frozenset[int]) -> bool:
    return ord(sign) not in known and unicodedata.category(sign) not in ("Cc", "Cf", "Cn", "Co", "Zs")


def _strange_faces(sheet: Sheet, faces: Faces) -> Iterator[Found]:
    ours = tuple(family.replace(" ", "-") for family in faces.families)
    for face in sheet.faces:
        if ours and not face.startswith(ours):
            yield Found(sheet.frame, face)


def _loose_lines(sheet: Sheet, _: Faces) -> Iterator[Found]:
    """Tell the loosest line of a paragraph: it takes the others along when it is mended."""
    for block, lines in sheet.paragraphs:
        worst = max(
            (line for line in lines if _full(line, block)), key=lambda line: line.stretch, default=None
        )
        if worst and worst.stretch > _LOOSE:
            yield Found(worst.box, f"{worst.stretch:.1f}", block)


def _rivers(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        if river := _longest_river(lines):
            yield Found(river[1], str(river[0]), block)


def _longest_river(lines: Sequence[Line]) -> tuple[int, Box] | None:
    """Follow each white space from line to line while spaces overlap; give the longest channel, if it is a river."""
    open_: list[tuple[int, Box]] = []
    best: tuple[int, Box] | None = None
    for line in lines:
        wide = [gap for gap in line.gaps if gap[1] - gap[0] > _RIVER_SPACE * line.space]
        longer = [_channel(gap, line, open_) for gap in wide]
        best = max([*longer, *([best] if best else [])], key=lambda river: river[0], default=None)
        open_ = longer
    return best if best and best[0] >= _RIVER_LINES else None


def _channel(gap: tuple[float, float], line: Line, above: Sequence[tuple[int, Box]]) -> tuple[int, Box]:
    here = Box(gap[0], line.box.top, gap[1], line.box.bottom)
    touching = [river for river in above if _overlap(river[1], gap) > line.space / 2]
    if not touching:
        return 1, here
    length, box = max(touching, key=lambda river: river[0])
    return length + 1, Box(here.left, box.top, here.right, here.bottom)


def _overlap(box: Box, gap: tuple[float, float]) -> float:
    return min(box.right, gap[1]) - max(box.left, gap[0])


def _runts(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        last, lone = lines[-1], block.begins and len(lines) == 1
        part = len(lines) > 1 and lines[-2].broken and not last.gaps
        due = (
            block.ends
            and block.kind == "p"
            and not lone
            and _starts(last, block)
            and not _noted(block, sheet)
        )
        if due and (part or last.letters < _RUNT):
            yield Found(last.box, f"“{last.text}”", block)


def _starts(line: Line, block: Block) -> bool:
    """Tell whether a line begins where its block does: before a formula, which is drawn, it would not."""
    return line.box.left <= block.left + _SLACK or line.box.right >= block.right - _SLACK


def _ladders(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        for broken, run in groupby(lines, key=lambda line: line.hyphenated):
            rungs = [*run]
            if broken and len(rungs) > _LADDER:
                yield Found(rungs[0].box.with_(rungs[-1].box), str(len(rungs)), block)


def _hyphens_over_the_page(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        if not block.ends and lines[-1].hyphenated and not _noted(block, sheet):
            yield Found(lines[-1].box, f"“{lines[-1].text.split()[-1]}”", block)


def _measures(pages: Pages) -> Iterator[tuple[int, Told]]:
    """Tell once for the whole edition how many characters a line of its text would hold, if too few or too many."""
    lines, characters, wide, full = (
        sum(numbers) for numbers in zip(*(p.measured for p in pages.seen), strict=True)
    )
    texts = ((n, page) for n, page in enumerate(pages.seen, 1) if page.text)
    first = next(texts, None)
    if first is None or lines < _ENOUGH:
        return
    n, page = first
    held = round(characters / wide * (page.frame.box.right - page.frame.box.left))
    if page.text and (held > _WIDE or held < (_NARROW if full > lines / 2 else _RAGGED)):
        yield n, page.text._replace(what=str(held))


def _text(sheet: Sheet) -> tuple[Told | None, Measured]:
    """Give where the text of a page begins, and what its full lines measure."""
    texts = [(block, run) for block, run in sheet.paragraphs if _of_the_text(sheet, block)]
    if not texts:
        return None, Measured(0, 0, 0.0, 0)
    lines = [
        line for _, run in texts for line in run[:-1] if not line.leftward and line.letters <= len(line.text)
    ]
    measured = Measured(
        len(lines),
        sum(len(line.text) for line in lines),
        sum(line.box.right - line.box.left for line in lines),
        sum(_full(line, block) for block, run in texts for line in run[:-1]),
    )
    block, run = texts[0]
    return _told(sheet, Found(run[0].box, "", block)), measured


def _of_the_text(sheet: Sheet, block: Block) -> bool:
    """Tell whether a paragraph is as wide as the text block, and no note."""
    narrower = block.right - block.left < sheet.frame.right - sheet.frame.left - 1
    return block.kind == "p" and not narrower and not _noted(block, sheet)


def _headings_left_behind(sheet: Sheet, _: Faces) -> Iterator[Found]:
    body = [line for line in _body_lines(sheet) if not (line.block and line.block.kind in _HEADINGS)]
    shown = [box_of(block) for block in sheet.blocks if block.kind in _FIGURES]
    for block in sheet.blocks:
        if block.kind in _HEADINGS and block.source and not _ends(sheet):
            under = [line for line in body if line.box.top > block.bottom - 2]
            whole = under and all(line.block and line.block.ends for line in under)
            if len(under) < 2 and not whole and not any(box.top > block.bottom - 2 for box in shown):
                yield Found(box_of(block), "one line" if under else "no line", block)


def _orphans(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        if block.begins and not block.ends and len(lines) == 1 and _full(lines[0], block):
            yield Found(lines[0].box, "", block)


def _widows(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for block, lines in sheet.paragraphs:
        if block.ends and not block.begins and len(lines) == 1:
            yield Found(lines[0].box, "", block)


def _notes_carried_over(pages: Pages) -> Iterator[tuple[int, Told]]:
    for each in pages.notes:
        note, call = pages.spots.get(each.note.id), pages.spots.get(each.note.calls[0].id)
        if each.foot and note and call and note.page > call.page:
            own = (block for block in pages.blocks.get(note.page + 1, ()) if block.name == each.note.id)
            box = next((box_of(block) for block in own), pages.seen[note.page].frame.box)
            what = f"{each.mark}, called on page {pages.folios[call.page]},"
            yield note.page + 1, Told("", box, what, each.place.file, each.place.line)


def _empty_pages(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for white in _unfilled(sheet, 1 - _EMPTY, 1):
        yield Found(white, f"{1 - white.height / sheet.frame.height:.0%}")


def _short_pages(sheet: Sheet, _: Faces) -> Iterator[Found]:
    for white in _unfilled(sheet, _SHORT, 1 - _EMPTY):
        yield Found(white, f"{white.height / sheet.frame.height:.0%}")


def _unfilled(sheet: Sheet, least: float, most: float) -> Iterator[Box]:
    """Give what is left white above the notes, if it is so much, though the text goes on behind the page."""
    white = _white(sheet)
    if least < white.height / sheet.frame.height <= most and not sheet.blank and not _ends(sheet):
        yield white


def _thin_ends(sheet: Sheet, _: Faces) -> Iterator[Found]:
    lines = _body_lines(sheet)
    begun = any(block.kind == "chapter" and block.begins for block in sheet.blocks)
    shown = any(block.kind in _FIGURES for block in sheet.blocks)
    if _ends(sheet) and not begun and not shown and 0 < len(lines) < _THIN:
        what = "one line" if len(lines) == 1 else f"{len(lines)} lines"
        yield Found(lines[0].box, what, lines[0].block)


def _marked_blanks(sheet: Sheet, _: Faces) -> Iterator[Found]:
    if sheet.blank and (ink := [line for line in sheet.lines if line.text]):
        yield Found(ink[0].box, f"“{_short(ink[0].text)}”")


def _runs_of_blanks(pages: Pages) -> Iterator[tuple[int, Told]]:
    for blank, run in groupby(enumerate(pages.seen, 1), key=lambda each: each[1].blank):
        row = [*run]
        if blank and len(row) > _BLANK:
            n, first = row[0]
            yield n, first.frame._replace(what=str(len(row)))


_REWORD = "Another wording, a word more or less, or a hyphenation point (&shy;) in a long word helps."
_GRAPHIC = "Give the picture a width ({.width-80}), or the table fewer columns."

OF_A_PAGE: tuple[Rule[Callable[[Sheet, Faces], Iterable[Found]]], ...] = (
    Rule(
        "error",
        "text-off-page",
        _off_the_page,
        "The words {} leave the page.",
        "Break a long word or address with &shy; or a space, or give a table fewer columns.",
    ),
    Rule(
        "warning",
        "text-past-margin",
        _past_the_margin,
        "The words {} stand in the margin.",
        "Break a long word or address with &shy; or a space, or give a table fewer columns.",
    ),
    Rule(
        "warning",
        "text-over-text",
        _overprinted,
        "The words {} are printed over others.",
        "Does a stylesheet move them? If none of yours does, this is a fault of diptych.",
    ),
    Rule(
        "warning",
        "picture-past-margin",
        _pictures_past_the_margin,
        "A picture or table stands in the margin {}.",
        _GRAPHIC,
    ),
    Rule(
        "warning",
        "face-strange",
        _strange_faces,
        "The face {} is none of the book's.",
        "Name a family of the theme or of fonts/.",
    ),
    Rule(
        "hint",
        "loose-line",
        _loose_lines,
        "The words of this line stand {} times their usual space apart.",
        _REWORD,
    ),
    Rule("hint", "river", _rivers, "A white river runs down through {} lines.", _REWORD),
    Rule("hint", "runt", _runts, "The last line of this paragraph is only {}.", _REWORD),
    Rule("hint", "hyphen-ladder", _ladders, "{} lines in a row end with a hyphen.", _REWORD),
    Rule("hint", "hyphen-over-page", _hyphens_over_the_page, "The word {} is broken over the page.", _REWORD),
    Rule(
        "warning",
        "heading-left-behind",
        _headings_left_behind,
        "This heading has {} of its text below it.",
        "Add or cut a few lines before it.",
    ),
    Rule("warning", "orphan", _orphans, "The first line of a paragraph stands alone at the foot.", _REWORD),
    Rule("warning", "widow", _widows, "The last line of a paragraph stands alone at the head.", _REWORD),
    Rule(
        "warning",
        "page-nearly-empty",
        _empty_pages,
        "Only {} of the page is filled.",
        "Move what stands next a little.",
    ),
    Rule(
        "hint",
        "page-short",
        _short_pages,
        "{} of the page is left white at its foot.",
        "Move the figure, table or note that found no room here.",
    ),
    Rule(
        "hint",
        "page-thin",
        _thin_ends,
        "The last page of this chapter has only {}.",
        "Cut or add a few lines.",
    ),
    Rule(
        "warning",
        "blank-marked",
        _marked_blanks,
        "A blank page shows {}.",
        "Is there a rule for @page in styles/?",
    ),
)

OF_AN_EDITION: tuple[Rule[Callable[[Pages], Iterable[tuple[int, Told]]]], ...] = (
    Rule(
        "hint",
        "letter-shown-empty",
        _unknown_letters,
        "There is an empty box in place of {}.",
        "Put a font that has it into the book's folder fonts/ and name it in styles/book.css.",
    ),
    Rule(
        "hint",
        "measure",
        _measures,
        "The lines of the text hold about {} characters; 60 to 72 read well.",
        "Choose another trim or theme, or a size of type in styles/book.css.",
    ),
    Rule(
        "hint",
        "note-carried-over",
        _notes_carried_over,
        "The note {} found no room at the foot of that page.",
        "Shorten a note near it, or move its call.",
    ),
    Rule(
        "warning",
        "blanks-in-a-row",
        _runs_of_blanks,
        "{} blank pages follow each other.",
        "Are there chapters without text?",
    ),
)

RULES: Mapping[str, Rule[Any]] = {
    **{rule.code: rule for rule in OF_A_PAGE},
    **{rule.code: rule for rule in OF_AN_EDITION},
}
