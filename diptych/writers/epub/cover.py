"""The cover: the book's own picture, or one drawn from its metadata when it has none."""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont

from diptych import tree
from diptych.fingerprints import fingerprint
from diptych.model import File, Manifest, Metadata, Page, Shop, Theme
from diptych.words import say
from diptych.writers.epub import images

SIZE = (1600, 2560)
"""Width and height in pixels that shops ask for."""

_PAPER, _INK, _ACCENT = "#f4efe6", "#1e1b18", "#8a2b1d"
_MARGIN = 170


_QUALITY = 88
"""Of a drawn cover: large plain areas show the faults of JPEG sooner than photographs do."""


def page(metadata: Metadata) -> Page:
    """Make the cover page. It is the first document of the spine: Kobo, Apple and Google want one."""
    title = say("cover", metadata.language)
    names = ", ".join(person.name for person in metadata.authors)
    alt = "; ".join(text for text in (f"{title}: {metadata.title}", metadata.subtitle, names) if text)
    # doc-cover is for the image itself (DPUB-ARIA 1.1, 5.3.10).
    image = tree.make("img", "", {"src": "cover.jpg", "alt": alt, "role": "doc-cover"})
    body = tree.make("section", "", {"id": "cover", "class": "cover", "epub:type": "cover"}, image)
    return Page("cover", title, "cover", "front", body)


def image(manifest: Manifest, assets: Mapping[str, File], theme: Theme, shop: Shop) -> bytes:
    """Give the cover as JPEG bytes: RGB, as every shop takes it."""
    own = assets.get(manifest.cover)
    key = fingerprint("cover", *shop.versions, manifest.metadata, own, list(theme.files))
    kept = shop.recall(key)
    if kept is None:
        kept = _image(manifest, own, theme)
        shop.keep({key: kept})
    return kept


def _image(manifest: Manifest, own: File | None, theme: Theme) -> bytes:
    if own is None:
        return images.written(_drawn(manifest, _bytes(theme)), "JPEG", _QUALITY)
    with Image.open(io.BytesIO(own.data)) as opened:
        if opened.format == "JPEG" and opened.mode == "RGB":
            return own.data
        return images.written(images.flat(opened).convert("RGB"), "JPEG", _QUALITY)


def _bytes(theme: Theme) -> dict[str, bytes]:
    return {file.path: file.data for file in theme.files}


def _drawn(manifest: Manifest, files: Mapping[str, bytes]) -> Image.Image:
    """Draw title, subtitle, author and publisher on paper, between two rules."""
    metadata = manifest.metadata
    picture = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(picture)
    width = SIZE[0] - 2 * _MARGIN
    draw.rectangle((0, 0, SIZE[0], 60), fill=_ACCENT)
    y = _text(draw, metadata.title, _face(files, "Semibold", 190), 430, width, _INK, 1.12)
    draw.rectangle((_MARGIN, y + 70, _MARGIN + 260, y + 78), fill=_ACCENT)
    if metadata.subtitle:
        _text(draw, metadata.subtitle, _face(files, "It", 84), y + 150, width, _INK, 1.3)
    names = ", ".join(person.name for person in metadata.authors)
    _text(draw, names, _face(files, "Regular", 84), 2050, width, _INK, 1.2)
    _text(draw, metadata.publisher, _face(files, "Regular", 56), 2360, width, _ACCENT, 1.2)
    return picture


def _face(files: Mapping[str, bytes], style: str, size: int) -> ImageFont.FreeTypeFont:
    path = f"fonts/SourceSerifPro-{style}.ttf"
    data = files.get(path) or next(d for p, d in sorted(files.items()) if p.startswith("fonts/"))
    return ImageFont.truetype(io.BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)


def _text(
    draw: ImageDraw.ImageDraw,
    text: str,
    face: ImageFont.FreeTypeFont,
    y: float,
    width: int,
    ink: str,
    leading: float,
) -> float:
    """Set words line under line, smaller where one is wider than the page; returns where the last line ends."""
    size = float(face.size)
    while any(face.getlength(word) > width for word in text.split()) and size > 20:
        size *= 0.9
        face = face.font_variant(size=size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    for line in lines:
        draw.text((_MARGIN, y), line, font=face, fill=ink)
        y += size * leading
    return y
