"""What a layout tells of the notes, and notes have to show: their marks where these begin anew on each page.

The page that counts is that of a note's first call, for there a reader looks for it; a note that falls to the foot of
the next page keeps the mark of its call, and stands there in front of that page's own. Plain figures in the tree, as
folios are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.compose import begun
from diptych.features.notes import is_call
from diptych.model import Edition, Note
from diptych.words import around


def marks(notes: Iterable[Note], edition: Edition, folios: Mapping[str, str]) -> dict[str, str]:
    """Give by id the marks of the notes that count by the page; `folios` are those of all ids."""
    counts = Counter[tuple[str, str]]()
    found: dict[str, str] = {}
    for note in notes:
        policy, page = edition.policy(note.apparatus), folios.get(note.calls[0].id)
        if policy.numbering == "page" and page is not None:
            counts[note.apparatus, page] += 1
            found[note.id] = policy.mark(counts[note.apparatus, page])
    return found


def asking(body: Element) -> Iterator[Element]:
    """Find what takes its mark from the layout: calls, what a note begins with, references to it."""
    return (element for element in body.iter() if element.get("data-mark"))


def write(body: Element, known: Mapping[str, str], folios: Mapping[str, str], language: str) -> None:
    """Put the marks into a tree that nobody else holds; one that is not known stays as it is.

    A note that is called again on a later page has its mark on its own, so that page is named.
    """
    for element in asking(body):
        name = element.get("data-mark", "")
        if mark := known.get(name):
            element.text = begun(mark) if "backlink" in tree.classes(element) else mark
            there = folios.get(name.replace("fn-", "fnref-", 1), "")
            if is_call(element) and folios.get(element.get("id", "")) != there:
                before, behind = around("page", language)
                element.text = f"{mark}, {before}{there}{behind}"
