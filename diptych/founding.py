"""New books: somebody else's text, or nothing yet, becomes a folder to build from."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

from diptych import files
from diptych.importers import starter, text
from diptych.model import File
from diptych.problems import Place, Problem


def import_text(source: Path, destination: Path, name: str) -> tuple[tuple[File, ...], tuple[Problem, ...]]:
    """Make a book's folder of somebody else's text. Raises BookError; an existing folder is never touched."""
    found, problems = text.read(files.read_source(source), _new_identifier())
    files.new_folder(destination, name, found)
    return found, tuple(replace(p, place=Place(f"{name}/{p.place.file}", p.place.line)) for p in problems)


def _new_identifier() -> str:
    return str(uuid.uuid4())  # noqa: TID251 - made once for a new book, and written into its book.toml


def new(destination: Path, name: str) -> tuple[File, ...]:
    """Write a small complete book to start from. Raises BookError; an existing folder is never touched."""
    found = starter.files(_new_identifier())
    files.new_folder(destination, name, found)
    return found
