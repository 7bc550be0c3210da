"""A finished EPUB, asked of Ace by DAISY whether everybody can read it; what it says is told in the author's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diptych import tools
from diptych.catalogue import prefix
from diptych.model import Chapter
from diptych.problems import Place, Problem, Severity

_SEVERITY: dict[str, Severity] = {"critical": "error", "serious": "error"}
"""What locks a reader out is an error; Ace's moderate and minor findings are advice."""


def check(data: bytes, name: str, chapters: Sequence[Chapter]) -> tuple[Problem, ...]:
    """Give what Ace objects to, each rule once for a document. Raises MissingProgramError where Ace cannot run."""
    sources = {f"{prefix(chapter.slug)}.xhtml": chapter.source for chapter in chapters}
    together: dict[tuple[str, str, str], list[tools.AceFinding]] = {}
    for finding in tools.ace(data):
        together.setdefault((finding.path, finding.rule, finding.what), []).append(finding)
    return tuple(_problem(found, name, sources) for found in together.values())


def _problem(found: Sequence[tools.AceFinding], name: str, sources: Mapping[str, str]) -> Problem:
    first = found[0]
    file = first.path.rsplit("/", 1)[-1]
    often = f", {len(found)} times" if len(found) > 1 else ""
    return Problem(
        _SEVERITY.get(first.impact, "warning"),
        f"ace-{first.rule}",
        Place(sources.get(file, f"{name}:{file}")),
        f"Ace says{often}: {first.what}",
        f"It means: {first.element}" if first.element else "",
    )
