"""The choice of a paragraph's lines: weighed as a whole, by numbers alone."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.writers.pdf import linebreaks
from diptych.writers.pdf.linebreaks import Chance, Measure, choose, is_runt

SPACE = 3.0
ANY = 10_000.0


def chances(widths, *, hyphens=()):
    """Words of these widths with spaces between them; `hyphens` are words that may be broken in the middle."""
    found, at = [Chance(0, 0.0, 0.0, 0, 0)], 0.0
    for n, width in enumerate(widths):
        if n in hyphens:
            found.append(Chance(10 * n + 5, at + width / 2, at + width / 2, n, n, 2.0))
        found.append(Chance(10 * n + 10, at + width, at + width + SPACE, n, n + 1))
        at += width + SPACE
    return found


def lines(found, widths):
    """How wide each line is, by the words in it."""
    ends = [0, *(end.at for end in found)]
    return [
        sum(widths[begin // 10 : end // 10]) + SPACE * (end // 10 - begin // 10 - 1)
        for begin, end in pairwise(ends)
    ]


def test_a_paragraph_of_one_line_has_one_line():
    assert [end.at for end in choose(chances([20, 20]), Measure(100, 100, SPACE), ANY)] == [20]


def test_the_last_word_is_not_left_alone_where_the_line_above_can_spare_one():
    full = 16 * 5.0 + 15 * SPACE
    found = choose(chances([*[5.0] * 16, 4.0]), Measure(full, full, SPACE), ANY)
    assert [end.at for end in found] == [150, 170]


def test_a_loose_line_is_paid_for_by_its_neighbours():
    """Filled line by line, the second line would hold two words and one enormous space."""
    widths = [30, 30, 28, 30, 60, 40, 50]
    measure = Measure(100, 100, SPACE)
    found = choose(chances(widths), measure, ANY)
    assert max(100 - width for width in lines(found, widths)[:-1]) <= 40


def test_spaces_shrink_by_a_quarter_at_most():
    six = [14.0] * 6
    natural = 6 * 14 + 5 * SPACE
    assert [end.at for end in choose(chances([*six, 80.0]), Measure(natural - 3.7, natural, SPACE), ANY)] == [
        60,
        70,
    ]
    assert [end.at for end in choose(chances([*six, 80.0]), Measure(natural - 3.8, natural, SPACE), ANY)] == [
        50,
        70,
    ]


def test_what_hangs_over_an_edge_needs_no_room():
    found = [
        Chance(0, 0.0, 0.0, 0, 0),
        Chance(10, 102.0, 105.0, 1, 2, hangs=2.0),
        Chance(20, 140.0, 140.0, 2, 2),
    ]
    assert [end.at for end in choose(found, Measure(100, 100, SPACE), 1.0)] == [10, 20]
    assert (
        choose([*found[:1], found[1]._replace(hangs=0.0), *found[2:]], Measure(100, 100, SPACE), 1.0) is None
    )


@pytest.mark.parametrize(("words", "hyphen", "runt"), [(8.0, 0, True), (10.0, 0, False), (10.0, 2.0, True)])
def test_a_short_word_and_a_part_of_one_are_hardly_a_last_line(words, hyphen, runt):
    begin = Chance(10, 97.0, 100.0, 3, 4, hyphen)
    assert is_runt(begin, Chance(20, 100.0 + words, 0.0, 4, 4), Measure(100, 100, SPACE)) is runt


def test_a_word_wider_than_the_measure_is_nobodys_choice():
    assert choose(chances([20, 120, 20]), Measure(100, 100, SPACE), ANY) is None


def test_no_more_than_three_hyphens_in_a_row_where_there_is_another_way():
    widths = [60.0] * 14
    found = choose(chances(widths, hyphens=range(14)), Measure(93, 93, SPACE), ANY)
    marks = "".join("-" if end.hyphen else "." for end in found)
    assert "----" not in marks


def test_lines_that_would_be_too_bad_are_refused():
    found = chances([60.0] * 6)
    assert choose(found, Measure(100, 100, SPACE), 100) is None
    assert choose(found, Measure(100, 100, SPACE), ANY) is not None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.floats(2, 40), min_size=1, max_size=60), st.floats(60, 200), st.floats(0, 20))
def test_every_line_fits_and_every_word_stands_in_one(widths, measure, indent):
    found = choose(chances(widths), Measure(measure - indent, measure, SPACE), ANY)
    assert found is not None
    ends = [end.at for end in found]
    assert ends == sorted(set(ends))
    assert ends[-1] == 10 * len(widths)
    for n, width in enumerate(lines(found, widths)):
        words = ends[n] // 10 - (ends[n - 1] // 10 if n else 0)
        assert width - (words - 1) * SPACE / 4 <= measure - (0 if n else indent) + 1e-6


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.integers(0, 1 << 30), st.sampled_from([60.0, 250.0, 1_200.0, ANY]), st.sampled_from(["free", "full"])
)
def test_what_is_passed_over_changes_no_choice(seed, worst, last):
    """Places that no line reaches, and ways that cost too much whatever comes, are not looked at."""
    dice = random.Random(seed)
    words = [dice.uniform(4, 40) for _ in range(dice.randrange(1, 80))]
    found = chances(words, hyphens=[n for n in range(len(words)) if dice.random() < 0.4])
    found = [
        chance._replace(hangs=dice.choice([0, 0, 1.5]), leads=dice.choice([0, 0, 1.5])) for chance in found
    ]
    measure = Measure(dice.uniform(100, 200), dice.uniform(100, 200), SPACE, last=last)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linebreaks, "_UNEVEN", 100_000.0)  # so that it decides now and then
        ours = choose(found, measure, worst)
        patch.setattr(linebreaks, "_worthwhile", lambda ways: ways)
        patch.setattr(linebreaks, "_limits", lambda *_: linebreaks._Limits(0.0, linebreaks.inf, 1e9))
        assert ours == choose(found, measure, worst)
