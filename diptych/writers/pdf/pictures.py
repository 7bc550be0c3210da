"""Which picture of the author's stands where on laid-out pages, and whether it is fine enough for a press.

How large a picture is printed is read from the finished file; whose it is, only the layout knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Forme
from diptych.problems import Place, Problem, hint, warning
from diptych.writers.pdf.gatherings import Shown
from diptych.writers.pdf.inks import Placement
from diptych.writers.pdf.layout import Laid
from diptych.writers.pdf.prepress import Pressed

_WANTED, _LEAST, _NEVER = 300, 200, 100
"""Dots per inch: what printers ask for; below what they may refuse a file (KDP, IngramSpark, Lulu; 2026-09), so that a
release does without such a picture and a draft tells of it; below what everybody sees the dots."""

_POINT = 0.75
"""Points to a pixel of CSS."""


def shown(runs: Sequence[Laid], forme: Forme) -> list[Shown]:
    """Find the pictures of all pages."""
    found: list[Shown] = []
    before = 0
    for run in runs:
        places = dict(_places(run.root, forme))
        for number, page in enumerate(run.document.pages, before + 1):
            for box in _pictures(page._page_box):  # noqa: SLF001 - there is no other way to the boxes
                path, place = (
                    box.element.get("src", ""),
                    places.get(box.element, Place(forme.manifest.folder)),
                )
                found.append(Shown(number, path, place, _box(box, page)))
        before += len(run)
    return found


def _places(root: Element, forme: Forme) -> Iterator[tuple[Element, Place]]:
    sources = {page.name: page.source for page in forme.pages}
    for section in root.iterfind("body/section"):
        source = sources.get(section.get("id", "")) or forme.manifest.folder
        for element, line in tree.with_lines(section):
            yield element, Place(source, line)


def _pictures(box: Any) -> Iterator[Any]:
    if hasattr(box, "replacement") and box.element is not None and box.element.tag == "img":
        yield box
    for child in getattr(box, "children", ()):
        yield from _pictures(child)


def _box(box: Any, page: Any) -> tuple[float, float, float, float]:
    left = box.content_box_x() + page.bleed["left"]
    bottom = page.height + page.bleed["bottom"] - box.content_box_y() - box.height
    return (left * _POINT, bottom * _POINT, (left + box.width) * _POINT, (bottom + box.height) * _POINT)


def problems(pressed: Pressed, pictures: Sequence[Shown], edition: str) -> Iterator[Problem]:
    """Tell what a printer would object to, with the place in the author's file."""
    yield from _coarse(pressed.placements, pictures, edition)
    for page in pressed.masked:
        for path, place in _on(page, pictures, edition):
            yield warning(
                "transparency-left",
                place,
                f"Page {page} of {edition} has something that shines through by degrees{path}, which no press prints.",
                "Make its gradients and masks opaque, or give the picture as a PNG or a JPEG.",
            )
    for page in pressed.flattened:
        for path, place in _on(page, pictures, edition):
            yield warning(
                "transparency-flattened",
                place,
                f"Something half transparent on page {page} of {edition}{path} is printed as it looks on white paper.",
                "Look at that page; where such things lie over others, make them opaque.",
            )


def unbled(forme: Forme) -> Iterator[Problem]:
    """Tell of pictures that fill their page where nothing goes beyond the edge at which it is cut."""
    edition = forme.edition
    for page in forme.pages if not edition.bleed else ():
        for element, line in tree.with_lines(page.body):
            if element.tag == "figure" and "full-bleed" in tree.classes(element):
                yield hint(
                    "picture-unbled",
                    Place(page.source, line),
                    f"This picture fills its page, but {edition.name} has no bleed: where the paper is cut a hair too "
                    "wide, a white edge shows.",
                    f'Write bleed = "3mm" (or "0.125in", as your printer asks) under [edition.{edition.name}].',
                )


def _on(page: int, pictures: Iterable[Shown], edition: str) -> list[tuple[str, Place]]:
    """Name the drawings of a page, from one of which it comes; without any, it comes from a stylesheet."""
    drawings = [each for each in pictures if each.page == page and each.path.endswith(".svg")]
    drawings = [each for each in drawings if not each.path.startswith("math/")]
    return [(f" ({each.path})", each.place) for each in drawings] or [("", Place(f"{edition} PDF"))]


def _coarse(placements: Iterable[Placement], pictures: Sequence[Shown], edition: str) -> Iterator[Problem]:
    for placement in placements:
        dots = dots_per_inch(placement)
        owner = next(
            (each for each in pictures if each.page == placement.page and _in(placement, each)), None
        )
        if dots >= _WANTED or owner is None:
            continue
        widest = placement.width / _WANTED * 25.4
        yield warning(
            "picture-coarse" if dots >= _LEAST else "picture-too-coarse",
            owner.place,
            f"The picture {owner.path} has {dots:.0f} dots to the inch in {edition}; {_judged(dots)}.",
            f"Give one with more pixels, or print it at most {widest:.0f} mm wide.",
        )


def _judged(dots: float) -> str:
    if dots < _NEVER:
        return f"its dots will be seen, and printers want {_WANTED}"
    return f"printers want {_WANTED}" + (f" and may refuse less than {_LEAST}" if dots < _LEAST else "")


def dots_per_inch(placement: Placement) -> float:
    """Give the lower of the densities along both sides of a picture."""
    a, b, c, d, _, _ = placement.matrix
    wide, high = math.hypot(a, b), math.hypot(c, d)
    return min(placement.width / wide, placement.height / high) * 72 if wide and high else math.inf


def _in(placement: Placement, picture: Shown) -> bool:
    a, b, c, d, e, f = placement.matrix
    x, y = e + (a + c) / 2, f + (b + d) / 2
    left, bottom, right, top = picture.box
    return left <= x <= right and bottom <= y <= top
