"""Small questions asked of an element tree, and small pieces built for one. Nothing here knows about books."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
"""Elements that have no end tag (HTML Living Standard, 13.1.2)."""

BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
"""Elements that begin on a line of their own."""

_WITHOUT_WORDS = frozenset({"table", "thead", "tbody", "ul", "ol"})
"""Elements whose own text is nothing but the white space between blocks."""


def make(tag: str, text: str = "", attributes: dict[str, str] | None = None, *children: Element) -> Element:
    """Build an element with its text and children."""
    element = Element(tag, attributes or {})
    element.text = text or None
    element.extend(children)
    return element


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Append an element; `class_` stands for `class`."""
    child = SubElement(parent, tag, {name.rstrip("_"): value for name, value in attributes.items()})
    child.text = text or None
    return child


def written(root: Element) -> bytes:
    """Write a tree out, so that `read` gives it back: a parser would take a carriage return for a line end."""
    data: bytes = ET.tostring(root)
    return data.replace(b"\r", b"&#13;")


def read(data: bytes) -> Element:
    """Read back what `written` has written, and nothing else."""
    return ET.fromstring(data)  # noqa: S314 - it is our own


def duplicate(element: Element) -> Element:
    """Copy a tree so that the copy may be changed."""
    return copy.deepcopy(element)


def classes(element: Element) -> list[str]:
    """Give the element's classes."""
    return element.get("class", "").split()


def add_class(element: Element, name: str) -> None:
    """Add a class, once."""
    if name not in classes(element):
        element.set("class", " ".join([*classes(element), name]))


def text_of(element: Element, skip: Callable[[Element], bool] = lambda _: False) -> str:
    """Give the text inside an element, white space folded, leaving out what `skip` names."""

    def pieces(node: Element) -> Iterator[str]:
        yield node.text or ""
        for child in node:
            if not skip(child):
                if child.tag in BLOCKS or child.tag == "br":
                    yield " "
                yield from pieces(child)
                if child.tag in BLOCKS:
                    yield " "
            yield child.tail or ""

    return re.sub(r"[ \t\r\n]+", " ", "".join(pieces(element))).strip()


def with_parents(root: Element) -> Iterator[tuple[Element, Element]]:
    """Walk a tree in document order, each element with its parent; safe against changes behind the walk."""
    for child in list(root):
        yield child, root
        yield from with_parents(child)


def with_lines(root: Element, line: int = 0) -> Iterator[tuple[Element, int]]:
    """Walk a tree in document order, each element with its source line.

    A block carries its line in `data-line`; an inline element stands as many lines further down as its block's text
    has line ends before it.
    """
    current, found = line, list[tuple[Element, int]]()

    def walk(element: Element) -> None:
        nonlocal current
        current = int(element.get("data-line") or current)
        found.append((element, current))
        text = element.text or element.get("data-tex")
        if text and element.tag not in _WITHOUT_WORDS:
            current += text.count("\n")
        for child in element:
            walk(child)
            if child.tail and child.tag not in BLOCKS:
                current += child.tail.count("\n")

    walk(root)
    return iter(found)


def with_text_before(element: Element, before: str = "") -> Iterator[tuple[Element, str]]:
    """Walk a tree in document order, each element with the text of its block that stands before it."""
    text = "" if element.tag in BLOCKS or element.tag == "br" else before
    yield element, text
    text += element.text or ""
    for child in element:
        yield from with_text_before(child, text)
        text = ("" if child.tag in BLOCKS else text + text_of(child)) + (child.tail or "")


def replace(parent: Element, old: Element, new: Element) -> None:
    """Put `new` where `old` stands; the text after it stays."""
    new.tail = old.tail
    parent[list(parent).index(old)] = new


def remove(parent: Element, child: Element) -> None:
    """Take an element out and keep the text after it."""
    index = list(parent).index(child)
    tail = child.tail or ""
    parent.remove(child)
    if index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


def insert_after(parent: Element, anchor: Element, new: Element) -> None:
    """Put `new` directly behind `anchor`, before the text that follows it."""
    new.tail, anchor.tail = anchor.tail, None
    parent.insert(list(parent).index(anchor) + 1, new)


def unwrap_into(parent: Element, wrapper: Element) -> None:
    """Move a wrapper's text and children to the end of `parent`."""
    _append_text(parent, wrapper.text)
    for child in list(wrapper):
        parent.append(child)


def _append_text(parent: Element, text: str | None) -> None:
    if text and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    elif text:
        parent.text = (parent.text or "") + text


def without_blanks(element: Element) -> None:
    """Drop the white space between blocks, which means nothing on a page; text inside `pre` is left alone."""
    if element.tag == "pre":
        return
    if any(child.tag in BLOCKS for child in element):
        if not (element.text or "").strip():
            element.text = None
        for child in element:
            if not (child.tail or "").strip() and child.tag in BLOCKS:
                child.tail = None
    for child in element:
        without_blanks(child)


def slug(text: str) -> str:
    """Give an ASCII name in `[a-z0-9-]`: accents go, everything else becomes a hyphen. May be empty."""
    plain = unicodedata.normalize(
        "NFKD", text.replace("ß", "ss").replace("æ", "ae").replace("ø", "o").replace("ł", "l")
    )
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
