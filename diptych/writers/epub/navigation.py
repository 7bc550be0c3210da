"""How a reader finds the way: the navigation document (EPUB 3.3, section 7) and the NCX for old devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from diptych import matter, tree
from diptych.model import Break, Catalogue, Entry, Metadata, Page
from diptych.words import say

_LANDMARKS = {"cover": "cover", "titlepage": "title page", "toc": "contents"}
_TITLED_LANDMARKS = ("loi", "lot", "endnotes")
"""What stands for a page in the landmarks; lists, and notes at the book's end, have headings of their own."""


def entries(
    catalogue: Catalogue, pages: Sequence[Page], home: Mapping[str, str], depth: int
) -> tuple[Entry, ...]:
    """Give the contents with addresses for targets."""

    def addressed(entry: Entry, level: int) -> Entry:
        below = level if entry.is_part else level + 1
        children = tuple(addressed(child, below) for child in entry.children) if below <= depth else ()
        href = home[entry.target] if entry.target == entry.page else f"{home[entry.target]}#{entry.target}"
        return replace(entry, target=href, children=children)

    return tuple(addressed(entry, 1) for entry in matter.listed(catalogue, pages))


def page(toc: Sequence[Entry], language: str) -> Page:
    """Make the contents, which stand in the book and are its `toc` nav (EPUB 3.3, section 7.3)."""
    attributes = {"epub:type": "toc", "role": "doc-toc", "id": "toc", "aria-labelledby": "toc-title"}
    contents = tree.make("nav", "", attributes)
    tree.add(contents, "h1", say("contents", language), id="toc-title")
    contents.append(matter.nested(toc, 99, lambda entry: _item(entry.target, entry.line)))
    holder = tree.make("section", "", {"class": "contents"}, contents)
    return Page("contents", say("contents", language), "toc", "front", holder)


def further(
    documents: Sequence[Page], breaks: Sequence[tuple[Break, str]], language: str
) -> tuple[Element, ...]:
    """Make the navs that only reading systems see: landmarks, and the pages of another edition."""
    landmarks = _hidden("landmarks", language)
    landmarks.append(tree.make("ol", "", None, *_landmarks(documents, language)))
    if not breaks:
        return (landmarks,)
    listed = _hidden("page-list", language)
    listed.set("role", "doc-pagelist")
    items = (_item(href, folio) for folio, href in pages(breaks))
    listed.append(tree.make("ol", "", None, *items))
    return (landmarks, listed)


def pages(breaks: Iterable[tuple[Break, str]]) -> list[tuple[str, str]]:
    """Give the pages of another edition by folio and address; `breaks` come with the documents they stand in."""
    return [(each.folio, f"{file_of(name)}#page-{each.folio}") for each, name in breaks]


def file_of(name: str) -> str:
    """Give the file that a page of ours stands in."""
    return "nav.xhtml" if name == "contents" else f"{name}.xhtml"


def _hidden(kind: str, language: str) -> Element:
    attributes = {"epub:type": kind, "hidden": "hidden", "id": kind, "aria-label": say(kind, language)}
    return tree.make("nav", "", attributes)


def _item(href: str, text: str, kind: str = "") -> Element:
    item = tree.make("li")
    link = tree.add(item, "a", text, href=href)
    if kind:
        link.set("epub:type", kind)
    return item


def _landmarks(documents: Sequence[Page], language: str) -> list[Element]:
    items = [
        _item(file_of(page.name), say(word, language) if word else page.title, page.role)
        for page in documents
        if (word := _LANDMARKS.get(page.role)) or page.role in _TITLED_LANDMARKS
    ]
    first = next((page for page in documents if page.matter == "body"), None)
    if first is not None:
        items.append(_item(file_of(first.name), say("start", language), "bodymatter"))
    return items


def ncx(
    toc: Sequence[Entry], folios: Sequence[tuple[str, str]], metadata: Metadata, identifier: str
) -> bytes:
    """Write the NCX of EPUB 2 (OPF 2.0.1, section 2.4.1); `folios` are pages with their addresses."""
    order = 0

    def points(found: Iterable[Entry]) -> str:
        nonlocal order
        written = []
        for entry in found:
            order += 1
            label = f"<navLabel><text>{escape(entry.line)}</text></navLabel>"
            head = f'<navPoint id="np-{order}" playOrder="{order}">{label}'
            written.append(
                f"{head}<content src={quoteattr(entry.target)}/>{points(entry.children)}</navPoint>"
            )
        return "".join(written)

    def targets() -> str:
        nonlocal order
        written: list[str] = []
        for folio, href in folios:
            order += 1
            kind, value = ("normal", folio) if folio.isdigit() else ("front", str(1 + len(written)))
            written.append(
                f'<pageTarget id="pt-{order}" type="{kind}" value="{value}" playOrder="{order}">'
                f"<navLabel><text>{folio}</text></navLabel><content src={quoteattr(href)}/></pageTarget>\n"
            )
        return f"<pageList>\n{''.join(written)}</pageList>\n" if written else ""

    language = quoteattr(metadata.language)
    last = max((int(folio) for folio, _ in folios if folio.isdigit()), default=0)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang={language}>\n'
        f'<head><meta name="dtb:uid" content={quoteattr(identifier)}/>'
        f'<meta name="dtb:depth" content="{_depth(toc)}"/>'
        f'<meta name="dtb:totalPageCount" content="{len(folios)}"/>'
        f'<meta name="dtb:maxPageNumber" content="{last}"/></head>\n'
        f"<docTitle><text>{escape(metadata.title)}</text></docTitle>\n<navMap>{points(toc)}</navMap>\n"
        f"{targets()}</ncx>\n"
    ).encode()


def _depth(found: Sequence[Entry]) -> int:
    return 1 + max((_depth(entry.children) for entry in found if entry.children), default=0)
