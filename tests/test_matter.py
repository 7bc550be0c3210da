"""The parts of a book: one sample has each of them, and its finished files say what stands where."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from lxml import etree

from diptych import manifest, pipeline
from diptych.matter import colophon, imprint
from diptych.model import File, Theme

SAMPLE = Path(__file__).parent / "samples" / "matter"
X = "{http://www.w3.org/1999/xhtml}"
TOML = '[book]\ntitle = "T"\nlanguage = "{}"\n{}\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'


@pytest.fixture(scope="module")
def book():
    return pipeline.read(SAMPLE, "matter", pipeline.Wishes())


@pytest.fixture(scope="module")
def paper(bench, book) -> bytes:
    return bench.make(book, "print").data


@pytest.fixture(scope="module")
def printed(paper) -> dict[str, str]:
    """Give the words of each page of the print edition by its label."""
    with pypdfium2.PdfDocument(paper) as document:
        pages = enumerate(document)
        return {document.get_page_label(n): page.get_textpage().get_text_range() for n, page in pages}


def beginning(text: str) -> str:
    return text.split("\r\n", maxsplit=1)[0].strip()


PARTS = """
One of Each
One of Each
One of Each: The Parts of a Book, in Their Order
To whoever reads the front matter.
A book is a door with a great many hinges.
Contents
Foreword
Preface
Acknowledgments
Introduction
Prologue
Abbreviations
Part One: Beginnings
Chapter One
Part Two: Ends
Chapter Two
Conclusion
Epilogue
Afterword
Appendix
Chronology
Notes
Glossary
Bibliography
Contributors
Index
Colophon
""".split("\n")[1:-1]


def test_every_part_opens_where_the_trade_wants_it(printed):
    pages = [(label, beginning(text)) for label, text in printed.items() if text.strip()]
    opening: list[str] = []
    for part in PARTS:
        while pages[0][1] != part:  # a page on which a part goes on
            pages.pop(0)
        opening.append(pages.pop(0)[0])
    assert pages == []
    front = [label for label in opening if not label.isdigit()]
    assert front == ["i", "iii", "iv", "v", "vii", "ix", "xi", "xiii", "xv", "xvii", "xix", "xxi"]
    main = [int(label) for label in opening if label.isdigit()]
    assert main[0] == 1
    assert all(number % 2 for number in main)


def test_a_part_has_a_leaf_of_its_own_and_its_chapters_below_it(bench, book, printed):
    assert printed["1"].split("\r\n")[-1].strip() == "A part has a page, and sometimes words."  # no folio
    assert printed["2"] == ""
    assert beginning(printed["3"]) == "Chapter One"
    screen = bench.make(book, "print", medium="screen").data  # what goes to a printer has no bookmarks
    with pikepdf.open(io.BytesIO(screen)) as pdf, pdf.open_outline() as outline:
        marks = {mark.title: [below.title for below in mark.children] for mark in outline.root}
        assert [mark.children[0].children[0].title for mark in outline.root if "One" in mark.title] == [
            "A Section"
        ]
    assert marks["Part One: Beginnings"] == ["Chapter One"]
    assert marks["Part Two: Ends"] == ["Chapter Two"]
    assert marks["Conclusion"] == marks["Epilogue"] == []
    contents = [line.rstrip(" .0123456789xiv") for line in printed["ix"].split("\r\n")]
    at = contents.index("Part One: Beginnings")
    assert contents[at : at + 4] == ["Part One: Beginnings", "Chapter One", "A Section", "Part Two: Ends"]


def test_chapters_stand_below_their_part_in_an_epub_at_the_depth_that_chapters_have(bench, book):
    made = bench.make(book, "epub", plain=True, toc_depth=1)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        nav = etree.fromstring(archive.read("EPUB/nav.xhtml"))
        chapter = etree.fromstring(archive.read("EPUB/chapter-one.xhtml"))
    listed = {
        "".join(a.itertext()): len(list(a.iterancestors(f"{X}ol")))
        for a in nav.find(f".//{X}nav").iter(f"{X}a")
    }
    assert (listed["Part One: Beginnings"], listed["Chapter One"], listed["Conclusion"]) == (1, 2, 1)
    assert "A Section" not in listed
    said = [(p.get("class"), p.text) for p in chapter.iter(f"{X}p") if p.get("class")][:2]
    assert said == [("subtitle", "In Which It Begins"), ("byline", "Nils Aber")]


def test_a_short_title_stands_over_the_page(bench):
    words = "These words run over the page, for there are more of them than it can hold. " * 60
    text = f"---\nshort-title: The First\n---\n\n# The First of All Chapters\n\n{words}\n"
    files = {"book.toml": TOML.format("en", 'short-title = "T."') + "[edition.print]\n", "1.md": text}
    with pypdfium2.PdfDocument(bench.build(files, "print").data) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
        heads = [page.get_textpage().get_text_bounded(bottom=page.get_height() * 0.92) for page in document]
    first = next(n for n, text in enumerate(texts) if text.startswith("The First of All"))
    assert [head.strip() for head in heads[first : first + 3]] == ["", "T.", "The First"]


def test_a_key_that_nobody_knows_is_told_with_the_one_that_was_meant(bench):
    book = bench.read(
        {
            "book.toml": TOML.format("en", ""),
            "1.md": "---\nsubtitel: x\nrole: chaptr\n---\n\n# One\n\nWords.\n",
        }
    )
    assert [(p.place.line, p.sentence, p.hint) for p in book.problems] == [
        (1, "Nothing is done with the role chaptr.", "Did you mean chapter?"),
        (2, "Nothing is done with subtitel.", "Did you mean subtitle?"),
    ]


def test_display_pages_are_blind_and_blank_ones_blank(printed):
    blind = ("i", "ii", "iii", "iv", "v", "vii")
    assert all(not re.search(rf"\b{label}\s*$", printed[label]) for label in blind)
    assert printed["ii"].strip() == ""  # the frontispiece is a drawing
    assert printed["xi"].strip().endswith("xi")
    assert printed["vi"] == printed["viii"] == printed["xii"] == ""


def test_the_frontispiece_faces_the_title_page(paper):
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        drawn = [str(operator) for _, operator in pikepdf.parse_content_stream(pdf.pages[1])]
        assert {"m", "S"} <= set(drawn)
        assert not {"m", "S", "Tj", "TJ"} & {str(o) for _, o in pikepdf.parse_content_stream(pdf.pages[5])}


def test_the_imprint_says_what_a_library_asks(printed):
    lines = [line.strip() for line in printed["iv"].split("\r\n")]
    assert lines == [
        "One of Each: The Parts of a Book, in Their Order",
        "First published: 1999",
        "This edition: Third edition 2026",
        "The Parts Press, Lower Binding",
        "Small Samples 1.5",
        "© 1999, 2026 The Parts Press",
        "CC BY-SA 4.0",
        "ISBN 978-0-306-40615-7 (print)",
        "ISBN 978-3-16-148410-0 (EPUB)",
        "DOI 10.1000/182",
        "Cover design by Paz Cruz",
        "Set in Source Serif Pro",
        "6 5 4 3 2",
    ]


def test_the_title_page_names_people_by_what_they_did(printed):
    assert [line.strip() for line in printed["iii"].split("\r\n")] == [
        "One of Each", "The Parts of a Book, in Their Order", "Nils Aber", "Edited by Oda Brink", "Translated by Oda Brink",
        "Illustrated by Paz Cruz", "With an introduction by Paz Cruz", "Third edition", "The Parts Press", "Lower Binding",
    ]  # fmt: skip


def test_an_isbn_of_a_range_that_is_not_given_out_stays_as_it_is():
    assert imprint.hyphenated("9783161484100") == "978-3-16-148410-0"
    assert imprint.hyphenated("9791234567896") == "9791234567896"


OWN = {
    "book.toml": TOML.format("en", "colophon = true")
    + '[chapters]\nfront = ["t.md", "h.md", "i.md", "f.md", "p.md", "d.md"]\nbody = ["1.md"]\nback = ["c.md"]\n'
    "[edition.print]\n[edition.epub]\n",
    "h.md": "---\nrole: half-title\n---\n\nMy half title.\n",
    "t.md": "---\nrole: title-page\n---\n\n# My title page\n",
    "i.md": "---\nrole: imprint\n---\n\nMy imprint.\n",
    "f.md": "---\nrole: frontispiece\n---\n\nMy frontispiece.\n",
    "p.md": "# Preface\n\nWords.\n",
    "d.md": "---\nrole: dedication\n---\n\nMy late dedication.\n",
    "1.md": "# One\n\nWords.\n",
    "c.md": "---\nrole: colophon\n---\n\nMy colophon.\n",
}


def test_the_authors_pages_take_the_place_of_ours_and_an_order_that_is_given_holds(bench):
    book = bench.read(OWN)
    assert book.problems == ()
    with pypdfium2.PdfDocument(bench.make(book, "print").data) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert [beginning(text) for text in texts if text.strip()] == [
        "My half title.", "My frontispiece.", "My title page", "My imprint.", "Contents", "Preface", "My late dedication.",
        "One", "My colophon.",
    ]  # fmt: skip
    assert "My colophon." in texts  # which has no folio
    with zipfile.ZipFile(io.BytesIO(bench.make(book, "epub", plain=True).data)) as archive:
        opf = etree.fromstring(archive.read("EPUB/content.opf"))
        spine = [ref.get("idref") for ref in opf.iter("{*}itemref")]
        kinds = {
            name: etree.fromstring(archive.read(f"EPUB/{name}.xhtml")).find(f".//{X}section").get("{http://www.idpf.org/2007/ops}type")
            for name in ("h", "t", "i", "f", "c")
        }  # fmt: skip
    assert kinds == {
        "h": "halftitlepage",
        "t": "titlepage",
        "i": "copyright-page",
        "f": "frontmatter",
        "c": "colophon",
    }
    assert len(spine) == 10


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Words.", ["Set in Source Serif Pro", "Typeset with diptych", "Printed by A Press"]),
        (
            "de",
            "`code`",
            ["Gesetzt aus der Source Serif Pro und IBM Plex Mono", "Satz: diptych", "Druck: A Press"],
        ),
    ],
)
def test_a_colophon_is_made_of_what_was_used(bench, language, text, wanted):
    toml = (
        TOML.format(language, "colophon = true")
        + '[[contributor]]\nname = "A Press"\nrole = "prt"\n[edition.print]\n'
    )
    book = bench.read({"book.toml": toml, "1.md": f"# One\n\n{text}\n"})
    with pypdfium2.PdfDocument(bench.make(book, "print").data) as document:
        found = [page.get_textpage().get_text_range() for page in document]
    texts = [text for text in found if text]  # a last leaf may have a blank back
    assert texts[-1].split("\r\n") == wanted
    assert not any("Source Serif" in text for text in texts[:-1])


def test_faces_are_those_of_the_last_rule():
    sheets = [
        'body { font-family: "One" } h1, h2 { font-family: "Two", serif }',
        '/* body { font-family: "No" } */ body { color: red; font-family: "Three" }',
    ]
    theme = Theme(tuple(File("x.css", text.encode()) for text in sheets), ())
    assert colophon.faces(theme, (), "en") == ["Three", "Two"]


def test_a_frontispiece_without_words_is_told():
    files = {"book.toml": '[book]\nfrontispiece = "a.png"\n', "1.md": "# One\n", "a.png": ""}
    _, problems = manifest.read({path: File(path, text.encode()) for path, text in files.items()}, "book")
    assert [(p.code, p.place.line) for p in problems if "identifier" not in p.code] == [
        ("image-without-alt", 2)
    ]


def test_roles_say_where_files_stand_that_no_list_names(bench):
    roles = {"1": "", "2": "index", "3": "preface", "4": "appendix", "5": "dedication", "6": "epilogue", "7": "colophon",
             "8": "glossary", "9": "foreword"}  # fmt: skip
    files = {
        f"{n}.md": (f"---\nrole: {role}\n---\n\n" if role else "") + f"# {role or 'one'}\n\nWords.\n"
        for n, role in roles.items()
    }
    book = bench.read({"book.toml": TOML.format("en", ""), **files})
    assert [(chapter.matter, chapter.title) for chapter in book.chapters] == [
        ("front", "dedication"), ("front", "foreword"), ("front", "preface"), ("body", "one"), ("body", "epilogue"),
        ("back", "appendix"), ("back", "glossary"), ("back", "index"), ("back", "colophon"),
    ]  # fmt: skip
