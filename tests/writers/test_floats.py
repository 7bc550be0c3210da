"""Figures that float: the text fills its page, and what does not fit stands at the top of the next one."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from printed import lines

TOML = '[book]\ntitle = "One"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.print]\n'
WORDS = (
    "The council sat until the lamps were lit and nobody could say who had called it. Letters came from the front and "
    "went unanswered; what had been decided in the morning was forgotten by night, and what was forgotten was done. "
)
FOOT = 550
"""Points from the top of a page of 6 x 9 inches, 45 above its last line: a page that ends below here is full."""


def figure(name: str, more: str = "", note: str = "") -> str:
    return f"![a picture](p.png){more}\n\n/// caption\nShown {name}.{note}\n///"


def text(name: str, long: int) -> str:
    """A paragraph of so many times three lines."""
    return f"Mark {name}. {WORDS * long}".strip()


@pytest.fixture
def pages(bench, picture):
    """Give a function that builds chapters and gives their pages, each with its lines, from the first with a mark."""

    def build(*chapters: str) -> list[list[tuple[float, str]]]:
        files = {f"{n}.md": f"# Chapter {n}\n\n{chapter}\n" for n, chapter in enumerate(chapters, 1)}
        toml = f'{TOML}trim = "6x9"\nhalf-title = false\n'
        made = bench.build({"book.toml": toml, "p.png": picture(1400, 900), **files})
        assert not [problem for problem in made.problems if problem.severity == "error"]
        found = lines(made.data)
        first = next(n for n, page in enumerate(found) if "Mark" in words(page))
        return found[first:]

    return build


def words(page) -> str:
    """Without spaces, which a PDF does not have in justified lines."""
    return "\n".join(each.replace(" ", "") for _, each in page)


def at(found, mark: str) -> int:
    """The page of some words, from 0."""
    (number,) = (n for n, page in enumerate(found) if mark.replace(" ", "") in words(page))
    return number


def foot(page) -> float:
    """Where the last line above the folio stands."""
    return max(place for place, each in page if not re.fullmatch(r"\d+", each.strip()))


def test_a_figure_that_does_not_fit_stands_at_the_top_of_the_next_page_and_text_fills_its_own(pages):
    found = pages("\n\n".join([text("a", 5), figure("one"), text("b", 3), text("c", 9)]))
    assert at(found, "Mark b") == 0
    assert foot(found[0]) > FOOT
    assert at(found, "Shown one") == 1
    caption = next(place for place, each in found[1] if "Shownone" in each.replace(" ", ""))
    above = [each for place, each in found[1] if place < caption and "council" in each]
    assert above == []
    assert "forgotten" in words(found[1])  # the text goes on below


@pytest.mark.parametrize(
    ("before", "more", "note"),
    [("", "{.here}", ""), ("It shows this:", "", ""), ("", "", "[^1]")],
    ids=["asked to", "announced", "with a note"],
)
def test_a_figure_stays_where_it_is_written(pages, before, more, note):
    parts = [
        text("a", 5),
        before,
        figure("one", more, note),
        text("b", 3),
        "[^1]: What it shows." if note else "",
    ]
    found = pages("\n\n".join(parts))
    assert (at(found, "Shown one"), at(found, "Mark b")) == (1, 1)
    assert foot(found[0]) < FOOT


def test_no_figure_is_carried_past_a_heading(pages):
    found = pages("\n\n".join([text("a", 5), figure("one"), text("b", 1), "## Later", text("c", 9)]))
    assert at(found, "Mark b") == 0
    assert at(found, "Shown one") == at(found, "Later") == 1
    order = words(found[1])
    assert order.index("Shownone") < order.index("Later")


def test_figures_keep_their_order(pages):
    parts = [
        text("a", 5),
        figure("one", "{width=60%}"),
        text("b", 1),
        figure("two", "{width=20%}"),
        text("c", 9),
    ]
    found = pages("\n\n".join(parts))
    assert at(found, "Mark c") == 0
    assert at(found, "Shown one") == at(found, "Shown two") == 1
    assert words(found[1]).index("Shownone") < words(found[1]).index("Showntwo")


def test_a_figure_at_the_end_of_a_chapter_stands_before_the_next(pages):
    found = pages("\n\n".join([text("a", 5), figure("one"), text("b", 1)]), text("z", 1))
    assert [at(found, mark) for mark in ("Mark b", "Shown one", "Mark z")] == [0, 1, 2]


def test_a_figure_with_a_page_for_itself_leaves_no_page_white(pages):
    found = pages("\n\n".join([text("a", 3), figure("one", "{.page}"), text("b", 4), text("c", 9)]))
    assert foot(found[0]) > FOOT
    assert at(found, "Shown one") == 1
    assert "council" not in words(found[1])


def test_a_heading_is_not_left_behind_by_a_figure(pages):
    found = pages("\n\n".join([text("a", 10), "## Later", figure("one"), text("b", 9)]))
    page = found[at(found, "Later")]
    assert re.search(r"Later\n(Markb|Shownone)", words(page))


def test_the_page_behind_a_figure_that_floats_is_marked_where_its_text_begins(bench, picture):
    body = "\n\n".join([text("a", 5), figure("one"), text("b", 3), text("c", 9)])
    files = {"book.toml": f'{TOML}trim = "6x9"\n', "p.png": picture(1400, 900), "1.md": f"# One\n\n{body}\n"}
    (edition,) = bench.read(files).manifest.editions
    breaks = bench._breaks(bench.read(files), replace(edition, pages="print"))
    second = next(each for each in breaks if each.folio == "2")
    printed = words(lines(bench.build(files).data)[[each.folio for each in breaks].index("2")])
    assert "Shownone" in printed
    assert "\ufffc" not in second.words
    assert "shownone" not in second.words


@pytest.mark.parametrize("seed", range(3))
def test_no_figure_is_lost_or_comes_late(pages, seed):
    chance = random.Random(seed)
    parts, figures = [], 0
    for n in range(14):
        parts.append(text(f"{n:02}", chance.randint(1, 4)))
        if chance.random() < 0.6:
            width = chance.choice(["", "{width=40%}", "{.page}", "{.here}", "{width=70%}"])
            parts.append(figure(f"{n:02}", width))
            figures += 1
        if chance.random() < 0.2:
            parts.append(f"## Heading {n}")
    parts.append(text("end", 1))
    found = pages("\n\n".join(parts))
    shown = [name for page in found for name in re.findall(r"Shown(\d\d)", words(page))]
    assert shown == sorted(set(shown))
    assert len(shown) == figures
    for name in shown:
        first = at(found, f"Mark {name}")
        # the page on which the paragraph before it ends is its own; that may be one after that paragraph's first
        assert first <= at(found, f"Shown {name}") <= first + 2
