"""What only a layout knows, and pages have to say: found in one layout, written into the trees for the next one.

A folio is a plain figure in the tree (`target-counter(page)` makes WeasyPrint 70 lose notes). An element
`span.folio` with `data-target` takes the folio of the page on which that id stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Page, roman
from diptych.writers.pdf.layout import Laid


@dataclass(frozen=True)
class Facts:
    """`folios` by id, as printed; `pages` is the length of the whole book. Nothing is known before a first layout."""

    folios: Mapping[str, str] = field(default_factory=dict)
    pages: int = 0


def of(opening: Laid, main: Laid) -> Facts:
    """Read the facts from both runs of pages: folios are roman before the text, arabic from 1 in it."""
    folios = {name: roman(number) for name, number in opening.anchors.items()}
    folios |= {name: str(number) for name, number in main.anchors.items()}
    return Facts(folios, len(opening) + len(main))


def write_in(pages: Sequence[Page], known: Facts) -> tuple[Page, ...]:
    """Write the facts into copies of the pages that ask for any; what is not known yet stays empty."""
    return tuple(
        replace(page, body=_written(page.body, known)) if any(True for _ in _asking(page.body)) else page
        for page in pages
    )


def swinging(one: Facts, other: Facts) -> list[str]:
    """Name the ids whose folios differ."""
    return sorted(
        name for name in {*one.folios, *other.folios} if one.folios.get(name) != other.folios.get(name)
    )


def _asking(body: Element) -> Iterator[Element]:
    return (span for span in body.iter("span") if "folio" in tree.classes(span) and span.get("data-target"))


def _written(body: Element, known: Facts) -> Element:
    body = tree.duplicate(body)
    for span in _asking(body):
        span.text = known.folios.get(span.get("data-target", ""), "")
    return body
