"""Drawings become pictures made of points, for readers that draw no SVG with words in it (Kindle's guidelines, 4.2).

WeasyPrint sets the words in the book's own faces, as in its PDF editions, and PDFium paints what it wrote.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pypdfium2
from lxml import etree

from diptych import tree
from diptych.model import Edition, File, Theme
from diptych.writers.pdf import layout

_WIDEST = 1800
"""Pixels of a picture's longer side: a full page of an e-reader with 300 dots per inch."""

_PAGE = 200.0
"""Millimetres of the longer side of the page that a drawing is set on; only proportions matter."""


def paint(drawing: File, theme: Theme, edition: Edition, assets: Mapping[str, File]) -> File:
    """Give a drawing as PNG under its own path, on white, the same bytes each time."""
    width, height = _proportions(drawing)
    scale = _PAGE / max(width, height)
    page = f"@page {{ size: {width * scale:.3f}mm {height * scale:.3f}mm; margin: 0 }}"
    press = layout.press(layout.Kit(theme, assets, ""))
    image = tree.make("img", "", {"src": drawing.path, "style": "display: block; width: 100%"})
    laid = press.lay_out(
        tree.make("html", "", None, tree.make("body", "", {"style": "margin: 0"}, image)), page
    )
    written: bytes = laid.document.write_pdf()
    pixels = min(edition.image_size or _WIDEST, _WIDEST)
    with pypdfium2.PdfDocument(written) as document:
        painted = document[0].render(scale=pixels / (_PAGE / 25.4 * 72)).to_pil().convert("RGB")
    out = io.BytesIO()
    painted.save(out, "PNG", optimize=True)
    return File(drawing.path, out.getvalue())


def _proportions(drawing: File) -> tuple[float, float]:
    """Give width and height in the drawing's own units; 3 to 2 where it says neither."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(drawing.data, parser)
    box = [float(each) for each in re.findall(r"-?[\d.]+", root.get("viewBox", ""))]
    sides = [re.match(r"[\d.]+", root.get(name, "")) for name in ("width", "height")]
    if len(box) == 4 and min(box[2:]) > 0:
        return box[2], box[3]
    if all(sides):
        return float(sides[0][0]), float(sides[1][0])  # type: ignore[index]
    return 3.0, 2.0
