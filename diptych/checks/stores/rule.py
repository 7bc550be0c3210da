"""What a rule of a shop is: whose it is, how much it matters, how it is looked for, what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from diptych.checks.opened import Opened
from diptych.problems import Severity


@dataclass(frozen=True)
class Found:
    """One breach: in which file of the EPUB, on which of its lines, what stands there; `what` fills the sentence."""

    file: str = ""
    what: str = ""
    line: int = 0
    near: str = ""


Look = Callable[[Opened], Iterable[Found]]


@dataclass(frozen=True)
class Rule:
    """A rule of one shop or more: `{}` in its sentence is what was found, `{shop}` the shop's name."""

    shops: str
    severity: Severity
    what: str
    look: Look
    sentence: str
    advice: str = ""


def one(test: Callable[[Opened], bool], file: str = "") -> Look:
    """Look at the EPUB as a whole."""

    def look(book: Opened) -> Iterator[Found]:
        if test(book):
            yield Found(file)

    return look
