"""A second series of notes: numbers, marks, heading and place of its own, in every edition."""

from __future__ import annotations

import io
import itertools
import zipfile

import pypdfium2
import pytest
from lxml import etree

from diptych.checks import ledger
from diptych.model import SYMBOLS, NotePolicy

_XHTML = "{http://www.w3.org/1999/xhtml}"
_TYPE = "{http://www.idpf.org/2007/ops}type"

_CHAPTER = """
# {name}

The author wrote this[^1] and the translator doubted it.[^tr:doubt] More of it[^2] followed, as
such things do.[^tr:more]

A last remark.[^3] The doubt again.[^tr:doubt]

[^1]: The author's first note, which the translator has seen.[^tr:seen]
[^2]: The author's second note.
[^3]: The author's third note, long enough to be looked for.
[^tr:doubt]: The original has a word that means both.

    It has a second paragraph.
[^tr:more]: Literally: and more; compare what the author says.[^2]
[^tr:seen]: Seen and not approved of at all.
"""

_BOOK = """
[book]
title = "Two Voices"
[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
[notes]
place = "{own}"
numbering = "{numbering}"
[notes.tr]
place = "{tr}"
heading = "What the translator says"
"""


def _book(own: str = "foot", tr: str = "foot", numbering: str = "chapter", more: str = "") -> dict[str, str]:
    return {
        "book.toml": _BOOK.format(own=own, tr=tr, numbering=numbering) + more,
        "one.md": _CHAPTER.format(name="One"),
        "two.md": _CHAPTER.format(name="Two"),
    }


def _documents(data: bytes) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xhtml")]
        return {name.rsplit("/", 1)[-1]: etree.fromstring(archive.read(name)) for name in names}


def _marks(document: etree._Element) -> list[str]:
    return [str(a.text) for a in document.iter(f"{_XHTML}a") if a.get(_TYPE) == "noteref"]


_PLACES = ("foot", "chapter", "book")


@pytest.mark.parametrize(("own", "tr"), list(itertools.product(_PLACES, _PLACES)))
@pytest.mark.parametrize("edition", ["epub", "screen"])
def test_no_note_is_lost_wherever_the_two_series_stand(bench, own, tr, edition):
    made = bench.build(_book(own, tr), edition, plain=True)
    read = {"epub": ledger.of_epub, "screen": ledger.of_pdf}[edition]
    census = read(made.data, made.wanted, made.edition)
    assert not census.problems
    assert census.notes == 12


def test_each_series_counts_for_itself_in_the_order_of_reading(bench):
    documents = _documents(bench.build(_book(), "epub", plain=True).data)
    # The calls in the text, then those in the notes: the author's, then the translator's.
    assert _marks(documents["one.xhtml"]) == ["1", "†", "2", "‡", "3", "†", "*", "2"]
    assert _marks(documents["two.xhtml"]) == ["1", "†", "2", "‡", "3", "†", "*", "2"]


def test_numbers_run_through_the_book_where_they_shall(bench):
    documents = _documents(bench.build(_book(numbering="book"), "epub", plain=True).data)
    assert _marks(documents["two.xhtml"]) == ["4", "**", "5", "††", "6", "**", "§", "5"]


def test_a_series_at_the_end_has_a_page_and_a_heading_of_its_own(bench):
    documents = _documents(bench.build(_book(own="book", tr="book"), "epub", plain=True).data)
    assert documents["endnotes.xhtml"].findtext(f".//{_XHTML}h1") == "Notes"
    assert documents["endnotes-tr.xhtml"].findtext(f".//{_XHTML}h1") == "What the translator says"
    first = documents["endnotes-tr.xhtml"].find(f".//{_XHTML}li//{_XHTML}a")
    assert first.text == "*"


def test_a_series_of_which_nothing_is_said_follows_the_first_with_signs(bench):
    files = {**_book(), "book.toml": '[book]\ntitle = "x"\n[edition.epub.notes]\nplace = "book"\n'}
    book = bench.read(files)
    assert book.manifest.editions[0].policy("tr") == NotePolicy(place="book", marks=SYMBOLS)
    assert "endnotes-tr.xhtml" in _documents(bench.make(book, plain=True).data)


def test_a_name_of_ones_own_makes_a_series(bench):
    more = '[notes.ed]\nmarks = "letters"\n'
    files = _book(more=more) | {
        "three.md": "# Three\n\nA remark.[^ed:a] Another.[^ed:b]\n\n[^ed:a]: So.\n[^ed:b]: And so.\n"
    }
    assert _marks(_documents(bench.build(files, "epub", plain=True).data)["three.xhtml"]) == ["a", "b"]


def test_a_label_with_a_colon_is_a_plain_label_without_such_a_name(bench):
    files = _book() | {"three.md": "# Three\n\nA remark.[^fn:1]\n\n[^fn:1]: So.\n"}
    assert _marks(_documents(bench.build(files, "epub", plain=True).data)["three.xhtml"]) == ["1"]


def test_both_series_show_on_paper_with_their_marks(bench):
    made = bench.build(_book(), "print")
    with pypdfium2.PdfDocument(made.data) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    for sign in "*†‡":
        assert text.count(sign) >= 4  # called and told, in two chapters


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        ("arabic", ["1", "2", "10"]),
        ("roman", ["i", "ii", "x"]),
        ("letters", ["a", "b", "j"]),
        (SYMBOLS, ["*", "†", "†††"]),
        ("+ ++", ["+", "++", "++++++++++"]),
    ],
)
def test_marks_of_every_kind_go_on_for_ever(marks, wanted):
    policy = NotePolicy(marks=marks)
    assert [policy.mark(n) for n in (1, 2, 10)] == wanted
