"""Themes: what they are made of, what is said of a broken one, and that each fits every page."""

from __future__ import annotations

import ctypes
import io

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from printed import read

from diptych import designs, files, themes
from diptych.checks import ledger
from diptych.model import Edition, File

TOML = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
OURS = files.read_themes()
NAMES = sorted({path.split("/")[0] for path in OURS})


def with_theme(**said):
    return OURS | {f"{name}/theme.toml": File("theme.toml", text.encode()) for name, text in said.items()}


def made(theme, writer="pdf", **more):
    edition = Edition("e", writer, theme=theme, medium="print", **more)
    return themes.make(edition, OURS, files.read_faces(), {}, "book")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("writer", ["pdf", "epub"])
@pytest.mark.parametrize("face", ["serif", "sans"])
def test_every_theme_is_whole(name, writer, face):
    theme, problems = made(name, writer, face=face)
    assert problems == ()
    assert theme.design.settings
    assert [sheet.path for sheet in theme.stylesheets][:2] == [
        "styles/classic/fonts.css",
        "styles/classic/text.css",
    ]


def test_a_theme_follows_the_one_that_it_is_like():
    sheets = [sheet.path for sheet in made("large")[0].stylesheets]
    assert sheets.index("styles/classic/paged.css") + 1 == sheets.index("styles/large/paged.css")
    assert made("large")[0].design.gutters == made("classic")[0].design.gutters


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'like = "clasic"',
            'styles/mine/theme.toml:1: error: There is no theme called "clasic". Did you mean classic?',
        ),
        ('like = "mine"', 'styles/mine/theme.toml:1: error: The theme "mine" is like itself.'),
        (
            "x = 1\nlike = = ",
            "styles/mine/theme.toml:2: error: This theme's data cannot be used: Invalid value (at line 2, column 8).",
        ),
        ("", "styles/mine/theme.toml:1: error: This theme's data cannot be used: type is missing."),
        (
            'like = "classic"\ntype = 3',
            "styles/mine/theme.toml:1: error: This theme's data cannot be used: 'int' object is not iterable.",
        ),
    ],
)
def test_what_is_wrong_with_a_theme_is_told_with_its_place(said, told):
    (problem,) = designs.read("mine", with_theme(mine=said), "book")[2]
    assert str(problem).startswith(told)


PARTS = "# One\n\n## Section\n\nWords.[^1] `code` [NATO]{.smallcaps}\n\n| a | b |\n|---|---|\n| c | d |\n\n> Quoted.\n\n[^1]: A note.\n"


def sizes(data):
    """The sizes of the letters of a PDF in points, as drawn."""
    found, size = set(), ctypes.c_float()
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            for each in page.get_objects():
                if each.type == pdfium.FPDF_PAGEOBJ_TEXT and pdfium.FPDFTextObj_GetFontSize(each.raw, size):
                    found.add(round(size.value * abs(each.get_matrix().d), 1))
    return found


def test_large_print_is_large_to_the_last_letter(bench):
    book = {
        "book.toml": TOML + '[edition.print]\ntheme = "large"\n',
        "1.md": PARTS,
        "2.md": "# Two\n\nWords.\n",
    }
    found = sizes(bench.build(book).data)
    assert min(found) >= 13.9
    assert min(size for size in found if size > 15) >= 16


@pytest.mark.parametrize("theme", NAMES)
def test_every_theme_sets_every_face(bench, theme):
    for face, font in (("serif", "SourceSerif"), ("sans", "SourceSans")):
        toml = f'{TOML}[edition.print]\ntheme = "{theme}"\nface = "{face}"\n'
        made = bench.build({"book.toml": toml, "1.md": f"# One\n\n{'Words of the text. ' * 40}\n"})
        with pypdfium2.PdfDocument(made.data) as document:
            fonts = [each.get_font().get_base_name() for each in document[4].get_objects() if each.type == 1]
        assert max(set(fonts), key=fonts.count).partition("+")[2].replace("-", "").startswith(font)


@pytest.mark.slow
@pytest.mark.parametrize("theme", NAMES)
@pytest.mark.parametrize("trim", ["5x8", "5.5x8.5", "6x9", "a5", "120x190mm"])
def test_every_theme_fits_every_page(bench, small_book, theme, trim):
    files = small_book | {
        "book.toml": f'{small_book["book.toml"]}[edition.epub]\n[edition.print]\ntheme = "{theme}"\ntrim = "{trim}"\n'
    }
    found = bench.build(files, "print")
    assert [
        problem for problem in found.problems if "margin" in problem.code or "off-page" in problem.code
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_note_of_a_heading_is_found_in_every_theme(bench, name):
    """Its number stands the higher over the line, the larger the heading is."""
    toml = f'{TOML}[edition.print]\ntheme = "{name}"\ntrim = "a4"\n'
    text = "---\nrole: part\n---\n# A Part[^1]\n\n[^1]: A note.\n"
    made = bench.build({"book.toml": toml, "1.md": text, "2.md": "# One[^1]\n\nWords.\n\n[^1]: A note.\n"})
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()


def test_sans_text_is_in_the_sans_throughout_its_hyphens_too(bench):
    text = (
        "Notwithstanding administrative responsibilities, representatives recommended internationalisation. "
        * 6
    )
    toml = TOML.replace("[identifier]", 'language = "en"\n[identifier]')
    toml += '[edition.print]\nface = "sans"\n'
    made = bench.build({"book.toml": toml, "1.md": f"# One\n\n{text}[^1]\n\n[^1]: {text}\n"})
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        faces = {
            str(each.FontName)[8:]
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/FontName" in each
        }
    assert any(line.hyphenated for page in read(made.data) for line in page.lines)
    assert faces == {"Source-Sans-Pro"}


@pytest.mark.parametrize("face", ["serif", "sans"])
def test_what_is_slanted_and_strong_is_both_in_cyrillic(bench, face):
    toml = (
        TOML.replace("[identifier]", 'language = "ru"\n[identifier]') + f'[edition.print]\nface = "{face}"\n'
    )
    made = bench.build({"book.toml": toml, "1.md": "# Раз\n\nОн чинил *чужое время* и ***что именно***.\n"})
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        faces = {
            str(each.FontName)[8:]
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/FontName" in each
        }
    assert len({name for name in faces if "Italic" in name}) == 2, faces
