"""The glyphs of a line written into a PDF, as WeasyPrint 70.0 writes them, a line at a time instead of glyph by glyph.

What is written for a glyph follows from the face, its size, the glyph's number and its place, and is made once.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import weasyprint.draw.text
from weasyprint.text.ffi import FROM_UNITS, ffi, pango

_NUMBERS = 5
"""A glyph of Pango's is so many numbers of 32 bits: its own, its width, how far it is moved, what it belongs to."""

_PLAIN = 0x0FFFFFFF
"""Numbers from here on are no glyphs of a face: what is left out, and what is missing (`PANGO_GLYPH_EMPTY`)."""

_CURED_POINTS = 14802
"""The version of Pango from which on a font tells its size right."""

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
            runs = list(_runs(line, stream))
            if all(run.is_plain for run in runs):
                shown = _Shown(stream, box)
                stream.set_text_matrix(*matrix.values)
                for run in runs:
                    shown.add(run)
                shown.end()
                return []
        return original(stream, box, overflow, ellipsis, matrix)

    drawing.draw_first_line = draw_first_line
    drawing._diptych_glyphs = True


class _Run(NamedTuple):
    """Glyphs of one face and size, with what Pango says of them; plain are those that are not drawn by colour."""

    face: Any
    size: float
    item: Any
    clusters: Any
    glyphs: Sequence[_Glyph]
    is_plain: bool


def _runs(line: Any, stream: Any) -> Iterator[_Run]:
    run, before, face, size = line.runs, None, None, 0.0
    while run != ffi.NULL:
        if before != (before := run.data.item.analysis.font):
            face, size = stream.add_font(before)
        string = run.data.glyphs
        numbers = memoryview(ffi.buffer(string.glyphs, 4 * _NUMBERS * string.num_glyphs)).cast("i").tolist()
        glyphs = list(zip(numbers[::_NUMBERS], numbers[1::_NUMBERS], numbers[2::_NUMBERS], strict=True))
        is_plain = not any(numbers[3::_NUMBERS]) and all(0 <= glyph[0] < _PLAIN for glyph in glyphs)
        is_plain = is_plain and not (face.bitmap or face.png or face.svg or face.colr)
        yield _Run(face, size, run.data.item, string.log_clusters, glyphs, is_plain)
        run = run.next


class _Shown:
    """What is shown of a line, as operators of a PDF."""

    def __init__(self, stream: Any, box: Any) -> None:
        self.stream, self.box = stream, box
        self.text = b""
        self.before: Any = None
        self.face: Any = None
        self.size = 0.0
        self.parts: list[str] = []
        self.known: dict[_Glyph, str] = {}

    def add(self, run: _Run) -> None:
        """Show a run of glyphs."""
        if run.item.analysis.font != self.before:
            self._take(run)
        parts = []
        for number, glyph in enumerate(run.glyphs):
            part = self.known.get(glyph)
            if part is None:
                self._name(run, number, glyph[0])
                part = self.known[glyph] = self._part(*glyph)
            parts.append(part)
        shown = "<" + "".join(parts)
        self.parts.append(shown[:-1] if shown[-1] == "<" else f"{shown}>")

    def end(self) -> None:
        """Write what is left."""
        self.stream.show_text("".join(self.parts))

    def _take(self, run: _Run) -> None:
        """Go on in another face."""
        self.before, self.face, self.size = run.item.analysis.font, run.face, run.size
        if any(self.parts):
            self.stream.show_text("".join(self.parts))
        self.parts = []
        self.stream.set_font_size(self.face.hash, self.size)
        if not hasattr(self.face, "diptych_glyphs"):
            self.face.diptych_glyphs = {}
        self.known = self.face.diptych_glyphs.setdefault(self.size, {})

    def _name(self, run: _Run, number: int, glyph: int) -> None:
        """Note which letters a glyph stands for, where it is met first."""
        if glyph in self.face.to_unicode:
            return
        begin, length = run.clusters[number], run.item.length
        if run.item.analysis.level % 2:
            end = length if number == 0 else run.clusters[number - 1]
        else:
            end = length if number == len(run.glyphs) - 1 else run.clusters[number + 1]
        self.text = self.text or self.box.pango_layout.text.encode()
        at = run.item.offset
        self.face.to_unicode[glyph] = self.text[at + begin : at + end].decode()

    def _part(self, glyph: int, width: int, moved: int) -> str:
        """Give what shows a glyph: its number, with what is corrected before and behind it."""
        offset = moved / self.size
        kerning = self._width(glyph) + offset - width * 1000 * FROM_UNITS / self.size
        before = f">{-offset}<" if offset else ""
        return f"{before}{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")

    def _width(self, glyph: int) -> int:
        """Give the width that the face gives to a glyph, in thousandths of its size."""
        widths: dict[int, int] = self.face.widths
        if glyph not in widths:
            ink, logical = self.stream.ink_rect, self.stream.logical_rect
            pango.pango_font_get_glyph_extents(self.before, glyph, ink, logical)
            widths[glyph] = round(logical.width * 1000 * FROM_UNITS / self.size)
        return widths[glyph]
