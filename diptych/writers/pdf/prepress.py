"""A PDF for paper is finished for the press: its boxes, its inks, nothing in it that only a screen can use.

WeasyPrint's variants for PDF/X only label a file, so the label is written here; whether it is deserved is for
`checks/pdf/press.py` to say, which reads the finished file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from diptych.model import Delivery, Forme
from diptych.writers.pdf.inks import Inks, Placement

_PARTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
"""Parts of a colour by the mark of its space in the head of an ICC profile (ISO 15076-1, 7.2.8)."""

_VERSIONS = {"x-1a:2001": "1.3", "x-3:2002": "1.3", "x-4": "1.6"}
_LABELS = {"x-1a:2001": "PDF/X-1:2001", "x-3:2002": "PDF/X-3:2002", "x-4": "PDF/X-4"}


@dataclass(frozen=True)
class Pressed:
    """A PDF for a press; where its pictures stand; pages, from 1, painted as on white, and with soft masks left."""

    data: bytes
    placements: Sequence[Placement]
    flattened: Sequence[int]
    masked: Sequence[int]


def finish(data: bytes, forme: Forme) -> Pressed:
    """Finish a PDF, byte-identical for the same one."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        inks = _inked(pdf, forme)
        seal(pdf, forme)
        written = saved(pdf, forme.edition.delivery)
    return Pressed(written, inks.placements, sorted(inks.flattened), sorted(inks.masked))


def ink(data: bytes, forme: Forme) -> Pressed:
    """Give a part of a PDF its boxes and its inks."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        inks, out = _inked(pdf, forme), io.BytesIO()
        _strip(pdf)
        pdf.save(out, static_id=True)
    return Pressed(out.getvalue(), inks.placements, sorted(inks.flattened), sorted(inks.masked))


def seal(pdf: pikepdf.Pdf, forme: Forme) -> None:
    """Take out of a whole book what only a screen can use, and put on it the label that is asked for."""
    _strip(pdf)
    if forme.edition.delivery.standard:
        _label(pdf, forme)


def _inked(pdf: pikepdf.Pdf, forme: Forme) -> Inks:
    inks = Inks(pdf, forme.edition.delivery.colour)
    moved = {page.obj.objgen: _squared(page) for page in pdf.pages}
    for number, page in enumerate(pdf.pages, 1):
        inks.page(number, page, moved[page.obj.objgen])
    _move_places(pdf, moved)
    return inks


def _squared(page: pikepdf.Page) -> tuple[float, float]:
    """Let a page begin at 0, as picky presses want it; gives by how much it was moved. It bleeds to its edges."""
    left, bottom = (-float(side) for side in page.mediabox[:2])
    trim = [float(side) for side in page.trimbox]
    media = [float(side) for side in page.mediabox]
    page.obj.MediaBox = page.obj.BleedBox = Array(_moved(media, left, bottom))
    page.obj.TrimBox = Array(_moved(trim, left, bottom))
    _drop(page.obj, "/CropBox")
    return left, bottom


def _moved(box: Sequence[float], left: float, bottom: float) -> list[float]:
    return [round(side + by, 4) for side, by in zip(box, (left, bottom) * 2, strict=True)]


def _move_places(pdf: pikepdf.Pdf, moved: Mapping[tuple[int, int], tuple[float, float]]) -> None:
    """Let names go on standing for the same places."""
    root: Any = pdf.Root
    for place in list(root.Names.Dests.Names)[1::2] if "/Names" in root and "/Dests" in root.Names else []:
        left, bottom = moved[place[0].objgen]
        place[2], place[3] = float(place[2]) + left, float(place[3]) + bottom


def _strip(pdf: pikepdf.Pdf) -> None:
    """Take out what paper has no use for: links and bookmarks."""
    _drop(pdf.Root, "/Outlines", "/PageMode", "/ViewerPreferences")
    for page in pdf.pages:
        _drop(page.obj, "/Annots")


def _drop(thing: Any, *names: str) -> None:
    for name in names:
        if name in thing:
            del thing[name]


def _label(pdf: pikepdf.Pdf, forme: Forme) -> None:
    """Say which kind of PDF/X the file means to be, and how it is to be printed (ISO 15930)."""
    delivery = forme.edition.delivery
    version = _LABELS[delivery.standard]
    pdf.docinfo["/Trapped"] = Name("/False")
    if delivery.standard != "x-4":
        pdf.docinfo["/GTS_PDFXVersion"] = String(version)
    if delivery.standard == "x-1a:2001":
        pdf.docinfo["/GTS_PDFXConformance"] = String("PDF/X-1a:2001")
    condition = delivery.condition or "Custom"
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFX,
        OutputConditionIdentifier=String(condition),
        OutputCondition=String(condition),
        Info=String(condition),
        RegistryName=String("http://www.color.org"),
    )
    if delivery.profile:
        profile = forme.assets[delivery.profile].data
        intent.DestOutputProfile = pdf.make_stream(profile, N=_PARTS.get(profile[16:20], 4))
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def saved(pdf: pikepdf.Pdf, delivery: Delivery) -> bytes:
    """Write a finished book."""
    out = io.BytesIO()
    version = _VERSIONS.get(delivery.standard, "")
    modern = version in ("", "1.6")
    objects = pikepdf.ObjectStreamMode.generate if modern else pikepdf.ObjectStreamMode.disable
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=objects,
        force_version=version,
        min_version="" if version else "1.7",
        fix_metadata_version=False,
    )
    return out.getvalue()
