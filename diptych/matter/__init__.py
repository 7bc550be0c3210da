"""The pages nobody wrote, and the order of all: what opens the book, contents, its notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.compose import Composed, heading_of
from diptych.matter import colophon, display, imprint
from diptych.model import Catalogue, Edition, Entry, Manifest, Page, Theme
from diptych.words import list_of, say

OPENING = ("halftitlepage", "frontispiece", "titlepage", "copyright-page")
"""What a book opens with, in this order; a file of the author's with one of these roles takes the place of ours."""

BEFORE_CONTENTS = (*OPENING, "dedication", "epigraph")
_BEFORE_NOTES = (
    "acknowledgments",
    "afterword",
    "appendix",
    "chronology",
    "abbreviations",
    "epilogue",
    "conclusion",
)
"""What stands before the notes at a book's end (Chicago Manual of Style, 1.4)."""

_OF_THE_WHOLE = ("conclusion", "epilogue")
"""What belongs to the whole book, though it stands behind the last part."""

_MANY_NOTES, _MOST_NOTES = 600, 500
"""More notes than the first at the book's end are shared out among files of so many, as Standard Ebooks does."""


def pages(
    about: Manifest, catalogue: Catalogue, edition: Edition, theme: Theme, chapters: Sequence[Composed]
) -> tuple[Page, ...]:
    """Put the whole book in order. Where the author's files stand among each other, book.toml has said."""
    language = about.metadata.language
    written = [chapter.page for chapter in chapters]
    front = [page for page in written if page.matter == "front" and page.role not in OPENING]
    at = next((n for n, page in enumerate(front) if page.role not in BEFORE_CONTENTS), len(front))
    body = [page for page in written if page.matter == "body"]
    back = [page for page in written if page.matter == "back"]
    behind = _behind(back, chapters)
    notes = endnotes(chapters, edition, language)
    rest = [*front[at:], *body, *back[:behind], *notes, *back[behind:]]
    told = about.colophon and "colophon" not in {page.role for page in written}
    set_in = "" if told or not edition.paged else colophon.typeset(theme, written, language)
    before = [*_opening(about, edition, set_in, written), *front[:at]]
    lists = lists_of_things(catalogue, edition, language)
    if edition.paged and len(catalogue.contents) > 1:
        before.append(contents(listed(catalogue, [*before, *lists, *rest]), edition, language))
    before += lists
    return (*before, *_in_parts(rest), *([colophon.page(about, theme, written)] if told else []))


def _opening(about: Manifest, edition: Edition, set_in: str, written: Sequence[Page]) -> list[Page]:
    """Make what a book opens with: the author's own pages, else ours."""
    made = [display.title_page(about.metadata), imprint.page(about.metadata, edition, set_in)]
    if about.frontispiece:
        made.append(display.frontispiece(about))
    # On paper a frontispiece stands on the back of the leaf before the title page, so there must be one.
    if edition.half_title or (edition.paged and edition.medium == "print" and about.frontispiece):
        made.append(display.half_title(about.metadata))
    found = {page.role: page for page in (*made, *written)}
    return [found[role] for role in OPENING if role in found]


def _behind(back: Sequence[Page], chapters: Sequence[Composed]) -> int:
    """Say behind how many files of the back matter notes at the book's end stand.

    That is behind appendices and the like, and behind the last that calls one: a note before its call does not pop up
    on Kobo.
    """
    calling = {chapter.page.name for chapter in chapters if chapter.notes}
    last = max((n for n, page in enumerate(back, 1) if page.name in calling), default=0)
    return max(last, next((n for n, page in enumerate(back) if page.role not in _BEFORE_NOTES), len(back)))


def _in_parts(pages: Sequence[Page]) -> Iterator[Page]:
    """Mark the chapters that belong to a part, and write the part's title on them and on itself."""
    titles = {page.name: page.title for page in pages}
    parts = _parts(pages)
    for page in pages:
        part = page.name if page.role == "part" else parts.get(page.name, "")
        if part:
            body = tree.duplicate(page.body)
            body.set("data-part", titles[part])
            if page.name != part:
                tree.add_class(body, "in-part")
            yield replace(page, body=body)
        else:
            yield page


def _parts(pages: Sequence[Page]) -> dict[str, str]:
    """Say to which part each chapter of the body belongs, by the names of their pages."""
    part, found = "", dict[str, str]()
    for page in pages:
        if page.role == "part":
            part = page.name
        elif page.matter != "body" or page.role in _OF_THE_WHOLE:
            part = ""
        elif part:
            found[page.name] = part
    return found


def listed(catalogue: Catalogue, pages: Sequence[Page]) -> tuple[Entry, ...]:
    """Give the entries of the contents in the order of the pages, with lists and the notes at the book's end.

    Chapters stand below their part.
    """
    entries = {entry.page: entry for entry in catalogue.contents}
    for page in pages:
        if page.role in ("endnotes", "loi", "lot"):
            entries[page.name] = Entry(page.title, page.name, page.name, page.matter)
    parts = _parts(pages)
    below: dict[str, list[Entry]] = {page.name: [] for page in pages if page.role == "part"}
    for name, part in parts.items():
        below[part] += [entries[name]] if name in entries else []
    found = (entries[page.name] for page in pages if page.name in entries and page.name not in parts)
    return tuple(
        replace(entry, children=(*entry.children, *below[entry.page]), is_part=True)
        if entry.page in below
        else entry
        for entry in found
    )


def contents(entries: Sequence[Entry], edition: Edition, language: str) -> Page:
    """Make the contents of a paged edition; the writer fills in the folios."""
    body = display.section("contents", "toc")
    body.set("role", "doc-toc")
    tree.add(body, "h1", say("contents", language)).set("data-title", say("contents", language))
    body.append(nested(entries, edition.toc_depth, _with_folio))
    return Page("contents", say("contents", language), "toc", "front", body)


def _with_folio(entry: Entry) -> Element:
    item = tree.make("li", "", {"class": f"in-{entry.matter}{' part' if entry.is_part else ''}"})
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
            entries = [Entry(t.title, name, t.page, "front", number=t.number) for name, t in listed.items()]
            title, name = list_of(kind, language), f"list-of-{kind}s"
            body = display.section(name, role, f"contents {name} frontmatter")
            tree.add(body, "h1", title).set("data-title", title)
            body.append(nested(entries, 1, _with_folio if edition.paged else _plain))
            found.append(Page(name, title, role, "front", body))
    return found


def _plain(entry: Entry) -> Element:
    item = tree.make("li", "", {"class": "entry"})
    tree.add(item, "a", entry.line, href=f"#{entry.target}", class_="internal")
    return item


def nested(entries: Sequence[Entry], depth: int, line: Callable[[Entry], Element]) -> Element:
    """Make a list of contents, `depth` levels deep, each item made by `line`; parts are no level of their own."""
    outer = tree.make("ol")
    for entry in entries:
        item = line(entry)
        if entry.is_part and entry.children:
            item.append(nested(entry.children, depth, line))
        elif entry.children and depth > 1:
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
    body = display.section(name, "endnotes", "endnotes backmatter")
    body.set("role", "doc-endnotes")
    tree.add(body, "h1", title).set("data-title", title)
    for _, notes in groupby(found, key=lambda each: each[0].name):
        (chapter, first), *others = notes
        tree.add(body, "h2", chapter.title).set("data-title", chapter.title)
        body.append(tree.make("ol", "", {"class": "notes"}, first, *(host for _, host in others)))
    return Page(name, title, "endnotes", "back", body)
