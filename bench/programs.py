"""The programs that this machine has: where each is, and which version. Nothing is installed here.

A program is looked for in the folders that are named with `--peers` and then on the PATH. Such a folder may be an
environment of Python (pypandoc_binary brings a pandoc, typst a typst without a command) or one of npm.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NAMES = {
    "pandoc": ("pandoc",),
    "typst": ("typst",),
    "xelatex": ("xelatex",),
    "vivliostyle": ("vivliostyle",),
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "mdbook": ("mdbook",),
}
"""What each program may be called."""

PANDOC_IN_PYTHON = "lib/python3*/site-packages/pypandoc/files"

COMPILE = """
import sys, typst
if sys.argv[1:]:
    typst.compile(sys.argv[1], output=sys.argv[2], root=".", font_paths=["faces"])
else:
    from importlib.metadata import version
    print("typst", version("typst"), "(Python package)")
"""
"""What the command `typst compile` does, by typst's Python package."""


@dataclass(frozen=True)
class Program:
    """How a program is started, and what it says its version is."""

    words: tuple[str, ...]
    version: str


def find(name: str, folders: Sequence[Path]) -> Program | None:
    """Find a program by our name for it."""
    for path in _paths(name, folders):
        if version := _answer((path, "--version", *_as_root(name))):
            return Program((path,), version)
    return _typst_in_python(folders) if name == "typst" else None


def _paths(name: str, folders: Sequence[Path]) -> Iterator[str]:
    places = [place for folder in folders for place in _places(folder)]
    for path in (os.pathsep.join(map(str, places)), os.environ.get("PATH", "")):
        yield from filter(None, (shutil.which(each, path=path) for each in NAMES[name] if path))


def _places(folder: Path) -> Iterator[Path]:
    yield from (folder, folder / "bin", folder / "node_modules" / ".bin")
    yield from folder.glob(PANDOC_IN_PYTHON)


def _as_root(name: str) -> tuple[str, ...]:
    return no_sandbox() if name == "chromium" else ()


def no_sandbox() -> tuple[str, ...]:
    """Give the option without which Chromium does not start for root."""
    return ("--no-sandbox",) if os.geteuid() == 0 else ()


def _typst_in_python(folders: Sequence[Path]) -> Program | None:
    pythons = [str(folder / "bin" / "python") for folder in folders if (folder / "bin" / "python").exists()]
    for python in [*pythons, *filter(None, [shutil.which("python3")])]:
        if version := _answer((python, "-c", COMPILE)):
            return Program((python, "-c", COMPILE), version)
    return None


def _answer(words: Sequence[str]) -> str:
    """Give the first line that a program says of itself, or nothing where it does not work."""
    try:
        said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = said.stdout.strip().splitlines()
    return ", ".join(lines[:2] if "cli:" in lines[0] else lines[:1]) if lines and not said.returncode else ""
