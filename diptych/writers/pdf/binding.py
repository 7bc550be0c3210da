"""Laid-out pages become the file that an edition asks for: tagged for readers, for an archive, or plain for a press."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pydyf

from diptych.model import Forme
from diptych.problems import Problem, in_order
from diptych.writers.pdf import attachments, document, pictures, prepress, xmp
from diptych.writers.pdf.layout import Laid, Press

_PICTURES = ("/Figure", "/Formula")


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
    metadata, edition = forme.manifest.metadata, forme.edition
    title = document.title(metadata)
    pdf.catalog["Lang"] = pydyf.String(metadata.language)
    pdf.info["Title"] = pydyf.String(title)
    said = {"pdf:Producer": pdf.info["Producer"].string, "xmp:CreatorTool": "diptych"}
    if metadata.day or edition.delivery.standard:
        moment = datetime.fromtimestamp(forme.epoch, UTC)
        pdf.info["CreationDate"] = pdf.info["ModDate"] = pydyf.String(f"D:{moment:%Y%m%d%H%M%S}Z")
        said["xmp:CreateDate"] = said["xmp:ModifyDate"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if edition.archival:
        said |= {
            "pdfaid:part": edition.delivery.standard[2],
            "pdfaid:conformance": edition.delivery.standard[3].upper(),
        }
    if edition.tagged and not _undescribed(pdf):
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
    stream = _metadata_stream(pdf)
    stream.stream, stream.compress = [xmp.packet(metadata, title, said)], False


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
