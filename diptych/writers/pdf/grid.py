"""The baseline grid: text stands on lines that are the same on every page, so that facing pages end level.

WeasyPrint knows no grid. Paragraphs are whole lines high, but headings, pictures, tables, code and formulas are not,
and what follows them stood where they ended. Here a paragraph begins on a line of the page; what white that takes is
shared out round the blocks before it. Quotations and lists have half a line above and below, as the trade sets
them; only where a page ends in one, or behind a picture, these are let down to the page's last line.

Like `cures`, it takes hold of WeasyPrint 70.0's insides. Each page is set right for itself: nothing is known here of
another one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import weasyprint.layout.block
import weasyprint.layout.page
from weasyprint.formatting_structure import boxes
from weasyprint.layout.percent import percentage
from weasyprint.text.line_break import strut

_NEARLY = 0.05
"""Pixels that nobody sees."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


_PARTED = frozenset({"ul", "ol", "dl", "blockquote", "div", "li", "dd"})
"""Blocks of several parts, between which there may be a little more white."""


@dataclass(frozen=True)
class _Grid:
    """The lines of a page, in pixels: where the first begins, how high each is, where in it letters stand."""

    top: float
    step: float
    baseline: float

    def below(self, y: float) -> float:
        """Give how far the next line begins below here."""
        over = (y - self.top) % self.step
        return self.step - over if _NEARLY < over < self.step - _NEARLY else 0.0


def install() -> None:
    """Put it in place, once per process."""
    if not hasattr(weasyprint.layout.block, "_diptych_grid"):
        _begin_paragraphs_on_lines()
        _end_pages_on_their_last_line()
        weasyprint.layout.block._diptych_grid = True


def _begin_paragraphs_on_lines() -> None:
    original = weasyprint.layout.block._in_flow_layout

    @functools.wraps(original)
    def _in_flow_layout(context: Any, box: Any, index: int, child: Any, placed: list[Any], *rest: Any) -> Any:
        empty, absolute, fixed, margins, below, y, *more = rest
        grid = getattr(context, "diptych_grid", None)
        lacking = 0.0
        if grid and placed and box.element_tag == "section" and _is_text(child, grid):
            margins, lacking = _lowered(grid, y, margins, _margin(child, box))
        result = original(
            context, box, index, child, placed, empty, absolute, fixed, margins, below, y, *more
        )
        last = result[6][-1] if result[6] else None
        if last is not None and last.element is child.element and _is_text(child, grid):
            last.diptych_on_grid = True
            if lacking:
                _share_out(_free(result[6][:-1]), lacking)
        return result

    weasyprint.layout.block._in_flow_layout = _in_flow_layout


def _is_text(box: Any, grid: _Grid | None) -> bool:
    """Whether a block is a paragraph of the text."""
    return grid is not None and box.element_tag == "p" and abs(_leading(box) - grid.step) < _NEARLY


def _leading(box: Any) -> float:
    return float(strut(box.style)[0])


def _margin(child: Any, box: Any) -> float:
    above = child.style["margin_top"]
    return 0.0 if above == "auto" else float(percentage(above, child.style, box.width))


def _lowered(grid: _Grid, y: float, margins: list[float], own: float) -> tuple[list[float], float]:
    """Give the margins above a block that let it begin on a line, and how much more they are."""
    if own < 0:  # an author who pulls it up wants it there
        return margins, 0.0
    meeting = [*margins, own]
    lacking = grid.below(y + weasyprint.layout.block.collapse_margin(meeting))
    return ([*margins, max(0.0, *meeting) + lacking] if lacking else margins), lacking


def _free(placed: Sequence[Any]) -> list[Any]:
    """Give the last blocks that stand between two paragraphs; none where the page, or the chapter, begins with them."""
    run: list[Any] = []
    for box in reversed(placed):
        if getattr(box, "diptych_on_grid", False):
            return run[::-1]
        run.append(box)
    return []


def _share_out(run: Sequence[Any], white: float) -> None:
    """Put white that has come below some blocks above them: half of it, and all of it where a heading ends them."""
    heading = True
    for box in reversed(run):
        heading = heading and box.element_tag in _HEADINGS
        box.translate(dy=white if heading else white / 2)


def _end_pages_on_their_last_line() -> None:
    original = weasyprint.layout.page.block_level_layout

    @functools.wraps(original)
    def block_level_layout(context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        if not box.is_for_root_element or not box.children:  # a blank page has none
            return original(context, box, *rest, **named)
        step, baseline = strut(box.children[-1].style)  # of the body, whose face is the text's
        context.diptych_grid = grid = _Grid(box.position_y, step, baseline)
        result = original(context, box, *rest, **named)
        context.diptych_grid = None
        if result[0] is not None and _goes_on(result[1]) and not context.current_page_footnotes:
            _let_down(grid, result[0], context.page_bottom)
        return result

    weasyprint.layout.page.block_level_layout = block_level_layout


def _goes_on(resume_at: Any) -> bool:
    """Whether the section with which a page ends goes on behind it; where it begins anew, another one does."""
    body = next(iter((resume_at or {}).values()), None)
    return next(iter((body or {}).values()), None) is not None


def _let_down(grid: _Grid, text: Any, bottom: float) -> None:
    """Put what a page ends with on its last line, where less than a line is lacking."""
    section = next(_last_sections(text), None)
    run = _ending(section.children) if section is not None else []
    if run:
        last = grid.top + (bottom - grid.top + _NEARLY) // grid.step * grid.step - grid.step + grid.baseline
        lacking = last - max(_feet(run), default=last)
        if _NEARLY < lacking < grid.step - _NEARLY:
            for box in run:
                box.translate(dy=lacking)


def _ending(placed: Sequence[Any]) -> list[Any]:
    """Give what a page ends with and may be moved: blocks behind a paragraph, or the last part of one of many parts."""
    last = placed[-1] if placed else None
    if last is None or not last.is_in_normal_flow() or getattr(last, "diptych_on_grid", False):
        return []
    if run := _free(placed):
        return run
    if last.element_tag not in _PARTED:
        return []
    for n in range(len(last.children) - 1, 0, -1):
        if last.children[n].element_tag != "dd":  # which stays with its term
            return list(last.children[n:])
    return _ending(last.children)


def _last_sections(box: Any) -> Iterator[Any]:
    """Give the innermost section with which a page ends, then those round it."""
    last = box.children[-1] if getattr(box, "children", ()) else None
    if last is not None and last.element_tag in ("body", "section"):
        yield from _last_sections(last)
    if box.element_tag == "section":
        yield box


def _feet(placed: Iterable[Any]) -> Iterator[float]:
    """Give where the lines and pictures in some blocks stand; what is taken out of the flow has no place yet."""
    for box in placed:
        if not box.is_in_normal_flow():
            continue
        if isinstance(box, boxes.LineBox):
            yield box.position_y + box.baseline
        elif isinstance(box, boxes.BlockReplacedBox):
            yield box.position_y + box.margin_height()
        else:
            yield from _feet(getattr(box, "children", ()))
