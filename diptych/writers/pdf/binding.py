"""Laid-out pages become the file that an edition asks for: tagged for readers, for an archive, or plain for a press."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pydyf
from pikepdf import Array, Dictionary, Name, String

from diptych.model import Forme
from diptych.problems import Problem, in_order
from diptych.writers.pdf import attachments, document, pictures, prepress, stitching, xmp
from diptych.writers.pdf.gatherings import Face, Gathering, Run
from diptych.writers.pdf.layout import Laid, Press

_PICTURES = ("/Figure", "/Formula")

PRODUCER = "WeasyPrint 70.0"
"""What lays out the pages."""


def bind(press: Press, opening: Laid, main: Laid, forme: Forme) -> tuple[bytes, tuple[Problem, ...]]:
    """Write both runs of pages into one file, byte-identical for the same pages; says what a press would object to."""
    edition = forme.edition

    def finish(_: Any, pdf: Any) -> None:
        _number(pdf, len(opening))
        _describe(pdf, forme)
        if edition.archival:
            _keep_pixels(pdf)
        if edition.delivery.attach == "sources":
            attachments.attach(pdf, attachments.sources(forme), forme.epoch)

    for run in (opening, main):
        _one_area_a_link(run)
    options: dict[str, Any] = {"pdf_tags": edition.tagged}
    if edition.archival:
        options["pdf_variant"] = f"pdf/{edition.delivery.standard}"
    written = press.write((opening, main), options, finish)
    if edition.medium == "screen":
        return written, ()
    pressed = prepress.finish(written, forme)
    shown = pictures.shown((opening, main), forme)
    told = (*pictures.problems(pressed, shown, edition.name), *pictures.unbled(forme))
    return pressed.data, in_order(told)


def sew(
    opening: Run, main: Run, margins: Sequence[Gathering], faces: bytes, forme: Forme
) -> tuple[bytes, tuple[Problem, ...]]:
    """Bind the gatherings of both runs into one file, as `bind` does; says what a press would object to.

    The faces come in a PDF of their own (`faces.written`).
    """
    edition = forme.edition
    parts = [*opening.gatherings, *main.gatherings]
    with pikepdf.new() as pdf, pikepdf.open(io.BytesIO(faces)) as source:
        given: Any = source.Root
        held = {name[1:]: pdf.copy_foreign(face) for name, face in given.Faces.items()}
        stitching.stitch(pdf, parts, margins, held)
        _label(pdf, len(opening))
        _tell(pdf, forme)
        if edition.medium == "print":
            prepress.seal(pdf, forme)
        written = prepress.saved(pdf, edition.delivery)
    told = (*_objections(parts, edition.name), *pictures.unbled(forme)) if edition.medium == "print" else ()
    return written, in_order(told)


def _objections(parts: Sequence[Gathering], edition: str) -> Iterator[Problem]:
    at = 0
    for part in parts:
        placements = [replace(each, page=each.page + at) for each in part.placements]
        shown = [each._replace(page=each.page + at) for each in part.shown]
        flattened, masked = ([page + at for page in pages] for pages in (part.flattened, part.masked))
        yield from pictures.problems(prepress.Pressed(b"", placements, flattened, masked), shown, edition)
        at += len(part)


def _label(pdf: pikepdf.Pdf, opening: int) -> None:
    labels = [0, Dictionary(S=Name.r), opening, Dictionary(S=Name.D, St=1)]
    pdf.Root.PageLabels = Dictionary(Nums=Array(labels))
    pdf.Root.PageMode = Name.UseOutlines
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _tell(pdf: pikepdf.Pdf, forme: Forme) -> None:
    metadata = forme.manifest.metadata
    pdf.Root.Lang = String(metadata.language)
    told = {
        "Title": document.title(metadata),
        "Author": ", ".join(person.name for person in metadata.authors),
        "Subject": metadata.description,
        "Keywords": ", ".join(metadata.keywords),
        "Creator": "diptych",
        "Producer": PRODUCER,
    }
    told |= {name: f"D:{moment:%Y%m%d%H%M%S}Z" for name, moment in _dates(forme).items()}
    for name, text in told.items():
        if text:
            pdf.docinfo[f"/{name}"] = String(text)
    pictures = (each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") in _PICTURES)
    said = _said(forme, is_described=all("/Alt" in picture for picture in pictures))
    packet = pdf.make_stream(xmp.packet(metadata, document.title(metadata), said))
    packet.Type, packet.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = packet


def draw(press: Press, laid: Laid, forme: Forme) -> tuple[bytes, tuple[Face, ...]]:
    """Draw the pages of a section: a PDF that names its faces, and what it shows of them."""
    _one_area_a_link(laid)
    inked = forme.edition.medium == "print"  # and is written anew
    options = {"pdf_tags": forme.edition.tagged, "uncompressed_pdf": inked}
    with press.faces.Noted() as noted:
        data = press.write((laid,), options, lambda *_: None)
    return data, noted.faces


def _one_area_a_link(run: Laid) -> None:
    """Leave a link one active area on each line, and one on a picture in it.

    WeasyPrint gives one more to each box inside a link, a word in italics for one, which PDF/UA takes for a link of its
    own that is not tagged as one (ISO 14289-1, 7.18.5).
    """
    for page in run.document.pages:
        page.links = [
            link for link in page.links if link[3].link is not None or hasattr(link[3], "replacement")
        ]


def _number(pdf: Any, opening: int) -> None:
    """Label the pages as their folios do: roman before the text, arabic from 1 in it."""
    labels = [0, pydyf.Dictionary({"S": "/r"}), opening, pydyf.Dictionary({"S": "/D", "St": 1})]
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array(labels)})
    pdf.catalog["PageMode"] = "/UseOutlines"
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})


def _describe(pdf: Any, forme: Forme) -> None:
    """Write title, authors, language and dates, for those that read the old form and for those that read XMP."""
    metadata = forme.manifest.metadata
    title = document.title(metadata)
    pdf.catalog["Lang"] = pydyf.String(metadata.language)
    pdf.info["Title"] = pydyf.String(title)
    for name, moment in _dates(forme).items():
        pdf.info[name] = pydyf.String(f"D:{moment:%Y%m%d%H%M%S}Z")
    said = _said(forme, is_described=not _undescribed(pdf))
    stream = _metadata_stream(pdf)
    stream.stream, stream.compress = [xmp.packet(metadata, title, said)], False


def _dates(forme: Forme) -> dict[str, datetime]:
    if not forme.manifest.metadata.day and not forme.edition.delivery.standard:
        return {}
    return dict.fromkeys(("CreationDate", "ModDate"), datetime.fromtimestamp(forme.epoch, UTC))


def _said(forme: Forme, *, is_described: bool) -> dict[str, str]:
    """Give what the file says of itself in XMP, besides the book's metadata."""
    edition, metadata = forme.edition, forme.manifest.metadata
    said = {"pdf:Producer": PRODUCER, "xmp:CreatorTool": "diptych"}
    for moment in list(_dates(forme).values())[:1]:
        said["xmp:CreateDate"] = said["xmp:ModifyDate"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if edition.archival:
        said |= {
            "pdfaid:part": edition.delivery.standard[2],
            "pdfaid:conformance": edition.delivery.standard[3].upper(),
        }
    if edition.tagged and is_described:
        said["pdfuaid:part"] = "1"
    if edition.delivery.standard == "x-4":
        said |= {
            "pdfxid:GTS_PDFXVersion": "PDF/X-4",
            "pdf:Trapped": "False",
            "xmp:MetadataDate": said["xmp:ModifyDate"],
            "xmpMM:DocumentID": metadata.uuid,
            "xmpMM:VersionID": "1",
            "xmpMM:RenditionClass": "default",
        }
    return said


def _undescribed(pdf: Any) -> bool:
    """Whether a picture has no words for those who do not see it: such a file may not claim PDF/UA."""
    pictures = (each for each in pdf.objects if isinstance(each, dict) and each.get("S") in _PICTURES)
    return any("Alt" not in picture for picture in pictures)


def _metadata_stream(pdf: Any) -> Any:
    for each in pdf.objects:
        if isinstance(each, pydyf.Stream) and each.extra.get("Type") == "/Metadata":
            return each
    made = pydyf.Stream([], {"Type": "/Metadata", "Subtype": "/XML"})
    pdf.add_object(made)
    pdf.catalog["Metadata"] = made.reference
    return made


def _keep_pixels(pdf: Any) -> None:
    """Ask no reader to smooth pictures, which an archive may not (ISO 19005-2, 6.2.8)."""
    for each in pdf.objects:
        if isinstance(each, pydyf.Stream) and "Interpolate" in each.extra:
            each.extra["Interpolate"] = "false"
