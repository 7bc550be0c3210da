"""Pictures in an EPUB: as they are, unless the edition wants them smaller or plainer; named by what they are."""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml import etree
from PIL import Image, ImageCms, ImageDraw

from diptych import work
from diptych.model import Edition, File
from diptych.writers.epub import images

TOML = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
KINDLE = {"image_size": 40, "simple": True}


def painted(mode="RGB", size=(80, 60), kind="PNG", **how):
    """A picture with something in it: a dark disc on a light ground, or on none."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0) if "A" in mode else (240, 230, 220, 255))
    ImageDraw.Draw(picture).ellipse((10, 10, size[0] - 10, size[1] - 10), fill=(120, 20, 20, 255))
    out = io.BytesIO()
    picture = picture if mode == "RGBA" else picture.convert("RGB" if mode == "CMYK" else mode)
    (picture.convert("CMYK") if mode == "CMYK" else picture).save(out, kind, **how)
    return out.getvalue()


def moving(kind="GIF"):
    """A picture of two frames."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def made(data, path="a.png", **changes):
    """What becomes of a picture in an edition: its name, and its bytes."""
    edition = Edition("epub", "epub", **changes)
    picture = images._planned(File(path, data), edition)
    (file,) = images.files({path: picture}, edition, work.ALONE)
    return file


def look(file):
    with Image.open(io.BytesIO(file.data)) as opened:
        opened.load()
        return opened.format, opened.mode, opened.size


GIVEN = {
    "JPEG": painted(kind="JPEG"), "PNG": painted(), "transparent": painted("RGBA"), "GIF": painted("P", kind="GIF"),
    "WEBP": painted(kind="WEBP"), "CMYK": painted("CMYK", kind="JPEG"), "moving": moving(), "grey": painted("L"),
}  # fmt: skip


@pytest.mark.parametrize("kind", GIVEN)
def test_a_picture_stays_as_it_is(kind):
    assert made(GIVEN[kind]).data == GIVEN[kind]


@pytest.mark.parametrize(
    ("data", "path", "wanted"),
    [
        (GIVEN["JPEG"], "images/a.jpg", "images/a.jpg"),
        (GIVEN["JPEG"], "images/a.jpeg", "images/a.jpeg"),
        (GIVEN["JPEG"], "images/a.png", ".jpg"),
        (GIVEN["PNG"], "images/a.jpg", ".png"),
        (GIVEN["GIF"], "a.png", ".gif"),
        (GIVEN["WEBP"], "a.jpg", ".webp"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "a.svg"),
    ],
)
def test_the_name_says_what_the_bytes_are(data, path, wanted):
    name = made(data, path).path
    assert name.endswith(wanted)
    assert (name == path) is (wanted == path)


def test_two_pictures_keep_two_names(bench):
    book = {"book.toml": TOML, "a.jpg": GIVEN["JPEG"], "a.png": painted(kind="JPEG", quality=20),
            "1.md": "# One\n\n![A](a.jpg)\n\n![B](a.png)\n"}  # fmt: skip
    found = opened(bench.build(book, plain=True).data)
    shown = etree.fromstring(found["EPUB/c1.xhtml"]).xpath("//@src")
    assert [found[f"EPUB/{src}"] for src in shown] == [book["a.jpg"], book["a.png"]]
    items = {
        e.get("href"): e.get("media-type")
        for e in etree.fromstring(found["EPUB/content.opf"]).iter("{*}item")
    }
    assert [items[src] for src in shown] == ["image/jpeg", "image/jpeg"]


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("JPEG", ("JPEG", "RGB", (40, 30))),
        ("PNG", ("PNG", "RGB", (40, 30))),
        ("grey", ("PNG", "L", (40, 30))),
        ("transparent", ("PNG", "RGBA", (40, 30))),
        ("GIF", ("PNG", "RGB", (40, 30))),
        ("WEBP", ("JPEG", "RGB", (40, 30))),
        ("CMYK", ("JPEG", "RGB", (40, 30))),
    ],
)
def test_a_large_picture_is_scaled_down(kind, wanted):
    assert look(made(GIVEN[kind], image_size=40)) == wanted


def test_a_picture_that_is_small_enough_stays_as_it_is():
    assert made(GIVEN["PNG"], image_size=80).data == GIVEN["PNG"]


def test_a_picture_that_moves_is_not_scaled():
    assert made(GIVEN["moving"], image_size=10).data == GIVEN["moving"]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("transparent", ("PNG", "RGB", (80, 60))),
        ("WEBP", ("JPEG", "RGB", (80, 60))),
        ("CMYK", ("JPEG", "RGB", (80, 60))),
        ("moving", ("PNG", "RGB", (20, 20))),
    ],
)
def test_a_plain_picture_is_what_a_kindle_takes(kind, wanted):
    assert look(made(GIVEN[kind], simple=True)) == wanted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "grey"])
def test_what_is_plain_already_stays_as_it_is(kind):
    assert made(GIVEN[kind], simple=True).data == GIVEN[kind]


def test_where_it_was_transparent_it_is_white():
    with Image.open(io.BytesIO(made(GIVEN["transparent"], simple=True).data)) as flat:
        assert flat.getpixel((0, 0)) == (255, 255, 255)
        assert flat.getpixel((40, 30)) == (120, 20, 20)


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_grey_and_palettes_are_flattened_too(mode):
    data = painted("LA") if mode == "LA" else painted("P", transparency=0)
    kind, mode, _ = look(made(data, simple=True))
    assert kind == "PNG"
    assert mode in ("L", "RGB")


def test_inks_become_the_colours_they_were():
    with Image.open(io.BytesIO(made(GIVEN["CMYK"], simple=True).data)) as turned:
        red, green, blue = turned.getpixel((40, 30))
    assert red > 90
    assert green < 50
    assert blue < 50


def test_a_picture_lying_on_its_side_is_turned_before_it_is_written_anew():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert look(made(painted(kind="JPEG", exif=exif), image_size=40))[2] == (30, 40)


def test_a_profile_of_colours_stays_with_them():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with Image.open(io.BytesIO(made(painted(icc_profile=profile), image_size=40).data)) as scaled:
        assert scaled.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", GIVEN)
def test_the_same_picture_gives_the_same_bytes(kind):
    assert made(GIVEN[kind], **KINDLE) == made(GIVEN[kind], **KINDLE)


def test_sixteen_bits_are_enough_for_two_editions():
    out = io.BytesIO()
    Image.new("I;16", (80, 60), 40_000).save(out, "PNG")
    scaled = made(out.getvalue(), image_size=40)
    assert look(scaled) == ("PNG", "L", (40, 30))
    with Image.open(io.BytesIO(scaled.data)) as grey:
        assert grey.getpixel((0, 0)) == 40_000 >> 8


# --- What shops refuse ------------------------------------------------------------------------------------------------


def told(bench, data, name="a.jpg", **changes):
    book = {"book.toml": TOML, "1.md": f"# One\n\n![A picture]({name})\n", name: data}
    made = bench.build(book, "epub", plain=True, **changes)
    return [(problem.severity, problem.code, str(problem.place)) for problem in made.problems]


@pytest.fixture(scope="module")
def large():
    out = io.BytesIO()
    Image.new("L", (2500, 2300)).save(out, "PNG")
    return out.getvalue()


def test_too_many_pixels_are_told(bench, large):
    assert told(bench, large, "a.png") == [("warning", "image-large", "book/a.png")]


@pytest.mark.parametrize("changes", [{"image_size": 2300}, {"simple": True}])
def test_a_picture_that_is_scaled_is_not_told(bench, large, changes):
    assert told(bench, large, "a.png", **changes) == []


def test_colours_for_the_printing_press_are_told(bench):
    assert told(bench, GIVEN["CMYK"]) == [("warning", "image-cmyk", "book/a.jpg")]
    assert told(bench, GIVEN["CMYK"], simple=True) == []


def test_the_cover_is_looked_at_too_but_becomes_rgb_in_any_case(bench, large):
    toml = TOML.replace('"T"', '"T"\ncover = "front.jpg"')
    for data, told in ((large, ["image-large"]), (GIVEN["CMYK"], [])):
        book = {"book.toml": toml, "1.md": "# One\n\nA.\n", "front.jpg": data}
        assert [problem.code for problem in bench.build(book, "epub", plain=True).problems] == told


def test_a_picture_of_a_stylesheet_is_carried_once(bench):
    css = 'h1 { background: url("a.png") } h2 { background: url("b.png") }'
    pictures = {"a.png": GIVEN["PNG"], "b.png": GIVEN["grey"]}
    book = {"book.toml": TOML, "1.md": "# One\n\n![A](a.png)\n", "styles/book.css": css, **pictures}
    found = opened(bench.build(book, "epub", plain=True).data)
    hrefs = [e.get("href") for e in etree.fromstring(found["EPUB/content.opf"]).iter("{*}item")]
    assert sorted(href for href in hrefs if href.endswith(".png")) == ["a.png", "b.png"]


@pytest.mark.parametrize("kind", ["transparent", "CMYK", "grey", "WEBP"])
def test_an_own_cover_becomes_a_jpeg_in_rgb(bench, monkeypatch, kind):
    from diptych.writers.epub import fonts

    monkeypatch.setattr(fonts, "_subset", lambda face, _: face)
    toml = TOML.replace('"T"', '"T"\ncover = "front.png"')
    found = opened(bench.build({"book.toml": toml, "1.md": "# One\n\nA.\n", "front.png": GIVEN[kind]}).data)
    with Image.open(io.BytesIO(found["EPUB/cover.jpg"])) as cover:
        assert (cover.format, cover.mode) == ("JPEG", "RGB")
        corner = cover.getpixel((0, 0))
    assert min(corner) > (250 if kind == "transparent" else 200)
