"""A chapter, the catalogue and an edition make a page.

Links point at ids of the whole book, notes have their marks and stand where the edition wants them.

The chapter is copied, never changed. What the medium is decides, never which writer will come.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.catalogue import prefix
from diptych.features import (
    crossrefs,
    dropcaps,
    eastasian,
    headings,
    lineation,
    links,
    maths,
    notes,
    numbers,
    urls,
)
from diptych.model import Catalogue, Chapter, Edition, File, Manifest, Note, NotePlace, Page
from diptych.words import say, see

_ARIA = frozenset(
    "acknowledgments afterword appendix bibliography chapter colophon conclusion dedication epigraph epilogue foreword "
    "glossary index introduction part preface prologue".split()
)
"""Parts of a book that have a role of their own in DPUB-ARIA 1.1, section 5."""


_TYPES = {"half-title": "halftitlepage", "title-page": "titlepage", "imprint": "copyright-page"}
"""Parts of a book that have another name in EPUB (Structural Semantics Vocabulary 1.1)."""


_BRIEF = 150
"""Characters of a note that never runs on to another page."""


@dataclass(frozen=True)
class Apart:
    """A note that is to stand at the book's end, and the series it belongs to."""

    apparatus: str
    host: Element


@dataclass(frozen=True)
class Composed:
    """A chapter's page, the notes that are to stand elsewhere, and the pictures made for it."""

    page: Page
    notes: tuple[Apart, ...] = ()
    files: tuple[File, ...] = ()


def compose(chapter: Chapter, catalogue: Catalogue, edition: Edition, manifest: Manifest) -> Composed:
    """Make one chapter what one edition shows."""
    body = tree.duplicate(chapter.body)
    numbered = catalogue.notes[chapter.slug]
    language = manifest.metadata.language
    texts = {note.label: _text(note, language) for note in numbered}
    path = chapter.source.removeprefix(f"{manifest.folder}/")
    files: list[File] = []
    for holder in (body, *texts.values()):
        word(holder, path, catalogue, edition, language)
        _image_paths(holder, path)
        files += maths.resolve(holder, edition, chapter.source)
        eastasian.resolve(holder, edition)
        lineation.resolve(holder, edition)
        tree.without_blanks(holder)
    _mark_calls(body, numbered, texts, edition)
    _section(body, chapter)
    dropcaps.resolve(body, edition)
    elsewhere = _place_notes(body, numbered, texts, edition, language)
    role = _TYPES.get(chapter.role, chapter.role)
    page = Page(prefix(chapter.slug), chapter.title, role, chapter.matter, body, chapter.source)
    return Composed(page, elsewhere, tuple(files))


def word(holder: Element, path: str, catalogue: Catalogue, edition: Edition, language: str) -> None:
    """Give a tree the ids of the book, and the words that the press owes it: those of references and of labels.

    `path` is the chapter's within the book's folder. The ledger expects of a note what comes out here.
    """
    _own_ids(holder, path, catalogue)
    links.resolve(holder, path, catalogue.targets)
    urls.resolve(holder, edition)
    crossrefs.resolve(holder, catalogue.things, edition, language)
    numbers.resolve(holder, catalogue.things)


def read_by(edition: Edition, chapter: Chapter, about: Manifest) -> Chapter:
    """Give a chapter with the notes that one edition adds: addresses of links, and notes that lead to earlier ones.

    They are numbered, composed and counted like any notes.
    """
    series = (*about.apparatus, urls.APPARATUS)

    def leads_back(label: str) -> bool:
        return edition.policy(notes.apparatus_of(label, series)).again == "see"

    if any(edition.policy(name).again == "see" for name in ("", *about.apparatus)):
        chapter = notes.refer_back(chapter, leads_back, see(about.metadata.language))
    if edition.paged and edition.urls == "note":
        language = about.metadata.language
        chapter = urls.as_notes(
            chapter, lambda href: links.address(href) if links.is_outside(href) else "", language
        )
    return chapter


def _text(note: Note, language: str) -> Element:
    """Copy the text of a note; one that the author left empty says so."""
    if note.body is not None:
        return tree.duplicate(note.body)
    missing = tree.make("p", f"[{say('missing', language)}]", {"class": "missing"})
    return tree.make("aside", "", None, missing)


def _mark_calls(
    body: Element, numbered: Iterable[Note], texts: Mapping[str, Element], edition: Edition
) -> None:
    by_label = {note.label: note for note in numbered}
    seen: dict[str, int] = {}
    for call, label, _ in list(notes.calls_in_reading_order(body, texts)):
        note = by_label[label]
        nth = seen[label] = seen.get(label, 0) + 1
        call.tag = "a"
        call.attrib = {
            "id": note.calls[nth - 1].id,
            "href": f"#{note.id}",
            "class": "noteref",
            "epub:type": "noteref",
            "role": "doc-noteref",
        }
        if nth == 1:
            call.set("data-note", label)
        call.text = note.mark(edition)
        _ask_for_mark(call, note, edition)
        if not call.text.isalnum():
            tree.add_class(call, "symbol")


def _ask_for_mark(element: Element, note: Note, edition: Edition) -> None:
    """Let the writer put in the mark where only a layout knows it."""
    if edition.paged and edition.policy(note.apparatus).numbering == "page":
        element.set("data-mark", note.id)


def _own_ids(holder: Element, path: str, catalogue: Catalogue) -> None:
    for element in holder.iter():
        name = element.get("id")
        if name:
            element.set("id", catalogue.targets[path, name])
        if headings.level_of(element):
            element.set("data-title", headings.text_of(element))


def _image_paths(holder: Element, path: str) -> None:
    for image in holder.iter("img"):
        image.set("src", posixpath.normpath(posixpath.join(posixpath.dirname(path), image.get("src", ""))))
        if image.get("src", "").lower().endswith(".svg"):
            tree.add_class(
                image, "drawing"
            )  # which may be as wide as the page; selectors by name confuse MuPDF


def _section(body: Element, chapter: Chapter) -> None:
    body.attrib = {
        "id": prefix(chapter.slug),
        "class": f"{chapter.role} {chapter.matter}matter",
        "epub:type": "frontmatter"
        if chapter.role == "frontispiece"
        else _TYPES.get(chapter.role, chapter.role),
    }
    if chapter.role in _ARIA:
        body.set("role", f"doc-{chapter.role}")
    first = body.find("h1")
    if chapter.author and first is not None:
        tree.insert_after(body, first, tree.make("p", chapter.author, {"class": "byline"}))
    if chapter.subtitle and first is not None:
        said = {"class": "subtitle", "role": "doc-subtitle"}
        tree.insert_after(body, first, tree.make("p", chapter.subtitle, said))
    if chapter.short_title and first is not None:
        first.set("data-short", chapter.short_title)
    if first is not None and first.get("id"):
        body.set("aria-labelledby", first.get("id", ""))


def _place_notes(
    body: Element, numbered: tuple[Note, ...], texts: Mapping[str, Element], edition: Edition, language: str
) -> tuple[Apart, ...]:
    """Put the notes where the edition wants them; returns those that the book's end will take."""
    feet: dict[str, Element] = {}
    ends: dict[str, dict[str, Element]] = {}
    apart: list[Apart] = []
    where = places(numbered, edition)
    for note in numbered:
        place, text = where[note.label], texts[note.label]
        if place == "foot":
            feet[note.label] = _foot(note, text, edition, language)
            continue
        host = _host(note, text, place, edition, language)
        if place == "book":
            apart.append(Apart(note.apparatus, host))
        else:
            ends.setdefault(note.apparatus, {})[note.label] = host
    for holder in (
        body,
        *(each.host for each in apart),
        *(h for part in ends.values() for h in part.values()),
    ):
        _at_the_foot(holder, feet)
    for own, hosts in sorted(ends.items()):
        body.extend(_ended(own, tuple(hosts.values()), edition, language))
    return tuple(apart)


def places(numbered: Iterable[Note], edition: Edition) -> dict[str, NotePlace]:
    """Say by label where each note of a chapter stands: where its series wants it, but never before its first call.

    One that is first called from a note at the book's end stands there, too; without pages the foot is the chapter's.
    """
    found: dict[str, NotePlace] = {}
    late: set[str] = set()
    for note in numbered:
        place = edition.policy(note.apparatus).place
        if place == "foot" and not edition.paged:
            place = "chapter"
        found[note.label] = "book" if place == "chapter" and note.label in late else place
        if found[note.label] == "book" and note.body is not None:
            calls = [call.get("data-note", "") for call in note.body.iter() if notes.is_call(call)]
            late.update(label for label in calls if label not in found)
    return found


def _ended(
    apparatus: str, hosts: tuple[Element, ...], edition: Edition, language: str
) -> tuple[Element, ...]:
    """Make what stands at a chapter's end: on pages with a heading, in an EPUB without.

    Apple Books and Thorium hide the notes there and would leave the heading alone (ebookmaker issue 349).
    """
    if not edition.paged:
        return hosts
    heading = tree.make("h2", heading_of(apparatus, edition, language), {"class": "notes"})
    return (tree.make("section", "", {"class": "notes"}, heading, *hosts),)


def heading_of(apparatus: str, edition: Edition, language: str) -> str:
    """Give the heading of a series of notes where they stand at the end: the author's words, or ours."""
    ours = "translator's notes" if apparatus == "tr" else "notes"
    return edition.policy(apparatus).heading or say(ours, language)


def _at_the_foot(body: Element, feet: Mapping[str, Element]) -> None:
    """Put each note behind its first call; a note called from a note stands behind that one, never in it."""
    for call, parent in list(tree.with_parents(body)):
        if notes.is_call(call):
            anchor = call
            for foot in _with_nested(call, feet):
                tree.insert_after(parent, anchor, foot)
                anchor = foot


def _with_nested(call: Element, feet: Mapping[str, Element]) -> Iterator[Element]:
    label = call.attrib.pop("data-note", "")
    if label not in feet:
        return
    yield feet[label]
    for inner in [element for element in feet[label].iter("a") if notes.is_call(element)]:
        yield from _with_nested(inner, feet)


def _foot(note: Note, text: Element, edition: Edition, language: str) -> Element:
    """Make a note at the foot of the page.

    One that may run on to the next page carries both signs that it does; a stylesheet hides them and gives them no
    room, and the writer shows those that tell the truth.
    """
    link = _backlink(note, 0, begun(note.mark(edition)), "")
    _ask_for_mark(link, note, edition)
    _begin_with(text, link)
    text.tag, text.tail = "aside", None
    text.attrib = {"class": "footnote", "id": note.id}
    if note.apparatus:
        text.set("data-series", note.apparatus)
    if len(text) > 1 or len(tree.text_of(text)) > _BRIEF:
        tree.add(text, "div", class_="runs-on")
        tree.add(text, "div", say("continued", language), class_="run-over")
    return text


def _host(note: Note, text: Element, place: NotePlace, edition: Edition, language: str) -> Element:
    """Make a note that stands at the end of its chapter or of the book.

    EPUB: asides at the chapter's end pop up; in a list at the book's end they would be hidden there by Apple Books and
    Thorium, and DPUB-ARIA 1.1 forbids doc-footnote inside doc-endnotes.
    """
    mark = note.mark(edition)
    _begin_with(text, _backlink(note, 0, begun(mark), f"{say('back to', language)} {mark}"))
    for n in range(1, len(note.calls) if edition.medium != "print" else 1):
        last = text[-1] if text[-1].tag == "p" else tree.add(text, "p")
        _space(last)
        last.append(_backlink(note, n, _AGAIN, f"{say('back to', language)} {mark}, {n + 1}"))
    text.tail = None
    text.attrib = {"id": note.id, "class": "note"}
    if place == "book":
        text.tag = "li"
    elif edition.paged:
        text.tag = "div"
    else:
        text.attrib = {"id": note.id, "epub:type": "footnote", "role": "doc-footnote", "class": "footnote"}
    return text


_AGAIN = "\u2191"
"""Leads back to a later call: an arrow upwards, which our faces have and telephones do not draw as a picture. On paper
it would lead nowhere."""


def begun(mark: str) -> str:
    """Write the mark as a note begins with it: a figure or a letter with a full stop, a sign as it is."""
    return f"{mark}." if mark.isalnum() else mark


def _backlink(note: Note, nth: int, text: str, title: str) -> Element:
    """Link back to a call. Number and full stop stand in the link: Thorium hides it in its pop-up."""
    link = tree.make(
        "a", text, {"href": f"#{note.calls[nth].id}", "role": "doc-backlink", "class": "backlink"}
    )
    if title:
        link.set("title" if nth == 0 else "aria-label", title)
    return link


def _begin_with(text: Element, link: Element) -> None:
    """Put the number in front of the first words; Kindle wants it first."""
    if not len(text) or text[0].tag != "p":
        text.insert(0, tree.make("p"))
    first = text[0]
    link.tail = " " + (first.text or "").lstrip()
    first.text = None
    first.insert(0, link)


def _space(element: Element) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "").rstrip() + " "
    else:
        element.text = (element.text or "").rstrip() + " "
