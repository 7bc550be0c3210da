"""A fount is a face at a size: it measures words, each once, and says where they may be broken.

Words are set by WeasyPrint 70.0's own means, so that a line is as wide as it was taken to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, NamedTuple

import pyphen
from weasyprint.text.ffi import FROM_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, get_next_word_boundaries

from diptych.writers.pdf import hanging

_NO_BREAK = "\u00a0"


class Cut(NamedTuple):
    """Where a word may be broken: letters before it, their width with a hyphen, that of the letters behind it."""

    letters: int
    ends: float
    rest: float


class Part(NamedTuple):
    """A word and so many spaces behind it; `hangs` is how far it may stand over the edge at the end of a line."""

    word: str
    width: float
    hangs: float
    spaces: int


ffi.cdef("""
    PangoLayoutLine *pango_layout_line_ref (PangoLayoutLine *line);
    void pango_layout_line_unref (PangoLayoutLine *line);
""")


class Set(NamedTuple):
    """How much room words take that are set in a line, in CSS pixels; `direction` is odd from right to left.

    The line itself is Pango's, and stays as it is when the fount sets another one.
    """

    width: float
    height: float
    baseline: float
    direction: int
    line: Any


class Fount:
    """Measures words. `space` and `hyphen` are widths; a word of fewer letters than `least` is never broken."""

    def __init__(self, style: Any, dictionaries: dict[Any, Any]) -> None:
        self._style, self._dictionaries = style, dictionaries
        self._layout, self._extents = Layout(style), ffi.new("PangoRectangle *")
        self._apart = 0.0 if style["letter_spacing"] == "normal" else style["letter_spacing"]
        self._widths: dict[str, float] = {}
        self._parts: dict[str, Part | None] = {}
        self._leads: dict[str, float] = {}
        self._cuts: dict[tuple[str, str], tuple[Cut, ...]] = {}
        self._language = style["lang"] and pyphen.language_fallback(style["lang"])
        hyphenates = style["hyphens"] == "auto" and self._language
        self.least = style["hyphenate_limit_chars"][0] if hyphenates else inf
        self.space, self.hyphen = self.width(" "), self.width(style["hyphenate_character"])
        self.hyphen_hangs = hanging.at_end(style["hyphenate_character"]) * self.hyphen

    def width(self, text: str) -> float:
        """Give the width of a text without spaces at its ends, or of one space, in CSS pixels."""
        known = self._widths.get(text)
        if known is None:
            self._set(text)
            known = self._widths[text] = self._extents.width * FROM_UNITS + self._apart
        return known

    def line(self, text: str) -> Set | None:
        """Set a line of words; None where it is more than one, or none."""
        line = self._set(text)
        layout = self._layout.layout
        if not text or pango.pango_layout_get_line_readonly(layout, 1) != ffi.NULL:
            return None
        width, height = self._extents.width * FROM_UNITS + self._apart, self._extents.height * FROM_UNITS
        baseline = pango.pango_layout_get_baseline(layout) * FROM_UNITS
        kept = ffi.gc(pango.pango_layout_line_ref(line), pango.pango_layout_line_unref)
        return Set(width, height, baseline, line.resolved_dir, kept)

    def _set(self, text: str) -> Any:
        if self._apart:
            self._layout.set_text(text)
        else:  # nothing is said of single letters
            pango.pango_layout_set_text(self._layout.layout, text.encode(), -1)
        line = pango.pango_layout_get_line_readonly(self._layout.layout, 0)
        pango.pango_layout_line_get_extents(line, ffi.NULL, self._extents)
        return line

    def part(self, text: str) -> Part | None:
        """Measure a word with the spaces behind it; None where there are some in it too, or where it is no word."""
        if text not in self._parts:
            self._parts[text] = self._part(text)
        return self._parts[text]

    def _part(self, text: str) -> Part | None:
        word = text.rstrip(" ")
        if not word or " " in word or _NO_BREAK in word:
            return None
        return Part(word, self.width(word), self.hangs(word[-1]), len(text) - len(word))

    def hangs(self, mark: str) -> float:
        """Say how far a mark, or no letter at all, may stand over the edge behind a line that it ends."""
        part = 0.0 if mark.isalpha() else hanging.at_end(mark)
        return part * self.width(mark) if part else 0.0

    def leads(self, mark: str) -> float:
        """Say how far a mark, or no letter at all, may stand over the edge before a line that it begins."""
        known = self._leads.get(mark)
        if known is None:
            part = 0.0 if mark.isalpha() else hanging.at_beginning(mark)
            known = self._leads[mark] = part * self.width(mark) if part else 0.0
        return known

    def cuts(self, text: str, broken: str) -> tuple[Cut, ...]:
        """Give the places inside a word, and the marks at it, where it may be broken."""
        key = (text, broken)
        if key not in self._cuts:
            self._cuts[key] = tuple(self._broken(text, broken))
        return self._cuts[key]

    def _broken(self, text: str, broken: str) -> Iterator[Cut]:
        total, left, right = self._style["hyphenate_limit_chars"]
        if len(text) < self.least or _NO_BREAK in text:
            return
        found = get_next_word_boundaries(text, self._language)
        if not found or found[1] - found[0] < total:
            return
        word = text[found[0] : found[1]]
        if broken == "words" and word[0].isupper() and not self._language.startswith("de"):
            return
        parts = {len(part) for part, _ in self._dictionary(left, right, total).iterate(word)}
        for cut in sorted(found[0] + part for part in parts):
            ends = self.width(text[:cut] + self._style["hyphenate_character"])
            yield Cut(cut, ends, self.width(text[cut:]))

    def _dictionary(self, left: int, right: int, total: int) -> Any:
        key = (self._language, left, right, total)
        if key not in self._dictionaries:
            self._dictionaries[key] = pyphen.Pyphen(lang=self._language, left=left, right=right)
        return self._dictionaries[key]
