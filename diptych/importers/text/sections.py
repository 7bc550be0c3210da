"""The text below the title is cut into sections at its headings.

It deliberately knows one level only, and no numbering: a line that stands alone above another heading stays a
paragraph, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diptych.importers.text.passages import Line, Passage, empty
from diptych.importers.text.shapes import CALL, SENTENCE_END
from diptych.model import File
from diptych.problems import BookError, Place, Problem, error

_HEADING_WORDS, _HEADING_LENGTH = 10, 90
_NUMERAL = re.compile(r"(?:[IVXLC]+|\d{1,3})\.?$")
_MOST_CHAPTERS = 999


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


def looks_like_heading(passage: Passage) -> bool:
    """One short line that ends in no stop and begins like a name or a number."""
    text = passage.first.text
    if len(passage.lines) > 1 or len(text) > _HEADING_LENGTH or len(text.split()) > _HEADING_WORDS:
        return False
    if _NUMERAL.match(text):
        return True
    begins = text.lstrip("“‘\"'«„¿¡(")[:1]
    return (
        (begins.isupper() or begins.isdigit())
        and not SENTENCE_END.search(text)
        and any(map(str.isalpha, text))
    )


def is_heading(passages: Sequence[Passage], at: int) -> bool:
    """A heading stands alone and has a paragraph below it."""
    follows = at + 1 < len(passages) and not looks_like_heading(passages[at + 1])
    return follows and looks_like_heading(passages[at])


def cut_sections(title: Line, body: Sequence[Passage], source: File) -> list[Section]:
    """Cut the text at its headings; what stands above the first one has the title's name."""
    cuts = [at for at in range(len(body)) if is_heading(body, at)]
    if len(cuts) > _MOST_CHAPTERS:
        raise BookError([_too_many(source, len(cuts))])
    ends = [*cuts[1:], len(body)]
    opening = tuple(body[: cuts[0]] if cuts else body)
    chapters = [
        Section(body[at].first, tuple(body[at + 1 : end])) for at, end in zip(cuts, ends, strict=False)
    ]
    if opening or CALL.search(title.text):
        return [Section(title, opening), *chapters]
    if not chapters:
        raise BookError([empty(source, title.number, "There is a title, but no text below it.")])
    return chapters


def _too_many(source: File, count: int) -> Problem:
    return error(
        "text-too-many-chapters",
        Place(source.path),
        f"{count} lines look like headings; that many chapters are not made.",
        "Cut the text into books, or close up the blank lines round what is no heading.",
    )
