"""The sentinel: each rule speaks over a page that breaks it, and is silent over a near neighbour that does not.

Found by listing `layout/`: in each folder `breaks.md` and `keeps.md` are chapters of one book, laid out once for all;
`expected.txt` is everything that is told of both. `pytest --accept` writes it anew, for a look at the diff.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from printed import read

from diptych import cli, pipeline, records
from diptych.checks import layout, proofs, sheets
from diptych.checks.pages import Opened
from diptych.checks.sheets import Box, Line, Sheet
from diptych.model import Block, Edition
from diptych.problems import Place

ROOT = Path(__file__).parents[1] / "layout"
CASES = sorted(folder for folder in ROOT.iterdir() if folder.is_dir())
BY_HAND = {"face-strange", "blank-marked", "blanks-in-a-row", "measure"}
"""Rules whose breach no book can bring about, as far as we know: their sheets are made here."""

TOML = """
[book]
title = "Every Fault"
[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
[edition.screen]
"""


@pytest.fixture(scope="session")
def faulty(bench, picture):
    """Give the book of all cases and its finished screen edition."""
    files = {
        f"{folder.name}/{path.name}": path.read_text() for folder in CASES for path in folder.glob("*.md")
    }
    files |= {
        "book.toml": f"{TOML}[chapters]\nbody = {sorted(files)}\n",
        "picture.png": picture(60, 20),
        "styles/book.css": (ROOT / "book.css").read_text(),
    }
    book = bench.read(files)
    return book, pipeline._edition(book, book.manifest.editions[0], (), lambda *_: None)


def told(faulty, case: str, codes=lambda _: True) -> str:
    """Say what is told of a case, without what depends on the other cases and on how lines are broken."""
    lines = [
        str(f.problem)
        for f in faulty[1].findings
        if f"/{case}/" in f.problem.place.file and codes(f.problem.code)
    ]
    text = "\n".join([*lines, ""])
    for moving in (r"Page (\d+ \(.*?\))", r"on page (\d+)", r"stand ([\d.]+) times"):
        text = re.sub(moving, lambda match: match[0].replace(match[1], "…"), text)
    return text


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_rule_speaks_and_is_silent(folder, faulty, accept):
    expected, found = folder / "expected.txt", told(faulty, folder.name)
    if accept:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    assert f"{folder.name}/breaks.md" in told(faulty, folder.name, lambda code: code == folder.name)
    assert f"{folder.name}/keeps.md" not in told(faulty, folder.name, lambda code: code == folder.name)


def test_every_rule_has_its_case():
    assert layout.RULES.keys() == {folder.name for folder in CASES} | BY_HAND


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_without_the_rule_its_case_fails(folder, faulty):
    assert (
        told(faulty, folder.name, lambda code: code != folder.name) != (folder / "expected.txt").read_text()
    )


# --- Sheets made by hand ----------------------------------------------------------------------------------------------

FRAME = Block(1, "page", 50, 50, 350, 550)
LINE = Line(Box(50, 60, 200, 70), "Words.", 10, 2.5, ())


FACES = layout.Faces(frozenset(range(0x250)), frozenset())


def sheet(*, lines=(), blocks=(FRAME,), faces=()):
    return Sheet(400, 600, tuple(lines), (), tuple(faces), tuple(blocks))


def codes(*given, families=frozenset()):
    seen = tuple(layout.seen(each, replace(FACES, families=families)) for each in given)
    pages = layout.Pages(seen, [str(n) for n in range(1, len(seen) + 1)], {}, (), {})
    return {found.problem.code for found in layout.findings(pages, Edition("print", "pdf"), "book")}


def test_a_face_that_is_none_of_ours_is_told():
    ours = frozenset({"Source Serif Pro"})
    assert codes(sheet(faces=["DejaVu-Sans"]), families=ours) == {"face-strange"}
    assert codes(sheet(faces=["Source-Serif-Pro-Bold"]), families=ours) == set()


def test_a_blank_page_has_nothing_on_it():
    assert codes(sheet(lines=[LINE])) == {"blank-marked"}
    assert codes(sheet()) == set()


def test_four_blank_pages_follow_each_other_but_not_five():
    assert codes(*[sheet()] * 5) == {"blanks-in-a-row"}
    assert codes(*[sheet()] * 4) == set()


def paragraph(text, *, lines=50, right=350):
    block = Block(1, "p", 50, 50, 350, 550, "book/one.md", 3, begins=True, ends=True)
    tops = range(60, 60 + 9 * lines, 9)
    return [Line(Box(50, top, right, top + 10), text, 10, 2.5, (), block) for top in tops], (FRAME, block)


@pytest.mark.parametrize(
    ("characters", "right", "told"),
    [
        (66, 350, False),
        (46, 350, False),
        (79, 350, False),
        (40, 350, True),
        (90, 350, True),
        (36, 330, False),
        (24, 330, True),
    ],
)
def test_a_measure_far_from_what_reads_well_is_told_once(characters, right, told):
    lines, blocks = paragraph("words " * (characters // 6) + "x" * (characters % 6), right=right)
    assert ("measure" in codes(sheet(lines=lines, blocks=blocks))) is told


@pytest.mark.parametrize(
    ("size", "right", "told"), [(10, 352.9, 0), (10, 353.1, 1), (16.5, 354.4, 0), (16.5, 355, 1)]
)
def test_large_letters_reach_further_out_than_small_ones(size, right, told):
    """The sentence says how far it is from the edge itself."""
    block = Block(1, "p", 50, 50, 350, 550, "book/one.md", 3)
    line = Line(Box(50, 60, right, 70), "of", size, 2.5, (), block)
    found = list(layout._past_the_margin(sheet(lines=[line], blocks=(FRAME, block)), FACES))
    assert len(found) == told
    assert all(each.what == f"“of” by {(right - 350) * 25.4 / 72:.1f} mm at the right" for each in found)


@pytest.mark.parametrize(("before", "told"), [("of revo\u2010", True), ("of counter-", False)])
def test_a_part_of_a_word_is_a_runt_but_not_the_second_word_of_a_pair(before, told):
    block = Block(1, "p", 50, 50, 350, 550, "book/one.md", 3)
    lines = [
        Line(Box(50, top, 350, top + 10), text, 10, 2.5, (), block)
        for top, text in ((60, before), (74, "lution."))
    ]
    assert ("runt" in codes(sheet(lines=lines, blocks=(FRAME, block)))) is told


def test_too_few_lines_have_no_measure():
    lines, blocks = paragraph("words " * 20, lines=20)
    assert "measure" not in codes(sheet(lines=lines, blocks=blocks))


def test_two_letters_of_chinese_are_no_runt_but_one_is():
    one, two = (Line(Box(50, 60, 70, 70), text, 10, 2.5, ()) for text in ("了。”", "时了。”"))
    assert one.letters < layout._RUNT <= two.letters


def test_a_line_from_right_to_left_is_full_at_its_left_and_no_space_of_a_mixed_one_is_measured(bench):
    block = Block(1, "p", 50, 50, 350, 550)
    short, full = (Line(Box(left, 60, 350, 70), "מילה אחת", 10, 2.5, ()) for left in (200, 50))
    assert (layout._full(short, block), layout._full(full, block)) == (False, True)
    toml = TOML.replace("[book]\n", '[book]\nlanguage = "he"\n')
    text = "תלו שם שלט שעליו כתוב Central Station, ואיש לא זכר מי הזמין אותו. " * 3
    made = bench.build({"book.toml": toml, "1.md": f"# א\n\n{text}\n"}, "screen")
    lines = [line for page in read(made.data) for line in page.lines if "Central" in line.text]
    assert lines
    assert {line.stretch for line in lines} == {1.0}


# --- What is read -----------------------------------------------------------------------------------------------------


def test_lines_are_read_with_their_words_and_belong_to_their_blocks(faulty):
    own = layout.by_page(faulty[1].blocks)
    with pypdfium2.PdfDocument(faulty[1].files[0].data) as pdf:
        pages = [
            sheets.sheet(Opened(page, page.get_textpage()), own.get(n, ())) for n, page in enumerate(pdf, 1)
        ]
    lines = [
        line
        for page in pages
        for line in page.lines
        if line.block and line.block.source.endswith("runt/breaks.md")
    ]
    assert [(line.text, line.block.kind, line.block.line) for line in lines] == [
        ("Runt", "h1", 1),
        ("The lamp was lit and the boat had not come back.", "p", 3),
        ("It.", "p", 3),
    ]
    assert [round(line.size) for line in lines] == [12, 10, 10]
    assert lines[1].stretch == pytest.approx(1, abs=0.15)


SCRIPTS = {
    "en": "A counter-attack \u2014 \u201cnever\u201d, he said; see 1917/18 and <https://example.org/a/very/long/address/that/breaks>. "
    * 6,
    "he": "תלו שם שלט שעליו כתוב Central Station, ואיש לא זכר מי הזמין אותו. " * 6,
    "zh": "那天夜里没有人说话\u2014\u2014他们只是坐着,等待灯火熄灭。And one word. " * 6,
    "en-GB": "Beyond: \U00020000 and \U0001d400, office, e\u0301te\u0301, x^2^. " * 6,
}


@pytest.mark.parametrize("language", SCRIPTS)
def test_words_are_read_row_by_row_as_they_are_read_letter_by_letter(bench, monkeypatch, language):
    toml = TOML.replace("[book]\n", f'[book]\nlanguage = "{language}"\n')
    made = bench.build({"book.toml": toml, "1.md": f"# One\n\n{SCRIPTS[language]}\n"}, "screen")
    by_rows = read(made.data)

    def signs(reader):
        numbers = range(reader._text.count_chars())
        return "".join(chr(sheets.pdfium.FPDFText_GetUnicode(reader._raw, n)) for n in numbers)

    monkeypatch.setattr(sheets._Reader, "_signs", signs)
    monkeypatch.setattr(sheets._Reader, "_style", lambda *_: None)
    assert read(made.data) == by_rows


def test_every_letter_that_may_run_from_right_to_left_is_looked_at():
    leftward = [n for n in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(n)) in ("R", "AL")]
    assert all(sheets._turns(chr(n)) for n in leftward)


def test_blocks_name_the_line_that_made_them(faulty):
    book, finished = faulty
    shown = {block.source: block for block in finished.blocks if block.kind == "h1" and block.source}
    assert {source.removeprefix("book/") for source in shown} == {
        chapter.source.removeprefix("book/") for chapter in book.chapters
    }
    note = next(block for block in finished.blocks if block.kind == "footnote")
    assert (
        "The keeper wrote"
        in (book.files[note.source.removeprefix("book/")].data.decode().split("\n")[note.line - 1])
    )


def test_the_text_block_is_what_the_stylesheet_says(faulty):
    frames = {tuple(block[2:6]) for block in faulty[1].blocks if block.kind == "page"}
    assert frames == {(44.0, 54.0, 267.8, 419.6)}


# --- What comes of it -------------------------------------------------------------------------------------------------


def test_what_was_found_is_remembered(faulty):
    kept = records.dump("key", faulty[1])
    assert records.load(kept["key"], kept.get) == faulty[1]
    assert faulty[1].findings
    assert faulty[1].blocks


OFF = "# One\n\nNobody will ever read this.\n{: .off }\n"
RUNT = "# One\n\nThe lamp was lit and the boat had not come back.  \nIt.\n"


def home(folder: Path, text: str) -> Path:
    (folder / "book" / "styles").mkdir(parents=True)
    (folder / "book" / "styles" / "book.css").write_text(".off { margin-left: -200pt }")
    (folder / "book" / "book.toml").write_text(TOML)
    (folder / "book" / "one.md").write_text(text)
    return folder


def test_a_page_that_loses_words_is_not_delivered(tmp_path, capsys):
    assert cli.main(["--jobs", "1"], home=home(tmp_path, OFF)) == 1
    said = capsys.readouterr().err
    assert (
        "book/one.md:3: error: Page 1 (screen, the 3rd of the file): The words “Nobody will ever read this.”"
        in said
    )
    assert "Nothing was written: 1 error to mend first." in said
    assert not (tmp_path / "dist").exists()


def test_a_build_counts_what_a_check_lists_and_draws(tmp_path, capsys):
    place = home(tmp_path, RUNT)
    assert cli.main(["--jobs", "1"], home=place) == 0
    said = capsys.readouterr().err
    assert "book: hint: The pages of screen have one place worth a look. `check` lists them" in said
    assert "The last line" not in said
    assert cli.main(["check", "--jobs", "1", "--pictures"], home=place) == 0
    said = capsys.readouterr()
    assert (
        "book/one.md:3: hint: Page 1 (screen, the 3rd of the file): The last line of this paragraph is only “It.”."
        in said.err
    )
    assert "Proofs: 1 places on 3 pages" in said.out.replace("\n", " ")
    drawn = tmp_path / "dist" / "pictures" / "screen"
    assert sorted(path.name for path in drawn.iterdir()) == ["0003-runt.png", "index.html", "sheet-001.png"]


def test_proofs_stay_out_of_books(tmp_path, capsys):
    place = home(tmp_path, RUNT)
    before = sorted(place.rglob("*"))
    for folder in ("book", "book/inside"):
        assert cli.main(["check", "--pictures", str(tmp_path / folder)], home=place) == 1
        assert "would be taken for pictures of the book" in capsys.readouterr().err
    assert sorted(place.rglob("*")) == before


def test_proofs_are_the_same_bytes_and_take_the_place_of_older_ones(faulty, tmp_path):
    from diptych import files

    asked = proofs.Proofs(faulty[1].files[0].data, faulty[1].findings[:4], "screen", "A <Title>", "en")
    first, second = proofs.files(asked), proofs.files(asked)
    assert first == second
    assert b"A &lt;Title&gt;" in first[-1].data
    (tmp_path / "0099-river.png").write_bytes(b"an older one")
    (tmp_path / "holiday.png").write_bytes(b"the author's")
    files.replace_all(tmp_path, "proofs", first, proofs.OURS)
    assert {path.name for path in tmp_path.iterdir()} == {file.path for file in first} | {"holiday.png"}


@pytest.mark.parametrize(
    ("pages", "reading", "spreads"),
    [
        (1, "ltr", [(0, 1)]),
        (4, "ltr", [(0, 1), (2, 3), (4, 0)]),
        (5, "ltr", [(0, 1), (2, 3), (4, 5)]),
        (3, "rtl", [(1, 0), (3, 2)]),
    ],
)
def test_pages_face_each_other_as_in_the_open_book(pages, reading, spreads):
    assert proofs._spreads(pages, reading) == spreads


def test_what_nobody_wrote_is_told_of_the_book(faulty):
    told = layout._told(sheet(), layout.Found(Box(0, 0, 10, 10)), "runt")
    finding = layout._finding(1, told, "1", Edition("print", "pdf"), "book")
    assert finding.problem.place == Place("book")
