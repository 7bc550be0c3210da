"""Where everything stands on a page: trim, bleed, margins, the text block and its lines, and the stylesheet for it.

A plain function of the edition, the theme's design and the length of the book: a book that grows thicker gets a wider
inner margin. The text block is a whole number of lines high, and the leading gives way by a hair for that. What a page
holds is no concern of this room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diptych import designs
from diptych.model import Design, Edition, Gutter, Setting

_POINT = 25.4 / 72
"""Millimetres in a point."""

_SLACK = 0.005
"""Millimetres by which what is measured in floating point may fail to fit where it fits exactly.

WeasyPrint 70 compares the height of a page's notes with that of their area to the last bit
(`LayoutContext._update_footnote_area`), and put nearly every note off to the next page for the sake of 1e-13 px.
"""


_GENTLY = 0.5
"""The share of the text block that notes may take at most where they have to give way."""


@dataclass(frozen=True)
class Geometry:
    """One page: lengths in millimetres, `size` and `leading` of the text in points.

    The margins are the distances of the text block from the trimmed edge. `bleed` and `fold` are how far the page goes
    beyond that edge: on the three outer sides, and at the fold. `notes` is the height that notes may take.
    """

    width: float
    height: float
    bleed: float
    fold: float
    inner: float
    outer: float
    top: float
    bottom: float
    size: float
    leading: float
    lines: int
    notes: float

    @property
    def measure(self) -> float:
        """The width of the text block."""
        return self.width - self.inner - self.outer

    @property
    def depth(self) -> float:
        """The height of the text block."""
        return self.lines * self.leading * _POINT


def of(edition: Edition, design: Design, pages: int = 0) -> Geometry:
    """Lay out the page of an edition of which no more is known than that it has at least so many pages."""
    setting = designs.setting(design.settings, edition.width)
    inner, outer = _sides(edition, design, setting, pages)
    top = max(design.top * edition.height, design.head)
    room = edition.height - top - max(design.bottom * edition.height, design.foot)
    lines = max(1, round(room / (setting.leading * _POINT)))
    bleed = edition.bleed if edition.medium == "print" else 0.0
    return Geometry(
        width=edition.width,
        height=edition.height,
        bleed=bleed,
        fold=bleed if edition.bleed_edges == 4 else 0.0,
        inner=inner,
        outer=outer,
        top=top,
        bottom=edition.height - top - room,
        size=setting.size,
        leading=room / _POINT / lines,
        lines=lines,
        notes=room * (min(design.notes, _GENTLY) if edition.gentle > 1 else design.notes),
    )


def _sides(edition: Edition, design: Design, setting: Setting, pages: int) -> tuple[float, float]:
    """Give the inner and the outer margin; a wider fold pushes the text outwards before it makes it narrower."""
    left = edition.width - setting.measure
    if edition.medium != "print":
        return left / 2, left / 2
    inner = max(left * design.inner, gutter(design.gutters, pages))
    return inner, max(left - inner, min(design.safe, left * (1 - design.inner)))


def gutter(known: Sequence[Gutter], pages: int) -> float:
    """Give the least inner margin of a book so long: that of the first row which reaches so far, else of the last."""
    return next((row.inner for row in known if pages <= row.pages), known[-1].inner if known else 0.0)


def css(page: Geometry) -> str:
    """Write what the stylesheets of pages stand on: the page itself, 1rem and 1rlh, the text's size and leading."""
    bleeds = "".join(f" bleed-{side}: {page.bleed:.3f}mm;" for side in ("top", "bottom") if page.bleed)
    notes = f"max-height: {page.notes:.3f}mm; padding-bottom: {_SLACK}mm"
    return (
        f"html {{ font-size: {page.size:g}pt; line-height: {page.leading:.4f}pt;"
        f" --measure: {page.measure:.3f}mm; --depth: {page.depth:.3f}mm }}\n"
        f"@page {{ size: {page.width:.3f}mm {page.height:.3f}mm; margin-top: {page.top:.3f}mm;"
        f" margin-bottom: {page.bottom - _SLACK:.3f}mm;{bleeds} @footnote {{ {notes} }} }}\n"
        f"@page :right {{ {_edges('left', 'right', page)} }}\n"
        f"@page :left {{ {_edges('right', 'left', page)} }}\n"
        f"figure.full-bleed img {{ width: {page.width + 2 * page.bleed:.3f}mm;"
        f" height: {page.height + 2 * page.bleed:.3f}mm; top: -{page.bleed:.3f}mm; left: -{page.bleed:.3f}mm;"
        f" margin-bottom: -{2 * page.bleed:.3f}mm }}\n"
    )


def _edges(fold: str, edge: str, page: Geometry) -> str:
    margins = f"margin-{fold}: {page.inner:.3f}mm; margin-{edge}: {page.outer:.3f}mm"
    bleeds = f"; bleed-{fold}: {page.fold:.3f}mm; bleed-{edge}: {page.bleed:.3f}mm"
    return margins + (bleeds if page.bleed else "")
