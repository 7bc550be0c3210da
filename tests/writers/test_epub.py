"""A built EPUB, read with zipfile and lxml alone, as a reading system would."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from urllib.parse import urldefrag

import pytest
from fontTools.ttLib import TTFont
from lxml import etree
from PIL import Image

from diptych.writers.epub import fonts

NS = {
    "h": "http://www.w3.org/1999/xhtml", "opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/",
    "n": "http://www.daisy.org/z3986/2005/ncx/", "c": "urn:oasis:names:tc:opendocument:xmlns:container",
}  # fmt: skip
TYPE = "{http://www.idpf.org/2007/ops}type"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MINIMAL = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.epub]\n'


class Epub:
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = self.zip.namelist()
        container = self.xml("META-INF/container.xml")
        self.opf_path = container.xpath("//c:rootfile/@full-path", namespaces=NS)[0]
        self.home = posixpath.dirname(self.opf_path)
        self.opf = self.xml(self.opf_path)
        self.items = {item.get("id"): item for item in self.opf.findall(".//opf:item", NS)}
        self.spine = [self.items[ref.get("idref")] for ref in self.opf.findall(".//opf:itemref", NS)]
        self.documents = {
            item.get("href"): self.xml(f"{self.home}/{item.get('href')}") for item in self.spine
        }

    def xml(self, name):
        return etree.fromstring(self.zip.read(name))

    def read(self, href):
        return self.zip.read(f"{self.home}/{href}")

    def find(self, path):
        """Everything that an XPath finds in the documents of the spine, in reading order, with its file."""
        return [
            (name, found)
            for name, root in self.documents.items()
            for found in root.xpath(path, namespaces=NS)
        ]

    def metas(self, name, of=None):
        """Values of an OPF meta: of the book itself, or refining an id."""
        found = self.opf.xpath(f"//opf:meta[@property='{name}']", namespaces=NS)
        return [meta.text for meta in found if meta.get("refines") == (f"#{of}" if of else None)]

    def dc(self, name):
        return self.opf.findall(f".//dc:{name}", NS)


@pytest.fixture(scope="module")
def epub(small):
    return Epub(small("epub").data)


def typed(kind):
    return f"//*[contains(concat(' ', @*[local-name()='type'], ' '), ' {kind} ')]"


# --- the archive ------------------------------------------------------------------------------------------------------


def test_mimetype_stands_first_and_plain(small):
    data = small("epub").data
    assert data[:4] == b"PK\x03\x04"
    assert int.from_bytes(data[28:30], "little") == 0  # no extra field
    assert data[30:58] == b"mimetypeapplication/epub+zip"


def test_every_entry_has_the_same_date_and_mode(epub):
    entries = epub.zip.infolist()
    assert {entry.date_time for entry in entries} == {(2026, 3, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.external_attr) for entry in entries} == {(3, 0o100644 << 16)}
    assert len(epub.names) == len(set(epub.names))


def test_pictures_are_stored_and_texts_deflated(epub):
    for entry in epub.zip.infolist():
        stored = entry.filename == "mimetype" or entry.filename.endswith((".jpg", ".png"))
        assert entry.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED), entry.filename


def test_a_date_before_1980_is_the_earliest_a_zip_can_say(bench, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    old = Epub(bench.build({"book.toml": MINIMAL, "1.md": "# One\n\nWords.\n"}, plain=True).data)
    assert {entry.date_time for entry in old.zip.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# --- package, contents, links -----------------------------------------------------------------------------------------


def test_manifest_and_archive_agree(epub):
    listed = {f"{epub.home}/{item.get('href')}" for item in epub.items.values()}
    others = {name for name in epub.names if not name.startswith("META-INF/")} - {"mimetype", epub.opf_path}
    assert listed == others
    for name in epub.names:
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", name)


def test_media_types_say_what_the_files_are(epub):
    types = {"xhtml": "application/xhtml+xml", "css": "text/css", "jpg": "image/jpeg", "png": "image/png", "ttf": "font/ttf",
             "ncx": "application/x-dtbncx+xml"}  # fmt: skip
    for item in epub.items.values():
        assert item.get("media-type") == types[item.get("href").rsplit(".", 1)[1]]


def test_spine_nav_and_ncx_tell_the_same_story(epub):
    toc = epub.documents["nav.xhtml"].xpath("//h:nav[@role='doc-toc']//h:a", namespaces=NS)
    ncx = epub.xml(f"{epub.home}/toc.ncx")
    points = ncx.findall(".//n:navPoint", NS)
    said = [(link.text, link.get("href")) for link in toc]
    assert said == [
        (p.find("n:navLabel/n:text", NS).text, p.find("n:content", NS).get("src")) for p in points
    ]
    order = list(epub.documents)
    places = [order.index(urldefrag(href).url) for _, href in said]
    assert places == sorted(places)
    assert [text for text, _ in said] == [
        "Preface",
        "The War",
        "The first winter",
        "Letters",
        "Answers",
        "Sources",
    ]
    assert [int(p.get("playOrder")) for p in points] == list(range(1, len(points) + 1))
    assert ncx.xpath("//n:meta[@name='dtb:uid']/@content", namespaces=NS) == [epub.dc("identifier")[0].text]
    assert ncx.xpath("//n:meta[@name='dtb:depth']/@content", namespaces=NS) == ["2"]


def test_reading_order(epub):
    assert list(epub.documents) == [
        "cover.xhtml", "title-page.xhtml", "imprint.xhtml", "dedication.xhtml", "nav.xhtml", "preface.xhtml", "one.xhtml",
        "two.xhtml", "appendix.xhtml",
    ]  # fmt: skip
    assert all(ref.get("linear", "yes") == "yes" for ref in epub.opf.findall(".//opf:itemref", NS))


def test_landmarks_and_guide(epub):
    marks = epub.documents["nav.xhtml"].xpath("//h:nav[@hidden]//h:a", namespaces=NS)
    assert {mark.get(TYPE): mark.get("href") for mark in marks} == {
        "cover": "cover.xhtml", "toc": "nav.xhtml", "titlepage": "title-page.xhtml", "bodymatter": "one.xhtml"}  # fmt: skip
    guide = {ref.get("type"): ref.get("href") for ref in epub.opf.findall(".//opf:reference", NS)}
    assert guide.keys() == {"cover", "toc", "text"}
    assert set(guide.values()) <= set(epub.documents)


def test_every_link_resolves(epub):
    ids = {name: set(root.xpath("//@id")) for name, root in epub.documents.items()}
    listed = {item.get("href") for item in epub.items.values()}
    for name, value in epub.find("//@href | //@src"):
        if value.startswith("https://"):
            continue
        path, fragment = urldefrag(value)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
        assert target in listed, (name, value)
        if fragment:
            assert fragment in ids[target], (name, value)
    css = epub.read("book.css").decode()
    for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", css):
        assert address in listed


def test_ids_are_unique_in_the_book_and_safe(epub):
    ids = [value for _, value in epub.find("//@id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value) for value in ids)
    package = epub.opf.xpath("//@id")
    assert len(package) == len(set(package))


# --- documents --------------------------------------------------------------------------------------------------------


def test_every_document_says_what_it_is(epub):
    for name in epub.documents:
        text = epub.read(name).decode()
        assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html ')
        start = re.search(r"<html [^>]*>", text)[0]
        assert 'xmlns:epub="http://www.idpf.org/2007/ops"' in start
        assert 'lang="en-GB" xml:lang="en-GB"' in start
        assert '<meta charset="utf-8"/>' in text
        assert epub.documents[name].findtext("h:head/h:title", namespaces=NS).strip()


def test_nothing_of_the_workshop_is_left(epub):
    for name, root in epub.documents.items():
        assert not root.xpath("//@*[starts-with(local-name(), 'data-')]"), name
        assert not root.xpath("//comment() | //processing-instruction()"), name
        assert not root.xpath("//@style | //h:style | //h:script", namespaces=NS), name


def test_empty_elements_are_closed_as_html_would(epub):
    voids = "br hr img link meta col wbr".split()
    for name in epub.documents:
        for tag in re.findall(r"<([a-z0-9]+)[^>]*/>", epub.read(name).decode()):
            assert tag in voids, (name, tag)


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_call_is_a_link_with_nothing_but_its_number(epub):
    calls = epub.find(typed("noteref"))
    assert len(calls) == 15
    for _, call in calls:
        assert (call.tag, call.get("role"), len(call)) == (f"{{{NS['h']}}}a", "doc-noteref", 0)
        assert call.text.isdigit()


def test_a_note_is_an_aside_that_begins_with_the_way_back(epub):
    notes = epub.find(typed("footnote"))
    assert len(notes) == 14
    for name, note in notes:
        assert (note.tag, note.get("role")) == (f"{{{NS['h']}}}aside", "doc-footnote")
        first = note[0][0]
        assert not (note.text or "").strip()
        assert not (note[0].text or "").strip()
        assert first.get("role") == "doc-backlink"
        assert re.fullmatch(r"\d+\.", first.text)
        call = epub.documents[name].xpath(f"//*[@id='{first.get('href')[1:]}']")[0]
        assert f"{call.text}." == first.text
        assert call.get("href") == f"#{note.get('id')}"


def test_notes_stand_last_in_their_file_with_nothing_before_them(epub):
    for name, root in epub.documents.items():
        section = root.find("h:body/h:section", NS)
        if section is None:
            continue
        kinds = [child.get(TYPE) == "footnote" for child in section]
        assert kinds == sorted(kinds), name
        inner = root.xpath("//h:aside//h:aside", namespaces=NS)
        assert not inner, name


def test_each_call_has_one_way_back_and_each_way_back_words_of_its_own(epub):
    back = [link.get("href") for _, link in epub.find("//*[@role='doc-backlink']")]
    assert sorted(back) == sorted(f"#{call.get('id')}" for _, call in epub.find(typed("noteref")))
    twice = [
        note for _, note in epub.find(typed("footnote")) if len(note.xpath(".//*[@role='doc-backlink']")) == 2
    ]
    assert len(twice) == 1
    links = twice[0].xpath(".//*[@role='doc-backlink']")
    assert links[1].get("aria-label") not in (None, links[0].get("title"))


def test_a_note_cited_by_a_note_stands_beside_it(epub):
    texts = ["".join(note.itertext()) for _, note in epub.find(typed("footnote"))]
    long = next(n for n, text in enumerate(texts) if "It cites another" in text)
    assert "Cited by a note." in texts[long + 1]


@pytest.mark.parametrize("numbering", ["chapter", "book"])
def test_notes_at_the_end_of_the_book_are_a_list(bench, small_book, numbering):
    toml = small_book["book.toml"] + f'[notes]\nplace = "book"\nnumbering = "{numbering}"\n'
    epub = Epub(bench.build({**small_book, "book.toml": toml}, "epub", plain=True).data)
    assert "endnotes.xhtml" in epub.documents
    order = list(epub.documents)
    assert order.index("endnotes.xhtml") == order.index("appendix.xhtml") + 1  # the appendix calls notes, too
    root = epub.documents["endnotes.xhtml"]
    assert not epub.find("//h:aside | //*[@role='doc-footnote'] | //*[@role='doc-endnote']")
    section = root.find("h:body/h:section", NS)
    assert section.get("role") == "doc-endnotes"
    notes = root.xpath("//h:ol/h:li[starts-with(@id, 'fn-')]", namespaces=NS)
    assert len(notes) == 14
    numbers = [note.xpath(".//*[@role='doc-backlink']")[0].text for note in notes]
    assert numbers == [
        f"{n}." for n in ([1, *range(1, 12), 1, 1] if numbering == "chapter" else range(1, 15))
    ]
    for _, call in epub.find(typed("noteref")):
        assert call.get("href").startswith(("endnotes.xhtml#fn-", "#fn-"))
    assert not root.xpath("//h:ol/@role", namespaces=NS)
    landmarks = epub.documents["nav.xhtml"].xpath("//h:nav[@hidden]//h:a", namespaces=NS)
    assert "endnotes" in {mark.get(TYPE) for mark in landmarks}


# --- metadata ---------------------------------------------------------------------------------------------------------


def test_the_package_names_its_language_and_identifier(epub):
    assert (epub.opf.get(LANG), epub.opf.get("version")) == ("en-GB", "3.0")
    assert "page-progression-direction" not in epub.opf.find("opf:spine", NS).attrib
    unique = epub.opf.get("unique-identifier")
    assert [i.text for i in epub.dc("identifier") if i.get("id") == unique] == ["urn:isbn:9783161484100"]


def test_titles_have_types(epub):
    said = {
        title.text: (epub.metas("title-type", title.get("id")), epub.metas("file-as", title.get("id")))
        for title in epub.dc("title")
    }
    assert said == {
        "The Red Thread": (["main"], ["Red Thread, The"]),
        "A Small but Complete Book": (["subtitle"], []),
    }


def test_people_have_roles_and_sort_names(epub):
    said = {
        (who.tag.rpartition("}")[2], who.text): (
            epub.metas("role", who.get("id")),
            epub.metas("file-as", who.get("id")),
        )
        for who in (*epub.dc("creator"), *epub.dc("contributor"))
    }
    assert said == {
        ("creator", "Ada Ames"): (["aut"], ["Ames, Ada"]),
        ("contributor", "Bo Berg"): (["edt", "aui"], ["Berg, Bo"]),
        ("contributor", "Cy Cole"): (["trl"], ["Cole, Cy"]),
    }
    roles = epub.opf.xpath("//opf:meta[@property='role']", namespaces=NS)
    assert {role.get("scheme") for role in roles} == {"marc:relators"}


def test_numbers_subjects_series_and_dates(epub):
    numbers = {
        number.text: epub.metas("identifier-type", number.get("id")) for number in epub.dc("identifier")
    }
    assert numbers["urn:isbn:9783161484100"] == ["15"]
    assert numbers["doi:10.1000/182"] == ["06"]
    subjects = {
        s.text: (epub.metas("authority", s.get("id")), epub.metas("term", s.get("id")))
        for s in epub.dc("subject")
    }
    assert subjects["HIS032000"] == (["BISAC"], ["HIS032000"])
    assert subjects["NHD"] == (["Thema"], ["NHD"])
    assert {"history", "letters"} <= subjects.keys()
    collection = epub.opf.xpath("//opf:meta[@property='belongs-to-collection']", namespaces=NS)[0]
    assert collection.text == "Small Books"
    assert epub.metas("collection-type", collection.get("id")) == ["series"]
    assert epub.metas("group-position", collection.get("id")) == ["2"]
    assert [date.text for date in epub.dc("date")] == ["2026-03-01T00:00:00Z"]
    assert epub.metas("dcterms:modified") == ["2026-03-01T00:00:00Z"]


def test_the_edition_without_isbn_of_its_own_has_none(bench, small_book):
    toml = small_book["book.toml"].replace("isbn.epub", "isbn.print")
    other = Epub(bench.build({**small_book, "book.toml": toml}, "epub", plain=True).data)
    assert not [i.text for i in other.dc("identifier") if "isbn" in i.text]


def test_modified_is_the_epoch_that_is_given(bench, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    made = Epub(bench.build({"book.toml": MINIMAL, "1.md": "# One\n\nWords.\n"}, plain=True).data)
    assert made.metas("dcterms:modified") == ["2026-01-01T00:00:00Z"]
    assert {entry.date_time for entry in made.zip.infolist()} == {(2026, 1, 1, 0, 0, 0)}


def test_what_must_be_said_of_accessibility_is_said(epub):
    assert epub.metas("schema:accessMode")
    assert epub.metas("schema:accessibilityHazard") == ["none"]
    assert {"structuralNavigation", "tableOfContents", "readingOrder"} <= set(
        epub.metas("schema:accessibilityFeature")
    )


def test_refinements_stand_behind_what_they_refine(epub):
    at = {}
    for n, meta in enumerate(epub.opf.find("opf:metadata", NS)):
        if meta.get("refines"):
            assert n > at[meta.get("refines")[1:]]
        elif meta.get("id"):
            at[meta.get("id")] = n


# --- cover, fonts, pictures, odd books ----------------------------------------------------------------------------------


def test_the_cover_is_what_shops_want(epub):
    item = next(item for item in epub.items.values() if item.get("properties") == "cover-image")
    with Image.open(io.BytesIO(epub.read(item.get("href")))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1600, 2560))
    assert epub.opf.xpath("//opf:meta[@name='cover']/@content", namespaces=NS) == [item.get("id")]
    assert epub.documents["cover.xhtml"].xpath("//h:img/@src", namespaces=NS) == [item.get("href")]


@pytest.mark.parametrize(("kind", "same"), [("JPEG", True), ("PNG", False)])
def test_an_own_cover_is_taken_as_it_is(bench, monkeypatch, picture, kind, same):
    monkeypatch.setattr(fonts, "_subset", lambda face, _: face)
    own = picture(800, 1200, kind)
    toml = MINIMAL.replace('title = "T"', f'title = "T"\ncover = "front.{kind.lower()}"')
    files = {"book.toml": toml, f"front.{kind.lower()}": own, "1.md": "# One\n\nWords.\n"}
    made = Epub(bench.build(files).data)
    assert (made.read("cover.jpg") == own) is same
    with Image.open(io.BytesIO(made.read("cover.jpg"))) as taken:
        assert (taken.format, taken.size) == ("JPEG", (800, 1200))


def test_fonts_are_those_named_and_small(epub):
    faces = {item.get("href") for item in epub.items.values() if item.get("media-type") == "font/ttf"}
    assert faces
    assert faces == set(re.findall(r'url\("(fonts/[^"]+)"\)', epub.read("book.css").decode()))
    for name in faces:
        data = epub.read(name)
        assert len(data) < 80_000, name
        with TTFont(io.BytesIO(data)) as font:
            assert ord("Ж") not in font.getBestCmap()  # nowhere in the book
            assert ord("w") in font.getBestCmap()


def test_a_font_that_is_cut_keeps_its_features():
    from diptych import files

    face = files.read_faces()["SourceSerifPro-Regular.ttf"]
    cut = fonts._cut(face, "Words, figures 0123 and fi.")
    with TTFont(io.BytesIO(cut.data)) as font:
        tags = {
            record.FeatureTag
            for name in ("GSUB", "GPOS")
            for record in font[name].table.FeatureList.FeatureRecord
        }
        assert {"kern", "smcp", "onum", "lnum", "liga"} <= tags
        assert font.getBestCmap().keys() == set(map(ord, "Words, figures 0123 and fi."))
        assert "fpgm" not in font
    assert fonts._cut(face, "Words, figures 0123 and fi.") == cut


def test_a_font_of_the_book_comes_along(bench):
    from diptych import files

    face = files.read_faces()["SourceSansPro-Regular.ttf"].data
    css = 'p { font-family: "Source Sans Pro" }'
    book = {"book.toml": MINIMAL, "fonts/Own.ttf": face, "styles/book.css": css, "1.md": "# One\n\nWords.\n"}
    made = Epub(bench.build(book, plain=True).data)
    assert f"{made.home}/fonts/Own.ttf" in made.names
    assert 'url("fonts/Own.ttf")' in made.read("book.css").decode()


@pytest.mark.parametrize(
    ("language", "rtl"), [("ar", True), ("he-IL", True), ("fa", True), ("en", False), ("de-AT", False)]
)
def test_a_book_from_right_to_left_says_so(bench, language, rtl):
    toml = MINIMAL.replace('title = "T"', f'title = "T"\nlanguage = "{language}"')
    made = Epub(bench.build({"book.toml": toml, "1.md": "# One\n\nWords.\n"}, plain=True).data)
    assert (made.opf.find("opf:spine", NS).get("page-progression-direction") == "rtl") is rtl
    assert all((root.get("dir") == "rtl") is rtl for root in made.documents.values())
    assert all(root.get(LANG) == language for root in made.documents.values())


NASTY = [
    "<p>a & b < c > d</p>",
    "<p>an <b>unclosed paragraph",
    "<div><p>crossed <b>tags</p></b></div>",
    "<br>text<hr>more",
    "<!-- a -- comment -->",
    '<p title="a &quot;quote&quot; &amp; <angle>">x</p>',
    "<p>&nbsp;&copy;&hellip;&#x1F600;</p>",
    "<table><tr><td>cell<td>cell</table>",
    '<p data-x="1" data-line="7">x</p>',
    "<p><span></span><em></em>x</p>",
    "<p class=bare id=one>x</p>",
    "<ruby>漢<rp>(</rp><rt>kan</rt></ruby>",
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><linearGradient id="g"/><path d="M0 0h9"/></svg>',
    "<p>]]&gt; and ]]></p>",
    "<details><summary>s</summary>d</details>",
    "<ul><li>a<ul><li>b</ul></ul>",
    "<h2>A heading</h2><p>x",
    "<p>x</p></section></body></html>",
]


@pytest.fixture(scope="module")
def nasty(bench):
    chapters = {f"{n}.md": f"# N{n}\n\nBefore.\n\n{html}\n\nAfter.\n" for n, html in enumerate(NASTY)}
    return Epub(bench.build({"book.toml": MINIMAL, **chapters}, plain=True).data)


@pytest.mark.parametrize("n", range(len(NASTY)), ids=NASTY)
def test_nasty_html_comes_out_well_formed(nasty, n):
    text = "".join(nasty.documents[f"c{n}.xhtml"].itertext())
    assert "Before." in text
    assert "After." in text


def test_nasty_html_leaves_the_book_in_order(nasty):
    test_nothing_of_the_workshop_is_left(nasty)
    test_ids_are_unique_in_the_book_and_safe(nasty)
    test_every_link_resolves(nasty)
    test_empty_elements_are_closed_as_html_would(nasty)


def test_svg_keeps_the_case_of_its_names(bench):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><linearGradient id="g"/></svg>'
    made = Epub(bench.build({"book.toml": MINIMAL, "1.md": f"# One\n\nx\n\n{svg}\n"}, plain=True).data)
    text = made.read("c1.xhtml").decode()
    assert "viewBox" in text
    assert "<linearGradient" in text
    item = next(item for item in made.spine if item.get("href") == "c1.xhtml")
    assert item.get("properties") == "svg"


def test_file_names_are_safe_and_do_not_collide(bench, picture):
    names = "a b|a-b|ab|faden|fäden|fâden|Faden|ab/c|a/bc|日本|中国|ba".split("|")
    names = [f"{name}.png" for name in names]
    pictures = {f"images/{name}": picture(10 + n, 10) for n, name in enumerate(names)}
    text = "# One\n\n" + "\n\n".join(f"![{n}](<images/{name}>)" for n, name in enumerate(names))
    made = Epub(bench.build({"book.toml": MINIMAL, "1.md": text, **pictures}, plain=True).data)
    shown = made.documents["c1.xhtml"].xpath("//h:img", namespaces=NS)
    assert len({image.get("src") for image in shown}) == len(names)
    for image in shown:
        assert re.fullmatch(r"[a-z0-9._/-]+", image.get("src"))
        assert made.read(image.get("src")) == pictures[f"images/{names[int(image.get('alt'))]}"]


def test_names_that_differ_by_accents_alone_do_not_collide(bench, picture):
    names = [f"{a}{b}{c}.png" for a in "éèêë" for b in "äàâá" for c in "öòôó"]
    pictures = {f"images/{name}": picture(10 + n, 10) for n, name in enumerate(names)}
    text = "# One\n\n" + "\n\n".join(f"![{n}](<images/{name}>)" for n, name in enumerate(names))
    made = Epub(bench.build({"book.toml": MINIMAL, "1.md": text, **pictures}, plain=True).data)
    shown = made.documents["c1.xhtml"].xpath("//h:img", namespaces=NS)
    assert len({image.get("src") for image in shown}) == len(names)


def test_a_picture_called_like_the_cover_is_another_file(bench, picture):
    toml = MINIMAL.replace('title = "T"', 'title = "T"\ncover = "cover.jpg"')
    own = picture(60, 40, "JPEG")
    files = {"book.toml": toml, "cover.jpg": own, "1.md": "# One\n\n![Again](cover.jpg)\n"}
    made = Epub(bench.build(files, plain=True).data)
    test_every_link_resolves(made)
    assert made.read(made.documents["c1.xhtml"].xpath("//h:img/@src", namespaces=NS)[0]) == own


def test_code_runs_from_left_to_right_in_a_book_that_does_not(bench):
    files = {
        "book.toml": '[book]\ntitle = "ספר"\nlanguage = "he"\n',
        "one.md": "# ספר\n\nמילה `x = 1` ועוד.\n\n    y = 2\n",
    }
    epub = Epub(bench.build(files, "epub", plain=True).data)
    code = list(epub.documents["one.xhtml"].iter("{*}code"))
    assert [element.get("dir") for element in code] == ["ltr", "ltr"]
