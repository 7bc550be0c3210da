"""Markers of lists with an author's own words stand before their items, with the space that they end with."""

from __future__ import annotations

import pytest
from printed import Printed

CSS = """
ul > li::marker { content: "→ "; color: #a00 }
ol > li::marker { content: counter(list-item, upper-alpha) ") " }
"""
TEXT = "# Words\n\n- Ada\n- Bob[^1]\n\n1. Cyd\n2. Dan\n\n[^1]: A note.\n"


@pytest.mark.parametrize("edition", ["print", "screen"])
def test_markers_with_words_stand_before_their_items(bench, edition):
    toml = '[book]\ntitle = "One"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    made = bench.build({"book.toml": toml, "1.md": TEXT, "styles/book.css": CSS}, edition)
    assert not [problem for problem in made.problems if problem.severity == "error"]
    pages = Printed(made)
    page = next(n for n, text in enumerate(pages.texts) if "Ada" in text)
    for marker, nth, item in (("→", 0, "Ada"), ("→", 1, "Bob"), ("A)", 0, "Cyd"), ("B)", 0, "Dan")):
        _, foot, right, head = pages.box(page, marker, nth)
        left, bottom, _, top = pages.box(page, item)
        assert left - right > 1.5
        assert bottom - 4 < foot < head < top + 4
