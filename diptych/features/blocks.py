"""Named blocks: `/// epigraph`, `/// verse`.

Verse keeps its lines and what they are indented by; a paragraph of an epigraph that begins with a dash is the name
under it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from diptych import tree

if TYPE_CHECKING:
    from markdown import Markdown


_OPENED = re.compile(r"///+ *verse\b")

_INDENT = "\u2002"
"""What a blank before a line of verse becomes: half an em, which no reading system folds away."""


class _Epigraph(Block):
    NAME = "epigraph"

    def on_create(self, parent: Element) -> Element:
        return tree.add(parent, "blockquote", class_="epigraph")


class _Verse(Block):
    NAME = "verse"

    def on_create(self, parent: Element) -> Element:
        return tree.add(parent, "div", class_="verse")


class _Indents(Preprocessor):
    """Write the blanks before a line of verse as characters: Markdown takes those before a stanza's first line away.

    Only where the verse itself is not indented, in a list for one: there they are the list's.
    """

    def run(self, lines: list[str]) -> list[str]:
        read: list[str] = []
        inside = False
        for line in lines:
            inside = bool(_OPENED.match(line)) or (inside and not line.startswith("///"))
            inner = line.lstrip(" ")
            written = f"&#{ord(_INDENT)};" * (len(line) - len(inner)) + inner
            read.append(written if inside and inner else line)
        return read


class _NamedBlocks(BlocksExtension):
    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:  # noqa: N802
        block_mgr.register(_Epigraph, {})  # type: ignore[attr-defined]
        block_mgr.register(_Verse, {})  # type: ignore[attr-defined]
        md.preprocessors.register(_Indents(md), "verse-indents", 24)  # behind fences, before HTML


def syntax() -> Extension:
    """Give the extension that reads the blocks."""
    return _NamedBlocks()


def shape(body: Element) -> None:
    """Break verse into its lines and mark the names under epigraphs."""
    for element in body.iter():
        if "verse" in tree.classes(element):
            for stanza in element.iter("p"):
                _break_lines(stanza)
        if "epigraph" in tree.classes(element):
            for paragraph in element[1:]:
                if paragraph.tag == "p" and tree.text_of(paragraph).startswith(("—", "–", "--")):
                    tree.add_class(paragraph, "attribution")


def _break_lines(stanza: Element) -> None:
    """Line ends become `br`, except behind a `br` that the author wrote."""
    children, opening = list(stanza), stanza.text
    stanza[:] = []
    stanza.text = None
    _say_lines(stanza, opening)
    for child in children:
        text, child.tail = child.tail, None
        stanza.append(child)
        _say_lines(stanza, (text or "").lstrip("\n") if child.tag == "br" else text)


def _say_lines(stanza: Element, text: str | None) -> None:
    first, *rest = (text or "").split("\n")
    _say(stanza, first)
    for line in rest:
        tree.add(stanza, "br")
        inner = line.lstrip(" ")
        _say(stanza, "\n" + _INDENT * (len(line) - len(inner)) + inner)


def _say(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
