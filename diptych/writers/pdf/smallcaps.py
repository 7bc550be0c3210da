"""Small capitals that a face does not have: shrunk capitals stand in for them, too light and too narrow.

Pango makes them up without a word. The author is told, once for each place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from fontTools.ttLib import TTFont, TTLibError

from diptych.model import File, Theme
from diptych.problems import Place, Problem, warning
from diptych.writers.pdf.layout import Laid

_FEATURES = {"small-caps": ("smcp",), "all-small-caps": ("smcp", "c2sc")}
"""What a face has to have for a value of `font-variant-caps` (OpenType features)."""

_SMALL = {"small-caps": str.islower, "all-small-caps": str.isalpha}
"""Which letters become small capitals then."""

_RULE = re.compile(r"@font-face\s*\{([^}]*)\}")
_BOLD = 600
"""The weight from which on a face of ours is a bold one."""

_Face = tuple[str, str, bool]
"""Family, style, and whether it is bold."""


def lacking(laid: Laid, places: Mapping[Element, Place], theme: Theme) -> tuple[Problem, ...]:
    """Tell the places where small capitals are asked for in a face that has none; what nobody wrote is not told."""
    faces = _faces(theme)
    found: dict[Place, Problem] = {}
    for box in _texts(laid):
        asked, place = box.style["font_variant_caps"], places.get(box.element)
        face = _face(box.style, faces)
        if place and place.file and place not in found and face and not _has(faces[face], asked):
            found[place] = _problem(place, box.text.strip(), face)
    return tuple(found.values())


def _texts(laid: Laid) -> Iterator[Any]:
    """Give the words that are set in small capitals."""
    for page in laid.document.pages:
        for box in page._page_box.descendants():  # noqa: SLF001 - there is no other way to the boxes
            small = _SMALL.get(box.style["font_variant_caps"])
            if small and any(map(small, getattr(box, "text", ""))):
                yield box


def _face(style: Any, faces: Mapping[_Face, File]) -> _Face | None:
    slant = "normal" if style["font_style"] == "normal" else "italic"
    wanted = ((family, slant, style["font_weight"] >= _BOLD) for family in style["font_family"])
    return next((face for face in wanted if face in faces), None)


def _faces(theme: Theme) -> Mapping[_Face, File]:
    """Give the font file of each face that the stylesheets name."""
    files = {file.path: file for file in theme.files}
    rules = [
        rule for sheet in theme.stylesheets for rule in _RULE.findall(sheet.data.decode("utf-8", "replace"))
    ]
    found: dict[_Face, File] = {}
    for rule in rules:
        told = dict(part.strip().split(":", 1) for part in rule.split(";") if ":" in part)
        address = re.search(r"""url\(["']?([^"')]+)""", told.get("src", ""))
        if address and address[1] in files:
            weight = told.get("font-weight", "normal").strip()
            bold = weight == "bold" or (weight.isdigit() and int(weight) >= _BOLD)
            slant = "normal" if told.get("font-style", "normal").strip() == "normal" else "italic"
            found[told.get("font-family", "").strip().strip("\"'"), slant, bold] = files[address[1]]
    return found


def _has(file: File, asked: str) -> bool:
    return set(_FEATURES[asked]) <= _substitutions(file.data)


@cache
def _substitutions(data: bytes) -> frozenset[str]:
    """Name the substitutions that a face knows; every one where it cannot be read, for that is told elsewhere."""
    try:
        font = TTFont(io.BytesIO(data), lazy=True)
        records = font["GSUB"].table.FeatureList.FeatureRecord if "GSUB" in font else []
    except (TTLibError, KeyError, AttributeError):
        return frozenset({"smcp", "c2sc"})
    return frozenset(record.FeatureTag for record in records)


def _problem(place: Place, words: str, face: _Face) -> Problem:
    family, slant, bold = face
    kind = " ".join([*(["bold"] if bold else []), *(["italic"] if slant == "italic" else [])]) or "upright"
    return warning(
        "small-caps-missing",
        place,
        f"“{words}” is to stand in small capitals, and the {kind} face of {family} has none: they are made up.",
        "Set it upright, or as plain capitals; or put a face that has small capitals into the book's folder fonts/.",
    )
