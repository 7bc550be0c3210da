"""Drop caps: the first letter of a chapter as high as two lines, and its word in small capitals, where an edition asks.

Only where a chapter begins with a word: not with a quotation mark, a figure or a list, not in scripts that have no
capitals, not before a paragraph so short that the letter would stand beside nothing, and not on display pages.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Edition

_BETWEEN = {"byline", "subtitle", "epigraph"}
"""Classes of what may stand between a chapter's title and its text."""

_DISPLAYED = {"part", "colophon", "dedication", "epigraph", "half-title", "title-page", "imprint"}
"""Roles of pages whose lines are centred, or stand alone."""

_LEAST = 140
"""Letters of a first paragraph that has a second line beside the letter, on any page."""


def resolve(body: Element, edition: Edition) -> None:
    """Make a drop cap of the first letter below the title, on pages."""
    title = body.find("h1")
    if not (edition.paged and edition.drop_caps) or title is None or _DISPLAYED & set(tree.classes(body)):
        return
    below = list(body)[list(body).index(title) + 1 :]
    first = next((block for block in below if not _BETWEEN & set(tree.classes(block))), title)
    found = re.match(r"\s*(\w)([\w’]*)(.*)", first.text or "", re.DOTALL)
    if first.tag != "p" or found is None or not found[1].isupper() or len(tree.text_of(first)) < _LEAST:
        return
    first.text = None
    first.insert(0, tree.make("span", found[1], {"class": "drop-cap"}))
    word = first[0]
    if found[2]:
        word = tree.make("span", found[2], {"class": "smallcaps"})
        first.insert(1, word)
    word.tail = found[3]
    tree.add_class(first, "dropped")
