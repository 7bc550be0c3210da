"""Pages of a finished PDF, as PDFium reads them."""

from __future__ import annotations

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium

from diptych.checks import sheets
from diptych.checks.pages import Opened
from diptych.checks.sheets import Sheet


class Printed:
    """Pages as PDFium reads them."""

    def __init__(self, made) -> None:
        self.document = pypdfium2.PdfDocument(made.data)
        self.texts = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in self.document]

    def box(self, page: int, word: str, nth: int = 0) -> tuple[float, float, float, float]:
        """Give left, bottom, right, top of a word, in points."""
        text = self.document[page].get_textpage()
        found = text.search(word, match_case=True)
        for _ in range(nth):
            found.get_next()
        start, count = found.get_next()
        boxes = [text.get_charbox(start + n) for n in range(count)]
        sides = list(zip(*boxes, strict=True))
        return min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])


def read(data: bytes) -> list[Sheet]:
    """The pages as the sentinel sees them, without what a layout knows of them."""
    with pypdfium2.PdfDocument(data) as document:
        return [sheets.sheet(Opened(page, page.get_textpage()), ()) for page in document]


def lines(data: bytes) -> list[list[tuple[float, str]]]:
    """The lines of each page as (baseline in points from the top of the file's page, text), from above."""
    pages = []
    x, y = ctypes.c_double(), ctypes.c_double()
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            text, found = page.get_textpage(), {}
            for index in range(text.count_chars()):
                if not pdfium.FPDFText_IsGenerated(text, index):
                    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
                    line = round(page.get_height() - y.value, 1)
                    found.setdefault(line, []).append(chr(pdfium.FPDFText_GetUnicode(text, index)))
            pages.append(sorted((line, "".join(letters)) for line, letters in found.items()))
    return pages
