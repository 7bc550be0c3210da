"""The HTML that WeasyPrint lays out: pages put into one tree, with what its stylesheets ask for."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from diptych import tree, words
from diptych.model import Edition, Metadata, Page

_DELETIONS = ("epub:type",)


def html(pages: Sequence[Page], metadata: Metadata, edition: Edition) -> Element:
    """Put pages into one HTML tree; the trees of the pages are copied."""
    root = tree.make("html", "", {"lang": metadata.language, "dir": words.direction(metadata.language)})
    head = tree.add(root, "head")
    tree.add(head, "title", title(metadata))
    for person in metadata.authors:
        tree.add(head, "meta", name="author", content=person.name)
    for name, content in (
        ("description", metadata.description),
        ("keywords", ", ".join(metadata.keywords)),
        ("generator", "diptych"),
        ("dcterms.created", metadata.date if metadata.day else ""),
    ):
        if content:
            tree.add(head, "meta", name=name, content=content)
    body = tree.add(root, "body", class_=f"{edition.medium} {edition.name} openings-{edition.openings}")
    if edition.gentle:
        body.set("class", f"{body.get('class')} gentle gentle-{edition.gentle}")
    for page in pages:
        body.append(_for_paper(tree.duplicate(page.body), edition))
    return root


def title(metadata: Metadata) -> str:
    """Give title and subtitle as one line."""
    return metadata.title + (f": {metadata.subtitle}" if metadata.subtitle else "")


def _for_paper(body: Element, edition: Edition) -> Element:
    if "imprint" in tree.classes(body):  # which stands at the foot of its page, however long it is
        body[:] = [tree.make("div", "", {"class": "foot"}, *body)]
    for element in body.iter():
        for name in _DELETIONS:
            element.attrib.pop(name, None)
        if element.tag == "h1":
            element.attrib.setdefault("data-title", tree.text_of(element))
        if edition.medium == "print" and element.tag == "a":
            element.attrib.pop("href", None)
    return body


def blank() -> Page:
    """Make a page with nothing on it, so that what follows opens on a recto."""
    body = tree.make("section", "", {"class": "blank"}, tree.make("p", "\u00a0"))
    return Page("blank", "", "blank", "front", body)


def text_block(edition: Edition) -> tuple[float, float]:
    """Give width and height of the text block, in millimetres."""
    if edition.medium == "screen":
        return edition.width * 0.75, edition.height - 2 * (edition.width * 0.125 + 3)
    return edition.width * 0.75, edition.height * 0.8


def page_css(edition: Edition) -> str:
    """Write the size and margins of the page.

    The text block is about three quarters of the page's width, so that 10.4 pt on 6 x 9 inches makes 60 to 70
    characters a line; on paper the inner margin is wider, for the fold takes some of it.
    """
    width, height = edition.width, edition.height
    top, bottom = height * 0.092, height * 0.108
    inner, outer = (
        (width * 0.135, width * 0.115) if edition.medium == "print" else (width * 0.125, width * 0.125)
    )
    if edition.medium == "screen":
        top = bottom = width * 0.125 + 3
    depth = height - top - bottom
    return (
        f"@page {{ size: {width:.2f}mm {height:.2f}mm; margin: {top:.2f}mm {outer:.2f}mm {bottom:.2f}mm {inner:.2f}mm;"
        f" @footnote {{ max-height: {depth * (0.5 if edition.gentle > 1 else 0.7):.2f}mm }} }}\n"
        f"@page :left {{ margin-left: {outer:.2f}mm; margin-right: {inner:.2f}mm }}\n"
    )
