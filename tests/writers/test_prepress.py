"""The PDF for paper as a press gets it: its boxes, its inks, its pictures; read back with pikepdf, painted by PDFium."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms

from diptych.checks import pdf as pdf_check
from diptych.problems import BookError

IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
TOML = f'[book]\ntitle = "T"\nlanguage = "en"\n{IDENTIFIER}[edition.print]\n'
RED, BLUE = 0.299, 0.114


def picture(mode, colour, kind="PNG", size=(1200, 800)):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def make(bench):
    """Make a print edition from Markdown, a stylesheet and further files, keys after `[edition.print]` first."""

    def make(text, css="", keys="", **files):
        named = {name.replace("_", "."): data for name, data in files.items()}
        return bench.build({"book.toml": TOML + keys, "1.md": text, "styles/book.css": css, **named})

    return make


def drawing(page):
    """Give what draws a page, as one stream."""
    page.contents_coalesce()
    return page.Contents.read_bytes()


def last(data):
    """The number of the last page on which anything stands; a book ends with an even one."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        drawn = [drawing(page) for page in pdf.pages]
    return max(n for n, each in enumerate(drawn) if re.search(rb"\b(TJ|Do|scn)$", each, re.MULTILINE))


def content(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return drawing(pdf.pages[last(data)]).decode("latin-1")


def painted(data):
    """Paint the last page of a finished file, in colour; 72 dots to the inch."""
    with pypdfium2.PdfDocument(data) as document:
        return document[last(data)].render(scale=1).to_pil().convert("RGB")


def shades(data):
    """What else than paper is on the last page, the commonest first, without what lies between two shades."""
    colours = sorted(painted(data).getcolors(1 << 20), reverse=True)
    return [colour for count, colour in colours if count > 400 and colour != (255, 255, 255)]


def images(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [
            (str(o.ColorSpace), "/SMask" in o)
            for o in pdf.objects
            if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"
        ]


def checked(made):
    from diptych.model import Metadata

    class About:
        metadata = Metadata("T", "u")

    return [problem.sentence for problem in pdf_check.check(made.data, "x.pdf", made.edition, About)]


# --- Boxes ------------------------------------------------------------------------------------------------------------


def test_the_small_book_is_fit_for_a_press(small):
    made = small("print")
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        for page in pdf.pages:
            assert [float(side) for side in page.mediabox] == [0, 0, 432, 648]
            assert page.mediabox == page.trimbox == page.bleedbox == page.cropbox
            assert "/Annots" not in page.obj
        assert "/Outlines" not in pdf.Root
    assert {space for space, _ in images(made.data)} == {"/DeviceGray"}


def test_bleed_is_inside_the_page_and_the_trim_inside_the_bleed(make):
    css = "@page { bleed-top: 9pt; bleed-bottom: 9pt } @page :left { bleed-left: 9pt } @page :right { bleed-right: 9pt }"
    made = make("# One\n\nWords.[^1]\n\n[^1]: A note.\n\n# Two\n\nMore.\n", css)
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        boxes = [
            [[round(float(side), 2) for side in box] for box in (p.mediabox, p.trimbox, p.bleedbox)]
            for p in pdf.pages
        ]
    recto, verso = boxes[0], boxes[1]
    assert recto == [[0, 0, 441, 666], [0, 9, 432, 657], [0, 0, 441, 666]]
    assert verso == [[0, 0, 441, 666], [9, 9, 441, 657], [0, 0, 441, 666]]
    assert checked(made) == []


def test_bleed_may_be_wider_than_weasyprint_says(make):
    with pikepdf.open(io.BytesIO(make("# One\n\nWords.\n", "@page { bleed: 5mm }").data)) as pdf:
        page = pdf.pages[-1]
        assert float(page.trimbox[0]) - float(page.bleedbox[0]) == pytest.approx(5 / 25.4 * 72, 0.001)


def test_what_is_drawn_and_named_moves_with_the_page(make, bench):
    text, css = "# One\n\nWords.\n\n```\ntiles\n```\n", "pre { background: url(tile.png); color: white }"
    tile = picture("RGB", "#888", size=(8, 8))
    plain = make(text, css, tile_png=tile)
    moved = make(text, f"{css} @page {{ bleed: 9pt }}", tile_png=tile)
    cropped = painted(moved.data).crop((9, 9, 441, 657))
    grey = [sum(image.convert("L").histogram()[:250]) for image in (painted(plain.data), cropped)]
    assert grey[0] == pytest.approx(grey[1], rel=0.05)
    places = []
    for made in (plain, moved):
        with pikepdf.open(io.BytesIO(made.data)) as pdf:
            names = list(pdf.Root.Names.Dests.Names)
            places.append(
                {str(n): (float(t[2]), float(t[3])) for n, t in zip(names[::2], names[1::2], strict=True)}
            )
    assert {name: (x + 9, y + 9) for name, (x, y) in places[0].items()} == {
        name: pytest.approx(place, abs=0.01) for name, place in places[1].items()
    }


# --- Inks -------------------------------------------------------------------------------------------------------------


def test_text_is_black_and_nothing_else(make):
    drawn = content(make("# One\n\nWords, *more* and `code`.\n").data)
    assert set(re.findall(r"^(.+) g$", drawn, re.MULTILINE)) == {"0"}
    assert not re.search(r"\b(rg|RG|k|K|cs|CS|gs)$", drawn, re.MULTILINE)


@pytest.mark.parametrize(
    ("colour", "level"),
    [("red", RED), ("#00f", BLUE), ("#808080", 128 / 255), ("device-cmyk(0 0 0 1)", 0), ("device-cmyk(1 0 0 0)", 0.701),
     ("lab(50% 40 20)", 0.466), ("rgba(0, 0, 0, .5)", 0.5), ("rgba(255, 0, 0, .5)", 1 - 0.5 * (1 - RED))],
)  # fmt: skip
def test_colours_become_the_grey_that_is_as_light(make, colour, level):
    made = make("# One\n\nWords.\n", f"p {{ color: {colour} }}")
    levels = [float(found) for found in re.findall(r"^(\S+) g$", content(made.data), re.MULTILINE)]
    assert any(found == pytest.approx(level, abs=0.01) for found in levels), levels
    assert checked(made) == []


def test_what_is_half_transparent_is_told(make):
    made = make("# One\n\n> Pale.\n", "blockquote { opacity: .5 }")
    assert [(problem.code, str(problem.place)) for problem in made.problems] == [
        ("transparency-flattened", "print PDF")
    ]
    assert "0.5 g" in "".join(streams(made.data))
    assert checked(made) == []


def streams(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        forms = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Form"]
        return [form.read_bytes().decode("latin-1") for form in forms]


def test_what_is_wholly_transparent_leaves_no_ink(make):
    made = make("# One\n\nWords **unseen**.\n", "strong { color: transparent }")
    assert "3 Tr" in content(made.data)
    with pypdfium2.PdfDocument(made.data) as document:
        assert "unseen" in document[last(made.data)].get_textpage().get_text_range()
    assert made.problems == ()


DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><defs><linearGradient id="g">
<stop stop-color="#ff0000"/><stop offset="1" stop-color="#0000ff"{}/></linearGradient>
<pattern id="p" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#00ff00"/></pattern></defs>
<rect width="60" height="10" fill="url(#g)"/><rect y="15" width="60" height="10" fill="url(#p)"/>
<rect y="30" width="60" height="10" fill="red" stroke="blue"/></svg>"""


def test_drawings_with_gradients_and_patterns_become_grey(make):
    made = make("# One\n\n![a](a.svg)\n", a_svg=DRAWING.format(""))
    page = painted(made.data)
    assert all(len(set(colour)) == 1 for _, colour in page.getcolors(1 << 20))
    assert {round(255 * RED), round(255 * 0.587)} <= {
        level + n for _, (level, *_) in page.getcolors(1 << 20) for n in (-1, 0, 1)
    }
    row = page.crop((0, 0, page.width, 648)).convert("L")
    assert min(row.get_flattened_data() if hasattr(row, "get_flattened_data") else row.getdata()) < 40
    assert made.problems == ()
    assert checked(made) == []


def test_what_cannot_be_flattened_is_told_with_its_file(make):
    made = make("# One\n\n![a](a.svg)\n", a_svg=DRAWING.format(' stop-opacity=".2"'))
    assert [(problem.code, str(problem.place)) for problem in made.problems] == [
        ("transparency-left", "book/1.md:3")
    ]
    assert "a.svg" in made.problems[0].sentence
    assert [said for said in checked(made) if "soft mask" in said]


# --- Pictures ---------------------------------------------------------------------------------------------------------

PICTURES = {
    "rgb": (picture("RGB", "red"), RED),
    "rgba": (picture("RGBA", (255, 0, 0, 128)), 1 - 128 / 255 * (1 - RED)),
    "grey": (picture("L", 99), 99 / 255),
    "la": (picture("LA", (0, 51)), 0.8),
    "palette": (picture("P", 0), 0),
    "bilevel": (picture("1", 0), 0),
    "jpeg": (picture("RGB", "red", "JPEG"), RED),
    "cmyk": (picture("CMYK", (0, 0, 0, 128), "JPEG"), 1 - 128 / 255),
    "gif": (picture("P", 0, "GIF"), 0),
    "webp": (picture("RGB", "blue", "WEBP"), BLUE),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_become_grey(make, kind):
    data, level = PICTURES[kind]
    made = make("# One\n\n![a](a.png)\n", "img { width: 90mm }", a_png=data)
    assert images(made.data) == [("/DeviceGray", False)]
    assert shades(made.data)[0][0] / 255 == pytest.approx(level, abs=0.015)
    assert made.problems == ()


@pytest.mark.parametrize(
    ("kind", "space", "seen"),
    [
        ("rgb", "/DeviceRGB", (255, 0, 0)),
        ("rgba", "/DeviceRGB", (255, 127, 127)),
        ("cmyk", "/DeviceCMYK", (147, 149, 152)),
    ],
)
def test_pictures_keep_their_colours_where_the_press_has_them(make, kind, space, seen):
    made = make(
        "# One\n\n![a](a.png)\n", "img { width: 90mm }", 'colour = "colour"\n', a_png=PICTURES[kind][0]
    )
    assert images(made.data) == [(space, False)]
    assert shades(made.data)[0] == pytest.approx(seen, abs=20)
    assert set(re.findall(r"^.*[01.]+ (?:rg|g)$", content(made.data), re.MULTILINE)) == {"0 g"}


def test_a_grey_picture_is_not_packed_again(make):
    grey = picture("L", 99, "JPEG")
    made = make("# One\n\n![a](a.jpg)\n", "img { width: 90mm }", a_jpg=grey)
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        found = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]
        assert [image.read_raw_bytes() for image in found] == [grey]


@pytest.mark.parametrize(("wide", "said"), [(100, ""), (140, "218"), (110, "277"), (220, "139"), (350, "87")])
def test_a_picture_that_is_too_coarse_is_told_with_its_line(make, wide, said):
    css = f"img {{ width: {wide}mm; max-width: none; max-height: none }}"
    made = make("# One\n\nWords.\n\n![a](a.png)\n", css, a_png=picture("L", 99))
    told = [problem for problem in made.problems if problem.code.endswith("coarse")]
    assert [str(problem.place) for problem in told] == (["book/1.md:5"] if said else [])
    assert all(f"has {said} dots" in problem.sentence for problem in told)
    assert all((problem.code == "picture-too-coarse") == (wide > 200) for problem in told)
    assert all(("may refuse" in problem.sentence) == (300 > wide > 200) for problem in told)
    assert all(("will be seen" in problem.sentence) == (wide > 300) for problem in told)


# --- PDF/X ------------------------------------------------------------------------------------------------------------


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(("standard", "version"), [("x-1a:2001", "1.3"), ("x-3:2002", "1.3"), ("x-4", "1.6")])
def test_pdf_x_says_so_and_keeps_it(make, standard, version):
    keys = f'pdf = "{standard}"\ncondition = "FOGRA39"\nprofile = "press.icc"\n'
    made = make(
        "# One\n\nWords.[^1]\n\n![a](a.png)\n\n[^1]: A note.\n",
        "",
        keys,
        a_png=PICTURES["rgba"][0],
        press_icc=PROFILE,
    )
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        assert pdf.pdf_version == version
        assert str(pdf.docinfo["/Trapped"]) == "/False"
        intent = pdf.Root.OutputIntents[0]
        assert (intent.S, str(intent.OutputConditionIdentifier)) == ("/GTS_PDFX", "FOGRA39")
        assert intent.DestOutputProfile.read_bytes() == PROFILE
        said = str(pdf.docinfo.get("/GTS_PDFXVersion", ""))
        assert said == {"x-1a:2001": "PDF/X-1:2001", "x-3:2002": "PDF/X-3:2002"}.get(standard, "")
    assert checked(made) == []


def test_a_file_that_breaks_a_rule_is_not_made(make):
    keys = 'pdf = "x-1a:2001"\ncondition = "FOGRA39"\ncolour = "colour"\n'
    with pytest.raises(BookError) as wrong:
        make("# One\n\n![a](a.png)\n", "", keys, a_png=PICTURES["rgb"][0])
    assert "There is RGB colour on page" in str(wrong.value)


def test_pdf_x_needs_to_know_how_it_is_printed(make):
    with pytest.raises(BookError, match="says how it is to be printed"):
        make("# One\n\nWords.\n", "", 'pdf = "x-1a:2001"\n')
    with pytest.raises(BookError, match="carries the printer's colour profile"):
        make("# One\n\nWords.\n", "", 'pdf = "x-4"\ncondition = "FOGRA39"\n')
    with pytest.raises(BookError, match="is no ICC colour profile"):
        make("# One\n\nWords.\n", "", 'pdf = "x-4"\nprofile = "a.icc"\n', a_icc=b"no")


def test_the_same_book_gives_the_same_file(make):
    keys = 'pdf = "x-3:2002"\ncondition = "FOGRA39"\n'
    made = [make("# One\n\n![a](a.png)\n", "", keys, a_png=PICTURES["rgb"][0]).data for _ in range(2)]
    assert made[0] == made[1]
