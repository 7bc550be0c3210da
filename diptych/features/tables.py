"""Tables: alignment as classes instead of inline styles, header cells that say what they head, room for wide ones."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.extensions.tables import TableExtension

from diptych import tree
from diptych.words import say

_COLUMNS = 5
"""More of them are too many for a narrow screen (Kobo's guidelines warn of more than four)."""

_LETTERS = 40
"""So many letters of the longest words, side by side, fit 400 pixels in a table of `text.css`; 45 do not (Chromium)."""


def syntax() -> Extension:
    """Give Python-Markdown's own pipe tables."""
    return TableExtension()


def shape(body: Element) -> None:
    """Turn `style="text-align: x"` into a class and give header cells their scope; empty headers go."""
    for table in body.iter("table"):
        for cell in [*table.iter("th"), *table.iter("td")]:
            aligned = re.fullmatch(r"\s*text-align:\s*(left|right|center);?\s*", cell.attrib.get("style", ""))
            if aligned:
                del cell.attrib["style"]
                tree.add_class(cell, f"align-{aligned[1]}")
        head = table.find("thead")
        if head is not None and not tree.text_of(head):
            table.remove(head)
        for cell in table.iterfind("thead//th"):
            if tree.text_of(cell) or len(cell):
                cell.attrib.setdefault("scope", "col")
            else:
                cell.tag = "td"  # the empty corner heads nothing
        for row in table.iter("tr"):
            # Of those that HTML brings without a thead: a row of nothing else heads the columns.
            kind = "row" if row.find("td") is not None else "col"
            for cell in row.iterfind("th"):
                cell.attrib.setdefault("scope", kind)


def widen(body: Element, language: str) -> None:
    """Put each wide table into a box that can be scrolled sideways, in a tree that nobody else holds.

    Where a reader knows no boxes that scroll, the stylesheet lets the table's words break instead: nothing is cut off.
    The box has a name and takes the focus, so that a keyboard can scroll it (WCAG 2.1.1).
    """
    found = [(e, parent) for e, parent in tree.with_parents(body) if e.tag == "table"]
    for n, (table, parent) in enumerate(found, 1):
        if not is_wide(table):
            continue
        caption = table.find("caption")
        words = "" if caption is None else tree.text_of(caption, lambda e: "noteref" in tree.classes(e))
        box = tree.make("div", "", {"class": "wide-table", "role": "region", "tabindex": "0"})
        box.set("aria-label", words or f"{say('table', language)} {n}")
        tree.replace(parent, table, box)
        table.tail = None
        box.append(table)


def is_wide(table: Element) -> bool:
    """Whether a narrow screen has no room for a table: it has many columns, or long words side by side."""
    longest: list[int] = []
    for row in table.iter("tr"):
        at = 0
        for cell in row:
            span = min(100, max(1, int(cell.get("colspan", "1"))))
            longest += [0] * (at + span - len(longest))
            if span == 1:
                word = max(map(len, tree.text_of(cell).split()), default=0)
                longest[at] = max(longest[at], word)
            at += span
    return len(longest) > _COLUMNS or sum(longest) > _LETTERS


# --- How much room a table asks for, on pages -------------------------------------------------------------------------

LINE = 1.4
"""The height of a line of a table, in ems of its type."""

ROW = 0.7
"""What a row takes besides its lines: padding, and the rule below it."""

_GAP = 0.7
"""What stands between two columns."""

_MOST_LINES = 6
"""A column is not comfortable where a cell needs more lines than these, unless a single word is as wide."""

_WIDTHS = {
    **dict.fromkeys("iljtfr.,:;'’‘|!()[]/I ·", 0.34),
    **dict.fromkeys("mwMW@—%…", 0.92),
    **dict.fromkeys("ABCDEFGHKLNOPQRTUVXYZ&", 0.7),
}
"""Widths of letters in ems, on the safe side for the faces of the press; every other letter of an alphabet has 0.56."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table in ems: each one's longest word, and its longest cell on one line."""

    words: tuple[float, ...]
    cells: tuple[float, ...]

    @property
    def least(self) -> float:
        """The width below which words would have to break."""
        return sum(self.words) + _GAP * max(0, len(self.words) - 1)

    @property
    def comfortable(self) -> float:
        """The width at which no cell has many short lines."""
        pairs = zip(self.words, self.cells, strict=True)
        return sum(max(word, cell / _MOST_LINES) for word, cell in pairs) + _GAP * max(0, len(self.words) - 1)

    def height(self, row: Element, width: float) -> float:
        """Give the height of a row of a table that is so wide, in ems."""
        spare = max(0.0, width - self.least)
        wished = [max(0.0, cell - word) for word, cell in zip(self.words, self.cells, strict=True)]
        whole = sum(wished) or 1.0
        widths = [word + spare * wish / whole for word, wish in zip(self.words, wished, strict=True)]
        needed = [lines(cell, sum(widths[at : at + span])) for cell, at, span in _cells(row)]
        return max(needed, default=1) * LINE + ROW


def columns(table: Element) -> Columns:
    """Measure a table; cells that span several columns count in none."""
    words: dict[int, float] = {}
    whole: dict[int, float] = {}
    for row in table.iter("tr"):
        for cell, at, span in _cells(row):
            text = tree.text_of(cell, _apart) if span == 1 else ""
            bold = 1.08 if cell.tag == "th" else 1.0
            for n in range(at, at + span):
                words[n] = max(words.get(n, 0.0), bold * max(map(_ems, text.split()), default=0.0))
                whole[n] = max(whole.get(n, 0.0), bold * _ems(text), _pictured(cell))
    return Columns(tuple(words[n] for n in sorted(words)), tuple(whole[n] for n in sorted(whole)))


def lines(block: Element, width: float) -> int:
    """Give how many lines a text takes in a column so wide, in ems."""
    return max(1, math.ceil(_ems(tree.text_of(block, _apart)) * 1.1 / max(width, 1.0)))


def _cells(row: Element) -> Iterator[tuple[Element, int, int]]:
    """Give the cells of a row, each with its column and the number of columns that it spans."""
    at = 0
    for cell in row:
        span = min(100, max(1, int(cell.get("colspan", "1"))))
        yield cell, at, span
        at += span


def _apart(element: Element) -> bool:
    return element.tag == "aside"


def _pictured(cell: Element) -> float:
    """Give formulas and pictures some room; they shrink with their column."""
    return 4.0 * sum(1 for _ in cell.iter("img"))


def _ems(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else _WIDTHS.get(c, 0.56) for c in text)
