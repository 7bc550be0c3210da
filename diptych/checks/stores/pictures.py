"""The cover, pictures of pixels, drawings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from diptych.checks.opened import SVG, XHTML, Document, Opened, Picture, parsed, resolved, text_of, types
from diptych.checks.stores.rule import Found, Look, Rule, one

_MOST_DRAWINGS = 25
_MOST_PIXELS = 5_600_000

# --- The cover --------------------------------------------------------------------------------------------------------


def _no_cover(book: Opened) -> bool:
    return not book.cover


def _cover(wrong: Callable[[Picture], bool]) -> Look:
    """Look at the picture that is the cover."""

    def look(book: Opened) -> Iterator[Found]:
        found = (picture for picture in book.pictures if picture.path == book.cover and wrong(picture))
        return (Found(picture.path, f"{picture.width} x {picture.height}") for picture in found)

    return look


def _heavy_cover(book: Opened) -> bool:
    return len(book.files.get(book.cover, b"")) > 50_000_000


def _longest(picture: Picture) -> int:
    return max(picture.width, picture.height)


def _cover_page(book: Opened) -> Document | None:
    """Give the page that shows the cover, if there is one."""
    for document in book.spine:
        shown = {resolved(document.path, source)[0] for source in _sources(document)}
        named = (e for e in document.root.iter(etree.Element) if e.tag != f"{XHTML}a" and "cover" in types(e))
        if book.cover in shown or next(named, None) is not None:
            return document
    return None


def _sources(document: Document) -> Iterator[str]:
    for element in document.root.iter(f"{XHTML}img", f"{SVG}image"):
        yield (
            element.get("src", "")
            or element.get("{http://www.w3.org/1999/xlink}href", "")
            or element.get("href", "")
        )


def _cover_has(wrong: Callable[[etree._Element], bool]) -> Look:
    def look(book: Opened) -> Iterator[Found]:
        page = _cover_page(book)
        if page is not None and any(wrong(body) for body in page.root.iter(f"{XHTML}body")):
            yield Found(page.path)

    return look


def _holds_link(body: etree._Element) -> bool:
    return next(body.iter(f"{XHTML}a"), None) is not None


def _holds_text(body: etree._Element) -> bool:
    return bool(text_of(body))


# --- Pictures of pixels -----------------------------------------------------------------------------------------------


def _pictures(wrong: Callable[[Picture], bool]) -> Look:
    def look(book: Opened) -> Iterator[Found]:
        found = (picture for picture in book.pictures if wrong(picture))
        return (Found(p.path, f"{p.width} x {p.height}, {p.kind}") for p in found)

    return look


def _kind(*taken: str) -> Look:
    return _pictures(lambda picture: picture.kind not in taken)


def _small(book: Opened) -> Iterator[Found]:
    """Find pictures of less than 300 x 400 pixels; those in a line of words are meant to be small."""
    words = {path for document in book.documents for path in _in_lines(document)} | {book.cover}
    small = _pictures(lambda p: min(p.width, p.height) < 300 or _longest(p) < 400)
    return (found for found in small(book) if found.file not in words)


def _in_lines(document: Document) -> Iterator[str]:
    for image in document.root.iter(f"{XHTML}img"):
        around = image.getparent()
        if "math" in image.get("class", "") or (
            around is not None and around.tag != f"{XHTML}figure" and text_of(around)
        ):
            yield resolved(document.path, image.get("src", ""))[0]


def _in_pixels(book: Opened) -> Iterator[Found]:
    for document in book.documents:
        for image in document.root.iter(f"{XHTML}img"):
            if re.fullmatch(r"\d+(?:px)?", image.get("width", "") or image.get("height", "")):
                yield Found(document.path, image.get("src", ""), image.sourceline or 0)


# --- Drawings ---------------------------------------------------------------------------------------------------------


def _all_drawings(book: Opened) -> Iterator[tuple[Found, etree._Element]]:
    for path, item in book.items.items():
        if (
            item.get("media-type") == "image/svg+xml"
            and (root := parsed(book.files.get(path, b""))) is not None
        ):
            yield Found(path), root
    for document in book.documents:
        for element in document.root.iter(f"{SVG}svg"):
            yield Found(document.path, line=element.sourceline or 0), element


def _drawings(wrong: Callable[[etree._Element], bool], near: str = "<svg") -> Look:
    """Look at every drawing; `near` is what is wrong in its file."""

    def look(book: Opened) -> Iterator[Found]:
        return (replace(found, near=near) for found, drawing in _all_drawings(book) if wrong(drawing))

    return look


def _many_drawings(book: Opened) -> Iterator[Found]:
    count = len(list(_all_drawings(book)))
    if count > _MOST_DRAWINGS:
        yield Found(what=str(count))


def _box(drawing: etree._Element) -> list[str]:
    return drawing.get("viewBox", "").replace(",", " ").split()


def _odd_box(drawing: etree._Element) -> bool:
    box = _box(drawing)
    return len(box) != 4 or box[:2] != ["0", "0"] or not all(side.isdecimal() for side in box)


def _has_text(drawing: etree._Element) -> bool:
    return next(drawing.iter(f"{SVG}text"), None) is not None


def _blown_up(drawing: etree._Element) -> bool:
    """Whether a picture of one pixel is enlarged by a transformation."""
    images = (i for i in drawing.iter(f"{SVG}image") if i.get("width") == "1" and i.get("height") == "1")
    return any(e.get("transform") for image in images for e in (image, *image.iterancestors()))


def _large_drawing(drawing: etree._Element) -> bool:
    said = [drawing.get(side, "") for side in ("width", "height")]
    sizes = [re.fullmatch(r"(\d+(?:\.\d+)?)(?:px)?", side) for side in said]
    return any(float(size[1]) > 3200 for size in sizes if size)


def _wrapped(drawing: etree._Element) -> bool:
    return next(drawing.iter(f"{SVG}image"), None) is not None


_GIVE_COVER = 'Give one in book.toml, [book] cover = "...".'
_AS_JPEG = "Save it as JPEG or PNG."
_AS_RGB = "Save it in RGB; shops and screens know no ink."
_LARGER = "Take a larger one: 1600 x 2560 pixels is what shops like best."

RULES = (
    Rule("kindle apple kobo", "warning", "cover", one(_no_cover),
         "No picture is said to be the cover.", _GIVE_COVER),
    Rule("play", "error", "cover", one(_no_cover),
         "No picture is said to be the cover; {shop} wants one.", _GIVE_COVER),
    Rule("kindle", "error", "cover-size", _cover(lambda p: p.width < 625 or p.height < 1000 or _longest(p) > 10_000),
         "The cover has {} pixels; {shop} takes 625 x 1000 to 10000.", _LARGER),
    Rule("kindle", "warning", "cover-small", _cover(lambda p: p.width < 1200 and p.height < 1800),
         "The cover has {} pixels; {shop} wants it 1200 wide or 1800 high.", _LARGER),
    Rule("kindle", "error", "cover-heavy", one(_heavy_cover), "The cover has more than the 50 MB that {shop} takes.",
         "Save it as a JPEG of a lower quality."),
    Rule("apple", "warning", "cover-small", _cover(lambda p: min(p.width, p.height) < 1400),
         "The cover has {} pixels; {shop} wants 1400 on the short side.", _LARGER),
    Rule("play", "error", "cover-size", _cover(lambda p: not 640 <= _longest(p) <= 7200),
         "The cover has {} pixels; {shop} takes 640 to 7200 on the long side.", _LARGER),
    Rule("kindle", "hint", "cover-shape", _cover(lambda p: not 1.5 <= p.height / p.width <= 1.7),
         "The cover has {} pixels; {shop} likes 1 to 1.6 best.", "Else it stands between bars."),
    Rule("kobo", "hint", "cover-shape", _cover(lambda p: not 0.6 <= p.width / p.height <= 0.9),
         "The cover has {} pixels; {shop} likes 3 to 4 best.", "Else it stands between bars."),
    Rule("apple", "error", "cover-kind", _cover(lambda p: p.kind not in ("JPEG", "PNG")),
         "The cover ({}) is no JPEG; {shop} takes that or PNG.", _AS_JPEG),
    Rule("apple", "warning", "cover-png", _cover(lambda p: p.kind == "PNG"),
         "The cover ({}) is a PNG, which {shop} may show badly inside of the book.", "Save it as JPEG."),
    Rule("kobo", "error", "cover-kind", _cover(lambda p: p.kind == "GIF"),
         "The cover ({}) is a GIF; {shop} takes none.", _AS_JPEG),
    Rule("kindle", "warning", "cover-page", one(lambda book: _cover_page(book) is not None),
         "The book has a page for its cover, which {shop} would show twice.",
         "Make one without: [edition.kindle] in book.toml."),
    Rule("apple kobo", "warning", "cover-page", one(lambda book: _cover_page(book) is None),
         "The book has no page for its cover; {shop} opens it with one.",
         "Make one that has it: [edition.epub] in book.toml."),
    Rule("kobo", "warning", "cover-link", _cover_has(_holds_link),
         "There is a link on the cover's page.", "Whoever turns the page there would follow it."),
    Rule("kobo", "warning", "cover-text", _cover_has(_holds_text),
         "There is text on the cover's page.", "{shop} shows that page at a fixed size; put the text elsewhere."),
    Rule("kindle", "error", "image-kind", _kind("JPEG", "PNG", "GIF", "BMP"),
         "{shop} shows no picture of this kind ({}).", _AS_JPEG),
    Rule("play", "error", "image-kind", _kind("JPEG", "PNG", "GIF"),
         "{shop} shows no picture of this kind ({}).", _AS_JPEG),
    Rule("kindle apple kobo", "warning", "image-colours", _pictures(lambda p: p.mode in ("CMYK", "LAB")),
         "This picture ({}) is in the colours of a printer; {shop} shows them wrong.", _AS_RGB),
    Rule("kindle kobo", "warning", "image-transparent", _pictures(lambda p: p.transparent),
         "This picture ({}) lets the background show through; {shop} puts a colour of its own there.",
         "Give it a white background."),
    Rule("kindle", "warning", "image-moving", _pictures(lambda p: p.frames > 1),
         "This picture ({}) moves; on {shop} it does not.", "Take one of its frames."),
    Rule("kindle", "warning", "image-small", _small,
         "This picture has {}; below 300 x 400 pixels it is blurred on {shop}.",
         "Take a larger one; a whole page wants 1200 x 1800."),
    Rule("apple", "error", "image-large", _pictures(lambda p: p.width * p.height > _MOST_PIXELS),
         "This picture has {}; {shop} takes 5.6 million pixels at most.",
         "Set image-size = 2300 for this edition in book.toml."),
    Rule("kobo", "hint", "image-in-pixels", _in_pixels,
         "This picture has its size in pixels: {}.",
         "{shop} wants it in percent; give it a class like {{.width-50}}."),
    Rule("kindle", "warning", "svg-box", _drawings(_odd_box),
         "The viewBox of this drawing is not 0 0 and two whole numbers; {shop} leaves such a one out.",
         "Save it anew with one."),
    Rule("kindle", "warning", "svg-text", _drawings(_has_text, "<text"),
         "This drawing has text in it, which {shop} does not set.",
         "Turn its text into outlines, or save it as PNG."),
    Rule("kindle", "warning", "svg-many", _many_drawings,
         "The book has {} drawings; beyond 25 {shop} sets the whole book without Enhanced Typesetting.",
         "Save some of them as PNG."),
    Rule("kobo", "warning", "svg-pixel", _drawings(_blown_up, "<image"),
         "This drawing blows a picture of one pixel up, which {shop} may not show.",
         "Give the picture its own size there."),
    Rule("play", "error", "svg-large", _drawings(_large_drawing),
         "This drawing is more than 3200 pixels wide or high, the most that {shop} takes.",
         "Make its width and height smaller."),
    Rule("apple", "hint", "svg-image", _drawings(_wrapped, "<image"),
         "This drawing wraps a picture.", "{shop} wants the picture itself in the text."),
)  # fmt: skip
