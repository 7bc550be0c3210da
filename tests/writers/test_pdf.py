"""What a finished PDF holds, read back with other libraries than wrote it."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdfium2
import pytest

POINT = 25.4 / 72


class Read:
    """A PDF, read back."""

    def __init__(self, data: bytes) -> None:
        self.pdf = pikepdf.open(io.BytesIO(data))
        self.texts = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]

    def labels(self) -> list[tuple[int, str, int]]:
        flat = list(self.pdf.Root.PageLabels.Nums)
        return [
            (int(at), str(rule.S), int(rule.get("/St", 1)))
            for at, rule in zip(flat[::2], flat[1::2], strict=True)
        ]

    def bookmarks(self) -> list[tuple[int, str]]:
        found = []

        def walk(items, depth):
            for item in items:
                found.append((depth, item.title))
                walk(item.children, depth + 1)

        with self.pdf.open_outline() as outline:
            walk(outline.root, 1)
        return found

    def links(self) -> list[pikepdf.Object]:
        return [one for page in self.pdf.pages for one in page.get("/Annots", [])]

    def page_of(self, words: str) -> int:
        """Give the first page, from 1, that begins a chapter of that title."""
        return next(n for n, text in enumerate(self.texts, 1) if text.lstrip().startswith(words))


@pytest.fixture(scope="module")
def screen(small) -> Read:
    return Read(small("screen").data)


@pytest.fixture(scope="module")
def paper(small) -> Read:
    return Read(small("print").data)


def test_every_page_has_the_size_of_the_edition(paper):
    for page in paper.pdf.pages:
        left, bottom, right, top = (float(side) for side in page.mediabox)
        assert ((right - left) * POINT, (top - bottom) * POINT) == pytest.approx((152.4, 228.6), abs=0.1)


def test_folios_are_roman_in_front_and_begin_at_one_in_the_body(paper):
    (front, style, first), (body, arabic, one) = paper.labels()
    assert (front, style, first) == (0, "/r", 1)
    assert (arabic, one) == ("/D", 1)
    assert paper.texts[body].lstrip().startswith("The War")
    assert body % 2 == 0, "the body opens on a recto"


def test_chapters_open_on_a_recto_in_print(paper):
    for title in ("The War", "Letters", "Sources", "Preface"):
        assert paper.page_of(title) % 2 == 1


def test_blank_pages_are_blank(paper):
    blank = [n for n, text in enumerate(paper.texts, 1) if not text.strip()]
    assert blank
    for n in blank:
        assert not re.search(rb"\bTj\b|\bTJ\b", paper.pdf.pages[n - 1].Contents.read_bytes())


def test_openings_have_no_running_head(paper):
    opening = paper.texts[paper.page_of("Letters") - 1]
    assert "The Red Thread" not in opening
    body = paper.labels()[1][0]
    assert any("The Red Thread" in text for text in paper.texts[body + 1 :])


def test_bookmarks_are_the_contents(screen):
    assert screen.bookmarks()[0] == (1, "Contents")
    assert [title for depth, title in screen.bookmarks() if depth == 1] == [
        "Contents", "Preface", "The War", "Letters", "Sources",
    ]  # fmt: skip
    assert (2, "Answers") in screen.bookmarks()


@pytest.mark.parametrize("edition", ["screen", "print"])
def test_contents_name_the_folio_where_a_chapter_begins(small, edition):
    read = Read(small(edition).data)
    contents = read.texts[read.page_of("Contents") - 1]
    body = read.labels()[1][0]
    for title in ("The War", "Letters", "Sources"):
        told = re.search(rf"^{title}[ .]+(\d+)\s*$", contents, re.MULTILINE)
        assert int(told[1]) == read.page_of(title) - body, title
    told = re.search(r"^Preface[ .]+([ivxl]+)\s*$", contents, re.MULTILINE)
    roman = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
    assert roman.index(told[1]) == read.page_of("Preface")


def test_the_file_says_what_it_is(screen):
    assert str(screen.pdf.docinfo.Title) == "The Red Thread: A Small but Complete Book"
    assert str(screen.pdf.docinfo.Author) == "Ada Ames"
    assert str(screen.pdf.Root.Lang) == "en-GB"
    assert bool(screen.pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_links_live_on_the_screen_and_not_on_paper(screen, paper):
    assert screen.links()
    assert paper.links() == []


def test_print_is_black(paper):
    for page in paper.pdf.pages:
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("rg", "RG") and len(operands) == 3:
                red, green, blue = (float(value) for value in operands)
                assert red == green == blue


def test_fonts_are_embedded_and_ours(paper):
    found = [
        thing
        for thing in paper.pdf.objects
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"
    ]
    assert found
    for font in found:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys())
        assert "+Source-S" in str(font.FontName)


def test_a_letter_that_no_face_has_is_told(bench):
    book = bench.read({"a.md": "# A\n\nThe word 漢字 stands here.\n"})
    told = [problem for problem in book.problems if problem.code == "letter-missing"]
    assert [str(problem.place) for problem in told] == ["book/a.md:3", "book/a.md:3"]


def test_a_mistake_in_a_stylesheet_is_told_with_its_line(bench):
    made = bench.build(
        {"a.md": "# A\n\nWords.\n", "styles/book.css": "p { color: red }\np { colour: red }\n"}, "screen"
    )
    assert [str(problem.place) for problem in made.problems] == ["book/styles/book.css:2"]


@pytest.mark.parametrize(
    "address", ["https://example.org/x.png", "file:///etc/hostname", "../outside.png", "//example.org/x.png"]
)
def test_nothing_is_fetched_from_elsewhere(bench, address):
    from diptych.problems import BookError

    with pytest.raises(BookError) as told:
        bench.read(
            {"a.md": "# A\n\nWords.\n", "styles/book.css": f'body {{ background: url("{address}") }}\n'}
        )
    assert [str(problem.place) for problem in told.value.problems] == ["book/styles/book.css:1"]


def test_even_an_address_that_slips_through_is_not_opened(bench):
    from diptych.writers.pdf import layout

    fetch = layout._fetcher({})
    for address in (
        "https://example.org/",
        "file:///etc/hostname",
        "data:text/plain,x",
        "https://book.invalid/../x",
    ):
        with pytest.raises(ValueError, match="not in the book"):
            fetch.fetch(address)


@pytest.mark.parametrize("place", ["chapter", "book"])
def test_notes_may_stand_at_the_end(bench, small_book, place):
    made = bench.build(
        {**small_book, "book.toml": str(small_book["book.toml"]) + f'\n[notes]\nplace = "{place}"\n'}, "print"
    )
    read = Read(made.data)
    headed = [n for n, text in enumerate(read.texts) if re.search(r"^Notes\s*$", text, re.MULTILINE)]
    assert len(headed) >= (3 if place == "chapter" else 1)
