"""Tables made fit for the page before it is laid out: in smaller type, or turned on a page of their own.

Decided by measure, from the words of a table and the size of the text block, so that the same table always comes out
the same way, and told to the author. How wide words are is known to `features/tables.py`; nothing is laid out here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.features import tables
from diptych.model import Page
from diptych.problems import Place, Problem, hint, warning

_STEPS = (1.0, 0.9, 0.8)
"""Sizes of type that a table may take; below the last nobody reads it."""

_POINT = 25.4 / 72

_NOTE_LINE, _NOTE, _RULE = 60, 4.2, 8.0
"""Letters of a note that fill a line, and millimetres that a line of one, and the rule above them, take."""

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})

_HEADING = 5.0
"""Ems of a table's type that a heading of one line takes with the white round it."""


@dataclass(frozen=True)
class Room:
    """The text block: its sides in millimetres, and the size of a table's type in points."""

    width: float
    height: float
    size: float

    @property
    def measure(self) -> float:
        """The width in ems of a table's type."""
        return self.width / (self.size * _POINT)

    @property
    def depth(self) -> float:
        """The height in ems of a table's type."""
        return self.height / (self.size * _POINT)

    def above(self, table: Element) -> Room:
        """Give what is left above the notes of a table."""
        notes = [len(tree.text_of(note)) for note in table.iter("aside")]
        lines = sum(math.ceil(letters / _NOTE_LINE) for letters in notes)
        return replace(self, height=self.height - lines * _NOTE - (_RULE if notes else 0.0))


@dataclass(frozen=True)
class _Way:
    """How a table comes to fit: in type of this size, upright or turned; `broken` if its words must break for it."""

    step: float = 1.0
    turned: bool = False
    broken: bool = False


def fit(pages: Sequence[Page], room: Room) -> tuple[tuple[Page, ...], tuple[Problem, ...]]:
    """Make every table fit; pages that have one which does not are copied."""
    found = [_page(page, room) for page in pages]
    return tuple(page for page, _ in found), tuple(problem for _, told in found for problem in told)


def _page(page: Page, room: Room) -> tuple[Page, list[Problem]]:
    if all(_way(table, room, inside=True) == _Way() for table in page.body.iter("table")):
        return page, []
    body = tree.duplicate(page.body)
    told: list[Problem] = []
    for table, parent in list(tree.with_parents(body)):
        if table.tag != "table":
            continue
        way = _way(table, room, inside=parent.tag != "section")
        if way != _Way():
            told.append(_told(way, Place(page.source, _line(table))))
            _take(way, table, parent, room)
    return replace(page, body=body), told


def _line(table: Element) -> int:
    return next((int(e.get("data-line", "0")) for e in table.iter() if e.get("data-line")), 0)


def _way(table: Element, room: Room, *, inside: bool) -> _Way:
    """Take the first way on which the table fits; one that stands inside something else is not turned."""
    columns = tables.columns(table)
    ways = [(_Way(step), room.measure) for step in _STEPS]
    ways += [(_Way(step, turned=True), room.above(table).depth) for step in _STEPS if not inside]
    for way, width in ways:
        if columns.comfortable * way.step <= width:
            return way
    for way, width in ways:
        if columns.least * way.step <= width and way.step == _STEPS[-1]:
            return way
    return replace(ways[-1][0], broken=True)


def _told(way: _Way, place: Place) -> Problem:
    advice = "Fewer columns or shorter words would let it stand as the others do."
    if way.broken:
        sentence = "This table is too wide for any page: its words are broken where a cell ends."
        advice = "Make two tables of it, let rows and columns change places, or shorten its words."
        return warning("table-too-wide", place, sentence, advice)
    smaller = f"its type is {round((1 - way.step) * 100)} % smaller" if way.step < 1 else ""
    turned = "it stands turned, on a page of its own" if way.turned else ""
    done = " and ".join(filter(None, (turned, smaller)))
    return hint(
        "table-turned" if way.turned else "table-narrowed", place, f"This table is too wide: {done}.", advice
    )


def _take(way: _Way, table: Element, parent: Element, room: Room) -> None:
    if way.step < 1:
        tree.add_class(table, f"size-{round(way.step * 100)}")
    if way.broken:
        tree.add_class(table, "broken")
    if not way.turned:
        return
    tail, table.tail = table.tail, None
    room = room.above(table)
    heading = _heading_of(table, parent)
    at = list(parent).index(table)
    held = {"class": "turned", "style": f"--across: {room.height:.3f}mm"}
    parts = list(_parts(table, way, room, len(heading) * _HEADING))
    leaves = [tree.make("div", "", {"class": "across"}, part) for part in parts]
    leaves[0][:0] = heading
    parent[at : at + 1] = [tree.make("div", "", dict(held), leaf) for leaf in leaves]
    parent[at + len(leaves) - 1].tail = tail


def _heading_of(table: Element, parent: Element) -> list[Element]:
    """Take the heading that stands directly above a table: it is turned too, for it must not stay behind."""
    at = list(parent).index(table)
    if at == 0 or parent[at - 1].tag not in _HEADINGS or (parent[at - 1].tail or "").strip():
        return []
    heading = parent[at - 1]
    del parent[at - 1]
    heading.tail = None
    return [heading]


def _parts(table: Element, way: _Way, room: Room, above: float) -> Iterator[Element]:
    """Part a table between rows, as many to a page as it holds; what is turned is not parted by a page's end.

    Above the first stands something that is so many ems high.
    """
    body = table.find("tbody")
    if body is None:
        yield table
        return
    columns, width, height = tables.columns(table), room.depth / way.step, room.measure / way.step
    caption, head = table.find("caption"), table.find("thead")
    taken = above + sum(columns.height(row, width) for row in table.iterfind("thead/tr"))
    if caption is not None:
        taken += tables.lines(caption, width) * tables.LINE + tables.ROW
    parts = list(_shared_out(body, lambda row: columns.height(row, width), height - taken))
    body[:] = parts[0]
    yield table
    for rows in parts[1:]:
        again = [_repeated(head)] if head is not None else []
        yield tree.make(
            "table", "", {"class": table.get("class", "")}, *again, tree.make("tbody", "", None, *rows)
        )


def _shared_out(
    rows: Iterable[Element], height: Callable[[Element], float], room: float
) -> Iterator[list[Element]]:
    held: list[Element] = []
    taken = 0.0
    for row in list(rows):
        if held and taken + height(row) > room:
            yield held
            held, taken = [], 0.0
        held.append(row)
        taken += height(row)
    yield held


def _repeated(head: Element) -> Element:
    """Copy a head without what may stand only once: notes, their calls, and ids."""
    head = tree.duplicate(head)
    for element, parent in list(tree.with_parents(head)):
        element.attrib.pop("id", None)
        if element.tag == "aside" or "noteref" in tree.classes(element):
            tree.remove(parent, element)
    return head
