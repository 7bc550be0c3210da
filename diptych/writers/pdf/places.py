"""Where each block of a finished layout stands, and whose line made it: WeasyPrint's boxes as plain data.

What a page shows is read from the finished file (`checks/sheets.py`); this room only says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.catalogue import prefix
from diptych.model import Block, Forme
from diptych.problems import Place
from diptych.writers.pdf.layout import Laid

_POINT = 0.75
"""WeasyPrint measures in CSS pixels, of which there are 96 to the inch; a point is a 72nd."""

_TELLING = tuple("footnote epigraph verse attribution byline scene-break formula highlight blank".split())
"""Classes that say more of a block than its tag does."""

_INHERITED = {
    **{kind: kind for kind in ("verse", "epigraph", "highlight", "nav", "blank", "cell")},
    "table": "cell",
}
"""What everything is that stands in a block of such a kind."""

_INLINE = ("LineBox", "InlineBox", "TextBox")


@dataclass(frozen=True)
class _Origin:
    """Whose an element is, and what it is to a typesetter."""

    kind: str = ""
    source: str = ""
    line: int = 0


def of(forme: Forme, opening: Laid, main: Laid) -> tuple[Block, ...]:
    """Give the blocks of all pages, page by page as they are drawn, each page's text block first."""
    return (*section(forme, opening), *moved(section(forme, main), len(opening)))


def section(forme: Forme, laid: Laid) -> tuple[Block, ...]:
    """Give the blocks of one run of pages, which are counted from its first."""
    return tuple(_run(laid, _whose(forme, laid)))


def moved(blocks: Iterable[Block], pages: int) -> Iterator[Block]:
    """Give blocks on pages that stand behind so many others."""
    return (Block(block.page + pages, *block[1:]) for block in blocks)


def _whose(forme: Forme, laid: Laid) -> Mapping[Element, _Origin]:
    """Say of every element of a layout's tree whose it is."""
    sources = {page.name: page.source for page in forme.pages}
    noted = [(prefix(slug), note.id) for slug, notes in forme.catalogue.notes.items() for note in notes]
    sources |= {note: sources.get(page, "") for page, note in noted}
    return dict(_origins(laid.root, _Origin(), sources))


def lines(forme: Forme, laid: Laid) -> Mapping[Element, Place]:
    """Give for every element of a layout's tree the line that made it."""
    return {element: Place(own.source, own.line) for element, own in _whose(forme, laid).items()}


def _run(laid: Laid, origins: Mapping[Element, _Origin]) -> Iterator[Block]:
    found = [
        (number, box)
        for number, page in enumerate(laid.document.pages, 1)
        for box in _boxes(page._page_box)  # noqa: SLF001 - there is no other way to the boxes
    ]
    first: dict[Element, int] = {}
    last: dict[Element, int] = {}
    for number, box in found:
        first.setdefault(box.element, number)
        last[box.element] = number
    for number, box in found:
        own = origins.get(box.element, _Origin())
        whole = (first[box.element] == number, last[box.element] == number)
        yield _block(number, box, own, whole)


def _origins(root: Element, outer: _Origin, sources: Mapping[str, str]) -> Iterator[tuple[Element, _Origin]]:
    """Give every element with its origin: what it does not say of itself, what it stands in says."""
    for child in root:
        own = _Origin(
            _kind(child, root, outer.kind),
            sources.get(child.get("id", ""), outer.source),
            _line(child) or outer.line,
        )
        yield child, own
        yield from _origins(child, own, sources)


def _line(element: Element) -> int:
    """Give the line of an element; a note, which is taken out of its own place, has that of its first block."""
    inner = element.iter() if "footnote" in tree.classes(element) else [element]
    return next((int(line) for each in inner if (line := each.get("data-line"))), 0)


def _kind(element: Element, parent: Element, outer: str) -> str:
    named = tree.classes(element)
    if parent.tag == "body" and "blank" not in named:
        return "chapter"
    if outer in _INHERITED:
        return _INHERITED[outer]
    return next((name for name in _TELLING if name in named), str(element.tag))


def _boxes(page: Any) -> Iterator[Any]:
    """Give the page itself, then the outermost box of each block that stands on it.

    The pieces of a long note become one again, and so do those of a paragraph in it.
    """
    yield page
    seen: dict[Element, Any] = {}
    waiting = [*reversed(page.children)]
    while waiting:
        box = waiting.pop()
        kind = type(box).__name__
        if kind in ("FootnoteAreaBox", "MarginBox"):
            seen[box] = box
        elif kind not in _INLINE and box.element_tag not in ("html", "body"):
            known = seen.setdefault(box.element, box.copy())
            low = box.border_box_y() + box.border_height()
            known.height += max(0.0, low - known.border_box_y() - known.border_height())
        waiting += [] if kind == "MarginBox" else reversed(getattr(box, "children", ()))
    yield from seen.values()


def _block(number: int, box: Any, own: _Origin, whole: tuple[bool, bool]) -> Block:
    kind = type(box).__name__
    begins, ends = whole
    if kind == "PageBox":
        left, top, width, height = box.content_box_x(), box.content_box_y(), box.width, box.height
        named = "blank" if box.page_type.blank else box.page_type.name or ""
        return Block(number, "page", *_points(left, top, width, height), "", 0, named)
    left, top, width, height = box.border_box_x(), box.border_box_y(), box.border_width(), box.border_height()
    if kind in ("MarginBox", "FootnoteAreaBox"):
        return Block(number, "margin" if kind == "MarginBox" else "notes", *_points(left, top, width, height))
    name = box.element.get("id", "")
    return Block(
        number, own.kind, *_points(left, top, width, height), own.source, own.line, name, begins, ends
    )


def _points(left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
    sides = (left, top, left + width, top + height)
    return tuple(round(side * _POINT, 1) for side in sides)  # type: ignore[return-value]
