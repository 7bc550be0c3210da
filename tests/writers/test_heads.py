"""Running heads and folios, read from finished pages: which words stand where, and where nothing stands."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pypdfium2
import pytest

from diptych.model import Edition
from diptych.writers.pdf import heads

WORDS = (
    "These words run over the page, and nobody counts them, for there are more of them than a page can hold. "
)
LONG = "A Chapter Whose Title Goes On and On Until No Line of Any Book Could Ever Hold It on One Page"
FILES = {
    "book.toml": """
[book]
title = "A Book of Heads"
[[contributor]]
name = "Ann Author"
[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
[chapters]
front = ["preface.md"]
body = ["one.md", "two.md"]
[edition.print]
trim = "a-format"
""",
    "preface.md": f"# Preface\n\n{WORDS * 24}\n",
    "one.md": f"# {LONG}\n\n{WORDS * 24}\n\n## First\n\n{WORDS * 20}\n\n## Second\n\nWords.\n\n## Third\n\n{WORDS * 12}\n",
    "two.md": f"# Two\n\n{WORDS * 20}\n",
}


@dataclass(frozen=True)
class Margins:
    """What stands above and below the text of a page, with the place of its middle in shares of the page's width."""

    label: str
    head: tuple[tuple[str, float], ...]
    foot: tuple[tuple[str, float], ...]
    text: str

    @property
    def words(self) -> str:
        return " ".join(text for text, _ in self.head if not text.isalnum() or len(text) > 4)


def margins(data: bytes) -> list[Margins]:
    found = []
    with pypdfium2.PdfDocument(data) as document:
        for n, page in enumerate(document):
            letters, (width, height) = page.get_textpage(), page.get_size()
            lines = [letters.get_rect(k) for k in range(letters.count_rects())]

            def part(low, high, lines=lines, letters=letters, width=width, height=height):
                rects = [rect for rect in lines if low * height < rect[1] < high * height]
                return tuple(
                    (letters.get_text_bounded(*rect).strip(), (rect[0] + rect[2]) / 2 / width)
                    for rect in rects
                )

            label, margin = document.get_page_label(n), max(0.085, 18.5 / 25.4 * 72 / height)
            found.append(Margins(label, part(1 - margin, 1), part(0, margin), letters.get_text_range()))
    return found


@pytest.fixture(scope="module")
def laid(bench):
    book = bench.read(FILES)

    @functools.cache
    def lay_out(**changes):
        return margins(bench.make(book, "print", **changes).data)

    return lay_out


def test_book_and_chapter_stand_over_verso_and_recto_and_none_over_an_opening(laid):
    pages = laid()
    openings = [
        n for n, page in enumerate(pages) if page.text.startswith(("Preface", "A Chapter", "Two", "Contents"))
    ]
    assert len(openings) == 4
    for n, page in enumerate(pages):
        if n in openings:
            assert page.head == ()
            assert [text for text, _ in page.foot] == [page.label]  # the folio drops to the foot
        elif page.foot:
            assert (
                page.words == "A Book of Heads"
                if n % 2
                else page.words.rstrip("…") in (LONG[:80] + "Preface Two")
            )
    # Half title, title page, imprint and blank pages are blind.
    assert [page.label for page in pages if not page.head and not page.foot][:4] == ["i", "ii", "iii", "iv"]
    blank = [page for page in pages if not page.text.strip()]
    assert blank
    assert all(not page.head and not page.foot for page in blank)


def test_a_long_head_is_cut_at_a_word_and_stays_on_its_line(laid):
    found = {page.head for page in laid() if page.head and page.head[0][0].startswith("A Chapter")}
    ((head, middle),) = found.pop()
    assert not found
    assert head.endswith("…")
    assert LONG.startswith(head[:-1] + " ")
    assert len(head) > 30
    assert abs(middle - 0.5) < 0.03


def test_a_section_stands_over_the_page_where_it_goes_on_and_folios_in_the_head(laid):
    pages = laid(heads=("section", "section"), folios="head-outside")
    at = next(
        n for n, page in enumerate(pages) if page.head and "Second" in page.text and "Third" in page.text
    )
    assert pages[at].words == ("Third" if at % 2 == 0 else "Second")
    assert pages[at + 1].words == "Third"
    _assert_outside(pages, "head")
    opening = next(page for page in pages if page.text.startswith("Two"))
    assert [text for text, _ in opening.foot] == [opening.label]


def _assert_outside(pages: list[Margins], edge: str) -> None:
    told = [(n, page) for n, page in enumerate(pages) if getattr(page, edge)]
    assert {n % 2 for n, _ in told} == {0, 1}
    for n, page in told:
        (at,) = [middle for text, middle in getattr(page, edge) if text == page.label]
        assert at < 0.2 if n % 2 else at > 0.8


def test_no_heads_where_none_are_wanted_and_no_blank_pages_before_openings_on_the_next_page(laid):
    pages = laid(heads=(), openings="next", folios="foot-outside")
    assert all(page.head == () for page in pages)
    main = pages[next(n for n, page in enumerate(pages) if page.label == "1") :]
    assert all(page.text.strip() for page in main[:-1])  # the last may fill the leaf
    _assert_outside(pages, "foot")


def test_what_is_read_from_right_to_left_has_its_verso_on_the_right():
    edition = Edition("print", "pdf", heads=("author", "chapter"))
    for direction, side in (("ltr", "left"), ("rtl", "right")):
        assert (
            f"@page main:{side} {{ @top-center {{ content: string(author"
            in heads.sheet(edition, direction).data.decode()
        )
