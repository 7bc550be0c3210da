"""Tables: alignment as classes instead of inline styles, and header cells that say what they head."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.extensions.tables import TableExtension

from diptych import tree


def syntax() -> Extension:
    """Give Python-Markdown's own pipe tables."""
    return TableExtension()


def shape(body: Element) -> None:
    """Turn `style="text-align: x"` into a class and give header cells their scope; empty header rows go."""
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
            cell.attrib.setdefault("scope", "col")
