"""Lines that must stay lines on pages: those of code and of verse each become a block of their own.

So one that is too long for the page turns over with an indent, and code with a sign that it does; the sign is drawn and
no part of the text. Nothing here knows how wide a page is.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Edition

_FEW = 8
"""So many lines of code, or of a stanza, are never parted by a page's end."""

_SURE = 36
"""Letters of code that a line of any page holds."""

_LONG = 24
"""Letters without a blank from which on a word of code in a line of text may break anywhere."""

_DEEP = 24
"""Columns of indented code behind which what turns over goes in no further."""


def resolve(body: Element, edition: Edition) -> None:
    """Give every line of code and of verse a block, for pages."""
    if not edition.paged:
        return
    for element in list(body.iter()):
        if element.tag == "pre":
            _code(element)
        elif element.tag in ("code", "kbd", "samp"):
            if max(map(len, tree.text_of(element).split()), default=0) > _LONG:
                tree.add_class(element, "long")
        elif "verse" in tree.classes(element):
            for stanza in element.iter("p"):
                _stanza(stanza)


def _code(pre: Element) -> None:
    for line in _lined(pre):
        text = "".join(line.itertext())
        line.set("style", f"--indent: {min(_DEEP, len(text) - len(text.lstrip(' ')))}ch")
        if not text.strip():
            line.text = "\u00a0"
        if len(text) > _SURE:
            _may_turn(line)


def _may_turn(line: Element) -> None:
    """Put the words of a long line into a box within: the outer one draws the sign from the second line on."""
    inner = tree.make("span", line.text or "", {"class": "words"}, *line)
    line.text, line[:] = None, [inner]
    tree.add_class(line, "turning")


def _stanza(stanza: Element) -> None:
    for line_end in list(stanza.iter("br")):
        line_end.tail = "\n" + (line_end.tail or "").lstrip("\n")
    _lined(stanza)
    for line, parent in list(tree.with_parents(stanza)):
        if line.tag == "br":
            tree.remove(parent, line)


def _lined(block: Element) -> list[Element]:
    """Put the lines of a block into `span.line`, in its place; gives them back."""
    lines = _Lines(block).lines
    if len(lines) > 1 and not "".join(lines[-1].itertext()):
        lines.pop()
    block.text = None
    block[:] = lines
    if len(lines) <= _FEW:
        tree.add_class(block, "short")
    return lines


class _Lines:
    """Reads a block's text; at each line's end the elements that are open end, and begin again on the next line."""

    def __init__(self, block: Element) -> None:
        self.lines: list[Element] = []
        self._open: list[Element] = []
        self._turn()
        self._read(block)

    def _turn(self) -> None:
        fresh = [tree.make("span", "", {"class": "line"})]
        for element in self._open[1:]:
            kept = {key: value for key, value in element.attrib.items() if key != "id"}
            fresh.append(tree.add(fresh[-1], element.tag))
            fresh[-1].attrib.update(kept)
        self._open = fresh
        self.lines.append(fresh[0])

    def _read(self, element: Element) -> None:
        self._say(element.text)
        for child in element:
            if child.tag in tree.BLOCKS or not (len(child) or child.text):
                whole = tree.duplicate(child)
                whole.tail = None
                self._open[-1].append(whole)
            else:
                self._open.append(tree.add(self._open[-1], child.tag))
                self._open[-1].attrib.update(child.attrib)
                self._read(child)
                self._open.pop()
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        first, *rest = re.split(r"\r?\n", text or "")
        _append(self._open[-1], first)
        for part in rest:
            self._turn()
            _append(self._open[-1], part)


def _append(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
