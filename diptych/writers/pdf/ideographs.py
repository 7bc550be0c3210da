"""Full lines of Chinese and Japanese are spread between their letters: there are no spaces between words to widen.

A mark that may not begin a line takes the letter before it along, so that lines end short by a letter or two. What is
left is shared out between all letters of the line. Like `cures`, it takes hold of WeasyPrint 70.0's insides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import weasyprint.layout.inline
from weasyprint.formatting_structure import boxes
from weasyprint.text.line_break import create_layout, line_size

_IDEOGRAPH = re.compile("[\u2e80-\ud7ff]")
"""Letters as wide as they are high, with the marks that stand among them (Unicode's blocks)."""

_MOST = 0.25
"""The part of a letter's size by which two may be set apart; a line that wants more is left as it is."""


def install() -> None:
    """Put it in place, once per process."""
    inline = weasyprint.layout.inline
    if hasattr(inline, "_diptych_ideographs"):
        return
    spread = inline.justify_line

    @functools.wraps(spread)
    def justify_line(context: Any, line: Any, extra: float) -> None:
        texts = [box for box in _texts(line) if _IDEOGRAPH.search(box.text)]
        between = sum(len(box.text) for box in texts) - 1
        if between < 1 or not 0 < extra / between < _MOST * line.style["font_size"]:
            spread(context, line, extra)
        else:
            _shift(context, line, frozenset(map(id, texts)), extra / between, 0.0)

    inline.justify_line = justify_line
    inline._diptych_ideographs = True


def _texts(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        for child in box.children:
            yield from _texts(child)


def _shift(context: Any, box: Any, texts: frozenset[int], apart: float, moved: float) -> float:
    """Set the letters of a box apart and move it by what stands before it; gives by how much the next one moves."""
    if isinstance(box, boxes.TextBox):
        box.position_x += moved
        return moved + (_widened(context, box, apart) if id(box) in texts else 0.0)
    if not isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.translate(moved, 0)
        return moved
    box.position_x += moved
    before = moved
    for child in box.children:
        if child.is_in_normal_flow():
            moved = _shift(context, child, texts, apart, moved)
    box.width += moved - before
    return moved


def _widened(context: Any, box: Any, apart: float) -> float:
    """Draw a text with its letters apart; gives by how much it is wider."""
    box.style = box.style.copy()
    own = box.style["letter_spacing"]
    box.style["letter_spacing"] = apart + (0.0 if own == "normal" else own)
    layout = create_layout(box.text, box.style, context, max_width=None, justification_spacing=0)
    wider: float = float(line_size(layout.get_first_line()[0], box.style)[0]) - box.width
    layout.deactivate()
    box.pango_layout = layout
    box.width += wider
    return wider
