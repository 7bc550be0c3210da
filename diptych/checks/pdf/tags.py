"""What a tagged PDF says of its parts, read back from its structure (ISO 32000-1, 14.7): more than a validator asks.

PDF/UA asks that a note has a name, not that anything leads to it; that a heading is one, not that it says something.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Dictionary

from diptych.problems import Place, Problem, error, warning

_FAULT = "This is a fault of diptych."
_HEADINGS = frozenset({"/H1", "/H2", "/H3", "/H4", "/H5", "/H6"})


def check(pdf: pikepdf.Pdf, name: str) -> Iterator[Problem]:
    """Find what somebody who has the file read to them would miss."""
    if "/StructTreeRoot" not in pdf.Root:
        yield error("pdf-tags", Place(name), "The file does not say what its parts are.", _FAULT)
        return
    parts = list(_parts(pdf.Root.StructTreeRoot))
    for sentence in (*_notes(parts), *_headings(parts), *_tables(parts), *_links(pdf)):
        yield error("pdf-tags", Place(name), sentence, _FAULT)
    silent = sum(part.S in ("/Figure", "/Formula") and "/Alt" not in part for part in parts)
    if silent:
        yield warning(
            "pdf-tags",
            Place(name),
            f"{silent} picture{'s have' if silent > 1 else ' has'} no words for those who do not see "
            f"{'them' if silent > 1 else 'it'}, so that the file may not claim PDF/UA.",
            'Write ![what it shows](picture.png); {alt=""} marks an ornament.',
        )


def _parts(element: Any) -> Iterator[Any]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from _parts(kid)


def _inside(part: Any, kinds: frozenset[str]) -> list[Any]:
    return [each for each in _parts(part) if str(each.S) in kinds]


def _notes(parts: list[Any]) -> Iterator[str]:
    names = [str(part.get("/ID", "")) for part in parts if part.S == "/Note"]
    if len(set(names) - {""}) < len(names):
        yield "A note has no name of its own."
    leading = {
        str(kid.Obj.get("/Dest", ""))
        for part in parts
        if part.S == "/Reference"
        for link in _inside(part, frozenset({"/Link"}))
        for kid in link.K
        if isinstance(kid, Dictionary) and kid.get("/Type") == "/OBJR"
    }
    for name in names:
        if name not in leading:
            yield f"Nothing leads to the note {name}."


def _headings(parts: list[Any]) -> Iterator[str]:
    level = 0
    for part in parts:
        if str(part.S) in _HEADINGS:
            own = int(str(part.S)[2:])
            if own > level + 1:
                yield f"A heading of level {own} stands under one of level {level}."
            level = own
    if not level:
        yield "The file has no headings."


def _tables(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if part.S == "/THead" and not _inside(part, frozenset({"/TH"})):
            yield "The head of a table heads nothing."
        if part.S == "/TH" and "/Scope" not in part.get("/A", {}):
            yield "The head of a column or row does not say what it heads."


def _links(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        for annotation in page.get("/Annots", []):
            if "/StructParent" not in annotation or not str(annotation.get("/Contents", "")):
                yield f"A link on page {number} does not say where it leads."
