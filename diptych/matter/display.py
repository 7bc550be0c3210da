"""Pages that are looked at rather than read, made from the metadata: half title, frontispiece, title page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Manifest, Metadata, Page
from diptych.words import credit, enumerated

_NAMED_ON_THE_TITLE_PAGE = frozenset(
    "edt red trl ill art com ann cmm aui win wpr aft waw wam ctb pht".split()
)
"""MARC relators of people whom a title page names below the authors; the imprint names the others."""


def section(name: str, role: str, classes: str = "") -> Element:
    """Begin a page nobody wrote."""
    return tree.make(
        "section", "", {"id": name, "class": classes or f"{name} frontmatter", "epub:type": role}
    )


def half_title(metadata: Metadata) -> Page:
    """Make the half title: the title and nothing else. No heading, for the title page has the book's one."""
    body = section("half-title", "halftitlepage")
    tree.add(body, "p", metadata.title, class_="title")
    return Page("half-title", metadata.title, "halftitlepage", "front", body)


def frontispiece(about: Manifest) -> Page:
    """Make the page with the picture that faces the title page."""
    body = section("frontispiece", "frontmatter")
    image = tree.add(tree.add(body, "figure"), "img", src=about.frontispiece)
    if about.frontispiece_alt:
        image.set("alt", about.frontispiece_alt)
    return Page("frontispiece", about.metadata.title, "frontispiece", "front", body)


def title_page(metadata: Metadata) -> Page:
    """Make the title page: title, subtitle, authors, whoever else has a share in it, edition, publisher and place."""
    body = section("title-page", "titlepage")
    tree.add(body, "h1", metadata.title, class_="title")
    if metadata.subtitle:
        tree.add(body, "p", metadata.subtitle, class_="subtitle", role="doc-subtitle")
    if metadata.authors:
        names = enumerated([person.name for person in metadata.authors], metadata.language)
        tree.add(body, "p", names, class_="authors")
    for words in credited(metadata, _NAMED_ON_THE_TITLE_PAGE):
        tree.add(body, "p", words, class_="contributor")
    if metadata.edition:
        tree.add(body, "p", metadata.edition, class_="edition")
    if metadata.publisher:
        foot = tree.add(body, "p", metadata.publisher, class_="publisher")
        if metadata.place:
            tree.add(foot, "br").tail = metadata.place
    return Page("title-page", metadata.title, "titlepage", "front", body)


def credited(metadata: Metadata, roles: Collection[str]) -> Iterator[str]:
    """Say who did what, of these roles, in the order in which book.toml names people; authors need no words."""
    did: dict[str, list[str]] = {}
    for person in metadata.contributors:
        for role in person.roles:
            if role in roles:
                did.setdefault(role, []).append(person.name)
    for role, names in did.items():
        if words := credit(role, names, metadata.language):
            yield words


def credited_elsewhere(metadata: Metadata) -> Iterator[str]:
    """Say who did what of those whom the title page does not name."""
    roles = {role for person in metadata.contributors for role in person.roles}
    return credited(metadata, roles - _NAMED_ON_THE_TITLE_PAGE)
