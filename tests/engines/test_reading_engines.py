"""epub.js, foliate-js and Thorium's navigator show what the EPUB promises: contents, notes, pages, direction, faces.

Each test judges facts that an engine gave (see conftest.py); what is expected comes from the archive, read by lxml, and
for the books of these tests from their Markdown.
"""

from __future__ import annotations

import pytest
from archive import bare, flat

ENGINES = ["epubjs", "foliate", "thorium"]
READERS = ["epubjs", "foliate"]
"""Those that have a table of contents; of Thorium only the navigator runs here."""


@pytest.fixture
def reader(ask, book, request):
    return ask(book, request.param)


def tree(entries):
    return [(" ".join(entry["label"].split()), entry["href"], tree(entry["children"])) for entry in entries]


def lines(entries):
    for entry in entries:
        yield entry
        yield from lines(entry.get("children", []))


# --- Finding the way --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_missing_and_nothing_fails(ask, book, engine):
    assert ask(book, engine)["complaints"] == []


@pytest.mark.parametrize("engine", READERS)
def test_the_contents_are_all_there_nested_and_lead_somewhere(ask, book, engine):
    found = ask(book, engine)["toc"]

    def expected(entries):
        return [(entry.label, entry.href, expected(entry.children)) for entry in entries]

    assert tree(found) == expected(book.archive.contents())
    assert list(lines(found)) != []
    assert [entry["href"] for entry in lines(found) if not entry["landed"]] == []


@pytest.mark.parametrize("engine", READERS)
def test_the_page_of_contents_shows_neither_landmarks_nor_pages(ask, book, engine):
    assert ask(book, engine)["unveiled"] == []


def test_some_contents_are_nested(books):
    assert any(entry.children for entry in books("companion").archive.contents())
    assert len(list(flat(books("companion").archive.contents()))) > 30


@pytest.mark.parametrize("engine", READERS)
def test_the_landmarks_lead_to_cover_contents_and_text(ask, book, engine):
    found = ask(book, engine)["landmarks"]
    assert [(mark["type"], mark["href"]) for mark in found] == book.archive.landmarks()
    assert {"cover", "toc", "bodymatter"} <= {mark["type"] for mark in found}
    assert [mark["href"] for mark in found if not mark["landed"]] == []


@pytest.mark.parametrize("engine", READERS)
def test_every_page_of_the_printed_book_is_listed_and_found(ask, book, engine):
    """epub.js reads the names of pages as numbers, so a roman one has no name there; it is found all the same."""
    found = ask(book, engine)["pages"]
    assert [page["href"] for page in found] == [href for _, href in book.archive.pages()]
    for page, (label, _) in zip(found, book.archive.pages(), strict=True):
        assert page["label"] == label or (engine == "epubjs" and not label.isdecimal())
    assert [page["href"] for page in found if not page["landed"]] == []


def test_one_book_has_pages(books):
    pages = books("companion").archive.pages()
    assert ("12", "page-12") in [(label, href.partition("#")[2]) for label, href in pages]
    assert pages[0][0] == "i"


@pytest.mark.parametrize("engine", READERS)
def test_title_author_and_language_are_read(ask, book, engine):
    found = ask(book, engine)
    said = book.archive.said
    if engine == "epubjs":
        assert (found["title"], found["language"]) == (said("title")[0], said("language")[0])
        assert found["creator"] == said("creator")[0] if said("creator") else not found["creator"]
        assert found["cover"].endswith("/cover.jpg")
    else:
        authors = found["metadata"].get("author", [])
        authors = authors if isinstance(authors, list) else [authors]
        assert (found["metadata"]["title"], found["metadata"]["language"]) == (
            said("title")[0],
            said("language")[0],
        )
        assert [author["name"] for author in authors] == said("creator")


# --- Notes ------------------------------------------------------------------------------------------------------------


def test_in_foliate_every_note_pops_up_whole(ask, book):
    found = ask(book, "foliate")["notes"]
    for call, fact in zip(book.archive.calls(), found, strict=True):
        assert fact["found"], f"{call.call} is not on the page that its address leads to"
        assert fact["popup"], f"nothing popped up at {call.call}"
        assert (fact["popup"].get("href"), bare(fact["popup"].get("text", ""))) == (
            call.target,
            bare(call.text),
        )


def test_in_thorium_every_note_pops_up_whole(ask, book):
    found = ask(book, "thorium")["notes"]
    for call, fact in zip(book.archive.calls(), found, strict=True):
        assert fact["call"] == call.call
        assert fact["touchable"], f"{call.call} cannot be touched"
        assert fact["popped"], f"nothing popped up at {call.call}"
        assert bare(fact["text"]) == bare(call.text)


def test_in_thorium_notes_that_pop_up_leave_the_text_and_the_list_at_the_end_stays(ask, book):
    for call, fact in zip(book.archive.calls(), ask(book, "thorium")["notes"], strict=True):
        here = call.call.partition("#")[0] == call.target.partition("#")[0]
        assert fact["away"] == (call.aside if here else None)


def test_in_epubjs_every_call_leads_to_its_note_and_back(ask, book):
    found = ask(book, "epubjs")["notes"]
    assert [fact["call"] for fact in found] == [call.call for call in book.archive.calls()]
    for fact in found:
        assert (fact["found"], fact["landed"], fact["back"]) == (True, True, True), fact


@pytest.mark.parametrize("name", ["companion", "every-note", "notes-at-the-end", "right-to-left"])
def test_in_epubjs_the_notes_are_some_pages_away(ask, books, name):
    assert any(fact["moved"] for fact in ask(books(name), "epubjs")["notes"])


def test_in_foliate_the_list_at_the_end_leads_back(ask, books):
    facts = ask(books("notes-at-the-end"), "foliate")["notes"]
    assert facts != []
    assert [fact["call"] for fact in facts if not fact["back"]] == []


NOTES = {
    "A single sentence, no more.",
    "Written in place, with a mark.",
    "On a word that is stressed.",
    "On the title of the chapter.",
    "On a heading inside the chapter.",
    "On a quotation.",
    "On an item of a list.",
    "In the head of a table.",
    "In one of its cells.",
    "The first paragraph of three. The second, with code and a link. The third is a list, of two items.",
    "Cited by a note that was cited by a note.",
    "The only one of its chapter.",
}


@pytest.mark.parametrize("engine", ["foliate", "thorium"])
@pytest.mark.parametrize("name", ["every-note", "notes-at-the-end"])
def test_what_the_author_wrote_is_what_pops_up(ask, books, name, engine):
    facts = ask(books(name), engine)["notes"]
    shown = [bare(fact["popup"]["text"] if engine == "foliate" else fact["text"]) for fact in facts]
    assert [text for text in NOTES if not any(bare(text) in one for one in shown)] == []
    assert sum("Calledfromtwoplaces" in one for one in shown) == 2
    assert all(one[0].isdigit() for one in shown), "each begins with its number"


@pytest.mark.parametrize(("name", "aside"), [("every-note", True), ("notes-at-the-end", False)])
def test_the_books_have_the_notes_that_they_are_to_have(books, name, aside):
    calls = books(name).archive.calls()
    assert len(calls) == 17
    assert {call.aside for call in calls} == {aside}
    assert sum(bool(call.via) for call in calls) == (2 if aside else 0)


# --- Direction and faces ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", READERS)
def test_the_next_page_lies_on_the_side_to_which_the_language_runs(ask, book, engine):
    """Turning to the next page moves what was there: to the right where the next page came from the left."""
    found = ask(book, engine)
    direction = book.archive.direction
    assert found["direction"] == direction
    if found["turn"] is not None:
        assert (found["turn"] > 100) if direction == "rtl" else (found["turn"] < -100)


@pytest.mark.parametrize("engine", READERS)
@pytest.mark.parametrize(("name", "direction"), [("right-to-left", "rtl"), ("every-note", "ltr")])
def test_the_books_of_both_directions_have_a_next_page(ask, books, name, direction, engine):
    assert books(name).archive.direction == direction
    assert ask(books(name), engine)["turn"] is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_the_embedded_faces_are_loaded(ask, book, engine):
    faces = ask(book, engine)["faces"]
    assert len(faces) >= 4
    assert [face for face in faces if face[3] != "loaded"] == []


def test_text_is_drawn_with_the_faces_of_the_book(ask, book):
    """What has no letters in those faces, as Hebrew, is drawn with the reader's own; numbers of notes are in them."""
    drawn = ask(book, "thorium")["drawn"]
    assert [family for family, embedded in drawn if embedded] != []
