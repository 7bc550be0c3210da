"""Notes on reading systems: a sound note is passed over in silence, and each cause of a dead one is named."""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml import etree

from diptych.checks import opened, readers
from diptych.model import NotePolicy

_X = "{http://www.w3.org/1999/xhtml}"
_TYPE = "{http://www.idpf.org/2007/ops}type"

BOOK = {
    "book.toml": '[book]\ntitle = "Readers"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n',
    "one.md": """# One

First.[^a] Second.[^b]

The first again.[^a]

[^a]: The note that is called twice, from two places.
[^b]: Another note, about something else entirely.
""",
}


@pytest.fixture(scope="module")
def book(bench):
    return bench.read(BOOK)


@pytest.fixture(scope="module")
def made(bench, book):
    return bench.make(book, "epub", plain=True)


@pytest.fixture(scope="module")
def endnotes(bench, book):
    return bench.make(book, "epub", plain=True, notes=NotePolicy("chapter", "book"))


def damaged(data, damages):
    """Give an EPUB's bytes with some of its files changed: `{name: what is done to its tree, or its bytes}`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as new:
        for info in archive.infolist():
            content = archive.read(info)
            damage = damages.get(info.filename.rsplit("/", 1)[-1])
            if isinstance(damage, bytes):
                content += damage
            elif damage:
                root = etree.fromstring(content)
                damage(root)
                content = etree.tostring(root)
            new.writestr(info, content)
    return out.getvalue()


def by_id(root, name):
    return root.xpath(f"//*[@id='{name}']")[0]


def told(made, **damages):
    data = damaged(
        made.data, {f"{name}.{'css' if name == 'book' else 'xhtml'}": d for name, d in damages.items()}
    )
    return [str(problem) for problem in readers.check(data, made.wanted)]


def the_note(made, where):
    return [f"book/one.md:3: hint: The note 2 does not pop up on {where}. {OURS} [note-no-popup]"]


OURS = "Unless a stylesheet of the book does it, this is a fault of diptych."


def test_a_sound_note_is_passed_over(made, endnotes):
    assert told(made) == []
    assert told(endnotes) == []


@pytest.mark.parametrize("name", ["foot", "chapter", "book"])
def test_one_of_everything_pops_up_everywhere(bench, name):
    book = bench.read(bench.small_book())
    made = bench.make(book, "epub", plain=True, notes=NotePolicy("chapter", name))
    assert {p.sentence.partition(" on ")[2][:4] for p in readers.check(made.data, made.wanted)} <= {"Kobo"}


# --- Kobo -----------------------------------------------------------------------------------------------------------


def one_note(text):
    return {**BOOK, "one.md": f"# One\n\nWords.[^a]\n\n[^a]: {text}\n"}


@pytest.mark.parametrize(
    ("text", "length"), [("Ibid.", 8), ("Ibid..", None), ("x" * 4997, None), ("x" * 4998, 5001)]
)
def test_kobo_wants_9_to_5000_characters(bench, text, length):
    made = bench.build(one_note(text), plain=True)
    why = f"its text has {length} characters; Kobo wants 9 to 5000"
    place, advice = "book/one.md:3: hint:", "The link leads there all the same. [note-no-popup]"
    said = [f"{place} The note 1 does not pop up on Kobo ({why}). {advice}"]
    assert told(made) == (said if length else [])


def test_kobo_wants_the_note_behind_each_of_its_calls(bench):
    text = "# One\n\nA.[^a] B.[^b]\n\n[^a]: The first note.\n[^b]: It cites the first.[^a]\n"
    made = bench.build({**BOOK, "one.md": text}, plain=True)
    (said,) = told(made)
    assert (
        "The note 1 does not pop up on Kobo (where line 6 calls it: it stands before the call; Kobo wants"
        in said
    )


def test_kobo_wants_the_notes_file_behind_the_calls(endnotes):
    def notes_first(opf):
        spine = opf.find("{*}spine")
        spine.insert(0, spine.xpath("*[@idref='doc-endnotes']")[0])

    data = damaged(endnotes.data, {"content.opf": notes_first})
    found = [str(problem) for problem in readers.check(data, endnotes.wanted)]
    assert len(found) == 2
    assert all("Kobo (it stands before the call; Kobo wants it behind)" in line for line in found)


# --- The others -----------------------------------------------------------------------------------------------------


def note(root):
    return by_id(root, "fn-one-2")


def link_back(root):
    return note(root).find(f"{_X}p/{_X}a")


def call(root):
    return by_id(root, "fnref-one-2")


def back_elsewhere(root):
    link_back(root).set("href", "#fnref-one-1")


def back_at_the_end(root):
    paragraph, link = note(root)[0], link_back(root)
    paragraph.text, link.tail = link.tail, None
    link.text = "↩"


def number_outside(root):
    link = link_back(root)
    note(root)[0].text = "2. "
    link.text = "↩"


def full_stop_outside(root):
    link = link_back(root)
    link.text, link.tail = "2", ". " + link.tail


def nothing_but_the_link(root):
    link_back(root).tail = None
    link_back(root).text = "2. by itself"


def id_on_the_paragraph(root):
    note(root)[0].set("id", note(root).attrib.pop("id"))


def id_with_a_colon(root):
    note(root).set("id", "fn:2")
    call(root).set("href", "#fn:2")


def hidden(root):
    note(root).set("hidden", "hidden")


def hidden_around(root):
    note(root).getparent().set("style", "display: none")


def tag_in_the_call(root):
    etree.SubElement(call(root), f"{_X}sup").text = call(root).text
    call(root).text = None


def plain_call(root):
    del call(root).attrib[_TYPE]


def plain_aside(root):
    del note(root).attrib[_TYPE]


def among_endnotes(root):
    note(root).getparent().set("role", "doc-endnotes")


KINDLE_BEGINS = "it does not begin with the link back, so that the notes behind it run into it"
BLANK = "an aside among endnotes is shown nowhere"


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (back_elsewhere, "Kindle (nothing in it leads back to the call)"),
        (back_at_the_end, f"Kindle ({KINDLE_BEGINS})"),
        (number_outside, f"Kindle ({KINDLE_BEGINS}), nor on Thorium (its number is not in the link back)"),
        (hidden, "Kindle (it is hidden where it stands)"),
        (full_stop_outside, "Thorium (the full stop behind its number is not in the link back)"),
        (nothing_but_the_link, "Thorium (it holds nothing but the link back, which Thorium hides)"),
        (id_on_the_paragraph, "Thorium (its id stands inside the note and not on it)"),
        (id_with_a_colon, 'Thorium (its id "fn:2" is none that a selector of CSS can name)'),
        (tag_in_the_call, "Apple Books (the call holds more than text)"),
        (plain_call, "Apple Books (the call is not marked as a noteref)"),
        (plain_aside, "Apple Books (it is not marked as a footnote)"),
    ],
)
def test_each_reader_tells_why(made, damage, where):
    assert told(made, one=damage) == the_note(made, where)


def test_a_hidden_part_hides_all_its_notes(made):
    assert [
        line.count("Kindle (it is hidden where it stands)") for line in told(made, one=hidden_around)
    ] == [1, 1]


@pytest.mark.parametrize(
    ("css", "says"),
    [
        (b"aside.footnote { display: none }", True),
        (b"@media screen { section .footnote { display: none } }", True),
        (b"aside.endnote, nav aside { display: none }", False),
        (b"aside.footnote::before { display: none }", False),
    ],
)
def test_a_stylesheet_may_hide_notes(made, css, says):
    assert ["it is hidden where it stands" in line for line in told(made, book=css)] == [True] * 2 * says


def test_an_aside_among_endnotes_is_blank(made):
    found = told(made, one=among_endnotes)
    assert [line.count(BLANK) for line in found] == [2, 2]


def test_apple_wants_its_namespace_on_the_html_element(made):
    def pushed_down(data):
        return data.replace(b' xmlns:epub="http://www.idpf.org/2007/ops"', b"").replace(
            b"epub:type=", b'xmlns:epub="http://www.idpf.org/2007/ops" epub:type='
        )

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive, zipfile.ZipFile(out, "w") as new:
        for info in archive.infolist():
            content = archive.read(info)
            new.writestr(info, pushed_down(content) if info.filename.endswith("/one.xhtml") else content)
    found = [str(p) for p in readers.check(out.getvalue(), made.wanted)]
    assert len(found) == 2
    assert all("Apple Books (xmlns:epub does not stand on the html element)" in line for line in found)


def test_in_a_list_a_note_needs_no_type_of_its_own(endnotes):
    assert told(endnotes, endnotes=lambda root: by_id(root, "fn-one-2").set("class", "note")) == []
    (line,) = told(endnotes, endnotes=id_with_a_colon_there, one=call_with_a_colon)
    assert 'Thorium (its id "fn:2"' in line


def id_with_a_colon_there(root):
    by_id(root, "fn-one-2").set("id", "fn:2")


def call_with_a_colon(root):
    by_id(root, "fnref-one-2").set("href", "endnotes.xhtml#fn:2")


def test_only_the_call_that_fails_is_named(made):
    def second_way_back(root):
        by_id(root, "fn-one-1").xpath(".//*[@role='doc-backlink']")[1].set("href", "#nowhere")

    (line,) = told(made, one=second_way_back)
    assert (
        "The note 1 does not pop up on Kindle (where line 5 calls it: nothing in it leads back to the call)"
        in line
    )


def test_what_the_ledger_tells_is_not_told_again(made):
    assert told(made, one=lambda root: note(root).getparent().remove(note(root))) == []
    assert told(made, one=lambda root: call(root).set("href", "nowhere.xhtml#fn-one-2")) == []


# --- The EPUB, opened -----------------------------------------------------------------------------------------------


def test_a_stylesheet_is_read_by_its_rules():
    css = """/* a { x: y } */ @import "a.css"; p, li  >  b { margin:0; color : RED !important }
    @media print { i { x: "}" } @supports (a: b) { u { y: z } } } @font-face { font-family: "A" } q {"""
    found = [(style.selectors, style.declarations) for style in opened.rules(css, "a.css")]
    assert found == [
        (("p", "li > b"), (("margin", "0"), ("color", "red"))),
        (("i",), (("x", '"}"'),)),
        (("u",), (("y", "z"),)),
        (("@font-face",), (("font-family", '"a"'),)),
    ]
