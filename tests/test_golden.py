"""What paged editions of the sample books hold, page by page: facts and a few pictures that are read before accepted.

Facts stand in `golden/SAMPLE-EDITION.txt`, read from the finished file by pikepdf and pypdfium2: boxes, labels, outline,
faces, and of each page how its text begins and ends. Pictures stand in `golden/SAMPLE-EDITION-PAGE.png`; faces drawn by
another version of a library differ by a shade, so that pictures are held to a small mean difference. `--accept` writes
both anew.
"""

from __future__ import annotations

import functools
import io
import re
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = Path(__file__).parent / "samples"
FACTS = sorted(path.stem for path in GOLDEN.glob("*.txt"))
PICTURES = sorted(path.stem for path in GOLDEN.glob("*.png"))
DOTS = 60
"""To the inch, of the pictures: enough to see the measure, the lines and the notes."""

_SHADE = 2.5
"""Of 255: how much a picture may differ in the mean. A line that moved makes more than twice of it."""


@pytest.fixture(scope="module")
def made(bench):
    """Give a function that makes a sample's edition, each once."""
    books: dict[str, object] = {}

    @functools.cache
    def make(name: str) -> bytes:
        sample, _, edition = name.rpartition("-")
        if sample not in books:
            files = {
                str(path.relative_to(SAMPLES / sample)): path.read_bytes()
                for path in sorted((SAMPLES / sample).rglob("*"))
                if path.is_file() and ".diptych" not in path.parts
            }
            books[sample] = bench.read(files)
        return bench.make(books[sample], edition).data

    return make


def facts(data: bytes) -> str:
    with pikepdf.open(io.BytesIO(data)) as pdf, pypdfium2.PdfDocument(data) as document:
        boxes = Counter(_boxes(page) for page in pdf.pages)
        faces = sorted({_face(thing) for thing in pdf.objects if _is_face(thing)})
        with pdf.open_outline() as outline:
            marks = [line for item in outline.root for line in _outline(item, 0)]
        labels = [pikepdf.Page(page).label for page in pdf.pages]
        pages = [f"{label:>5} {_text(document[number])}" for number, label in enumerate(labels)]
        tagged = "/StructTreeRoot" in pdf.Root
    told = [f"{count} pages {sides}" for sides, count in sorted(boxes.items())]
    return "\n".join(
        [*told, "tagged" if tagged else "not tagged", *(f"face {face}" for face in faces), *marks, *pages, ""]
    )


def _boxes(page) -> str:
    named = (("", "/MediaBox"), ("trim ", "/TrimBox"), ("bleed ", "/BleedBox"))
    return ", ".join(
        name + " ".join(f"{float(side):g}" for side in page.get(box)) for name, box in named if box in page
    )


def _is_face(thing) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"


def _face(descriptor) -> str:
    return re.sub(r"^/?[A-Z]{6}\+", "", str(descriptor.FontName))


def _outline(item, depth: int):
    yield f"{'  ' * depth}- {item.title}"
    for child in item.children:
        yield from _outline(child, depth + 1)


def _text(page) -> str:
    text = " ".join(page.get_textpage().get_text_range().split())
    return f"{len(text)} {text[:36]} ... {text[-24:]}" if text else "blank"


@pytest.mark.slow
@pytest.mark.parametrize("name", FACTS)
def test_pages_are_what_they_were(made, accept, name):
    found, there = facts(made(name)), GOLDEN / f"{name}.txt"
    if accept:
        there.write_text(found, encoding="utf-8")
    assert found == there.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_pages_look_as_they_did(made, accept, name):
    book, _, number = name.rpartition("-")
    with pypdfium2.PdfDocument(made(book)) as document:
        shown = document[int(number) - 1].render(scale=DOTS / 72).to_pil().convert("L")
    there = GOLDEN / f"{name}.png"
    if accept:
        shown.save(there, optimize=True)
    expected = Image.open(there).convert("L")
    assert shown.size == expected.size
    assert ImageStat.Stat(ImageChops.difference(shown, expected)).mean[0] < _SHADE


def test_a_line_that_moves_is_seen():
    """The measure of the pictures: a page of lines moved by half a leading is far from itself."""
    page = Image.new("L", (360, 540), 255)
    for line in range(40, 500, 12):
        page.paste(96, (50, line, 310, line + 5))
    moved = ImageChops.offset(page, 0, 6)
    assert ImageStat.Stat(ImageChops.difference(page, moved)).mean[0] > 2 * _SHADE
