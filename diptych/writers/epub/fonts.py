"""The faces an EPUB carries: those its styles use, cut down to the characters of the book.

A face whose embedding permission (OS/2 fsType, OpenType specification) forbids it is left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

from fontTools import subset
from fontTools.ttLib import TTFont

from diptych.model import File

_FORBIDDEN = 0x0002
_ALWAYS = "0123456789.,;:!?-–—…‘’“”«»()[]*†‡§ \u00a0\u202f\u2003"
_RULE = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def embed(stylesheets: Sequence[File], faces: Mapping[str, File], text: str) -> tuple[File, ...]:
    """Give one stylesheet, and the faces that it uses with the characters of `text`.

    A rule goes with its face: one that names a file which is not there is an error to EPUBCheck.
    """
    style = "\n".join(sheet.data.decode("utf-8", "replace") for sheet in stylesheets)
    used = re.sub(r"/\*.*?\*/", "", _RULE.sub("", style), flags=re.DOTALL)
    kept: dict[str, File] = {}
    for rule in _RULE.findall(style):
        family = re.search(r"""font-family:\s*["']?([^"';}]+)""", rule)
        address = re.search(r"""url\(\s*["']?([^"')]+)""", rule)
        face = faces.get(address[1].strip()) if address else None
        cut = _subset(face, text) if face and family and family[1].strip() in used else None
        if cut is None:
            style = style.replace(rule, "")
        else:
            kept[cut.path] = cut
    return (File("book.css", style.encode()), *kept.values())


def _subset(face: File, text: str) -> File | None:
    """Cut a face, byte-identical each time; None where it may not be embedded."""
    font = TTFont(io.BytesIO(face.data), recalcTimestamp=False)
    if font["OS/2"].fsType & _FORBIDDEN:
        return None
    options = subset.Options(
        layout_features=["*"], notdef_outline=True, recalc_timestamp=False, hinting=False
    )
    options.drop_tables += ["FFTM", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=text + _ALWAYS)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return File(face.path, out.getvalue())
