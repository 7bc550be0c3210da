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
from typing import Literal, NamedTuple

_STRETCH, _SHRINK = 0.5, 0.25
"""How much of its width a space gains in a line that is one unit loose, and what it may lose at most, as a rule."""

_LINE, _HYPHEN, _IN_A_ROW, _LAST, _UNEVEN, _RUNT = 10.0, 200.0, 80_000.0, 5_000.0, 5_000.0, 400_000.0
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
    `hyphen` is the width of the hyphen that ends such a line, or 0. `hangs` is how far a line that ends here may stand
    over the edge, `leads` how far the next one may at its beginning.
    """

    at: int
    ends: float
    begins: float
    inner: int
    before: int
    hyphen: float = 0.0
    hangs: float = 0.0
    leads: float = 0.0


@dataclass(frozen=True)
class Measure:
    """How wide the paragraph's first line is, and the others; its space, and the part of it that a line may lose.

    `last` says how its last line ends: where it likes, or full, because the paragraph goes on elsewhere.
    """

    first: float
    rest: float
    space: float
    shrink: float = _SHRINK
    last: Literal["free", "full"] = "free"


class _Node(NamedTuple):
    """The best way to a place: its number, the demerits so far, the hyphens in a row, how tight its last line is.

    The line that begins there is full where `room` ends, counted from the paragraph's beginning; `spaces` stand before.
    It can be squeezed no further than to `least`, and spread no further than to `most` (see `_Limits`).
    """

    number: int
    demerits: float
    hyphens: int
    fitness: int
    before: _Node | None
    room: float
    spaces: int
    least: float
    most: float


class _Limits(NamedTuple):
    """What each space of a line may lose and gain, and how far a line may stand over the edge.

    How far it may be squeezed and spread is told as a number that grows with its words and does not depend on where it
    begins, so that one look tells whether any line may end at a place.
    """

    shrink: float
    stretch: float
    hangs: float

    def of(self, room: float, spaces: int) -> tuple[float, int, float, float]:
        """Give what is to be known of a line: its room, the spaces before it, both limits."""
        most = -inf if self.stretch == inf else room + spaces * self.stretch
        return room, spaces, room - spaces * self.shrink, most


def choose(chances: Sequence[Chance], measure: Measure, worst: float) -> tuple[Chance, ...] | None:
    """Give the ends of all lines, the last one's included; None where some line would be worse than `worst`.

    The first of the chances is the paragraph's beginning, the last its end. A badness of 100 is a line whose spaces are
    half as wide again as they should be.
    """
    last, active = chances[-1], _open(chances, measure, worst)
    if measure.last == "full":
        full = _ways(active, last, measure, worst, inf).values()
        return (*_ends(min(full, key=lambda way: way[0])[1], chances), last) if full else None
    ways = [(_closed(node, chances, measure), n) for n, node in enumerate(active) if last.ends <= node.room]
    return (*_ends(active[min(ways)[1]], chances), last) if ways else None


def _open(chances: Sequence[Chance], measure: Measure, worst: float) -> list[_Node]:
    """Give the ways to all places at which the last line may begin."""
    first = chances[0]
    limits = _limits(chances, measure, worst)
    shrink, stretch, hanging = limits
    active = [_Node(0, 0.0, 0, 1, None, *limits.of(measure.first + first.begins + first.leads, first.before))]
    least, most = active[0].least, active[0].most
    for number, chance in enumerate(chances[1:-1], 1):
        _, ends, begins, inner, before, hyphen, hangs, leads = chance
        tight = ends - inner * shrink - hanging
        if tight > least:
            active = [node for node in active if tight <= node.least]
            least, most = _nearest(active)
        far = ends + hyphen - hangs + inner * stretch
        if far < most < inf:
            continue
        line = limits.of(measure.rest + begins + leads, before)
        for (hyphens, fitness), (demerits, node) in _ways(active, chance, measure, worst, far).items():
            active.append(_Node(number, demerits, hyphens, fitness, node, *line))
        if not active:
            break
        least, most = _nearest(active)
    return active


def _limits(chances: Sequence[Chance], measure: Measure, worst: float) -> _Limits:
    """Give what the spaces of lines may lose, and gain until a line is worse than `worst`, or a trifle more."""
    stretch = _STRETCH * (worst / 100) ** (1 / 3) * (1 + 1e-6) if worst < _WORST else inf
    hangs = max(chance.hangs for chance in chances)
    return _Limits(measure.space * measure.shrink, measure.space * stretch, hangs)


def _nearest(active: Sequence[_Node]) -> tuple[float, float]:
    """Give the limits of the lines that reach their own first; none where there are no lines."""
    return min((node.least for node in active), default=inf), min((node.most for node in active), default=inf)


def _ways(
    active: Sequence[_Node], chance: Chance, measure: Measure, worst: float, far: float
) -> dict[tuple[int, int], tuple[float, _Node]]:
    """Give the best ways to a place: one for each number of hyphens in a row and each tightness of the last line.

    Lines that cannot be spread so `far` are passed over.
    """
    best: dict[tuple[int, int], tuple[float, _Node]] = {}
    space = measure.space
    edge, inner, broken = chance.ends + chance.hyphen - chance.hangs, chance.inner, chance.hyphen > 0
    number, badness, fitness = -1, inf, 0
    for node in active:
        if node.most > far:
            continue
        if node.number != number:
            number = node.number
            badness, fitness = _fit(node.room - edge, (inner - node.spaces) * space, measure.shrink)
        if badness > worst:
            continue
        demerits = node.demerits + (_LINE + badness) ** 2
        hyphens = node.hyphens + 1 if broken else 0
        if hyphens:
            demerits += _HYPHEN**2 + _IN_A_ROW * (hyphens - 1)
            if hyphens > _MOST_HYPHENS:
                hyphens, demerits = _MOST_HYPHENS + 1, demerits + _WORST**2
        if abs(fitness - node.fitness) > 1:
            demerits += _UNEVEN
        key = (hyphens, fitness)
        if key not in best or demerits < best[key][0]:
            best[key] = (demerits, node)
    return _worthwhile(best) if len(best) > 1 else best


def _worthwhile(
    ways: dict[tuple[int, int], tuple[float, _Node]],
) -> dict[tuple[int, int], tuple[float, _Node]]:
    """Leave out ways that cost more than the cheapest whatever comes, even if the next line is uneven with that."""
    (few, _), (least, _) = min(ways.items(), key=lambda way: way[1][0])
    return {key: way for key, way in ways.items() if key[0] < few or way[0] <= least + _UNEVEN + 1}


def _fit(missing: float, spaces: float, shrink: float) -> tuple[float, int]:
    """Give the badness of a line and how tight it is, from 0 (tight) to 3 (very loose)."""
    if missing >= 0:
        ratio = missing / (spaces * _STRETCH) if spaces else inf
        return min(100 * ratio**3, _WORST), 1 if ratio < 0.5 else 2 if ratio < 1 else 3
    ratio = -missing / (spaces * shrink) if spaces else inf
    return (100 * ratio**3 if ratio <= 1 else inf), 0 if ratio > 0.5 else 1


def _closed(node: _Node, chances: Sequence[Chance], measure: Measure) -> float:
    """Give the demerits of a way with the last line behind it, which has its spaces as they are."""
    demerits = node.demerits + _LINE**2 + (_UNEVEN if node.fitness == 3 else 0)
    if node.hyphens:
        demerits += _LAST
    if node.before and is_runt(chances[node.number], chances[-1], measure):
        demerits += _RUNT
    return demerits


def _ends(node: _Node, chances: Sequence[Chance]) -> tuple[Chance, ...]:
    found: list[Chance] = []
    while node.before is not None:
        found.append(chances[node.number])
        node = node.before
    return tuple(reversed(found))


def is_runt(begin: Chance, last: Chance, measure: Measure) -> bool:
    """Tell whether a last line, which begins behind `begin`, is hardly there: a short word, or a part of one."""
    words = last.ends - begin.begins
    return words < _SHORT * measure.rest or (begin.hyphen > 0 and last.inner == begin.before)
