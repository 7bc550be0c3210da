"""MuPDF opens the EPUB: its pages, its contents, its links, its styles, without a warning that means something."""

from __future__ import annotations

import pytest
from archive import flat


def meaningless(warning: str) -> bool:
    """It has no notion of EPUB 3, and reads it all the same."""
    return warning.startswith("unknown epub version")


@pytest.fixture
def opened(mupdf, book):
    mupdf.TOOLS.reset_mupdf_warnings()
    with mupdf.open(book.path) as document:
        document.layout(mupdf.Rect(0, 0, 450, 680), fontsize=12)
        yield document


def test_every_page_is_drawn_without_a_warning(mupdf, opened):
    assert opened.page_count > 3
    for page in opened:
        page.get_pixmap(dpi=20)
    told = set(mupdf.TOOLS.mupdf_warnings().splitlines())
    assert [warning for warning in told if not meaningless(warning)] == []


def test_the_contents_are_read_back(opened, book):
    def expected(entries, level=1):
        for entry in entries:
            yield level, entry.label
            yield from expected(entry.children, level + 1)

    found = opened.get_toc()
    assert [(level, " ".join(label.split())) for level, label, _ in found] == list(
        expected(book.archive.contents())
    )
    assert [label for _, label, page in found if not 1 <= page <= opened.page_count] == []
    assert len(found) == len(list(flat(book.archive.contents())))


def test_every_link_leads_to_a_page_or_out_of_the_book(mupdf, opened, book):
    """A link that is neither of the book nor of the web (mailto, tel) has no page in PyMuPDF's eyes."""
    links = [link for page in opened for link in page.get_links()]
    inside = [link for link in links if link["kind"] == mupdf.LINK_GOTO]
    lost = [link for link in inside if not 0 <= link["page"] < opened.page_count]
    schemes = [href.partition(":")[0] for href in book.archive.links() if ":" in href]
    assert len(lost) == sum(scheme not in {"http", "https"} for scheme in schemes), lost
    assert len(inside) - len(lost) >= sum(":" not in href for href in book.archive.links())
    others = {link.get("uri", "").partition(":")[0] for link in links if link["kind"] != mupdf.LINK_GOTO}
    assert others <= {"http", "https"}


def test_title_and_author_are_read_back(opened, book):
    assert opened.metadata["title"] == book.archive.said("title")[0]
    assert opened.metadata["author"] == "".join(book.archive.said("creator")[:1])
