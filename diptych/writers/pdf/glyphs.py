"""The glyphs of a line written into a PDF, as WeasyPrint 70.0 writes them, a line at a time instead of glyph by glyph.

Left out is what moves nothing: a correction of less than a thousandth is written as 0 there, after nearly every glyph.
What is written for a glyph follows from the face, its size, the glyph's number and its place; it is made once.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import pydyf
import weasyprint.draw.text
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout

from diptych.writers.pdf.thrift import Told

_GLYPH, _PLACE = struct.Struct("16s4x"), struct.Struct("4i")
"""What Pango knows of a glyph: its number, its width, how far it is moved to the right and up; and whose it is."""

_PLAIN = 0x0FFFFFFF
"""Numbers from here on are no glyphs of a face: what is left out, and what is missing (`PANGO_GLYPH_EMPTY`)."""

_CURED_POINTS = 14802
"""The version of Pango from which on a font tells its size right."""

_SPACES = (" ", "\u00a0")


def install() -> None:
    """Put it in place, once per process."""
    drawing = weasyprint.draw.text
    if hasattr(drawing, "_diptych_glyphs") or not are_read():
        return
    original = drawing.draw_first_line

    @functools.wraps(original)
    def draw_first_line(stream: Any, box: Any, overflow: str, ellipsis: str, matrix: Any) -> Any:
        layout = box.pango_layout
        if overflow != "ellipsis" and ellipsis == "none" and box.text.strip():
            pango.pango_layout_set_single_paragraph_mode(layout.layout, True)  # noqa: FBT003
            line, _ = layout.get_first_line()
            if found := _shown(stream, line, layout.text, _spread(layout, layout.style)):
                stream.set_text_matrix(*matrix.values)
                _show(stream, found)
                return []
        layout.set_text(layout.text, justify=True)
        return original(stream, box, overflow, ellipsis, matrix)

    def reactivate(layout: Any, style: Any) -> None:
        layout.setup(style)
        layout.set_text(layout.text, justify=not is_spread_later(style))

    drawing.draw_first_line = draw_first_line
    Layout.reactivate = reactivate
    drawing._diptych_glyphs = True


@functools.cache
def are_read() -> bool:
    """Whether the glyphs of this Pango can be read here."""
    return bool(pango.pango_version() >= _CURED_POINTS and ffi.sizeof("PangoGlyphInfo") == _GLYPH.size)


def is_spread_later(style: Any) -> bool:
    """Whether the spaces of a spread line may be widened when it is shaped: told of them before, Pango shapes by word.

    It knows nothing then of the kerning between a word and a space, with which the line was measured.
    """
    return style["letter_spacing"] == "normal" and not style["word_spacing"]


def _spread(layout: Any, style: Any) -> int:
    return int(layout.justification_spacing * TO_UNITS) if is_spread_later(style) else 0


def shown(stream: Any, told: Told, layout: Any) -> list[Shown]:
    """Give what shows the words of a layout that are spread later; nothing where WeasyPrint has to see to it."""
    spread = int(layout.justification_spacing * TO_UNITS)
    is_set = getattr(layout, "line", None) and layout.set_from == layout.text
    line = layout.line if is_set else told.line(layout.text)
    return _shown(stream, line, layout.text, spread)


def show(stream: Any, shown: Sequence[Shown], x: float, y: float) -> None:
    """Write a line at a place, in pixels."""
    stream.stream.append(b"1 0 0 -1 %b %b Tm" % (pydyf._to_bytes(x), pydyf._to_bytes(y)))
    _show(stream, shown)


Shown = tuple["_Face", bytes]
"""What shows glyphs of a face."""


class _Run(NamedTuple):
    """Glyphs of one face and size: `places` are what Pango knows of each; `text` is that of the whole line."""

    stream: Any
    item: Any
    clusters: Any
    places: Sequence[tuple[bytes]]
    text: str


class _Face:
    """A face at a size, and what shows each of its glyphs that was met."""

    def __init__(self, face: Any, size: float) -> None:
        self.face, self.size = face, size
        self.parts: dict[tuple[bytes], bytes] = {}
        self.marked: dict[tuple[bytes], bytes] = {}
        """The same, but for a mark where a space is: each line spreads them anew."""
        self.spaces: dict[bytes, tuple[int, int, int]] = {}
        """Spaces by their marks: number, width, and how far they are moved to the right, in Pango's units."""

    @classmethod
    def of(cls, face: Any, size: float) -> _Face:
        """Give the one of this size."""
        if not hasattr(face, "diptych_sizes"):
            face.diptych_sizes = {}
        known: dict[float, _Face] = face.diptych_sizes
        return known.setdefault(size, cls(face, size))

    def shown(self, run: _Run, spread: int) -> bytes | None:
        """Give what shows a run, its spaces spread by so many of Pango's units; None where it is not plain."""
        parts = self.marked if spread else self.parts
        try:
            shown = b"<" + b"".join(map(parts.__getitem__, run.places))
        except KeyError:
            if not self._learn(run):
                return None
            shown = b"<" + b"".join(map(parts.__getitem__, run.places))
        if spread:
            for mark, (glyph, width, moved) in self.spaces.items():
                if mark in shown:
                    shown = shown.replace(mark, self._part(run, glyph, width + spread, moved))
        return shown[:-1] if shown.endswith(b"<") else shown + b">"

    def _learn(self, run: _Run) -> bool:
        """Note what shows the glyphs of a run; says whether they are plain."""
        coloured = self.face.bitmap or self.face.png or self.face.svg or self.face.colr
        places = [_PLACE.unpack(*place) for place in run.places]
        if coloured or any(raised or not 0 <= glyph < _PLAIN for glyph, _, _, raised in places):
            return False
        for number, (key, (glyph, width, moved, _)) in enumerate(zip(run.places, places, strict=True)):
            if key not in self.parts:
                self.parts[key] = self.marked[key] = self._part(run, glyph, width, moved)
                if self._name(run, number, glyph) in _SPACES:
                    mark = self.marked[key] = b"(%d)" % len(self.spaces)
                    self.spaces[mark] = glyph, width, moved
        return True

    def _name(self, run: _Run, number: int, glyph: int) -> str:
        """Give the letters that a glyph stands for, which are noted where it is met first."""
        known: dict[int, str] = self.face.to_unicode
        if glyph not in known:
            known[glyph] = _letters(run, number)
        return known[glyph]

    def _part(self, run: _Run, glyph: int, width: int, moved: int) -> bytes:
        """Give what shows a glyph: its number, with what is corrected before and behind it."""
        offset = moved / self.size
        kerning = int(self._width(run, glyph) + offset - width * 1000 * FROM_UNITS / self.size)
        before = f">{-offset}<" if offset else ""
        behind = f">{kerning}<" if kerning else ""
        return f"{before}{glyph:04x}{behind}".encode()

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
    if run.item.analysis.level % 2:
        end = length if number == 0 else run.clusters[number - 1]
    else:
        end = length if number == len(run.places) - 1 else run.clusters[number + 1]
    at = run.item.offset
    return run.text.encode()[at + begin : at + end].decode()


def _shown(stream: Any, line: Any, text: str, spread: int) -> list[Shown]:
    """Give what shows each run of a line; nothing where WeasyPrint has to see to it."""
    found: list[Shown] = []
    run, font, face = line.runs, None, None
    while run != ffi.NULL:
        item, string = run.data.item, run.data.glyphs
        if face is None or item.analysis.font != font:
            font = item.analysis.font
            face = _Face.of(*stream.add_font(font))
        places = list(_GLYPH.iter_unpack(ffi.buffer(string.glyphs, _GLYPH.size * string.num_glyphs)))
        shown = face.shown(_Run(stream, item, string.log_clusters, places, text), spread)
        if shown is None:
            return []
        found.append((face, shown))
        run = run.next
    return found


def _show(stream: Any, shown: Sequence[Shown]) -> None:
    """Write the runs of a line, those of one face together."""
    for face, runs in groupby(shown, key=itemgetter(0)):
        stream.set_font_size(face.face.hash, face.size)
        stream.show_text(b"".join(part for _, part in runs))
