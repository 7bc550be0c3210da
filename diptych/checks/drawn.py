"""What draws each page of a finished PDF, named: so that no memory hides what has become of a page.

Whatever a page refers to is part of its name: contents, faces, pictures, boxes. Its place in the book is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from diptych.fingerprints import fingerprint

_ELSEWHERE = ("/Parent", "/Annots", "/StructParents", "/Tabs")
"""What a page's dictionary says that is not drawn on it."""

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may have from the nodes above it (ISO 32000-2, table 31)."""

_REFERENCE = re.compile(rb"(\d{1,7}) (\d{1,5}) R\b")
"""An object that another refers to. In a string it would be words, but the name is as good with what it might mean."""


def names(pdf: pikepdf.Pdf, data: bytes) -> list[str]:
    """Name for each page what it holds in the file: what draws it, with its faces and pictures, and its boxes."""
    objects = _Objects(pdf, fingerprint(data).encode())
    return [fingerprint(*_page(page.obj, objects)) for page in pdf.pages]


def _page(page: Any, objects: _Objects) -> Iterator[bytes]:
    for name, value in page.items():
        if name not in _ELSEWHERE:
            yield objects.written(name, value)
    node = page
    while (node := node.get("/Parent")) is not None:
        yield from (objects.written(name, node[name]) for name in _INHERITED if name in node)


@dataclass
class _Objects:
    """The objects of a file, with names for what they hold, all that they refer to with it.

    What holds itself is named after the `whole` file, so that it is the same in no other.
    """

    pdf: pikepdf.Pdf
    whole: bytes
    known: dict[bytes, bytes] = field(default_factory=dict)

    def written(self, name: str, value: Any) -> bytes:
        """Write an entry of a dictionary, with names in place of references."""
        text = value.unparse() if isinstance(value, pikepdf.Object) else repr(value).encode()
        return name.encode() + b" " + self._followed(text)

    def _followed(self, text: bytes) -> bytes:
        return _REFERENCE.sub(self._name, text)

    def _name(self, reference: re.Match[bytes]) -> bytes:
        if reference[0] not in self.known:
            self.known[reference[0]] = self.whole
            held = self.pdf.get_object(int(reference[1]), int(reference[2]))
            self.known[reference[0]] = fingerprint(*self._held(held)).encode()
        return self.known[reference[0]]

    def _held(self, thing: Any) -> Iterator[bytes]:
        if isinstance(thing, pikepdf.Stream):
            yield self._followed(thing.stream_dict.unparse())
            yield thing.read_raw_bytes()
        elif isinstance(thing, pikepdf.Object):
            yield self._followed(thing.unparse(resolved=True))
        else:
            yield repr(thing).encode()
