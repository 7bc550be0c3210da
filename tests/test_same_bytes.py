"""The same book is the same bytes, whatever the machine says of time, order, place and permissions."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUN = "import os, sys; os.umask(int(sys.argv.pop(1), 8)); from diptych.cli import main; sys.exit(main())"

TOML = """[book]
title = "The Same"
date = 2026-01-02
[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
[[contributor]]
name = "Ann Author"
"""
CHAPTER = """# The Same

Words of *this* sort,[^1] and "so on".^[A note in place.] See [below](#below).

![A grey square](images/a.svg)

## Below

| a | b |
|---|---|
| 1 | 2[^2] |

[^1]: A note with **two** paragraphs.

    The second.
[^2]: In a cell.
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#777"/></svg>'
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("same") / "book"
    (folder / "images").mkdir(parents=True)
    (folder / "book.toml").write_text(TOML, encoding="utf-8")
    (folder / "01-same.md").write_text(CHAPTER, encoding="utf-8")
    (folder / "images" / "a.svg").write_text(SVG, encoding="utf-8")
    return folder


def build(book: Path, out: Path, cwd: Path, umask: str, *options: str, **environment: str) -> dict[str, str]:
    """Build in a process of its own; give the digests by name."""
    command = [sys.executable, "-c", RUN, umask, str(book), "--out", str(out), "--fresh", "-q", *options]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    surroundings.pop("SOURCE_DATE_EPOCH", None) if "SOURCE_DATE_EPOCH" not in environment else None
    subprocess.run(command, cwd=cwd, env=surroundings, check=True)
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.iterdir())}


def test_whatever_the_surroundings(book, tmp_path):
    first = build(book, tmp_path / "1", ROOT, "022", "--jobs", "1", TZ="UTC", PYTHONHASHSEED="0")
    second = build(
        book, tmp_path / "2", tmp_path, "077", "--jobs", "3",
        TZ="Pacific/Auckland", PYTHONHASHSEED="12345", LC_ALL="C", LANG="de_DE.UTF-8",
    )  # fmt: skip
    assert len(first) == 3
    assert first == second


def test_source_date_epoch_is_honoured(book, tmp_path):
    plain = build(book, tmp_path / "1", ROOT, "022", "--edition", "epub")
    dated = build(book, tmp_path / "2", ROOT, "022", "--edition", "epub", SOURCE_DATE_EPOCH="1767312000")
    other = build(book, tmp_path / "3", ROOT, "022", "--edition", "epub", SOURCE_DATE_EPOCH="1800000000")
    assert plain == dated, "1767312000 is 2026-01-02, the edition's own date"
    assert plain != other
