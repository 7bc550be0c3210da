"""Names for what results depend on: the same parts have the same name, on any machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeGuard

from diptych.model import File


def fingerprint(*parts: object) -> str:
    """Give a name for what a result depends on: bytes, files with their paths, everything else as its repr."""
    digest = hashlib.sha256()
    for part in parts:
        pieces = (
            [(file.path.encode(), file.data) for file in part] if _is_files(part) else [(b"", _bytes(part))]
        )
        for name, data in pieces:
            digest.update(len(name).to_bytes(8, "big") + name + len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _is_files(part: object) -> TypeGuard[Sequence[File]]:
    return isinstance(part, (list, tuple)) and bool(part) and all(isinstance(item, File) for item in part)


def _bytes(part: object) -> bytes:
    return part if isinstance(part, bytes) else repr(part).encode()
