"""The pages nobody wrote: title page, imprint, contents, the book's notes. Made from the metadata and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.compose import Composed, heading_of
from diptych.manifest import ROLES
from diptych.model import Catalogue, Edition, Entry, Manifest, Metadata, Page
from diptych.words import list_of, say

_LICENCES = {
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY": "https://creativecommons.org/licenses/by/",
}


_MANY_NOTES, _MOST_NOTES = 600, 500
"""More notes than the first at the book's end are shared out among files of so many, as Standard Ebooks does."""


def pages(
    manifest: Manifest, catalogue: Catalogue, edition: Edition, chapters: Sequence[Composed]
) -> tuple[Page, ...]:
    """Put the whole book in order: title page, imprint, contents, front matter, body, notes, back matter."""
    language = manifest.metadata.language
    made = [half_title(manifest.metadata)] if edition.half_title else []
    made += [title_page(manifest.metadata), imprint(manifest.metadata, edition)]
    composed = [chapter.page for chapter in chapters]
    dedications = [page for page in composed if page.matter == "front" and page.role == "dedication"]
    front = [page for page in composed if page.matter == "front" and page.role != "dedication"]
    body = [page for page in composed if page.matter == "body"]
    back = [page for page in composed if page.matter == "back"]
    notes = endnotes(chapters, edition, language)
    # Behind the last chapter that calls one: a note before its call does not pop up on Kobo.
    calling = {chapter.page.name for chapter in chapters if chapter.notes}
    at = max((n for n, page in enumerate(back, 1) if page.name in calling), default=0)
    rest = [*front, *body, *back[:at], *notes, *back[at:]]
    lists = lists_of_things(catalogue, edition, language)
    rest = [*lists, *rest]
    if edition.paged and len(catalogue.contents) > 1:
        made_contents = [contents(listed(catalogue, [*dedications, *rest]), edition, language)]
    else:
        made_contents = []
    return (*made, *dedications, *made_contents, *rest)


def listed(catalogue: Catalogue, pages: Sequence[Page]) -> tuple[Entry, ...]:
    """Give the entries of the contents in the order of the pages, with lists and the notes at the book's end."""
    entries = {entry.page: entry for entry in catalogue.contents}
    for page in pages:
        if page.role in ("endnotes", "loi", "lot"):
            entries[page.name] = Entry(page.title, page.name, page.name, page.matter)
    return tuple(entries[page.name] for page in pages if page.name in entries)


def half_title(metadata: Metadata) -> Page:
    """Make the half title: the title and nothing else. No heading, for the title page has the book's one."""
    body = _section("half-title", "halftitlepage")
    tree.add(body, "p", metadata.title, class_="title")
    return Page("half-title", metadata.title, "halftitlepage", "front", body)


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


def contents(entries: Sequence[Entry], edition: Edition, language: str) -> Page:
    """Make the contents of a paged edition; the writer fills in the folios."""
    body = _section("contents", "toc")
    body.set("role", "doc-toc")
    tree.add(body, "h1", say("contents", language)).set("data-title", say("contents", language))

    body.append(nested(entries, edition.toc_depth, _with_folio))
    return Page("contents", say("contents", language), "toc", "front", body)


def _with_folio(entry: Entry) -> Element:
    item = tree.make("li", "", {"class": f"in-{entry.matter}"})
    link = tree.add(item, "a", "", href=f"#{entry.target}", class_="entry")
    if entry.number:
        tree.add(link, "span", entry.number, class_="number").tail = "\u2002"
    tree.add(link, "span", entry.text, class_="name")
    tree.add(link, "span", "", class_="leader")
    tree.add(link, "span", "", class_="folio").set("data-target", entry.target)
    return item


def lists_of_things(catalogue: Catalogue, edition: Edition, language: str) -> list[Page]:
    """Make the lists of figures and tables that the edition wants, of those with captions; no list where none have."""
    found: list[Page] = []
    for kind, role in (("figure", "loi"), ("table", "lot")):
        listed = {name: thing for name, thing in catalogue.things.items() if thing.kind == kind}
        if kind in edition.lists and listed:
            entries = [
                Entry(t.title.removesuffix("."), name, t.page, "front", number=t.number)
                for name, t in listed.items()
            ]
            title, name = list_of(kind, language), f"list-of-{kind}s"
            body = _section(name, role, f"contents {name} frontmatter")
            tree.add(body, "h1", title).set("data-title", title)
            body.append(nested(entries, 1, _with_folio if edition.paged else _plain))
            found.append(Page(name, title, role, "front", body))
    return found


def _plain(entry: Entry) -> Element:
    item = tree.make("li", "", {"class": "entry"})
    tree.add(item, "a", entry.line, href=f"#{entry.target}", class_="internal")
    return item


def nested(entries: Sequence[Entry], depth: int, line: Callable[[Entry], Element]) -> Element:
    """Make a list of contents, `depth` levels deep, each item made by `line`."""
    outer = tree.make("ol")
    for entry in entries:
        item = line(entry)
        if entry.children and depth > 1:
            item.append(nested(entry.children, depth - 1, line))
        outer.append(item)
    return outer


def endnotes(chapters: Sequence[Composed], edition: Edition, language: str) -> tuple[Page, ...]:
    """Make the notes at the book's end, each series for itself and by chapter; nothing where none stand there."""
    series = sorted({each.apparatus for chapter in chapters for each in chapter.notes})
    return tuple(
        _notes_page(part, n, own, edition, language)
        for own in series
        for n, part in enumerate(_files(chapters, own, edition), 1)
    )


_Notes = list[tuple[Page, Element]]
"""Notes with the chapter that they belong to."""


def _files(chapters: Sequence[Composed], apparatus: str, edition: Edition) -> list[_Notes]:
    """Share notes out among files: old e-readers stumble over one that has many."""
    found = [(c.page, n.host) for c in chapters for n in c.notes if n.apparatus == apparatus]
    most = _MOST_NOTES if len(found) > _MANY_NOTES and not edition.paged else len(found)
    return [found[at : at + most] for at in range(0, len(found), most)]


def _notes_page(found: _Notes, part: int, apparatus: str, edition: Edition, language: str) -> Page:
    name = "-".join(["endnotes", *([apparatus] if apparatus else []), *([str(part)] if part > 1 else [])])
    title = heading_of(apparatus, edition, language) + (f" ({part})" if part > 1 else "")
    body = _section(name, "endnotes", "endnotes backmatter")
    body.set("role", "doc-endnotes")
    tree.add(body, "h1", title).set("data-title", title)
    for _, notes in groupby(found, key=lambda each: each[0].name):
        (chapter, first), *others = notes
        tree.add(body, "h2", chapter.title).set("data-title", chapter.title)
        body.append(tree.make("ol", "", {"class": "notes"}, first, *(host for _, host in others)))
    return Page(name, title, "endnotes", "back", body)


def _section(name: str, role: str, classes: str = "") -> Element:
    return tree.make(
        "section", "", {"id": name, "class": classes or f"{name} frontmatter", "epub:type": role}
    )
