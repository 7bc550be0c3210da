"""Lines cast in one piece: where `paragraphs` knows what a line holds, nothing has to be tried.

WeasyPrint 70.0 fills a line box by box: each is split, what was filled in is taken back where it does not fit, and it
is looked up whether a line may end between two boxes. Here the boxes of a line are made at once, from the same figures
in the same order, so that each comes out as it would there. Lines of nothing but words, from left to right and beside
nothing, are cast; all others are left to WeasyPrint, and so is one that turns out too wide.

Like `cures`, it takes hold of WeasyPrint 70.0's insides.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import weasyprint.layout.inline
from weasyprint.formatting_structure import boxes

from diptych.writers.pdf import paragraphs
from diptych.writers.pdf.paragraphs import Due
from diptych.writers.pdf.thrift import Words

_ROUNDING = 1 + 1e-9
"""By which WeasyPrint lets a line be too wide, for sums of widths are not exact."""


def install() -> None:
    """Put it in place, once per process."""
    inline = weasyprint.layout.inline
    if hasattr(inline, "_diptych_casting"):
        return
    inline._diptych_casting = True
    original = inline.get_next_linebox

    @functools.wraps(original)
    def get_next_linebox(
        context: Any, box: Any, y: float, below: float, skip: Any, around: Any, *rest: Any
    ) -> Any:
        *_, first_letter, first_line = rest
        beside_nothing = not (context.excluded_shapes or first_letter or first_line)
        made = beside_nothing and _cast(context, box, y, skip, around)
        return made or original(context, box, y, below, skip, around, *rest)

    inline.get_next_linebox = get_next_linebox
    _keep_lines_that_are_set()


def _keep_lines_that_are_set() -> None:
    """Draw a line as it was measured: where it is spread, its words are others to WeasyPrint."""
    inline = weasyprint.layout.inline
    original = inline.add_word_spacing

    @functools.wraps(original)
    def add_word_spacing(context: Any, box: Any, spacing: float, x: float) -> float:
        before = box.pango_layout if isinstance(box, boxes.TextBox) else None
        moved: float = original(context, box, spacing, x)
        if isinstance(before, Words) and isinstance(box.pango_layout, Words):
            box.pango_layout.line, box.pango_layout.set_from = before.line, before.set_from
        return moved

    inline.add_word_spacing = add_word_spacing


class _UnfitError(Exception):
    """A line does not come out as it was planned."""


def _cast(context: Any, box: Any, y: float, skip: Any, around: Any) -> tuple[Any, Any] | None:
    """Give a line and where the next one begins; None leaves it to WeasyPrint."""
    inline = weasyprint.layout.inline
    if not paragraphs.is_of_words(context, box, around):
        return None
    skip = inline.skip_first_whitespace(box, skip)
    box.position_y, box.width, box.height = y, 0, 0
    box.position_x, y, available = inline.avoid_collisions(context, box, around, outer=False)
    begin, edge = box.position_x + box.text_indent, box.position_x + available
    due = paragraphs.due(context, box, edge - begin, skip, around) if skip != "continue" else None
    if due is None or due.ends_with_a_box:
        return None
    try:
        line, resume = _Line(due, due.edge(begin, edge) * _ROUNDING).of(box, skip, begin)
    except _UnfitError:
        return None
    paragraphs.tell(box, line, resume, due.line)
    return _placed(context, line, resume, y, available), resume


class _Line(NamedTuple):
    """A line that is being cast: what is due on it, and how far it may reach."""

    due: Due
    edge: float

    def of(self, box: Any, skip: Any, x: float) -> tuple[Any, Any]:
        """Give what of a box stands on the line, from `x` on, and where to go on behind it."""
        parts: list[Any] = []
        first, inner = next(iter(skip.items())) if skip else (0, None)
        rest, at = None, x
        for number, child in enumerate(box.children[first:], first):
            make = self._text if isinstance(child, boxes.TextBox) else self._inline
            part, rest = make(child, inner, at)
            parts.append(part)
            at, inner = part.position_x + part.margin_width(), None
            if at > self.edge:
                raise _UnfitError
            if rest is not None:
                rest = {number: rest}
                break
        made = box.copy_with_children(parts)
        made.remove_decoration(start=skip is not None, end=rest is not None)
        made.width = at - made.content_box_x() if parts else 0
        weasyprint.layout.inline._adjust_line_height(made)
        return made, rest

    def _inline(self, box: Any, skip: Any, x: float) -> tuple[Any, Any]:
        for side in ("margin_left", "margin_right"):
            if getattr(box, side) == "auto":
                setattr(box, side, 0)
        box.position_x = x
        return self.of(box, skip, x)

    def _text(self, box: Any, skip: Any, x: float) -> tuple[Any, Any]:
        at = next(iter(skip)) if skip else 0
        text = box.text.encode()[at:].decode() if at else box.text
        if (cut := self.due.cut(box, at)) is None:
            raise _UnfitError
        taken, shown = cut.of(text)
        measured = self.due.runs[id(box)].fount.line(shown)
        if measured is None or measured.width > self.edge - x:
            raise _UnfitError
        made = box.copy_with_text(shown)
        made.position_x, made.width, made.height = x, measured.width, measured.height
        made.pango_layout = words = Words(shown, 0, self.edge - x, measured.direction)
        words.line, words.set_from = measured.line, shown
        made.margin_top = made.margin_bottom = (
            weasyprint.layout.inline.strut(box.style)[0] - made.height
        ) / 2
        made.baseline = measured.baseline + made.margin_top
        return made, None if len(taken) == len(text) else {at + len(taken.encode()): None}


def _placed(context: Any, line: Any, resume: Any, y: float, available: float) -> Any:
    """Spread a line to the measure and put it where it belongs."""
    inline = weasyprint.layout.inline
    inline.remove_last_whitespace(context, line)
    x = inline.text_align(context, line, available, last=resume is None)
    bottom, top = inline.line_box_verticality(line)
    line.baseline, line.height = -top, bottom - top
    line.margin_top = line.margin_bottom = 0
    line.position_y = top
    line.translate(x, y - top)
    line.position_y = y
    return line
