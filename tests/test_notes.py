"""Notes in random books: numbered as they are read, each chapter's own, none lost in a finished EPUB."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych import catalogue, compose, markup, matter, tree, work
from diptych.checks import ledger
from diptych.features import notes
from diptych.model import (
    Catalogue,
    Chapter,
    Edition,
    File,
    Forme,
    Manifest,
    Metadata,
    NotePolicy,
    Reading,
    Theme,
)
from diptych.problems import errors
from diptych.writers import epub

LABELS = ["1", "2", "3", "a", "B-c", "n.4", "é", "*"]
POLICIES = [
    NotePolicy(numbering, place) for numbering in ("chapter", "book") for place in ("chapter", "book")
]
CSS_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
SLUGS = ["01-war", "fnord", "peace", "2", "übung"]
"""Names of files as authors give them: with numbers, and with letters that ids of notes begin with."""


@dataclass
class Written:
    """A chapter as it was made: its Markdown, and the notes in the order in which a reader meets them."""

    text: str = ""
    read: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)


SHAPES = [
    "Words {}.", "> Quoted {} words.", "* An item {}", "## A heading {}", "*Stressed {}* words.",
    "[A link {}](https://example.org) and more.", "| Head {} | b |\n|---|---|\n| c | d |",
    "A term {}\n:   Its meaning.", "1. One\n    * inner {}", "Two {}\nlines.",
]  # fmt: skip


@st.composite
def chapters(draw: st.DrawFn) -> Written:
    """Write a chapter: calls in any place, notes in place, notes that call notes of higher labels (so no circles)."""
    made = Written()
    inner = {
        label: draw(st.lists(st.sampled_from(LABELS[n + 1 :]), max_size=2)) if n + 1 < len(LABELS) else []
        for n, label in enumerate(LABELS)
    }
    blocks = ["# A chapter"]
    count = 0

    def meet(label: str) -> None:
        made.calls[label] = made.calls.get(label, 0) + 1
        if label not in made.read:
            made.read.append(label)
            for each in inner.get(label, ()):
                meet(each)

    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=6)):
        marks = ""
        for label in draw(st.lists(st.sampled_from([*LABELS, "^"]), min_size=0, max_size=3)):
            if label == "^":
                count += 1
                marks += f"^[In place {count}, with *stress* and [brackets].]"
                meet(f"in place {count}")
            else:
                marks += f"[^{label}]"
                meet(label)
        blocks.append(shape.format(marks))
    for label in draw(st.permutations(LABELS)):
        called = "".join(f"[^{each}]" for each in inner[label])
        more = draw(st.sampled_from(["", "\n\n    A second paragraph.", "\n\n    * an item"]))
        # A note nobody calls calls nobody: what stands in it is never read.
        if label in made.read:
            blocks.append(f"[^{label}]: The text of {label}{called}.{more}")
    made.text = "\n\n".join(blocks) + "\n"
    return made


books = st.lists(chapters(), min_size=1, max_size=4)


def read(written: list[Written]) -> tuple[tuple[Chapter, ...], Catalogue]:
    parsed = []
    for n, each in enumerate(written):
        slug = tree.slug(SLUGS[n]) or f"chapter-{n}"
        file = File(f"{SLUGS[n]}.md", each.text.encode())
        parsed.append(markup.parse(file, Reading(file.path, "body"), slug, "en", "book"))
    return tuple(parsed), catalogue.collect(parsed, "book")


def manifest(parsed: tuple[Chapter, ...], edition: Edition) -> Manifest:
    reading = tuple(Reading(chapter.source.removeprefix("book/"), "body") for chapter in parsed)
    return Manifest(
        "book", Metadata("A Book", "urn:uuid:12345678-1234-1234-1234-123456789abc"), reading, (edition,)
    )


@settings(max_examples=40, deadline=None, database=None)
@given(books)
def test_numbers_rise_as_a_reader_meets_them(written: list[Written]) -> None:
    parsed, whole = read(written)
    before = 0
    for chapter, made in zip(parsed, written, strict=True):
        assert not errors(chapter.problems)
        found = whole.notes[chapter.slug]
        assert [note.label for note in found] == made.read
        assert [note.nth_of_chapter for note in found] == list(range(1, len(found) + 1))
        assert [note.nth_of_book for note in found] == list(range(before + 1, before + len(found) + 1))
        assert {note.label: len(note.calls) for note in found} == made.calls
        before += len(found)


@settings(max_examples=40, deadline=None, database=None)
@given(books)
def test_every_chapter_has_its_own_texts(written: list[Written]) -> None:
    parsed, whole = read(written)
    for chapter in parsed:
        own = [note.body for note in chapter.notes]
        for note in whole.notes[chapter.slug]:
            assert note.body is not None
            assert any(note.body is body for body in own)
            if not note.label.startswith("in place"):
                assert tree.text_of(note.body, notes.is_call).startswith(f"The text of {note.label}")


@settings(max_examples=40, deadline=None, database=None)
@given(books)
def test_every_call_stands_on_its_line(written: list[Written]) -> None:
    parsed, whole = read(written)
    for chapter, made in zip(parsed, written, strict=True):
        lines = made.text.split("\n")
        for note in whole.notes[chapter.slug]:
            mark = "^[" if note.label.startswith("in place") else f"[^{note.label}]"
            assert all(mark in lines[call.line - 1] for call in note.calls)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.numbering}-{policy.place}")
@settings(max_examples=15, deadline=None, database=None)
@given(books)
def test_ids_are_unique_and_safe(policy: NotePolicy, written: list[Written]) -> None:
    parsed, whole = read(written)
    edition = Edition("epub", "epub", notes=policy)
    about = manifest(parsed, edition)
    composed = [compose.compose(chapter, whole, edition, about) for chapter in parsed]
    pages = matter.pages(about, whole, edition, Theme((), ()), composed)
    ids = [name for page in pages for element in page.body.iter() if (name := element.get("id"))]
    assert len(ids) == len(set(ids))
    assert all(CSS_SAFE.fullmatch(name) for name in ids)
    links = {
        a.get("href", "")[1:]
        for page in pages
        for a in page.body.iter("a")
        if a.get("href", "").startswith("#")
    }
    assert links <= set(ids)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.numbering}-{policy.place}")
@settings(max_examples=4, deadline=None, database=None)
@given(books)
def test_the_ledger_of_a_finished_epub_balances(policy: NotePolicy, written: list[Written]) -> None:
    parsed, whole = read(written)
    edition = Edition("epub", "epub", notes=policy)
    about = manifest(parsed, edition)
    composed = [compose.compose(chapter, whole, edition, about) for chapter in parsed]
    wanted = ledger.expected(parsed, whole, edition, about)
    assert [(each.place.file, each.note.label) for each in wanted] == [
        (chapter.source, label) for chapter, made in zip(parsed, written, strict=True) for label in made.read
    ]
    counted = [str(n) for made in written for n in range(1, len(made.read) + 1)]
    assert [each.mark for each in wanted] == (
        counted if policy.numbering == "chapter" else [str(n) for n in range(1, len(counted) + 1)]
    )
    pages = matter.pages(about, whole, edition, Theme((), ()), composed)
    forme = Forme(pages, edition, Theme((), ()), about, whole, {}, 0)
    with mock.patch.object(
        epub.cover, "image", return_value=b"drawing it would take longer than all the rest"
    ):
        finished = epub.write(forme, work.ALONE)
    census = ledger.of_epub(finished.files[0].data, wanted, edition)
    assert census.problems == ()
    assert census.notes == len(wanted)
