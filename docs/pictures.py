"""Make the README's pictures from the finished files in dist/: `.venv/bin/python docs/pictures.py`.

Those of the e-book are taken from what the tests of the reading engines leave in tests/engines/shots/, where they ran.
"""

from pathlib import Path

import pypdfium2
from PIL import Image

ROOT = Path(__file__).parent.parent
GREY = "#d9d6d0"


def page(pdf: pypdfium2.PdfDocument, number: int, width: int) -> Image.Image:
    """Draw one page, `width` pixels wide; pages are counted from 1."""
    sheet = pdf[number - 1]
    return sheet.render(scale=width / sheet.get_size()[0]).to_pil().convert("RGB")


def side_by_side(pictures: list[Image.Image], gap: int) -> Image.Image:
    """Lay pictures on a grey desk."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1) + 80
    desk = Image.new("RGB", (width, max(picture.height for picture in pictures) + 80), GREY)
    x = 40
    for picture in pictures:
        desk.paste(picture, (x, 40))
        x += picture.width + gap
    return desk


SHOTS = ("epubjs-nav", "epubjs-chapter", "thorium-note", "foliate-table")
"""What is shown of the e-book, each as an engine showed it."""


def readers(shots: Path) -> Image.Image:
    """Lay what reading engines showed side by side."""
    return side_by_side([Image.open(shots / f"{name}.png").convert("RGB") for name in SHOTS], 24)


def main() -> None:
    """Draw a spread of the print edition, some pages of the screen edition, and the e-book where it was opened."""
    paper = pypdfium2.PdfDocument(next((ROOT / "dist").glob("*-print.pdf")))
    screen = pypdfium2.PdfDocument(next((ROOT / "dist").glob("*-screen.pdf")))
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    side_by_side([page(paper, 14, 640), page(paper, 15, 640)], 2).save(folder / "print.png", optimize=True)
    shown = [page(screen, number, 420) for number in (1, 4, 10)]
    side_by_side(shown, 24).save(folder / "screen.png", optimize=True)
    shots = ROOT / "tests" / "engines" / "shots" / "companion"
    if shots.exists():
        readers(shots).quantize(64).save(folder / "ebook.png", optimize=True)


if __name__ == "__main__":
    main()
