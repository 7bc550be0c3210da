"""The faces of a book: noted section by section, put into the finished file once, with the letters that the book shows.

WeasyPrint embeds a subset of each face with every document it writes. Glyphs keep their numbers in a subset, so that
one subset of all letters of the book serves the pages of every section (ISO 32000-1, 9.7.4.2).
"""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Iterable, Mapping
from typing import Any, Self

import pydyf
import weasyprint.pdf
from fontTools import subset
from fontTools.ttLib import TTFont
from weasyprint import DEFAULT_OPTIONS
from weasyprint.pdf.fonts import Font, build_fonts_dictionary

from diptych.writers.pdf.gatherings import Face

_ABOUT = """family index style weight variations font_size ascent descent tables bitmap italic_angle upem png svg colr
glyph_count stemv stemh flags used_in_forms""".split()
"""What WeasyPrint knows of a face and needs to write it."""

_TYPESETTING = frozenset({"GSUB", "GPOS", "GDEF", "BASE", "JSTF", "DSIG", "SVG ", "kern"})

_noted: list[Any] = []


def install() -> None:
    """Let faces be noted instead of written while `Noted` is open."""
    if hasattr(weasyprint.pdf.build_fonts_dictionary, "__wrapped__"):
        return

    @functools.wraps(build_fonts_dictionary)
    def build(pdf: Any, fonts: Mapping[Any, Any], *rest: Any) -> Any:
        if not _noted:
            return build_fonts_dictionary(pdf, fonts, *rest)
        _noted[-1].faces = tuple(map(_face, fonts.values()))
        return pydyf.Dictionary({font.hash: _named(pdf, font) for font in fonts.values()})

    weasyprint.pdf.build_fonts_dictionary = build


class Noted:
    """While it is open, a PDF that is written names its faces, and they are kept here."""

    faces: tuple[Face, ...] = ()

    def __enter__(self) -> Self:
        """Open it."""
        _noted.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        _noted.pop()


def _named(pdf: Any, font: Any) -> Any:
    made = pydyf.Dictionary({"Type": "/Font", "Subtype": "/Type0", "BaseFont": font.name})
    pdf.add_object(made)
    return made.reference


def _face(font: Any) -> Face:
    about = {name: getattr(font, name) for name in _ABOUT} | {"name": font.name.decode()}
    digest = hashlib.sha256(font.file_content).hexdigest()
    return Face(font.hash, digest, about, dict(font.widths), dict(font.to_unicode), len(font.missing))


def written(faces: Iterable[Face], files: Iterable[bytes]) -> bytes:
    """Write a PDF of no pages, whose catalogue holds faces as `Faces`, by their keys."""
    known = {hashlib.sha256(data).hexdigest(): data for data in files}
    pdf = pydyf.PDF()
    fonts = {face.key: _font(face, known[face.file]) for face in faces}
    pdf.catalog["Faces"] = build_fonts_dictionary(pdf, fonts, True, True, DEFAULT_OPTIONS)  # noqa: FBT003
    out = io.BytesIO()
    pdf.write(out)
    return out.getvalue()


def _font(face: Face, data: bytes) -> Any:
    font = Font.__new__(Font)
    vars(font).update(face.about)
    font.hash, font.name, font.file_content, font.missing = face.key, face.about["name"].encode(), data, {}
    font.widths = dict(sorted(face.widths.items()))
    font.to_unicode = dict(sorted(face.letters.items()))
    font.subset = functools.partial(_subset, font)
    return font


def _subset(font: Any, letters: Mapping[int, str], _: object) -> None:
    """Subset a face with fontTools, which every machine has in the same version; HarfBuzz's is the system's.

    What only typesetting needs goes first: taking it apart to throw it away would cost most of the time.
    """
    if not letters:
        return
    whole = TTFont(io.BytesIO(font.file_content), fontNumber=font.index, lazy=True, recalcTimestamp=False)
    for table in _TYPESETTING & set(whole.keys()):
        del whole[table]
    options = subset.Options(
        retain_gids=True,
        passthrough_tables=True,
        ignore_missing_glyphs=True,
        hinting=False,
        desubroutinize=True,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(gids=letters)
    subsetter.subset(whole)
    out = io.BytesIO()
    whole.save(out)
    font.file_content = out.getvalue()
