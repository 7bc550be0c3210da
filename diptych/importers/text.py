"""A plain-text essay becomes a book folder: `book.toml` and one Markdown file per section.

It finds the title, the author, the publication line, section headings, calls of notes such as `(7)` and a
notes section at the end. Spots that look like slips of a scanner are listed with their lines.

It deliberately changes no word. A slip is told and left standing; emphasis is not guessed; quotation marks
stay as found; a note whose text is not there gets a marked empty place, never a text. Characters that
Markdown would misread are escaped so that they come out as they went in.

Every pattern here is anchored or bounded, so that time grows with the length of the text and nothing else.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, islice, pairwise

from diptych.model import File
from diptych.problems import BookError, Place, Problem, error, hint, in_order, warning
from diptych.tree import slug


@dataclass(frozen=True)
class Line:
    """A line of the source without the white space round it. `number` counts from 1."""

    number: int
    text: str
    indented: bool = False


@dataclass(frozen=True)
class Passage:
    """Lines that belong together: a paragraph or a heading. `gap` is the number of blank lines above it."""

    lines: tuple[Line, ...]
    gap: int = 0

    @property
    def first(self) -> Line:
        """The line it begins with."""
        return self.lines[0]

    @cached_property
    def text(self) -> str:
        """All lines, with line ends between them."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """Where in the text each line begins."""
        return tuple(accumulate((len(line.text) + 1 for line in self.lines[:-1]), initial=0))

    def line_at(self, offset: int) -> int:
        """Give the source line of a place in the text."""
        return self.lines[bisect_right(self.begins, offset) - 1].number


@dataclass(frozen=True)
class Heading:
    """What stands above the text: the title, and what was found of author and publication."""

    title: Line
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    publication: str = ""

    @property
    def year(self) -> int:
        """The earliest year the publication line names, or 0."""
        return min(map(int, _YEAR.findall(self.publication)), default=0)


@dataclass(frozen=True)
class Section:
    """What becomes one chapter: its heading and its paragraphs."""

    heading: Line
    passages: tuple[Passage, ...]

    @property
    def lines(self) -> Iterator[Line]:
        """The heading and every line of text, in order."""
        yield self.heading
        for passage in self.passages:
            yield from passage.lines


@dataclass(frozen=True)
class Spot:
    """Something to tell about a line of the source, before it is known where that line will stand."""

    code: str
    line: int
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a chapter file, with the source line it came from, or the note whose text begins on it."""

    text: str = ""
    source: int = 0
    note: int = 0


@dataclass(frozen=True)
class Words:
    """What the words of the whole text say about a single spot."""

    counts: Mapping[str, int]
    language: str
    low_quotes: bool


NoteTexts = Mapping[int, tuple[Passage, ...]]
Calls = Mapping[tuple[int, int], int]
"""Where notes are called: (line of the source, offset in it) -> number of the note."""

Texts = Sequence[Passage]
Sheet = tuple[str, tuple[Row, ...]]


def read(source: File, uuid: str) -> tuple[tuple[File, ...], tuple[Problem, ...]]:
    """Give the files of the new book folder and what to tell about them, with lines of the new files.

    `uuid` is the book's identifier without `urn:uuid:`. Raises BookError if the bytes are not UTF-8 text, if
    they hold control characters, or no title with a text below it.
    """
    heading, passages = _cut_heading(_passages(_decode(source)), source)
    passages, dropped = _drop_repeated(passages, heading)
    body, texts = _cut_notes(passages)
    sections = _sections(heading.title, body, source)
    calls, strays = _calls(sections, texts)
    words = _words(passages)
    sheets = _sheets(sections, texts, calls)
    book = _book(source, uuid, heading, words, sheets)
    spots = [*strays, *_gaps(sections), *_scene_breaks(sections), *_scan(sections, texts, words)]
    problems = [
        *_placed(spots, sheets),
        *_note_problems(sheets, texts, calls),
        *_book_problems(book, heading, words, dropped),
    ]
    files = (File("book.toml", book.encode()), *(_file(sheet) for sheet in sheets))
    return files, in_order(problems)


# --- Bytes to text ------------------------------------------------------------------------------------------

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MOST_TOLD = 20


def _decode(source: File) -> str:
    """Give the text with plain line ends, or raise."""
    plain = source.data.removeprefix(codecs.BOM_UTF8)
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BookError([_not_utf8(source, plain, fault.start)]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    controls = [_control(source, text, found) for found in islice(_CONTROL.finditer(text), _MOST_TOLD)]
    if controls:
        raise BookError(controls)
    return text


def _not_utf8(source: File, plain: bytes, at: int) -> Problem:
    before = plain[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line, byte = before.count(b"\n") + 1, at - max(plain.rfind(b"\n", 0, at), plain.rfind(b"\r", 0, at))
    wide = source.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return error(
        "text-not-utf8",
        Place(source.path, line),
        f"Byte {byte} of line {line} is 0x{plain[at]:02X}, which is not UTF-8.",
        "The file is UTF-16: save it as UTF-8."
        if wide
        else "Save the file as UTF-8 in the editor that wrote it.",
    )


def _control(source: File, text: str, found: re.Match[str]) -> Problem:
    at = found.start()
    line, byte = text.count("\n", 0, at) + 1, len(text[text.rfind("\n", 0, at) + 1 : at].encode()) + 1
    return error(
        "text-control-character",
        Place(source.path, line),
        f"Line {line} holds the control character U+{ord(found[0]):04X} at byte {byte}.",
        "No book can print it: delete it, or write what was meant.",
    )


# --- Text to paragraphs -------------------------------------------------------------------------------------

_UNWRAPPED = 120
"""A typewriter's or editor's line is shorter than this; a paragraph on one line is longer."""

_NOTES = frozenset(
    {"notes", "endnotes", "footnotes", "notes and references", "anmerkungen", "fußnoten", "notas"}
)


def _passages(text: str) -> list[Passage]:
    """Cut the text at blank lines, and where its style shows paragraphs in another way."""
    lines = [_line(number, raw) for number, raw in enumerate(text.split("\n"), 1)]
    notes = max((at for at, line in enumerate(lines) if _is_notes_heading(line.text)), default=len(lines))
    unwrapped, indented = _is_unwrapped(lines), _is_indented(lines[:notes])
    passages: list[Passage] = []
    current: list[Line] = []
    gap = 0
    for at, line in enumerate(lines):
        begins = unwrapped or (indented and line.indented and at < notes)
        if current and (begins or not line.text):
            passages.append(Passage(tuple(current), gap))
            current, gap = [], 0
        if line.text:
            current.append(line)
        else:
            gap += 1
    return [*passages, Passage(tuple(current), gap)] if current else passages


def _line(number: int, raw: str) -> Line:
    text = raw.strip(" \t") if raw.strip() else ""
    return Line(number, text, indented=raw[:1] in (" ", "\t") and bool(text))


def _is_unwrapped(lines: Iterable[Line]) -> bool:
    """Tell whether most of the text stands on lines that are whole paragraphs."""
    lengths = [len(line.text) for line in lines]
    return 2 * sum(length for length in lengths if length > _UNWRAPPED) > sum(lengths)


def _is_indented(lines: Sequence[Line]) -> bool:
    """Tell whether paragraphs begin with an indent more often than with a blank line."""
    inner = sum(line.indented and bool(above.text) and not above.indented for above, line in pairwise(lines))
    blank = sum(bool(line.text) and not line.indented and not above.text for above, line in pairwise(lines))
    return inner > blank


def _is_notes_heading(text: str) -> bool:
    return len(text) < 30 and text.rstrip(":.").casefold() in _NOTES


# --- What stands above the text -----------------------------------------------------------------------------

_YEAR = re.compile(r"(?<![\w-])(1[4-9]\d\d|20\d\d)(?![\w])")
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"spring|summer|autumn|fall|winter|januar|februar|märz|mai|juni|juli|oktober|dezember)\b",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"\b(?:no|nos|nr|vol|issue|number|volume|heft|band)\b\.?\s?\d|#\d", re.IGNORECASE)
_PUBLISHED = re.compile(r"(?:first |originally |re)?(?:published|printed|source)\b:?", re.IGNORECASE)
_ENDS_IN_YEAR = re.compile(r"(?<![-–\d])(?:1[4-9]|20)\d\d\)?$")
_BY = re.compile(r"(?:written by|by|author:)\s+", re.IGNORECASE)
_AND = re.compile(r",?\s+(?:and|und|et|y|&)\s+|,\s+(?!Jr|Sr)")
_PARTICLES = frozenset("de del della der den di da du la le ten ter van von zu zur y bin ibn al el".split())
_NOT_A_NAME = frozenset(
    "a an the of in on to for from with at by is are was or as part chapter section book introduction "
    "preface prologue foreword epilogue conclusion notes appendix first second third some my our what why "
    "how when".split()
)
_SENTENCE_END = re.compile(r"[.!?…:;,][”’\"')\]»]*(?:\(\d{1,4}\)[”’\"')\]»]*)?$")
_HEADING_LINES = 12
_TITLE_WORDS, _TITLE_LENGTH = 25, 200


def _cut_heading(passages: list[Passage], source: File) -> tuple[Heading, list[Passage]]:
    """Take title, author and publication off the top; raise if there is no title."""
    if not passages:
        raise BookError([_empty(source, 0, "The text is empty.")])
    title = passages[0].first
    below = passages[0].lines[1:]
    if not _may_be_title(title, below):
        raise BookError([_no_title(source, title)])
    heading = Heading(title)
    rest = [*([Passage(below)] if below else []), *passages[1:]]
    taken = 0
    while taken < len(rest) and taken < _HEADING_LINES:
        further = _read_heading(heading, rest, taken)
        if further is None:
            break
        heading, taken = further, taken + 1
    return heading, rest[taken:]


def _empty(source: File, line: int, sentence: str) -> Problem:
    return error("text-empty", Place(source.path, line), sentence, "Give a file with an essay in it.")


def _may_be_title(title: Line, below: Sequence[Line]) -> bool:
    """A long line, or one that runs on into the next, is the text itself."""
    runs_on = len(title.text) > 45 and bool(below) and below[0].text[:1].islower()
    return len(title.text) <= _TITLE_LENGTH and len(title.text.split()) <= _TITLE_WORDS and not runs_on


def _no_title(source: File, line: Line) -> Problem:
    return error(
        "text-without-title",
        Place(source.path, line.number),
        f"The text begins with a paragraph ({_clip(line.text)}), not with a title.",
        "Write the title on a short line of its own at the top, with a blank line below it.",
    )


def _read_heading(heading: Heading, rest: Sequence[Passage], at: int) -> Heading | None:
    """Add what one passage says, or give None where the text begins."""
    if len(rest[at].lines) > 4:
        return None
    here: Heading | None = heading
    for line in rest[at].lines:
        here = _read_heading_line(here, line.text) if here else None
    if here or heading != Heading(heading.title):
        return here
    return _with_subtitle(heading, rest, at)


def _read_heading_line(heading: Heading, text: str) -> Heading | None:
    if _is_publication(text):
        parts = [part for part in (heading.publication, text) if part]
        return replace(heading, publication=", ".join(parts))
    if not heading.authors and _is_byline(text):
        return replace(
            heading, authors=tuple(name.strip() for name in _AND.split(_BY.sub("", text, count=1)))
        )
    return None


def _with_subtitle(heading: Heading, rest: Sequence[Passage], at: int) -> Heading | None:
    """Take a line for a subtitle if it touches the title, or if author or publication follow."""
    first = rest[at].first
    if len(first.text) > _TITLE_LENGTH or _SENTENCE_END.search(first.text):
        return None
    subtitled = replace(heading, subtitle=first.text)
    below = rest[at].lines[1:]
    if below:
        return _read_heading(subtitled, [Passage(below)], 0)
    touches = first.number == heading.title.number + 1
    follows = at + 1 < len(rest) and _read_heading(subtitled, rest, at + 1) is not None
    return subtitled if touches or follows else None


def _is_publication(text: str) -> bool:
    if len(text) > _TITLE_LENGTH:
        return False
    labelled = bool(_PUBLISHED.match(text))
    if labelled and (":" in text[:20] or _YEAR.search(text)):
        return True
    dated = bool(_YEAR.search(text) and _MONTH.search(text))
    return bool(dated or _ISSUE.search(text) or _ENDS_IN_YEAR.search(text)) and not _SENTENCE_END.search(text)


def _is_byline(text: str) -> bool:
    if len(text) > _TITLE_LENGTH:
        return False
    signed = _BY.match(text)
    names = _AND.split(text[signed.end() :] if signed else text)
    fewest = 1 if signed else 2
    return all(fewest <= len(name.split()) <= 5 and _is_name(name) for name in names)


def _is_name(text: str) -> bool:
    words = text.split()
    capital = all(word[0].isupper() or word in _PARTICLES for word in words) and words[-1][0].isupper()
    letters = not re.search(r"[^\w\s.'’-]|[\d_]", text)
    return capital and letters and not any(word.casefold() in _NOT_A_NAME for word in words)


def _drop_repeated(passages: list[Passage], heading: Heading) -> tuple[list[Passage], int]:
    """Leave out a last line that only repeats the publication line; give its number, or 0."""
    if not passages or len(passages[-1].lines) > 1:
        return passages, 0
    last = passages[-1].first
    plain = " ".join(last.text.strip("().").casefold().split())
    known = " ".join(heading.publication.casefold().split())
    repeats = len(plain) > 3 and bool(_YEAR.search(last.text) or " " in plain) and plain in known
    return (passages[:-1], last.number) if repeats else (passages, 0)


# --- Sections -----------------------------------------------------------------------------------------------

_HEADING_WORDS, _HEADING_LENGTH = 10, 90
_NUMERAL = re.compile(r"(?:[IVXLC]+|\d{1,3})\.?$")
_MOST_CHAPTERS = 999


def _looks_like_heading(passage: Passage) -> bool:
    """One short line that ends in no stop and begins like a name or a number."""
    text = passage.first.text
    if len(passage.lines) > 1 or len(text) > _HEADING_LENGTH or len(text.split()) > _HEADING_WORDS:
        return False
    if _NUMERAL.match(text):
        return True
    begins = text.lstrip("“‘\"'«„¿¡(")[:1]
    return (
        (begins.isupper() or begins.isdigit())
        and not _SENTENCE_END.search(text)
        and any(map(str.isalpha, text))
    )


def _is_heading(passages: Sequence[Passage], at: int) -> bool:
    """A heading stands alone and has a paragraph below it."""
    follows = at + 1 < len(passages) and not _looks_like_heading(passages[at + 1])
    return follows and _looks_like_heading(passages[at])


def _sections(title: Line, body: Sequence[Passage], source: File) -> list[Section]:
    """Cut the text at its headings; what stands above the first one has the title's name."""
    cuts = [at for at in range(len(body)) if _is_heading(body, at)]
    if len(cuts) > _MOST_CHAPTERS:
        raise BookError([_too_many(source, len(cuts))])
    ends = [*cuts[1:], len(body)]
    opening = tuple(body[: cuts[0]] if cuts else body)
    chapters = [
        Section(body[at].first, tuple(body[at + 1 : end])) for at, end in zip(cuts, ends, strict=False)
    ]
    if opening or _CALL.search(title.text):
        return [Section(title, opening), *chapters]
    if not chapters:
        raise BookError([_empty(source, title.number, "There is a title, but no text below it.")])
    return chapters


def _too_many(source: File, count: int) -> Problem:
    return error(
        "text-too-many-chapters",
        Place(source.path),
        f"{count} lines look like headings; that many chapters are not made.",
        "Cut the text into books, or close up the blank lines round what is no heading.",
    )


# --- Notes --------------------------------------------------------------------------------------------------

_CALL = re.compile(r"(?<=\S)\((\d{1,4})\)")
_NOTE = re.compile(
    r"(?:\((?P<round>\d{1,4})\)|\[(?P<square>\d{1,4})\]|(?P<dot>\d{1,4})[.)](?!\d)"
    r"|(?P<bare>\d{1,4})(?=[ \t]))[ \t]*"
)


@dataclass(frozen=True)
class _Entry:
    """A line of the notes section that begins with a number, and what stands after the number."""

    line: int
    number: int
    text: str
    style: str


def _cut_notes(passages: list[Passage]) -> tuple[list[Passage], NoteTexts]:
    """Take the notes section off the end. What follows it under a heading of its own stays with the text."""
    at = max((n for n, passage in enumerate(passages) if _is_notes_heading(passage.first.text)), default=-1)
    if at < 0:
        return passages, {}
    below = passages[at].lines[1:]
    section = [*([Passage(below)] if below else []), *passages[at + 1 :]]
    entries = {entry.line: entry for entry in _in_sequence(_entries(section))}
    if not section or section[0].first.number not in entries:
        return passages, {}
    end = _end_of_notes(section, max(entries))
    return [*passages[:at], *section[end:]], _note_texts(section[:end], entries)


def _entries(section: Iterable[Passage]) -> list[_Entry]:
    """All lines numbered in the style of the first."""
    found = [_entry(line) for passage in section for line in passage.lines]
    entries = [entry for entry in found if entry]
    return [entry for entry in entries if entry.style == entries[0].style]


def _entry(line: Line) -> _Entry | None:
    found = _NOTE.match(line.text)
    if not found:
        return None
    return _Entry(
        line.number, int(found[found.lastgroup or 0]), line.text[found.end() :], found.lastgroup or ""
    )


def _in_sequence(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """Leave out numbers that only happen to begin a line; a number is passed over where it never comes."""
    final = {entry.number: entry.line for entry in entries}
    last = 0
    for entry in entries:
        lost = final.get(last + 1, 0) < entry.line
        if entry.number == last + 1 or (entry.number > last and lost):
            last = entry.number
            yield entry


def _end_of_notes(section: Sequence[Passage], last: int) -> int:
    after = (
        n for n, passage in enumerate(section) if passage.first.number > last and _is_heading(section, n)
    )
    return next(after, len(section))


def _note_texts(section: Iterable[Passage], entries: Mapping[int, _Entry]) -> NoteTexts:
    """Give each number its paragraphs; a number with nothing after it gets none."""
    texts: dict[int, list[list[Line]]] = {}
    number = 0
    for passage in section:
        paragraph: list[Line] = []
        for line in passage.lines:
            if entry := entries.get(line.number):
                number, paragraph = entry.number, []
            text = entry.text if entry else line.text
            if text and not paragraph:
                texts.setdefault(number, []).append(paragraph)
            if text:
                paragraph.append(replace(line, text=text))
    return {number: tuple(Passage(tuple(lines)) for lines in parts) for number, parts in texts.items()}


def _calls(sections: Iterable[Section], texts: NoteTexts) -> tuple[Calls, list[Spot]]:
    """Find the calls that run in sequence, and tell of those that do not.

    A number may be skipped only if it never comes and the one after it has a text: that call was lost.
    """
    found = [
        (line, match) for section in sections for line in section.lines for match in _CALL.finditer(line.text)
    ]
    final = {int(match[1]): at for at, (_, match) in enumerate(found)}
    calls: dict[tuple[int, int], int] = {}
    strays: list[Spot] = []
    last = 0
    for at, (line, match) in enumerate(found):
        number = int(match[1])
        lost = number > last and number in texts and final.get(last + 1, -1) < at
        if number == last + 1 or lost:
            calls[line.number, match.start()] = last = number
        elif match[1] != "0" and not _YEAR.fullmatch(match[1]):
            strays.append(_stray(line, match, last + 1))
    return calls, strays


def _stray(line: Line, found: re.Match[str], due: int) -> Spot:
    return Spot(
        "note-out-of-sequence",
        line.number,
        f"“{_around(line.text, found.start(), found.end())}” looks like a note, but note {due} is due; "
        f"it was left as it is (line {line.number} of the source).",
        f"If it is a note, write [^{found[1]}] for it and its text at the end of the file.",
    )


# --- Chapter files ------------------------------------------------------------------------------------------

_MISSING = "<!-- text missing -->"
_SPECIAL = re.compile(
    r"(?<=\S)\(\d{1,4}\)"
    r"|[\\*_`{]"
    r"|(?<=\^)\["
    r"|\[(?!(?!TOC\])[^\[\]^@!][^\[\]]{0,200}\](?![(\[:{\]]))"
    r"|<(?=[^\s=])"
    r"|&(?=#?\w{1,32};)"
    r"|~(?=~)"
)
_BEGINS = re.compile(r"[#>|:]|[-+](?=\s|$)|[-=][-=:| ]*$|/(?=//)|!(?=!!)|\?(?=\?\?)")
_COUNTS = re.compile(r"(\d{1,9})\.(?=\s|$)")
_ENTITY = {"<": "&lt;", "&": "&amp;", "~": "&#126;", ":": "&#58;", "=": "&#61;", "/": "&#47;", "?": "&#63;"}
"""Characters that no backslash saves: Python-Markdown escapes only a few (its ESCAPED_CHARS)."""

_SLUG_LENGTH = 32


def _sheets(sections: Sequence[Section], texts: NoteTexts, calls: Calls) -> list[Sheet]:
    """Write every chapter, each with the notes that it calls."""
    width = max(2, len(str(len(sections))))
    owners = _owners(sections, texts, calls)
    sheets = []
    for at, section in enumerate(sections):
        path = f"{at + 1:0{width}}-{_short_slug(_NOTE_MARK.sub('', _inline(section.heading, calls)))}.md"
        sheets.append((path, (*_chapter(section, calls), *_definitions(owners[at], texts))))
    return sheets


def _owners(sections: Sequence[Section], texts: NoteTexts, calls: Calls) -> list[list[int]]:
    """Give each section its notes, in order; a text that nobody calls stays with the note before it."""
    home = {line.number: at for at, section in enumerate(sections) for line in section.lines}
    called = {number: home[line] for (line, _), number in calls.items()}
    owners: list[list[int]] = [[] for _ in sections]
    at = 0
    for number in sorted({*called, *texts}):
        at = called.get(number, at)
        owners[at].append(number)
    return owners


def _short_slug(title: str) -> str:
    words = slug(title[:_TITLE_LENGTH]).split("-")
    lengths = accumulate(len(word) + 1 for word in words)
    kept = [word for word, length in zip(words, lengths, strict=True) if length <= _SLUG_LENGTH]
    return "-".join(kept) or words[0][:_SLUG_LENGTH] or "chapter"


def _chapter(section: Section, calls: Calls) -> Iterator[Row]:
    title = _inline(section.heading, calls)
    bare = title.rstrip("#")
    yield Row(f"# {bare}" + r"\#" * (len(title) - len(bare)), section.heading.number)
    for passage in section.passages:
        yield Row()
        yield from _paragraph(passage, calls)


def _paragraph(passage: Passage, calls: Calls) -> Iterator[Row]:
    for at, line in enumerate(passage.lines):
        text = _inline(line, calls)
        text = _COUNTS.sub(r"\1\.", text, count=1) if at == 0 and _COUNTS.match(text) else text
        yield Row(_BEGINS.sub(_escape, text, count=1) if _BEGINS.match(text) else text, line.number)


def _inline(line: Line, calls: Calls) -> str:
    """Write calls as Markdown's notes, and let every other character come out as itself."""

    def write(found: re.Match[str]) -> str:
        if not found[0].startswith("("):
            return _escape(found)
        number = calls.get((line.number, found.start()))
        return f"[^{number}]" if number else found[0]

    return _SPECIAL.sub(write, line.text)


def _escape(found: re.Match[str]) -> str:
    first = found[0][0]
    return _ENTITY.get(first, "\\" + first) + found[0][1:]


def _definitions(numbers: Iterable[int], texts: NoteTexts) -> Iterator[Row]:
    for number in numbers:
        paragraphs = texts.get(number, ())
        yield Row()
        if not paragraphs:
            yield Row(f"[^{number}]: {_MISSING}", note=number)
        for at, passage in enumerate(paragraphs):
            first, *others = _paragraph(passage, {})
            if at:
                yield Row()
            yield Row(
                (f"[^{number}]: " if not at else "    ") + first.text, first.source, number if not at else 0
            )
            yield from (replace(row, text="    " + row.text) for row in others)


def _file(sheet: Sheet) -> File:
    path, rows = sheet
    return File(path, "".join(f"{row.text}\n" for row in rows).encode())


# --- book.toml ----------------------------------------------------------------------------------------------

_NOTE_MARK = re.compile(r"\[\^\d+\]")
_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_SORTS = """\
# One block for each person. `sort` is the name as a shelf is sorted by it. `role` is a code of the Library of
# Congress: aut wrote the book, edt edited it, trl translated it, ill drew for it."""


def _book(source: File, uuid: str, heading: Heading, words: Words, sheets: Iterable[Sheet]) -> str:
    """Write book.toml, for people first."""
    name = "".join(letter for letter in source.path.rsplit("/", 1)[-1] if letter.isprintable())
    lines = [
        f"# This book was made from {name}. From here on it is yours: change what you like.",
        "",
        "[book]",
        *_book_lines(heading, words),
        "",
        _SORTS,
        *_contributors(heading.authors),
        "",
        "# Made once for this book. Keep it: readers and shops know the book by it.",
        "[identifier]",
        f"uuid = {_quoted(f'urn:uuid:{uuid}')}",
        "",
        "# The reading order.",
        "[chapters]",
        "body = [",
        *(f"    {_quoted(path)}," for path, _ in sheets),
        "]",
        "",
        '# "book" counts the notes through the book, as the source does; "chapter" begins anew in each.',
        "[notes]",
        'numbering = "book"',
    ]
    return "\n".join(lines) + "\n"


def _book_lines(heading: Heading, words: Words) -> Iterator[str]:
    yield f"title = {_quoted(_title(heading.title))}"
    yield f"subtitle = {_quoted(heading.subtitle)}" if heading.subtitle else '# subtitle = "..."'
    if words.language:
        yield f'language = "{words.language}"  # guessed from the commonest words'
    else:
        yield 'language = "en"  # the language could not be told from the words: please check'
    yield f"first-published = {heading.year}" if heading.year else "# first-published = 1986"
    yield "# Where the text first appeared, as the source says it."
    yield f"source = {_quoted(heading.publication)}" if heading.publication else '# source = "..."'


def _title(line: Line) -> str:
    """The title without the note that may hang on it: the first call in a book is note 1."""
    return re.sub(r"(?<=\S)\(1\)", "", line.text, count=1)


def _contributors(authors: Sequence[str]) -> Iterator[str]:
    if not authors:
        yield from ("# [[contributor]]", '# name = "..."', '# sort = "..."', '# role = "aut"')
    for at, name in enumerate(authors):
        if at:
            yield ""
        yield from (
            "[[contributor]]",
            f"name = {_quoted(name)}",
            f"sort = {_quoted(_sort(name))}",
            'role = "aut"',
        )


def _sort(name: str) -> str:
    """`Rosa van der Berg` becomes `van der Berg, Rosa`: last name first, with its small words."""
    words = name.split()
    suffix = [words.pop()] if len(words) > 2 and words[-1] in _SUFFIXES else []
    cut = len(words) - 1
    while cut > 1 and words[cut - 1] in _PARTICLES:
        cut -= 1
    last, first = " ".join(words[cut:]), " ".join([*words[:cut]]).rstrip(",")
    return ", ".join(part for part in (last.rstrip(","), first, *suffix) if part)


def _quoted(text: str) -> str:
    """Give a TOML basic string (toml.io/en/v1.0.0#string); control characters were refused before."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


# --- Problems with places -----------------------------------------------------------------------------------


def _placed(spots: Iterable[Spot], sheets: Iterable[Sheet]) -> Iterator[Problem]:
    """Turn lines of the source into lines of the new files."""
    places = {
        row.source: Place(path, at) for path, rows in sheets for at, row in enumerate(rows, 1) if row.source
    }
    for spot in spots:
        yield hint(spot.code, places[spot.line], spot.sentence, spot.advice)


def _note_problems(sheets: Iterable[Sheet], texts: NoteTexts, calls: Calls) -> Iterator[Problem]:
    """Tell of every call without a text, and of every text without a call."""
    called = set(calls.values())
    for path, rows in sheets:
        for at, row in enumerate(rows, 1):
            if row.note and row.note not in called:
                yield _uncalled(row.note, Place(path, at))
            elif row.note and row.note not in texts:
                sentence = f"Note {row.note} has no text in the source."
                yield warning(
                    "note-without-text",
                    Place(path, at),
                    sentence,
                    f"Write it after [^{row.note}]: on this line.",
                )


def _uncalled(number: int, place: Place) -> Problem:
    return warning(
        "note-without-call",
        place,
        f"Note {number} has a text in the source, but nothing calls it.",
        f"Write [^{number}] where it belongs, or delete its text here.",
    )


def _book_problems(book: str, heading: Heading, words: Words, dropped: int) -> Iterator[Problem]:
    """Tell what book.toml had to guess or do without."""
    if dropped:
        sentence = f"Line {dropped} of the source only repeats the publication line, and was left out."
        yield hint("text-repeated-publication", _place_in(book, "source = "), sentence)
    if not heading.authors:
        yield hint(
            "text-without-author",
            _place_in(book, "# [[contributor]]"),
            "No author was found.",
            "Write the name here.",
        )
    if not words.language:
        sentence = "The language could not be told from the words."
        yield hint(
            "text-language",
            _place_in(book, "language = "),
            sentence,
            "Write its code: en, de, fr, es, it, nl, pt.",
        )


def _place_in(book: str, begins: str) -> Place:
    lines = enumerate(book.split("\n"), 1)
    return Place("book.toml", next(at for at, line in lines if line.startswith(begins)))


# --- Suspicious spots ---------------------------------------------------------------------------------------

_MOST_SPOTS = 100
"""Of one kind. A text with more is not read well enough for single hints to help."""

_LETTERS = re.compile(r"[^\W\d_]+")
_STOP_WORDS = {
    "en": frozenset("the of and to in that is was for with it his".split()),
    "de": frozenset("der die und das ist nicht mit den ein zu von sich".split()),
    "fr": frozenset("le la les des et est dans que une pour du pas".split()),
    "es": frozenset("el la los que de y en las por con una se".split()),
    "it": frozenset("il di che e la per un del della non gli è".split()),
    "nl": frozenset("de het een van en dat niet op te zijn met voor".split()),
    "pt": frozenset("o que de não uma os para com as do da em".split()),
}


def _words(passages: Iterable[Passage]) -> Words:
    counts = Counter(
        found[0].casefold() for p in passages for line in p.lines for found in _LETTERS.finditer(line.text)
    )
    low = any("„" in line.text for p in passages for line in p.lines)
    return Words(counts, _language(counts), low_quotes=low)


def _language(counts: Mapping[str, int]) -> str:
    """Name the language whose small words are clearly the commonest here; else nothing."""
    scores = {code: sum(counts.get(word, 0) for word in words) for code, words in _STOP_WORDS.items()}
    (best, most), (_, next_most), *_ = sorted(scores.items(), key=lambda item: -item[1])
    sure = most >= 5 and 3 * most > 4 * next_most and 12 * most > sum(counts.values())
    return best if sure else ""


def _scan(sections: Iterable[Section], texts: NoteTexts, words: Words) -> Iterator[Spot]:
    """Look over headings, paragraphs and notes for each kind of slip."""
    passages = [p for section in sections for p in (Passage((section.heading,)), *section.passages)]
    passages += [passage for parts in texts.values() for passage in parts]
    for kind in _KINDS:
        found = kind(passages, words)
        yield from islice(found, _MOST_SPOTS)
        if more := next(found, None):
            yield replace(
                more,
                sentence=f"There are more than {_MOST_SPOTS} of these; from here on they are not listed.",
            )


def _spot(code: str, passage: Passage, at: int, sentence: str, advice: str = "") -> Spot:
    line = passage.line_at(at)
    return Spot(code, line, f"{sentence} (line {line} of the source).", advice)


def _around(text: str, start: int, end: int, reach: int = 30) -> str:
    """Give the words that a spot touches, never more than `reach` characters to a side."""
    before = re.split(r"\s", text[max(0, start - reach) : start])[-1]
    after = re.split(r"\s", text[end : end + reach])[0]
    return " ".join(f"{before}{text[start:end]}{after}".split())


def _clip(text: str, length: int = 50) -> str:
    return f"“{text}”" if len(text) <= length else f"“{text[:length].rsplit(' ', 1)[0]} …”"


_DIGIT = re.compile(r"(?<![\w.@/-])(?=\w{2,30}(?!\w))(?=\d*[^\W\d_])(?=[^\W\d_]*\d)\w++(?![@/]|\.\w)")
_MEASURED = re.compile(
    r"\d+(?:s|st|nd|rd|th|d|er|re|e|ème|km|m|cm|mm|kg|g|t|l|ha|am|pm|a|b|c|f|ff|n|x|k|bn|p|pp|h)"
    r"|(?:p|pp|n|nn|f|ff|v|vol|no|fn|c|ch|col)\d+"
    r"|[A-Z]{1,4}\d+[A-Za-z]?|\d+[A-Z]{1,3}|[A-Z][a-z]?\d[A-Z]\d?"
)
_LOOKALIKES = str.maketrans("10J5I", "lolsl")


def _digit_in_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`a11` for `all`; not `8th`, `1920s`, `A4` or an address."""
    for passage in passages:
        for found in _DIGIT.finditer(passage.text):
            if not _MEASURED.fullmatch(found[0]):
                advice = _perhaps(found[0], words)
                yield _spot(
                    "scan-digit-in-word",
                    passage,
                    found.start(),
                    f"“{found[0]}” has a digit inside a word",
                    advice,
                )


def _perhaps(word: str, words: Words) -> str:
    """Suggest the word with its lookalikes put back, if the text knows such a word."""
    guess = word.translate(_LOOKALIKES)
    known = guess != word and words.counts.get(guess.casefold())
    return f"Perhaps “{guess}” is meant." if known else "Compare it with the page."


_CAPITALS = re.compile(
    r"(?<![\w’'.@/-])(?=\w{3,40}(?!\w))\w*?(?:[a-zß-ÿ][A-ZÀ-Þ]|[A-ZÀ-Þ]{2}[a-zß-ÿ]{2})\w*+(?![@/]|\.\w)"
)
_JOINED = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?:[A-ZÀ-Þ][a-zß-ÿ]+)+$")
_NAME_PREFIX = re.compile(r"(?:Mc|Mac|Fitz|De|Del|Della|Des|Di|Du|Da|La|Le|Van|Von|Ver|Ap|Saint|O)[A-ZÀ-Þ]")
_INITIALS = re.compile(
    r"[A-ZÀ-Þ]{2,}(?:s|ed|er|ers|ing|ism|ist|ists|ian|ish|th)$|[a-z][A-Z]|[A-Z]\w*[A-Z]s?$"
)
_OFTEN = 3
"""A spelling met this often is the author's."""


def _run_together(passages: Texts, words: Words) -> Iterator[Spot]:
    """`EastGerman` for `East German`; not `McKay`."""
    for passage, found in _odd_capitals(passages, words):
        if _JOINED.match(found[0]):
            pieces = re.findall(r"[A-ZÀ-Þ][a-zß-ÿ]+", found[0])
            advice = f"Perhaps “{'-'.join(pieces)}” or “{' '.join(pieces)}” is meant."
            yield _spot(
                "scan-run-together",
                passage,
                found.start(),
                f"“{found[0]}” may be two words run together",
                advice,
            )


def _capital_in_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`AJl` for `All`; not `SRs` or `PhD`."""
    for passage, found in _odd_capitals(passages, words):
        if not _JOINED.match(found[0]) and not _INITIALS.match(found[0]):
            advice = _perhaps(found[0], words)
            yield _spot(
                "scan-odd-capitals",
                passage,
                found.start(),
                f"“{found[0]}” has a capital inside a word",
                advice,
            )


def _odd_capitals(passages: Texts, words: Words) -> Iterator[tuple[Passage, re.Match[str]]]:
    for passage in passages:
        for found in _CAPITALS.finditer(passage.text):
            if not _NAME_PREFIX.match(found[0]) and words.counts.get(found[0].casefold(), 0) < _OFTEN:
                yield passage, found


_FIRST_WORDS = frozenset(
    "a an i in on no so to be by for any some every over under with out up off all may can it he me we is as "
    "at or if my not per well self non".split()
)
_LINE_END = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-ZÀ-Þ])")


def _split_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`ta ble` where `table` is known and `ble` is not, and words that a line end cuts."""
    for passage in passages:
        text = passage.text
        for found in _LINE_END.finditer(text):
            spot = _around(text, found.start(), found.end()).replace("- ", "-")
            advice = "In the book it would read with a space after the hyphen: join it."
            yield _spot(
                "scan-split-word", passage, found.start(), f"“{spot}” is cut by the end of a line", advice
            )
        for left, right in pairwise(_LETTERS.finditer(text)):
            if text[left.end() : right.start()] in (" ", "\n") and _is_split(left[0], right[0], words.counts):
                joined = left[0] + right[0]
                sentence = f"“{left[0]} {right[0]}” may be one word"
                yield _spot(
                    "scan-split-word", passage, left.start(), sentence, f"Perhaps “{joined}” is meant."
                )


def _is_split(left: str, right: str, counts: Mapping[str, int]) -> bool:
    """Two rare pieces of a word that the text uses, or whose beginning it uses."""
    one, two = left.casefold(), right.casefold()
    if len(one) < 2 or len(one + two) > 40 or one in _FIRST_WORDS or not right.islower():
        return False
    alone = (counts.get(one, 0) == 1) + (counts.get(two, 0) == 1)
    if alone and len(two) > 1 and counts.get(one + two):
        return True
    ends = range(len(one) + 3, len(one + two))
    return alone == 2 and len(one) > 2 and any(counts.get((one + two)[:end]) for end in ends)


_AFTER_DASH = (
    "the|and|which|as|that|would|yet|but|is|was|were|are|whose|it|they|he|she|we|this|these|those|because|"
    "though|although|since|than|or|had|has|could|should|then|their|its|his"
)
_LOST_DASH = re.compile(
    rf"(?<=[^\W\d_])(?<!either)(?<!and)-(?=(?:{_AFTER_DASH})(?![\w’'-]))"
    r"|(?<![\w-])(?:1[4-9]|20)\d\d-(?=[a-z]{2,20}(?![\w-]))(?!style|era|vintage|type|model|born|built|present|date)"
)
_HALF_DASH = re.compile(r"(?<=\w)- (?=[^\W\d_])(?!(?:and|or|to|und|oder|bis|et|ou|y|o|e|en|of)\b)")


def _lost_dash(passages: Texts, words: Words) -> Iterator[Spot]:
    """`house-the` for `house–the`, `house- which`; not `pre- and post-war` or `rock-and-roll`."""
    for passage in passages:
        for found in _LOST_DASH.finditer(passage.text) if words.language == "en" else ():
            yield _dash(passage, found)
        for found in _HALF_DASH.finditer(passage.text):
            yield _dash(passage, found)


def _dash(passage: Passage, found: re.Match[str]) -> Spot:
    shown = _around(passage.text, found.start(), found.end()).strip(".,;:()“”‘’")
    advice = "If so, write – or — for the hyphen."
    return _spot("scan-lost-dash", passage, found.start(), f"“{shown}” may have lost a dash", advice)


_QUOTE = re.compile(r"[“”]|(?<!\w)‘|’(?!\w)")
_STRAIGHT = re.compile(r"(?<!\d)\"")


def _quotes(passages: Texts, words: Words) -> Iterator[Spot]:
    """Quotation marks that have no partner in their paragraph."""
    for passage, below in zip(passages, [*passages[1:], None], strict=True):
        opens = below.first.text[:1] if below else ""
        yield from _straight(passage, opens)
        if not words.low_quotes:
            yield from _curly(passage, opens)


def _straight(passage: Passage, opens: str) -> Iterator[Spot]:
    marks = [found.start() for found in _STRAIGHT.finditer(passage.text)]
    if len(marks) % 2 and opens != '"':
        shown = _around(passage.text, marks[-1], marks[-1])
        sentence = f"The paragraph of “{shown}” has an odd number of quotation marks"
        yield _spot("scan-quotes", passage, marks[-1], sentence, "Is one missing?")


def _curly(passage: Passage, opens: str) -> Iterator[Spot]:
    """Follow the marks; a paragraph may leave its quotation open if the next one opens it again."""
    still_open: list[tuple[str, int]] = []
    for found in _QUOTE.finditer(passage.text):
        mark, at = found[0], found.start()
        if mark in "“‘":
            still_open.append((mark, at))
        elif mark == "”":
            yield from _close(passage, still_open, at)
        elif still_open and still_open[-1][0] == "‘":
            still_open.pop()
    left = [at for mark, at in still_open if mark == "“"]
    if left and opens != "“":
        sentence = f"The quotation {_from(passage, left[-1])} is never closed"
        yield _spot("scan-quotes", passage, left[-1], sentence, "Is a ” missing?")


def _close(passage: Passage, still_open: list[tuple[str, int]], at: int) -> Iterator[Spot]:
    """Take the partner of a ” off `still_open`, or tell that there is none."""
    if any(mark == "“" for mark, _ in reversed(still_open)):
        while still_open.pop()[0] != "“":
            pass
    elif still_open:
        sentence = f"The quotation {_from(passage, still_open.pop()[1])} opens with ‘ and closes with ”"
        yield _spot("scan-quotes", passage, at, sentence, "Make the two marks a pair.")
    else:
        shown = _around(passage.text, at, at + 1)
        advice = "Is an opening “ missing, or is this mark one too many?"
        yield _spot("scan-quotes", passage, at, f"{shown} closes a quotation that was not opened", advice)


def _from(passage: Passage, at: int) -> str:
    """Name a quotation by its first words, with its mark."""
    cut = passage.text[at : at + 32]
    return " ".join(cut.split()[:4]) + " …"


_ELLIPSIS = re.compile(r"…[ ]?\.|\.…|\.(?: \.){2,}|\.{4,}")


def _ellipsis(passages: Texts, _: Words) -> Iterator[Spot]:
    """`….` and `. . .`, once for each line."""
    for passage in passages:
        told = 0
        for found in _ELLIPSIS.finditer(passage.text):
            shown = _around(passage.text, found.start(), found.end())
            spot = _spot(
                "scan-ellipsis", passage, found.start(), f"“{shown}” spells an ellipsis with its own dots"
            )
            if spot.line != told:
                yield replace(spot, advice="Write … alone, or … and a full stop, the same way throughout.")
            told = spot.line


_MAY_DOUBLE = frozenset("had that very no so ha nous vous die das der en".split())


def _doubled_word(passages: Texts, _: Words) -> Iterator[Spot]:
    """`the the`; not `had had`, nor names such as Sirhan Sirhan."""
    for passage in passages:
        for left, right in pairwise(_LETTERS.finditer(passage.text)):
            between = passage.text[left.end() : right.start()]
            same = left[0].casefold() == right[0].casefold() and not right[0][0].isupper()
            if same and between in (" ", "\n") and right[0] not in _MAY_DOUBLE:
                sentence = f"“{left[0]} {right[0]}” stands twice"
                yield _spot(
                    "scan-doubled-word", passage, left.start(), sentence, "Delete one, unless both are meant."
                )


def _lost_character(passages: Texts, _: Words) -> Iterator[Spot]:
    """U+FFFD stands where a program before this one could not read a character."""
    for passage in passages:
        for found in re.finditer("\ufffd+", passage.text):
            shown = _around(passage.text, found.start(), found.end())
            yield _spot(
                "scan-lost-character",
                passage,
                found.start(),
                f"A character was lost in “{shown}”",
                "Write it anew.",
            )


_KINDS: tuple[Callable[[Texts, Words], Iterator[Spot]], ...] = (
    _digit_in_word,
    _run_together,
    _capital_in_word,
    _split_word,
    _lost_dash,
    _quotes,
    _ellipsis,
    _doubled_word,
    _lost_character,
)


# --- Breaks the source only shows by its layout -------------------------------------------------------------


def _gaps(sections: Iterable[Section]) -> Iterator[Spot]:
    """Tell where the source leaves more room than usual above a paragraph: a lost break or heading."""
    below = [passage for section in sections for passage in section.passages[1:]]
    usual = Counter(passage.gap for passage in below).most_common(1)
    wide = [passage for passage in below if passage.gap > usual[0][0]]
    if 4 * len(wide) <= len(below):
        for passage in wide[:_MOST_SPOTS]:
            sentence = f"The source leaves a wider gap above {_clip(passage.first.text)}"
            yield _spot(
                "text-gap",
                passage,
                0,
                sentence,
                "If a scene break is meant, write *** above it.",
            )


def _scene_breaks(sections: Iterable[Section]) -> Iterator[Spot]:
    """Tell of signs that stand alone, such as `* * *`, and of a heading above another heading."""
    found = (passage for section in sections for passage in section.passages if _is_sign(passage))
    for passage in islice(found, _MOST_SPOTS):
        sentence = f"“{passage.text}” stands alone and was kept as these characters"
        yield _spot("text-scene-break", passage, 0, sentence, "If a scene break is meant, write *** for it.")
    for above, _ in pairwise(sections):
        if above.passages and _looks_like_heading(above.passages[-1]):
            sentence = (
                f"{_clip(above.passages[-1].text)} stands alone above a heading and was kept as a paragraph"
            )
            yield _spot(
                "text-heading", above.passages[-1], 0, sentence, "If it is a heading, write # before it."
            )


def _is_sign(passage: Passage) -> bool:
    return len(passage.text) <= 20 and not any(map(str.isalnum, passage.text))
