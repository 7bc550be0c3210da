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


def section(page: Page, before: Page | None, metadata: Metadata, edition: Edition) -> Element:
    """Put one page of ours into a tree, behind an empty stand-in of the one before it, which selectors may ask for."""
    root = html([page], metadata, edition)
    if before is not None:
        given = {name: value for name, value in before.body.attrib.items() if name not in ("id", "epub:type")}
        root[-1].insert(0, tree.make(before.body.tag, "", given | {"style": "display: none"}))
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
    """Make a page with nothing on it that begins on a recto: between two of them stands a blank verso."""
    body = tree.make("section", "", {"class": "blank", "style": "break-before: recto"})
    return Page("blank", "", "blank", "front", body)
