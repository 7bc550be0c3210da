"""No word is broken over two pages, as far as can be had.

Where the last line that fits on a page ends in a hyphen, what stands of its paragraph on this page is weighed again
without that hyphen. Where every other way ends in one too, the page ends a line earlier, if that leaves no widow and
no orphan. Lines on earlier pages, which are drawn, stay as they are. Orphans, widows and notes are WeasyPrint's to
count, each time anew.

Like `cures`, it takes hold of WeasyPrint 70.0's insides.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import weasyprint.layout.block

from diptych.writers.pdf import paragraphs
from diptych.writers.pdf.measuring import Paragraph

_WAYS = 5
"""Hyphens refused at one page's foot before it is raised by a line."""

_BOTTOM, _SKIP = 1, 3
"""Where `_linebox_layout` is told the space to leave at the bottom, and what to skip, among what follows the boxes."""


def install() -> None:
    """Put it in place, once per process."""
    block = weasyprint.layout.block
    if hasattr(block, "_diptych_pagefeet"):
        return
    original = block._linebox_layout

    @functools.wraps(original)
    def _linebox_layout(
        context: Any, box: Any, index: int, child: Any, lines: list[Any], empty: Any, *rest: Any
    ) -> Any:
        placed, told = rest[:2], rest[2:]

        def lay_out(less: float) -> Any:
            asked = (*told[:_BOTTOM], told[_BOTTOM] + less, *told[_BOTTOM + 1 :])
            return original(context, box, index, child, lines, empty, *placed, *asked)

        result = lay_out(0.0)
        paragraph = paragraphs.read(context, child)
        if paragraph is None or not result[1]:
            return result
        return _Foot(context, paragraph, lines, placed, told[_SKIP], lay_out).mended(result)

    block._linebox_layout = _linebox_layout
    block._diptych_pagefeet = True


@dataclass(frozen=True)
class _Foot:
    """The lines of a paragraph at a page's foot, and how they are laid out with so much less room below them."""

    context: Any
    paragraph: Paragraph
    lines: list[Any]
    placed: Any
    skip: Any
    lay_out: Callable[[float], Any]

    def mended(self, result: Any) -> Any:
        """Give the lines without a hyphen under them, or as they were."""
        start, refused = self.paragraph.offset(self.skip), list[int]()
        for _ in range(_WAYS):
            if (place := self._hyphen(result)) is None:
                return result
            refused.append(place)
            self._undo(result)
            self.paragraph.refuse(start, refused)
            result = self.lay_out(0.0)
            if result[0]:
                break
        if not result[0] and self._hyphen(result) is None:
            return result
        self._undo(result)
        self.paragraph.refuse(start, [])
        return self._raised(self.lay_out(0.0))

    def _raised(self, result: Any) -> Any:
        """Give the lines but the last one, if what is above it ends better and may end there."""
        kept, less = len(self.lines) - 1, self.lines[-1].height
        self._undo(result)
        result = self.lay_out(less)
        if not result[0] and len(self.lines) == kept and self._hyphen(result) is None:
            return result
        self._undo(result)
        return self.lay_out(0.0)

    def _hyphen(self, result: Any) -> int | None:
        """Give the place of the hyphen in which the page ends."""
        resume = self.lines[-1].resume_at if self.lines and result[1] else None
        if resume is None:
            return None
        place = self.paragraph.offset(resume)
        return place if self.paragraph.is_hyphenated(place) else None

    def _undo(self, result: Any) -> None:
        weasyprint.layout.block.remove_placeholders(self.context, self.lines, *self.placed)
        for note in result[4]:
            self.context.unlayout_footnote(note)
        self.lines.clear()
