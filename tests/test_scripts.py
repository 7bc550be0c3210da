"""Pages in other scripts: Hebrew and Arabic from right to left, Chinese without spaces."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from printed import Printed

from diptych import pipeline
from diptych.checks import ledger

SAMPLES = Path(__file__).parent / "samples"
TOML = '[book]\ntitle = "x"\nlanguage = "{}"\n[edition.print]\n'


def build(bench, text: str, language: str):
    return bench.build({"book.toml": TOML.format(language), "a.md": f"# A\n\n{text}\n"}, "print")


@pytest.mark.parametrize("name", ["hebrew", "arabic", pytest.param("chinese", marks=pytest.mark.slow)])
def test_a_book_of_another_script_comes_out_with_all_its_notes(bench, name):
    book = pipeline.read(SAMPLES / name, name, pipeline.Wishes())
    assert book.problems == ()
    made = bench.make(book, "print")
    assert made.problems == ()
    census = ledger.of_pdf(made.data, made.wanted, made.edition)
    assert (census.problems, census.notes) == ((), len(made.wanted))


def test_a_hebrew_page_runs_from_right_to_left(bench):
    pdf = Printed(build(bench, "אלף בית גימל. אחרי.[^1]\n\n- רשימה\n\n[^1]: הערה כאן.", "he"))
    page = next(n for n, text in enumerate(pdf.texts) if "רשימה" in text)
    width = pdf.document[page].get_width()
    first, second = pdf.box(page, "אלף"), pdf.box(page, "בית")
    assert first[0] > second[2]
    assert first[2] > width * 0.8
    assert first[2] > pdf.box(page, "רשימה")[2] > width * 0.7  # indented from the right
    assert pdf.box(page, "הערה")[2] > width * 0.7


def test_rectos_of_a_hebrew_book_are_on_the_left(bench):
    """The fold is on their right: the margin there is the wider one."""
    made = build(bench, "אלף בית גימל דלת. " * 400, "he")
    with pikepdf.open(io.BytesIO(made.data)) as file:
        labels = [page.label for page in file.pages]
    pdf = Printed(made)
    for label, recto in (("3", True), ("2", False)):
        page = labels.index(label)
        text = pdf.document[page].get_textpage()
        boxes = [text.get_charbox(n) for n in range(text.count_chars())]
        left = min(box[0] for box in boxes if box[2] > box[0])
        right = pdf.document[page].get_width() - max(box[2] for box in boxes)
        assert (right > left + 3) is recto, label


def test_code_among_hebrew_runs_from_left_to_right(bench):
    pdf = Printed(build(bench, "לפני `x = y[1]` אחרי.", "he"))
    page = next(n for n, text in enumerate(pdf.texts) if "אחרי" in text)
    assert pdf.box(page, "y[1]")[0] > pdf.box(page, "x")[2]


CHINESE = "街角的茶馆里有一口钟，每天慢三分钟。" * 12


@pytest.mark.slow
def test_lines_of_a_chinese_file_are_joined(bench):
    text = "".join(Printed(build(bench, f"门口的\n木牌，\n写着 word\nword 字。\n\n{CHINESE}", "zh")).texts)
    assert "门口的木牌，写着 word word 字。" in text


def letters_of(pdf: Printed, words: str) -> list[tuple[float, float, float, float]]:
    """The boxes of all letters on the first page that shows these words."""
    page = next(n for n, text in enumerate(pdf.texts) if words in text)
    letters = pdf.document[page].get_textpage()
    return [letters.get_charbox(n, loose=True) for n in range(letters.count_chars())]


@pytest.mark.slow
def test_chinese_paragraphs_fill_their_lines_and_begin_two_letters_further_in(bench):
    pdf = Printed(build(bench, CHINESE, "zh"))
    lines: dict[int, list] = {}
    for box in letters_of(pdf, "街角"):
        if box[3] - box[1] > 5 and box[1] > 100 and box[2] - box[0] > 9:
            lines.setdefault(round(box[1]), []).append(box)
    lefts = [min(b[0] for b in line) for _, line in sorted(lines.items(), reverse=True) if len(line) > 10]
    rights = [max(b[2] for b in line) for _, line in sorted(lines.items(), reverse=True) if len(line) > 10]
    assert lefts[0] - lefts[1] == pytest.approx(2 * 10.4, abs=1)
    assert (
        max(rights[:-1]) - min(rights[:-1]) < 2 * 10.4
    )  # a mark that may not begin a line takes a letter with it


@pytest.mark.slow
@pytest.mark.parametrize("word", ["", "OK"])
def test_full_lines_of_chinese_all_end_at_the_edge(bench, word):
    text = f"茶馆的钟又慢了三分钟，他说：“客人是为这个来的。” {word} 没有人不同意！" * 9
    pdf = Printed(build(bench, text, "zh"))
    lines: dict[int, list] = {}
    for box in letters_of(pdf, "茶馆"):
        if box[2] - box[0] > 4 and box[1] > 100:
            lines.setdefault(round(box[1] / 4), []).append(box)
    rows = [sorted(line) for _, line in sorted(lines.items(), reverse=True) if len(line) > 15]
    assert len(rows) > 5
    ends = [row[-1][2] for row in rows[:-1]]
    assert max(ends) - min(ends) < 1
    for row in rows[:-1]:
        apart = [two[0] - one[0] for one, two in pairwise(row)]
        assert max(apart) - min(apart) < 4 or word  # a word of Latin letters stands between


@pytest.mark.slow
def test_a_chinese_line_may_break_before_a_quotation(bench):
    text = "\n".join(
        Printed(build(bench, "一二三四五六七，他说：“客人是为这三分钟来的。”又" * 29, "zh")).texts
    )
    assert "“\n" not in text
    assert "\n”" not in text
    assert "他说：\n“" in text


@pytest.mark.parametrize(
    ("language", "text", "there"),
    [
        ("el", 'Είπε "ναι" και *όχι*', "«ναι»"),
        ("ru", 'Он сказал "да" и *нет*', "«да»"),
        ("fr", 'Il dit "oui" ; *non*', "«\u202foui\u202f»"),
        ("de", 'Er sagte "ja" und *nein*', "„ja“"),
    ],
)
def test_every_language_has_its_quotes_and_no_letter_is_missing(bench, language, text, there):
    made = build(bench, text, language)
    assert made.problems == ()
    plain = "".join("".join(Printed(made).texts).split())
    assert "".join(there.split()) in plain.replace("\u202f", "")


@pytest.mark.parametrize(
    ("language", "word"),
    [("el", "αντικαταστάσεις "), ("ru", "достопримечательности "), ("fr", "anticonstitutionnellement "),
     ("de", "Donaudampfschifffahrt ")],
)  # fmt: skip
def test_long_words_are_hyphenated_in_their_language(bench, language, word):
    text = "".join(Printed(build(bench, f"{word}a " * 60, language)).texts)
    assert "‐" in text or "\ufffe" in text or "\x02" in text or "-\n" in text
