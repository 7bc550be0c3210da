"""Cures for ziamath 0.13, put in place of its own functions. Each names its fault."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from ziamath import styles
from ziamath.drawable import HLine, VLine
from ziamath.nodes.mnode import Mnode
from ziamath.nodes.mrow import Mrow
from ziamath.nodes.mtable import Mtable

_EM = 0.75
"""It takes an em for 4/3 of the type's size, so that spaces and fences of a given size come out too large."""

_height_of, _size_of = Mrow._get_height_nostretch, Mnode.size_px


def install() -> None:
    """Put them in place, as often as one likes. The class below takes the name of its tables by being there."""
    Mrow._get_height_nostretch = _height
    Mnode.size_px = _size
    styles.asdict = vars  # it copied the style of the parent, down to its leaves, for each element


def _height(self: Any, line: list[Element], **kwargs: Any) -> tuple[float, float]:
    """Measure a row without its fences. It measured the rows within twice, and those within them twice each.

    A row that is itself only measured needs no such measure, for nothing in it is to stretch.
    """
    if kwargs.get("nostretch"):
        return 0.0, 0.0
    lowest, highest = _height_of(self, line, **kwargs)
    return lowest, highest


def _size(self: Any, size: str, fontsize: float | None = None) -> float:
    found: float = _size_of(self, size, fontsize)
    return found * _EM if size.endswith(("em", "ex", "mu", "space")) else found


class _Table(Mtable, tag="mtable"):  # type: ignore[misc,call-arg]
    """A table whose cells stand where they are to: it moves one by what its first letter stands off.

    And with the lines between its columns and rows, which it does not draw.
    """

    def _setup(self, **kwargs: Any) -> None:
        super()._setup(**kwargs)
        cells = [cell for row in self.element for cell in row]
        for n, (cell, node) in enumerate(zip(cells, self.nodes, strict=True)):
            x, y = self.nodexy[n]
            self.nodexy[n] = (x if cell.get("columnalign") == "left" else x - node.bbox.xmin, y)
        self._rule(**kwargs)

    def _rule(self, **kwargs: Any) -> None:
        boxes = iter([(x, y, node.bbox) for (x, y), node in zip(self.nodexy, self.nodes, strict=True)])
        rows = [[next(boxes) for _ in row] for row in self.element]
        columns = [[row[n] for row in rows if n < len(row)] for n in range(max(map(len, rows)))]
        thick = self.units_to_points(self.font.math.consts.fractionRuleThickness)
        tops = [min(y - box.ymax for _, y, box in row) for row in rows]
        bottoms = [max(y - box.ymin for _, y, box in row) for row in rows]
        lefts = [min(x + box.xmin for x, _, box in column) for column in columns]
        rights = [max(x + box.xmax for x, _, box in column) for column in columns]
        for y in _between(self.element.get("rowlines", ""), bottoms, tops):
            self.nodes.append(HLine(self.bbox.xmax, thick, style=self.style, **kwargs))
            self.nodexy.append((0, y - thick / 2))
        for x in _between(self.element.get("columnlines", ""), rights, lefts):
            self.nodes.append(VLine(bottoms[-1] - tops[0], thick, style=self.style, **kwargs))
            self.nodexy.append((x, tops[0]))


def _between(lines: str, ends: list[float], beginnings: list[float]) -> list[float]:
    """Give the middle between neighbours where MathML's `columnlines` or `rowlines` want a line."""
    gaps = [
        (end + beginning) / 2 for (end, _), (_, beginning) in pairwise(zip(ends, beginnings, strict=True))
    ]
    return [gap for line, gap in zip(lines.split(), gaps, strict=False) if line != "none"]
