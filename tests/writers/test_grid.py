"""The baseline grid: text stands on the same lines on every page, whatever stands between."""

from __future__ import annotations

from itertools import pairwise

import pytest
from printed import lines

from diptych import designs, files, manifest
from diptych.model import Edition
from diptych.writers.pdf import geometry

TOML = '[book]\ntitle = "One"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.print]\n'
WORDS = (
    "The council sat until the lamps were lit and nobody could say who had called it. Letters came from the front and "
    "went unanswered; what had been decided in the morning was forgotten by night, and what was forgotten was done. "
)
TABLE = "| year | what |\n|---|---|\n" + "\n".join(f"| {n} | rows that are no whole line |" for n in range(3))
BETWEEN = {
    "table": TABLE,
    "code": "```\none\ntwo\nthree\n```",
    "formula": "$$\\frac{a}{b} = \\sum_{n=1}^{9} n$$",
    "figure": "![a picture](p.png)\n\n/// caption\nA caption that stands below.\n///",
    "headings": "## Two\n\n### Three\n\n#### Four",
    "list": "- one\n- two\n    - three",
    "quotation": f"> {WORDS}",
    "terms": "Term\n:   What it is.\n\nOther\n:   What that is.",
    "verse": "/// verse\nA line of verse,\nno worse.\n\nAnother one,\nand done.\n///",
}


def page_of(theme: str) -> geometry.Geometry:
    width, height = manifest.TRIMS["6x9"]
    edition = Edition("e", "pdf", theme=theme, medium="print", width=width, height=height)
    return geometry.of(edition, designs.read(theme, files.read_themes(), "book")[1])


def of(bench, text: str, picture, theme: str = "classic", **more: str) -> list[list[tuple[float, str]]]:
    toml = f'{TOML}theme = "{theme}"\ntrim = "6x9"\nhalf-title = false\n'
    made = bench.build({"book.toml": toml, "1.md": f"# One\n\n{text}\n", "p.png": picture(700, 333), **more})
    return lines(made.data)


def off(place: float, grid: geometry.Geometry) -> float:
    """How far a baseline stands from those of the page's lines, as far as that is the same for all of them."""
    return (place - grid.top / 25.4 * 72) % grid.leading


@pytest.mark.parametrize("theme", ["classic", "modern", "large"])
def test_text_stands_on_the_lines_of_the_page_behind_whatever_is_no_whole_line(bench, picture, theme):
    text = "\n\n".join(f"Mark {name}. {WORDS}\n\n{block}" for name, block in BETWEEN.items())
    pages = of(bench, f"{text}\n\nMark end.", picture, theme)
    grid = page_of(theme)
    marks = [line for page in pages for line, words in page if words.startswith("Mark")]
    assert len(marks) == len(BETWEEN) + 1
    first = off(marks[0], grid)
    for mark in marks:
        apart = abs(off(mark, grid) - first)
        assert min(apart, grid.leading - apart) < 0.3


def test_the_white_round_a_table_is_shared_out(bench, picture):
    (page,) = [
        page
        for page in of(bench, f"{WORDS}\n\n{TABLE}\n\nMark end.", picture)
        if any("Mark" in w for _, w in page)
    ]
    places = [line for line, _ in page]
    at = next(n for n, (_, words) in enumerate(page) if words.startswith("Mark"))
    head = next(n for n, (_, words) in enumerate(page) if "year" in words)
    above, below = places[head] - places[head - 1], places[at] - places[at - 1]
    assert abs(above - below) < page_of("classic").leading * 0.7


def test_a_heading_stays_as_near_to_its_text(bench, picture):
    text = "\n\n".join(
        [f"{WORDS}\n\n{TABLE}\n\n## Heading\n\nMark. {WORDS}", f"{WORDS}\n\n## Heading\n\nMark."]
    )
    found = []
    for page in of(bench, text, picture):
        found += [b - a for (a, one), (b, two) in pairwise(page) if one == "Heading" and "Mark" in two]
    assert found[0] == pytest.approx(found[1], abs=0.3)


def test_a_page_that_ends_in_a_list_ends_level(bench, picture):
    items = "\n".join(f"- Item {n}. {WORDS}" for n in range(40))
    pages = of(bench, f"{WORDS}\n\n{items}\n\n{WORDS * 12}", picture)
    full = [page for page in pages if sum("o" in words for _, words in page) > 30]
    ends = [page[-2][0] for page in full]  # the last line is the folio
    assert len(ends) > 3
    grid = page_of("classic")
    text = next(line for page in reversed(pages) for line, words in page[5:6])
    assert [off(end, grid) for end in ends] == pytest.approx([off(text, grid)] * len(ends), abs=0.3)


def test_a_paragraph_that_is_pulled_up_stays_there(bench, picture):
    style = {"styles/book.css": "p.up { margin-top: -1.3rem }"}
    (page,) = [
        page
        for page in of(bench, "Mark low.\n\nMark raised.\n{: .up }", picture, **style)
        if "Mark" in str(page)
    ]
    low, high = (line for line, words in page if words.startswith("Mark"))
    grid = page_of("classic")
    assert high - low == pytest.approx(grid.leading - 1.3 * grid.size, abs=0.3)
