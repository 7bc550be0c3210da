"""Sample books: whatever an author may write, every EPUB made of it is sound.

Found by listing `samples/`. What is asked of an archive is read from its bytes with zipfile and lxml, never from what
wrote it. With --slow EPUBCheck has its own word on each, and PDF editions are made and counted.
"""

from __future__ import annotations

import copy
import functools
import io
import posixpath
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pypdfium2
import pytest
from lxml import etree
from PIL import Image

from diptych import files, manifest, pipeline, tools
from diptych.checks import ledger
from diptych.model import NotePolicy

SAMPLES = sorted(folder for folder in (Path(__file__).parent / "samples").iterdir() if folder.is_dir())
ON_PAPER = (
    "notes",
    "technical",
    "deep",
    "one-chapter",
    "matter",
    "references",
    "hebrew",
    "arabic",
    "chinese",
    "paper",
)
"""Samples that are printed too."""

TOLD = {"no-metadata": {"letter-missing"}}
"""What there is to say of a good book: nothing, but for these."""

X = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
TYPE = "{http://www.idpf.org/2007/ops}type"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HEADINGS = {f"{X}h{level}" for level in range(1, 7)}
RIGHT_TO_LEFT = {"ar", "he"}


# --- A book of a thousand notes ---------------------------------------------------------------------------------------


def thousand(chapters: int = 20, notes: int = 50) -> dict[str, str]:
    """Write a book of many notes: long and short ones, in a way that is the same each time."""
    words = "salt lamp ferry orchard ledger winter button harbour margin cellar whistle thread".split()

    def prose(seed: int, length: int) -> str:
        text = " ".join(words[(seed * 7 + n * n + n // 3) % len(words)] for n in range(length))
        return text.capitalize() + "."

    book = {
        "book.toml": """
[book]
title = "A Thousand Notes"
[identifier]
uuid = "urn:uuid:0f6a3c52-6f4e-4f7c-9d0e-5a8f1d9f2b0c"
[edition.epub]
[edition.endnotes]
writer = "epub"
[edition.endnotes.notes]
place = "book"
numbering = "book"
"""
    }
    for chapter in range(1, chapters + 1):
        numbers = range(1, notes + 1)
        body = "\n\n".join(f"{prose(chapter + n, 5)}[^{n}] {prose(chapter * n, 4)}" for n in numbers)
        texts = "\n".join(f"[^{n}]: {chapter}/{n}. {prose(n, 3 + (n * chapter) % 12)}" for n in numbers)
        book[f"{chapter:02}.md"] = f"# Chapter {chapter}\n\n{body}\n\n{texts}\n"
    return book


# --- What is asked ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """An EPUB and what its ledger found: documents by path in spine order, everything else by path."""

    entries: dict[str, bytes]
    package: etree._Element
    documents: dict[str, etree._Element]
    census: object
    wanted: tuple
    language: str

    @property
    def base(self) -> str:
        return posixpath.dirname(self.package_path)

    @functools.cached_property
    def package_path(self) -> str:
        container = etree.fromstring(self.entries["META-INF/container.xml"])
        return str(next(container.iter("{*}rootfile")).get("full-path"))

    @functools.cached_property
    def items(self) -> dict[str, etree._Element]:
        """Give the items of the manifest by path in the archive."""
        found = self.package.iter(f"{OPF}item")
        return {posixpath.join(self.base, unquote(item.get("href"))): item for item in found}

    @functools.cached_property
    def ids(self) -> dict[str, set[str]]:
        return {
            path: {e.get("id") for e in root.iter(etree.Element) if e.get("id")}
            for path, root in self.documents.items()
        }

    def resolved(self, path: str, href: str) -> tuple[str, str]:
        """Give the file and the id that an address in a file leads to."""
        parts = urlsplit(href)
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
        return (there if parts.path else path), unquote(parts.fragment)

    def notes(self) -> Iterator[tuple[str, etree._Element]]:
        """Give every text of a note with its file."""
        for path, root in self.documents.items():
            for element in root.iter(f"{X}aside", f"{X}li"):
                if element.get("role") == "doc-footnote" or str(element.get("id", "")).startswith("fn-"):
                    yield path, element


def opened(made, language: str) -> Opened:
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    package = etree.fromstring(entries["EPUB/content.opf"])
    paths = {item.get("id"): f"EPUB/{unquote(item.get('href'))}" for item in package.iter(f"{OPF}item")}
    spine = [paths[ref.get("idref")] for ref in package.iter(f"{OPF}itemref")]
    documents = {path: etree.fromstring(entries[path]) for path in spine}
    census = ledger.of_epub(made.data, made.wanted, made.edition)
    return Opened(entries, package, documents, census, made.wanted, language)


def editions(folder: Path, writer: str) -> list[str]:
    """Give the names of the editions that one writer makes; those that wait for another one's pages are slow."""
    about, _ = manifest.read(files.read_book(folder, folder.name)[0], folder.name)
    return [edition.name for edition in about.editions if edition.writer == writer]


def waits(folder: Path, edition: str) -> bool:
    path = folder / "book.toml"
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return "pages" in given.get("edition", {}).get(edition, {})


def cases(writer: str, folders: list[Path]) -> list:
    return [
        pytest.param(
            folder.name,
            edition,
            id=f"{folder.name}-{edition}",
            marks=pytest.mark.slow if waits(folder, edition) else (),
        )
        for folder in folders
        for edition in editions(folder, writer)
    ]


EPUBS = [
    *cases("epub", SAMPLES),
    *(pytest.param("thousand", e, id=f"thousand-{e}") for e in ("epub", "endnotes")),
]


@pytest.fixture(scope="module")
def books(bench):
    """Give a function that reads a sample, each once."""

    @functools.cache
    def read(name: str):
        folder = bench.write(thousand()) if name == "thousand" else Path(__file__).parent / "samples" / name
        return pipeline.read(folder, name, pipeline.Wishes())

    return read


@pytest.fixture(scope="module")
def shelf(bench, books):
    """Give a function that makes an EPUB of a sample and opens it, each once."""

    @functools.cache
    def make(name: str, edition: str) -> Opened:
        book = books(name)
        return opened(bench.make(book, edition, plain=True), book.manifest.metadata.language)

    return make


@pytest.fixture
def epub(shelf, sample, edition) -> Opened:
    return shelf(sample, edition)


every_epub = pytest.mark.parametrize(("sample", "edition"), EPUBS)


@pytest.mark.parametrize("name", [folder.name for folder in SAMPLES])
def test_there_is_nothing_to_say_of_a_good_book(books, name):
    assert {problem.code for problem in books(name).problems} <= TOLD.get(name, set())


@every_epub
def test_the_ledger_balances(epub):
    assert epub.census.problems == ()
    assert epub.census.notes == len(epub.wanted)


@every_epub
def test_no_source_line_and_no_comment_is_left(epub):
    for root in epub.documents.values():
        assert list(root.iter(etree.Comment, etree.ProcessingInstruction)) == []
        assert not [key for e in root.iter(etree.Element) for key in e.attrib if key.startswith("data-")]


@every_epub
def test_every_id_is_unique_in_the_book_and_plain(epub):
    found = [e.get("id") for root in epub.documents.values() for e in root.iter(etree.Element) if e.get("id")]
    assert [name for name in found if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name)] == []
    # The navs of contents, landmarks and pages are the only ones that are not ours to name.
    assert len(found) == len(set(found))


@every_epub
def test_every_address_leads_somewhere(epub):
    for path, root in epub.documents.items():
        for element in root.iter(etree.Element):
            for key in ("href", "src", "{http://www.w3.org/1999/xlink}href"):
                href = element.get(key)
                if href is None or re.match(r"(?:https?|mailto|tel|urn):", href):
                    continue
                assert not re.search(r"(?i)\.(?:md|markdown)\b", href)
                there, fragment = epub.resolved(path, href)
                assert there in epub.entries, f"{path}: {href}"
                assert not fragment or fragment in epub.ids[there], f"{path}: {href}"


@every_epub
def test_what_an_element_names_is_in_its_document(epub):
    for path, root in epub.documents.items():
        for element in root.iter(etree.Element):
            for key, value in element.attrib.items():
                named = re.findall(r"url\(#([^)]+)\)", value)
                named += value.split() if key in ("aria-labelledby", "aria-describedby", "headers") else []
                assert set(named) <= epub.ids[path], f"{path}: {key}={value}"


KINDS = {
    ".xhtml": "application/xhtml+xml", ".css": "text/css", ".ncx": "application/x-dtbncx+xml", ".svg": "image/svg+xml",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".ttf": "font/ttf", ".otf": "font/otf",
}  # fmt: skip


@every_epub
def test_the_manifest_lists_every_file_with_its_type(epub):
    unlisted = {"mimetype", "META-INF/container.xml", "META-INF/com.apple.ibooks.display-options.xml"}
    assert {*epub.items, epub.package_path} == {*epub.entries} - unlisted
    for path, item in epub.items.items():
        assert item.get("media-type") == KINDS[posixpath.splitext(path)[1]], path
        if item.get("media-type") in ("image/png", "image/jpeg"):
            with Image.open(io.BytesIO(epub.entries[path])) as picture:
                assert picture.get_format_mimetype() == item.get("media-type")
        elif item.get("media-type") == "image/svg+xml":
            assert etree.fromstring(epub.entries[path]).tag == "{http://www.w3.org/2000/svg}svg"


@every_epub
def test_properties_are_exactly_what_the_documents_need(epub):
    needs = {
        "svg": "{http://www.w3.org/2000/svg}svg",
        "mathml": "{http://www.w3.org/1998/Math/MathML}math",
        "scripted": f"{X}script",
    }
    for path, root in epub.documents.items():
        due = {name for name, tag in needs.items() if root.find(f".//{tag}") is not None}
        due |= {"nav"} if path == "EPUB/nav.xhtml" else set()
        assert set(epub.items[path].get("properties", "").split()) == due, path


@every_epub
def test_contents_lead_through_the_book_in_its_order(epub):
    nav = epub.documents["EPUB/nav.xhtml"]
    (toc,) = [each for each in nav.iter(f"{X}nav") if each.get(TYPE) == "toc"]
    listed = [("EPUB/nav.xhtml", a.get("href"), "".join(a.itertext())) for a in toc.iter(f"{X}a")]
    ncx = etree.fromstring(epub.entries["EPUB/toc.ncx"])
    old = [
        ("EPUB/toc.ncx", point.find(f"{NCX}content").get("src"), point.findtext(f"{NCX}navLabel/{NCX}text"))
        for point in ncx.iter(f"{NCX}navPoint")
    ]
    assert [each[1:] for each in old] == [each[1:] for each in listed]
    assert all(text.strip() for _, _, text in listed)
    places = [place_of(epub, path, href) for path, href, _ in listed]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    orders = [int(point.get("playOrder")) for point in ncx.iter(f"{NCX}navPoint")]
    assert orders == list(range(1, len(orders) + 1))


def place_of(epub: Opened, path: str, href: str) -> tuple[int, int]:
    """Give where in the spine an address leads: number of the document, number of the element."""
    there, fragment = epub.resolved(path, href)
    elements = list(epub.documents[there].iter(etree.Element))
    inner = next((n for n, e in enumerate(elements) if fragment and e.get("id") == fragment), 0)
    return list(epub.documents).index(there), inner


@every_epub
def test_a_note_begins_with_the_link_back_and_in_it_stand_mark_and_full_stop(epub):
    marks = {each.note.id: each.mark for each in epub.wanted}
    for _, note in epub.notes():
        mark = marks[note.get("id")]
        assert note[0].tag == f"{X}p"
        assert not (note.text or "").strip()
        assert not (note[0].text or "").strip()
        link = note[0][0]
        assert link.get("role") == "doc-backlink"
        assert link.text == (f"{mark}." if mark.isalnum() else mark)


@every_epub
def test_notes_stand_where_readers_find_them(epub):
    for path, root in epub.documents.items():
        lists = [e for e in root.iter(etree.Element) if e.get("role") == "doc-endnotes"]
        for part in lists:
            assert part.find(f".//{X}aside") is None, path
            assert part.find(f".//{X}li") is not None, path
        asides = [e for e in root.iter(f"{X}aside") if e.get("role") == "doc-footnote"]
        if asides:
            before = asides[0].getprevious()
            assert before is None or before.tag not in HEADINGS, (
                f"{path}: a heading is left alone above the notes"
            )


@every_epub
def test_language_and_direction_are_said(epub):
    right = epub.language.split("-")[0] in RIGHT_TO_LEFT
    assert epub.package.get(LANG) == epub.language
    assert epub.package.get("dir") == ("rtl" if right else "ltr")
    assert epub.package.find(f"{OPF}spine").get("page-progression-direction") == ("rtl" if right else None)
    for path, root in epub.documents.items():
        assert root.get(LANG) == root.get("lang") == epub.language, path
        assert root.get("dir") == ("rtl" if right else None), path


# --- What one sample is for -------------------------------------------------------------------------------------------


def test_a_thousand_notes_at_the_end_are_shared_out_among_files(shelf):
    epub = shelf("thousand", "endnotes")
    held = {
        path: len(list(root.iter(f"{X}li"))) for path, root in epub.documents.items() if "endnotes" in path
    }
    assert len(held) > 1
    assert max(held.values()) <= 600
    assert sum(held.values()) == 1000


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_each_note_has_its_own_words_and_nobody_elses(shelf):
    """The ledger compares a note with what was read; this asks whether it was read as it was written."""
    found = {note.get("id"): note for _, note in shelf("notes", "epub").notes()}
    kinds = {
        "paragraphs": "p p p", "list": "p ul p", "code": "p div p", "quotation": "p blockquote p", "verse": "p div",
        "table": "p table", "picture": "p figure p", "only": "p figure", "begins": "p ul", "codefirst": "p div",
        "long": "p p p p p p p",
    }  # fmt: skip
    labels = {
        each.note.label: each.note.id for each in shelf("notes", "epub").wanted if "02-" in each.place.file
    }
    for label, blocks in kinds.items():
        assert [e.tag.removeprefix(X) for e in found[labels[label]]] == blocks.split(), label
    assert len(words(found[labels["long"]])) > 5000


def test_marks_of_every_kind_are_seen(shelf):
    first = {
        edition: shelf("notes", edition).wanted[0].mark for edition in ("epub", "roman", "letters", "symbols")
    }
    assert first == {"epub": "1", "roman": "i", "letters": "a", "symbols": "*"}
    symbols = [each.mark for each in shelf("notes", "symbols").wanted]
    assert {"*", "†", "**", "+", "++", "#"} <= set(symbols)


def test_the_translators_notes_have_pages_of_their_own(shelf):
    titles = {
        edition: [
            words(root.find(f".//{X}h1"))
            for path, root in shelf("notes", edition).documents.items()
            if "endnotes" in path
        ]
        for edition in ("epub", "endnotes", "letters")
    }
    assert titles == {
        "epub": ["Notes of the Translator"],
        "endnotes": ["Notes", "Notes of the Translator"],
        "letters": ["Notes of the Editor", "Notes of the Translator"],
    }


def text_without(root: etree._Element, what: str) -> str:
    """Give a document's text without the elements that an XPath names."""
    body = copy.deepcopy(root.find(f"{X}body"))
    for apart in body.xpath(what):
        apart.clear(keep_tail=True)
    return "".join(body.itertext())


def test_french_signs_have_their_spaces(shelf):
    for path in ("EPUB/envoi.xhtml", "EPUB/lettres.xhtml"):
        foreign = "//*[local-name() = 'code' or @lang = 'en' or starts-with(@href, 'http')]"
        text = text_without(shelf("french", "epub").documents[path], foreign)
        assert re.findall(r"[^\u202f?!][;!?]|[^\u202f]»|«[^\u202f]|[^\u00a0\d]:(?!\S)", text) == [], path


def test_words_of_another_language_say_so(shelf):
    for name, language in (("hebrew", "en"), ("arabic", "la"), ("french", "en"), ("hostile", "he")):
        found = [e for root in shelf(name, "epub").documents.values() for e in root.iter(f"{X}span")]
        assert language in {e.get("lang") for e in found}


def test_ruby_is_kept(shelf):
    ruby = [e for root in shelf("chinese", "epub").documents.values() for e in root.iter(f"{X}ruby")]
    assert [words(e) for e in ruby] == ["候（hòu）", "客（kè）"]


def test_contents_are_as_deep_as_they_are_asked_to_be(shelf):
    def depth(edition: str) -> int:
        nav = shelf("deep", edition).documents["EPUB/nav.xhtml"]
        return max(sum(above.tag == f"{X}ol" for above in a.iterancestors()) for a in nav.iter(f"{X}a"))

    assert (depth("epub"), depth("flat")) == (6, 1)


def test_what_is_no_chapter_is_not_in_the_book(shelf, books):
    assert [chapter.title for chapter in books("no-metadata").chapters] == ["Seed", "Leaf", "Fruit"]
    assert books("no-metadata").manifest.metadata.title == "Seed"


def test_no_pattern_of_markdown_is_left_in_the_text(shelf):
    """In the samples that hold no such signs as text."""
    for name in ("notes", "deep", "french", "chinese", "arabic", "matter", "one-chapter", "no-metadata"):
        for path, root in shelf(name, "epub").documents.items():
            text = text_without(
                root,
                "//*[local-name() = 'code' or contains(@role, 'noteref') or contains(@role, 'backlink')]",
            )
            assert re.findall(r"\*\*|\]\(|^#|///|```|\^\[|\[\^(?!inspector\])", text) == [], path


# --- Checkers, and paper ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "edition"), [pytest.param(*case.values, id=case.id) for case in EPUBS])
def test_epubcheck_has_nothing_to_say(bench, books, sample, edition):
    made = bench.make(books(sample), edition)
    told = [m for m in tools.epubcheck(made.data) if m.severity in ("FATAL", "ERROR", "WARNING")]
    assert told == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sample", "edition"), cases("pdf", [folder for folder in SAMPLES if folder.name in ON_PAPER])
)
def test_paper_holds_every_note(bench, books, sample, edition):
    made = bench.make(books(sample), edition)
    census = ledger.of_pdf(made.data, made.wanted, made.edition)
    assert census.problems == ()
    assert census.notes == len(made.wanted)


SERIES = {
    "book.toml": '[book]\ntitle = "x"\n[notes]\nplace = "book"\n[notes.tr]\nplace = "book"\n[edition.print]\n',
    "a.md": "# A\n\nWords.[^tr:a]\n\n[^tr:a]: The translator's.[^1]\n[^1]: The author's.\n",
}


def test_a_note_at_the_end_may_be_called_from_one_of_another_series(bench):
    made = bench.build(SERIES, "print")
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["foot", "chapter", "book"])
def test_paper_holds_every_note_wherever_notes_stand(bench, books, place):
    made = bench.make(books("notes"), "print", notes=NotePolicy("chapter", place))
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()


def months() -> str:
    return "\n".join("|" + "|".join(cells) + "|" for cells in (["Month"] * 17, ["---"] * 17, ["100"] * 17))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("A_WORD_" * 20),
        pytest.param(months()),
        pytest.param(f"```\n{'x = 1 + ' * 30}\n```"),
        pytest.param(f"<https://example.org/{'abcdefgh' * 20}>"),
    ],
    ids=["word", "table", "code", "address"],
)
def test_nothing_runs_off_the_page(bench, text):
    files = {"book.toml": '[book]\ntitle = "x"\n[edition.print]\n', "a.md": f"# A\n\n{text}\n"}
    with pypdfium2.PdfDocument(bench.build(files, "print").data) as document:
        for page in document:
            letters, width = page.get_textpage(), page.get_width()
            boxes = [letters.get_charbox(n) for n in range(letters.count_chars())]
            assert all(left >= 0 and right <= width for left, _, right, _ in boxes)
