"""Sections and notes become chapter files, and what was told about lines of the source gets its lines there.

It deliberately writes no Markdown but titles, paragraphs and notes: every sign of the source that Markdown would
read as markup is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from diptych.importers.text.heading import TITLE_LENGTH
from diptych.importers.text.notes import Calls, NoteTexts
from diptych.importers.text.passages import Line, Passage
from diptych.importers.text.sections import Section
from diptych.importers.text.spots import Spot
from diptych.model import File
from diptych.problems import Place, Problem, hint, warning
from diptych.tree import slug


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chapter file, with the source line it came from, or the note whose text begins on it."""

    text: str = ""
    source: int = 0
    note: int = 0


Sheet = tuple[str, tuple[Row, ...]]
"""A chapter file before it is written: its path and its lines."""

_MISSING = "<!-- text missing -->"
_SPECIAL = re.compile(
    r"(?<=\S)\(\d{1,4}\)"
    r"|[\\*_`{]"
    r"|\$(?=\S)"
    r"|(?<=\^)\["
    r"|\[(?!(?!TOC\])[^\[\]^@!][^\[\]]{0,200}\](?![(\[:{\]]))"
    r"|<(?!=? )"
    r"|&(?=\w{1,32};|#\d|#[xX][\da-fA-F])"
    r"|~(?=~)"
)
_BEGINS = re.compile(r"[#>|:]|[-+](?=\s|$)|[-=][-=:| ]*$|/(?=//)|!(?=!!)|\?(?=\?\?)")
_COUNTS = re.compile(r"(\d{1,9})\.(?=\s|$)")
_ENTITY = {"<": "&lt;", "&": "&amp;", "~": "&#126;", ":": "&#58;", "=": "&#61;", "/": "&#47;", "?": "&#63;"}
"""Characters that no backslash saves: Python-Markdown escapes only a few (its ESCAPED_CHARS)."""

_NOTE_MARK = re.compile(r"\[\^\d+\]")
_SLUG_LENGTH = 32


def write_sheets(sections: Sequence[Section], texts: NoteTexts, calls: Calls) -> list[Sheet]:
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
    words = slug(title[:TITLE_LENGTH]).split("-")
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


def to_file(sheet: Sheet) -> File:
    """Give a chapter file's bytes."""
    path, rows = sheet
    return File(path, "".join(f"{row.text}\n" for row in rows).encode())


def placed(spots: Iterable[Spot], sheets: Iterable[Sheet]) -> Iterator[Problem]:
    """Turn lines of the source into lines of the new files. What is told twice of a line is told once."""
    places = {
        row.source: Place(path, at) for path, rows in sheets for at, row in enumerate(rows, 1) if row.source
    }
    for spot in dict.fromkeys(spots):
        yield hint(spot.code, places[spot.line], spot.sentence, spot.advice)


def note_problems(sheets: Iterable[Sheet], texts: NoteTexts, calls: Calls) -> Iterator[Problem]:
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
