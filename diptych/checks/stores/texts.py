"""The text itself: characters, tables, links, comments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from lxml import etree

from diptych.checks.opened import XHTML, Document, Opened, resolved, text_of, types
from diptych.checks.stores.rule import Found, Look, Rule
from diptych.tree import BLOCKS

_MOST_ROWS, _MOST_COLUMNS = 100, 10
_KNOWN = {" ", "\u00a0", "\u200c"}
"""The spaces that Kindle knows: the common one, the one that holds words together, the one without width."""


def _characters(*categories: str) -> Look:
    """Look for characters of a category that Kindle does not know."""

    def look(book: Opened) -> Iterator[Found]:
        for document in book.documents:
            for element in document.root.iter(etree.Element):
                for character in dict.fromkeys((element.text or "") + (element.tail or "")):
                    if unicodedata.category(character) in categories and character not in _KNOWN:
                        yield Found(document.path, _name(character), element.sourceline or 0, character)

    return look


def _name(character: str) -> str:
    return f"{unicodedata.name(character, 'a character').lower()} (U+{ord(character):04X})"


def _documents(wrong: Callable[[Document], bool]) -> Look:
    return lambda book: (Found(document.path) for document in book.documents if wrong(document))


def _unspoken_encoding(document: Document) -> bool:
    head = document.data[:1024].lower()
    return not re.search(rb"""encoding=["']utf-8["']|charset=["']?utf-8""", head)


def _has_script(document: Document) -> bool:
    return next(document.root.iter(f"{XHTML}script"), None) is not None


def _bad_comment(document: Document) -> bool:
    found = re.findall(rb"<!--(.*?)-->", document.data, re.DOTALL)
    return any(b"--" in comment or comment.endswith(b"-") for comment in found)


# --- Tables -----------------------------------------------------------------------------------------------------------


def _tables(wrong: Callable[[etree._Element], bool]) -> Look:
    def look(book: Opened) -> Iterator[Found]:
        for document in book.documents:
            for table in filter(wrong, document.root.iter(f"{XHTML}table")):
                yield Found(document.path, f"{_rows(table)} x {_columns(table)}", table.sourceline or 0)

    return look


def _rows(table: etree._Element) -> int:
    return sum(1 for _ in table.iter(f"{XHTML}tr"))


def _columns(table: etree._Element) -> int:
    def width(cell: etree._Element) -> int:
        said = cell.get("colspan", "1")
        return int(said) if said.isdecimal() else 1

    return max(
        (sum(width(cell) for cell in row if cell.tag in _CELLS) for row in table.iter(f"{XHTML}tr")),
        default=0,
    )


_CELLS = (f"{XHTML}td", f"{XHTML}th")


def _nested(table: etree._Element) -> bool:
    return next(table.iterancestors(f"{XHTML}table"), None) is not None


def _headless(table: etree._Element) -> bool:
    return _rows(table) > 1 and next(table.iter(f"{XHTML}thead"), None) is None


# --- Links ------------------------------------------------------------------------------------------------------------


def _mutual(book: Opened) -> Iterator[Found]:
    """Find places that lead to one another and are no notes."""
    links = {pair: link for document in book.documents for pair, link in _links(document)}
    for (here, there), link in links.items():
        if (there, here) in links and here < there:
            yield Found(here[0], text_of(link), link.sourceline or 0)


def _links(document: Document) -> Iterator[tuple[tuple[tuple[str, str], tuple[str, str]], etree._Element]]:
    for link in document.root.iter(f"{XHTML}a"):
        path, target = resolved(document.path, link.get("href", ""))
        if (
            target
            and link.get("role") not in ("doc-noteref", "doc-backlink")
            and "noteref" not in types(link)
        ):
            for own in _ids_round(link):
                yield ((document.path, own), (path, target)), link


def _ids_round(link: etree._Element) -> Iterator[str]:
    """Give the ids of a link and of what it stands in, up to its paragraph."""
    for element in (link, *link.iterancestors()):
        if name := element.get("id"):
            yield name
        if str(element.tag).removeprefix(XHTML) in BLOCKS:
            return


RULES = (
    Rule("kindle", "warning", "text-space", _characters("Zs"),
         "{shop} does not know this kind of space: {}.", "Write a common one, or a no-break space (&nbsp;)."),
    Rule("kindle", "warning", "text-format", _characters("Cf"),
         "{shop} stumbles over this unseen character: {}.", "Take it out."),
    Rule("kindle", "warning", "text-encoding", _documents(_unspoken_encoding),
         "This file does not say that it is UTF-8; Send to Kindle would take it for Latin-1.",
         "This is a fault of diptych."),
    Rule("kindle", "error", "script", _documents(_has_script), "{shop} takes no scripts.", "Take it out."),
    Rule("kindle apple kobo play", "error", "comment", _documents(_bad_comment),
         "A comment here has two hyphens in it, for which {shop} refuses the book.", "Take the comment out."),
    Rule("kindle", "warning", "table-large", _tables(lambda t: _rows(t) > _MOST_ROWS or _columns(t) > _MOST_COLUMNS),
         "This table is {} (rows x columns); {shop} takes 100 x 10.", "Divide it."),
    Rule("kindle", "warning", "table-nested", _tables(_nested),
         "This table ({}) stands inside of another.", "{shop} wants them side by side, or one."),
    Rule("kindle", "hint", "table-head", _tables(_headless),
         "This table ({}) has no head, which {shop} would repeat on each page.",
         "Write a first row and a line of hyphens below it."),
    Rule("kobo", "hint", "table-wide", _tables(lambda t: _columns(t) > 4),
         "This table is {} (rows x columns); beyond 4 columns it may not be readable on {shop}.",
         "Look at it on a device."),
    Rule("kindle", "warning", "link-mutual", _mutual,
         "Two places lead to one another, which {shop} takes for a note: {}.",
         "Let one of the two lead elsewhere, to the heading above for one."),
)  # fmt: skip
