"""Tables on pages: never off the page, caption and head with their rows, and an author who is told what was done."""

from __future__ import annotations

import pytest
from printed import Printed

from diptych.checks import ledger
from diptych.features import tables
from diptych.tree import make
from diptych.writers.pdf import fitting

TOML = '[book]\ntitle = "x"\nlanguage = "en"\n[edition.print]\n'
PROSE = "The council sat until the lamps were lit and nobody could say who had called it. "


def table(columns: int, word: str, rows: int = 3) -> str:
    lines = [[f"H{n}" for n in range(columns)], ["---"] * columns]
    lines += [[word] * columns for _ in range(rows)]
    return "\n".join("|" + "|".join(cells) + "|" for cells in lines)


def build(bench, *texts: str):
    files = {f"{n}.md": f"# {n}\n\n{text}\n" for n, text in enumerate(texts)}
    return bench.build({"book.toml": TOML, **files}, "print")


def within(pdf: Printed) -> bool:
    for page in pdf.document:
        text, width, height = page.get_textpage(), page.get_width(), page.get_height()
        for n in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(n)
            if right > left and not (left > 30 and right < width - 30 and bottom > 20 and top < height - 20):
                return False
    return True


@pytest.mark.parametrize(
    ("columns", "word", "codes"),
    [
        (4, "word", []),
        (7, "evening", []),
        (8, "measured", ["table-narrowed"]),
        (9, "afternoons", ["table-turned"]),
        (13, "1,000.00", ["table-turned"]),
        (30, "impossible", ["table-too-wide"]),
        (2, "x" * 150, ["table-too-wide"]),
    ],
)
def test_a_table_never_runs_off_and_its_author_is_told(bench, columns, word, codes):
    made = build(bench, table(columns, word))
    told = [p for p in made.problems if p.code.startswith("table")]
    assert [(p.code, p.place.line) for p in told] == [(code, 3) for code in codes]
    pdf = Printed(made)
    assert within(pdf)
    assert "".join("".join(pdf.texts).split()).count(word) == columns * 3


def test_a_turned_table_reads_upwards_on_a_page_of_its_own_and_repeats_its_head(bench):
    made = build(
        bench, f"Before.\n\n{table(9, 'afternoons', rows=60)}\n\n/// caption\nThe caption.\n///\n\nAfter."
    )
    pdf = Printed(made)
    pages = [n for n, text in enumerate(pdf.texts) if "afternoons" in text]
    assert len(pages) > 1
    assert all(
        "H0" in pdf.texts[n] and "Before" not in pdf.texts[n] and "After." not in pdf.texts[n] for n in pages
    )
    first, second = pdf.box(pages[0], "H0"), pdf.box(pages[0], "H8")
    assert second[1] > first[3] + 200  # the last column stands above the first
    assert "The caption." in pdf.texts[pages[0]]
    assert sum(text.count("afternoons") for text in pdf.texts) == 9 * 60


def test_the_heading_of_a_turned_table_is_turned_with_it(bench):
    made = build(bench, f"Before.\n\n## Heading\n\n{table(9, 'afternoons', rows=60)}\n\nAfter.")
    pdf = Printed(made)
    assert within(pdf)
    (page,) = (n for n, text in enumerate(pdf.texts) if "Heading" in text and n > 3)
    assert "afternoons" in pdf.texts[page]
    assert "Before" not in pdf.texts[page]
    heading, head = pdf.box(page, "Heading"), pdf.box(page, "H0")
    assert heading[3] - heading[1] > heading[2] - heading[0]  # it reads upwards
    assert heading[2] < head[0]  # and stands above the table
    assert sum(text.count("afternoons") for text in pdf.texts) == 9 * 60


@pytest.mark.slow
def test_notes_of_turned_and_narrowed_tables_are_told(bench):
    wide = (
        table(9, "afternoons", rows=40)
        .replace("afternoons|\n", "afternoons[^a]|\n", 1)
        .replace("H3", "H3[^b]")
    )
    narrow = table(8, "measured").replace("measured|\n", "measured[^a]|\n", 1)
    notes = "\n\n[^a]: A note in a cell.\n"
    made = build(bench, f"{wide}{notes}[^b]: A note in a head.\n", f"{narrow}{notes}")
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()


CAPTIONED = f"{table(3, 'cell', rows=12)}\n\n/// caption\nWhat it shows.\n///"


@pytest.mark.slow
def test_caption_and_head_are_never_parted_from_the_rows(bench):
    pdf = Printed(build(bench, *(f"{PROSE * (14 + n)}\n\n{CAPTIONED}" for n in range(16))))
    for text in pdf.texts:
        if "What it shows." in text:
            assert text.count("cell") >= 6, text
        if "H0" in text:
            assert text.count("cell") >= 6
        assert ("cell" in text) <= ("H0" in text)
    assert sum("What it shows." in text for text in pdf.texts) == 16


@pytest.mark.parametrize("rows", [1, 2])
def test_a_row_that_is_higher_than_its_page_is_cut_below_the_head(bench, rows):
    row = f"| {PROSE * 90} | second |\n"
    made = build(bench, f"Before.\n\n| H0 | H1 |\n|---|---|\n{row * rows}\n\nAfter.")
    pages = [text for text in Printed(made).texts if "council" in text]
    assert len(pages) > rows
    assert all("H0" in text for text in pages)
    assert sum(text.count("council") for text in pages) == 90 * rows


def test_columns_are_measured_in_ems():
    row = make("tr", "", None, make("td", "one two"), make("td", "漢字", {"colspan": "2"}), make("td", "a"))
    found = tables.columns(make("table", "", None, make("tbody", "", None, row)))
    assert len(found.words) == 4
    assert found.words[0] < found.cells[0]
    assert found.words[1] == found.words[2] == 0
    assert found.least < found.comfortable + 0.01


def test_what_fits_is_left_as_it_is():
    from diptych.model import Page

    page = Page("a", "A", "chapter", "body", make("section", "", None, make("table")), "a.md")
    pages, told = fitting.fit([page], fitting.Room(110, 180, 9))
    assert pages[0] is page
    assert told == ()
