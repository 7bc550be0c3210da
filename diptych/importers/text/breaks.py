"""Breaks that the source shows by its layout alone: wide gaps, signs between paragraphs, lost headings.

It deliberately makes no break of them. Most are accidents of a page; the author is told and decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from diptych.importers.text.passages import Passage
from diptych.importers.text.sections import Section, looks_like_heading
from diptych.importers.text.spots import MOST_SPOTS, Spot, clip, spot


def gaps(sections: Iterable[Section]) -> Iterator[Spot]:
    """Tell where the source leaves more room than usual above a paragraph: a lost break or heading."""
    below = [passage for section in sections for passage in section.passages[1:]]
    usual = Counter(passage.gap for passage in below).most_common(1)
    wide = [passage for passage in below if passage.gap > usual[0][0]]
    if 4 * len(wide) <= len(below):
        for passage in wide[:MOST_SPOTS]:
            sentence = f"The source leaves a wider gap above {clip(passage.first.text)}"
            yield spot(
                "text-gap",
                passage,
                0,
                sentence,
                "If a scene break is meant, write *** above it.",
            )


def scene_breaks(sections: Iterable[Section]) -> Iterator[Spot]:
    """Tell of signs that stand alone, such as `* * *`, and of a heading above another heading."""
    found = (passage for section in sections for passage in section.passages if _is_sign(passage))
    for passage in islice(found, MOST_SPOTS):
        sentence = f"“{passage.text}” stands alone and was kept as these characters"
        yield spot("text-scene-break", passage, 0, sentence, "If a scene break is meant, write *** for it.")
    for above, _ in pairwise(sections):
        if above.passages and looks_like_heading(above.passages[-1]):
            sentence = (
                f"{clip(above.passages[-1].text)} stands alone above a heading and was kept as a paragraph"
            )
            yield spot(
                "text-heading", above.passages[-1], 0, sentence, "If it is a heading, write # before it."
            )


def _is_sign(passage: Passage) -> bool:
    return len(passage.text) <= 20 and not any(map(str.isalnum, passage.text))
