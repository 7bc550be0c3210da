"""A finished EPUB, asked of EPUBCheck; what it says is told in the author's file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diptych import tools
from diptych.catalogue import prefix
from diptych.model import Chapter
from diptych.problems import Place, Problem, Severity

_SEVERITY: dict[str, Severity] = {"FATAL": "error", "ERROR": "error", "WARNING": "warning"}


def check(data: bytes, name: str, chapters: Sequence[Chapter]) -> tuple[Problem, ...]:
    """Give EPUBCheck's errors and warnings. Raises MissingProgramError where it is not installed."""
    return tuple(
        _problem(message, name, chapters)
        for message in tools.epubcheck(data)
        if message.severity in _SEVERITY
    )


def _problem(message: tools.Message, name: str, chapters: Iterable[Chapter]) -> Problem:
    sources = {f"{prefix(chapter.slug)}.xhtml": chapter.source for chapter in chapters}
    file = message.path.rsplit("/", 1)[-1]
    where = f"{name}:{file}" if file else name
    return Problem(
        _SEVERITY[message.severity],
        f"epubcheck-{message.code}",
        Place(sources.get(file, where)),
        f"EPUBCheck says: {message.sentence}",
        "",
    )
