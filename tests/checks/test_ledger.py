"""The ledger is an honest guard: it is silent over a good book and speaks, with file and line, over a damaged one."""

from __future__ import annotations

import copy
import io
import sys
import unicodedata
import zipfile

import pytest
from lxml import etree

from diptych import matter, tree
from diptych.checks import ledger
from diptych.model import NotePolicy

_X = "{http://www.w3.org/1999/xhtml}"
_FILLER = (
    "Nothing of note is said in this paragraph, which is here to make the chapter longer than a page. " * 12
)

BOOK = {
    "book.toml": '[book]\ntitle = "Ledger"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n',
    "one.md": f"""# One

First.[^a] Second.[^b] The first again.[^a]

{_FILLER}

{_FILLER}

{_FILLER}

Third.[^c] Fourth.[^d]

[^a]: The note that is called twice, from two places.
[^b]: Another note, about something else entirely.
[^c]: The third note is called on a later page of the chapter.
[^d]: Short.
""",
    "two.md": "# Two\n\nA note.[^a]\n\n[^a]: The only note of the second chapter, which has the same label.\n",
}
LINE = {"a": 3, "b": 3, "c": 11, "d": 11}


@pytest.fixture(scope="module")
def book(bench):
    return bench.read(BOOK)


@pytest.fixture(scope="module")
def epub(bench, book):
    return bench.make(book, "epub", plain=True)


def found(count, made):
    return count(made.data, made.wanted, made.edition).problems


# --- EPUB -----------------------------------------------------------------------------------------------------------


def damaged(data, name, damage):
    """Give an EPUB's bytes with one of its documents changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as new:
        for info in archive.infolist():
            content = archive.read(info)
            if info.filename.endswith(f"/{name}"):
                root = etree.fromstring(content)
                damage(root)
                content = etree.tostring(root)
            new.writestr(info, content)
    return out.getvalue()


def by_id(root, name):
    return root.xpath(f"//*[@id='{name}']")[0]


def remove_note(root):
    note = by_id(root, "fn-one-2")
    note.getparent().remove(note)


def empty_note(root):
    paragraph = by_id(root, "fn-one-2").find(f"{_X}p")
    paragraph[0].tail = None


def shorten_note(root):
    link = by_id(root, "fn-one-2").find(f"{_X}p/{_X}a")
    link.tail = link.tail.replace(" entirely", "")


def lengthen_note(root):
    by_id(root, "fn-one-2").find(f"{_X}p/{_X}a").tail += " And more."


def swap_texts(root):
    one, other = (by_id(root, f"fn-one-{n}").find(f"{_X}p/{_X}a") for n in (2, 4))
    one.tail, other.tail = other.tail, one.tail


def drop_backlink(root):
    paragraph = by_id(root, "fn-one-2").find(f"{_X}p")
    text = paragraph[0].tail
    paragraph.remove(paragraph[0])
    paragraph.text = text


def drop_second_backlink(root):
    link = by_id(root, "fn-one-1").xpath(".//*[@role='doc-backlink']")[1]
    link.getparent().remove(link)


def point_elsewhere(root):
    by_id(root, "fnref-one-2").set("href", "#fn-one-3")


def point_into_another_file(root):
    by_id(root, "fnref-one-2").set("href", "two.xhtml#fn-one-2")


def point_back_elsewhere(root):
    by_id(root, "fn-one-2").find(f"{_X}p/{_X}a").set("href", "#fnref-one-3")


def double_note(root):
    note = by_id(root, "fn-one-2")
    note.addnext(copy.deepcopy(note))


def remove_call(root):
    call = by_id(root, "fnref-one-2")
    call.getparent().remove(call)


def unmark_call(root):
    del by_id(root, "fnref-one-2").attrib["{http://www.idpf.org/2007/ops}type"]


@pytest.mark.parametrize(
    ("damage", "labels"),
    [
        (remove_note, "b"), (empty_note, "b"), (shorten_note, "b"), (lengthen_note, "b"), (swap_texts, "bd"),
        (drop_backlink, "b"), (drop_second_backlink, "a"), (point_elsewhere, "b"), (point_into_another_file, "b"),
        (point_back_elsewhere, "b"), (double_note, "b"), (remove_call, "b"), (unmark_call, "b"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_damage_to_an_epub_is_told_with_file_and_line(epub, damage, labels):
    data = damaged(epub.data, "one.xhtml", damage)
    problems = ledger.of_epub(data, epub.wanted, epub.edition).problems
    assert {(p.severity, p.code) for p in problems} == {("error", "note-lost")}
    assert {(p.place.file, p.place.line) for p in problems} == {
        ("book/one.md", LINE[label]) for label in labels
    }
    for label in labels:
        assert any(f"[^{label}]" in p.sentence for p in problems)


def test_a_note_that_nobody_wrote_is_told(epub):
    def add(root):
        note = copy.deepcopy(by_id(root, "fn-one-2"))
        note.set("id", "fn-one-99")
        by_id(root, "fn-one-2").addnext(note)

    problems = ledger.of_epub(damaged(epub.data, "one.xhtml", add), epub.wanted, epub.edition).problems
    assert [p.code for p in problems] == ["note-unknown"]


def test_a_file_that_is_gone_takes_its_notes_with_it(epub):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(epub.data)) as archive, zipfile.ZipFile(out, "w") as new:
        for info in archive.infolist():
            if not info.filename.endswith("/two.xhtml"):
                new.writestr(info, archive.read(info))
    problems = ledger.of_epub(out.getvalue(), epub.wanted, epub.edition).problems
    assert {(p.place.file, p.place.line) for p in problems} == {("book/two.md", 3)}


def test_a_good_epub_is_good(epub):
    census = ledger.of_epub(epub.data, epub.wanted, epub.edition)
    assert (census.notes, census.problems) == (5, ())


# --- PDF ------------------------------------------------------------------------------------------------------------


def aside(body, name):
    """Give a piece of a note with the element it stands in."""
    return next((e, parent) for e, parent in tree.with_parents(body) if e.get("id") == name)


def drop_aside(body):
    note, parent = aside(body, "fn-one-2")
    tree.remove(parent, note)


def change_text(body):
    note, _ = aside(body, "fn-one-2")
    note[0][0].tail = " Something that its author never wrote."


def lose_a_word(body):
    note, _ = aside(body, "fn-one-2")
    note[0][0].tail = note[0][0].tail.replace(" something", "")


def lose_the_last_word(body):
    note, _ = aside(body, "fn-one-2")
    note[0][0].tail = note[0][0].tail.replace(" entirely", "")


def empty_aside(body):
    note, _ = aside(body, "fn-one-2")
    note[0][0].tail = None


def swap_asides(body):
    one, _ = aside(body, "fn-one-2")
    other, _ = aside(body, "fn-one-4")
    one[0][0].tail, other[0][0].tail = other[0][0].tail, one[0][0].tail


def move_before_its_call(body):
    note, parent = aside(body, "fn-one-3")
    tree.remove(parent, note)
    note.tail = None
    body.find("p").append(note)


def put_in_front(body):
    """Note 2 stands above note 1, on the page of both."""
    note, parent = aside(body, "fn-one-2")
    tree.remove(parent, note)
    note.tail = None
    call, parent = aside(body, "fnref-one-1")
    tree.insert_after(parent, call, note)


def draw_twice(body):
    note, parent = aside(body, "fn-one-2")
    twin = tree.duplicate(note)
    twin.set("id", "twin")
    twin.tail = None
    parent.append(twin)


def draw_again_in_the_text(body):
    note, _ = aside(body, "fn-one-2")
    body.append(tree.make("p", tree.text_of(note)))


def lose_the_call(body):
    call, parent = aside(body, "fnref-one-2")
    tree.remove(parent, call)


def lose_the_number(body):
    call, _ = aside(body, "fnref-one-2")
    call.text = None


def wrong_number(body):
    call, _ = aside(body, "fnref-one-2")
    call.text = "7"


def pressed(bench, book, monkeypatch, damage, name="print", **changes):
    """Make a PDF from pages that were damaged on their way to the writer."""
    original = matter.pages

    def pages(*arguments):
        made = original(*arguments)
        for page in made:
            if page.name in ("one", "endnotes"):
                try:
                    damage(page.body)
                except StopIteration:
                    continue
        return made

    monkeypatch.setattr(matter, "pages", pages)
    made = bench.make(book, name, **changes)
    return ledger.of_pdf(made.data, made.wanted, made.edition).problems


@pytest.mark.parametrize(
    ("damage", "labels"),
    [
        (drop_aside, "b"), (change_text, "b"), (lose_a_word, "b"), (lose_the_last_word, "b"), (empty_aside, "b"),
        (swap_asides, "bd"), (move_before_its_call, "c"), (put_in_front, "b"), (draw_twice, "b"), (draw_again_in_the_text, "b"),
        (lose_the_call, "b"), (lose_the_number, "b"), (wrong_number, "b"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_damage_to_a_pdf_is_told_with_file_and_line(bench, book, monkeypatch, damage, labels):
    problems = pressed(bench, book, monkeypatch, damage)
    assert {p.code for p in problems} == {"note-lost"}
    told = {(p.place.file, p.place.line) for p in problems}
    assert {("book/one.md", LINE[label]) for label in labels} <= told
    for label in labels:
        assert any(f"[^{label}]" in p.sentence for p in problems)


def strip_link(name):
    def damage(body):
        aside(body, name)[0].attrib.pop("href")

    return damage


def strip_backlink(body):
    note, _ = aside(body, "fn-one-2")
    note[0][0].attrib.pop("href")


@pytest.mark.parametrize(
    ("damage", "said"), [(strip_link("fnref-one-2"), "reached"), (strip_backlink, "link back")]
)
def test_dead_links_are_told_on_the_screen(bench, book, monkeypatch, damage, said):
    problems = pressed(bench, book, monkeypatch, damage, "screen")
    assert [(p.place.line, said in p.sentence) for p in problems] == [(3, True)]


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (drop_aside, "chapter"),
        (change_text, "book"),
        (lose_the_last_word, "chapter"),
        (lose_the_last_word, "book"),
    ],
)
def test_damage_to_notes_at_the_end_is_told(bench, book, monkeypatch, damage, place):
    policy = NotePolicy("chapter", place)
    problems = pressed(bench, book, monkeypatch, damage, notes=policy)
    assert ("book/one.md", 3) in {(p.place.file, p.place.line) for p in problems}


@pytest.mark.parametrize(
    ("name", "place", "numbering"),
    [
        ("screen", "foot", "chapter"),
        ("print", "foot", "book"),
        ("screen", "chapter", "book"),
        ("print", "book", "chapter"),
    ],
)
def test_a_good_pdf_is_good(bench, book, name, place, numbering):
    made = bench.make(book, name, notes=NotePolicy(numbering, place))
    census = ledger.of_pdf(made.data, made.wanted, made.edition)
    assert (census.notes, census.problems) == (5, ())


# --- texts that are easily taken for something else -------------------------------------------------------------------

TEXTS = {
    "ibid": "Ibid.",
    "number": "1917",
    "two numbers": "12, 13",
    "letter": "a",
    "digit": "5",
    "digits at the end": "See volume 12",
    "a roman end": "See chapter xiv",
    "only roman": "xii",
    "one roman letter": "i",
    "ends in its own number": "See note 1",
    "greek": "Ἐν ἀρχῇ ἦν ὁ λόγος",
    "cyrillic": "Пролетарии всех стран",
    "ligatures": "The first office of the raffle, fjord, afflict",
    "soft hyphens": "Un\u00adbe\u00adliev\u00ada\u00adble cir\u00adcum\u00adstan\u00adces",
    "superscript": "On 21^st^ of May, x^2^ and H~2~O",
    "superscript letters": "M^me^ Roland",
    "dashes": "1914–18 — and later",
    "emphasis": "*All* of `code` **it**",
    "small capitals": "[nato]{.smallcaps}",
    "combining": "e\u0301te\u0301 nai\u0308f",
    "no-break": "p.\u00a012, n.\u202f3",
    "capital sharp s": "Straße, STRASSE, ß",
    "fractions": "½ of it, ¾, №, ™",
    "an address": "<https://example.org/a-very-long-address/that-goes-on/and-on/and-on/until-it-must/be-broken.html?x=1>",
    "two paragraphs": "One.\n\n    Two.",
    "a list": "Some:\n\n    - first\n    - second\n\n    1. one\n    2. two",
    "long word": "Donaudampfschifffahrtsgesellschaft" * 6,
    "another note": "See there.^[In a note of a note.]",
}


def one_of_each():
    """A book with all of these as notes, on pages of their own mix."""
    calls, texts = [], []
    for n, (name, text) in enumerate(TEXTS.items()):
        for k in range(3 if name in ("ibid", "number", "digit") else 1):
            calls.append(f"Words about {name.replace('digit', 'figure')}.[^{n}-{k}]")
            texts.append(f"[^{n}-{k}]: {text}")
    text = "\n\n".join(["# One", *calls, *texts]) + "\n"
    return {"book.toml": BOOK["book.toml"], "one.md": text}


@pytest.mark.parametrize("place", ["foot", "chapter", "book"])
@pytest.mark.parametrize("name", ["epub", "screen", "print"])
def test_odd_texts_are_not_taken_for_damage(bench, name, place):
    book = bench.read(one_of_each())
    made = bench.make(book, name, plain=True, notes=NotePolicy("chapter", place))
    count = ledger.of_epub if name == "epub" else ledger.of_pdf
    assert found(count, made) == ()


@pytest.mark.parametrize("trim", ["6x9", "105x148mm", "a4", "8.5x11"])
def test_a_note_is_not_taken_for_the_folio_below_it(bench, trim):
    """Each stands last on its page; the page's number follows it in the text of the page."""
    texts = ["1917", "2", "See volume 3", "4", "v", "i", "See chapter xiv", "8"]
    pages = {f"{n}.md": f"# Chapter\n\nWords.[^1]\n\n[^1]: {text}\n" for n, text in enumerate(texts, 1)}
    for medium in ("screen", "print") if trim == "6x9" else ("print",):
        toml = f'{BOOK["book.toml"]}[edition.{medium}]\ntrim = "{trim}"\n'
        assert found(ledger.of_pdf, bench.build({"book.toml": toml, **pages})) == ()


def test_a_folio_before_a_notes_words_is_not_taken_for_its_number(bench):
    words = "The minutes of that evening were carried away in spite of the weather"
    text = f"# One\n\nWords.[^1]\n\n{words}.\n{{.next}}\n\n[^1]: {words}\n"
    book = {"book.toml": BOOK["book.toml"], "styles/book.css": ".next { break-before: page }", "1.md": text}
    assert found(ledger.of_pdf, bench.build(book, "screen")) == ()


def test_a_call_before_a_note_is_not_taken_for_a_part_of_its_number(bench):
    """The text of the page ends with the call 3, and note 1 begins below: 31."""
    said = "The text of this note is one that many notes have."
    calls = "".join(f"Words.[^{n}] " for n in range(1, 32))
    text = f"# One\n\nWords.[^1] Words.[^2] Words.[^3]\n\n{calls}\n{{.next}}\n\n"
    text += "\n".join(f"[^{n}]: {said}" for n in range(1, 32)) + "\n"
    book = {"book.toml": BOOK["book.toml"], "styles/book.css": ".next { break-before: page }", "1.md": text}
    assert found(ledger.of_pdf, bench.build(book, "screen")) == ()


@pytest.mark.parametrize(
    ("text", "less"), [("See volume 12 of 34", "See volume of"), ("xii", "x"), ("1917", "")]
)
def test_a_lost_number_at_the_end_of_a_note_is_told(bench, monkeypatch, text, less):
    book = bench.read({"book.toml": BOOK["book.toml"], "one.md": f"# One\n\nWords.[^1]\n\n[^1]: {text}\n"})

    def shorten(body):
        note, _ = aside(body, "fn-one-1")
        note[0][0].tail = f" {less}"

    assert [p.place.line for p in pressed(bench, book, monkeypatch, shorten, "screen")] == [3]


def test_many_equal_notes_are_counted_one_by_one(bench, monkeypatch):
    text = "# One\n\n" + "\n\n".join(f"Words.[^{n}]" for n in range(25)) + "\n\n"
    text += "\n".join(f"[^{n}]: Ibid." for n in range(25)) + "\n"
    book = bench.read({"book.toml": BOOK["book.toml"], "one.md": text})
    assert pressed(bench, book, monkeypatch, lambda _: None) == ()

    def drop(body):
        note, parent = aside(body, "fn-one-20")
        tree.remove(parent, note)

    monkeypatch.undo()
    problems = pressed(bench, book, monkeypatch, drop)
    assert [p.place.line for p in problems if "is not in" in p.sentence] == [3 + 2 * 19]


def test_a_note_in_letters_that_no_face_has_is_told_as_such_and_not_as_lost(bench):
    book = bench.read({"a.md": "# A\n\nWords.[^1]\n\n[^1]: Word \U00012000\U00012001 word, \u0e01\u0e32.\n"})
    assert {problem.code for problem in book.problems} == {"letter-missing"}
    made = bench.make(book, "screen")
    assert not ledger.of_pdf(made.data, made.wanted, made.edition).problems


def test_letters_are_what_python_takes_for_letters_and_digits():
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
    plain = unicodedata.normalize("NFKC", every)
    assert ledger.letters(every) == "".join(sign for sign in plain if sign.isalnum())


@pytest.mark.parametrize(
    ("words", "count"), [("ab", 3), ("abc", 2), ("abcd", 0), ("b", 1), ("", 5), ("z", 0)]
)
def test_texts_that_begin_alike_are_counted_where_they_overlap_too(words, count):
    assert ledger._Beginnings(["abc", "b", "abc", "aab", "abx"]).begin_with(words) == count
