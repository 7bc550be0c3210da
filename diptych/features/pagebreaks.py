"""Page breaks: where the pages of a paged edition begin, found in one tree and marked in another.

Both trees come from the same chapters and differ in their notes alone. So a place is counted in the letters and digits
of a flow: the text of a page of ours without its notes, or the text of one note. A picture or a formula counts for one;
what the press puts there itself (marks of notes, folios in the contents) does not count.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Break

PICTURE = "\ufffc"
_UNCOUNTED = re.compile(rf"[^\w{PICTURE}]+|_+")
"""What stands for a picture among letters."""

_UNCOUNTED = re.compile(rf"(?:[^\w{PICTURE}]|_)+")
"""What is neither a letter nor a digit, as `str.isalnum` has it, nor a picture."""

_FEW = 12
"""Letters that are enough to know a place by, near to where it should be."""

_SKIPPED = frozenset({"noteref", "backlink", "folio", "leader", "pageref", "mark", "address"})
_SKIPPED_TAGS = frozenset({"tfoot", "rp"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NOTES = frozenset({"note", "footnote"})


class Piece(NamedTuple):
    """A run of text in a tree: an element's own, or `after` it; `parent` is the element's."""

    flow: str
    text: str
    element: Element
    parent: Element | None
    after: bool = False


def letters(text: str) -> str:
    """Reduce a text to what is counted; whether a stylesheet sets it in capitals makes no difference."""
    return _UNCOUNTED.sub("", text.casefold())


def flow_of(element: Element, around: str) -> str:
    """Give the flow that the text in an element belongs to, "" where that text does not count."""
    own = tree.classes(element)
    if (
        not _SKIPPED.isdisjoint(own)
        or element.tag in _SKIPPED_TAGS
        or (element.tag == "h2" and "notes" in own)
    ):
        return ""
    name = element.get("id", "")
    is_note = name.startswith("fn-") and (element.tag == "li" or not _NOTES.isdisjoint(own))
    return name if is_note and around else around


def is_picture(element: Element) -> bool:
    """Whether an element counts for one letter, whatever is in it."""
    return element.tag == "img" or "math" in tree.classes(element)


def pieces(element: Element, flow: str, parent: Element | None = None) -> Iterator[Piece]:
    """Walk a tree's text in reading order."""
    own = flow_of(element, flow)
    if is_picture(element):
        yield Piece(own, PICTURE, element, parent)
    elif not element.tag.startswith("{"):  # the words in a drawing are part of the picture
        yield Piece(own, element.text or "", element, parent)
        for child in element:
            yield from pieces(child, own, element)
    if parent is not None:
        yield Piece(flow, element.tail or "", element, parent, after=True)


@dataclass
class _Flow:
    """The pieces of one flow, with the letters before each."""

    runs: list[tuple[str, int, Piece]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    text: str = ""

    def add(self, name: str, number: int, piece: Piece) -> None:
        self.runs.append((name, number, piece))
        self.starts.append(len(self.text))
        self.text += letters(piece.text)


@dataclass(frozen=True)
class _Place:
    """Where a break belongs: in the body `name`, in its piece, before this character of it."""

    wanted: Break
    name: str
    number: int
    piece: Piece
    at: int

    @property
    def order(self) -> tuple[int, int]:
        return self.number, self.at

    @property
    def is_note(self) -> bool:
        return self.wanted.flow.startswith("fn-")


def mark(bodies: Mapping[str, Element], breaks: Sequence[Break]) -> tuple[tuple[Break, str], ...]:
    """Put a `doc-pagebreak` span where each page begins, into trees that nobody else holds (DPUB-ARIA 1.1, 5.3.27).

    Returns the breaks that were placed, in reading order, each with the name of its body. Left out are those whose
    words stand nowhere in the bodies, or elsewhere than the pages round them: notes can be at another place there.
    """
    if not breaks:
        return ()
    flows: dict[str, _Flow] = {}
    number = 0
    for name, body in bodies.items():
        for piece in pieces(body, name):
            number += 1
            if piece.flow and piece.text:
                flows.setdefault(piece.flow, _Flow()).add(name, number, piece)
    there = _without_pages_that_are_not_here(breaks, flows)
    found = [place for each in there if (place := _find(each, flows.get(each.flow))) is not None]
    kept = _in_order(found)
    parents = {child: parent for body in bodies.values() for child, parent in tree.with_parents(body)}
    for place in kept:
        if (whole := _whole(place.piece, parents)) is not None:
            parents[whole].insert(list(parents[whole]).index(whole), _span(place.wanted.folio))
    # From the last to the first: what has been cut off behind a place does not move the places before it.
    for place in reversed(kept):
        if _whole(place.piece, parents) is None:
            _cut(place, parents)
    return tuple((place.wanted, place.name) for place in kept)


def _without_pages_that_are_not_here(
    breaks: Sequence[Break], flows: Mapping[str, _Flow]
) -> tuple[Break, ...]:
    """Let a page that holds what one tree lacks, a half title for one, begin where the next page begins."""
    found: list[Break] = []
    for each in reversed(breaks):
        known = each.flow in flows or each.flow.startswith("fn-") or not found
        found.append(each if known else replace(found[-1], folio=each.folio))
    return tuple(reversed(found))


def _find(wanted: Break, flow: _Flow | None) -> _Place | None:
    start = -1 if flow is None else _nearest(flow.text, wanted)
    if flow is None or not 0 <= start < len(flow.text):
        return None
    n = bisect_right(flow.starts, start) - 1
    name, number, piece = flow.runs[n]
    return _Place(
        wanted, name, number, piece, _word(piece.text, _character(piece.text, start - flow.starts[n]))
    )


def _nearest(text: str, wanted: Break) -> int:
    """Say behind how many letters the page begins: where it should, else where its first words stand nearest to that.

    They stand elsewhere where a page cuts a row of a table: the rest of each cell follows the beginnings of all.
    """
    if not wanted.at or text.startswith(wanted.words, wanted.at):
        return wanted.at
    for words in (wanted.words, wanted.words[:_FEW]):
        found = {text.find(words, wanted.at), text.rfind(words, 0, wanted.at)} - {-1}
        if found:
            return min(found, key=lambda at: (abs(at - wanted.at), at))
    return -1


def _character(text: str, count: int) -> int:
    """Give the index of the character behind `count` letters."""
    for at, character in enumerate(text):
        own = len(letters(character))
        if own and count <= 0:
            return at
        count -= own
    return len(text)


def _word(text: str, at: int) -> int:
    """Move to where the word begins; one that the page cuts in two belongs to the page on which it began (DAISY)."""
    start = at
    while start and not text[start - 1].isspace():
        start -= 1
    if not letters(text[start:at]):
        return start
    while at and unicodedata.category(text[at - 1]) in ("Ps", "Pi"):
        at -= 1
    if not at or not _is_cut(text[at - 1], text[at]):
        return at
    while at < len(text) and not text[at].isspace():
        at += 1
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _is_cut(before: str, behind: str) -> bool:
    """Whether two neighbours belong to one word; scripts that write no spaces break anywhere."""
    joined = before in "'’" or unicodedata.category(before).startswith("M") or before.isalnum()
    inside = joined and behind.isalnum()
    return inside and unicodedata.east_asian_width(behind) not in ("W", "F")


def _in_order(found: Sequence[_Place]) -> list[_Place]:
    """Leave out pages of notes that stand elsewhere here: not between the pages before and behind them."""
    behind: list[tuple[int, int]] = []
    limit = (1 << 60, 0)
    for place in reversed(found):
        behind.append(limit)
        limit = limit if place.is_note else place.order
    before, kept = (0, 0), list[_Place]()
    for place, limit in zip(found, reversed(behind), strict=True):
        if not place.is_note or before <= place.order <= limit:
            before = place.order
            kept.append(place)
    return kept


def _span(folio: str) -> Element:
    span = tree.make("span", "", {"id": f"page-{folio}", "epub:type": "pagebreak", "role": "doc-pagebreak"})
    span.set("aria-label", folio)
    return span


def _cut(place: _Place, parents: Mapping[Element, Element]) -> None:
    """Put the span into a text."""
    element, span = place.piece.element, _span(place.wanted.folio)
    if place.piece.after:
        text = element.tail or ""
        span.tail, element.tail = text[place.at :], text[: place.at]
        parents[element].insert(list(parents[element]).index(element) + 1, span)
    else:
        text = element.text or ""
        span.tail, element.text = text[place.at :], text[: place.at]
        element.insert(0, span)


def _whole(piece: Piece, parents: Mapping[Element, Element]) -> Element | None:
    """Find what a break must stand before (DAISY Accessible Publishing Knowledge Base).

    That is a heading, with the nav that it heads, or a picture, with its figure.
    """
    picture = piece.text == PICTURE and not piece.after
    found = piece.element if picture else None
    inner: Element | None = parents.get(piece.element) if piece.after else piece.element
    while inner is not None:
        if (
            inner.tag in _HEADINGS
            or (inner.tag == "figure" and picture)
            or (inner.tag == "nav" and found is not None)
        ):
            found = inner
        inner = parents.get(inner)
    return found
