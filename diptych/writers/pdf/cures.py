"""Cures for WeasyPrint 70.0, which silently loses, reorders and doubles footnotes.

Each cure replaces one private function and says why; the version is pinned exactly, and a test fails without each. The
ledger stands guard over the finished file all the same.

In WeasyPrint's words a note is a footnote. The context of a layout keeps them in three lists: `footnotes` wait for a
call, `current_page_footnotes` stand on the page that is being made, `reported_footnotes` are put off to the next one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from typing import Any

import weasyprint.layout
import weasyprint.layout.block
import weasyprint.layout.page
from weasyprint.css.properties import Dimension
from weasyprint.formatting_structure.boxes import LineBox

from diptych.writers.pdf import longnotes

CURED_VERSION = "70.0"

_SKIP, _PLACED = 1, slice(4, 6)
"""Where `table_layout` is told what to skip, and the lists of boxes placed elsewhere, among what follows the table."""

_NONE, _BETWEEN_SERIES = Dimension(0, "px"), Dimension(4, "px")
"""The space above a note: a third of a line where another series begins."""

_ALMOST = 1e-6
"""Pixels that sums of heights may differ by."""

_FORCED = frozenset({"page", "left", "right", "recto", "verso"})


def install() -> None:
    """Put the cures in place, once per process. Raises RuntimeError with another version of WeasyPrint."""
    if weasyprint.__version__ != CURED_VERSION:
        raise RuntimeError(
            f"WeasyPrint {weasyprint.__version__}: the cures for lost notes fit {CURED_VERSION} only"
        )
    if not hasattr(weasyprint.layout.block, "_diptych_cured"):
        for cure in CURES:
            cure()
        weasyprint.layout.block._diptych_cured = True


def settle_notes_of_each_page() -> None:
    """Notes lost, out of order, before their call, over the text: what was tried on a page is not what it holds.

    Lines, rows and tables are laid out and given up again. A line kept for the sake of widows never gets its notes laid
    out (`_linebox_layout`, since Kozea/WeasyPrint pull request 2437); notes put off are reversed only within one call;
    the notes in the head of a table that goes to the next page stay behind.
    The cells of a row are laid out one by one: the notes of the last take room that the first has used.
    When a page's text stands, its calls decide: what it does not call is taken back, what it calls and nobody placed is
    put off to the next page, and so is what lies over the text, and every note behind one that is put off.
    """
    original = weasyprint.layout.page.block_level_layout

    @functools.wraps(original)
    def block_level_layout(context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        if not box.is_for_root_element:
            return original(context, box, *rest, **named)
        if not hasattr(context, "diptych_order"):
            context.diptych_order = {id(note): n for n, note in enumerate(context.footnotes)}
        carried = _laid_out(context)
        result = original(context, box, *rest, **named)
        if result[0] is not None:
            _settle(context, result[0], [*carried, *_called_in(result[0])])
        return result

    weasyprint.layout.page.block_level_layout = block_level_layout


def _settle(context: Any, text: Any, due: Sequence[Any]) -> None:
    _take_back(context, due)
    there = {id(note) for note in _laid_out(context)}
    for note in due:
        if id(note) not in there and note in context.footnotes:
            context.layout_footnote(note)
            context.report_footnote(note)
            there.add(id(note))

    def place(note: Any) -> int:
        return int(context.diptych_order[id(note)])

    lines = (box for box in text.descendants() if isinstance(box, LineBox))
    bottom = max((line.position_y + line.height for line in lines), default=0)
    while context.current_page_footnotes and context.overflows(context.page_bottom, bottom):
        context.report_footnote(max(context.current_page_footnotes, key=place))
    first = min(map(place, context.reported_footnotes), default=len(context.diptych_order))
    for note in [note for note in context.current_page_footnotes if place(note) > first]:
        context.report_footnote(note)
    context.reported_footnotes.sort(key=place)
    context.current_page_footnotes.sort(key=place)
    context._update_footnote_area()


def _laid_out(context: Any) -> list[Any]:
    return [*context.current_page_footnotes, *context.reported_footnotes]


def _called_in(box: Any) -> list[Any]:
    return [inner.footnote for inner in box.descendants() if inner.footnote is not None]


def _take_back(context: Any, due: Sequence[Any]) -> None:
    """Let all notes wait again but those."""
    kept = {id(note) for note in due}
    for note in _laid_out(context):
        if id(note) not in kept:
            context.unlayout_footnote(note)


def keep_notes_with_their_calls() -> None:
    """Late notes: where a paragraph begins at a page's foot, notes of the lines above are put off to make room for it.

    That is done for the sake of its orphans (Kozea/WeasyPrint pull request 2437), and one note in twelve stood on the
    page after its call. Books do it the other way round: the page ends a line earlier, and its notes stay.
    """
    original = weasyprint.layout.block._linebox_layout

    @functools.wraps(original)
    def _linebox_layout(context: Any, *rest: Any) -> Any:
        if context.footnotes or context.current_page_footnotes:
            context = _WithoutNotesToPutOff(context)
        return original(context, *rest)

    weasyprint.layout.block._linebox_layout = _linebox_layout


class _WithoutNotesToPutOff:
    """The context of a layout as lines see it: there is no note on the page that may go.

    What it holds is held in common, for lines ask for it all the time; what it does it does itself.
    """

    __slots__ = ("__dict__", "context")

    def __init__(self, context: Any) -> None:
        self.__dict__, self.context = vars(context), context

    @property
    def current_page_footnotes(self) -> tuple[()]:
        """Notes that may go."""
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.context, name)


def set_each_series_by_itself() -> None:
    """Two series of notes at one foot were mixed as they are called: here the book's own stand first, a space between.

    In front of all stands the rest of a note from the page before, for it would look like the end of another one.
    Only where they stand is changed; which note is put off goes by their order in the text, as before.
    """
    original = weasyprint.layout.LayoutContext._update_footnote_area

    @functools.wraps(original)
    def _update_footnote_area(context: Any) -> Any:
        order = getattr(context, "diptych_order", {})
        begun = {note.element for note in context.current_page_footnotes if not longnotes.is_rest(note)}

        def place(note: Any) -> tuple[bool, str, int]:
            runs_over = longnotes.is_rest(note) and note.element not in begun
            return not runs_over, _series(note), order.get(id(note), 0)

        context.current_page_footnotes.sort(key=place)
        for above, note in pairwise([*context.current_page_footnotes[:1], *context.current_page_footnotes]):
            _restyle(note, margin_top=_NONE if _series(above) == _series(note) else _BETWEEN_SERIES)
        return original(context)

    weasyprint.layout.LayoutContext._update_footnote_area = _update_footnote_area


def measure_each_note_once() -> None:
    """Slow pages: with each note that came or went, all notes of a page were laid out again to see how high they are.

    Notes stand one below the other and nothing else changes their height: each is laid out by itself, once for a width.
    """

    @functools.wraps(weasyprint.layout.LayoutContext._update_footnote_area)
    def _update_footnote_area(context: Any) -> bool:
        area = context.current_footnote_area
        if area.height != "auto" and not context.in_column:
            context.page_bottom += area.margin_height()
        area.children = context.current_page_footnotes
        height = sum(_height(context, note) for note in area.children)
        area.height = min(height, area.max_height) if area.children else 0
        if not context.in_column:
            context.page_bottom -= area.margin_height()
        return bool(height > area.max_height + _ALMOST)

    weasyprint.layout.LayoutContext._update_footnote_area = _update_footnote_area


def _height(context: Any, note: Any) -> float:
    """Give the height that a note adds to the others of its page, in CSS pixels."""
    area = context.current_footnote_area
    known = context.__dict__.setdefault("diptych_heights", {})
    if (id(note), area.width) not in known:
        alone = area.copy_with_children([note]).deepcopy()
        (laid,) = weasyprint.layout.block_level_layout(context, alone, -inf, None, area.page)[0].children
        known[id(note), area.width] = laid.border_height() + laid.margin_bottom
    return float(known[id(note), area.width] + note.style["margin_top"].value)


def _series(note: Any) -> str:
    return str(note.element.get("data-series", ""))


def _restyle(box: Any, **properties: Any) -> None:
    """Change properties of one box: a style is shared by many."""
    if any(box.style[name] != value for name, value in properties.items()):
        box.style = box.style.copy()
        box.style.update(properties)


def show_where_notes_run_on() -> None:
    """The signs of a note that runs on to the next page stand in each of its pieces, hidden, and take no room.

    When a page stands, those are shown that tell of it: beside the last piece of a note that is here, if more
    follow, and over a piece that stands first.
    """
    original = weasyprint.layout.page.block_level_layout

    @functools.wraps(original)
    def block_level_layout(context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        result = original(context, box, *rest, **named)
        if box.is_for_root_element:
            notes = context.current_page_footnotes
            here = {note.element: note for note in sorted(notes, key=longnotes.nth)}
            for note in notes:
                ends_here = note is here[note.element] and not longnotes.is_last(note)
                _show(note, "runs-on", "visible" if ends_here else "hidden")
                begins_page = note is notes[0] and longnotes.is_rest(note)
                _show(note, "run-over", "visible" if begins_page else "hidden")
        return result

    weasyprint.layout.page.block_level_layout = block_level_layout


def _show(note: Any, sign: str, visibility: str) -> None:
    for child in note.children:
        if child.element.get("class") == sign:
            for box in child.descendants():
                _restyle(box, visibility=visibility)


def keep_heads_of_tables() -> None:
    """Lost words, late heads: where a table's head and a row do not fit on a page of their own, the head is left out.

    When it is notes that take the room, the table is laid out once more without its own; if need be, also without those
    that were put off to this page before. They come on the next one. A row that is higher than what the head leaves of
    the page is cut below it: that it would be cut in any case, WeasyPrint sees only where rows must not be parted.
    """
    original = weasyprint.layout.block.table_layout

    @functools.wraps(original)
    def table_layout(context: Any, table: Any, *rest: Any) -> Any:
        before = _laid_out(context)
        result = original(context, table, *rest)
        for carried in ([], [*context.current_page_footnotes]) if rest[_SKIP] is None else ():
            if _lacks_head(table, result[0]):
                weasyprint.layout.block.remove_placeholders(context, [result[0]], *rest[_PLACED])
                _take_back(context, before)
                for note in carried:
                    if note in context.current_page_footnotes:
                        context.report_footnote(note)
                waiting, context.footnotes = context.footnotes, []
                result = original(context, table, *rest)
                context.footnotes = waiting + context.footnotes
        at = next(iter(rest[_SKIP])) if rest[_SKIP] else 0
        rows = next((group for group in table.children[at:] if not group.is_header), None)
        if rows is not None and _lacks_head(table, result[0]):
            weasyprint.layout.block.remove_placeholders(context, [result[0]], *rest[_PLACED])
            _take_back(context, before)
            style = rows.style
            _restyle(rows, break_inside="avoid")
            result = original(context, table, *rest)
            rows.style = style
        return result

    weasyprint.layout.block.table_layout = table_layout


def _lacks_head(table: Any, laid: Any) -> bool:
    return bool(laid) and _has_head(table) and not _has_head(laid)


def _has_head(table: Any) -> bool:
    return bool(table.children) and bool(table.children[0].is_header)


def leave_drawn_notes_alone() -> None:
    """Doubled notes: the head of a table comes again on its later pages.

    Given up there, for want of room, its notes, which were drawn pages ago, were put back among those that wait.
    """
    original = weasyprint.layout.LayoutContext.unlayout_footnote

    @functools.wraps(original)
    def unlayout_footnote(context: Any, footnote: Any) -> None:
        if footnote in context.current_page_footnotes or footnote in context.reported_footnotes:
            original(context, footnote)

    weasyprint.layout.LayoutContext.unlayout_footnote = unlayout_footnote


def remake_all_pages_of_a_pass() -> None:
    """Notes lost or doubled: a later pass makes only flagged pages anew.

    The state of a page does not hold the notes that were put off to it, so with notes every page is made anew.
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


def finish_notes_before_a_forced_break() -> None:
    """Late notes: what is put off from the end of a chapter came out under the next one's first page.

    A page for it alone is made before the break, as WeasyPrint makes one at the end of the document.
    """
    original = weasyprint.layout.page.remake_page

    @functools.wraps(original)
    def remake_page(index: int, context: Any, root_box: Any, html: Any) -> Any:
        resume_at, next_page, right, *rest = context.page_maker[index]
        if not context.reported_footnotes or resume_at is None or next_page["break"] not in _FORCED:
            return original(index, context, root_box, html)
        blank = {**next_page, "break": "left" if right else "right"}
        context.page_maker[index] = (resume_at, blank, right, *rest)
        made = original(index, context, root_box, html)
        context.page_maker[index] = (resume_at, next_page, right, *rest)
        after = context.page_maker[index + 1]
        context.page_maker[index + 1] = (after[0], next_page, *after[2:])
        return made

    weasyprint.layout.page.remake_page = remake_page


CURES = (
    settle_notes_of_each_page,
    show_where_notes_run_on,
    measure_each_note_once,
    set_each_series_by_itself,
    keep_notes_with_their_calls,
    keep_heads_of_tables,
    leave_drawn_notes_alone,
    remake_all_pages_of_a_pass,
    keep_pages_that_hold_only_notes,
    finish_notes_before_a_forced_break,
)
"""Those that `install` puts in place; each holds by itself."""
