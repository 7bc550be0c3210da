"""A finished PDF, read back with another library than wrote it: fonts, pages, title, and what its edition asks for."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf

from diptych.checks.pdf import ink, press, tags
from diptych.model import Edition, Manifest
from diptych.problems import Place, Problem, error, errors

_POINT = 25.4 / 72
_FAULT = "This is a fault of diptych."


def check(data: bytes, name: str, edition: Edition, manifest: Manifest) -> tuple[Problem, ...]:
    """Find what a reader or a printer would stumble over."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [*_fonts(pdf, name), *_pages(pdf, name, edition), *_document(pdf, name, manifest)]
        if edition.medium == "screen":
            found += [*_bookmarks(pdf, name), *tags.check(pdf, name)]
        else:
            found += press.check(press.Opened(pdf, data, ink.read(pdf), edition), name)
        return tuple(found)


def broken(data: bytes, edition: Edition) -> tuple[Problem, ...]:
    """Hold a file that calls itself PDF/X to the rules of that, as its bytes are; gives what is an error."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        opened = press.Opened(pdf, data, ink.read(pdf), edition)
        return errors(press.check(opened, f"{edition.name} (PDF/{edition.delivery.standard.upper()})"))


def _fonts(pdf: pikepdf.Pdf, name: str) -> Iterator[Problem]:
    for font in ink.fonts(pdf):
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()):
            yield error(
                "font-not-embedded",
                Place(name),
                f"The font {font.get('/FontName')} is not in the file.",
                _FAULT,
            )


def _pages(pdf: pikepdf.Pdf, name: str, edition: Edition) -> Iterator[Problem]:
    for number, page in enumerate(pdf.pages, 1):
        left, bottom, right, top = (float(side) for side in page.trimbox)
        size = ((right - left) * _POINT, (top - bottom) * _POINT)
        if abs(size[0] - edition.width) > 0.2 or abs(size[1] - edition.height) > 0.2:
            yield error(
                "page-size",
                Place(name),
                f"Page {number} is {size[0]:.1f} x {size[1]:.1f} mm.",
                f"It should be {edition.width:.1f} x {edition.height:.1f} mm; does a stylesheet set @page size?",
            )
            return


def _document(pdf: pikepdf.Pdf, name: str, manifest: Manifest) -> Iterator[Problem]:
    if not str(pdf.docinfo.get("/Title", "")).startswith(manifest.metadata.title):
        yield error("pdf-title", Place(name), "The file does not carry the book's title.", _FAULT)
    if str(pdf.Root.get("/Lang", "")) != manifest.metadata.language:
        yield error("pdf-language", Place(name), "The file does not name the book's language.", _FAULT)


def _bookmarks(pdf: pikepdf.Pdf, name: str) -> Iterator[Problem]:
    with pdf.open_outline() as outline:
        if not outline.root:
            yield error("pdf-bookmarks", Place(name), "The file has no bookmarks.", _FAULT)
