"""Faces: code has one of its own, other scripts bring theirs, and no book pays for letters that it does not have."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from diptych import files, themes
from diptych.model import Edition

TOML = '[book]\ntitle = "x"\nlanguage = "{}"\n[edition.print]\n'


def fonts(data: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary)]
        return {str(f.FontName).split("+")[1] for f in found if f.get("/Type") == "/FontDescriptor"}


def printed(bench, text: str, language: str = "en"):
    return bench.build({"book.toml": TOML.format(language), "a.md": f"# A\n\n{text}\n"}, "print")


def theme(text: str, faces=None):
    known = files.read_faces() if faces is None else faces
    made, problems = themes.make(Edition("print", "pdf"), files.read_themes(), known, {}, "book", text)
    assert problems == ()
    return made


def test_code_is_set_in_a_face_of_fixed_width(bench):
    assert "IBM-Plex-Mono" in fonts(printed(bench, "Press `x = fi`.").data)
    assert "IBM-Plex-Mono" not in fonts(printed(bench, "No code.").data)


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("*слово* и дело", "Source-Serif-Pro-Italic"),
        ("*λόγος* και έργο", "Source-Serif-Pro-Italic"),
        ("שָׁלוֹם **עולם**", "Frank-Ruhl-Libre-Bold"),
        ("كان يا ما *كان*", "Amiri"),
        ("茶馆的钟。", "Noto-Serif-SC"),
        pytest.param("茶馆的钟，**停了**。", "Noto-Serif-SC-Bold", marks=pytest.mark.slow),
    ],
)
def test_every_script_has_its_letters(bench, text, face):
    made = printed(bench, text)
    assert made.problems == ()
    assert face in fonts(made.data)


def test_a_book_carries_the_faces_of_its_scripts_alone():
    plain = {file.path for file in theme("Plain words.").files}
    assert not [
        path for path in plain if "Amiri" in path or "Ruhl" in path or "SC" in path or "Serif4" in path
    ]
    assert {file.path for file in theme("שלום").files} - plain == {
        "fonts/FrankRuhlLibre[wght=400].ttf",
        "fonts/FrankRuhlLibre[wght=700].ttf",
    }


def test_a_plain_book_reads_none_of_the_large_faces(monkeypatch):
    read = []
    real = files.Faces.__getitem__
    monkeypatch.setattr(
        files.Faces, "__getitem__", lambda faces, name: read.append(name) or real(faces, name)
    )
    theme("Plain words.")
    assert read
    assert not [name for name in read if "SC-" in name or "Amiri" in name]


def test_a_face_is_not_read_before_it_is_asked_for(tmp_path):
    faces = files.Faces([tmp_path / "missing.ttf"])
    assert "missing.ttf" in faces
    assert list(faces) == ["missing.ttf"]
    with pytest.raises(FileNotFoundError):
        faces["missing.ttf"]


def test_without_the_large_faces_chinese_letters_are_told_with_the_command_that_brings_them(
    bench, monkeypatch
):
    there = files.read_faces()
    small = files.Faces(path for name, path in there._paths.items() if "SC-" not in name)
    monkeypatch.setattr(files, "read_faces", lambda: small)
    book = bench.read({"book.toml": TOML.format("zh"), "a.md": "# A\n\nWords.\n\n茶馆\n"})
    told = [p for p in book.problems if p.code == "letter-missing"]
    assert [(p.place.line, "build.py faces" in p.hint) for p in told] == [(5, True), (5, True)]


def test_a_letter_that_no_face_has_is_still_told(bench):
    book = bench.read({"book.toml": TOML.format("en"), "a.md": "# A\n\nWords.\n\nA cuneiform sign: 𒀀\n"})
    told = [p for p in book.problems if p.code == "letter-missing"]
    assert [(p.place.line, "fonts/" in p.hint) for p in told] == [(5, True)]


@pytest.mark.parametrize("text", ["**שָׁלוֹם** עולם", "*λόγος* слово ***слово***"])
@pytest.mark.slow
def test_words_are_drawn_as_wide_as_they_were_measured(bench, text):
    """Of a variable face WeasyPrint draws one cut and measures another."""
    made = printed(bench, text)
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        faces = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary)]
        for face in (f for f in faces if f.get("/Subtype") == "/CIDFontType2"):
            drawn = TTFont(io.BytesIO(face.FontDescriptor.FontFile2.read_bytes()))
            scale = 1000 / drawn["head"].unitsPerEm
            order = drawn.getGlyphOrder()
            said = list(face.W)
            for first, widths in zip(said[::2], said[1::2], strict=True):
                for n, width in enumerate(widths):
                    real = drawn["hmtx"][order[int(first) + n]][0] * scale
                    assert abs(float(width) - real) < 1.5, (face.BaseFont, int(first) + n)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "Upright [nato]{.smallcaps} and\n**bold [nato]{.smallcaps}**.", [], id="faces that have them"
        ),
        pytest.param("*Slanted\n[NATO]{.smallcaps}*.", [], id="plain capitals"),
        pytest.param(
            "Some.\n\nThen *slanted [nato]{.smallcaps}* and *[un]{.smallcaps}*.\n",
            [
                "book/a.md:5: warning: “nato” is to stand in small capitals, and the italic face of Source Serif Pro has none"
            ],
            id="an italic that has none",
        ),
        pytest.param("Call.[^1]\n\n[^1]: A *note [nato]{.smallcaps}*.\n", ["book/a.md:5: "], id="in a note"),
    ],
)
def test_small_capitals_that_a_face_has_not_are_told(bench, text, told):
    found = [each for each in printed(bench, text).problems if each.code == "small-caps-missing"]
    assert len(found) == len(told)
    assert all(str(each).startswith(line) for each, line in zip(found, told, strict=True))


@pytest.mark.parametrize(("edition", "arrows"), [("screen", 2), ("print", 0)])
def test_what_leads_back_to_later_calls_is_in_the_face_of_the_text(bench, edition, arrows):
    toml = TOML.format("en").replace("print", edition) + '[notes]\nplace = "book"\n'
    made = bench.build(
        {"book.toml": toml, "a.md": "# A\n\nOne[^1] two[^1] three.[^1]\n\n[^1]: A note.\n"}, edition
    )
    with pypdfium2.PdfDocument(made.data) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert text.count("↑") == arrows
    assert all("Serif" in name for name in fonts(made.data))
