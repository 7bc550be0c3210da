"""Pictures as an EPUB carries them: the same bytes as in the book's folder, unless the edition asks for others.

An edition may want them no larger than so many pixels, or plain: what a Kindle takes is JPEG or PNG in RGB, without
transparency or movement (Kindle Publishing Guidelines, 4.2). What a picture is, its bytes say; the name is made to fit.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from PIL import Image, ImageCms, ImageOps

from diptych.fingerprints import fingerprint
from diptych.model import Edition, File, Forme, Shop
from diptych.problems import Place, Problem, warning
from diptych.writers.epub import package

SVG = "{http://www.w3.org/2000/svg}"
QUALITY = 85
"""Of JPEG pictures that are written anew: above it files grow and nothing is seen (libjpeg's scale, 1 to 95)."""

MOST_PIXELS = 5_600_000
"""Apple Books refuses larger pictures (Apple Books Asset Guide)."""

_ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
_SAME = {"jpeg": "jpg"}
_MOVING_SVG = (b"<animate", b"<set ", b"@keyframes")


@dataclass(frozen=True)
class Picture:
    """A picture of the book: its `name` in the EPUB, its bytes in the book, what is to be done with it.

    `made` is the format that it is written anew in (`JPEG`, `PNG`), "" where its bytes stay.
    """

    file: File
    name: str
    made: str = ""
    moving: bool = False


def find(forme: Forme) -> dict[str, Picture]:
    """Say by path what becomes of each picture that the pages show; looks at the beginning of the files only."""
    paths = {image.get("src", "") for page in forme.pages for image in page.body.iter("img")}
    return {
        path: _planned(forme.assets[path], forme.edition) for path in sorted(paths) if path in forme.assets
    }


def place(body: Element, pictures: Mapping[str, Picture]) -> None:
    """Name the pictures in a document of ours as the EPUB does, and say what they are to those who listen.

    An image with empty words is decoration. One without any stays without: nobody may be told that there is nothing.
    """
    for image in body.iter("img"):
        shown = pictures.get(image.get("src", ""))
        if shown:
            image.set("src", shown.name)
        if image.get("alt") == "":
            image.set("role", "presentation")
    for drawing in body.iter(f"{SVG}svg"):
        if drawing.get("aria-hidden") != "true" and "role" not in drawing.attrib:
            drawing.set("role", "img")


def files(pictures: Mapping[str, Picture], edition: Edition, shop: Shop) -> list[File]:
    """Give the pictures as files of the EPUB; those that are written anew are remembered."""
    return [
        File(each.name, _made(each, edition, shop) if each.made else each.file.data)
        for each in pictures.values()
    ]


def problems(pictures: Mapping[str, Picture], forme: Forme) -> Iterator[Problem]:
    """Tell what shops will refuse: too many pixels, colours for the printing press."""
    for picture in pictures.values():
        opened = None if picture.made else _opened(picture.file)
        if opened is not None:
            yield from _preflight(opened, picture.file, forme)
    cover = forme.assets.get(forme.manifest.cover)
    opened = _opened(cover) if cover and cover.path not in pictures else None
    if cover and opened is not None:
        yield from _preflight(flat(opened), cover, forme)  # it becomes RGB in any case


def flat(opened: Image.Image) -> Image.Image:
    """Give a picture in RGB or grey, as it stands upright, on white where it was transparent."""
    pixels = _scalable(opened)
    if "A" not in pixels.getbands():
        return pixels
    ground = Image.new(pixels.mode.removesuffix("A"), pixels.size, "white")
    ground.paste(pixels.convert(ground.mode), mask=pixels.getchannel("A"))
    return ground


def written(pixels: Image.Image, kind: str, quality: int = QUALITY, profile: bytes | None = None) -> bytes:
    """Write pixels as `JPEG` or `PNG`, with a colour profile where they need one; the same bytes each time."""
    out = io.BytesIO()
    lossy = {"quality": quality, "subsampling": 0} if kind == "JPEG" else {}
    pixels.save(out, kind, optimize=True, icc_profile=profile, exif=b"", **lossy)
    return out.getvalue()


def _scalable(opened: Image.Image) -> Image.Image:
    """Give a picture upright, in grey or RGB, with its transparency: palettes and inks cannot be scaled."""
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in ("L", "RGB", "LA", "RGBA") and "transparency" not in upright.info:
        return upright
    if _has_alpha(upright):
        return upright.convert("RGBA")
    if upright.mode == "I;16":
        return upright.convert("I").point([value >> 8 for value in range(1 << 16)], "L")
    if upright.mode == "CMYK":
        return _from_cmyk(upright)
    return upright.convert("L" if upright.mode == "1" else "RGB")


def _from_cmyk(pixels: Image.Image) -> Image.Image:
    """Turn inks into light, by the picture's own profile where it has one."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(pixels.info["icc_profile"]))
        screen = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        turned = ImageCms.profileToProfile(pixels, own, screen, outputMode="RGB")
    except (KeyError, OSError, ImageCms.PyCMSError):
        turned = None
    return turned or pixels.convert("RGB")


def _planned(file: File, edition: Edition) -> Picture:
    opened = _opened(file)
    if opened is None:
        ending = "svg" if b"<svg" in file.data else ""
        moving = any(sign in file.data for sign in _MOVING_SVG)
        return Picture(file, _named(file.path, ending), moving=moving)
    made, moving = _wanted(opened, file, edition), _moves(opened)
    ending = _ENDINGS.get(made or str(opened.format), "")
    return Picture(file, _named(file.path, ending), made, moving and not made)


def _opened(file: File) -> Image.Image | None:
    """Open a picture of pixels, without reading them; None where it is none."""
    try:
        return Image.open(io.BytesIO(file.data))
    except (OSError, SyntaxError, ValueError):
        return None


def _named(path: str, ending: str) -> str:
    """Give a safe name whose ending says what the file is: EPUBCheck warns of others."""
    own = path.rpartition(".")[2].lower()
    return package.safe_name(path, "" if _SAME.get(own, own) == ending else ending)


def _wanted(opened: Image.Image, file: File, edition: Edition) -> str:
    """Say in which format a picture has to be written anew, "" where it can stay."""
    moves = _moves(opened)
    too_large = edition.image_size and max(opened.size) > edition.image_size and not moves
    odd = moves or opened.format == "WEBP" or opened.mode == "CMYK" or _has_alpha(opened)
    if not too_large and not (edition.simple and odd):
        return ""
    lossy = opened.format in ("JPEG", "MPO") or file.data[12:16] == b"VP8 "
    return "JPEG" if lossy else "PNG"


def _moves(opened: Image.Image) -> bool:
    return opened.format in ("GIF", "PNG", "WEBP") and bool(getattr(opened, "is_animated", False))


def _has_alpha(opened: Image.Image) -> bool:
    return "A" in opened.getbands() or "transparency" in opened.info


def _made(picture: Picture, edition: Edition, shop: Shop) -> bytes:
    asked = (picture.made, edition.simple, edition.image_size)
    key = fingerprint("picture made", *shop.versions, asked, [picture.file])
    made = shop.recall(key)
    if made is None:
        made = _written_anew(picture, edition)
        shop.keep({key: made})
    return made


def _written_anew(picture: Picture, edition: Edition) -> bytes:
    with Image.open(io.BytesIO(picture.file.data)) as opened:
        pixels = flat(opened) if edition.simple or picture.made == "JPEG" else _scalable(opened)
        # A profile speaks of the colours it was made for; of inks none is left.
        profile = opened.info.get("icc_profile") if opened.mode != "CMYK" else None
    longest = max(pixels.size)
    if edition.image_size and longest > edition.image_size:
        width, height = (max(1, round(side * edition.image_size / longest)) for side in pixels.size)
        pixels = pixels.resize((width, height), Image.Resampling.LANCZOS)
    return written(pixels, picture.made, profile=profile)


def _preflight(opened: Image.Image, file: File, forme: Forme) -> Iterator[Problem]:
    pixels = opened.width * opened.height
    place = Place(f"{forme.manifest.folder}/{file.path}")
    if pixels > MOST_PIXELS and not forme.edition.simple:
        yield warning(
            "image-large",
            place,
            f"This picture has {pixels / 1e6:.1f} million pixels ({opened.width} x {opened.height}); Apple Books "
            f"takes {MOST_PIXELS / 1e6:.1f} million.",
            f"Scale it down, or write image-size = 2300 under [edition.{forme.edition.name}] in book.toml.",
        )
    if opened.mode == "CMYK":
        yield warning(
            "image-cmyk",
            place,
            "This picture is in colours for the printing press (CMYK); e-readers show them wrong or not at all.",
            "Save a copy in RGB (sRGB).",
        )
