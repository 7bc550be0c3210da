"""The page: its boxes and margins, the lines of its text, the gutter that follows the length of the book."""

from __future__ import annotations

import ctypes
import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from diptych import designs, files, manifest
from diptych.checks import pdf as pdf_check
from diptych.model import Edition, Gutter
from diptych.writers.pdf import geometry

POINT = 25.4 / 72
TOML = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.{}]\n'
WORDS = (
    "The council sat until the lamps were lit and nobody could say who had called it. Letters came from the front and "
    "went unanswered; what had been decided in the morning was forgotten by night, and what was forgotten was done. "
)
TRIMS = ("5x8", "5.5x8.5", "a5", "6x9")
THEMES = sorted({path.split("/")[0] for path in files.read_themes()})


def page_of(trim="6x9", pages=0, medium="print", theme="classic", **more):
    width, height = manifest.TRIMS[trim] if isinstance(trim, str) else trim
    edition = Edition("e", "pdf", theme=theme, medium=medium, width=width, height=height, **more)
    return geometry.of(edition, designs.read(theme, files.read_themes(), "book")[1], pages)


def boxes(data, number):
    """The three boxes of a page in millimetres: left, bottom, right, top, from the corner of the trimmed page."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[number]
        left, bottom = (float(side) for side in page.trimbox[:2])
        found = (page.mediabox, page.trimbox, page.bleedbox)
        return [
            [round((float(s) - (bottom if n % 2 else left)) * POINT, 1) for n, s in enumerate(b)]
            for b in found
        ]


def lines(data, number):
    """The lines of a page as (baseline in points from below, text), from above."""
    with pypdfium2.PdfDocument(data) as document:
        page = document[number].get_textpage()
        x, y, found = ctypes.c_double(), ctypes.c_double(), {}
        for index in range(page.count_chars()):
            if not pdfium.FPDFText_IsGenerated(page, index):
                pdfium.FPDFText_GetCharOrigin(page, index, x, y)
                found.setdefault(round(y.value, 1), []).append(chr(pdfium.FPDFText_GetUnicode(page, index)))
    return sorted(((y, "".join(letters)) for y, letters in found.items()), reverse=True)


# --- the page as a value ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("medium", ["print", "screen"])
@pytest.mark.parametrize("trim", [*manifest.TRIMS, (120.0, 190.0), (228.6, 152.4), (70.0, 100.0)])
def test_the_text_block_fills_the_page_with_whole_lines(theme, medium, trim):
    page = page_of(trim, medium=medium, theme=theme)
    assert page.inner + page.measure + page.outer == pytest.approx(page.width)
    assert page.top + page.depth + page.bottom == pytest.approx(page.height)
    assert page.depth == pytest.approx(page.lines * page.leading * POINT)
    assert page.size < page.leading < 1.6 * page.size


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("trim", TRIMS)
def test_printers_find_the_margins_that_they_ask_for(theme, trim):
    for pages in (24, 150, 151, 300, 301, 500, 501, 700, 701, 828):
        page = page_of(trim, pages, theme=theme)
        inner = next(
            least
            for most, least in ((150, 9.6), (300, 12.7), (500, 15.9), (700, 19.1), (828, 22.3))
            if pages <= most
        )
        assert page.inner >= max(inner, 12.7)
        assert min(page.outer, page.top, page.bottom) >= 12.7 - 1e-9


def test_a_screen_has_no_fold():
    page = page_of(medium="screen", bleed=3.0)
    assert (page.inner, page.bleed) == (page.outer, 0)


def test_a_thick_book_has_a_wide_gutter_and_the_text_moves_before_it_narrows():
    thin, thick, brick = (page_of("5x8", pages) for pages in (100, 500, 600))
    assert thin.inner == thick.inner < brick.inner
    assert thin.measure == thick.measure > brick.measure
    assert thick.outer > brick.outer == pytest.approx(12.7)


def test_the_gutter_of_a_book_is_that_of_the_first_row_which_reaches_so_far():
    rows = (Gutter(10, 5.0), Gutter(20, 7.0))
    assert [geometry.gutter(rows, pages) for pages in (1, 10, 11, 20, 99)] == [5.0, 5.0, 7.0, 7.0, 7.0]


def test_a_size_between_two_known_ones_gets_type_between_theirs():
    small, middle, large = (page_of(trim) for trim in ("5x8", (134.0, 210.0), "5.5x8.5"))
    assert small.size < middle.size < large.size
    assert small.measure < middle.measure < large.measure


# --- built pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trim", TRIMS)
def test_a_line_has_sixty_to_seventy_two_characters(bench, trim):
    text = "\n\n".join([WORDS * 4] * 6)
    made = bench.build(
        {"book.toml": f'{TOML.format("print")}trim = "{trim}"\n', "1.md": f"# One\n\n{text}\n"}
    )
    found = [len(text) for number in (4, 5) for _, text in lines(made.data, number)]
    full = [length for length in found if length > 50]
    assert 60 <= sum(full) / len(full) <= 72


def test_printed_pages_are_even_and_the_last_is_blank(bench):
    for chapters in (1, 2):
        texts = {f"{n}.md": f"# Chapter {n}\n\nWords.\n" for n in range(chapters)}
        made = bench.build({"book.toml": TOML.format("print"), **texts})
        with pikepdf.open(io.BytesIO(made.data)) as pdf:
            assert len(pdf.pages) % 2 == 0
            pdf.pages[-1].contents_coalesce()
            assert b"Tj" not in pdf.pages[-1].Contents.read_bytes()
            assert b"TJ" not in pdf.pages[-1].Contents.read_bytes()


@pytest.mark.slow
def test_the_book_is_laid_out_again_when_it_is_thicker_than_its_gutter_allows(bench, monkeypatch):
    """And once more when the text that became narrower makes it still thicker; both runs, and never back."""
    from diptych.writers import pdf

    book = bench.read(
        {"book.toml": TOML.format("print"), "1.md": f"# One\n\n{WORDS * 60}\n", "2.md": "# Two\n\nB.\n"}
    )
    theme = book.themes["print"]
    length = len(pikepdf.open(io.BytesIO(bench.make(book).data)).pages)
    rows = (Gutter(length - 1, 13.0), Gutter(length, 52.0), Gutter(length + 40, 60.0))
    asked, css = [], geometry.css
    monkeypatch.setattr(pdf.geometry, "css", lambda page: asked.append(page.inner) or css(page))
    themes = {"print": replace(theme, design=replace(theme.design, gutters=rows))}
    made = bench.make(replace(book, themes=themes))
    assert (asked, asked[-1]) == (sorted(asked), 60.0)
    assert [left(made.data, number) for number in (4, 6)] == pytest.approx([60.0] * 2, abs=1)


def left(data, number):
    """Where the letters of a page begin, in millimetres."""
    with pypdfium2.PdfDocument(data) as document:
        page = document[number].get_textpage()
        return min(page.get_charbox(n)[0] for n in range(page.count_chars())) * POINT


@pytest.mark.parametrize(("edges", "fold"), [(3, 0.0), (4, 3.2)])
def test_the_page_goes_beyond_the_trimmed_edge_where_there_is_bleed(bench, edges, fold):
    toml = f'{TOML.format("print")}bleed = "0.125in"\nbleed-edges = {edges}\n'
    data = bench.build({"book.toml": toml, "1.md": "# One\n\nWords.\n"}).data
    recto, verso = [-fold, -3.2, 155.6, 231.8], [-3.2, -3.2, 152.4 + fold, 231.8]
    for number, media in ((0, recto), (1, verso)):
        assert boxes(data, number) == [
            pytest.approx(media, abs=0.1),
            [0.0, 0.0, 152.4, 228.6],
            pytest.approx(media, abs=0.1),
        ]


def test_the_check_of_pages_measures_the_trimmed_page(bench):
    book = bench.read({"book.toml": f'{TOML.format("print")}bleed = "3mm"\n', "1.md": "# One\n\nWords.\n"})
    made = bench.make(book)
    assert pdf_check.check(made.data, "t.pdf", made.edition, book.manifest) == ()
    (wrong,) = pdf_check.check(made.data, "t.pdf", replace(made.edition, width=140.0), book.manifest)
    assert wrong.code == "page-size"


def test_without_bleed_the_page_is_the_trimmed_one(bench):
    data = bench.build({"book.toml": TOML.format("print"), "1.md": "# One\n\nWords.\n"}).data
    assert boxes(data, 0)[0] == boxes(data, 0)[1]


@pytest.mark.parametrize(("bleed", "reaches"), [("", 0.0), ('bleed = "3mm"\n', 3.0)])
def test_a_full_bleed_picture_reaches_the_edge_of_the_bleed(bench, picture, bleed, reaches):
    text = f"# One\n\n{WORDS}\n\n![A wall](wall.png){{.full-bleed}}\n\n/// caption\nA wall.[^1]\n///\n\n{WORDS}\n\n[^1]: Of brick.\n"
    files = {"book.toml": TOML.format("print") + bleed, "1.md": text, "wall.png": picture(300, 300)}
    made = bench.build(files)
    with pypdfium2.PdfDocument(made.data) as document:
        number = next(n for n in range(len(document)) if any(o.type == 3 for o in document[n].get_objects()))
        page = document[number]
        (image,) = (each for each in page.get_objects() if each.type == 3)
        assert page.get_textpage().count_chars() == 0
        left, bottom, *_ = page.get_trimbox()
        found = [(side - (bottom if n % 2 else left)) * POINT for n, side in enumerate(image.get_bounds())]
        assert "A wall." in document[number + 1].get_textpage().get_text_range()
    told = [(each.place.line, str(each.severity)) for each in made.problems if each.code == "picture-unbled"]
    assert told == ([] if bleed else [(7, "hint")])
    assert found[0] <= -reaches + 0.01
    assert found[1] <= -reaches + 0.01
    assert found[2] >= 152.4 + reaches - 0.01
    assert found[3] >= 228.6 + reaches - 0.01
