"""The notes of a finished EPUB as reading systems see them: which would not pop up, on which of them, and why.

Sources: kobolabs/epub-spec (footnotes); Kindle Publishing Guidelines, 10.3.12; Apple Books Asset Guide (footnotes);
r2-navigator-js 1.23 (Thorium), which asks `document.querySelector` for the fragment of a link and hides backlinks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from diptych.checks.ledger import Expected
from diptych.checks.opened import XHTML, Document, Opened, Style, read, resolved, text_of, types
from diptych.problems import Problem, hint

READERS = ("Kobo", "Kindle", "Thorium", "Apple Books")
"""The reading systems that are asked."""

_SHORTEST, _LONGEST = 9, 5000
"""Characters of a text that Kobo takes for a note."""

_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_COMPOUND = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)")


@dataclass(frozen=True)
class _Spot:
    """An element with an id, and where it stands in reading order."""

    document: Document
    order: int
    element: etree._Element


@dataclass(frozen=True)
class _Met:
    """A note as it is met at one call; `home` is the note round the place that the call leads to."""

    mark: str
    call: _Spot
    target: _Spot
    home: etree._Element
    backlinks: Mapping[etree._Element, str]
    hidden: bool

    @property
    def returns(self) -> bool:
        """Whether the note leads back to this very call."""
        return self.call.element.get("id") in self.backlinks.values()


def check(data: bytes, wanted: Sequence[Expected]) -> tuple[Problem, ...]:
    """Say of each note of a finished EPUB where it would not pop up, in one sentence."""
    book = read(data)
    spots = _spots(book)
    unseen = [style for style in book.styles if style.get("display") == "none"]
    told = (_told(each, _faults(each, spots, unseen)) for each in wanted)
    return tuple(problem for problem in told if problem)


def _spots(book: Opened) -> dict[str, _Spot]:
    found: dict[str, _Spot] = {}
    for document in book.documents:
        for element in document.root.iter(etree.Element):
            if name := element.get("id"):
                found.setdefault(name, _Spot(document, len(found), element))
    return found


def _told(wanted: Expected, faults: Mapping[str, Sequence[str]]) -> Problem | None:
    if not faults:
        return None
    where = ", nor on ".join(f"{reader} ({'; '.join(why)})" for reader, why in faults.items())
    ours = "Unless a stylesheet of the book does it, this is a fault of diptych."
    advice = "The link leads there all the same." if [*faults] == ["Kobo"] else ours
    sentence = f"The note {wanted.mark} does not pop up on {where}."
    return hint("note-no-popup", wanted.place, sentence, advice)


def _faults(wanted: Expected, spots: Mapping[str, _Spot], unseen: Sequence[Style]) -> dict[str, list[str]]:
    """Collect the reasons by reader. One that does not hold for every call names the lines of those it holds for."""
    calls = [(call.line, _met(wanted, spots.get(call.id), spots, unseen)) for call in wanted.note.calls]
    met = [(line, one) for line, one in calls if one]
    found: dict[str, dict[str, list[int]]] = {}
    for line, one in met:
        for reader, look in zip(READERS, _LOOKS, strict=True):
            for reason in look(one):
                found.setdefault(reader, {}).setdefault(reason, []).append(line)
    return {
        reader: [_said(why, lines, len(met)) for why, lines in found[reader].items()]
        for reader in READERS
        if reader in found
    }


def _said(reason: str, lines: Sequence[int], calls: int) -> str:
    if len(lines) == calls:
        return reason
    at = " and ".join(f"line {line}" for line in dict.fromkeys(lines))
    return f"where {at} calls it: {reason}"


def _met(
    wanted: Expected, call: _Spot | None, spots: Mapping[str, _Spot], unseen: Sequence[Style]
) -> _Met | None:
    """Follow a call; None where it leads nowhere, which the ledger tells."""
    if call is None:
        return None
    path, name = resolved(call.document.path, call.element.get("href", ""))
    target = spots.get(name)
    if target is None or target.document.path != path:
        return None
    home = next((e for e in _outwards(target.element) if _is_home(e)), target.element)
    names = {each.id for each in wanted.note.calls}
    links = {a: resolved(path, a.get("href", ""))[1] for a in home.iter(f"{XHTML}a")}
    back = {link: to for link, to in links.items() if to in names and "noteref" not in types(link)}
    hidden = not target.document.linear or any(_is_hidden(e, unseen) for e in _outwards(home))
    return _Met(wanted.mark, call, target, home, back, hidden)


def _outwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _is_home(element: etree._Element) -> bool:
    return element.tag in (f"{XHTML}aside", f"{XHTML}li") or "footnote" in types(element)


def _is_hidden(element: etree._Element, unseen: Sequence[Style]) -> bool:
    own = element.get("style", "").replace(" ", "")
    named = (selector for style in unseen for selector in style.selectors)
    return element.get("hidden") is not None or "display:none" in own or any(_fits(s, element) for s in named)


def _fits(selector: str, element: etree._Element) -> bool:
    """Whether a selector of names and classes means an element; what stands in front of a space is looked for above."""
    *above, last = re.split(r"[\s>]+", selector)
    ancestors = list(element.iterancestors())
    return _fits_one(last, element) and all(any(_fits_one(one, e) for e in ancestors) for one in above)


def _fits_one(compound: str, element: etree._Element) -> bool:
    found = _COMPOUND.fullmatch(compound)
    if not found or not compound:
        return False
    name = str(element.tag).rpartition("}")[2]
    return found[1] in (None, name) and set(found[2].split(".")[1:]) <= set(element.get("class", "").split())


# --- What each wants --------------------------------------------------------------------------------------------------


def _kobo(met: _Met) -> Iterator[str]:
    length = len(text_of(met.target.element))
    if not _SHORTEST <= length <= _LONGEST:
        yield f"its text has {length} characters; Kobo wants {_SHORTEST} to {_LONGEST}"
    if met.target.order < met.call.order:
        yield "it stands before the call; Kobo wants it behind"


def _kindle(met: _Met) -> Iterator[str]:
    if not met.returns:
        yield "nothing in it leads back to the call"
    elif _first_link(met) is None:
        yield "it does not begin with the link back, so that the notes behind it run into it"
    if met.hidden:
        yield "it is hidden where it stands"


def _thorium(met: _Met) -> Iterator[str]:
    if not _SAFE.fullmatch(name := met.target.element.get("id", "")):
        yield f'its id "{name}" is none that a selector of CSS can name'
    if met.target.element is not met.home:
        yield "its id stands inside the note and not on it"
    whole = text_of(met.home)
    if whole == " ".join(text_of(link) for link in met.backlinks):
        yield "it holds nothing but the link back, which Thorium hides"
    first = _first_link(met)
    if first is not None and (first.tail or "").lstrip().startswith("."):
        yield "the full stop behind its number is not in the link back"
    if first is None and met.backlinks and whole.startswith(met.mark):
        yield "its number is not in the link back"
    if _is_blank(met):
        yield "an aside among endnotes is shown nowhere"


def _apple(met: _Met) -> Iterator[str]:
    if "epub" not in met.call.document.root.nsmap:
        yield "xmlns:epub does not stand on the html element"
    if len(met.call.element):
        yield "the call holds more than text"
    if "noteref" not in types(met.call.element):
        yield "the call is not marked as a noteref"
    if met.home.tag != f"{XHTML}li" and "footnote" not in types(met.home):
        yield "it is not marked as a footnote"
    if _is_blank(met):
        yield "an aside among endnotes is shown nowhere"


_LOOKS: tuple[Callable[[_Met], Iterator[str]], ...] = (_kobo, _kindle, _thorium, _apple)


def _first_link(met: _Met) -> etree._Element | None:
    """Give the link back with which the note begins, if it begins with one."""
    first = met.home.xpath("(.//text()[normalize-space()])[1]")
    if not isinstance(first, list) or not first or getattr(first[0], "is_tail", True):
        return None
    return next((e for e in _outwards(first[0].getparent()) if e in met.backlinks), None)


def _is_blank(met: _Met) -> bool:
    """Whether the note is an aside among endnotes, which would be hidden there too (thorium-reader issue 2596)."""
    around = met.home.iterancestors()
    return met.home.tag == f"{XHTML}aside" and any(
        "endnotes" in types(e) or e.get("role") == "doc-endnotes" for e in around
    )
