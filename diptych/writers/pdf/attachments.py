"""The files that a book was made of, put into its PDF for whoever finds it in an archive (ISO 19005-3, 6.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import pydyf

from diptych.model import File, Forme

_MEDIA_TYPES = {
    "md": "text/markdown",
    "markdown": "text/markdown",
    "toml": "application/toml",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


def sources(forme: Forme) -> Sequence[File]:
    """Give what the book can be made of again: book.toml, its chapters, its pictures and its styles."""
    about = forme.manifest
    shown = {image.get("src", "") for page in forme.pages for image in page.body.iter("img")}
    named = {"book.toml", about.cover, *(reading.path for reading in about.reading)}
    named |= {path for path in forme.assets if path.startswith("styles/")}
    named |= {path for path in shown if not path.startswith("math/")}
    return [forme.assets[path] for path in sorted(named) if path in forme.assets]


def attach(pdf: Any, files: Iterable[File], epoch: int) -> None:
    """Embed files under their paths, all with the same date."""
    names = pydyf.Array()
    associated = pydyf.Array()
    for file in files:
        specification = _specification(pdf, file, _date(epoch))
        names += [pydyf.String(file.path), specification.reference]
        associated.append(specification.reference)
    tree = pydyf.Dictionary({"Names": names})
    pdf.add_object(tree)
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = tree.reference
    pdf.catalog["AF"] = associated


def _specification(pdf: Any, file: File, date: str) -> Any:
    kind = _MEDIA_TYPES.get(file.path.rsplit(".", 1)[-1].lower(), "application/octet-stream")
    sum_ = md5(file.data, usedforsecurity=False).hexdigest()
    parameters = {
        "Size": len(file.data),
        "CheckSum": f"<{sum_}>",
        "CreationDate": pydyf.String(date),
        "ModDate": pydyf.String(date),
    }
    subtype = "/" + kind.replace("/", "#2F").replace("+", "#2B")
    entries = {"Type": "/EmbeddedFile", "Subtype": subtype, "Params": pydyf.Dictionary(parameters)}
    stream = pydyf.Stream([file.data], pydyf.Dictionary(entries), compress=True)
    pdf.add_object(stream)
    specification = pydyf.Dictionary(
        {
            "Type": "/Filespec",
            "F": pydyf.String(file.path),
            "UF": pydyf.String(file.path),
            "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
            "Desc": pydyf.String(f"Source of this book: {file.path}"),
            "AFRelationship": "/Source",
        }
    )
    pdf.add_object(specification)
    return specification


def _date(epoch: int) -> str:
    return f"D:{datetime.fromtimestamp(epoch, UTC):%Y%m%d%H%M%S}Z"
