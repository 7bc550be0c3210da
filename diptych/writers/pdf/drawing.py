"""What a box draws is seen at once: most boxes of a book have no ground, no border and no outline, only words.

WeasyPrint 70.0 asks each box of a page for all that it might draw, a dozen properties for each thing. Boxes of one
style draw the same, so it is asked once; words without lines under them are written with no call for each operator.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import weasyprint.draw
import weasyprint.draw.border
import weasyprint.layout.background
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.stacking import StackingContext

from diptych.writers.pdf import glyphs, thrift

_SIDES = ("top", "right", "bottom", "left")
_CORNERS = tuple(
    f"border_{corner}_radius" for corner in "top_left top_right bottom_right bottom_left".split()
)

_NO_GROUND = {"background": None, **dict.fromkeys(_CORNERS, (0, 0))}
"""What a box without a background has, when backgrounds are laid out."""

_ODD = frozenset("\t\n")
"""Characters that Pango has to be told more of."""

_SMALLEST = 1e-6
"""The size of letters, in pixels, from which on they are drawn."""


def install() -> None:
    """Put it in place, once per process."""
    if hasattr(weasyprint.draw, "_diptych_drawing"):
        return
    weasyprint.draw._diptych_drawing = True
    _lay_out_no_ground_where_there_is_none()
    _outline_nothing()
    _draw_nothing_round_lines()
    if glyphs.are_read():
        _write_plain_words()


class _Look:
    """What boxes of a style draw. All of it is asked for when pages stand, and styles no longer change."""

    def __init__(self, style: Any) -> None:
        self.style = style
        self.visible = style["visibility"] == "visible"

    @cached_property
    def no_ground(self) -> bool:
        """Whether there is no background, no shadow and no picture for a border, and no corner is round."""
        style = self.style
        return (
            self.no_pictures
            and not style["box_shadow"]
            and all(kind == "none" for kind, _ in style["background_image"])
            and (style["visibility"] == "hidden" or get_color(style, "background_color").alpha == 0)
            and all((0, "px") in style[corner] for corner in _CORNERS)
        )

    @cached_property
    def no_pictures(self) -> bool:
        """Whether borders and their masks are no pictures."""
        return all(self.style[f"{what}_source"][0] == "none" for what in ("border_image", "mask_border"))

    @cached_property
    def no_border(self) -> bool:
        """Whether a line, or an inline box, has no border."""
        return self.no_pictures and not any(self.style[f"border_{side}_width"] for side in _SIDES)

    @cached_property
    def no_outline(self) -> bool:
        """Whether there is no outline."""
        return not (self.visible and self.style["outline_width"])

    @cached_property
    def words(self) -> thrift.Told | None:
        """What Pango is told of words which are drawn with nothing beside them; None where there is more to it."""
        style = self.style
        plain = (
            self.visible
            and style["text_decoration_line"] == "none"
            and style["font_size"] >= _SMALLEST
            and glyphs.is_spread_later(style)
        )
        return thrift.told_of(style) if plain else None

    @cached_property
    def ink(self) -> tuple[Any, str]:
        """The colour of words and how opaque they are, as a stream notes what is set."""
        *channels, alpha = self.style["color"]
        return (self.style["color"].space, *channels), f"a{alpha}"


def _look(style: Any) -> _Look:
    try:
        look: _Look = style.diptych_look
    except AttributeError:
        look = style.diptych_look = _Look(style)
    return look


def _lay_out_no_ground_where_there_is_none() -> None:
    backgrounds = weasyprint.layout.background
    original = backgrounds.layout_box_backgrounds

    def layout_box_backgrounds(page: Any, box: Any, fetch: Any, *rest: Any, **named: Any) -> None:
        if box is page or not _look(box.style).no_ground:
            original(page, box, fetch, *rest, **named)
            return
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        box.__dict__.update(_NO_GROUND)
        for child in box.all_children():
            layout_box_backgrounds(page, child, fetch)

    backgrounds.layout_box_backgrounds = layout_box_backgrounds


def _outline_nothing() -> None:
    original = weasyprint.draw.border.draw_outline

    def draw_outline(stream: Any, box: Any) -> None:
        if not _look(box.style).no_outline:
            original(stream, box)
            return
        for child in box.children:
            if isinstance(child, boxes.Box):
                draw_outline(stream, child)

    weasyprint.draw.draw_outline = weasyprint.draw.border.draw_outline = draw_outline


def _draw_nothing_round_lines() -> None:
    original = weasyprint.draw.draw_inline_level

    def draw_inline_level(
        stream: Any, page: Any, box: Any, offset: float = 0, overflow: str = "clip", ellipsis: str = "none"
    ) -> None:
        if not isinstance(box, (boxes.LineBox, boxes.InlineBox)) or not _is_bare(box):
            original(stream, page, box, offset, overflow, ellipsis)
            return
        if isinstance(box, boxes.LineBox):
            overflow, ellipsis = box.text_overflow, box.block_ellipsis
        last = len(box.children) - 1
        for number, child in enumerate(box.children):
            at = offset if isinstance(child, StackingContext) else offset + child.position_x - box.position_x
            draw = _draw_words if isinstance(child, boxes.TextBox) else weasyprint.draw.draw_inline_level
            draw(stream, page, child, at, overflow, ellipsis if number == last else "none")

    weasyprint.draw.draw_inline_level = draw_inline_level


def _draw_words(stream: Any, _: object, box: Any, *how: Any) -> None:
    if stream._tags is None:
        weasyprint.draw.draw_text(stream, box, *how)
        return
    with stream.marked(box, "Span"):
        weasyprint.draw.draw_text(stream, box, *how)


def _is_bare(box: Any) -> bool:
    return box.background is None and _look(box.style).no_border


def _write_plain_words() -> None:
    original = weasyprint.draw.draw_text

    def draw_text(
        stream: Any, box: Any, offset: float, overflow: str = "clip", ellipsis: str = "none"
    ) -> None:
        look, layout, seen = _look(box.style), box.pango_layout, bool(box.text.strip())
        cut = overflow == "ellipsis" or ellipsis != "none"
        told = None if cut or not _ODD.isdisjoint(layout.text) else look.words
        shown = glyphs.shown(stream, told, layout) if told and seen else ()
        if told is None or (seen and not shown):
            original(stream, box, offset, overflow, ellipsis)
            return
        if (stream._current_color, stream._current_alpha) != look.ink:
            stream.set_color(box.style["color"])
        stream.begin_text()
        if shown:
            glyphs.show(stream, shown, box.position_x, box.position_y + box.baseline)
        stream.end_text()

    weasyprint.draw.draw_text = draw_text
