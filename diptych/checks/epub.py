"""A finished EPUB, asked of EPUBCheck; what it says is told in the author's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from diptych import tools
from diptych.catalogue import prefix
from diptych.model import Chapter
from diptych.problems import Place, Problem, Severity

_SEVERITY: dict[str, Severity] = {"FATAL": "error", "ERROR": "error", "WARNING": "warning"}

Lines = Mapping[str, Sequence[tuple[int, int]]]
"""By document: which of its lines come from which line of the source, in order."""


def check(
    data: bytes, name: str, chapters: Sequence[Chapter], lines: Callable[[], Lines] = dict
) -> tuple[Problem, ...]:
    """Give EPUBCheck's errors and warnings. Raises MissingProgramError where it is not installed.

    `lines` is only called when there is something to tell.
    """
    messages = [message for message in tools.epubcheck(data) if message.severity in _SEVERITY]
    known = lines() if messages else {}
    sources = {f"{prefix(chapter.slug)}.xhtml": chapter.source for chapter in chapters}
    return tuple(_problem(message, name, sources, known) for message in messages)


def _problem(message: tools.Message, name: str, sources: Mapping[str, str], lines: Lines) -> Problem:
    file = message.path.rsplit("/", 1)[-1]
    where = Place(f"{name}:{file}" if file else name)
    if file in sources:
        rows = [source for row, source in lines.get(file, ()) if row <= message.line]
        where = Place(sources[file], rows[-1] if rows else 0)
    return Problem(
        _SEVERITY[message.severity],
        f"epubcheck-{message.code}",
        where,
        f"EPUBCheck says: {message.sentence}",
        "",
    )
