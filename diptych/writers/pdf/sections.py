"""One section of a book becomes a gathering: laid out, drawn, tagged and inked by itself.

What is done here is done at a press, in whatever process that is open: it is told of its kit. Of the forme it needs no
text but what is laid out. Gatherings leave it as they are kept (`gatherings.dump`), for they go to another process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Forme, Page, Report
from diptych.problems import Problem
from diptych.writers.pdf import (
    binding,
    breaks,
    document,
    gatherings,
    intact,
    layout,
    pictures,
    places,
    prepress,
    smallcaps,
)
from diptych.writers.pdf.gatherings import Begins, Bookmark, Face, Gathering, Held, Leaf
from diptych.writers.pdf.layout import Kit, Laid, Press

_POINT = 0.75
"""Points to a pixel of CSS."""

_SIDES = frozenset({"recto", "verso", "right", "left"})


Made = tuple[bytes, ...]
"""Gatherings, each written by `gatherings.dump`."""


def lay_out(kit: Kit, written: bytes, forme: Forme, page: str, begins: Begins, report: Report) -> Made:
    """Lay out the tree of one section, written out, on pages of a style; it begins on the side that is given."""
    root = tree.read(written)
    press = layout.press(kit)
    press.log.report = report
    heard = len(press.log.problems)
    with press.pieces.Section(*begins):
        laid = press.lay_out(root, page)
        leaves = press.pieces.leaves(laid.document)
        data, noted = binding.draw(press, laid, forme)
    pressed = prepress.ink(data, forme) if forme.edition.medium == "print" else None
    made = Gathering(
        data=pressed.data if pressed else data,
        leaves=leaves,
        opens=_opens(laid),
        bookmarks=tuple(_bookmarks(laid)),
        faces=noted,
        letters=tuple(breaks.pages(laid)),
        blocks=places.section(forme, laid),
        problems=(*press.said, *press.log.problems[heard:], *faults(laid, forme)),
        anchors=laid.anchors,
        note_ends=laid.note_ends,
        placements=tuple(pressed.placements) if pressed else (),
        flattened=tuple(pressed.flattened) if pressed else (),
        masked=tuple(pressed.masked) if pressed else (),
        shown=tuple(pictures.shown((laid,), forme)) if pressed else (),
    )
    return (gatherings.dump(made),)


def faults(laid: Laid, forme: Forme) -> tuple[Problem, ...]:
    """Tell of words that pages have lost or doubled, and of small capitals that a face has not."""
    lines = places.lines(forme, laid)
    lost = intact.faults(laid.document.pages, laid.due, lines, forme.edition.name)
    return (*lost, *smallcaps.lacking(laid, lines, forme.theme))


def blank(kit: Kit, forme: Forme, page: str, side: str, _: Report) -> Made:
    """Make a blank page for a side: what stands between two sections that both begin on the other one."""
    other = "left" if side == "right" else "right"
    ends = [Page("blank", "", "blank", "front", _blank(other)) for _ in range(2)]
    root = document.html(ends, forme.manifest.metadata, forme.edition)
    press = layout.press(kit)
    with press.pieces.Section(*Begins(other, is_first=False)):
        laid = press.lay_out(root, page)
        leaf = press.pieces.leaves(laid.document)[1]
        alone = Laid(laid.document.copy([laid.document.pages[1]]), root, {})
        data, noted = _drawn(press, alone, forme)
    made = Gathering(data, (leaf,), "", (), noted, letters=((),), blocks=places.section(forme, alone))
    return (gatherings.dump(made),)


def _drawn(press: Press, laid: Laid, forme: Forme) -> tuple[bytes, tuple[Face, ...]]:
    """Draw pages of no pictures, in the inks of the edition."""
    data, noted = binding.draw(press, laid, forme)
    return prepress.ink(data, forme).data if forme.edition.medium == "print" else data, noted


def _blank(side: str) -> Element:
    return tree.make("section", "", {"class": "blank", "style": f"break-before: {side}"})


def margins(kit: Kit, forme: Forme, page: str, wanted: Sequence[Held], _: Report) -> Made:
    """Draw what stands in the margins of gatherings, each page with its folio, and nothing else."""
    root = document.html([], forme.manifest.metadata, forme.edition)
    press = layout.press(kit)
    with press.pieces.Margins(wanted):
        laid = press.lay_out(root, page)
    found: list[bytes] = []
    at = 0
    for _strings, leaves in wanted:
        pages = laid.document.pages[at : at + len(leaves)]
        beside = _beside(press, forme, Laid(laid.document.copy(pages), root, {}), leaves)
        found.append(gatherings.dump(beside))
        at += len(leaves)
    return tuple(found)


def faces(kit: Kit, shown: Sequence[Face], _: Report) -> bytes:
    """Write a PDF that holds faces, each with the letters that the book shows (see `faces.written`)."""
    press = layout.press(kit)
    written: bytes = press.faces.written(shown, [file.data for file in press.files.values()])
    return written


def _beside(press: Press, forme: Forme, laid: Laid, leaves: Sequence[tuple[Leaf, int, int]]) -> Gathering:
    data, noted = _drawn(press, laid, forme)
    blocks = (block for block in places.section(forme, laid) if block.kind == "margin")
    return Gathering(data, tuple(leaf for leaf, _, _ in leaves), "", (), noted, blocks=tuple(blocks))


def _opens(laid: Laid) -> str:
    """Say on which side the section wants to begin, "" if it may on any."""
    section = laid.root.find("body")[-1]  # type: ignore[index]
    boxes = (box for box in laid.document.pages[0]._page_box.descendants() if box.element is section)  # noqa: SLF001
    first: Any = next(boxes, None)
    before = first.style["break_before"] if first is not None else ""
    return before if before in _SIDES else ""


def _bookmarks(laid: Laid) -> list[Bookmark]:
    found = []
    for number, page in enumerate(laid.document.pages, 1):
        for level, label, (x, y), state in page.bookmarks:
            found.append(Bookmark(level, label, number, x * _POINT, (page.height - y) * _POINT, state))
    return found
