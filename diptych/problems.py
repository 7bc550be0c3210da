"""What is wrong with a book, said as values.

A problem is neither an exception nor a log line: it has a place, a stable code word, one sentence in the author's
terms and a hint that says what to do. Whoever finds one returns it; only the command line prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]
"""An error stops the build; a warning does not; a hint is worth a look."""

_WEIGHT: dict[str, int] = {"error": 0, "warning": 1, "hint": 2}


@dataclass(frozen=True, order=True)
class Place:
    """Where in the author's files: `file` as the author would type it, `line` from 1, or 0 for the whole file."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        """Give `book/03-war.md:41`, the form that editors open."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing to tell the author: `sentence` says what is wrong, `hint` what to do about it."""

    severity: Severity
    code: str
    place: Place
    sentence: str
    hint: str = ""

    def __str__(self) -> str:
        """Give one line for a person."""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.place}: {self.severity}: {self.sentence}{hint} [{self.code}]"


class BookError(Exception):
    """Nothing more can be done with this book. Carries the problems that say why; never shown as a traceback."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[BookError], tuple[tuple[Problem, ...]]]:
        """Cross from a worker process whole."""
        return type(self), (self.problems,)


class MissingProgramError(BookError):
    """A program that was asked for is not on this machine. The problems say how to get it."""

    exit_code = 3


def error(code: str, place: Place, sentence: str, hint: str = "") -> Problem:
    """Make a problem that stops the build."""
    return Problem("error", code, place, sentence, hint)


def warning(code: str, place: Place, sentence: str, hint: str = "") -> Problem:
    """Make a problem that is told, but does not stop a draft."""
    return Problem("warning", code, place, sentence, hint)


def hint(code: str, place: Place, sentence: str, advice: str = "") -> Problem:
    """Make a remark worth a look."""
    return Problem("hint", code, place, sentence, advice)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by place, then by weight, each problem once."""
    return tuple(
        sorted(set(problems), key=lambda p: (p.place, _WEIGHT[p.severity], p.code, p.sentence, p.hint))
    )


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Keep those that stop a build."""
    return tuple(problem for problem in problems if problem.severity == "error")
