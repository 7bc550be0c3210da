"""What the package of an EPUB says of the book: to libraries and shops, in the words of EPUB 3.3."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from lxml import etree

from diptych import work
from diptych.model import Catalogue, Contributor, Edition, File, Forme, Manifest, Metadata, Theme
from diptych.writers.epub import fonts, metadata, package

NS = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
UUID = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
TOML = f'[book]\ntitle = "T"\n[identifier]\nuuid = "{UUID}"\n'
CHAPTER = "# One\n\nWords.[^1]\n\n[^1]: A note.\n"


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def described(opf):
    """Say everything of a book: (name, value, what refines it), in the order of the package."""
    root = etree.fromstring(opf)
    holder = root.find("opf:metadata", NS)

    def told(element):
        inner = (
            [told(e) for e in holder if e.get("refines") == f"#{element.get('id')}"]
            if element.get("id")
            else []
        )
        name = element.get("property") or element.get("rel") or element.get("name")
        value = element.text or element.get("href") or element.get("content")
        name = name or f"dc:{etree.QName(element).localname}"
        return (name, value, inner) if inner else (name, value)

    return [told(element) for element in holder if not element.get("refines")]


def said(bench, toml, name="", text=CHAPTER, **others):
    made = bench.build({"book.toml": toml, "1.md": text, **others}, name, plain=True)
    return described(opened(made.data)["EPUB/content.opf"])


def of(found, *names):
    return [each[1:] for each in found if each[0] in names]


def test_a_title_has_its_kinds_its_order_and_its_place_on_the_shelf(bench):
    toml = TOML.replace(
        '"T"', '"The Long Title"\nsubtitle = "Of It"\nshort-title = "Title"\ntitle-sort = "Long Title, The"'
    )
    assert of(said(bench, toml), "dc:title") == [
        ("The Long Title", [("title-type", "main"), ("display-seq", "1"), ("file-as", "Long Title, The")]),
        ("Of It", [("title-type", "subtitle"), ("display-seq", "2")]),
        ("Title", [("title-type", "short"), ("display-seq", "3")]),
    ]  # fmt: skip


PEOPLE = """
[[contributor]]
name = "Ann Ames"
role = ["aut", "ill"]
[[contributor]]
name = "Ben Berg"
sort = "Berg, Ben"
role = "editor"
[[contributor]]
name = "Cy Cole"
"""


def test_people_come_in_the_order_given_with_all_they_did(bench):
    assert [each for each in said(bench, TOML + PEOPLE) if each[0] in ("dc:creator", "dc:contributor")] == [
        (
            "dc:creator",
            "Ann Ames",
            [("role", "aut"), ("role", "ill"), ("file-as", "Ames, Ann"), ("display-seq", "1")],
        ),
        ("dc:creator", "Cy Cole", [("role", "aut"), ("file-as", "Cole, Cy"), ("display-seq", "3")]),
        ("dc:contributor", "Ben Berg", [("role", "edt"), ("file-as", "Berg, Ben"), ("display-seq", "2")]),
    ]


@pytest.mark.parametrize(
    ("roles", "creators"),
    [
        ([("edt",), ("trl",)], [0]),
        ([("edt",), ("edt",), ("trl",)], [0, 1]),
        ([("trl",), ("aut",)], [1]),
        ([("pht",)], [0]),
    ],
)
def test_a_book_that_nobody_wrote_has_creators_all_the_same(roles, creators):
    people = tuple(Contributor(str(n), str(n), each) for n, each in enumerate(roles))
    found = metadata._people(Metadata("T", UUID, contributors=people))
    assert [int(each.value) for each in found if each.name == "dc:creator"] == creators


def test_an_edition_is_named_by_its_own_isbn_and_by_no_other(bench):
    numbers = 'isbn.epub = "978-3-16-148410-0"\nisbn.print = "978-1-86197-876-9"\ndoi = "10.1000/182"\n'
    toml = f"{TOML}{numbers}[edition.epub]\n[edition.kobo]\n[edition.print]\n"
    isbn = ("urn:isbn:9783161484100", [("identifier-type", "15")])
    doi = ("doi:10.1000/182", [("identifier-type", "06")])
    assert of(said(bench, toml, "epub"), "dc:identifier") == [isbn, (UUID,), doi]
    assert of(said(bench, toml, "kobo"), "dc:identifier") == [(UUID,), doi]


@pytest.mark.parametrize(("name", "wanted"), [("epub", "urn:isbn:9783161484100"), ("kobo", UUID)])
def test_package_and_ncx_give_the_same_unique_identifier(bench, name, wanted):
    toml = f'{TOML}isbn.epub = "978-3-16-148410-0"\n[edition.epub]\n[edition.kobo]\n'
    found = opened(bench.build({"book.toml": toml, "1.md": CHAPTER}, name, plain=True).data)
    opf = etree.fromstring(found["EPUB/content.opf"])
    unique = opf.xpath("//dc:identifier[@id = /*/@unique-identifier]", namespaces=NS)
    assert [each.text for each in unique] == [wanted]
    assert etree.fromstring(found["EPUB/toc.ncx"]).xpath("string(//@content[../@name='dtb:uid'])") == wanted


def test_codes_are_schemes_and_schemes_are_named(bench):
    toml = f'{TOML}doi = "10.1000/182"\n{PEOPLE}'
    made = bench.build({"book.toml": toml, "1.md": CHAPTER}, plain=True)
    opf = etree.fromstring(opened(made.data)["EPUB/content.opf"])
    schemes = {(e.get("property"), e.get("scheme")) for e in opf.iter("{*}meta") if e.get("scheme")}
    assert schemes == {("identifier-type", "onix:codelist5"), ("role", "marc:relators")}


def test_subjects_are_words_and_codes_of_the_trade(bench):
    toml = f'{TOML}[subjects]\nkeywords = ["history"]\nbisac = ["HIS032000"]\nthema = ["NHD", "1DTA"]\n'
    assert of(said(bench, toml), "dc:subject") == [
        ("history",),
        ("HIS032000", [("authority", "BISAC"), ("term", "HIS032000")]),
        ("NHD", [("authority", "Thema"), ("term", "NHD")]),
        ("1DTA", [("authority", "Thema"), ("term", "1DTA")]),
    ]


def test_a_series_is_told_to_new_readers_and_to_old_ones(bench):
    found = said(bench, f'{TOML}[series]\nname = "Small Books"\nposition = "1.5"\n')
    kinds = [("collection-type", "series"), ("group-position", "1.5")]
    assert of(found, "belongs-to-collection") == [("Small Books", kinds)]
    assert of(found, "calibre:series", "calibre:series_index") == [("Small Books",), ("1.5",)]


@pytest.mark.parametrize(
    ("date", "wanted"), [("2026-03-01", "2026-03-01T00:00:00Z"), ("2026-03", "2026-03"), ("2026", "2026")]
)
def test_a_full_day_has_its_time_and_a_year_stays_a_year(date, wanted):
    found = metadata._publication(Metadata("T", UUID, date=date))
    assert [(each.name, each.value) for each in found] == [("dc:date", wanted)]


def test_a_reprint_says_where_it_comes_from_and_when(bench):
    more = (
        'date = 2026-03-01\nfirst-published = 1986\nsource = "Some Journal 4"\nedition = "Second edition"\n'
    )
    found = said(
        bench, TOML.replace("[identifier]", f'{more}rights = "© A."\nlicence = "CC-BY-4.0"\n[identifier]')
    )
    assert of(found, "dc:source", "dcterms:issued", "schema:bookEdition", "dc:rights") == [
        ("© A. CC-BY-4.0",), ("Some Journal 4",), ("1986",), ("Second edition",),
    ]  # fmt: skip


def test_nothing_is_said_that_is_not_known(bench):
    found = said(bench, TOML)
    values = [each for each in found if not each[0].startswith("schema:")]
    assert all(each[1] for each in found)
    assert [name for name, *_ in values] == [
        "dc:identifier", "dc:title", "dc:language", "dcterms:modified", "ibooks:specified-fonts", "cover",
    ]  # fmt: skip


def test_the_guide_opens_the_book_where_its_text_begins(bench):
    toml = f'{TOML}[chapters]\nfront = ["0.md"]\nbody = ["1.md"]\n[edition.kindle]\n'.replace(
        '"T"', '"T"\nlanguage = "de"'
    )
    made = bench.build({"book.toml": toml, "0.md": "# Vorwort\n\nA.\n", "1.md": CHAPTER}, plain=True)
    opf = etree.fromstring(opened(made.data)["EPUB/content.opf"])
    assert [(e.get("type"), e.get("title"), e.get("href")) for e in opf.iter("{*}reference")] == [
        ("toc", "Inhalt", "nav.xhtml"),
        ("text", "Textbeginn", "c1.xhtml"),
    ]


@pytest.mark.parametrize(
    ("path", "ending", "wanted"),
    [
        ("images/a.png", "", "images/a.png"),
        ("images/a.png", "png", "images/a.png"),
        ("images/a.png", "jpg", "images/a-1bb1bf2e.jpg"),
        ("Bilder/Ä b.PNG", "", "bilder/a-b-2c4cda28.png"),
        ("cover.jpg", "", "cover-dd1bd4b6.jpg"),
    ],
)
def test_a_name_is_safe_and_ends_as_it_should(path, ending, wanted):
    made = package.safe_name(path, ending)
    assert made.partition("-")[0] == wanted.partition("-")[0]
    assert made.rpartition(".")[2] == wanted.rpartition(".")[2]
    assert ("-" in made) is ("-" in wanted)


# --- Editions for one shop --------------------------------------------------------------------------------------------


def test_an_edition_for_kindle_has_a_cover_but_no_page_for_it(bench):
    found = opened(bench.build({"book.toml": f"{TOML}[edition.kindle]\n", "1.md": CHAPTER}, plain=True).data)
    assert "EPUB/cover.xhtml" not in found
    opf = etree.fromstring(found["EPUB/content.opf"])
    assert opf.xpath("//opf:item[@properties='cover-image']/@href", namespaces=NS) == ["cover.jpg"]
    assert b"cover" not in found["EPUB/nav.xhtml"]
    assert b'<sup><a id="fnref-c1-1"' in found["EPUB/c1.xhtml"]


# --- Faces ------------------------------------------------------------------------------------------------------------


@cache
def face_with(permissions):
    """A font of a few letters that says so much of embedding (OS/2 fsType)."""
    letters = {ord(letter): f"g{n}" for n, letter in enumerate(" abcABC§❧")}
    names = [".notdef", *letters.values()]
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap(letters)
    made.setupGlyf(dict.fromkeys(names, TTGlyphPen(None).glyph()))
    made.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
    made.setupHorizontalHeader()
    made.setupNameTable({"familyName": "Own", "styleName": "Regular"})
    made.setupOS2(fsType=permissions)
    made.setupPost()
    out = io.BytesIO()
    made.save(out)
    return File("fonts/Own.ttf", out.getvalue())


def dressed(css, face, **changes):
    """What an edition with this stylesheet, that face and the text `abc` carries: its files, and what is told."""
    rule = '@font-face { font-family: "Own"; src: url("fonts/Own.ttf") }\n'
    theme = Theme((File("a.css", (rule + css).encode()),), (face,))
    edition = replace(Edition("epub", "epub"), **changes)
    about = Manifest("book", Metadata("T", UUID), (), (edition,))
    forme = Forme((), edition, theme, about, Catalogue({}, {}, ()), {face.path: face}, 0)
    dress = fonts.embed(forme, "abc", work.ALONE)
    return {file.path: file.data for file in dress.files}, dress.problems


@pytest.mark.parametrize(
    ("permissions", "outcome"),
    [
        (0x0000, "cut"),
        (0x0004, "cut"),
        (0x0008, "cut"),
        (0x0006, "cut"),  # of several uses the most generous counts
        (0x0100, "whole"),
        (0x0108, "whole"),
        (0x0002, "left out"),
        (0x0200, "left out"),
    ],
)
def test_a_face_is_embedded_as_its_maker_permits(permissions, outcome):
    face = face_with(permissions)
    found, problems = dressed('p { font-family: "Own" }', face)
    left_out = outcome == "left out"
    assert [(p.code, str(p.place)) for p in problems] == [("font-left-out", "book/fonts/Own.ttf")] * left_out
    assert ("fonts/Own.ttf" in found) is (b"@font-face" in found["book.css"]) is not left_out
    if not left_out:
        assert (found["fonts/Own.ttf"] == face.data) is (outcome == "whole")


def test_a_face_that_no_style_names_stays_at_home():
    found, problems = dressed("/* Own */ p { color: inherit }", face_with(0))
    assert [*found] == ["book.css"]
    assert not problems


def test_what_a_stylesheet_writes_itself_can_be_shown():
    found, _ = dressed('p { font-family: "Own" } hr::before { content: "\\2767 B" }', face_with(0))
    with TTFont(io.BytesIO(found["fonts/Own.ttf"])) as font:
        kept = {chr(code) for code in font.getBestCmap()}
    assert set("abcB❧") <= kept
    assert not set("AC") & kept


def test_an_edition_without_fonts_names_none():
    css = 'p { font-family: "Own", serif; color: red }\npre { font-family: monospace }'
    found, problems = dressed(css, face_with(0), fonts=False)
    assert [*found] == ["book.css"]
    assert found["book.css"].decode() == "p { color: red }\npre { font-family: monospace }"
    assert not problems


def test_without_faces_apple_is_asked_for_nothing(bench):
    found = opened(bench.build({"book.toml": TOML, "1.md": CHAPTER}, "epub", plain=True, fonts=False).data)
    assert not [name for name in found if name.endswith(".ttf") or "apple" in name]
    assert b"ibooks" not in found["EPUB/content.opf"]
    assert b"Source Serif" not in found["EPUB/book.css"]


def test_apple_is_asked_in_both_places_to_show_the_faces(bench):
    found = opened(bench.build({"book.toml": TOML, "1.md": CHAPTER}, "epub", plain=True).data)
    assert b'<option name="specified-fonts">true' in found["META-INF/com.apple.ibooks.display-options.xml"]
    assert b'<meta property="ibooks:specified-fonts">true' in found["EPUB/content.opf"]


def test_identifiers_of_an_edition():
    about = replace(Metadata("T", UUID), isbn={"epub": "9783161484100"})
    assert metadata.identifier(about, Edition("epub", "epub")) == "urn:isbn:9783161484100"
    assert metadata.identifier(about, Edition("kobo", "epub")) == UUID
