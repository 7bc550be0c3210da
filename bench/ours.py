"""What is measured of diptych: cold builds, and builds after a change with what the last one left in `.diptych`.

Each is the whole command `python3 build.py`, as an author types it. Cold means that there is no `.diptych`. A book that
is changed is a copy of its own, built once beforehand, and what was built lies in its place. Each round changes another
place of it, so that nothing that is measured was ever made before.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.manuscripts import more_prose
from bench.measuring import Step
from bench.tasks import Place, Task, clear

ROOT = Path(__file__).resolve().parents[1]

LEAF = 700
"""Words on two pages. Chapters open on recto pages: one page more might move nothing behind it, two always do."""


def interpreter() -> str:
    """Give the Python that starts `build.py`: the one that `.venv` was made of, where we run in that."""
    base = Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info[:2])
    inside = os.path.realpath(sys.prefix) == os.path.realpath(ROOT / ".venv")
    return str(base) if inside and base.exists() else sys.executable


def build(book: Path, out: Path, options: tuple[str, ...]) -> Step:
    """Give the command that builds a book."""
    words = (interpreter(), str(ROOT / "build.py"), book.name, "--out", str(out), *options)
    return Step(words, book.parent)


def _cold(
    options: tuple[str, ...],
) -> tuple[Callable[[Place, int], None], Callable[[Place], tuple[Step, ...]]]:
    def before(place: Place, _turn: int) -> None:
        clear(place)
        shutil.rmtree(place.manuscript / "book" / ".diptych", ignore_errors=True)

    def steps(place: Place) -> tuple[Step, ...]:
        return (build(place.manuscript / "book", place.out, (*options, "--fresh")),)

    return before, steps


Change = Callable[[Path, int], None]


def _warm(
    name: str, options: tuple[str, ...], change: Change
) -> tuple[Callable[[Place, int], None], Callable[[Place], tuple[Step, ...]]]:
    """Prepare a copy of the book called `name`, with its memory, in the first round; change it in every one."""

    def before(place: Place, turn: int) -> None:
        book = place.manuscript / name
        if not book.exists():
            clear(place)
            _prepare(place.manuscript / "book", build(book, place.out, options))
        change(book, turn)

    def steps(place: Place) -> tuple[Step, ...]:
        return (build(place.manuscript / name, place.out, options),)

    return before, steps


def _prepare(book: Path, first: Step) -> None:
    shutil.copytree(book, first.folder / first.words[2], ignore=shutil.ignore_patterns(".diptych"))
    subprocess.run(first.words, cwd=first.folder, capture_output=True, check=False)


# ---------------------------------------------------------------- what an author changes


def nothing(_book: Path, _turn: int) -> None:
    """Change nothing."""


def a_word(book: Path, turn: int) -> None:
    """Change one word of one paragraph in a chapter in the middle of the book."""
    chapters = sorted(book.glob("[0-9]*.md"))
    path = chapters[len(chapters) // 2]
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    paragraphs = _paragraphs(blocks)
    at = paragraphs[(turn * 3 + 1) % len(paragraphs)]
    first, _, *rest = blocks[at].split(" ")
    blocks[at] = " ".join([first, str(1841 + turn), *rest])
    path.write_text("\n\n".join(blocks), encoding="utf-8")


def a_leaf(book: Path, turn: int) -> None:
    """Add two pages of paragraphs to chapter 2."""
    path = sorted(book.glob("[0-9]*.md"))[1]
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    at = _paragraphs(blocks)[2]
    added = [more_prose(LEAF // 7, f"leaf {turn} {number}") for number in range(7)]
    path.write_text("\n\n".join([*blocks[:at], *added, *blocks[at:]]), encoding="utf-8")


def _paragraphs(blocks: list[str]) -> list[int]:
    """Give the numbers of the paragraphs that are plain prose."""
    return [n for n, block in enumerate(blocks) if re.match(r"[A-Z]", block) and len(block.split()) > 30]


# ---------------------------------------------------------------- the rows


def _row(key: str, label: str, makes: str, options: str, how: str = "", manuscript: str = "novel") -> Task:
    """Make a task. `how` names the change to a prepared book; without one the build is cold."""
    words = tuple(options.split())
    changes: dict[str, Change] = {"nothing": nothing, "word": a_word, "leaf": a_leaf}
    before, steps = _warm(f"{key}-book", words, changes[how]) if how else _cold(words)
    typed = f"python3 build.py book {options}".strip() + ("" if how else " --fresh")
    notes = "pops up" if makes == "EPUB" else "foot"
    return Task(
        key, "diptych", label, typed, makes, notes, steps, before, manuscript, once=manuscript != "novel"
    )


def tasks() -> tuple[Task, ...]:
    """Give diptych's rows."""
    return (
        _row("print", "print edition, cold", "PDF", "--edition print"),
        _row("print-whole", "the same laid out as one document", "PDF", "--edition print --whole"),
        _row("screen", "screen edition (tagged), cold", "PDF", "--edition screen"),
        _row("epub", "EPUB, cold", "EPUB", "--edition epub"),
        _row("three", "three editions, cold", "all three", ""),
        _row("print-word", "print edition, one word changed", "PDF", "--edition print", "word"),
        _row("epub-word", "EPUB, one word changed", "EPUB", "--edition epub", "word"),
        _row("three-nothing", "three editions, nothing changed", "all three", "", "nothing"),
        _row("print-leaf", "print edition, two pages added in chapter 2", "PDF", "--edition print", "leaf"),
        _row("print-jobs-1", "print edition, cold, one process", "PDF", "--edition print --jobs 1"),
        _row("print-jobs-2", "print edition, cold, two processes", "PDF", "--edition print --jobs 2"),
        _row("huge", "print edition of the huge book, cold", "PDF", "--edition print", manuscript="huge"),
    )
