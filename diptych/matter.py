"""The pages nobody wrote: title page, imprint, contents, the book's notes. Made from the metadata and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.compose import Composed
from diptych.manifest import ROLES
from diptych.model import Catalogue, Edition, Entry, Manifest, Metadata, Page
from diptych.words import say

_LICENCES = {
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY": "https://creativecommons.org/licenses/by/",
}


def pages(
    manifest: Manifest, catalogue: Catalogue, edition: Edition, chapters: Sequence[Composed]
) -> tuple[Page, ...]:
    """Put the whole book in order: title page, imprint, contents, front matter, body, notes, back matter."""
    made = [title_page(manifest.metadata), imprint(manifest.metadata, edition)]
    if edition.paged and len(catalogue.contents) > 1:
        made.append(contents(catalogue, edition, manifest.metadata.language))
    composed = [chapter.page for chapter in chapters]
    front = [page for page in composed if page.matter == "front"]
    body = [page for page in composed if page.matter == "body"]
    back = [page for page in composed if page.matter == "back"]
    notes = endnotes(chapters, manifest.metadata.language)
    return (
        *made[:2],
        *[p for p in front if p.role == "dedication"],
        *made[2:],
        *[p for p in front if p.role != "dedication"],
        *body,
        *notes,
        *back,
    )


def title_page(metadata: Metadata) -> Page:
    """Make the title page: title, subtitle, authors, publisher."""
    body = _section("title-page", "titlepage")
    tree.add(body, "h1", metadata.title, class_="title")
    if metadata.subtitle:
        tree.add(body, "p", metadata.subtitle, class_="subtitle", role="doc-subtitle")
    if metadata.authors:
        tree.add(
            body,
            "p",
            _names([person.name for person in metadata.authors], metadata.language),
            class_="authors",
        )
    for person in metadata.contributors:
        if "aut" not in person.roles:
            tree.add(body, "p", f"{ROLES[person.roles[0]].capitalize()}: {person.name}", class_="contributor")
    if metadata.publisher:
        tree.add(body, "p", metadata.publisher, class_="publisher")
    return Page("title-page", metadata.title, "titlepage", "front", body)


def _names(names: list[str], language: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {say('also', language)} {names[-1]}"


def imprint(metadata: Metadata, edition: Edition) -> Page:
    """Make the imprint: who, when, under which licence, under which numbers."""
    body = _section("imprint", "copyright-page")
    language = metadata.language
    head = metadata.title + (f": {metadata.subtitle}" if metadata.subtitle else "")
    lines: list[tuple[str, str]] = [("title", head)]
    first = " ".join(part for part in (metadata.edition, metadata.date[:4]) if part)
    published = [
        part
        for part in (
            f"{say('first published', language)}: {metadata.source or metadata.first_published}"
            if metadata.source or metadata.first_published
            else "",
            f"{say('edition', language)}: {first}" if first else "",
        )
        if part
    ]
    lines += [("published", line) for line in published]
    if metadata.publisher:
        lines.append(("publisher", metadata.publisher))
    if metadata.series:
        lines.append(("series", f"{metadata.series.name} {metadata.series.position}".strip()))
    lines += [("rights", text) for text in (metadata.rights,) if text]
    for kind, text in lines:
        tree.add(body, "p", text, class_=kind)
    if metadata.licence:
        body.append(_licence(metadata.licence))
    numbers = [
        f"ISBN {isbn} ({name})"
        for name, isbn in sorted(metadata.isbn.items(), key=lambda i: i[0] != edition.name)
    ]
    numbers += [f"DOI {metadata.doi}"] if metadata.doi else []
    numbers += [metadata.uuid] if not numbers else []
    for number in numbers:
        tree.add(body, "p", number, class_="identifier")
    return Page("imprint", say("imprint", language), "copyright-page", "front", body)


def _licence(licence: str) -> Element:
    """Link a Creative Commons licence given by its SPDX name, or an address; other words stay words."""
    match = re.fullmatch(r"(CC0|CC-BY(?:-[A-Z]{2})*)-(\d\.\d)", licence)
    address = licence if licence.startswith(("https://", "http://")) else ""
    if match and match[1] == "CC0":
        address = _LICENCES["CC0"]
    elif match:
        address = f"https://creativecommons.org/licenses/{match[1].removeprefix('CC-').lower()}/{match[2]}/"
    text = licence.replace("-", " ", 1) if match else licence
    paragraph = tree.make("p", "", {"class": "licence"})
    if address:
        tree.add(paragraph, "a", text, href=address, class_="external")
    else:
        paragraph.text = text
    return paragraph


def contents(catalogue: Catalogue, edition: Edition, language: str) -> Page:
    """Make the contents of a paged edition; the writer fills in the folios (`span.folio`)."""
    body = _section("contents", "toc")
    body.set("role", "doc-toc")
    tree.add(body, "h1", say("contents", language)).set("data-title", say("contents", language))

    def line(entry: Entry) -> Element:
        item = tree.make("li", "", {"class": f"in-{entry.matter}"})
        link = tree.add(item, "a", "", href=f"#{entry.target}", class_="entry")
        tree.add(link, "span", entry.text, class_="name")
        tree.add(link, "span", "", class_="leader")
        tree.add(link, "span", "", class_="folio")
        return item

    body.append(nested(catalogue.contents, edition.toc_depth, line))
    return Page("contents", say("contents", language), "toc", "front", body)


def nested(entries: Sequence[Entry], depth: int, line: Callable[[Entry], Element]) -> Element:
    """Make a list of contents, `depth` levels deep, each item made by `line`."""
    outer = tree.make("ol")
    for entry in entries:
        item = line(entry)
        if entry.children and depth > 1:
            item.append(nested(entry.children, depth - 1, line))
        outer.append(item)
    return outer


def endnotes(chapters: Sequence[Composed], language: str) -> tuple[Page, ...]:
    """Make the notes at the book's end, by chapter, where the edition wants them there; else nothing."""
    if not any(chapter.notes for chapter in chapters):
        return ()
    body = _section("endnotes", "endnotes")
    body.set("role", "doc-endnotes")
    heading = tree.add(body, "h1", say("notes", language))
    heading.set("data-title", say("notes", language))
    for chapter in chapters:
        if chapter.notes:
            tree.add(body, "h2", chapter.page.title).set("data-title", chapter.page.title)
            body.append(tree.make("ol", "", {"class": "notes"}, *chapter.notes))
    return (Page("endnotes", say("notes", language), "endnotes", "back", body),)


def _section(name: str, role: str) -> Element:
    return tree.make(
        "section",
        "",
        {
            "id": name,
            "class": f"{name} frontmatter" if name != "endnotes" else "endnotes backmatter",
            "epub:type": role,
        },
    )
