"""calibre opens the EPUB, gives its metadata back and turns it into what a Kindle reads, without a complaint."""

from __future__ import annotations

import re

import pytest
from archive import bare

COMPLAINT = re.compile(
    r"warn|error|fail|traceback|could not|cannot|invalid|missing|not found|ignoring", re.IGNORECASE
)
LANGUAGES = {
    "ar": "ara", "de": "deu", "en": "eng", "es": "spa", "fr": "fra", "he": "heb", "it": "ita", "ja": "jpn", "nl": "nld",
    "pl": "pol", "pt": "por", "ru": "rus", "zh": "zho",
}  # fmt: skip


def fields(said: str) -> dict[str, str]:
    """Read `Title : ...`, the way in which ebook-meta tells what it knows."""
    return {
        key.strip(): value.strip()
        for key, value in re.findall(r"^([A-Z][\w() ]*?) +: (.*)$", said, re.MULTILINE)
    }


def complaints(said: str) -> list[str]:
    return [line for line in said.splitlines() if COMPLAINT.search(line)]


def test_it_knows_the_book_as_a_library_would(calibre, book):
    found = fields(calibre("ebook-meta", str(book.path)))
    said = book.archive.said
    assert found["Title"].startswith(said("title")[0])
    authors = found.get("Author(s)", "").replace("&&", "&")
    assert [name for name in said("creator") if name not in authors] == []
    assert found["Languages"] == LANGUAGES[said("language")[0].split("-")[0]]
    assert found.get("Publisher", "") == "".join(said("publisher"))
    date = "".join(said("date"))[:10]
    assert found.get("Published", "")[: len(date)] == date


def test_it_knows_the_series_and_the_place_in_it(calibre, books):
    found = fields(calibre("ebook-meta", str(books("one-of-everything").path)))
    assert found["Series"] == "Small Books #2"
    assert found["Title sort"] == "Red Thread, The"
    assert "Ada Ames" in found["Author(s)"]
    assert "isbn:9783161484100" in found["Identifiers"]


def test_it_makes_a_book_for_the_kindle(calibre, book, tmp_path):
    target = tmp_path / "book.azw3"
    assert complaints(calibre("ebook-convert", str(book.path), str(target))) == []
    found = fields(calibre("ebook-meta", str(target)))
    assert found["Title"].startswith(book.archive.said("title")[0])


@pytest.mark.parametrize("name", ["companion", "every-note", "notes-at-the-end"])
def test_it_finds_every_note_in_the_text(calibre, books, tmp_path, name):
    target = tmp_path / "book.txt"
    assert complaints(calibre("ebook-convert", str(books(name).path), str(target))) == []
    text = bare(target.read_text(encoding="utf-8"))
    notes = {bare(call.text) for call in books(name).archive.calls()}
    assert len(notes) > 15
    assert [note for note in notes if note[:30] not in text] == []
