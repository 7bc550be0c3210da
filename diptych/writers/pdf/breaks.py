"""Where the pages of a finished layout begin: read from WeasyPrint's boxes, told in words of the book's trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from diptych.features import pagebreaks
from diptych.model import Break, roman
from diptych.writers.pdf.layout import Laid

Pages = Sequence[Sequence[tuple[str, str]]]
"""For each page its runs of letters, each with its flow."""

_ENOUGH = 40
"""Letters that are told of a page's beginning."""


def of(opening: Pages, main: Pages) -> tuple[Break, ...]:
    """Give where each page begins; a page without words of the text begins where the next one does."""
    folios = [roman(n + 1) for n in range(len(opening))] + [str(n + 1) for n in range(len(main))]
    pages = [*opening, *main]
    before: dict[str, str] = {}
    begins: list[tuple[str, int] | None] = []
    for page in pages:
        flow = next((flow for flow, text in page if text), None)
        begins.append(None if flow is None else (flow, len(before.get(flow, ""))))
        for name, text in page:
            before[name] = before.get(name, "") + text
    found: list[Break] = []
    following: tuple[str, int] | None = None
    for folio, own in zip(reversed(folios), reversed(begins), strict=True):
        following = own or following
        if following is not None:
            flow, at = following
            found.append(Break(folio, flow, at, before[flow][at : at + _ENOUGH]))
    return tuple(reversed(found))


def pages(laid: Laid) -> Iterator[tuple[tuple[str, str], ...]]:
    """Give for each page its runs of letters, each with its flow."""
    flows, tables = dict(_flows(laid.root, "")), dict(_tables(laid.root))
    begun: set[Element] = set()
    for page in laid.document.pages:
        texts = [*_texts(page._page_box, tables, frozenset(begun))]  # noqa: SLF001 - there is no other way to the words
        begun.update(tables[element] for element, _ in texts if element in tables)
        yield tuple(
            (flow, letters)
            for element, text in texts
            if (flow := flows.get(element)) and (letters := pagebreaks.letters(text))
        )


def _flows(root: Element, flow: str) -> Iterator[tuple[Element, str]]:
    """Give every element with the flow of its own text; the sections of the body are the pages of ours."""
    for child in root:
        own = child.get("id", "") if root.tag == "body" else pagebreaks.flow_of(child, flow)
        if own or root.tag in ("html", "body"):
            yield child, own
            yield from _flows(child, own)


def _tables(root: Element) -> Iterator[tuple[Element, Element]]:
    """Give every element in the rows of a table with the table; the innermost table comes last."""
    for table in root.iter("table"):
        for part in table:
            for element in part.iter() if part.tag != "caption" else ():
                yield element, table


def _texts(
    box: Any, tables: Mapping[Element, Element], begun: frozenset[Element]
) -> Iterator[tuple[Element, str]]:
    """Walk a page's boxes: text as it is drawn, without notes at the foot, margins and repeated heads of tables."""
    kind = type(box).__name__
    if (
        figure := getattr(box, "diptych_figure", None)
    ) is not None:  # where it is written, wherever it stands
        yield from _texts(figure, tables, begun)
        return
    repeated = getattr(box, "is_header", False) and tables.get(box.element) in begun
    if repeated or kind in ("FootnoteAreaBox", "MarginBox") or hasattr(box, "diptych_floated"):
        return
    if kind == "TextBox":
        if "::" not in box.element_tag or box.element_tag.endswith("::first-letter"):
            yield box.element, box.text
    elif kind.endswith("ReplacedBox"):
        if pagebreaks.is_picture(box.element):
            yield box.element, pagebreaks.PICTURE
    else:
        children: Sequence[Any] = getattr(box, "children", ())
        for child in children:
            yield from _texts(child, tables, begun)
