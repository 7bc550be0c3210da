"""Work dealt out to processes: batches that take about as long as each other, and no more of them than are worth it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_Thing = TypeVar("_Thing")


def deal(
    things: Sequence[_Thing], size: Callable[[_Thing], int], jobs: int, worth: int
) -> list[list[_Thing]]:
    """Deal things out to so many batches at the most, the largest things first; none to an empty one.

    `worth` is the size of a batch that takes about as long as a process to start.
    """
    whole = sum(map(size, things))
    batches: list[list[_Thing]] = [[] for _ in range(max(1, min(jobs, whole // worth)))]
    filled = [0] * len(batches)
    for thing in sorted(things, key=size, reverse=True):
        least = filled.index(min(filled))
        batches[least].append(thing)
        filled[least] += size(thing)
    return [batch for batch in batches if batch]
