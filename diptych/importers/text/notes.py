"""Notes: the section at the end that holds their texts, and the calls in the text above it.

It deliberately makes up no text and moves no call. A number out of sequence is told and stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from diptych.importers.text.passages import Line, Passage
from diptych.importers.text.sections import Section, is_heading
from diptych.importers.text.shapes import CALL, YEAR, is_notes_heading
from diptych.importers.text.spots import Spot, around

NoteTexts = Mapping[int, tuple[Passage, ...]]
"""The paragraphs of each note that has a text, by number."""

Calls = Mapping[tuple[int, int], int]
"""Where notes are called: (line of the source, offset in it) -> number of the note."""

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


def cut_notes(passages: list[Passage]) -> tuple[list[Passage], NoteTexts]:
    """Take the notes section off the end. What follows it under a heading of its own stays with the text."""
    at = max((n for n, passage in enumerate(passages) if is_notes_heading(passage.first.text)), default=-1)
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
    after = (n for n, passage in enumerate(section) if passage.first.number > last and is_heading(section, n))
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


def find_calls(sections: Iterable[Section], texts: NoteTexts) -> tuple[Calls, list[Spot]]:
    """Find the calls that run in sequence, and tell of those that do not.

    A number may be skipped only if it never comes and the one after it has a text: that call was lost.
    """
    found = [
        (line, match) for section in sections for line in section.lines for match in CALL.finditer(line.text)
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
        elif match[1] != "0" and not YEAR.fullmatch(match[1]):
            strays.append(_stray(line, match, last + 1))
    return calls, strays


def _stray(line: Line, found: re.Match[str], due: int) -> Spot:
    return Spot(
        "note-out-of-sequence",
        line.number,
        f"“{around(line.text, found.start(), found.end())}” looks like a note, but note {due} is due; "
        f"it was left as it is (line {line.number} of the source).",
        f"If it is a note, write [^{found[1]}] for it and its text at the end of the file.",
    )
