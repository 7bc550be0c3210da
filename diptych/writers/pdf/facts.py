"""What only a layout knows, and pages have to say: found in one layout, written into the trees for the next one.

A folio is a plain figure in the tree (`target-counter(page)` makes WeasyPrint 70 lose notes). An element
`span.folio` with `data-target` takes the folio of the page on which that id stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Forme, Page, roman
from diptych.writers.pdf import footnotes
from diptych.writers.pdf.layout import Laid


@dataclass(frozen=True)
class Facts:
    """`folios` by id, as printed; `marks` of notes that count by the page; `pages` is the length of the whole book.

    Nothing is known before a first layout.
    """

    folios: Mapping[str, str] = field(default_factory=dict)
    pages: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)


def of(opening: Laid, main: Laid, forme: Forme) -> Facts:
    """Read the facts from both runs of pages: folios are roman before the text, arabic from 1 in it."""
    folios = {name: roman(number) for name, number in opening.anchors.items()}
    folios |= {name: str(number) for name, number in main.anchors.items()}
    notes = [note for numbered in forme.catalogue.notes.values() for note in numbered]
    return Facts(folios, len(opening) + len(main), footnotes.marks(notes, forme.edition, folios))


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
        span.text = known.folios.get(span.get("data-target", ""), "")
    footnotes.write(body, known.marks, known.folios, language)
    return body
