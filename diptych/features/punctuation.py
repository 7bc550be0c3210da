"""Typographer's punctuation, by language: quotation marks, apostrophes, dashes, ellipses, French spacing.

Done on the finished tree and not by Python-Markdown's own extension, which looks at one run of text at a time and so
curls a mark beside emphasis the wrong way (`"**so**"` gets two opening marks). Here a mark sees the characters that
stand beside it on the page, whatever elements lie between. Marks that are curled already are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from diptych import tree

_VERBATIM = frozenset("code pre kbd samp script style math svg tt var".split())
_OPENS_AFTER = frozenset("([{—–-‘“«„‚‹/¿¡") | {" ", "\n", "\t", "\u2002", "\u00a0", "\u202f", ""}
_UNSEEN = "\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Marks of direction and of no width: a mark beside one sees what stands beyond it."""


_QUOTE = re.compile("[\"']")
_LEFT_OUT = re.compile(r"'(?:\d\d(?:s|er)?\b|(?:tis|twas|em|til|cause|n)\b)", re.IGNORECASE)
"""An apostrophe for what is left out at the beginning: '68, 'tis."""


@dataclass(frozen=True)
class _Marks:
    double: tuple[str, str]
    single: tuple[str, str]


_ENGLISH = _Marks(("“", "”"), ("‘", "’"))
_MARKS = {
    "en": _ENGLISH,
    "de": _Marks(("„", "“"), ("‚", "‘")),
    "fr": _Marks(("«\u202f", "\u202f»"), ("“", "”")),
    "es": _Marks(("«", "»"), ("“", "”")),
    "it": _Marks(("«", "»"), ("“", "”")),
    "pt": _ENGLISH,
    "nl": _ENGLISH,
    "pl": _Marks(("„", "”"), ("‚", "’")),
    "cs": _Marks(("„", "“"), ("‚", "‘")),
    "el": _Marks(("«", "»"), ("“", "”")),
    "ru": _Marks(("«", "»"), ("„", "“")),
    "uk": _Marks(("«", "»"), ("„", "“")),
    "sv": _Marks(("”", "”"), ("’", "’")),
    "da": _Marks(("»", "«"), ("›", "‹")),
    "fi": _Marks(("”", "”"), ("’", "’")),
}


def shape(body: Element, language: str) -> None:
    """Set the punctuation of every block in the language of the book, or of the passage (`lang`)."""
    _Setter().block(body, language)


def text(words: str, language: str) -> str:
    """Set the punctuation of a text that stands alone, such as a title."""
    return _Setter().run(words, language) or ""


class _Setter:
    """Walks the text in order; `before` is the character that stands before the one being set."""

    def __init__(self) -> None:
        self.before = ""
        self.singles = 0

    def block(self, element: Element, language: str) -> None:
        language = element.get("lang", language)
        if element.tag in _VERBATIM or "data-tex" in element.attrib:
            self.before = "x"
            return
        if element.tag in tree.BLOCKS or element.tag == "br":
            self.before, self.singles = "", 0
        element.text = self.run(element.text, language)
        for child in element:
            if child.tag != "sup":
                self.block(child, language)
            if child.tag in tree.BLOCKS or child.tag == "br":
                self.before, self.singles = "", 0
            child.tail = self.run(child.tail, language)

    def run(self, text: str | None, language: str) -> str | None:
        if not text:
            return text
        text = re.sub(r"---(?<!----)(?!-)", "—", text)
        text = re.sub(r"--(?<!---)(?!-)", "–", text)
        text = re.sub(r"\.\.\.(?<!\.\.\.\.)(?!\.)", "…", text)
        marks = _MARKS.get(language.split("-", maxsplit=1)[0].lower(), _ENGLISH)
        if language.lower() == "de-ch":
            marks = _MARKS["es"]
        set_text = "".join(self.pieces(text, marks))
        return _french(set_text) if language.split("-", maxsplit=1)[0].lower() == "fr" else set_text

    def pieces(self, text: str, marks: _Marks) -> Iterator[str]:
        end = 0
        for found in _QUOTE.finditer(text):
            yield self.plain(text[end : found.start()])
            yield self.mark(text, found.start(), marks)
            end = found.end()
        yield self.plain(text[end:])

    def plain(self, text: str) -> str:
        self.before = text.rstrip(_UNSEEN)[-1:] or self.before
        return text

    def mark(self, text: str, at: int, marks: _Marks) -> str:
        character, before = text[at], self.before
        after = text[at + 1] if at + 1 < len(text) else "x"
        self.before = character
        opens = before in _OPENS_AFTER and not after.isspace()
        if character == '"':
            opens = opens or (before == "'" and text[at + 1 : at + 2].isalnum())
            self.before = marks.double[0][0] if opens else "x"
            return marks.double[0] if opens else marks.double[1]
        return self.single(text, at, opens, marks)

    def single(self, text: str, at: int, opens: bool, marks: _Marks) -> str:  # noqa: FBT001 - a fact about the place
        left_out = _LEFT_OUT.match(text, at)
        if opens and not left_out:
            self.singles += 1
            self.before = marks.single[0]
            return marks.single[0]
        inside = at + 1 < len(text) and text[at + 1].isalnum()
        if self.singles and not inside and not left_out:
            self.singles -= 1
            return marks.single[1]
        return "’"


def _french(text: str) -> str:
    """Narrow no-break spaces before high punctuation and inside guillemets, where the author left a plain one or none.

    Source: Lexique des règles typographiques en usage à l'Imprimerie nationale.
    """
    text = re.sub(r"(?:(?<=[^\W\d_])|[ \u00a0])([;!?]+)(?=$|[\s»”’)\]…\u202f])", "\u202f\\1", text)
    text = re.sub(r"(?:(?<=[^\W\d_])|[ ]):(?=\s|$)", "\u00a0:", text)
    text = re.sub(r"«[ \u00a0\u202f]?", "«\u202f", text)
    return re.sub(r"[ \u00a0\u202f]?»", "\u202f»", text)
