"""How a reader finds the way: the navigation document (EPUB 3.3, section 7) and the NCX for old devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from diptych import matter, tree
from diptych.model import Catalogue, Entry, Metadata, Page
from diptych.words import say
from diptych.writers import xhtml

_LANDMARKS = {"cover": "cover", "titlepage": "title page", "toc": "contents", "endnotes": "notes"}


def entries(
    catalogue: Catalogue, pages: Sequence[Page], home: Mapping[str, str], depth: int
) -> tuple[Entry, ...]:
    """Give the contents with addresses for targets."""

    def addressed(entry: Entry, level: int) -> Entry:
        children = tuple(addressed(child, level + 1) for child in entry.children) if level < depth else ()
        href = home[entry.target] if entry.target == entry.page else f"{home[entry.target]}#{entry.target}"
        return replace(entry, target=href, children=children)

    return tuple(addressed(entry, 1) for entry in matter.listed(catalogue, pages))


def document(
    toc: Sequence[Entry], pages: Sequence[Page], metadata: Metadata, direction: str, home: Mapping[str, str]
) -> bytes:
    """Write nav.xhtml: contents that stand in the book, landmarks that only reading systems see."""
    language = metadata.language
    contents = tree.make(
        "nav", "", {"epub:type": "toc", "role": "doc-toc", "id": "toc", "aria-labelledby": "toc-title"}
    )
    tree.add(contents, "h1", say("contents", language), id="toc-title")
    contents.append(matter.nested(toc, 99, lambda entry: _item(entry.target, entry.text)))
    body = tree.make("body", "", None, contents, _landmarks(pages, home, language))
    return xhtml.document(say("contents", language), body, language, direction, ("book.css",))


def _item(href: str, text: str, kind: str = "") -> Element:
    item = tree.make("li")
    link = tree.add(item, "a", text, href=href)
    if kind:
        link.set("epub:type", kind)
    return item


def _landmarks(pages: Sequence[Page], home: Mapping[str, str], language: str) -> Element:
    nav = tree.make(
        "nav",
        "",
        {
            "epub:type": "landmarks",
            "hidden": "hidden",
            "id": "landmarks",
            "aria-label": say("landmarks", language),
        },
    )
    items = tree.add(nav, "ol")
    items.append(_item(home["cover"], say("cover", language), "cover"))
    items.append(_item("nav.xhtml#toc", say("contents", language), "toc"))
    for page in pages:
        if page.role in _LANDMARKS:
            items.append(_item(home[page.name], say(_LANDMARKS[page.role], language), page.role))
    first = next((page for page in pages if page.matter == "body"), None)
    if first is not None:
        items.append(_item(home[first.name], say("start", language), "bodymatter"))
    return nav


def ncx(toc: Sequence[Entry], metadata: Metadata) -> bytes:
    """Write the NCX of EPUB 2 (OPF 2.0.1, section 2.4.1)."""
    order = 0

    def points(found: Iterable[Entry]) -> str:
        nonlocal order
        written = []
        for entry in found:
            order += 1
            label = f"<navLabel><text>{escape(entry.text)}</text></navLabel>"
            head = f'<navPoint id="np-{order}" playOrder="{order}">{label}'
            written.append(
                f"{head}<content src={quoteattr(entry.target)}/>{points(entry.children)}</navPoint>"
            )
        return "".join(written)

    language = quoteattr(metadata.language)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang={language}>\n'
        f'<head><meta name="dtb:uid" content={quoteattr(metadata.uuid)}/>'
        f'<meta name="dtb:depth" content="{_depth(toc)}"/>'
        '<meta name="dtb:totalPageCount" content="0"/><meta name="dtb:maxPageNumber" content="0"/></head>\n'
        f"<docTitle><text>{escape(metadata.title)}</text></docTitle>\n<navMap>{points(toc)}</navMap>\n</ncx>\n"
    ).encode()


def _depth(found: Sequence[Entry]) -> int:
    return 1 + max((_depth(entry.children) for entry in found if entry.children), default=0)
