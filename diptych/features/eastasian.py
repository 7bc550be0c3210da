"""Chinese and Japanese lines: the end of a line in the file is no space, and quotation marks let a line break.

Unicode's rules hold a curly quotation mark to the letters on both sides, for in other languages it may open or close.
Nothing here knows where lines end on a page.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from diptych.model import Edition

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff"
_OPENING = "“‘「『（《〈【〔"
_CLOSING = "”’」』）》〉】〕，。、；：？！…—"

_LINE_END = re.compile(rf"(?<=[{_WIDE}{_CLOSING}{_OPENING}])[ \t]*\n[ \t]*(?=[{_WIDE}{_CLOSING}{_OPENING}])")
_BEFORE_QUOTE = re.compile(rf"(?<=[{_WIDE}])(?<![{_OPENING}])(?=[“‘])")
_BEHIND_QUOTE = re.compile(rf"(?<=[”’])(?=[{_WIDE}])(?![{_CLOSING}])")
_ANY = re.compile(f"[{_WIDE}]")
_BREAK = "\u200b"


def resolve(body: Element, edition: Edition) -> None:
    """Join the lines of the file; on pages, open the places beside quotation marks where a line may break."""
    if not _ANY.search("".join(body.itertext())):
        return
    for element in body.iter():
        if element.tag != "pre":
            element.text = _joined(element.text, edition)
        element.tail = _joined(element.tail, edition)


def _joined(text: str | None, edition: Edition) -> str | None:
    if not text or not _ANY.search(text):
        return text
    text = _LINE_END.sub("", text)
    if not edition.paged:
        return text
    return _BEHIND_QUOTE.sub(_BREAK, _BEFORE_QUOTE.sub(_BREAK, text))
