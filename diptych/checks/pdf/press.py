"""A PDF for paper, read back as a printer's preflight would (KDP, IngramSpark and Lulu, 2026-09; ISO 15930).

There is no free program that certifies PDF/X: what is said here is how many rules a file was held to, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from diptych.checks.pdf import ink
from diptych.model import Edition
from diptych.problems import Place, Problem, Severity

_FAULT = "This is a fault of diptych."
_SMALLEST, _THINNEST = 6.0, 0.25
_EPSILON = 0.01
_X1A, _X3, _X4 = "x-1a:2001", "x-3:2002", "x-4"


@dataclass(frozen=True)
class Opened:
    """A finished PDF, what its pages draw, and the edition that it should be."""

    pdf: Any
    data: bytes
    drawn: ink.Drawn
    edition: Edition


Finding = tuple[str, str]
"""What is wrong, and what to do about it."""


@dataclass(frozen=True)
class Rule:
    """One rule: how much it weighs, how it is looked for, and the kinds of PDF/X that ask for it besides."""

    weight: Severity
    find: Callable[[Opened], Iterator[Finding]]
    standards: tuple[str, ...] = ()
    always: bool = True


def _pages(numbers: Iterable[int]) -> str:
    told = sorted(numbers)
    more = f" and {len(told) - 5} more" if len(told) > 5 else ""
    return f"page{'s' if len(told) > 1 else ''} {', '.join(map(str, told[:5]))}{more}"


def _boxes(file: Opened) -> Iterator[Finding]:
    wrong: list[int] = []
    for number, page in enumerate(file.pdf.pages, 1):
        media, bleed, trim = (
            [float(side) for side in box] for box in (page.mediabox, page.bleedbox, page.trimbox)
        )
        inside = all(
            a <= b + _EPSILON for a, b in zip(media[:2] + bleed[:2], bleed[:2] + trim[:2], strict=True)
        )
        inside &= all(
            a >= b - _EPSILON for a, b in zip(media[2:] + bleed[2:], bleed[2:] + trim[2:], strict=True)
        )
        if "/TrimBox" not in page.obj or media[:2] != [0, 0] or not inside:
            wrong.append(number)
    if wrong:
        yield f"The boxes of {_pages(wrong)} do not lie in each other, or do not begin at 0.", _FAULT


def _sizes(file: Opened) -> Iterator[Finding]:
    sizes = {
        tuple(round(float(page.mediabox[n + 2]) - float(page.mediabox[n]), 1) for n in (0, 1))
        for page in file.pdf.pages
    }
    if len(sizes) > 1:
        yield "Not all pages are of one size.", "Does a stylesheet set @page size for some of them?"


def _screen_things(file: Opened) -> Iterator[Finding]:
    linked = [n for n, page in enumerate(file.pdf.pages, 1) if "/Annots" in page.obj]
    if linked:
        yield f"There are links or remarks on {_pages(linked)}.", _FAULT
    if "/Outlines" in file.pdf.Root:
        yield "The file has bookmarks.", _FAULT


def _scripts(file: Opened) -> Iterator[Finding]:
    names = {"/OpenAction", "/AA", "/AcroForm", "/OCProperties"} & set(file.pdf.Root.keys())
    names |= {"/JavaScript", "/EmbeddedFiles"} & set(file.pdf.Root.get("/Names", {}).keys())
    if names or file.pdf.is_encrypted:
        yield f"The file has things that no press takes: {', '.join(sorted(names)) or 'a password'}.", _FAULT


def _fonts(file: Opened) -> Iterator[Finding]:
    for font in ink.fonts(file.pdf):
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()):
            yield f"The font {font.get('/FontName')} is not in the file.", _FAULT


def _black(file: Opened) -> Iterator[Finding]:
    if file.edition.delivery.colour == "colour":
        return
    for colour, pages in sorted(file.drawn.colours.items()):
        if colour != "grey":
            yield f"There is {colour} colour on {_pages(pages)}, and the press prints black.", _FAULT


def _transparent(file: Opened) -> Iterator[Finding]:
    for how, pages in sorted(file.drawn.transparent.items()):
        yield (
            f"Something shines through on {_pages(pages)}: {how}.",
            "Make the gradients and masks of the drawings there opaque, or give them as PNG or JPEG.",
        )


def _small(file: Opened) -> Iterator[Finding]:
    small = {size: pages for size, pages in file.drawn.type.items() if 0 < size < _SMALLEST - _EPSILON}
    if small:
        pages = set().union(*small.values())
        yield (
            f"Type on {_pages(pages)} is {min(small):.1f} pt; printers want 7 pt, and below 6 it breaks up.",
            "Set it larger in styles/book.css, or make the drawing larger.",
        )


def _thin(file: Opened) -> Iterator[Finding]:
    thin = {width: pages for width, pages in file.drawn.lines.items() if width < _THINNEST - _EPSILON}
    if thin:
        pages = set().union(*thin.values())
        yield (
            f"Lines on {_pages(pages)} are {min(thin):.2f} pt wide and may vanish in print.",
            "Make them at least 0.25 pt.",
        )


def _label(file: Opened) -> Iterator[Finding]:
    said = str(file.pdf.docinfo.get("/GTS_PDFXVersion", ""))
    wanted = {_X1A: "PDF/X-1:2001", _X3: "PDF/X-3:2002"}.get(file.edition.delivery.standard)
    if wanted and said != wanted:
        yield f"The file calls itself {said or 'nothing'} instead of {wanted}.", _FAULT
    if wanted is None and b"<pdfxid:GTS_PDFXVersion>PDF/X-4<" not in _metadata(file):
        yield "The file does not call itself PDF/X-4.", _FAULT


def _metadata(file: Opened) -> bytes:
    return bytes(file.pdf.Root.Metadata.get_stream_buffer()) if "/Metadata" in file.pdf.Root else b""


def _intent(file: Opened) -> Iterator[Finding]:
    intents = [each for each in file.pdf.Root.get("/OutputIntents", []) if each.get("/S") == "/GTS_PDFX"]
    if len(intents) != 1 or not str(intents[0].get("/OutputConditionIdentifier", "")):
        yield "The file does not say how it is to be printed.", 'Write condition = "FOGRA39" or the like.'
    elif file.edition.delivery.standard == _X4 and "/DestOutputProfile" not in intents[0]:
        yield "The printer's colour profile is not in the file.", 'Write profile = "printer.icc".'


def _dates(file: Opened) -> Iterator[Finding]:
    missing = [name for name in ("/Title", "/CreationDate", "/ModDate") if name not in file.pdf.docinfo]
    missing += [] if file.pdf.docinfo.get("/Trapped") in ("/True", "/False") else ["/Trapped"]
    missing += [] if "/ID" in file.pdf.trailer else ["/ID"]
    if missing:
        yield f"The file does not say what PDF/X asks for: {', '.join(missing)}.", _FAULT


def _old(file: Opened) -> Iterator[Finding]:
    if not file.data.startswith(b"%PDF-1.3"):
        yield (
            f"The file is {file.data[1:8].decode('latin-1')}, and PDF/X of 2001 and 2002 is PDF 1.3.",
            _FAULT,
        )
    if b"/ObjStm" in file.data or b"/XRef" in file.data:
        yield "The file is packed as PDF 1.3 cannot be.", _FAULT


def _old_fonts(file: Opened) -> Iterator[Finding]:
    for font in ink.fonts(file.pdf):
        if "/FontFile3" in font and font.FontFile3.get("/Subtype") == "/OpenType":
            yield (
                f"The font {font.get('/FontName')} is OpenType with PostScript outlines, younger than PDF 1.3.",
                "Bring a .ttf of it, or ask the printer for PDF/X-4.",
            )


def _cmyk(file: Opened) -> Iterator[Finding]:
    for colour, pages in sorted(file.drawn.colours.items()):
        if colour in ("RGB", "calibrated"):
            yield (
                f"There is {colour} colour on {_pages(pages)}.",
                'Give those pictures and colours in CMYK, or print black: colour = "black".',
            )


def _no_rgb(file: Opened) -> Iterator[Finding]:
    if pages := file.drawn.colours.get("RGB"):
        yield (
            f"There is RGB colour on {_pages(pages)}.",
            'Give those pictures and colours in CMYK, or print black: colour = "black".',
        )


def _compressed(file: Opened) -> Iterator[Finding]:
    for thing in file.pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            filters = str(thing.get("/Filter", ""))
            if "LZW" in filters or "JBIG2" in filters or "JPX" in filters:
                yield "The file has a picture that is packed in a way PDF/X does not know.", _FAULT
                return


_ALL_X = (_X1A, _X3, _X4)
RULES = (
    Rule("error", _boxes, _ALL_X),
    Rule("warning", _sizes),
    Rule("error", _screen_things, _ALL_X),
    Rule("error", _scripts, _ALL_X),
    Rule("error", _fonts, _ALL_X),
    Rule("error", _black),
    Rule("warning", _transparent, (_X1A, _X3)),
    Rule("warning", _small),
    Rule("warning", _thin),
    Rule("error", _label, _ALL_X, always=False),
    Rule("error", _intent, _ALL_X, always=False),
    Rule("error", _dates, _ALL_X, always=False),
    Rule("error", _old, (_X1A, _X3), always=False),
    Rule("error", _old_fonts, (_X1A, _X3), always=False),
    Rule("error", _cmyk, (_X1A,), always=False),
    Rule("error", _no_rgb, (_X3, _X4), always=False),
    Rule("error", _compressed, (_X1A, _X3), always=False),
)
"""Rules of printers, and those of PDF/X, which are errors for a file that is labelled so."""


def rules(edition: Edition) -> tuple[Rule, ...]:
    """Give the rules that an edition is held to."""
    return tuple(rule for rule in RULES if rule.always or edition.delivery.standard in rule.standards)


def check(file: Opened, name: str) -> Iterator[Problem]:
    """Hold a file to every rule for it."""
    for rule in rules(file.edition):
        labelled = file.edition.delivery.standard in rule.standards
        for sentence, advice in rule.find(file):
            severity: Severity = "error" if labelled else rule.weight
            yield Problem(severity, "press", Place(name), sentence, advice)
