"""Long notes run on over pages: WeasyPrint never splits one (its issue 1833), so it is handed pieces of it.

Before pages are made each note that is planned to be long is laid out once, as wide as the foot of its page, and cut at
the ends of its own lines: two or three to a piece, no line alone, none that ends in a hyphen. Each piece is a note to
WeasyPrint, with a call of its own beside the first one; its last line is spread to the measure, so that the pieces read
as one paragraph wherever a page ends. The tree is not touched: what is tagged, named and counted is one note.

Like `cures`, it takes hold of WeasyPrint 70.0's insides.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

import weasyprint.document
from weasyprint.css.properties import Dimension
from weasyprint.formatting_structure import boxes, build
from weasyprint.layout import page as pages
from weasyprint.layout.block import block_level_layout
from weasyprint.layout.percent import resolve_percentages

from diptych.writers.pdf import paragraphs

_LONG = 8
"""Lines of notes that are kept whole: a page rather ends a little earlier than that a reader turns it for so few."""

_FEW = 2
"""Lines that stay together: of a piece, and of a paragraph on either side of a cut."""

_SIGNS = frozenset({"runs-on", "run-over"})
_NOTHING = Dimension(0, "px")
_Skip = Mapping[int, Any]
"""Where a box is cut, as WeasyPrint says where to resume one: the number of a child, and where that one is cut."""


def install() -> None:
    """Put it in place, once per process."""
    if hasattr(weasyprint.document, "_diptych_long_notes"):
        return
    lay_out, into_lines = weasyprint.document.layout_document, build.create_anonymous_boxes

    @functools.wraps(lay_out)
    def layout_document(html: Any, root: Any, context: Any, *rest: Any, **named: Any) -> Any:
        _Foot(html, context).cut_notes_of(root)
        return lay_out(html, root, context, *rest, **named)

    @functools.wraps(into_lines)
    def create_anonymous_boxes(box: Any) -> Any:
        return box if isinstance(box, boxes.FootnoteAreaBox) else into_lines(box)

    weasyprint.document.layout_document = layout_document
    build.create_anonymous_boxes = create_anonymous_boxes
    weasyprint.document._diptych_long_notes = True


def is_rest(note: Any) -> bool:
    """Whether this is a piece of a note, but not its first."""
    return nth(note) > 1


def nth(note: Any) -> int:
    """Say which piece of its note this is, from 1."""
    return getattr(note, "diptych_piece", (1, 1))[0]


def is_last(note: Any) -> bool:
    """Whether this is the last piece of its note, or all of it."""
    piece, count = getattr(note, "diptych_piece", (1, 1))
    return bool(piece == count)


class _Row(NamedTuple):
    """A line of a note, or something as high as several: where to cut behind it, and whether that may be done."""

    behind: _Skip | None
    free: bool
    lines: int = 1


class _Foot:
    """The foot of a layout's pages, on which long notes are laid out to see where their lines end."""

    def __init__(self, html: Any, context: Any) -> None:
        self.html, self.context = html, context
        self.areas: dict[str, Any] = {}

    def cut_notes_of(self, root: Any) -> None:
        """Give pieces of the long notes to a layout's context, and calls for them to its tree of boxes."""
        if not self.context.footnotes:
            return
        cut: dict[int, list[Any]] = {}
        for parent in [box for box in root.descendants() if any(_call(child) for child in box.children)]:
            children: list[Any] = []
            for child in parent.children:
                children.append(child)
                if _call(child):
                    first, *others = cut[id(child.footnote)] = self._pieces(child)
                    child.footnote = first
                    children += [_call_of(piece, child) for piece in others]
            parent.children = children
        self.context.footnotes[:] = [
            piece for note in self.context.footnotes for piece in cut.get(id(note), [note])
        ]

    def _pieces(self, call: Any) -> list[Any]:
        note = build.create_anonymous_boxes(call.footnote)
        _restyle(
            note, display=("block", "flow-root")
        )  # its height is its own, whatever stands above and below it
        signs = [child for child in note.children if _is_sign(child)]
        if not signs:
            return [note]
        plain = note.copy_with_children([child for child in note.children if child not in signs])
        area = self._area(call.style["page"])
        lines = self._lines(plain, area.page.width - _edges(area))
        if lines is not None and lines <= _LONG:
            return _told(note, [plain])
        cuts = _cuts(list(_rows(plain, self._laid_out(plain, call.style["page"]))))
        pieces = _cut_at(plain, cuts)
        for piece in pieces if cuts else ():
            piece.children = [*piece.children, *(sign.deepcopy() for sign in signs)]
        return _told(note, pieces)

    def _lines(self, box: Any, width: float) -> int | None:
        """Say how many lines of a block are planned in a width; None where only a layout can tell."""
        box = box.copy()
        resolve_percentages(box, (width, "auto"))
        if type(box) is not boxes.BlockBox or box.width != "auto" or not box.children:
            return None
        box.width = width - _edges(box)
        if isinstance(box.children[0], boxes.LineBox):
            return paragraphs.planned(self.context, box.children[0], box)
        found = [self._lines(child, box.width) for child in box.children]
        return None if None in found else sum(lines or 0 for lines in found)

    def _laid_out(self, note: Any, page: str) -> Any:
        area = self._area(page).copy_with_children([note]).deepcopy()
        self.context.current_page, self.context.page_bottom = 0, 0.0  # before the first one
        self.context.create_block_formatting_context()
        laid = block_level_layout(self.context, area, -inf, None, area.page)[0]
        self.context.finish_block_formatting_context()
        return laid.children[0]

    def _area(self, name: str) -> Any:
        """Make the area for notes of the pages of a name, as `make_page` does."""
        if name not in self.areas:
            kind = pages.PageType("right", blank=False, name=name, index=0, groups=())
            pages.set_page_type_computed_styles(kind, self.html, self.context.style_for)
            style = self.context.style_for(kind)
            page = boxes.PageBox(kind, style)
            resolve_percentages(page, style["size"])
            pages.page_width(page, self.context, style["size"][0])
            pages.page_height(page, self.context, style["size"][1])
            own = self.context.style_for(kind, "@footnote") or style.anonymous_style
            area = self.areas[name] = boxes.FootnoteAreaBox(page, own)
            resolve_percentages(area, page)
            area.position_x = area.position_y = 0.0
        return self.areas[name]


def _edges(box: Any) -> float:
    """Give how much of a width stands beside what a box holds."""
    sides = (
        "margin_left",
        "margin_right",
        "padding_left",
        "padding_right",
        "border_left_width",
        "border_right_width",
    )
    widths = (getattr(box, side) for side in sides)
    return float(sum(width for width in widths if width != "auto"))


def _call(box: Any) -> bool:
    return getattr(box, "footnote", None) is not None


def _call_of(piece: Any, first: Any) -> Any:
    call = first.copy_with_children([])
    call.footnote = piece
    return call


def _is_sign(box: Any) -> bool:
    return box.element is not None and box.element.get("class") in _SIGNS


def _told(note: Any, pieces: Sequence[Any]) -> list[Any]:
    """Say of each piece which one it is; all but the first have own names, and may stand without their call."""
    name = note.style["anchor"]
    for number, piece in enumerate(pieces, 1):
        piece.diptych_piece = (number, len(pieces))
        if number > 1:
            _restyle(piece, anchor=f"{name}_{number}", footnote_policy="auto")
    return list(pieces)


# --- where a note may be cut ------------------------------------------------------------------------------------------


def _rows(box: Any, laid: Any) -> Iterator[_Row]:
    """Give the rows of a block, from how it came out when it was laid out."""
    if box.children and isinstance(box.children[0], boxes.LineBox):
        lines = laid.children
        for number, line in enumerate(lines, 1):
            inside = _FEW <= number <= len(lines) - _FEW
            behind = None if number == len(lines) else {0: line.resume_at}
            yield _Row(behind, behind is None or (inside and not _is_hyphenated(line)))
    elif type(box) is boxes.BlockBox and len(box.children) == len(laid.children) and box.children:
        for number, (child, inner) in enumerate(zip(box.children, laid.children, strict=True)):
            end = None if number + 1 == len(box.children) else {number + 1: None}
            for row in _kept(child, [*_rows(child, inner)]) if child.is_in_normal_flow() else ():
                yield row._replace(behind={number: row.behind} if row.behind else end)
    else:
        yield _Row(None, free=True, lines=_FEW)


def _kept(box: Any, rows: Sequence[_Row]) -> Iterator[_Row]:
    """Keep a block in one where its style asks for it and a page can hold it, or with what follows it."""
    whole = _avoids(box, "break_inside") and sum(row.lines for row in rows) <= _LONG
    for row in rows:
        last = row.behind is None
        held = _avoids(box, "break_after") if last else whole
        yield row._replace(free=row.free and not held)


def _avoids(box: Any, what: str) -> bool:
    return box.style[what] in ("avoid", "avoid-page")


def _is_hyphenated(line: Any) -> bool:
    texts = [box for box in line.descendants() if isinstance(box, boxes.TextBox)]
    return bool(texts) and texts[-1].text.endswith((texts[-1].style["hyphenate_character"], "-", "\xad"))


def _cuts(rows: Sequence[_Row]) -> list[_Skip]:
    """Choose where to cut a note: as often as it may be done, if it is long at all."""
    left, piece = sum(row.lines for row in rows), 0
    if left <= _LONG:
        return []
    found: list[_Skip] = []
    for row in rows:
        piece, left = piece + row.lines, left - row.lines
        if row.free and row.behind and piece >= _FEW and left >= _FEW:
            found.append(row.behind)
            piece = 0
    return found


# --- cutting ----------------------------------------------------------------------------------------------------------


def _cut_at(box: Any, cuts: Sequence[_Skip]) -> list[Any]:
    pieces: list[Any] = []
    for behind in reversed(cuts):
        box, after = _cut(box, behind)
        pieces.insert(0, after)
    return [box, *pieces]


def _cut(box: Any, behind: _Skip) -> tuple[Any, Any]:
    """Cut a box in two, and what it holds; margins and padding stay at the outer ends."""
    ((number, inner),) = behind.items()
    if isinstance(box, boxes.TextBox):
        first, second, text = box.copy(), box.copy(), box.text.encode()
        first.text, second.text = text[:number].decode().rstrip(" "), text[number:].decode()
        return first, second
    before, after = list(box.children[:number]), list(box.children[number:])
    if inner is not None:
        last, after[0] = _cut(box.children[number], inner)
        before += [last] if last.children or getattr(last, "text", "") else []
    elif isinstance(box, boxes.BlockBox):
        before[-1] = before[-1].copy()
        _restyle(before[-1], margin_bottom=_NOTHING)  # that of what follows is enough for both
    first, second = box.copy_with_children(before), box.copy_with_children(after)
    if isinstance(box, boxes.BlockBox):
        _restyle(first, margin_bottom=_NOTHING, padding_bottom=_NOTHING)
        _restyle(second, margin_top=_NOTHING, padding_top=_NOTHING)
    elif isinstance(box, boxes.LineBox):
        _restyle(second, text_indent=_NOTHING)
        if box.style["text_align_all"] == "justify":
            _restyle(first, text_align_last="justify")
    return first, second


def _restyle(box: Any, **properties: Any) -> None:
    """Change properties of one box: a style is shared by many."""
    box.style = box.style.copy()
    box.style.update(properties)
