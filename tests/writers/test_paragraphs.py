"""Paragraphs on pages: what is chosen for them is what stands there, even and within the measure."""

from __future__ import annotations

import ctypes
import random
import statistics
from itertools import groupby, pairwise
from pathlib import Path
from types import SimpleNamespace

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import weasyprint.layout.inline
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diptych.checks import layout
from diptych.writers.pdf import measuring, paragraphs
from diptych.writers.pdf.measuring import Line

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


def full_lines(lines):
    """Those that go from edge to edge; punctuation hangs over the edge."""
    right = max(line[1] for line in lines if line[3][-1].isalnum())
    return [line for line in lines if abs(right - line[1]) < 3]


def spread(made):
    """How far apart the gaps of full lines are, from line to line."""
    lines = text_lines(made.data, first_page_of_text(made))
    full = [statistics.mean(line[2]) for line in full_lines(lines) if line[2]]
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
    lettered = [line for line in lines if line[3][-1].isalnum()]
    right = max(line[1] for line in lettered)
    edges = [right - line[1] for line in lettered if right - line[1] < 12]
    assert len(edges) > 6
    assert max(edges) < 1.6, "letters have side bearings"


def test_a_line_with_a_note_a_formula_and_stressed_words_is_planned_too(bench, monkeypatch):
    asked: list[Line | None] = []
    original = paragraphs._planned
    monkeypatch.setattr(paragraphs, "_planned", lambda *a: asked.append(original(*a)) or asked[-1])
    text = f"# A\n\nA **harbour** with $x^2 + y^2$ in it.[^1] {WORDS} And *so* on, `code` too. {WORDS}\n\n[^1]: Note.\n"
    bench.build({"book.toml": TOML, "a.md": text})
    assert sum(line is not None and line.words is not None for line in asked) > 8


@pytest.mark.parametrize("place", ["in the flow", "beside a float"])
def test_lines_beside_a_float_are_left_alone(bench, place):
    css = ".f { float: left; width: 40mm; height: 20mm; margin: 0 3mm 0 0 }"
    html = '<div class="f">x</div>' if place == "beside a float" else ""
    made = bench.build({"book.toml": TOML, "styles/book.css": css, "a.md": f"# A\n\n{html}\n\n{WORDS * 3}\n"})
    assert len(full_lines(text_lines(made.data, first_page_of_text(made)))) > 8


def letters(made):
    with pypdfium2.PdfDocument(made.data) as document:
        text = "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    return "".join(character for character in text if character.isalnum())


MARKS = "{} {} {} *{}* **{}** `{}` {}, ({}) “{}” {}—{} {}[^1] $a_{{1}}$ [{}](a.md)".split()
PLAIN = "a I harbour representative of countersignature in administration 1917 naïve Œuvre x".split()


def hung(made):
    """How far the lines of a page that end with each mark, or begin with it, stand over the edge of the letters."""
    lines = text_lines(made.data, first_page_of_text(made))
    right = statistics.median(line[1] for line in full_lines(lines) if line[3][-1].isalnum())
    left = statistics.median(line[0] for line in lines if line[3][0].islower())
    ends, begins = {}, {}
    for line in full_lines(lines):
        ends.setdefault(line[3][-1], []).append(line[1] - right)
        begins.setdefault(line[3][0], []).append(left - line[0])
    return ends, begins


def test_light_marks_hang_over_the_edge_at_which_the_letters_end(bench):
    text = WORDS.replace("morning. ", "morning, ").replace("nothing down", "nothing “down”") * 6
    ends, _ = hung(bench.build({"book.toml": TOML, "a.md": f"# A\n\n{text}\n"}))
    hyphen = next(mark for mark in ends if mark in "-\u2010\x02")
    for mark in (".", ",", hyphen):
        assert all(0.5 < over < layout._SLACK for over in ends.get(mark, ())), mark
    assert {",", hyphen} <= set(ends)


def test_a_quotation_mark_that_begins_a_line_hangs_over_it(bench):
    text = " ".join(f"“{word}”" if n % 3 == 0 else word for n, word in enumerate((WORDS * 6).split()))
    _, begins = hung(bench.build({"book.toml": TOML, "a.md": f"# A\n\n{text}\n"}))
    assert len(begins["“"]) > 2
    assert all(0.8 < over < layout._SLACK for over in begins["“"])


def test_marks_hang_over_the_left_edge_where_text_runs_from_the_right(bench):
    words = "שלום עולם, הספר הזה נכתב בעברית, ויש בו מלים רבות, ארוכות, קצרות. "
    toml = TOML.replace('title = "Even"', 'title = "Even"\nlanguage = "he"')
    made = bench.build({"book.toml": toml, "a.md": f"# א\n\n{words * 30}\n"})
    with pypdfium2.PdfDocument(made.data) as document:
        number = next(
            n for n in range(len(document)) if len(document[n].get_textpage().get_text_range()) > 400
        )
    full = [(min(left, right), text) for left, right, _, text in text_lines(made.data, number)]
    ends = {mark: [left for left, text in full if text[-1] == mark or text[0] == mark] for mark in ",."}
    lettered = min(left for left, text in full if text[-1].isalpha() and text[0].isalpha())
    assert min(ends[","]) < lettered - 0.5


def rights(made) -> list[float]:
    """Where the letters end with which lines of the fullest page begin that run from the right."""
    with pypdfium2.PdfDocument(made.data) as document:
        text = max((page.get_textpage() for page in document), key=lambda text: text.count_chars())
        ends = [
            text.get_charbox(n)[2] for n in range(text.count_chars()) if text.get_text_range(n, 1).isalpha()
        ]
    return [end for end in ends if end > max(ends) - 4]


def test_a_space_that_ends_a_line_moves_no_line_that_runs_from_the_right(bench):
    sample = Path(__file__).parents[1] / "samples" / "hebrew"
    files = [path for path in sample.rglob("*") if path.is_file() and ".diptych" not in path.parts]
    found = rights(bench.build({str(path.relative_to(sample)): path.read_bytes() for path in files}, "print"))
    assert len(found) > 5
    assert max(found) - min(found) < 1.2


def last_line(made) -> str:
    return text_lines(made.data, first_page_of_text(made))[-2][3]


def test_a_last_line_of_one_short_word_is_taken_in_by_tighter_lines(bench, monkeypatch):
    """A paragraph of our own book, which ended so in its printed measure."""
    text = (
        "Notice what Wohlforth thinks these rivals have in common. Each wants one Lenin. In each the essential character "
        "of the thing is settled at the start, and everything later either unfolds it or betrays it."
    )
    book = {"book.toml": TOML.replace("5x8", "6x9"), "a.md": f"# The harbour\n\nSo.\n\n{text}\n"}
    assert last_line(bench.build(book)).endswith("orbetraysit.")
    monkeypatch.setattr(measuring, "_TRIES", (*measuring._TRIES[:2], measuring._TRIES[-1]))
    assert last_line(bench.build(book)) == "it."


@pytest.mark.parametrize(("planned", "most"), [(Line(104.0, 9, shrinks=3.0), 3.6), (None, 0.0)])
def test_a_line_loses_no_more_of_its_spaces_than_was_planned_for_itself(bench, monkeypatch, planned, most):
    """An unbreakable word makes a line too long; another line of its paragraph was squeezed."""
    inline = weasyprint.layout.inline
    bench.build({"book.toml": TOML, "a.md": "# A\n\nWords.\n"})
    lost: list[float] = [0.0]
    monkeypatch.setattr(inline, "justify_line", lambda _, line, more: lost.append(-more))
    line = SimpleNamespace(
        width=120.0,
        style={"text_align_all": "justify", "white_space": "normal"},
        element=None,
        diptych_line=planned,
    )
    inline.text_align(SimpleNamespace(), line, 100.0, last=False)
    assert sum(lost) == pytest.approx(most)


@pytest.mark.slow
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
