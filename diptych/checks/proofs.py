"""Proofs to leaf through: a picture of each place that the sentinel found, all pages on contact sheets, a list of both.

Pages stand in spreads, as the book lies open, with their folios below. The same book gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from diptych import tree
from diptych.model import File, Finding
from diptych.words import direction

OURS = re.compile(r"(\d{4}-[a-z-]+(-\d+)?|sheet-\d{3})\.png|index\.html")
"""The names that the files of a set of proofs have."""

_SHARP, _SMALL = 1.75, 0.62
"""Pixels per point: of a place, whose letters are to be read, and of a page on a contact sheet."""

_ROUND = 54.0
"""Points that are shown above and below a place."""

_COLUMNS, _ROWS, _GAP, _FOOT = 2, 3, 24, 26
"""Spreads on a contact sheet; pixels between them, and below each page for its folio."""

_COLOURS = {"error": "#c1121f", "warning": "#d97706", "hint": "#1d6fb8"}

_STYLE = """
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222 }
img { max-width: 100%; height: auto; border: 1px solid #ccc }
li { margin: 0 0 1.6em } li img { display: block; margin-top: .5em; max-height: 22em }
.error { color: #c1121f } .warning { color: #b45309 } .hint { color: #1d6fb8 }
"""


@dataclass(frozen=True)
class Proofs:
    """What proofs are made of: a finished PDF, what was found on its pages, and how they are to be called."""

    data: bytes
    findings: tuple[Finding, ...]
    edition: str
    title: str
    language: str


def files(proofs: Proofs) -> tuple[File, ...]:
    """Draw the proofs of one edition: pictures of places, contact sheets, and `index.html`, which shows them all."""
    pdf = pypdfium2.PdfDocument(proofs.data)
    try:
        named = dict(zip(_names(proofs.findings), proofs.findings, strict=True))
        places = [File(name, _place(pdf, finding)) for name, finding in named.items()]
        sheets = [File(f"sheet-{n:03}.png", data) for n, data in enumerate(_contact_sheets(pdf, proofs), 1)]
    finally:
        pdf.close()
    listed = File("index.html", _list(proofs, named, [sheet.path for sheet in sheets]))
    return (*places, *sheets, listed)


def _names(findings: Sequence[Finding]) -> Iterator[str]:
    """Name each picture by its page and its code; a second one of the same kind on a page is numbered."""
    seen: dict[str, int] = {}
    for finding in findings:
        stem = f"{finding.page:04}-{finding.problem.code}"
        seen[stem] = nth = seen.get(stem, 0) + 1
        yield f"{stem}-{nth}.png" if nth > 1 else f"{stem}.png"


def _place(pdf: Any, finding: Finding) -> bytes:
    """Draw the part of a page round a place, in the page's full width, with a mark round it."""
    page = _drawn(pdf, finding.page, _SHARP, (finding,))
    top, bottom = ((side * _SHARP) for side in (finding.box[1] - _ROUND, finding.box[3] + _ROUND))
    top = min(max(top, 0), page.height - 2 * _ROUND)
    return _png(page.crop((0, round(top), page.width, round(min(max(bottom, top + _ROUND), page.height)))))


def _drawn(pdf: Any, number: int, scale: float, findings: Sequence[Finding]) -> Image.Image:
    """Draw a page as it is trimmed, its findings marked."""
    page = pdf[number - 1]
    left, bottom, right, top = page.get_trimbox()
    media = page.get_mediabox()
    crop = (left - media[0], bottom - media[1], media[2] - right, media[3] - top)
    image: Image.Image = page.render(scale=scale, crop=crop).to_pil().convert("RGB")
    page.close()
    pen = ImageDraw.Draw(image)
    for finding in findings:
        sides = [round(side * scale) for side in finding.box]
        box = (max(sides[0] - 3, 0), max(sides[1] - 3, 0), min(sides[2] + 3, image.width - 1), sides[3] + 3)
        colour = _COLOURS[finding.problem.severity]
        pen.rectangle((box[0], box[1], max(box[2], box[0]), max(box[3], box[1])), outline=colour, width=2)
    return image


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


# --- Contact sheets ---------------------------------------------------------------------------------------------------


def _contact_sheets(pdf: Any, proofs: Proofs) -> Iterator[bytes]:
    spreads = _spreads(len(pdf), direction(proofs.language))
    each = _COLUMNS * _ROWS
    for at in range(0, len(spreads), each):
        yield _contact_sheet(pdf, spreads[at : at + each], proofs.findings)


def _spreads(pages: int, reading: str) -> list[tuple[int, int]]:
    """Give the pages that face each other, from left to right; 0 is none."""
    whole = [(n, n + 1 if n < pages else 0) for n in range(0, pages + 1, 2) if n < pages or n]
    spreads = [(verso, recto) for verso, recto in whole if verso or recto]
    return [(recto, verso) for verso, recto in spreads] if reading == "rtl" else spreads


def _contact_sheet(pdf: Any, spreads: Sequence[tuple[int, int]], findings: Sequence[Finding]) -> bytes:
    pages = {
        number: _drawn(pdf, number, _SMALL, [each for each in findings if each.page == number])
        for spread in spreads
        for number in spread
        if number
    }
    wide, high = (max(getattr(page, side) for page in pages.values()) for side in ("width", "height"))
    rows = -(-len(spreads) // _COLUMNS)
    size = (_COLUMNS * (2 * wide + _GAP) + _GAP, rows * (high + _FOOT + _GAP) + _GAP)
    sheet = Image.new("RGB", size, "#d4d4d4")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for n, spread in enumerate(spreads):
        left, top = _GAP + n % _COLUMNS * (2 * wide + _GAP), _GAP + n // _COLUMNS * (high + _FOOT + _GAP)
        for side, number in enumerate(spread):
            if number:
                sheet.paste(pages[number], (left + side * wide, top))
                folio = f"{pdf.get_page_label(number - 1)}"
                middle = left + side * wide + wide // 2
                pen.text((middle, top + high + 6), folio, fill="#222", font=font, anchor="mt")
        pen.line((left + wide, top, left + wide, top + high), fill="#888")
    return _png(sheet)


# --- The list ---------------------------------------------------------------------------------------------------------


def _list(proofs: Proofs, named: Mapping[str, Finding], sheets: Sequence[str]) -> bytes:
    """Write the page that shows everything: the list with its pictures, then the contact sheets."""
    title = f"{proofs.title}: proofs of the {proofs.edition} edition"
    root = tree.make("html", "", {"lang": "en"})
    head = tree.add(root, "head")
    ET.SubElement(head, "meta", {"charset": "utf-8"})
    tree.add(head, "title", title)
    tree.add(head, "style", _STYLE)
    body = tree.add(root, "body")
    tree.add(body, "h1", title)
    tree.add(body, "p", _counted(proofs.findings))
    places = tree.add(body, "ol")
    for name, finding in named.items():
        places.append(_listed(name, finding))
    for n, sheet in enumerate(sheets, 1):
        tree.add(body, "h2", f"Contact sheet {n}", id=f"sheet-{n}")
        tree.add(body, "img", src=sheet, alt=f"Pages of the book, contact sheet {n}")
    written: bytes = ET.tostring(root, encoding="utf-8", method="html")
    return b"<!DOCTYPE html>\n" + written + b"\n"


def _counted(findings: Sequence[Finding]) -> str:
    count = len(findings)
    places = f"{count} places" if count != 1 else "One place"
    return f"{places} to look at." if count else "There is nothing to look at but the pages themselves."


def _listed(name: str, finding: Finding) -> ET.Element:
    problem = finding.problem
    item = tree.make("li")
    tree.add(item, "strong", problem.severity, class_=problem.severity).tail = f" {problem.sentence} "
    tree.add(item, "code", str(problem.place)).tail = " "
    sheet = (finding.page // 2) // (_COLUMNS * _ROWS) + 1
    tree.add(item, "a", f"contact sheet {sheet}", href=f"#sheet-{sheet}")
    tree.add(item, "img", src=name, alt=problem.sentence, loading="lazy")
    return item
