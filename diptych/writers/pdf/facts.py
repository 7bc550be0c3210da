"""What only a layout knows, and pages have to say: found in one layout, written into the trees for the next one.

A folio is a plain figure in the tree (`target-counter(page)` makes WeasyPrint 70 lose notes). An element
`span.folio` with `data-target` takes the folio of the page on which that id stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Forme, Page, roman
from diptych.writers.pdf import footnotes

_FIGURE_SPACE = "\u2007"


@dataclass(frozen=True)
class Facts:
    """`folios` by id, as printed; `marks` of notes that count by the page; `pages` is the length of the whole book.

    `ends` are the folios, by id, of the last pages of notes at the end of a chapter or of the book. `room` is kept for
    folios that swing: so many figures as the longest of them has; `widths` for marks that do, in characters. Nothing is
    known before a first layout.
    """

    folios: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    pages: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)
    room: Mapping[str, int] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)


class Numbered(Protocol):
    """Pages that are counted together."""

    @property
    def anchors(self) -> Mapping[str, int]:
        """Give the page of each id, from 1."""

    @property
    def note_ends(self) -> Mapping[str, int]:
        """Give the last page of each note at the end of a chapter or of the book."""

    def __len__(self) -> int:
        """Count the pages."""


def of(opening: Numbered, main: Numbered, forme: Forme, before: Facts) -> Facts:
    """Read the facts from both runs of pages: folios are roman before the text, arabic from 1 in it."""
    folios = {name: roman(number) for name, number in opening.anchors.items()}
    folios |= {name: str(number) for name, number in main.anchors.items()}
    notes = [note for numbered in forme.catalogue.notes.values() for note in numbered]
    marks = footnotes.marks(notes, forme.edition, folios)
    at_ends = any(forme.edition.policy(note.apparatus).place != "foot" for note in notes)
    ends = {name: str(number) for name, number in main.note_ends.items()} if at_ends else {}
    return Facts(folios, ends, len(opening) + len(main), marks, before.room, before.widths)


def steadied(found: Facts, known: Facts) -> Facts:
    """Keep the same room for whichever of two folios stands in a place: its own printing no longer moves its target."""
    moving = {name for name in found.folios if found.folios[name] != known.folios.get(name)}
    longest = {name: max(len(found.folios[name]), len(known.folios.get(name, ""))) for name in moving}
    widths = {**known.widths, **footnotes.held(found.marks, known.marks, known.widths)}
    return replace(found, room={**known.room, **longest}, widths=widths)


def write_in(pages: Sequence[Page], known: Facts, language: str) -> tuple[Page, ...]:
    """Write the facts into copies of the pages that ask for any; what is not known yet stays empty."""
    return tuple(
        replace(page, body=_written(page.body, known, language))
        if any(True for _ in _asking(page.body))
        else page
        for page in pages
    )


def swinging(one: Facts, other: Facts) -> list[str]:
    """Name the ids whose folios or marks differ."""
    pairs = ((one.folios, other.folios), (one.marks, other.marks))
    return sorted({name for a, b in pairs for name in {*a, *b} if a.get(name) != b.get(name)})


def _asking(body: Element) -> Iterator[Element]:
    """Find what takes its words from a layout."""
    yield from _folios(body)
    yield from footnotes.asking(body)


def _folios(body: Element) -> Iterator[Element]:
    return (span for span in body.iter("span") if "folio" in tree.classes(span) and span.get("data-target"))


def _written(body: Element, known: Facts, language: str) -> Element:
    body = tree.duplicate(body)
    for span in _folios(body):
        name = span.get("data-target", "")
        span.text = known.folios.get(name, "").rjust(known.room.get(name, 0), _FIGURE_SPACE)
    footnotes.write(body, known.marks, known.folios, language)
    footnotes.write_heads(body, known.folios, known.ends, language)
    footnotes.widen(body, known.marks, known.widths)
    return body
