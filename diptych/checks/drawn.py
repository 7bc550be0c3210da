"""What draws each page of a finished PDF, named: so that no memory hides what has become of a page.

Whatever a page refers to is part of its name: contents, faces, pictures, boxes. Its place in the book is not.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

from diptych.fingerprints import fingerprint

_ELSEWHERE = ("/Parent", "/Annots", "/StructParents", "/Tabs")
"""What a page's dictionary says that is not drawn on it."""

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may have from the nodes above it (ISO 32000-2, table 31)."""

_Named = dict[tuple[int, int], str]
"""Names of what a file's objects hold, by their numbers."""


def names(data: bytes) -> list[str]:
    """Name for each page what it holds in the file: what draws it, with its faces and pictures, and its boxes.

    What holds itself is named after the whole file, so that it is the same in no other.
    """
    whole, known = fingerprint(data), _Named()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [fingerprint(*_page(page.obj, whole, known)) for page in pdf.pages]


def _page(page: Any, whole: str, known: _Named) -> Iterator[object]:
    for name, value in page.items():
        if name not in _ELSEWHERE:
            yield name, _name(value, whole, known)
    node = page
    while (node := node.get("/Parent")) is not None:
        yield [(name, _name(node[name], whole, known)) for name in _INHERITED if name in node]


def _name(thing: Any, whole: str, known: _Named) -> str:
    """Name what an object holds, and all that it refers to."""
    if not isinstance(thing, pikepdf.Object):
        return repr(thing)
    if not thing.is_indirect:
        return fingerprint(*_held(thing, whole, known))
    if thing.objgen not in known:
        known[thing.objgen] = whole
        known[thing.objgen] = fingerprint(*_held(thing, whole, known))
    return known[thing.objgen]


def _held(thing: Any, whole: str, known: _Named) -> Iterator[object]:
    if isinstance(thing, pikepdf.Array):
        yield [_name(each, whole, known) for each in thing]
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield [(name, _name(value, whole, known)) for name, value in thing.items()]
        if isinstance(thing, pikepdf.Stream):
            yield thing.read_raw_bytes()
    else:
        yield thing.unparse()
