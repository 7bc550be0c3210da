"""Ace by DAISY finds nothing in any of the books that would keep a reader out."""

from __future__ import annotations

import pytest
from archive import changed

from diptych import tools

AUTHORS_OWN = {("hostile", "link-name")}
"""What an author did on purpose: a link without a word in it."""


@pytest.fixture(autouse=True)
def _there(node, chromium):
    """It runs on Node.js, with the packages of these tests, in Chromium."""


def test_ace_finds_nothing(book):
    found = tools.ace(book.path.read_bytes())
    assert [each for each in found if (book.name, each.rule) not in AUTHORS_OWN] == []


def test_ace_would_speak(books):
    data = changed(books("every-note").path.read_bytes(), "EPUB/content.opf", ' xml:lang="en"', "")
    assert [(finding.rule, finding.impact, finding.path) for finding in tools.ace(data)] == [
        ("epub-lang", "serious", "EPUB/content.opf")
    ]
