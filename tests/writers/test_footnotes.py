"""Notes at the foot of pages: how they are marked, and that they show where they go on."""

from __future__ import annotations

import re
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from diptych.checks import ledger

IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
TOML = f'[book]\ntitle = "Feet"\n{IDENTIFIER}[notes]\n{{notes}}\n[edition.print]\ntrim = "105x148mm"\n'
SAID = "Somebody walked along the quay and looked for the ferry, which had left at noon."


def chapter(
    notes: int, name: str = "One", call: str = "[^{0}]", text: str = "[^{0}]: Note {0} of {1}."
) -> str:
    """Write a chapter with a note in every paragraph."""
    body = "\n\n".join(f"{SAID}{call.format(n)} {SAID}" for n in range(notes))
    return f"# {name}\n\n{body}\n\n" + "\n".join(text.format(n, name) for n in range(notes)) + "\n"


def pages(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


def problems(made) -> list[str]:
    return [p.sentence for p in ledger.of_pdf(made.data, made.wanted, made.edition).problems]


def told(page: str) -> list[str]:
    """Give what the notes at a page's foot begin with."""
    return re.findall(r"^(\S+?)\.? Note \d+ of", page, re.MULTILINE)


# --- marks by the page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "wanted"), [("arabic", "1 2 3 4 5 6 7 8 9".split()), ("symbols", "* † ‡ § ** †† ‡‡".split())]
)
def test_marks_begin_anew_on_each_page(bench, marks, wanted):
    notes = f'numbering = "page"\nmarks = "{marks}"'
    made = bench.build(
        {"book.toml": TOML.format(notes=notes), "1.md": chapter(24), "2.md": chapter(5, "Two")}
    )
    assert problems(made) == []
    found = [marks for page in pages(made.data) if (marks := told(page))]
    assert len(found) > 5
    for here in found:
        assert here == wanted[: len(here)]


def test_two_series_each_begin_anew(bench):
    call, text = "[^{0}] {0}[^tr:{0}]", "[^{0}]: Note {0} of {1}.\n[^tr:{0}]: Remark {0}."
    files = {"book.toml": TOML.format(notes='numbering = "page"'), "1.md": chapter(16, call=call, text=text)}
    made = bench.build(files)
    assert problems(made) == []
    for page in pages(made.data):
        signs = re.findall(r"^(\S+) Remark", page, re.MULTILINE)
        assert signs == "* † ‡ § ** ††".split()[: len(signs)]
        assert [mark for mark in told(page) if mark.isdigit()] == [str(n + 1) for n in range(len(signs))]


def test_a_note_called_in_a_note_counts_on_the_page_that_shows_the_call(bench):
    text = "[^{0}]: Note {0} of {1}, with more.[^in{0}]\n[^in{0}]: Inner."
    files = {"book.toml": TOML.format(notes='numbering = "page"'), "1.md": chapter(9, text=text)}
    assert problems(bench.build(files)) == []


def test_a_note_that_is_called_again_on_a_later_page_names_its_own(bench):
    text = (
        chapter(9)
        .replace("# One\n\n", "# One\n\nFirst.[^x]\n\n")
        .replace("[^0]:", "Again.[^x] See [](#^x).\n\n[^x]: X.\n[^0]:")
    )
    made = bench.build({"book.toml": TOML.format(notes='numbering = "page"'), "1.md": text})
    assert problems(made) == []
    assert any("Again.1, p. 1 See note 1, p. 1." in re.sub(r"\s+", " ", page) for page in pages(made.data))


def test_the_ledger_tells_of_a_mark_that_does_not_count_by_the_page(bench, monkeypatch):
    from diptych.writers.pdf import footnotes

    right = footnotes.marks
    monkeypatch.setattr(footnotes, "marks", lambda *given: dict.fromkeys(right(*given), "7"))
    made = bench.build({"book.toml": TOML.format(notes='numbering = "page"'), "1.md": chapter(4)})
    assert any("The note 2 ([^1]) has no number where line" in sentence for sentence in problems(made))


def test_an_e_book_counts_by_chapter_instead(bench):
    made = bench.build(
        {
            "book.toml": f'[book]\ntitle = "Feet"\n{IDENTIFIER}[notes]\nnumbering = "page"\n',
            "1.md": chapter(9),
        },
        "epub",
        plain=True,
    )
    assert [each.mark for each in made.wanted] == [str(n + 1) for n in range(9)]


def test_notes_at_the_end_never_count_by_the_page(bench):
    notes = 'numbering = "page"\n[notes.tr]\nplace = "book"'
    files = {
        "book.toml": TOML.format(notes=notes),
        "1.md": chapter(5, call="[^tr:{0}]", text="[^tr:{0}]: Note {0}."),
    }
    book = bench.read(files)
    assert book.manifest.editions[0].policy("tr").numbering == "chapter"


# --- two series at one foot -------------------------------------------------------------------------------------------


def test_the_books_own_notes_stand_before_the_translators(bench):
    call, text = "[^tr:{0}] {0}[^{0}]", "[^{0}]: Note {0} of {1}.\n[^tr:{0}]: Remark {0}."
    made = bench.build({"book.toml": TOML.format(notes=""), "1.md": chapter(16, call=call, text=text)})
    assert problems(made) == []
    for page in pages(made.data):
        kinds = re.findall(r"^\S+ (Note|Remark) \d", page, re.MULTILINE)
        assert kinds == sorted(kinds)


# --- long notes -------------------------------------------------------------------------------------------------------


def long_notes(call: str, text: str) -> dict[str, str]:
    said = "\n\n    ".join(" ".join([SAID] * 6) for _ in range(4))
    text = f"{text} Note {{0}} of {{1}}.\n\n    {said}\n"
    return {"book.toml": TOML.format(notes=""), "1.md": chapter(6, call=call, text=text)}


@pytest.mark.parametrize("name", ["", "tr:"])
def test_a_note_that_runs_on_says_so_where_it_goes_on(bench, name):
    files = long_notes(f"[^{name}{{0}}]", f"[^{name}{{0}}]:")
    made = bench.build(files)
    assert problems(made) == []
    spots = ledger.read_places(made.data)[0]
    pieces = {n: spot for n, spot in spots.items() if n.startswith("fn-c1")}
    runs_over = set()
    for piece, spot in pieces.items():
        stem, _, number = piece.rpartition("_")
        before = (f"{stem}_{int(number) - 1}" if int(number) > 2 else stem) if number.isdigit() else piece
        if pieces[before].page != spot.page:
            runs_over.add(spot.page)
    assert runs_over
    assert {n for n, page in enumerate(pages(made.data)) if "continued" in page} == runs_over


def lines_of_notes(page: pypdfium2.PdfPage) -> list[tuple[float, float, str]]:
    """Give left and right edge and the words of each line of notes, from above."""
    text, found = page.get_textpage(), {}
    for n in range(text.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text, n))
        if SMALL < pdfium.FPDFText_GetFontSize(text, n) < OF_NOTES and character > " ":
            left, bottom, right, _ = text.get_charbox(n, loose=True)
            found.setdefault(round(bottom), []).append((left, right, character))
    return [
        (min(c[0] for c in line), max(c[1] for c in line), "".join(c[2] for c in line))
        for _, line in sorted(found.items(), reverse=True)
    ]


SMALL, OF_NOTES = 9.36, 9.5
"""Sizes of letters between which those of notes are, on these pages."""


def test_a_long_sentence_goes_on_over_pages_at_the_ends_of_lines(bench):
    endless = " ".join(f"{word}{n}" for n in range(60) for word in ("vessel", "of", "administration", "sea"))
    text = f"# One\n\n{SAID * 6}[^1]\n\n{SAID * 40}\n\n[^1]: {endless}.\n"
    made = bench.build({"book.toml": TOML.format(notes=""), "1.md": text})
    assert problems(made) == []
    with pypdfium2.PdfDocument(made.data) as document:
        feet = [lines for page in document if (lines := lines_of_notes(page))]
    assert len(feet) > 1
    for lines in feet:
        assert len(lines) > 1
        left, right = min(line[0] for line in lines), max(line[1] for line in lines)
        assert abs(lines[0][0] - left) < 1 or lines is feet[0]  # what goes on is not indented
        if lines is not feet[-1]:
            assert abs(lines[-1][1] - right) < 1, "the last line of a page is full"
            assert lines[-1][2][-1] not in "-\u2010\u00ad\ufffe\x02", "no page of notes ends in a hyphen"


@pytest.mark.slow
def test_a_note_of_few_lines_is_never_cut(bench):
    text = chapter(40, text="[^{0}]: Note {0} of {1}. " + " ".join([SAID] * 4))
    made = bench.build({"book.toml": TOML.format(notes=""), "1.md": text})
    assert problems(made) == []
    assert [name for name in ledger.read_places(made.data)[0] if re.search(r"fn-c1-\d+_", name)] == []


def test_what_cannot_be_cut_stays_whole(bench):
    rows = "\n    ".join(f"| {n} | row |" for n in range(6))
    listed = "\n    ".join(f"- {SAID}" for _ in range(8))
    text = f"# One\n\n{SAID * 9}[^1]\n\n[^1]: Words.\n\n    | a | b |\n    |---|---|\n    {rows}\n\n    {listed}\n"
    made = bench.build({"book.toml": TOML.format(notes=""), "1.md": text})
    assert problems(made) == []
    (page,) = [page for page in pages(made.data) if "row" in page]
    assert page.count("row") == 6


def test_the_blocks_of_a_page_hold_a_long_note_as_one(bench):
    from diptych import pipeline

    book = bench.read(long_notes("[^{0}]", "[^{0}]:"))
    finished = pipeline._edition(book, book.manifest.editions[0], (), lambda *_: None)
    notes = [block for block in finished.blocks if block.kind == "footnote"]
    areas = {block.page: block for block in finished.blocks if block.kind == "notes"}
    assert len({(note.page, note.name) for note in notes}) == len(notes)
    for page, area in areas.items():
        here = [note for note in notes if note.page == page]
        assert not here or max(note.bottom for note in here) > area.bottom - 3


# --- notes at the end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["chapter", "book"])
@pytest.mark.slow
def test_pages_of_notes_say_to_which_pages_they_belong(bench, place):
    text = chapter(40, text="[^{0}]: Note {0} of {1}. " + " ".join([SAID] * 3))
    for n in range(0, 40, 3):
        text = text.replace(f"Note {n} of One.", f"Note {n} of One. {SAID * (n // 3)}")
    files = {"book.toml": TOML.format(notes=f'place = "{place}"'), "1.md": text}
    made = bench.build(files)
    assert problems(made) == []
    spots = ledger.read_places(made.data)[0]
    first = min(spots[each.note.calls[0].id].page for each in made.wanted) - 1  # the text begins on page 1
    heads, opened = {}, set()
    top = max(spots[each.note.id].y for each in made.wanted)
    for before, each in pairwise([made.wanted[0], *made.wanted]):
        here, call = spots[each.note.id].page, spots[each.note.calls[0].id].page - first
        opens_with_a_rest = spots[each.note.id].y < top - 5 and each is not before
        if here not in heads and opens_with_a_rest:
            heads[here] = [spots[before.note.calls[0].id].page - first]
            opened.add(here)
        heads.setdefault(here, []).append(call)
    assert opened
    opening, *others = sorted(heads)
    found = [re.findall("Notes to pages? .*", page) for page in pages(made.data)]
    assert found[opening] == []
    assert len(others) > 3
    for page in others:
        low, high = heads[page][0], heads[page][-1]
        wanted = f"Notes to page {low}" if low == high else f"Notes to pages {low}–{high}"
        assert [words.strip() for words in found[page]] == ([wanted] if (page - first) % 2 else [])
