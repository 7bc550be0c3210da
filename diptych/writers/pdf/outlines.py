"""Formulas on pages: their outlines go into the PDF as they are.

WeasyPrint would draw them as SVG, point by point, in 25 milliseconds each and with six decimals: a book with a thousand
formulas would take half a minute longer, and twice the space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ImageColor

from diptych.formulas import drawing
from diptych.model import File

_OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}
"""PDF's name for each command of a path (ISO 32000-2, table 58)."""


def images(files: Mapping[str, File], base: str) -> dict[str, Any]:
    """Give what WeasyPrint is to find in its memory of images, by address, for each formula among the files."""
    found = ((path, drawing.read(file.data)) for path, file in files.items() if path.startswith("math/"))
    return {base + path: _Outlines(drawn) for path, drawn in found if drawn is not None}


class _Outlines:
    """An image as WeasyPrint asks for it."""

    def __init__(self, drawn: drawing.Drawing) -> None:
        self.drawn = drawn

    def get_intrinsic_size(self, *_: object) -> tuple[float, float, float]:
        """Give width, height and their ratio."""
        return self.drawn.width, self.drawn.height, self.drawn.width / self.drawn.height

    def draw(self, stream: Any, width: float, height: float, _style: object) -> None:  # noqa: ARG002
        """Fill the outlines; the page's origin is the image's upper left corner."""
        scale = width / self.drawn.width
        up = self.drawn.height - self.drawn.depth
        stream.transform(a=scale, d=scale, e=-self.drawn.left * scale, f=up * scale)
        for colour, path in self.drawn.paths:
            stream.set_color_rgb(*(part / 255 for part in ImageColor.getrgb(colour)[:3]))
            stream.stream.append("".join(_in_pdf(path)).encode())


def _in_pdf(path: str) -> Iterator[str]:
    for command, numbers in re.findall(r"([MLCZ])([^MLCZ]*)", path):
        yield f"{numbers} {_OPERATORS[command]} "
    yield "f"
