"""Pictures as a press takes them: on white, in black alone where it prints with black, at the quality they have."""

from __future__ import annotations

import io
import struct
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops

from diptych.model import Colour

_QUALITY = 95
"""A JPEG that has to be written again loses nothing that an eye or a screen of dots could find."""

_SPACES = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}


def printed(pdf: pikepdf.Pdf, image: Any, colour: Colour, alpha: float) -> Any:
    """Give an image's counterpart; one that needs none is given back as it is."""
    mask = image.get("/SMask")
    if image.get("/ImageMask") or (alpha == 1 and mask is None and _fits(image, colour)):
        return image
    picture = _opened(image)
    if colour == "black":
        picture = _grey(picture)
    if mask is not None or alpha < 1:
        picture = _on_white(picture, None if mask is None else _opened(mask).convert("L"), alpha)
    lossy = image.get("/Filter") == Name.DCTDecode or picture.mode == "CMYK"
    return _written(pdf, picture, "JPEG" if lossy else "PNG")


def _fits(image: Any, colour: Colour) -> bool:
    return bool(image.get("/ColorSpace") == Name.DeviceGray or colour == "colour")


def _opened(image: Any) -> Image.Image:
    """Decode an image; a JPEG in CMYK knows by itself whether its inks are turned round."""
    if image.get("/Filter") == Name.DCTDecode:
        return Image.open(io.BytesIO(image.read_raw_bytes()))
    return pikepdf.PdfImage(image).as_pil_image()


def _grey(picture: Image.Image) -> Image.Image:
    if picture.mode != "CMYK":
        return picture.convert("L")
    cyan, magenta, yellow, black = picture.split()
    inks = Image.merge("RGB", (cyan, magenta, yellow)).convert("L")
    return ImageChops.invert(ImageChops.add(inks, black))


def _on_white(picture: Image.Image, mask: Image.Image | None, alpha: float) -> Image.Image:
    picture = picture if picture.mode in ("L", "CMYK") else picture.convert("RGB")
    shown = mask.resize(picture.size) if mask is not None else Image.new("L", picture.size, 255)
    shown = shown.point(lambda value: round(value * alpha))
    paper = Image.new(picture.mode, picture.size, (0, 0, 0, 0) if picture.mode == "CMYK" else "white")
    return Image.composite(picture, paper, shown)


def _written(pdf: pikepdf.Pdf, picture: Image.Image, kind: str) -> Any:
    out = io.BytesIO()
    picture.save(out, kind, quality=_QUALITY)
    parts = len(picture.getbands())
    entries: dict[str, Any] = {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": picture.width,
        "Height": picture.height,
        "ColorSpace": _SPACES[parts],
        "BitsPerComponent": 8,
    }
    if kind == "PNG":
        columns = Dictionary(Predictor=15, Columns=picture.width, Colors=parts)
        return pdf.make_stream(
            _pixels(out.getvalue()), **entries, Filter=Name.FlateDecode, DecodeParms=columns
        )
    if parts == 4:  # Pillow turns the inks of a JPEG round, as Adobe does
        entries["Decode"] = Array([1, 0] * 4)
    return pdf.make_stream(out.getvalue(), **entries, Filter=Name.DCTDecode)


def _pixels(png: bytes) -> bytes:
    """Take the compressed pixels out of a PNG; PDF knows its filters (ISO 32000-1, 7.4.4.4)."""
    found, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            found += png[at + 8 : at + 8 + length]
        at += length + 12
    return found
