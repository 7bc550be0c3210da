"""Where the lines of a paragraph end: the whole of it is weighed, not one line after the other.

Donald E. Knuth and Michael F. Plass, "Breaking Paragraphs into Lines", Software: Practice and Experience 11 (1981). A
line is bad as the cube of how far its spaces are from their own width; a hyphen costs, several in a row cost more. What
is chosen is the way through all places where a line may end on which the sum of it is least.

Widths are in any one unit. Nothing here knows faces, or how a line is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

_STRETCH, _SHRINK = 0.5, 0.25
"""How much of its width a space gains in a line that is one unit loose, and what it may lose at most."""

_LINE, _HYPHEN, _IN_A_ROW, _LAST, _UNEVEN, _RUNT = 10.0, 200.0, 80000.0, 5_000.0, 5_000.0, 100_000.0
"""What a line costs by itself, and in demerits a hyphen (squared), one under another, one in the last line but one, a
tight line by a loose one, a last line that is hardly there; the first five as in TeX, which they were chosen for."""

_MOST_HYPHENS = 3
"""In a row, at most (Chicago Manual of Style, 2.113); a way with more is taken only where there is no other."""

_WORST = 10_000.0
_SHORT = 0.09
"""The part of the measure that a last line should fill: four or five letters."""


class Chance(NamedTuple):
    """A place where a line may end.

    `ends` is the width of everything before it without the spaces that vanish there, `begins` that of everything before
    the first letter behind it, both from the paragraph's beginning; `inner` and `before` count the spaces in them.
    `hyphen` is the width of the hyphen that ends such a line, or 0.
    """

    at: int
    ends: float
    begins: float
    inner: int
    before: int
    hyphen: float = 0.0


@dataclass(frozen=True)
class Measure:
    """How wide the paragraph's first line is, and the others; and its space."""

    first: float
    rest: float
    space: float


@dataclass(slots=True)
class _Node:
    """The best way to a place: its number, the demerits so far, the hyphens in a row, how tight its last line is."""

    number: int
    demerits: float
    hyphens: int
    fitness: int
    before: _Node | None


def choose(chances: Sequence[Chance], measure: Measure, worst: float) -> tuple[Chance, ...] | None:
    """Give the ends of all lines, the last one's included; None where some line would be worse than `worst`.

    The first of the chances is the paragraph's beginning, the last its end. A badness of 100 is a line whose spaces are
    half as wide again as they should be.
    """
    active = [_Node(0, 0.0, 0, 1, None)]
    end = len(chances) - 1
    for number in range(1, end + 1):
        best: dict[tuple[int, int], _Node] = {}
        chance = chances[number]
        alive: list[_Node] = []
        for node in active:
            begun = chances[node.number]
            width = measure.rest if node.number else measure.first
            spaces = chance.inner - begun.before
            natural = chance.ends - begun.begins
            if natural - spaces * measure.space * _SHRINK > width:
                continue  # and so is every line that ends still later
            alive.append(node)
            fit = _fit(natural + chance.hyphen, width, spaces * measure.space, last=number == end)
            if fit[0] <= worst:
                _keep(
                    best, _next(node, number, chance, fit, end=number == end, short=natural < _SHORT * width)
                )
        active = [*alive, *best.values()]
        if not active:
            return None
    ways = [node for node in active if node.number == end]
    return _ends(min(ways, key=lambda node: node.demerits), chances) if ways else None


def _fit(natural: float, width: float, spaces: float, *, last: bool) -> tuple[float, int]:
    """Give a line's badness and how tight it is, from 0 (tight) to 3 (very loose)."""
    missing = width - natural
    if last:
        return (0.0, 1) if missing >= 0 else (inf, 0)
    if missing >= 0:
        ratio = missing / (spaces * _STRETCH) if spaces else inf
        badness = min(100 * ratio**3, _WORST)
        return badness, 1 if ratio < 0.5 else 2 if ratio < 1 else 3
    ratio = -missing / (spaces * _SHRINK) if spaces else inf
    return (100 * ratio**3 if ratio <= 1 else inf), 0 if ratio > 0.5 else 1


def _next(
    node: _Node, number: int, chance: Chance, fit: tuple[float, int], *, end: bool, short: bool
) -> _Node:
    badness, fitness = fit
    demerits = (_LINE + badness) ** 2
    hyphens = node.hyphens + 1 if chance.hyphen else 0
    if hyphens:
        demerits += _HYPHEN**2 + _IN_A_ROW * (hyphens - 1)
    if hyphens > _MOST_HYPHENS:
        demerits += _WORST**2
    if abs(fitness - node.fitness) > 1:
        demerits += _UNEVEN
    if end:
        demerits += (_LAST if node.hyphens else 0) + (_RUNT if short else 0)
    return _Node(number, node.demerits + demerits, min(hyphens, _MOST_HYPHENS + 1), fitness, node)


def _keep(best: dict[tuple[int, int], _Node], node: _Node) -> None:
    key = (node.hyphens, node.fitness)
    if key not in best or node.demerits < best[key].demerits:
        best[key] = node


def _ends(node: _Node, chances: Sequence[Chance]) -> tuple[Chance, ...]:
    found: list[Chance] = []
    while node.before is not None:
        found.append(chances[node.number])
        node = node.before
    return tuple(reversed(found))
