"""Manuscripts of known size, made of words of our own: the same seed gives the same book.

A book is plain Markdown as an author writes it, with headings, notes, lists, tables, pictures and links between
chapters. It is written twice: as a folder for diptych, and as one file for programs that want one (`whole.md`).
"""

from __future__ import annotations

import io
import random
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

_WHO = """the council|a clerk of the second class|the printer's widow|every delegate|the night train|the telegraphist
the old committee|a stranger with a letter|the harbour|the garrison|nobody in the hall|the youngest of the editors
the archive|a second messenger|the whole street|the baker's daughter|the ministry|an engineer from the north
the reading room|the last witness""".replace("\n", "|").split("|")
_DID = """waited for|could not remember|had already answered|wrote down|refused to print|carried away|spoke against
walked past|kept returning to|lost count of|had been promised|signed without reading|counted and counted again
laid aside|carefully described|did not believe in|brought back|had every reason to fear|translated
quietly corrected""".replace("\n", "|").split("|")
_WHAT = """the minutes of that evening|a list of thirty names|the price of coal|the bridge beyond the mill
what had been decided|an unsigned proclamation|the second edition|the empty chair|a map without a legend
the long winter|their own handwriting|the question of the land|somebody else's luggage|the reports from the front
the lamp in the window|an argument about commas|the keys of the warehouse|the first snow
several contradictory orders|a very small flag""".replace("\n", "|").split("|")
_WHEN = """before the lamps were lit|after the bells|in the third week of the strike|while it rained
as everyone had expected|without a word|long before anyone asked|on the morning of the vote|between two trains
for reasons of economy|in spite of the weather|and nobody was surprised|although it was late
according to the newspaper|in those years|by candlelight|at the corner of the square|with great patience
not for the first time|to the end of the page""".replace("\n", "|").split("|")
_AND = "and|but|because|so that|until|although|whereas|while".split("|")
_NAMES = "Anders|Brodsky|Calloway|Duret|Eisenlohr|Ferrand|Gorin|Halloran|Ivask|Jansson|Kestrel|Lund".split(
    "|"
)


@dataclass(frozen=True)
class Shape:
    """How large a book is: chapters, words a chapter, notes, tables and pictures in all."""

    name: str
    title: str
    chapters: int
    words: int
    notes: int
    tables: int = 0
    pictures: int = 0


SHAPES = (
    Shape("short", "A Short Account", 3, 1_200, 15),
    Shape("novel", "The Long Account", 20, 7_400, 680, tables=20, pictures=10),
    Shape("huge", "The Complete Account", 130, 7_400, 4_400, tables=130, pictures=60),
    Shape("pictures", "The Account in Pictures", 10, 3_000, 60, pictures=300),
    Shape("tables", "The Account in Figures", 10, 3_000, 60, tables=200),
)


class _Writer:
    """Writes one chapter after another."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.random = random.Random(f"{shape.name}-1")
        self.notes, self.tables, self.pictures = 0, 0, 0

    def sentence(self) -> str:
        """Give one sentence."""
        one = self.random.choice
        parts = [f"{one(_WHO)} {one(_DID)} {one(_WHAT)}"]
        if self.random.random() < 0.7:
            parts.append(one(_WHEN))
        if self.random.random() < 0.45:
            parts[-1] += ","
            parts.append(f"{one(_AND)} {one(_WHO)} {one(_DID)} {one(_WHAT)}")
        words = " ".join(parts)
        if self.random.random() < 0.08:
            words += f" (*{one(_WHAT)}*, as {one(_NAMES)} calls it)"
        return words[0].upper() + words[1:] + one("....?;!")[:1].replace(";", ".")

    def prose(self, words: int) -> str:
        """Give a run of sentences."""
        said: list[str] = []
        while sum(len(each.split()) for each in said) < words:
            said.append(self.sentence())
        return " ".join(said)

    def chapter(self, number: int) -> str:
        """Give a chapter in Markdown; its notes stand at its end."""
        blocks = [f"# {self.title()} {{#chapter-{number}}}"]
        told, due, texts = 0, self._shares(number), list[str]()
        while told < self.shape.words:
            if told and self.random.random() < 0.06:
                blocks.append(f"## {self.title()}")
            block = self.prose(self.random.choice((40, 70, 110, 160)))
            told += len(block.split())
            while due["notes"] * self.shape.words <= told * due["of"] and due["notes"] < due["of"]:
                due["notes"] += 1
                self.notes += 1
                block = self._called(block, f"n{number}-{due['notes']}")
                texts.append(
                    f"[^n{number}-{due['notes']}]: {self.prose(self.random.choice((8, 15, 30, 60)))}"
                )
            blocks.append(block)
            if self.random.random() < 0.05:
                blocks.append("\n".join(f"* {self.sentence()}" for _ in range(4)))
            if self.random.random() < 0.05:
                blocks.append("> " + self.prose(30))
            if self.random.random() < 0.04 and number > 1:
                blocks.append(f"Of this more is said [elsewhere]({self._chapter(number)}).")
            blocks += self._shown(number, told)
        return "\n\n".join([*blocks, *texts]) + "\n"

    def _chapter(self, before: int) -> str:
        number = self.random.randrange(1, before)
        return f"{number:03}.md#chapter-{number}"

    def title(self) -> str:
        """Give a heading."""
        return (
            string.capwords(self.random.choice(_WHAT))
            + " "
            + self.random.choice(("in Spring", "Again", "at Night", "Explained"))
        )

    def _shares(self, number: int) -> dict[str, int]:
        whole, chapters = self.shape.notes, self.shape.chapters
        return {"notes": 0, "of": whole * number // chapters - whole * (number - 1) // chapters}

    def _called(self, block: str, label: str) -> str:
        ends = [n for n, letter in enumerate(block) if letter == "."]
        at = self.random.choice(ends) + 1 if ends else len(block)
        return f"{block[:at]}[^{label}]{block[at:]}"

    def _shown(self, number: int, told: int) -> Iterator[str]:
        part = (number - 1 + min(1.0, told / self.shape.words)) / self.shape.chapters
        while self.tables < int(self.shape.tables * part):
            self.tables += 1
            rows = "\n".join(
                f"| {self.random.choice(_NAMES)} | {self.random.choice(_WHAT)} | {self.random.randrange(100, 9999)} |"
                for _ in range(self.random.choice((4, 6, 9)))
            )
            yield f"| Name | What was found | Number |\n|---|---|---:|\n{rows}"
        while self.pictures < int(self.shape.pictures * part):
            self.pictures += 1
            yield f"![{self.sentence()}](images/{self.pictures:03}.png)"


def more_prose(words: int, seed: str) -> str:
    """Give a paragraph of other words for every seed, to put into a book that is there."""
    writer = _Writer(SHAPES[0])
    writer.random = random.Random(seed)
    return writer.prose(words)


def _picture(number: int) -> bytes:
    image = Image.new("L", (900, 600), 235)
    draw = ImageDraw.Draw(image)
    draw.ellipse((300 + number % 90, 150, 600, 450), fill=90 + number % 100)
    draw.rectangle((0, 480, 900, 600), fill=160)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def write(shape: Shape, folder: Path) -> None:
    """Write a book into a new folder: `book/` for diptych, `whole.md` beside it for the others."""
    book, writer = folder / "book", _Writer(shape)
    (book / "images").mkdir(parents=True)
    editions = '[edition.epub]\n\n[edition.screen]\ntrim = "6x9"\n\n[edition.print]\ntrim = "6x9"\n'
    about = f'[book]\ntitle = "{shape.title}"\nlanguage = "en"\ndate = 2026-01-01\n'
    about += '[[contributor]]\nname = "The Authors of diptych"\nrole = "aut"\n'
    identifier = '[identifier]\nuuid = "urn:uuid:6ad2c8e5-4a5f-4b3e-9f0a-0d6d6d1f7c11"\n'
    (book / "book.toml").write_text(f"{about}\n{identifier}\n{editions}")
    chapters = [writer.chapter(number) for number in range(1, shape.chapters + 1)]
    for number, text in enumerate(chapters, 1):
        (book / f"{number:03}.md").write_text(text)
    for number in range(1, writer.pictures + 1):
        (book / "images" / f"{number:03}.png").write_bytes(_picture(number))
    head = f"---\ntitle: {shape.title}\nauthor: The Authors of diptych\nlang: en\n---\n\n"
    whole = head + "\n".join(chapters)
    one_file = re.sub(r"\(\d+\.md#", "(#", whole).replace("(images/", "(book/images/")
    (folder / "whole.md").write_text(one_file)


def main(arguments: list[str]) -> int:
    """Write the book that is asked for by name into a new folder."""
    shapes = {shape.name: shape for shape in SHAPES}
    if len(arguments) != 2 or arguments[0] not in shapes:
        sys.stderr.write(f"Give one of {', '.join(shapes)}, and a new folder.\n")
        return 2
    write(shapes[arguments[0]], Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
