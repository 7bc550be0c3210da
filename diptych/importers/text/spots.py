"""Things to tell about a line of the source, and words to show them with.

It deliberately knows nothing of the new files: where a line will stand is decided later, in `chapters`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diptych.importers.text.passages import Passage

MOST_SPOTS = 100
"""Of one kind. A text with more is not read well enough for single hints to help."""


@dataclass(frozen=True)
class Spot:
    """Something to tell about a line of the source, before it is known where that line will stand."""

    code: str
    line: int
    sentence: str
    advice: str = ""


def spot(code: str, passage: Passage, at: int, sentence: str, advice: str = "") -> Spot:
    """Make a spot of a place in a passage; `sentence` stands without its full stop."""
    line = passage.line_at(at)
    return Spot(code, line, f"{sentence} (line {line} of the source).", advice)


def around(text: str, start: int, end: int, reach: int = 30) -> str:
    """Give the words that a spot touches, never more than `reach` characters to a side."""
    before = re.split(r"\s", text[max(0, start - reach) : start])[-1]
    after = re.split(r"\s", text[end : end + reach])[0]
    return " ".join(f"{before}{text[start:end]}{after}".split())


def clip(text: str, length: int = 50) -> str:
    """Give a text in quotation marks, cut after a word if it is long."""
    return f"“{text}”" if len(text) <= length else f"“{text[:length].rsplit(' ', 1)[0]} …”"
