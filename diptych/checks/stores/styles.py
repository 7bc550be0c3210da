"""Stylesheets and faces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from diptych.checks.opened import Opened, Style
from diptych.checks.stores.rule import Found, Look, Rule, one

_BODY_TEXT = re.compile(r"(?:html|body|section|article|div|p|\*)(?:[ >]+(?:body|section|article|div|p|\*))*")
"""Selectors that mean the text itself, and not a part of it that is set apart."""

_NO_TEXT = re.compile(r"(?:img|svg|image|video|audio|hr|canvas)(?:[.:#\[].*)?")
_PLAIN = (
    "",
    "inherit",
    "initial",
    "unset",
    "normal",
    "none",
    "auto",
    "transparent",
    "currentcolor",
    "static",
    "medium",
)
_PLAIN_SIZES = (*_PLAIN, "1em", "100%", "1rem")
_PAGE_BREAKS = ("always", "left", "right", "page", "recto", "verso")


def _styles(wrong: Callable[[Style], bool], selected: Callable[[str], bool] = lambda _: True) -> Look:
    """Look at every rule; of its selectors those are named that `selected` means."""

    def look(book: Opened) -> Iterator[Found]:
        for style in book.styles:
            named = [s for s in style.selectors if selected(s)] if wrong(style) else []
            yield from (Found(style.path, selector, style.line, selector) for selector in named)

    return look


def _says(name: str, test: Callable[[str], bool]) -> Callable[[Style], bool]:
    return lambda style: test(style.get(name))


def _is_body_text(selector: str) -> bool:
    return _BODY_TEXT.fullmatch(selector) is not None


def _is_set_apart(selector: str) -> bool:
    return not _is_body_text(selector) and not selector.startswith("@")


def _holds_text(selector: str) -> bool:
    return not _NO_TEXT.fullmatch(re.split(r"[\s>+~]", selector)[-1]) and not selector.startswith("@")


def _sides(style: Style, name: str) -> list[str]:
    """Give the left and right margins, or padding, that a rule asks for."""
    parts = style.get(name).split()
    both = [parts[min(1, len(parts) - 1)], parts[-1 if len(parts) != 3 else 1]] if parts else []
    return [*both, style.get(f"{name}-left"), style.get(f"{name}-right")]


def _measure(value: str, units: str) -> float:
    found = re.fullmatch(rf"(-?\d*\.?\d+)(?:{units})", value)
    return float(found[1]) if found else 0


def _forces_size(style: Style) -> bool:
    return (
        style.get("font-size") not in _PLAIN_SIZES
        or style.get("line-height") not in _PLAIN
        or "/" in style.get("font")
    )


def _forces_colour(style: Style) -> bool:
    return style.get("color") not in _PLAIN or _has_background(style)


def _forces_margin(style: Style) -> bool:
    sides = (*_sides(style, "margin"), *_sides(style, "padding"))
    return any(side not in _PLAIN and not re.fullmatch(r"0[a-z%]*", side) for side in sides)


def _has_background(style: Style) -> bool:
    values = (style.get("background"), style.get("background-color"))
    return any(value not in _PLAIN and not value.startswith("url(") for value in values)


def _wide(style: Style) -> bool:
    return any(_measure(side, "em|rem") > 2 for side in _sides(style, "margin"))


def _fixed_margin(style: Style) -> bool:
    return any(_measure(side, "em|rem|px|pt|mm|cm|in") for side in _sides(style, "margin"))


def _in_percent(value: str) -> bool:
    return value.endswith("%")


def _flexes(style: Style) -> bool:
    return style.get("display") in ("flex", "inline-flex", "grid", "inline-grid")


def _varies(style: Style) -> bool:
    return any(name.startswith("--") or "var(" in value for name, value in style.declarations)


def _breaks_page(style: Style) -> bool:
    names = ("page-break-before", "page-break-after", "break-before", "break-after")
    return any(style.get(name) in _PAGE_BREAKS for name in names)


def _is_inline(selector: str) -> bool:
    return selector.startswith("<")


# --- Faces ------------------------------------------------------------------------------------------------------------


def _faces(*wrong: bytes) -> Look:
    """Look for font files that begin with certain bytes."""

    def look(book: Opened) -> Iterator[Found]:
        return (Found(path, path) for path, data in book.files.items() if data.startswith(wrong))

    return look


def _families(book: Opened) -> dict[str, set[tuple[bool, bool]]]:
    """Give the families that the book carries, and of each whether a face is (bold, slanted)."""
    found: dict[str, set[tuple[bool, bool]]] = {}
    for style in book.styles:
        if style.selectors == ("@font-face",):
            weight, slant = style.get("font-weight") or "400", style.get("font-style")
            bold = weight.startswith("bold") or (
                weight.split()[-1].isdecimal() and int(weight.split()[-1]) >= 600
            )
            found.setdefault(style.get("font-family").strip("\"'"), set()).add((bold, slant not in _PLAIN))
    return found


def _missing_faces(book: Opened) -> Iterator[Found]:
    names = {
        (False, False): "regular",
        (False, True): "italic",
        (True, False): "bold",
        (True, True): "bold italic",
    }
    for family, there in _families(book).items():
        missing = [name for key, name in names.items() if key not in there]
        if missing:
            yield Found(what=f"{family} ({' and '.join(missing)})")


def _unannounced(book: Opened) -> bool:
    """Whether Apple Books is not told, in both of its ways, that the book brings its own faces."""
    told = book.files.get("META-INF/com.apple.ibooks.display-options.xml", b"")
    options = b"specified-fonts" in told and b"true" in told
    return bool(_families(book)) and not (options and "true" in book.about("ibooks:specified-fonts"))


_READER = "Leave that to the reader."
_CLASS = "Give what you mean a class of its own."

RULES = (
    Rule("kindle", "warning", "css-position", _styles(_says("position", lambda v: v not in _PLAIN)),
         "{shop} knows no position: {}.", "Do without it."),
    Rule("kindle", "warning", "css-line-height", _styles(_says("line-height", lambda v: v.startswith("-"))),
         "A line-height below nothing lays lines over one another on {shop}: {}.", "Do without it."),
    Rule("kindle", "warning", "css-size", _styles(_forces_size, _is_body_text),
         "The size or the line-height of the text itself is set: {}.", _READER),
    Rule("kindle", "warning", "css-colour", _styles(_forces_colour, _is_body_text),
         "The colour or the background of the text itself is set: {}.", _READER),
    Rule("kindle", "warning", "css-margin", _styles(_forces_margin, _is_body_text),
         "The margins of the text itself are set: {}.", _READER),
    Rule("kindle", "hint", "css-margin-unit", _styles(_fixed_margin, _is_set_apart),
         "{shop} wants side margins in percent, so that little screens keep some room: {}."),
    Rule("kindle", "warning", "css-height", _styles(_says("height", lambda v: v not in _PLAIN), _holds_text),
         "The height of what holds text is set, which lays text over text on {shop}: {}.", "Do without it."),
    Rule("kindle", "warning", "css-face", _styles(_says("font-family", bool), lambda s: s in ("p", "*", "div", "span")),
         "The face of the text is not set on the body alone, so that nobody can choose another: {}.",
         "Set it on body."),
    Rule("kindle", "error", "css-variables", _styles(_varies),
         "{shop} refuses files with variables of CSS (E999): {}.", "Write the values out."),
    Rule("kobo", "warning", "css-variables", _styles(_varies),
         "{shop} knows no variables of CSS: {}.", "Write the values out."),
    Rule("kobo", "error", "css-flex", _styles(_flexes),
         "{shop} shows blank pages for flex and grid: {}.", "Use blocks or a table."),
    Rule("kindle", "warning", "css-flex", _styles(_flexes),
         "{shop} knows neither flex nor grid: {}.", "Use blocks or a table."),
    Rule("kindle kobo", "warning", "css-inline", _styles(lambda _: True, _is_inline),
         "A style stands on an element itself, which {shop} may not keep: {}.", _CLASS),
    Rule("kobo", "warning", "css-selector", _styles(lambda _: True, lambda s: s in ("div", "span")),
         "{shop} puts elements of this name everywhere, which would take the style: {}.", _CLASS),
    Rule("kobo", "hint", "css-name", _styles(lambda _: True, lambda s: s == "p"),
         "{shop} advises against styles for a name alone: {}.", "Say where it stands, as in `body p`."),
    Rule("kobo", "warning", "css-background", _styles(_has_background),
         "A background colour makes text hard to read at night on {shop}: {}.", "Do without it."),
    Rule("kobo", "warning", "css-margin", _styles(_wide),
         "Side margins of more than 2em leave a phone few letters: {}.", "Give them in percent."),
    Rule("kobo", "warning", "css-percent", _styles(_says("font-size", _in_percent), lambda s: s in ("html", "body")),
         "With a size in percent for all text {shop} may not let readers choose another: {}.", _READER),
    Rule("kobo", "hint", "css-page-break", _styles(_breaks_page),
         "{shop}'s devices know no page breaks of CSS: {}.", "A chapter of its own always begins a page."),
    Rule("kobo", "warning", "font-kind", _faces(b"wOF2"),
         "{shop} cannot read WOFF2: {}.", "Take TrueType or OpenType."),
    Rule("kindle", "warning", "font-kind", _faces(b"wOF2", b"wOFF"),
         "{shop} cannot read WOFF: {}.", "Take TrueType or OpenType."),
    Rule("apple", "warning", "font-faces", _missing_faces,
         "{shop} would make faces up that the book does not bring: {}.", "Put them into fonts/ too."),
    Rule("apple", "warning", "font-options", one(_unannounced),
         "{shop} is not told that the book brings faces, and uses its own.", "This is a fault of diptych."),
)  # fmt: skip
