"""The peers: one row a peer, with the command that its user would type for this page.

What is made of the Markdown beforehand (HTML for those that read HTML) is not measured, in their favour.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.measuring import Step
from bench.programs import Program, find, no_sandbox
from bench.sources import LATEX_SETTINGS
from bench.tasks import Place, Row, Task

Words = tuple[str, ...]
Found = Mapping[str, Words]
"""The words that start each program that was found."""

TEXT = ("whole.md", "--from=markdown-implicit_figures")
"""Pictures without captions, as the other peers have them."""

CONTENTS = ("--toc", "--toc-depth=2")


def pandoc_epub(found: Found, place: Place) -> tuple[Words, ...]:
    """An EPUB by pandoc."""
    return ((*found["pandoc"], "whole.md", "-o", f"{place.out}/whole.epub"),)


def pandoc_typst(found: Found, place: Place) -> tuple[Words, ...]:
    """Pandoc writes typst's markup, typst a PDF."""
    middle = "whole.typ"  # beside the pictures, for typst reads no file outside its root
    made = (*found["pandoc"], *TEXT, "--template=page.typ", "-t", "typst", "-o", middle)
    compiled = (
        ("compile", "--root=.", "--font-path=faces", "--ignore-system-fonts", middle)
        if "-c" not in found["typst"]
        else (middle,)
    )
    return made, (*found["typst"], *compiled, f"{place.out}/whole.pdf")


def pandoc_xelatex(found: Found, place: Place) -> tuple[Words, ...]:
    """Pandoc writes LaTeX and has XeLaTeX run as often as it is needed."""
    settings = [word for setting in LATEX_SETTINGS for word in ("-V", setting)]
    engine = f"--pdf-engine={found['xelatex'][0]}"
    made = (*TEXT, engine, "--top-level-division=chapter", "-H", "page.tex", *settings, *CONTENTS)
    return ((*found["pandoc"], *made, "-o", f"{place.out}/whole.pdf"),)


def weasyprint(_found: Found, place: Place) -> tuple[Words, ...]:
    """WeasyPrint as it is, on one document."""
    return ((sys.executable, "-m", "weasyprint", "--pdf-tags", "foot.html", f"{place.out}/whole.pdf"),)


def vivliostyle(found: Found, place: Place) -> tuple[Words, ...]:
    """Vivliostyle lays out in a Chromium."""
    browser = ("--executable-browser", found["chromium"][0], "--timeout", "900")
    return (
        (
            *found["vivliostyle"],
            "build",
            "foot.html",
            "--single-doc",
            *browser,
            "-o",
            f"{place.out}/whole.pdf",
        ),
    )


QUIET = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    "--no-pdf-header-footer",
)


def chromium(found: Found, place: Place) -> tuple[Words, ...]:
    """Chromium prints, with a new profile each time."""
    profile = tempfile.mkdtemp(prefix="profile-", dir=place.out.parent)
    printed = (f"--user-data-dir={profile}", f"--print-to-pdf={place.out}/whole.pdf")
    return ((*found["chromium"], *no_sandbox(), *QUIET, *printed, (place.manuscript / "end.html").as_uri()),)


def mdbook(found: Found, place: Place) -> tuple[Words, ...]:
    """The website of mdBook, from the chapters of the book."""
    return ((*found["mdbook"], "build", "mdbook", "-d", str(place.out / "site")),)


@dataclass(frozen=True)
class Peer(Row):
    """A peer: what is said of its row, the programs it takes, and its commands."""

    needs: tuple[str, ...]
    commands: Callable[[Found, Place], tuple[Words, ...]]


PEERS = (
    Peer(
        "pandoc-epub", "pandoc", "pandoc", "pandoc whole.md -o whole.epub",
        "EPUB", "end", ("pandoc",), pandoc_epub,
    ),
    Peer(
        "pandoc-typst", "typst", "pandoc + typst", "pandoc -t typst; typst compile",
        "PDF", "foot", ("pandoc", "typst"), pandoc_typst,
    ),
    Peer(
        "chromium", "chromium", "Chromium", "chromium --headless --print-to-pdf",
        "PDF", "end", ("chromium",), chromium,
    ),
    Peer(
        "weasyprint", "weasyprint", "WeasyPrint, one HTML file", "weasyprint foot.html whole.pdf",
        "PDF", "foot", (), weasyprint,
    ),
    Peer(
        "pandoc-xelatex", "xelatex", "pandoc + XeLaTeX", "pandoc --toc --pdf-engine=xelatex",
        "PDF", "foot", ("pandoc", "xelatex"), pandoc_xelatex,
    ),
    Peer(
        "vivliostyle", "vivliostyle", "Vivliostyle CLI", "vivliostyle build foot.html",
        "PDF", "foot", ("vivliostyle", "chromium"), vivliostyle,
    ),
    Peer(
        "mdbook", "mdbook", "mdBook", "mdbook build",
        "website", "end", ("mdbook",), mdbook,
    ),
)  # fmt: skip
"""Every peer, one row each."""


def tasks(folders: Sequence[Path]) -> tuple[Task, ...]:
    """Give the peers as tasks; those whose programs are not here say so."""
    names = sorted({name for peer in PEERS for name in peer.needs})
    found = {name: program for name in names if (program := find(name, folders))}
    return tuple(_task(peer, found) for peer in PEERS)


def _task(peer: Peer, found: Mapping[str, Program]) -> Task:
    lacking = [name for name in peer.needs if name not in found]
    said = [found[name].version for name in peer.needs if name in found]
    words = {name: program.words for name, program in found.items()}

    def steps(place: Place) -> tuple[Step, ...]:
        return tuple(Step(command, place.manuscript) for command in peer.commands(words, place))

    return Task(
        **peer.said,
        steps=steps,
        missing=f"{' and '.join(lacking)} not installed" if lacking else "",
        version="; ".join(said) or f"WeasyPrint {version('weasyprint')}",
    )
