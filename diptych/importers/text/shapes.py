"""Shapes that a piece of one line can have, which more than one room has to recognise.

It deliberately looks at characters alone: what stands above or below a line is for the rooms that know it.
"""

from __future__ import annotations

import re

YEAR = re.compile(r"(?<![\w-])(1[4-9]\d\d|20\d\d)(?![\w])")
"""A year of the printed book."""

CALL = re.compile(r"(?<=\S)\((\d{1,4})\)")
"""What may call a note: a number in brackets, close to the word before it."""

SENTENCE_END = re.compile(r"[.!?…:;,][”’\"')\]»]*(?:\(\d{1,4}\)[”’\"')\]»]*)?$")
"""A stop at the end of a line, under any quotation marks, brackets and call of a note."""

_NOTES = frozenset(
    {"notes", "endnotes", "footnotes", "notes and references", "anmerkungen", "fußnoten", "notas"}
)


def is_notes_heading(text: str) -> bool:
    """Tell whether a line is the name of a notes section."""
    return len(text) < 30 and text.rstrip(":.").casefold() in _NOTES
