"""Addresses on pages: where a link leads is said where it cannot be followed, and long addresses break well.

`show` puts the address behind the words of its link, `note` at the foot of the page (a series of notes of its own, so
that no number of another note moves), `hide` leaves it out. Words that are the address already are never doubled; a
link in a heading and one round a picture say nothing.

Addresses break behind their own marks, never between a scheme and its slashes, and without a hyphen; before a hyphen of
their own, for one at a line's end is lost to who copies the address (pdfium reads it as the printer's). The breaks are
spaces of no width, which no reader copies out of a PDF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Chapter, Edition, NoteText

APPARATUS = "url"
"""The series of notes that hold addresses: a label like `url:https://example.org`."""

_BREAK = re.compile(r"(?<=[/._?&=#,:;%+~])(?=[^/.\-_?&=#,:;%+~\s])|(?<=\w)(?=-)")
_UNSEEN = re.compile(r"[\s\u200b\u2060]")
_BARE = re.compile(r"(?:https?://|www\.)[^\s<>\"“”«»]*[^\s<>\"“”«».,:;!?)\]’]")
_VERBATIM = frozenset({"pre", "code", "kbd", "samp", "math", "svg"})
_CLAUSE_END = re.compile(r"[,.;:!?…]*[”’»]?")
"""What stands before the call of a note, as a rule (Chicago Manual of Style, 14.26)."""

_CALLS_FIRST = frozenset({"fr"})
"""Languages in which the call stands before such marks (Imprimerie nationale, Lexique des règles typographiques)."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def breakable(address: str) -> str:
    """Let a line end behind the marks of an address (`/ . _ ? & =` and their like), and before its hyphens alone."""
    return _BREAK.sub("\u200b", address).replace("-", "-\u2060")


def shown(href: str) -> str:
    """Write an address for a reader with a pen: `mailto:` and `tel:` go, and what a mail is to begin with."""
    if re.match(r"(?i)mailto:", href):
        return href[7:].partition("?")[0]
    return re.sub(r"(?i)^tel:", "", href)


def is_said(words: str, href: str) -> bool:
    """Whether the words of a link are its address already, however much of it they leave out."""
    return _bare(words) in (_bare(href), _bare(shown(href)))


def _bare(address: str) -> str:
    plain = re.sub(r"(?i)^(?:https?://|mailto:|tel:|doi:)?(?:www\.|(?:dx\.)?doi\.org/)?", "", address.strip())
    return _UNSEEN.sub("", plain).rstrip("/").casefold()


def as_notes(chapter: Chapter, leads: Callable[[str], str], language: str) -> Chapter:
    """Call a note with the address behind each link to outside that does not say it; one note for each address.

    `leads` gives the address of a link that leads outside, or "". Calls stand where the language has them.
    """
    first = language.split("-", maxsplit=1)[0] in _CALLS_FIRST
    bodies = [tree.duplicate(chapter.body), *(_copy(note.body) for note in chapter.notes)]
    found: dict[str, NoteText] = {}
    for body in (each for each in bodies if each is not None):
        lines = {id(element): line for element, line in tree.with_lines(body)}
        for link, parent, _ in _silent(body):
            if address := leads(link.get("href", "")):
                label = f"{APPARATUS}:{address}"
                mark = None if first else _CLAUSE_END.match(link.tail or "")
                call = Element("sup", {"class": "noteref", "data-note": label})
                _call(parent, link, call, mark.end() if mark else 0)
                found.setdefault(label, NoteText(label, lines[id(link)], _text(address)))
    texts = (replace(note, body=body) for note, body in zip(chapter.notes, bodies[1:], strict=True))
    return replace(chapter, body=bodies[0] or chapter.body, notes=(*texts, *found.values()))


def _call(parent: Element, link: Element, call: Element, end: int) -> None:
    """Put a call behind a link and so many characters that follow it."""
    text = link.tail or ""
    tree.insert_after(parent, link, call)
    link.tail, call.tail = text[:end], text[end:]


def _copy(body: Element | None) -> Element | None:
    return None if body is None else tree.duplicate(body)


def _text(address: str) -> Element:
    return tree.make("aside", "", None, tree.make("p", shown(address)))


def _silent(body: Element) -> Iterator[tuple[Element, Element, str]]:
    """Give the links whose words do not say where they lead, each with its parent and the text before it."""
    parents = dict(tree.with_parents(body))
    headed = {link for heading in body.iter() if heading.tag in _HEADINGS for link in heading.iter("a")}
    for link, before in list(tree.with_text_before(body)):
        words = tree.text_of(link) if link.tag == "a" and link.get("href") else ""
        if words and not is_said(words, link.get("href", "")) and link not in headed:
            yield link, parents[link], before


def resolve(body: Element, edition: Edition) -> None:
    """Say addresses as a paged edition wants them, and let them break; works on a tree whose links are resolved."""
    if not edition.paged:
        return
    outside = [link for link in body.iter("a") if "external" in tree.classes(link)]
    for link, parent, before in _silent(body) if outside and edition.urls == "show" else ():
        if "external" in tree.classes(link):
            tree.insert_after(parent, link, _shown_behind(link, before))
    for link in outside:
        if is_said(tree.text_of(link), link.get("href", "")):
            _let_break(link)
    if _BARE.search("\n".join(body.itertext())):  # hardly a note has any
        _wrap(body)


def _shown_behind(link: Element, before: str) -> Element:
    """Make what stands behind a link, in brackets where it stands in parentheses already."""
    opening, closing = "[]" if before.count("(") > before.count(")") else "()"
    address = tree.make("span", breakable(shown(link.get("href", ""))), {"class": "url"})
    address.tail = closing
    return tree.make("span", f" {opening}", {"class": "address"}, address)


def _let_break(link: Element) -> None:
    tree.add_class(link, "url")
    for element in link.iter():
        element.text = breakable(element.text or "") or None
        if element is not link:
            element.tail = breakable(element.tail or "") or None


def _wrap(element: Element) -> None:
    """Mark addresses that stand in the text without being links, and let them break."""
    if element.tag in _VERBATIM or element.tag.startswith("{") or "url" in tree.classes(element):
        return
    inner = list(element)
    element.text, found = _cut(element.text)
    for child in inner:
        _wrap(child)
        child.tail, behind = _cut(child.tail)
        found += [child, *behind]
    element[:] = found


def _cut(text: str | None) -> tuple[str | None, list[Element]]:
    """Cut a text before its first address; the addresses have what follows them for their tails."""
    found = list(_BARE.finditer(text or ""))
    if text is None or not found:
        return text, []
    ends = [*(match.start() for match in found[1:]), len(text)]
    spans = [tree.make("span", breakable(match[0]), {"class": "url"}) for match in found]
    for span, match, end in zip(spans, found, ends, strict=True):
        span.tail = text[match.end() : end]
    return text[: found[0].start()], spans
