"""Pages of a finished PDF, as PDFium reads them."""

from __future__ import annotations

import pypdfium2


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
