"""The glyphs of a line written into a PDF, as WeasyPrint 70.0 writes them, a line at a time instead of glyph by glyph.

What is written for a glyph follows from the face, its size, the glyph's number and its place; it is made once, and so
is what is written for a word.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import weasyprint.draw.text
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout

_NUMBERS = 5
"""A glyph of Pango's is so many numbers of 32 bits: its own, its width, how far it is moved, what it belongs to."""

_PLAIN = 0x0FFFFFFF
"""Numbers from here on are no glyphs of a face: what is left out, and what is missing (`PANGO_GLYPH_EMPTY`)."""

_CURED_POINTS = 14802
"""The version of Pango from which on a font tells its size right."""

_SPACES = (" ", "\u00a0")

_Glyph = tuple[int, int, int]
"""Number, width, and how far it is moved to the right, in Pango's units."""


def install() -> None:
    """Put it in place, once per process."""
    drawing = weasyprint.draw.text
    if hasattr(drawing, "_diptych_glyphs") or pango.pango_version() < _CURED_POINTS:
        return
    if ffi.sizeof("PangoGlyphInfo") != 4 * _NUMBERS:
        return
    original = drawing.draw_first_line

    @functools.wraps(original)
    def draw_first_line(stream: Any, box: Any, overflow: str, ellipsis: str, matrix: Any) -> Any:
        if overflow != "ellipsis" and ellipsis == "none" and box.text.strip():
            pango.pango_layout_set_single_paragraph_mode(box.pango_layout.layout, True)  # noqa: FBT003
            line, _ = box.pango_layout.get_first_line()
            if shown := _shown(line, stream, box.pango_layout):
                stream.set_text_matrix(*matrix.values)
                _show(stream, shown)
                return []
        box.pango_layout.set_text(box.pango_layout.text, justify=True)
        return original(stream, box, overflow, ellipsis, matrix)

    def reactivate(layout: Any, style: Any) -> None:
        layout.setup(style)
        layout.set_text(layout.text, justify=not _is_spread_later(style))

    drawing.draw_first_line = draw_first_line
    Layout.reactivate = reactivate
    drawing._diptych_glyphs = True


def _is_spread_later(style: Any) -> bool:
    """Whether the spaces of a spread line may be widened when it is shaped: told of them before, Pango shapes by word.

    It knows nothing then of the kerning between a word and a space, with which the line was measured.
    """
    return style["letter_spacing"] == "normal" and not style["word_spacing"]


class _Run(NamedTuple):
    """Glyphs of one face and size: `numbers` are Pango's, as bytes; spaces are `spread` by so many of Pango's units."""

    stream: Any
    item: Any
    clusters: Any
    numbers: bytes
    text: str
    spread: int


class _Face:
    """A face at a size, and what shows each run of its glyphs that was met: words come again and again."""

    def __init__(self, face: Any, size: float) -> None:
        self.face, self.size = face, size
        self.runs: dict[tuple[bytes, int], str] = {}
        self.glyphs: dict[_Glyph, str] = {}
        self.spaces: set[int] = set()

    @classmethod
    def of(cls, face: Any, size: float) -> _Face:
        """Give the one of this size."""
        if not hasattr(face, "diptych_sizes"):
            face.diptych_sizes = {}
        known: dict[float, _Face] = face.diptych_sizes
        return known.setdefault(size, cls(face, size))

    def shown(self, run: _Run) -> str | None:
        """Give what shows a run, between brackets where it has a glyph; None where it is not plain."""
        numbers = memoryview(run.numbers).cast("i").tolist()
        ids, widths, moved, raised = (numbers[n::_NUMBERS] for n in range(4))
        coloured = self.face.bitmap or self.face.png or self.face.svg or self.face.colr
        if coloured or any(raised) or not all(0 <= glyph < _PLAIN for glyph in ids):
            return None
        parts = []
        for number, glyph in enumerate(zip(ids, widths, moved, strict=True)):
            if glyph not in self.glyphs:
                self._name(run, number, glyph[0])
                self.glyphs[glyph] = self._part(run, *glyph)
            spread = run.spread and glyph[0] in self.spaces
            parts.append(self._spread(run, *glyph) if spread else self.glyphs[glyph])
        whole = "<" + "".join(parts)
        return whole[:-1] if whole[-1] == "<" else f"{whole}>"

    def _name(self, run: _Run, number: int, glyph: int) -> None:
        """Note which letters a glyph stands for, where it is met first, and whether it is a space."""
        known = self.face.to_unicode
        if glyph not in known:
            known[glyph] = _letters(run, number)
        if known[glyph] in _SPACES:
            self.spaces.add(glyph)

    def _spread(self, run: _Run, glyph: int, width: int, moved: int) -> str:
        """Give what shows a space of a line that is spread."""
        wider = (glyph, width + run.spread, moved)
        if wider not in self.glyphs:
            self.glyphs[wider] = self._part(run, *wider)
        return self.glyphs[wider]

    def _part(self, run: _Run, glyph: int, width: int, moved: int) -> str:
        """Give what shows a glyph: its number, with what is corrected before and behind it."""
        offset = moved / self.size
        kerning = self._width(run, glyph) + offset - width * 1000 * FROM_UNITS / self.size
        before = f">{-offset}<" if offset else ""
        return f"{before}{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")

    def _width(self, run: _Run, glyph: int) -> int:
        """Give the width that the face gives to a glyph, in thousandths of its size."""
        widths: dict[int, int] = self.face.widths
        if glyph not in widths:
            ink, logical = run.stream.ink_rect, run.stream.logical_rect
            pango.pango_font_get_glyph_extents(run.item.analysis.font, glyph, ink, logical)
            widths[glyph] = round(logical.width * 1000 * FROM_UNITS / self.size)
        return widths[glyph]


def _letters(run: _Run, number: int) -> str:
    """Give the letters behind a glyph of a run, by its number; a run from right to left has its last ones first."""
    begin, length = run.clusters[number], run.item.length
    count = len(run.numbers) // (4 * _NUMBERS)
    if run.item.analysis.level % 2:
        end = length if number == 0 else run.clusters[number - 1]
    else:
        end = length if number == count - 1 else run.clusters[number + 1]
    at = run.item.offset
    return run.text.encode()[at + begin : at + end].decode()


def _shown(line: Any, stream: Any, layout: Any) -> list[tuple[_Face, str]]:
    """Give what shows each run of a line; nothing where WeasyPrint has to see to it."""
    found: list[tuple[_Face, str]] = []
    run, font, face = line.runs, None, None
    spread = int(layout.justification_spacing * TO_UNITS) if _is_spread_later(layout.style) else 0
    while run != ffi.NULL:
        item, string = run.data.item, run.data.glyphs
        if face is None or item.analysis.font != font:
            font = item.analysis.font
            face = _Face.of(*stream.add_font(font))
        numbers = ffi.buffer(string.glyphs, 4 * _NUMBERS * string.num_glyphs)[:]
        shown = face.runs.get((numbers, spread))
        if shown is None:
            shown = face.shown(_Run(stream, item, string.log_clusters, numbers, layout.text, spread))
            if shown is None:
                return []
            face.runs[numbers, spread] = shown
        found.append((face, shown))
        run = run.next
    return found


def _show(stream: Any, shown: Sequence[tuple[_Face, str]]) -> None:
    """Write the runs of a line, those of one face together."""
    for face, runs in groupby(shown, key=itemgetter(0)):
        stream.set_font_size(face.face.hash, face.size)
        stream.show_text("".join(part for _, part in runs))
