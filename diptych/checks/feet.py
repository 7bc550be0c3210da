"""Where the notes of a finished PDF stand: near their calls, and not at the cost of a page.

The ledger proves each note whole, word for word, in a place of its own, so nothing overlaps it. This looks at what a
reader sees besides: a note that stands pages behind its call, and a page left white because a note found no room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2

from diptych.checks import ledger
from diptych.model import Census, Edition, Note
from diptych.problems import Problem, warning

_MARGIN = 0.085
"""The part of the page's height at head and foot in which the text never stands."""

_EMPTY, _WHITE = 0.25, 0.3
"""A page is left white where less than this part of it is text, and more than that is nothing at all."""

_NEAR_THE_TOP = 0.25
"""The part of the next page in which the call stands of a note that found no room on the page before."""


def of_pdf(data: bytes, wanted: Sequence[ledger.Expected], edition: Edition) -> Census:
    """Count the notes of a finished PDF as the ledger does, and see where they stand."""
    census = ledger.of_pdf(data, wanted, edition)
    spots, _ = ledger.read_places(data)
    feet = [each for each in wanted if each.foot and {each.note.id, each.note.calls[0].id} <= spots.keys()]
    with pypdfium2.PdfDocument(data) as document:
        pages = _pages(document, spots, {each.note.id for each in feet})
    return Census(census.notes, (*census.problems, *_late(feet, spots, pages), *_emptied(feet, spots, pages)))


_Spots = Mapping[str, ledger.Spot]


@dataclass(frozen=True)
class _Page:
    """Where on a page the text ends, and the notes begin, as parts of its height, from the top."""

    height: float
    text: float
    notes: float
    has_notes: bool

    @property
    def is_left_white(self) -> bool:
        return self.text - _MARGIN < _EMPTY and self.notes - self.text > _WHITE


def _pages(document: pypdfium2.PdfDocument, spots: _Spots, names: set[str]) -> tuple[_Page, ...]:
    tops: dict[int, float] = {}
    for page, top, _ in ledger.regions(spots, names).values():
        tops[page] = max(top, tops.get(page, 0.0))
    return tuple(_page(document[n], tops.get(n)) for n in range(len(document)))


def _page(page: pypdfium2.PdfPage, top: float | None) -> _Page:
    width, height = page.get_size()
    floor = height * _MARGIN if top is None else top
    text = page.get_textpage()
    lowest = height
    for n in range(text.count_rects(0, -1)):
        left, bottom, right, above = text.get_rect(n)
        if floor - 1 < bottom and above < height * (1 - _MARGIN) and 0 <= left <= right <= width:
            lowest = min(lowest, bottom)
    return _Page(height, 1 - lowest / height, 1 - floor / height, top is not None)


def _late(feet: Sequence[ledger.Expected], spots: _Spots, pages: Sequence[_Page]) -> Iterator[Problem]:
    """Tell of notes that stand behind the page after their call, but for those that wait where others stand."""
    for each in feet:
        note, call = spots[each.note.id], spots[each.note.calls[0].id]
        if not all(page.has_notes for page in pages[call.page + 1 : note.page]):
            behind = note.page - call.page
            yield _told(each, "note-late", f"stands {behind} pages behind its call, on page {note.page + 1}")


def _emptied(feet: Sequence[ledger.Expected], spots: _Spots, pages: Sequence[_Page]) -> Iterator[Problem]:
    """Tell of pages that are left white in the middle of a chapter: the call of a note stands high on the next one."""
    told: set[int] = set()
    for each in feet:
        call, chapter = spots[each.note.calls[0].id], spots.get(_chapter(each.note))
        begins_above = chapter is not None and chapter.page < call.page
        near_the_top = call.y > pages[call.page].height * (1 - _NEAR_THE_TOP)
        if begins_above and near_the_top and pages[call.page - 1].is_left_white and call.page not in told:
            told.add(call.page)
            yield _told(each, "page-emptied", f"found no room on page {call.page}, which is nearly empty now")


def _chapter(note: Note) -> str:
    """Give the id of the chapter that a note's id is made of."""
    name = note.id.removeprefix("fn-").rpartition("-")[0]
    return name.removesuffix(f"_{note.apparatus}") if note.apparatus else name


def _told(each: ledger.Expected, code: str, what: str) -> Problem:
    return warning(
        code, each.place, f"The note {each.mark} {what}.", "Shorten the note, or call it elsewhere."
    )
