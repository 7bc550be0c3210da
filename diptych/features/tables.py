"""Tables: alignment as classes instead of inline styles, header cells that say what they head, room for wide ones."""

from __future__ import annotations

import re
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
