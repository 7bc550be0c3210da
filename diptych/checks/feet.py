"""Where the notes of a finished PDF stand: near their calls, and not at the cost of a page.

The ledger proves each note whole, word for word, in a place of its own, so nothing overlaps it. This looks at what a
reader sees besides: a note that stands pages behind its call, and a page left white because a note found no room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diptych.checks import ledger, pages
from diptych.model import Note
from diptych.problems import Problem, warning

_MARGIN = 0.085
"""The part of the page's height at head and foot in which the text never stands."""

_EMPTY, _WHITE = 0.25, 0.3
"""A page is left white where less than this part of it is text, and more than that is nothing at all."""

_NEAR_THE_TOP = 0.25
"""The part of the next page in which the call stands of a note that found no room on the page before."""


def question(due: ledger.Survey) -> pages.Question[float]:
    """Ask every page how far down its text reaches, above its notes."""
    tops = _tops(due)
    return pages.Question(_look, float, (), [tops.get(n) for n in range(len(due.leaves))])


def problems(
    due: ledger.Survey, wanted: Sequence[ledger.Expected], seen: Sequence[float]
) -> Iterator[Problem]:
    """Tell of notes that do not stand well, by what was seen on the pages."""
    tops = _tops(due)
    found = [_page(leaf.height, tops.get(n), seen[n]) for n, leaf in enumerate(due.leaves)]
    feet = [*_feet(wanted, due.spots)]
    yield from _late(feet, due.spots, found)
    yield from _emptied(feet, due.spots, found)


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


def _feet(wanted: Sequence[ledger.Expected], spots: _Spots) -> Iterator[ledger.Expected]:
    """Give the notes at the foot that are there and are called."""
    return (each for each in wanted if each.foot and {each.note.id, each.note.calls[0].id} <= spots.keys())


def _tops(due: ledger.Survey) -> Mapping[int, float]:
    """Give where the notes begin on the pages that have any, in points from their foot."""
    names = {each.note.id for each in _feet(due.wanted, due.spots)}
    tops: dict[int, float] = {}
    for page, top, _ in ledger.regions(due.spots, names).values():
        tops[page] = max(top, tops.get(page, 0.0))
    return tops


def _look(opened: pages.Opened, _: object, top: float | None) -> float:
    width, height = opened.page.get_size()
    floor = height * _MARGIN if top is None else top
    lowest = height
    for n in range(opened.text.count_rects(0, -1)):
        left, bottom, right, above = opened.text.get_rect(n)
        if floor - 1 < bottom and above < height * (1 - _MARGIN) and 0 <= left <= right <= width:
            lowest = min(lowest, bottom)
    return float(lowest)


def _page(height: float, top: float | None, lowest: float) -> _Page:
    floor = height * _MARGIN if top is None else top
    return _Page(height, 1 - lowest / height, 1 - floor / height, top is not None)


def _late(feet: Sequence[ledger.Expected], spots: _Spots, stood: Sequence[_Page]) -> Iterator[Problem]:
    """Tell of notes that stand behind the page after their call, but for those that wait where others stand."""
    for each in feet:
        note, call = spots[each.note.id], spots[each.note.calls[0].id]
        if not all(page.has_notes for page in stood[call.page + 1 : note.page]):
            behind = note.page - call.page
            yield _told(each, "note-late", f"stands {behind} pages behind its call, on page {note.page + 1}")


def _emptied(feet: Sequence[ledger.Expected], spots: _Spots, stood: Sequence[_Page]) -> Iterator[Problem]:
    """Tell of pages that are left white in the middle of a chapter: the call of a note stands high on the next one."""
    told: set[int] = set()
    for each in feet:
        call, chapter = spots[each.note.calls[0].id], spots.get(_chapter(each.note))
        begins_above = chapter is not None and chapter.page < call.page
        near_the_top = call.y > stood[call.page].height * (1 - _NEAR_THE_TOP)
        if begins_above and near_the_top and stood[call.page - 1].is_left_white and call.page not in told:
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
