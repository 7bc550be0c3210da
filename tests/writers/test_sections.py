"""A book laid out in sections is the book laid out as one document: each page the same, to the pixel."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from diptych import pipeline, work
from diptych.writers import pdf

SAMPLES = sorted(folder for folder in (Path(__file__).parents[1] / "samples").iterdir() if folder.is_dir())
BOOK = Path(__file__).parents[2] / "book"
HEAD = '[book]\ntitle = "Both Ways"\nlanguage = "{}"\n[[contributor]]\nname = "A. Author"\nrole = "aut"\n'
PROSE = "The council sat until the lamps were lit and nobody could say who had called it. " * 9


def chapters(count: int, *, notes: int = 3, more: str = "") -> dict[str, str]:
    """Chapters of several pages that lead to each other, with notes."""
    files = {}
    for n in range(1, count + 1):
        texts = "\n\n".join(f"{PROSE}[^{k}]\n\n## Part {k}\n\n{PROSE}" for k in range(notes * (1 + n % 2)))
        ends = "\n".join(
            f"[^{k}]: See {k}, and *more* of it. {PROSE[:90]}" for k in range(notes * (1 + n % 2))
        )
        there = f"[there]({n % count + 1}.md#c{n % count + 1}){{.page}}"
        files[f"{n}.md"] = f"# Chapter {n} {{#c{n}}}\n\nIt is {there}.\n\n{texts}\n\n{more}\n\n{ends}\n"
    return files


TABLE = "| a | b |\n|---|---|\n" + "| one | two |\n" * 40
BOOKS = {
    "screen": ("[edition.screen]\n", chapters(3)),
    "print": ("[edition.print]\n", chapters(3, more=TABLE)),
    "next page": ('[edition.print]\nopenings = "next"\n', chapters(4, notes=2)),
    "notes at the end": ('[edition.print]\n[edition.print.notes]\nplace = "book"\n', chapters(2)),
    "marks by page": ('[edition.screen]\n[edition.screen.notes]\nnumbering = "page"\n', chapters(2, notes=5)),
    "bleed": (
        '[edition.print]\nbleed = "3mm"\nfolios = "head-outside"\nrunning-heads = "author section"\n',
        chapters(2),
    ),
    "right to left": (
        "[edition.print]\n",
        {"1.md": "# שלום\n\nשלום[^1] עולם.\n\n[^1]: הערה.\n", "2.md": "# עולם\n\nשלום.\n"},
    ),
}


QUICK = {"next page", "right to left"}


def made(read, name: str, *, whole: bool):
    edition = next(each for each in read.asked if each.paged and name in ("", each.name))
    edition = replace(edition, whole=whole)
    own = pipeline.read_by(edition, read)
    return pdf.write(pipeline.lock_up(own, edition, ()), work.ALONE)


def pictures(data: bytes) -> list[tuple]:
    with pypdfium2.PdfDocument(data) as document:
        drawn = [page.render(scale=150 / 72, grayscale=True).to_pil() for page in document]
        return [
            (image.size, image.tobytes(), page.get_textpage().get_text_range())
            for image, page in zip(drawn, document, strict=True)
        ]


def anatomy(data: bytes) -> dict[str, object]:
    """What a PDF is besides what it shows: read by another library than wrote it."""
    with pikepdf.open(io.BytesIO(data)) as document:
        numbers = {page.objgen: n for n, page in enumerate(document.pages)}
        names = list(document.Root.Names.Dests.Names) if "/Names" in document.Root else []
        with document.open_outline() as outline:
            lines = list(bookmarks(outline.root, numbers))
        top = document.Root.StructTreeRoot.K[0] if "/StructTreeRoot" in document.Root else None
        return {
            "places": {
                str(name): (numbers[at[0].objgen], *map(float, at[2:4]))
                for name, at in zip(names[::2], names[1::2], strict=True)
            },
            "links": sorted(
                link(each, n) for n, page in enumerate(document.pages) for each in page.get("/Annots", [])
            ),
            "outline": lines,
            "tags": list(tags(top)) if top is not None else [],
            "faces": sorted(
                str(o.BaseFont)
                for o in document.objects
                if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"
            ),
            "boxes": [
                [[*map(float, page.obj[box])] for box in ("/MediaBox", "/TrimBox", "/BleedBox")]
                for page in document.pages
            ],
            "labels": [page.label for page in document.pages],
            "told": {name: str(value) for name, value in document.docinfo.items()},
            "xmp": document.Root.Metadata.read_bytes(),
            "root": sorted(document.Root.keys()),
            "version": document.pdf_version,
        }


def link(each, page: int) -> tuple:
    where = str(each.Dest) if "/Dest" in each else str(each.A.URI)
    return page, where, *(round(float(side), 2) for side in each.Rect), str(each.get("/Contents", ""))


def bookmarks(items, numbers, depth=0):
    for item in items:
        yield depth, item.title, numbers[item.destination[0].objgen], round(float(item.destination[3]), 1)
        yield from bookmarks(item.children, numbers, depth + 1)


def tags(element, depth=0):
    kids = element.get("/K", [])
    kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    below = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
    yield (
        depth,
        str(element.S),
        str(element.get("/Alt", "")),
        str(element.get("/Lang", "")),
        str(element.get("/ID", "")),
        len(kids),
    )
    for kid in below:
        yield from tags(kid, depth + 1)


def alike(read, name: str = "") -> None:
    one, parts = made(read, name, whole=True), made(read, name, whole=False)
    first, second = pictures(one.files[0].data), pictures(parts.files[0].data)
    assert len(first) == len(second)
    assert [n for n, (a, b) in enumerate(zip(first, second, strict=True), 1) if a != b] == []
    assert anatomy(one.files[0].data) == anatomy(parts.files[0].data)
    assert (one.pages, one.breaks, one.blocks) == (parts.pages, parts.breaks, parts.blocks)
    assert sorted(map(str, one.problems)) == sorted(map(str, parts.problems))
    assert len(parts.files[0].data) < 1.1 * len(one.files[0].data)


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in BOOKS]
)
def test_sections_equal_the_whole(bench, kind):
    toml, files = BOOKS[kind]
    head = HEAD.format("he" if kind == "right to left" else "en")
    alike(bench.read({"book.toml": head + toml, **files}))


@pytest.mark.slow
@pytest.mark.parametrize("folder", [*SAMPLES, BOOK], ids=lambda folder: folder.name)
def test_samples_equal_the_whole(folder):
    read = pipeline.read(folder, folder.name, pipeline.Wishes())
    paged = [edition for edition in read.asked if edition.paged and not edition.archival]
    for edition in paged:
        alike(read, edition.name)


def test_what_goes_across_sections_is_laid_out_as_one(bench, monkeypatch):
    css = "h1 { counter-increment: chapter } h1::before { content: counter(chapter) }"
    read = bench.read(
        {"book.toml": HEAD.format("en") + "[edition.screen]\n", "styles/book.css": css, **chapters(2)}
    )
    monkeypatch.setattr(pdf, "_in_sections", None)
    made(read, "", whole=False)


def test_letters_that_no_face_has_are_no_matter(bench):
    files = {"1.md": "# One\n\nA \U00012000 sign.\n", "2.md": "# Two\n\nAnother \U00012001.\n"}
    alike(bench.read({"book.toml": HEAD.format("en") + "[edition.screen]\n", **files}))
