"""The noun of this bench: a task is one command that makes one book, as one row of the table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bench.measuring import Step


@dataclass(frozen=True)
class Place:
    """Where a task finds its manuscript (`book/`, `whole.md` and what `sources` wrote), and where it writes."""

    manuscript: Path
    out: Path


def clear(place: Place, _turn: int = 0) -> None:
    """Make ready for a command that begins with nothing."""
    shutil.rmtree(place.out, ignore_errors=True)
    place.out.mkdir(parents=True)


@dataclass(frozen=True)
class Row:
    """What is said of a row: how it is called, what a person would type, what it makes, where its notes stand."""

    key: str
    program: str
    label: str
    typed: str
    makes: str
    notes: str

    @property
    def said(self) -> dict[str, Any]:
        """All of it, by name."""
        return {field.name: getattr(self, field.name) for field in fields(Row)}


@dataclass(frozen=True)
class Task(Row):
    """A row, and how it is run.

    `before` makes ready what is not measured: it is given the number of the round. `missing` says what this machine
    lacks for it. `once` tasks are not repeated in every round.
    """

    steps: Callable[[Place], tuple[Step, ...]]
    before: Callable[[Place, int], None] = clear
    manuscript: str = "novel"
    missing: str = ""
    version: str = ""
    once: bool = False
