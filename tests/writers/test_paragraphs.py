"""Paragraphs on pages: what is chosen for them is what stands there, even and within the measure."""

from __future__ import annotations

import ctypes
import random
import statistics
from itertools import groupby, pairwise

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diptych.writers.pdf import paragraphs

TOML = (
    '[book]\ntitle = "Even"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    '[edition.print]\ntrim = "5x8"\n'
)
FEW = settings(
    deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
WORDS = (
    "The harbour master counted the boats twice and wrote nothing down because neither number agreed with the order he "
    "had been given in the morning. Understanding came slowly: representatives of the administration had promised "
    "transportation for everybody, and nobody remembered who had countersigned the correspondence. "
)


def text_lines(data: bytes, page: int):
    """The lines of a page's body as (left, right, widths of gaps between its words, text)."""
    with pypdfium2.PdfDocument(data) as document:
        textpage = document[page].get_textpage()
        box = [ctypes.c_double() for _ in range(4)]
        letters = []
        for n in range(textpage.count_chars()):
            character = chr(pdfium.FPDFText_GetUnicode(textpage, n))
            pdfium.FPDFText_GetLooseCharBox(textpage, n, rect := pdfium.FS_RECTF())
            pdfium.FPDFText_GetCharBox(textpage, n, *box)
            if not character.isspace():
                letters.append((round(rect.bottom, 1), box[0].value, box[1].value, character))
    found = []
    for _, grouped in groupby(letters, key=lambda letter: letter[0]):
        line = list(grouped)
        gaps = [b[1] - a[2] for a, b in pairwise(line)]
        found.append(
            (line[0][1], line[-1][2], [gap for gap in gaps if gap > 1.2], "".join(each[3] for each in line))
        )
    return found


def first_page_of_text(made):
    with pypdfium2.PdfDocument(made.data) as document:
        return next(
            n for n in range(len(document)) if "harbour" in document[n].get_textpage().get_text_range()
        )


def spread(made):
    """How far apart the gaps of full lines are, from line to line."""
    lines = text_lines(made.data, first_page_of_text(made))
    right = max(line[1] for line in lines)
    full = [statistics.mean(line[2]) for line in lines if line[2] and right - line[1] < 1.5]
    assert len(full) > 10
    return statistics.pstdev(full)


@pytest.fixture
def one_by_one(monkeypatch):
    """Let WeasyPrint fill line after line."""
    return lambda: monkeypatch.setattr(paragraphs, "_planned", lambda *_: None)


def test_spaces_are_more_even_than_line_by_line(bench, one_by_one):
    book = {"book.toml": TOML, "a.md": f"# A\n\n{WORDS * 5}\n"}
    together = spread(bench.build(book))
    one_by_one()
    assert together < 0.9 * spread(bench.build(book))


def test_full_lines_end_at_the_same_edge_stretched_or_squeezed(bench):
    made = bench.build(
        {
            "book.toml": TOML,
            "a.md": f"# A\n\n{WORDS * 3} See *the long harbour* wall.[^1] {WORDS}\n\n[^1]: Harbour note. {WORDS}\n",
        }
    )
    lines = text_lines(made.data, first_page_of_text(made))
    right = max(line[1] for line in lines)
    edges = [right - line[1] for line in lines if right - line[1] < 12]
    assert len(edges) > 12
    assert max(edges) < 1.6, "letters have side bearings, and a point hangs a little"


def test_a_line_with_a_note_a_formula_and_stressed_words_is_planned_too(bench, monkeypatch):
    asked: list[float | None] = []
    original = paragraphs._planned
    monkeypatch.setattr(paragraphs, "_planned", lambda *a: asked.append(original(*a)) or asked[-1])
    text = f"# A\n\nA **harbour** with $x^2 + y^2$ in it.[^1] {WORDS} And *so* on, `code` too. {WORDS}\n\n[^1]: Note.\n"
    bench.build({"book.toml": TOML, "a.md": text})
    assert sum(width is not None for width in asked) > 8


@pytest.mark.parametrize("place", ["in the flow", "beside a float"])
def test_lines_beside_a_float_are_left_alone(bench, place):
    css = ".f { float: left; width: 40mm; height: 20mm; margin: 0 3mm 0 0 }"
    html = '<div class="f">x</div>' if place == "beside a float" else ""
    made = bench.build({"book.toml": TOML, "styles/book.css": css, "a.md": f"# A\n\n{html}\n\n{WORDS * 3}\n"})
    lines = text_lines(made.data, first_page_of_text(made))
    right = max(line[1] for line in lines)
    assert sum(right - line[1] < 1.6 for line in lines) > 8


def letters(made):
    with pypdfium2.PdfDocument(made.data) as document:
        text = "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    return "".join(character for character in text if character.isalnum())


MARKS = "{} {} {} *{}* **{}** `{}` {}, ({}) “{}” {}—{} {}[^1] $a_{{1}}$ [{}](a.md)".split()
PLAIN = "a I harbour representative of countersignature in administration 1917 naïve Œuvre x".split()


@settings(FEW, max_examples=5)
@given(st.integers(0, 1 << 30))
def test_random_paragraphs_hold_the_words_that_they_hold_line_by_line(bench, seed):
    dice = random.Random(seed)
    text = " ".join(dice.choice(MARKS).format(dice.choice(PLAIN), dice.choice(PLAIN)) for _ in range(120))
    book = {"book.toml": TOML, "a.md": f"# A\n\nharbour {text}\n\n[^1]: Note.\n"}
    made = bench.build(book)
    assert max(line[1] for line in text_lines(made.data, first_page_of_text(made))) < (127 - 12) * 72 / 25.4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paragraphs, "_planned", lambda *_: None)
        assert letters(made) == letters(bench.build(book))
