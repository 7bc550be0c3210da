"""Cures for WeasyPrint 70.0, which silently loses, reorders and doubles footnotes.

Each cure replaces one private function and says why; the version is pinned exactly, and a test fails without each. The
ledger stands guard over the finished file all the same. Nothing else in the house touches WeasyPrint's insides.
"""

from __future__ import annotations

import functools
from typing import Any

import weasyprint.layout
import weasyprint.layout.block
import weasyprint.layout.page

CURED_VERSION = "70.0"


def install() -> None:
    """Put the cures in place, once per process. Raises RuntimeError with another version of WeasyPrint."""
    if weasyprint.__version__ != CURED_VERSION:
        raise RuntimeError(
            f"WeasyPrint {weasyprint.__version__}: the cures for lost notes fit {CURED_VERSION} only"
        )
    if not hasattr(weasyprint.layout.block, "_diptych_cured"):
        place_notes_of_overflowing_lines()
        keep_deferred_notes_in_order()
        remake_all_pages_of_a_pass()
        keep_pages_that_hold_only_notes()
        take_back_notes_of_moved_tables()
        weasyprint.layout.block._diptych_cured = True


def place_notes_of_overflowing_lines() -> None:
    """Lost notes: a line that overflows may be kept for the sake of widows, and its own notes are then never laid out.

    `_linebox_layout` defers earlier notes to make room (Kozea/WeasyPrint pull request 2437), appends the line and
    leaves before the line's notes had their turn. They are deferred here.
    """
    original = weasyprint.layout.block._linebox_layout

    @functools.wraps(original)
    def linebox_layout(
        context: Any, box: Any, index: int, child: Any, new_children: list[Any], *rest: Any, **named: Any
    ) -> Any:
        before = len(new_children)
        result = original(context, box, index, child, new_children, *rest, **named)
        aborted, placed = result[0], result[4]
        if not aborted and context.footnotes and len(new_children) > before:
            for descendant in new_children[-1].descendants():
                note = descendant.footnote
                if note is not None and note in context.footnotes:
                    context.layout_footnote(note)
                    context.report_footnote(note)
                    placed.append(note)
        return result

    weasyprint.layout.block._linebox_layout = linebox_layout


def keep_deferred_notes_in_order() -> None:
    """Notes out of order: notes put off to the next page are reversed only within one call; sort them by document."""
    original = weasyprint.layout.page.make_page

    @functools.wraps(original)
    def make_page(context: Any, *rest: Any, **named: Any) -> Any:
        if not hasattr(context, "diptych_order"):
            context.diptych_order = {id(note): n for n, note in enumerate(context.footnotes)}
        context.reported_footnotes.sort(key=lambda note: context.diptych_order.get(id(note), -1))
        return original(context, *rest, **named)

    weasyprint.layout.page.make_page = make_page


def remake_all_pages_of_a_pass() -> None:
    """Notes lost or doubled: a later pass makes only flagged pages anew.

    A page's state does not hold the notes that were put off to it. With notes in the book every page of a pass is made
    anew.
    """
    original = weasyprint.layout.page.make_all_pages

    @functools.wraps(original)
    def make_all_pages(context: Any, root_box: Any, html: Any, pages: list[Any]) -> Any:
        if pages and context.footnotes:
            for item in context.page_maker[: len(pages)]:
                item[-1]["content_changed"] = True
        return original(context, root_box, html, pages)

    weasyprint.layout.make_all_pages = weasyprint.layout.page.make_all_pages = make_all_pages


def keep_pages_that_hold_only_notes() -> None:
    """IndexError, or lost notes: a last page that holds only notes put off to it is not flagged (issue 1700)."""
    original = weasyprint.layout.page.remake_page

    @functools.wraps(original)
    def remake_page(index: int, context: Any, root_box: Any, html: Any) -> Any:
        page, resume_at = original(index, context, root_box, html)
        if resume_at is None and context.reported_footnotes:
            context.page_maker[index + 1][-1]["content_changed"] = True
        return page, resume_at

    weasyprint.layout.page.remake_page = remake_page


def take_back_notes_of_moved_tables() -> None:
    """Notes before their call: a table's head is laid out first, with its notes.

    When no row fits and the table goes to the next page, those notes stay behind. What a table placed but does not hold
    in the end is taken back.
    """
    original = weasyprint.layout.block.table_layout

    @functools.wraps(original)
    def table_layout(context: Any, *rest: Any, **named: Any) -> Any:
        before = {id(note) for note in (*context.current_page_footnotes, *context.reported_footnotes)}
        result = original(context, *rest, **named)
        held = (
            {id(box.footnote) for box in result[0].descendants() if box.footnote is not None}
            if result[0]
            else set()
        )
        for note in (*context.current_page_footnotes, *context.reported_footnotes):
            if id(note) not in before and id(note) not in held:
                context.unlayout_footnote(note)
        return result

    weasyprint.layout.block.table_layout = table_layout
