"""The bars that diptych is held to: each the ratio of two figures of one run, and the most or least it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bench.records import Record, Results

GIB = 2**30

Figure = Callable[[Results], float | None]
"""A figure of a run, or nothing where a row that it takes is missing."""


class Bar(NamedTuple):
    """What is compared, the two figures, their bound, and whether the ratio is to stay below or above it."""

    what: str
    unit: str
    over: Figure
    under: Figure
    bound: float
    side: str = "<="


@dataclass(frozen=True)
class Verdict:
    """A bar with its figures. Without a ratio it could not be measured."""

    bar: Bar
    over: float | None
    under: float | None

    @property
    def ratio(self) -> float | None:
        """Give what the one figure is of the other."""
        return self.over / self.under if self.over is not None and self.under else None

    @property
    def met(self) -> bool | None:
        """Say whether the bar is met, or nothing where it could not be measured."""
        if self.ratio is None:
            return None
        sides = {
            "<=": self.ratio <= self.bar.bound,
            "<": self.ratio < self.bar.bound,
            ">=": self.ratio >= self.bar.bound,
        }
        return sides[self.bar.side]


def _of(key: str, figure: Callable[[Record], float | None]) -> Figure:
    def given(results: Results) -> float | None:
        found = results.get(key)
        return None if found is None else figure(found)

    return given


def seconds(key: str) -> Figure:
    """Take the median seconds of a row."""
    return _of(key, lambda row: row.seconds)


def _one_after_the_other(results: Results) -> float | None:
    each = [seconds(key)(results) for key in ("epub", "screen", "print")]
    known = [one for one in each if one is not None]
    return sum(known) if len(known) == len(each) else None


def _a_page(row: Record, whole: float | None) -> float | None:
    return whole / row.made.pages if whole is not None and row.made.pages else None


def _milliseconds(key: str) -> Figure:
    return _of(key, lambda row: _a_page(row, row.seconds and row.seconds * 1000))


def _kibibytes(key: str) -> Figure:
    return _of(key, lambda row: _a_page(row, row.tree and row.tree / 1024))


def _gibibyte(_results: Results) -> float:
    return 1.0


BARS = (
    Bar("print, cold / laid out as one document", "s", seconds("print"), seconds("print-whole"), 0.55),
    Bar("print, cold / pandoc + XeLaTeX", "s", seconds("print"), seconds("pandoc-xelatex"), 1, "<"),
    Bar("print, cold / Chromium", "s", seconds("print"), seconds("chromium"), 1, "<"),
    Bar("print, cold / Vivliostyle", "s", seconds("print"), seconds("vivliostyle"), 1, "<"),
    Bar("EPUB, cold / pandoc's EPUB", "s", seconds("epub"), seconds("pandoc-epub"), 0.5),
    Bar("three editions, cold / one after the other", "s", seconds("three"), _one_after_the_other, 1.1),
    Bar("print, one word changed / pandoc + typst", "s", seconds("print-word"), seconds("pandoc-typst"), 0.4),
    Bar("EPUB, one word changed / pandoc's EPUB", "s", seconds("epub-word"), seconds("pandoc-epub"), 0.25),
    Bar("three, nothing changed / pandoc's EPUB", "s", seconds("three-nothing"), seconds("pandoc-epub"), 0.1),
    Bar("print, pages added in chapter 2 / cold", "s", seconds("print-leaf"), seconds("print"), 0.6),
    Bar("time a page: huge / novel", "ms", _milliseconds("huge"), _milliseconds("print"), 1.2),
    Bar("memory a page: huge / novel", "KiB", _kibibytes("huge"), _kibibytes("print"), 1.2),
    Bar("largest process, huge / 1 GiB", "GiB", _of("huge", lambda row: row.process / GIB), _gibibyte, 1),
    Bar("print, cold: one process / two", "s", seconds("print-jobs-1"), seconds("print-jobs-2"), 1.7, ">="),
)


def verdicts(results: Results) -> tuple[Verdict, ...]:
    """Hold results to every bar."""
    return tuple(Verdict(bar, bar.over(results), bar.under(results)) for bar in BARS)
