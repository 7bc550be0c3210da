"""Figures that float: one that does not fit on the rest of its page stands at the top of the next; the text goes on.

A figure comes at the latest on the page behind its place, before any heading that follows, and figures keep their
order. One stays where it is written if its author says so (`{.here}`), if it has notes, whose order would suffer, or if
the words before it end with a colon.

Like `cures`, it takes hold of WeasyPrint 70.0's insides: where the figure was, a block without height keeps its place;
when the page stands, those that wait are known, and their section begins its next page with them. Nothing is known here
of another section.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import inf
from typing import Any

import weasyprint.layout.block
import weasyprint.layout.page
from weasyprint.formatting_structure.boxes import BlockBox

from diptych import tree

_BARRIERS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "section"})
"""What no figure is carried past."""

_STAYING = frozenset({"here", "full-bleed"})

_FORCED = frozenset({"page", "left", "right", "recto", "verso"})

_STAYS, _FLOATS, _ENDS_THE_PAGE = "stays", "floats", "ends the page"
"""What becomes of a figure, or of another block behind one that waits."""

_FEWEST = 4
"""Lines of text that may stand below figures; where there is room for fewer, these have the page for themselves."""


def install() -> None:
    """Put it in place, once per process."""
    if not hasattr(weasyprint.layout.block, "_diptych_floats"):
        _put_figures_off()
        _begin_pages_with_figures()
        _remember_what_waits()
        _forget_what_another_pass_knew()
        weasyprint.layout.block._diptych_floats = True


def _put_figures_off() -> None:
    original = weasyprint.layout.block._in_flow_layout

    @functools.wraps(original)
    def _in_flow_layout(context: Any, box: Any, index: int, child: Any, placed: list[Any], *rest: Any) -> Any:
        if box.element_tag != "section" or not hasattr(context, "diptych_floats"):
            return original(context, box, index, child, placed, *rest)
        page_is_empty, _, _, margins, below, y, *_, next_page, max_lines = rest
        way = (
            _STAYS if page_is_empty and not placed else _way(context, box, index, placed, (margins, below, y))
        )
        if way is _ENDS_THE_PAGE:
            return False, True, {index: None}, y, margins, next_page, placed, max_lines
        if way is _FLOATS:
            child = _place_of(box, child, placed)
        result = original(context, box, index, child, placed, *rest)
        abort, stop, _, *more = result
        if not abort and not stop and index == _last(box) and _waiting(context, more[3]):
            box.children = [*box.children, _empty(box)]  # the section goes on over the page for their sake
            return False, True, {index + 1: None}, *more
        return result

    weasyprint.layout.block._in_flow_layout = _in_flow_layout


def _way(context: Any, box: Any, index: int, placed: Sequence[Any], where: tuple[Any, float, float]) -> str:
    """Say what becomes of the next block of a section."""
    child, waiting = box.children[index], _waiting(context, placed)
    if child.element_tag in _BARRIERS and waiting:
        return _ENDS_THE_PAGE
    if child.element_tag != "figure" or not child.is_in_normal_flow():
        return _STAYS
    if _may_float(box, index):
        if not waiting and _fits(context, box, child, where):
            return _STAYS
        if _goes_on(box, index) and _have_room(context, box, [*waiting, child]):
            return _FLOATS
    return _ENDS_THE_PAGE if waiting or _wants_a_page(child) else _STAYS


def _waiting(context: Any, placed: Sequence[Any]) -> list[Any]:
    """Give the figures that wait for the next page: those from the page before, and those of this one."""
    here = (getattr(box, "diptych_figure", None) for box in placed)
    return [*context.diptych_floats, *(figure for figure in here if figure is not None)]


def _may_float(box: Any, index: int) -> bool:
    figure, above = box.children[index], box.children[:index]
    before = tree.text_of(above[-1].element).rstrip() if above else ""
    noted = any(inner.footnote is not None for inner in figure.descendants())
    staying = _STAYING.intersection(tree.classes(figure.element))
    return not (staying or noted or before.endswith((":", "\uff1a")))


def _goes_on(box: Any, index: int) -> bool:
    """Whether text follows a figure, and no page is forced to end, before the next heading."""
    text = False
    for child in box.children[index + 1 :]:
        if child.element_tag in _BARRIERS:
            break
        if (
            child.style["break_before"] in _FORCED
            or child.page_values()[0] != box.children[index].page_values()[1]
        ):
            return False
        text = text or child.element_tag != "figure"
    return text


def _wants_a_page(figure: Any) -> bool:
    return "page" in tree.classes(figure.element)


def _fits(context: Any, box: Any, figure: Any, where: tuple[Any, float, float]) -> bool:
    margins, below, y = where
    above, height = _measured(context, box, figure)
    top = y + weasyprint.layout.block.collapse_margin([*margins, above])
    return not _wants_a_page(figure) and not context.overflows_page(below, top + height)


def _have_room(context: Any, box: Any, figures: Sequence[Any]) -> bool:
    """Whether figures fit on one page, so that none has to wait for the page after."""
    alone = len(figures) == 1 or not any(map(_wants_a_page, figures))
    return alone and sum(sum(_measured(context, box, each)) for each in figures) <= context.diptych_height


def _measured(context: Any, box: Any, figure: Any) -> tuple[float, float]:
    """Give the margin above a figure and its height."""
    there = figure.position_x, figure.position_y
    figure.position_x = figure.position_y = 0
    laid = weasyprint.layout.block.block_level_layout(context, figure, -inf, None, box, False, [], [], [])[0]
    weasyprint.layout.block.remove_placeholders(context, [laid], [], [])
    figure.position_x, figure.position_y = there
    return laid.margin_top, laid.border_height()


def _last(box: Any) -> int:
    behind = range(len(box.children) - 1, -1, -1)
    return next(n for n in behind if box.children[n].is_in_normal_flow())


def _empty(box: Any) -> Any:
    empty = BlockBox.anonymous_from(box, [])
    empty.diptych_empty = True
    return empty


def _place_of(box: Any, figure: Any, placed: Sequence[Any]) -> Any:
    """Make what keeps the place of a figure; behind a heading it keeps that with the text, as the figure did."""
    place = BlockBox.anonymous_from(box, [])
    place.position_x, place.position_y = figure.position_x, figure.position_y
    if placed and placed[-1].style["break_after"] == "avoid":
        place.style = place.style.copy()
        place.style["break_after"] = "avoid"
    figure.diptych_home = box
    place.diptych_figure = figure
    return place


def _begin_pages_with_figures() -> None:
    original = weasyprint.layout.block.block_container_layout

    @functools.wraps(original)
    def block_container_layout(context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        waiting = getattr(context, "diptych_floats", ())
        if not waiting or waiting[0].diptych_home is not box:
            return original(context, box, *rest, **named)
        below, skip, page_is_empty, absolute, fixed, *more = rest
        top = box.position_y
        standing = _stood(context, box, below, absolute, fixed) if page_is_empty and skip else []
        if not standing:
            return original(context, box, *rest)
        result = (None,)
        if _is_shared(context, box, standing, next(iter(skip))):
            result = original(context, box, below, skip, False, absolute, fixed, *more)
        if result[0] is None:
            result = _page_of_figures(box, skip, more[-1])
        section = result[0]
        section.height += section.position_y - top
        section.position_y = top
        section.children = [*standing, *section.children]
        return result

    weasyprint.layout.block.block_container_layout = block_container_layout


def _stood(context: Any, box: Any, below: float, absolute: list[Any], fixed: list[Any]) -> list[Any]:
    """Put the figures that wait at the head of a page, as many as it holds, and the section below them.

    Where notes from the page before have taken the room of the first one, it waits again.
    """
    standing: list[Any] = []
    y = box.position_y
    while context.diptych_floats:
        figure = context.diptych_floats[0]
        figure.position_x, figure.position_y = box.content_box_x(), y
        margins = [standing[-1].margin_bottom] if standing else [0.0]
        laid = weasyprint.layout.block.block_level_layout(
            context, figure, below, None, box, not standing, absolute, fixed, margins
        )[0]
        crowded = standing or context.current_page_footnotes
        bottom = inf if laid is None else laid.border_box_y() + laid.border_height()
        if crowded and context.overflows_page(below, bottom):
            break
        laid.diptych_floated = True
        del context.diptych_floats[0]
        standing.append(laid)
        y = bottom
    if standing:
        y += standing[-1].margin_bottom
        box.position_y = y + context.diptych_grid.below(y)
    return standing


def _is_shared(context: Any, box: Any, standing: Sequence[Any], at: int) -> bool:
    """Whether text stands below figures on their page."""
    if hasattr(box.children[at], "diptych_empty"):
        return True
    room = context.page_bottom - box.position_y
    return not any(map(_wants_a_page, standing)) and room >= _FEWEST * context.diptych_grid.step


def _page_of_figures(box: Any, skip: Any, max_lines: Any) -> Any:
    """Make a section that has no text on this page and goes on where it was."""
    section = box.copy_with_children([])
    section.height = 0
    page = {"break": "any", "page": box.children[next(iter(skip))].page_values()[0]}
    return section, skip, page, [], False, max_lines


def _remember_what_waits() -> None:
    original = weasyprint.layout.page.block_level_layout

    @functools.wraps(original)
    def block_level_layout(context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        if not box.is_for_root_element or not box.children:  # a blank page has none
            return original(context, box, *rest, **named)
        context.diptych_floats = getattr(context, "diptych_floats", [])
        context.diptych_height = rest[2].height  # of the page, which contains it
        result = original(context, box, *rest, **named)
        places = result[0].descendants() if result[0] is not None else ()
        context.diptych_floats += [
            place.diptych_figure for place in places if hasattr(place, "diptych_figure")
        ]
        return result

    weasyprint.layout.page.block_level_layout = block_level_layout


def _forget_what_another_pass_knew() -> None:
    original = weasyprint.layout.page.make_all_pages

    @functools.wraps(original)
    def make_all_pages(context: Any, root_box: Any, html: Any, pages: list[Any]) -> Any:
        if pages and hasattr(context, "diptych_floats"):
            context.diptych_floats = []
            for item in context.page_maker[: len(pages)]:
                item[-1]["content_changed"] = True
        return original(context, root_box, html, pages)

    weasyprint.layout.make_all_pages = weasyprint.layout.page.make_all_pages = make_all_pages
