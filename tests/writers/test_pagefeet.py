"""The last line of a page: no word is broken over two pages, and nothing is lost or left alone for it."""

from __future__ import annotations

import random
import re

import pytest
from printed import Printed

from diptych.writers.pdf import pagefeet

TOML = (
    '[book]\ntitle = "Even"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    '[edition.print]\ntrim = "5x8"\nrunning-heads = "none"\n'
)
LONG = (
    "countersignature administration understanding representatives transportation correspondence morning boats wall of "
    "the a in harbour nobody remembered promised everybody agreement extraordinary disappointment council lamps lit"
).split()
BROKEN = re.compile(r"[^\W\d_][\u2010\x02\ufffe-]\n*\d*\s*$")


def book(seed: int, paragraphs: int, notes: int = 0) -> dict[str, str]:
    dice = random.Random(seed)
    texts = [" ".join(dice.choice(LONG) for _ in range(dice.randint(30, 120))) for _ in range(paragraphs)]
    calls = [f"{text}{f'[^{n}]' if n < notes else ''}." for n, text in enumerate(texts)]
    feet = [f"[^{n}]: {' '.join(dice.choice(LONG) for _ in range(20))}." for n in range(notes)]
    return {"book.toml": TOML, "a.md": "# A\n\n" + "\n\n".join([*calls, *feet]) + "\n"}


def feet(made) -> list[str]:
    """The words in which pages end, without the folio."""
    return [re.sub(r"\s*\d+\s*$", "", text.split("Even")[-1]) for text in Printed(made).texts]


def broken(made) -> int:
    return sum(bool(BROKEN.search(foot)) for foot in feet(made))


def words(made) -> str:
    texts = "".join(re.sub(r"\s*\d+\s*$", "", text) for text in Printed(made).texts)
    return "".join(letter for letter in texts if letter.isalpha())


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_word_is_broken_over_two_pages(bench, monkeypatch, seed):
    text = book(seed, 40)
    mended = bench.build(text)
    assert len(Printed(mended).texts) > 10
    assert broken(mended) == 0
    monkeypatch.setattr(pagefeet._Foot, "mended", lambda _, result: result)
    left = bench.build(text)
    assert broken(left) > 0
    assert words(mended) == words(left)


@pytest.mark.slow
def test_notes_stay_with_pages_whose_feet_are_mended(bench):
    made = bench.build(book(3, 40, notes=40))
    text = "".join(Printed(made).texts)
    assert sorted(map(int, re.findall(r"^(\d+)\. ", text, re.MULTILINE))) == list(range(1, 41))
