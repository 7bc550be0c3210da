"""Hanging punctuation: light marks stand a little over the edge of a block, whose edge looks even then.

The parts are those of pdfTeX's microtype, rounded (Hàn Thế Thành, "Micro-typographic extensions to the TeX typesetting
system", 2000): of each mark's own width, whichever face it is from, in every language. A quotation mark may stand at
either edge in some language. Full-width marks of Chinese and Japanese have their white within them.
"""

from __future__ import annotations

_AT_END = {
    ".": 0.7, ",": 0.6, "-": 0.6, "\u2010": 0.6, "\u00ad": 0.6, "\u2013": 0.25, "\u2014": 0.15, ":": 0.4, ";": 0.3,
    "!": 0.1, "?": 0.15, "…": 0.15, ")": 0.1, "’": 0.6, "‘": 0.6, "'": 0.6, "”": 0.5, "“": 0.5, '"': 0.5, "»": 0.3,
    "«": 0.3, "›": 0.4, "‹": 0.4, "·": 0.6, "،": 0.5, "۔": 0.5, "؛": 0.3, "־": 0.4,
}  # fmt: skip
_AT_BEGINNING = {
    "“": 0.5, "”": 0.5, "„": 0.5, '"': 0.5, "‘": 0.6, "’": 0.6, "‚": 0.6, "'": 0.6, "«": 0.3, "»": 0.3, "‹": 0.4,
    "›": 0.4, "(": 0.1, "\u2013": 0.2, "\u2014": 0.15,
}  # fmt: skip


def at_end(mark: str) -> float:
    """Give the part of a mark's width that stands over the edge behind a line that it ends."""
    return _AT_END.get(mark, 0.0)


def at_beginning(mark: str) -> float:
    """Give the part of a mark's width that stands over the edge before a line that it begins."""
    return _AT_BEGINNING.get(mark, 0.0)
