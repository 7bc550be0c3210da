"""What stands above the text: the title, and below it subtitle, author and publication in any order.

It deliberately takes nothing for an author that could as well be the heading of the first section.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from diptych.importers.text.names import is_name, is_unsigned_name
from diptych.importers.text.passages import Line, Passage, empty
from diptych.importers.text.shapes import CALL, SENTENCE_END, YEAR
from diptych.importers.text.spots import clip
from diptych.model import File
from diptych.problems import BookError, Place, Problem, error

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
_HEADING_LINES = 12
_TITLE_WORDS = 25

TITLE_LENGTH = 200
"""What is longer than this is a paragraph."""


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
        return min(map(int, YEAR.findall(self.publication)), default=0)


def cut_heading(passages: list[Passage], source: File) -> tuple[Heading, list[Passage]]:
    """Take title, author and publication off the top; raise if there is no title."""
    if not passages:
        raise BookError([empty(source, 0, "The text is empty.")])
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


def _may_be_title(title: Line, below: Sequence[Line]) -> bool:
    """A long line, or one that runs on into the next, is the text itself."""
    runs_on = len(title.text) > 45 and bool(below) and below[0].text[:1].islower()
    return len(title.text) <= TITLE_LENGTH and len(title.text.split()) <= _TITLE_WORDS and not runs_on


def _no_title(source: File, line: Line) -> Problem:
    return error(
        "text-without-title",
        Place(source.path, line.number),
        f"The text begins with a paragraph ({clip(line.text)}), not with a title.",
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
    """Take a line for a subtitle if it touches the title, or if author or publication follow.

    A line that calls a note is text: book.toml has no place for the note.
    """
    first = rest[at].first
    if len(first.text) > TITLE_LENGTH or SENTENCE_END.search(first.text) or CALL.search(first.text):
        return None
    subtitled = replace(heading, subtitle=first.text)
    below = rest[at].lines[1:]
    if below:
        return _read_heading(subtitled, [Passage(below)], 0)
    touches = first.number == heading.title.number + 1
    follows = at + 1 < len(rest) and _read_heading(subtitled, rest, at + 1) is not None
    return subtitled if touches or follows else None


def _is_publication(text: str) -> bool:
    if len(text) > TITLE_LENGTH:
        return False
    labelled = bool(_PUBLISHED.match(text))
    if labelled and (":" in text[:20] or YEAR.search(text)):
        return True
    dated = bool(YEAR.search(text) and _MONTH.search(text))
    return bool(dated or _ISSUE.search(text) or _ENDS_IN_YEAR.search(text)) and not SENTENCE_END.search(text)


def _is_byline(text: str) -> bool:
    if len(text) > TITLE_LENGTH:
        return False
    if signed := _BY.match(text):
        return all(1 <= len(name.split()) <= 5 and is_name(name) for name in _AND.split(text[signed.end() :]))
    return all(map(is_unsigned_name, _AND.split(text)))


def drop_repeated(passages: list[Passage], heading: Heading) -> tuple[list[Passage], int]:
    """Leave out a last line that only repeats the publication line; give its number, or 0."""
    if not passages or len(passages[-1].lines) > 1:
        return passages, 0
    last = passages[-1].first
    plain = " ".join(last.text.strip("().").casefold().split())
    known = " ".join(heading.publication.casefold().split())
    repeats = len(plain) > 3 and bool(YEAR.search(last.text) or " " in plain) and plain in known
    return (passages[:-1], last.number) if repeats else (passages, 0)
