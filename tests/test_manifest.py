"""book.toml: every key is read, every mistake is told with its line."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest

from diptych import manifest
from diptych.model import Counting, Delivery, Edition, File, Manifest, NotePolicy, Reading, Series
from diptych.problems import BookError, Problem

UUID = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
CHAPTERS = {"01-one.md": "# One\n", "02-two.md": "# Two\n"}


def read(toml: str | None, **more: str) -> tuple[Manifest, tuple[Problem, ...]]:
    """Read a book of two chapters; `more` are files, `__` in their names is a full stop."""
    texts = {**CHAPTERS, **{name.replace("__", "."): text for name, text in more.items()}}
    if toml is not None:
        texts["book.toml"] = toml
    return manifest.read({path: File(path, text.encode()) for path, text in texts.items()}, "book")


def told(toml: str) -> list[str]:
    """Read a book.toml; give what is said of it as `line severity: sentence advice`, but not of identifiers."""
    _, problems = read(toml)
    assert all(problem.place.file == "book/book.toml" for problem in problems)
    return [
        f"{problem.place.line} {problem.severity}: {problem.sentence} {problem.hint}"
        for problem in problems
        if problem.code != "no-identifier"
    ]


WHOLE = f"""\
[book]
title = "A 'Title' -- \\"quoted\\""
subtitle = "It's more"
title-sort = "Title, A"
language = "en-GB"
publisher = "Press"
place = "Vienna"
printing = "10 9 8 7"
frontispiece = "cover.svg"
frontispiece-alt = "Itself."
colophon = true
date = 2026-11-23
first-published = 1986
edition = "Second edition"
rights = "© 2026"
licence = "CC-BY-4.0"
description = \"\"\"
Two
lines.\"\"\"
source = "A journal"
cover = "cover.svg"
lists = ["tables", "figures"]

[[contributor]]
name = "Tim Wohlforth"

[[contributor]]
name = "Rosa"
sort = "Rosa, the"
role = ["edt", "translator"]

[identifier]
uuid = "{UUID.upper()}"
doi = "10.1000/182"
isbn.epub = "978-3-16-148410-0"
isbn.print = "978 0 306 40615 7"

[subjects]
keywords = ["one", "two"]
bisac = "HIS032000"
thema = ["NHD", "1DTA", "NHTB"]

[series]
name = "A series"
position = 1.5

[chapters]
front = ["02-two.md"]
body = [
    "01-one.md",
]

[numbering]
chapters = "roman"
figures = "chapter"
tables = "none"

[notes]
numbering = "book"
place = "chapter"
again = "see"

[edition.epub]
theme = "classic"

[edition.print]
trim = "a5"
toc-depth = 3
half-title = false
openings = "next"
running-heads = "author section"
folios = "head-outside"
lists = []
urls = "note"
notes.place = "foot"
"""


def test_every_key_is_read() -> None:
    about, problems = read(WHOLE, cover__svg="")
    assert problems == ()
    said = about.metadata
    assert said.title == "A ‘Title’ – “quoted”"
    assert (said.subtitle, said.title_sort, said.language) == ("It’s more", "Title, A", "en-GB")
    assert (said.publisher, said.edition, said.rights) == ("Press", "Second edition", "© 2026")
    assert (said.licence, said.source, said.description) == ("CC-BY-4.0", "A journal", "Two lines.")
    assert (said.date, said.day, said.first_published) == ("2026-11-23", date(2026, 11, 23), "1986")
    assert [(p.name, p.sort, p.roles) for p in said.contributors] == [
        ("Tim Wohlforth", "Wohlforth, Tim", ("aut",)),
        ("Rosa", "Rosa, the", ("edt", "trl")),
    ]
    assert said.authors == said.contributors[:1]
    assert said.uuid == UUID.lower()
    assert said.doi == "10.1000/182"
    assert said.isbn == {"epub": "9783161484100", "print": "9780306406157"}
    assert (said.keywords, said.bisac, said.thema) == (
        ("one", "two"),
        ("HIS032000",),
        ("NHD", "1DTA", "NHTB"),
    )
    assert said.series == Series("A series", "1.5")
    assert [(each.path, each.matter) for each in about.reading] == [
        ("02-two.md", "front"),
        ("01-one.md", "body"),
    ]
    assert about.cover == "cover.svg"
    assert (about.frontispiece, about.frontispiece_alt, about.colophon) == ("cover.svg", "Itself.", True)
    assert (said.place, said.printing) == ("Vienna", "10 9 8 7")
    policy = NotePolicy("book", "chapter", again="see")
    assert about.counting == Counting("roman", "chapter", "none", ("figure", "table"))
    assert about.editions == (
        Edition("epub", "epub", notes=policy, lists=("figure", "table")),
        Edition(
            "print",
            "pdf",
            medium="print",
            width=148,
            height=210,
            notes=NotePolicy("book", "foot", again="see"),
            toc_depth=3,
            half_title=False,
            openings="next",
            heads=("author", "section"),
            folios="head-outside",
            urls="note",
        ),
    )


def test_an_edition_has_the_customs_of_its_medium() -> None:
    about, _ = read("[edition.print]\n[edition.light]\nlike = 'print'\nmedium = 'screen'\n"
                    "[edition.proof]\nwriter = 'pdf'\nmedium = 'print'\n")  # fmt: skip
    assert [(e.half_title, e.openings) for e in about.editions] == [
        (True, "recto"), (False, "next"), (True, "recto")
    ]  # fmt: skip
    about, _ = read("[edition.print]\nrunning-heads = 'none'\n")
    assert about.editions[0].heads == ()


def test_a_chapter_knows_the_line_that_lists_it() -> None:
    about, _ = read('[chapters]\nbody = ["01-one.md"]\n')
    assert about.reading == (Reading("01-one.md", "body", 2),)


MISTAKES = [
    ("[book]\ntitel = 'x'", "2 warning: Nothing is done with titel in [book]. Did you mean title?"),
    ("[bok]\ntitle = 'x'", "1 warning: Nothing is done with bok. Did you mean book?"),
    ("[book]\ntitle = 'x'\n\n[subjects]\nkeyword = 'x'", "5 warning: Nothing is done with keyword in [subjects]. Did you mean keywords?"),
    ("[edition.epub]\ntrimm = '6x9'", "2 warning: Nothing is done with trimm in [edition.epub]. Did you mean trim?"),
    ("[[contributor]]\nname = 'A'\n[[contributor]]\nname = 'B'\nrolle = 'x'", "5 warning: Nothing is done with rolle in [contributor.1]. Did you mean role?"),
    ("[notes]\nnumbring = 'book'", "2 warning: Nothing is done with numbring in [notes]. Did you mean numbering?"),
    ("book = 'x'", "1 error: book should be a table. Write [book] on a line of its own."),
    ("[contributor]\nname = 'A'", "1 error: contributor should be a list of tables. Write [[contributor]] above each of them."),
    ("[book]\ntitle = ['x']", '2 error: title should be a text. Write title = "..." in double quotes.'),
    ("[book]\ntitle = true", '2 error: title should be a text. Write title = "..." in double quotes.'),
    ("[book]\nlanguage = 'english'", '2 error: language = "english" is not in the right form. Write a code like "en", "de-AT" or "pt-BR".'),
    ("[book]\nlanguage = 'en_GB'", '2 error: language = "en_GB" is not in the right form. Write a code like "en", "de-AT" or "pt-BR".'),
    ("[book]\ndate = '23.11.2026'", '2 error: date = "23.11.2026" is not in the right form. Write date = 2026-11-23.'),
    ("[book]\ndate = '2026-13'", "2 error: There is no day 2026-13 in the calendar. Write date = 2026-11-23."),
    ("[book]\ndate = '2026-02-30'", "2 error: There is no day 2026-02-30 in the calendar. Write date = 2026-11-23."),
    ("[book]\nfirst-published = 0", '2 error: first-published = "0" is not in the right form. Write first-published = 1986.'),
    ("[book]\ncover = 'no.png'", "2 error: The cover no.png is not in the book's folder. Give its path from there."),
    ("[book]\nfrontispiece = 'no.png'", "2 error: The frontispiece no.png is not in the book's folder. Give its path from there."),
    ("[book]\nfrontispiece = '01-one.md'", "2 error: The frontispiece 01-one.md is not a picture. Give the path of a JPEG, PNG, GIF or SVG file."),
    ("[book]\nprinting = 'first'", '2 error: printing = "first" is not in the right form. Write printing = "2", or a number line: printing = "5 4 3 2".'),
    ("[book]\ncolophon = 'yes'", "2 error: colophon should be true or false. Write colophon = true, without quotes."),
    ("[[contributor]]\nrole = 'aut'", '1 error: This contributor has no name. Write name = "...".'),
    ("[[contributor]]\nname = 'A'\nrole = 'autor'", '3 error: There is no role "autor". Did you mean author?'),
    ("[[contributor]]\nname = 'A'\nrole = 7", '3 error: role should be a list of texts. Write role = ["...", "..."].'),
    ("[identifier]\nuuid = '1234'", '2 error: uuid = "1234" is not in the right form. It looks like "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341".'),
    ("[identifier]\ndoi = 'https://doi.org/10.1000/182'", '2 error: doi = "https://doi.org/10.1000/182" is not in the right form. Write it like "10.1000/182", without https.'),
    ("[edition.print]\nbleed = 3", '2 error: The bleed "3" is not a length that a printer would ask for. Write bleed = "3mm", or bleed = "0.125in"; with bleed-edges = 3 there is none at the fold.'),
    ("[edition.print]\nbleed = '25mm'", '2 error: The bleed "25mm" is not a length that a printer would ask for. Write bleed = "3mm", or bleed = "0.125in"; with bleed-edges = 3 there is none at the fold.'),
    ("[edition.screen]\nbleed = '3mm'", '2 error: Nobody trims the pages of a screen. Write medium = "print", or leave it out.'),
    ("[edition.print]\nbleed-edges = 2", "2 error: bleed-edges should be a whole number from 3 to 4. Write bleed-edges = 4."),
    ("[edition.print]\nface = 'sant'", '2 error: face cannot be "sant". Did you mean sans?'),
    ("[identifier]\nisbn.epub = '9783161484101'", "2 error: The ISBN 9783161484101 is not right: its check digit does not fit its other digits. Compare it with the sheet from your ISBN agency; it has 13 digits."),
    ("[identifier.isbn]\nepbu = '9783161484100'", "2 error: There is no edition called epbu. Editions are epub, screen, print."),
    ("[subjects]\nbisac = ['HIS32000']", '2 error: "HIS32000" in bisac is not in the right form. A BISAC code looks like HIS032000.'),
    ("[subjects]\nthema = ['nhd']", '2 error: "nhd" in thema is not in the right form. A Thema code looks like NHD or 1DTA.'),
    ("[series]\nname = 'S'\nposition = 'two'", '3 error: position = "two" is not in the right form. Write position = 2.'),
    ("[chapters]\nbody = ['01-on.md', '02-two.md']", "2 error: The chapter 01-on.md is not in book/. Did you mean 01-one.md?"),
    ("[chapters]\nbody = ['01-one.md']\nback = ['01-one.md']", "3 error: The chapter 01-one.md is listed twice. Take one of the two out."),
    ("[chapters]\nbody = '01-one.md'\nmiddle = []", "3 warning: Nothing is done with middle in [chapters]. Known are: back, body, front."),
    ("[notes]\nnumbering = 'line'", '2 error: numbering cannot be "line". Known are: book, chapter, page.'),
    ("[notes]\nnumbering = 'page'\nplace = 'book'", '2 error: Notes cannot begin anew on each page and stand at the end: place is "book". Write place = "foot", or numbering = "chapter".'),
    ("[notes]\nplace = 'food'", '2 error: place cannot be "food". Did you mean foot?'),
    ("[edition.print]\nopenings = 'verso'", '2 error: openings cannot be "verso". Known are: next, recto.'),
    ("[edition.print]\nfolios = 'foot'", '2 error: folios cannot be "foot". Known are: foot-centre, foot-outside, head-outside.'),
    ("[edition.print]\nhalf-title = 'yes'", "2 error: half-title should be true or false. Write half-title = true, without quotes."),
    ("[edition.print]\nrunning-heads = 'book chaptre'", '2 error: running-heads cannot be "book chaptre". Did you mean chapter? Name two, for the left and the right page: "book chapter".'),
    ("[edition.print]\nrunning-heads = 'book'", '2 error: running-heads cannot be "book". Known are: book, author, part, chapter, section, or none. Name two, for the left and the right page: "book chapter".'),
    ("[edition.epub]\nwriter = 'epbu'", '2 error: writer cannot be "epbu". Did you mean epub?'),
    ("[edition.x]\nlike = 'prnt'", "2 error: There is no edition called prnt. Did you mean print?"),
    ("[edition.'A B']\nlike = 'print'", '1 error: The edition\'s name "A B" would make a bad file name. Use lower-case letters, digits and hyphens.'),
    ("[edition.print]\nmedium = 'paper'", '2 error: medium cannot be "paper". Known are: print, screen.'),
    ("[edition.print]\ntoc-depth = 9", "2 error: toc-depth should be a whole number from 1 to 6. Write toc-depth = 2."),
    ("[edition.print]\ntheme = '../x'", '2 error: theme = "../x" is not in the right form. Write theme = "classic".'),
    ("[edition.print.notes]\nplace = 'end'", '2 error: place cannot be "end". Known are: book, chapter, foot.'),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "expected"), MISTAKES, ids=[toml.split("\n")[-1] for toml, _ in MISTAKES])
def test_a_mistake_is_told_with_its_line(toml: str, expected: str) -> None:
    assert told(toml) == [expected]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(told("[book]\nlanguage = 'english'\ndate = 'x'\n[notes]\nplace = 'x'\n")) == 3


@pytest.mark.parametrize(
    ("toml", "place", "sentence"),
    [
        ('[book]\ntitle = "x\n', "book/book.toml:2", "This file cannot be read from here on"),
        ("[book]\n\ntitle\n", "book/book.toml:3", "This file cannot be read from here on"),
        ("[book]\na = 1\n[book]\n", "book/book.toml:3", "This file cannot be read from here on"),
        ("[book]\ntitle = \x07", "book/book.toml:2", "There is a control character (U+0007) in this line."),
    ],
)
def test_what_is_no_toml(toml: str, place: str, sentence: str) -> None:
    with pytest.raises(BookError) as raised:
        read(toml)
    (problem,) = raised.value.problems
    assert str(problem.place) == place
    assert problem.sentence.startswith(sentence)
    assert problem.hint


@pytest.mark.parametrize(
    ("digits", "right"),
    [("9783161484100", True), ("9780306406157", True), ("9791090636071", True), ("9783161484101", False),
     ("9770306406157", False), ("0306406152", False), ("978316148410X", False), ("", False)],
)  # fmt: skip
def test_isbn(digits: str, right: bool) -> None:
    assert manifest.isbn_is_right(digits) is right


@pytest.mark.parametrize("language", ["en", "de-AT", "pt-BR", "zh-Hant-TW", "grc", "ru-Latn"])
def test_languages(language: str) -> None:
    about, _ = read(f"[book]\nlanguage = '{language}'")
    assert about.metadata.language == language


@pytest.mark.parametrize(
    ("trim", "size"),
    [("6x9", (152.4, 228.6)), ("A5", (148, 210)), ("b-format", (129, 198)), ("148x210mm", (148, 210)),
     ("14.8 x 21 cm", (148, 210)), ("5 x 8 in", (127, 203.2))],
)  # fmt: skip
def test_trims(trim: str, size: tuple[float, float]) -> None:
    about, problems = read(f"[identifier]\nuuid = '{UUID}'\n[edition.print]\ntrim = '{trim}'")
    assert problems == ()
    assert (about.editions[0].width, about.editions[0].height) == pytest.approx(size)


@pytest.mark.parametrize("trim", ["a6x", "10x10mm", "700x900mm", "x", "148x210", "-1x5in"])
def test_trims_that_are_none(trim: str) -> None:
    (line,) = told(f"[edition.print]\ntrim = '{trim}'")
    assert line.startswith(f'2 error: The page size "{trim}" is not known. Use 5.25x8, ')


def test_the_usual_editions() -> None:
    about, _ = read("[notes]\nnumbering = 'book'")
    assert [(e.name, e.writer, e.medium) for e in about.editions] == [
        ("epub", "epub", "screen"), ("screen", "pdf", "screen"), ("print", "pdf", "print"),
    ]  # fmt: skip
    assert {e.notes for e in about.editions} == {NotePolicy("book", "foot")}


def test_an_edition_like_another_that_is_like_another() -> None:
    about, problems = read(
        f"[identifier]\nuuid = '{UUID}'\n[edition.small]\nlike = 'large'\ntoc-depth = 1\n[edition.large]\nlike = 'print'\ntrim = 'a4'\n"
    )
    assert problems == ()
    small, large = about.editions
    assert (small.name, small.writer, small.medium, small.width, small.toc_depth) == (
        "small",
        "pdf",
        "print",
        210,
        1,
    )
    assert (large.name, large.width, large.toc_depth) == ("large", 210, 2)


@pytest.mark.parametrize(
    "toml",
    ["[edition.a]\nlike = 'a'", "[edition.a]\nlike = 'b'\n[edition.b]\nlike = 'a'",
     "[edition.a]\nlike = 'b'\n[edition.b]\nlike = 'c'\n[edition.c]\nlike = 'a'"],
    ids=["itself", "two", "three"],
)  # fmt: skip
def test_editions_like_themselves(toml: str) -> None:
    lines = told(toml)
    assert len(lines) == 1
    assert re.fullmatch(r"\d error: The edition [abc] is like itself. Start from another one.", lines[0])


def test_no_book_toml() -> None:
    about, problems = read(None)
    assert problems == ()
    assert about.metadata.title == "One"
    assert about.metadata.language == "en"
    assert [each.path for each in about.reading] == ["01-one.md", "02-two.md"]
    assert [each.name for each in about.editions] == ["epub", "screen", "print"]


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE.md", "changelog.md", "CONTRIBUTING.md", "notes/03.md"]
)
def test_files_that_are_no_chapters_unless_they_are_listed(name: str) -> None:
    texts = {**CHAPTERS, name: "# Read me\n"}
    found = {path: File(path, text.encode()) for path, text in texts.items()}
    about, _ = manifest.read(found, "book")
    assert [each.path for each in about.reading] == ["01-one.md", "02-two.md"]
    found["book.toml"] = File("book.toml", f"[chapters]\nbody = ['{name}']".encode())
    about, _ = manifest.read(found, "book")
    assert [each.path for each in about.reading] == [name]


@pytest.mark.parametrize(
    ("first", "title"),
    [("# *One*[^1] `two` {#id}\n", "One two"), ("One\n===\n", "One"), ("No heading\n", "Two"), ("# It's --\n", "It’s –"),
     ("\ufeff# BOM\n", "BOM"), ("# CRLF\r\n\r\nx\r\n", "CRLF"), ("# C# #\n", "C#")],
)  # fmt: skip
def test_the_title_of_a_book_that_says_none(first: str, title: str) -> None:
    files = {"01.md": File("01.md", first.encode()), "02.md": File("02.md", b"# Two\n")}
    assert manifest.read(files, "book")[0].metadata.title == title


def test_a_made_identifier_stays_the_same_and_is_told() -> None:
    toml = "[book]\ntitle = 'A'\n[[contributor]]\nname = 'B'\n"
    about, (problem,) = read(toml)
    assert (problem.code, problem.severity) == ("no-identifier", "hint")
    assert about.metadata.uuid in problem.hint
    assert uuid.UUID(about.metadata.uuid).version == 5
    assert read(toml + "[series]\nname = 'S'\n")[0].metadata.uuid == about.metadata.uuid
    assert read(toml.replace("'A'", "'C'"))[0].metadata.uuid != about.metadata.uuid


@pytest.mark.parametrize(
    ("toml", "stem"),
    [
        ("[book]\ntitle = 'Ümlaut & Söhne'\n[[contributor]]\nname = 'Émile Zola'", "zola_umlaut-sohne"),
        ("[book]\ntitle = 'Two'", "two"),
        ("[book]\ntitle = '日本'", "book"),
        ("[book]\ntitle = '../../etc/passwd'\n[[contributor]]\nname = 'A/B'", "a-b_etc-passwd"),
        ("[book]\ntitle = 'T'\n[[contributor]]\nname = 'E'\nrole = 'edt'", "t"),
        (f"[book]\ntitle = '{'long ' * 40}'", "-".join(["long"] * 12)),
    ],
)
def test_names_of_outputs(toml: str, stem: str) -> None:
    assert manifest.stem(read(toml)[0].metadata) == stem


@pytest.mark.parametrize("path", ["../x.md", "/etc/passwd", "..\\x.md", "./01-one.md"])
def test_a_chapter_outside_the_folder_is_no_chapter(path: str) -> None:
    (line, *_) = told(f"[chapters]\nbody = ['01-one.md', '{path}']")
    assert line.startswith(f"2 error: The chapter {path} is not in book/.")


def test_no_chapters_at_all() -> None:
    with pytest.raises(BookError) as raised:
        manifest.read({"README.md": File("README.md", b"# Read me")}, "book")
    assert [problem.code for problem in raised.value.problems] == ["no-chapters"]


def test_what_a_file_has_to_be():
    press = 'pdf = "x-1a:2001"\ncondition = "FOGRA39"\ncolour = "colour"\n'
    about, problems = read(f'[edition.archive]\nattach = "sources"\n[edition.print]\n{press}')
    archive, printed = about.editions
    assert not [problem for problem in problems if problem.code != "no-identifier"]
    assert (archive.delivery.standard, archive.delivery.attach) == ("a-3u", "sources")
    assert printed.delivery == Delivery("x-1a:2001", "none", "colour", "FOGRA39")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            '[edition.print]\npdf = "a-2u"\n',
            '2 error: pdf cannot be "a-2u". Known are: plain, x-1a:2001, x-3:2002, x-4.',
        ),
        ('[edition.screen]\npdf = "x-4"\n', '2 error: pdf cannot be "x-4". Known are: a-2u, a-3u, ua-1.'),
        ('[edition.screen]\nattach = "sources"\n', "2 error: Sources can only be put into a PDF/A-3. Write"),
        ('[edition.print]\ncolour = "red"\n', '2 error: colour cannot be "red".'),
    ],
)
def test_a_file_cannot_be_everything(toml, said):
    assert any(line.startswith(said) for line in told(toml)), told(toml)
