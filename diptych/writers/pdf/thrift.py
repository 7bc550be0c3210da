"""What WeasyPrint 70.0 works out again and again is worked out once. Every answer is the one that it would give.

Texts of one style share what Pango is told of that style, and boxes whose styles say the same share the lengths that
follow from it: on a page of a book nearly all of them do.
"""

from __future__ import annotations

import sys
from functools import cached_property
from operator import itemgetter
from typing import Any

import weasyprint.layout
from weasyprint.css import ComputedStyle, Style
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES, Dimension
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.layout import page as pages
from weasyprint.layout.float import avoid_collisions
from weasyprint.layout.percent import resolve_percentages
from weasyprint.text import line_break
from weasyprint.text.constants import LST_TO_ISO, PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description
from weasyprint.text.line_break import Layout

_SIDES = ("top", "right", "bottom", "left")
_SAID = (
    *(f"{what}_{side}" for what in ("margin", "padding") for side in _SIDES),
    *(f"border_{side}_width" for side in _SIDES),
    *(f"{least}{size}" for least in ("", "min_", "max_") for size in ("width", "height")),
    "box_sizing",
    "border_collapse",
)
"""The properties that lengths of a box follow from."""

_LENGTHS = _SAID[:-2]
"""What a box is told of them, under the same names."""

_PLAIN = (Dimension, str, int, float)

FACE = (
    "font_family font_size font_style font_stretch font_weight font_kerning font_variant_ligatures "
    "font_variant_position font_variant_caps font_variant_numeric font_variant_alternates font_variant_east_asian "
    "font_feature_settings font_variation_settings font_language_override lang direction"
).split()
"""The properties of a style of which Pango is told."""

_FEATURES = (
    "font_kerning font_variant_ligatures font_variant_position font_variant_caps font_variant_numeric "
    "font_variant_alternates font_variant_east_asian font_feature_settings"
).split()
"""Those that turn the features of a face on and off."""

_said, _face, _sized = itemgetter(*_SAID), itemgetter(*FACE), itemgetter(*FACE, "line_height")


def install() -> None:
    """Put it in place, once per process."""
    if hasattr(weasyprint.layout, "_diptych_thrift"):
        return
    weasyprint.layout._diptych_thrift = True
    _resolve_equal_styles_once()
    _measure_a_line_once_for_a_style()
    _tell_pango_of_a_style_once()
    _compare_faces_by_value()
    _give_what_no_stylesheet_says_at_once()
    _style_pages_of_a_kind_once()
    _see_at_once_that_nothing_floats()
    _keep_spread_words_as_they_are()


def _resolve_equal_styles_once() -> None:
    known: dict[Any, dict[str, Any]] = {}

    def resolve(box: Any, containing_block: Any) -> None:
        width, height = (
            (containing_block.width, containing_block.height)
            if isinstance(containing_block, boxes.Box)
            else containing_block
        )
        said = _said(box.style)
        key = (said, width, height, isinstance(box, boxes.PageBox))
        try:
            lengths = known.get(key)
        except TypeError:  # a sum that is still to be done
            resolve_percentages(box, containing_block)
            return
        if lengths is None:
            resolve_percentages(box, containing_block)
            if said[-1] != "collapse" and all(isinstance(value, _PLAIN) for value in said):
                known[key] = {name: getattr(box, name) for name in _LENGTHS}
        else:
            box.__dict__.update(lengths)

    _replace("resolve_percentages", resolve)


def _measure_a_line_once_for_a_style() -> None:
    original = inline.strut

    def strut(style: Any) -> Any:
        try:
            return style.diptych_strut
        except AttributeError:
            style.diptych_strut = found = original(style)
            return found

    _replace("strut", strut)


def _replace(name: str, function: Any) -> None:
    """Put a function in the place of WeasyPrint's, wherever that was imported."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("weasyprint.layout.") and hasattr(module, name):
            setattr(module, name, function)


def _tell_pango_of_a_style_once() -> None:
    original = Layout.setup

    def setup(layout: Any, style: Any) -> None:
        drawn = not isinstance(style, Style)  # words in a picture have a style of lists
        if drawn or style["text_decoration_line"] != "none":  # its lines are measured
            original(layout, style)
            return
        told = told_of(style)
        layout.style, layout.language, layout.first_line_direction = style, told.language, 0
        layout.layout = told.layout()
        layout.ascent = layout.underline_position = layout.strikethrough_position = None

    Layout.setup = setup


def told_of(style: Any) -> Told:
    """Give what Pango is told of a style."""
    fonts = style.font_config
    if not hasattr(fonts, "diptych_told"):
        fonts.diptych_told = {}
    known: dict[Any, Told] = fonts.diptych_told
    key = _face(style)
    if key not in known:
        known[key] = Told(style)
    return known[key]


class Told:
    """What Pango is told of a style, in the words of `Layout.setup`."""

    def __init__(self, style: Any) -> None:
        self.context = ffi.gc(
            pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref
        )
        pango.pango_context_set_round_glyph_positions(self.context, False)  # noqa: FBT003
        pango.pango_context_set_base_dir(self.context, PANGO_DIRECTION[style["direction"]])
        self.language = self._language(style)
        self.description = get_font_description(style)
        self.features = self._features(style)

    def layout(self) -> Any:
        """Make a layout of Pango's for words of the style."""
        made = ffi.gc(pango.pango_layout_new(self.context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(made, False)  # noqa: FBT003 - as Pango wants it
        pango.pango_layout_set_font_description(made, self.description)
        if self.features:
            attributes = pango.pango_attr_list_new()
            pango.pango_attr_list_insert(attributes, self.features)
            pango.pango_layout_set_attributes(made, attributes)
        return made

    @cached_property
    def _line(self) -> Any:
        made = self.layout()
        pango.pango_layout_set_single_paragraph_mode(made, True)  # noqa: FBT003
        return made

    def line(self, text: str) -> Any:
        """Set words in a line of Pango's, which holds until others are set; nothing is said of their spaces."""
        data = text.encode()
        pango.pango_layout_set_text(self._line, data, len(data))
        return pango.pango_layout_get_line_readonly(self._line, 0)

    def _language(self, style: Any) -> Any:
        given, other = style["lang"], style["font_language_override"]
        name = given if other == "normal" else LST_TO_ISO.get(other.lower(), other)
        if not name:
            return pango.pango_language_get_default()
        pointer, _kept = unicode_to_char_p(name)
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(self.context, language)
        return language

    @staticmethod
    def _features(style: Any) -> Any:
        asked = font_features(*(style[name] for name in _FEATURES))
        said = ",".join(f"{key} {value}" for key, value in asked.items()).encode()
        if not said:
            return None
        return style.font_config.font_features.setdefault(said, pango.pango_attr_font_features_new(said))


def _compare_faces_by_value() -> None:
    """Name styles by what they say, which WeasyPrint writes out as a text each time."""

    def key(style: Any, include_size: bool = False) -> Any:  # noqa: FBT001, FBT002 - as WeasyPrint calls it
        return _sized(style) if include_size else _face(style)

    line_break._font_style_cache_key = key


_SPECIAL = ("page", "position", "float", "display", "direction")
"""Properties whose values depend on more than themselves."""


def _give_what_no_stylesheet_says_at_once() -> None:
    """Most properties of most boxes are those of the box around it, or what they are at first."""
    names = {
        name for name in INITIAL_VALUES if name not in _SPECIAL and not name.startswith("text_decoration_")
    }
    flow = {name: _flowing(name) for name in names}
    inherited = {name for name in names if name in INHERITED and not flow[name]}
    first = {
        name for name in names - INHERITED - INITIAL_NOT_COMPUTED if not check_math(INITIAL_VALUES[name])
    }
    edges = {f"border_{side}_width": f"border_{side}_style" for side in _SIDES}
    original = ComputedStyle.__missing__

    def missing(style: Any, name: str) -> Any:
        cascaded, around = style.cascaded, style.parent_style
        if name in cascaded or around is None:
            return original(style, name)
        if name in inherited:
            value = style[name] = around[name]
            return value
        if name in first or name in edges:
            if cascaded and any(other in cascaded for other in flow[name]):
                return original(style, name)
            if name in first:
                value = style[name] = INITIAL_VALUES[name]
                return value
            if style[edges[name]] == "none":
                style[name] = 0
                return 0
        return original(style, name)

    ComputedStyle.__missing__ = missing


def _flowing(name: str) -> tuple[str, ...]:
    """Give the names that a property has where it is said in the directions of a text."""
    physical = PHYSICAL_FUNCTIONS.get(name)
    return tuple(physical(block="ttb", inline=inline) for inline in ("ltr", "rtl")) if physical else ()


def _style_pages_of_a_kind_once() -> None:
    """Each page has a style of its own, and the sixteen boxes in its margins; all of a kind have the same."""
    original = pages.set_page_type_computed_styles

    def set_page_type_computed_styles(kind: Any, html: Any, style_for: Any) -> None:
        if not hasattr(style_for, "diptych_kinds"):
            rules = [rule for sheet, *_ in style_for._sheets for rule in sheet.page_rules]
            style_for.diptych_kinds = {}
            style_for.diptych_rules = [selector[2] for _, selectors, _ in rules for selector in selectors]
        known, styles = style_for.diptych_kinds, style_for.get_computed_styles()
        same = tuple(style_for._page_type_match(asked, kind) for asked in style_for.diptych_rules)
        if same in known:
            styles.update({(kind, pseudo): style for pseudo, style in known[same]})
            return
        original(kind, html, style_for)
        known[same] = [(pseudo, style) for (page, pseudo), style in styles.items() if page == kind]

    pages.set_page_type_computed_styles = set_page_type_computed_styles


_STANDING = frozenset({"static", "relative"})


def _see_at_once_that_nothing_floats() -> None:
    """Most boxes do not float, and most lines stand beside nothing that does."""
    original, avoid = boxes.Box.is_in_normal_flow, avoid_collisions

    def is_in_normal_flow(box: Any) -> bool:
        style = box.style
        return (style["float"] == "none" and style["position"] in _STANDING) or bool(original(box))

    def beside(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:  # noqa: FBT001, FBT002
        if outer or context.excluded_shapes or not isinstance(box, boxes.LineBox):
            return avoid(context, box, containing_block, outer=outer)
        left = containing_block.content_box_x()
        right = left + containing_block.width - box.margin_right
        left += box.margin_left
        x = right if containing_block.style["direction"] == "rtl" else left
        return x - box.margin_left, box.border_box_y() - box.margin_top, right - left

    boxes.Box.is_in_normal_flow = is_in_normal_flow
    _replace("avoid_collisions", beside)


def _keep_spread_words_as_they_are() -> None:
    """Where a line is spread, its words are told only how far: they are set when they are drawn."""
    original = inline.create_layout

    def create_layout(
        text: str, style: Any, context: Any, max_width: Any, justification_spacing: float
    ) -> Any:
        underlined = style["text_decoration_line"] != "none"  # its lines are measured
        if underlined or max_width is not None or text == " " or "\t" in text or "\n" in text:
            return original(text, style, context, max_width, justification_spacing)
        return Words(text, justification_spacing)

    inline.create_layout = create_layout


class Words(Layout):  # type: ignore[misc]
    """Words that are set when they are drawn, or were: `line` is then Pango's, and `set_from` what they were.

    The line was set with no thought of how far it is to be spread.
    """

    line: Any = None
    set_from = ""

    def __init__(self, text: str, spacing: float, most: float | None = None, direction: int = 0) -> None:
        self.text, self.justification_spacing, self.max_width = text, spacing, most
        self.first_line_direction = direction

    def deactivate(self) -> None:
        """Give nothing back: nothing was taken, or what was is."""
        if hasattr(self, "layout"):
            super().deactivate()
