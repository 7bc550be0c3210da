"""What a layout tells of the notes: their marks where these begin anew on each page, and whose they are at the end.

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
from diptych.words import around, notes_to

_CHARACTER = 0.6
"""Ems that are enough for any character of a mark."""


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
    """Find what the layout has to tell something: what shows a mark, and notes at the end."""
    return (e for e in body.iter() if e.get("data-mark") or "note" in tree.classes(e))


def write(body: Element, known: Mapping[str, str], folios: Mapping[str, str], language: str) -> None:
    """Put the marks into a tree that nobody else holds; what is not known stays as it is.

    A note that is called again on a later page has its mark on its own, so that page is named.
    """
    for element in (e for e in body.iter() if e.get("data-mark")):
        name = element.get("data-mark", "")
        if mark := known.get(name):
            element.text = begun(mark) if "backlink" in tree.classes(element) else mark
            there = folios.get(name.replace("fn-", "fnref-", 1), "")
            if is_call(element) and folios.get(element.get("id", "")) != there:
                before, behind = around("page", language)
                element.text = f"{mark}, {before}{there}{behind}"


def held(found: Mapping[str, str], before: Mapping[str, str], widths: Mapping[str, int]) -> dict[str, int]:
    """Give the width, in characters, of the first mark that swings and is not held yet: those behind it follow it.

    Narrow at the head of a page, it fits on the page before; wide at the end of that one, it does not.
    """
    for name, mark in found.items():
        other = before.get(name, mark)
        if mark != other and name not in widths:
            return {name: max(len(mark), len(other))}
    return {}


def widen(body: Element, known: Mapping[str, str], widths: Mapping[str, int]) -> None:
    """Keep the room of so many characters for marks."""
    for element in (e for e in body.iter() if e.get("data-mark", "") in widths):
        name = element.get("data-mark", "")
        if (lacking := widths[name] - len(known.get(name, ""))) > 0:
            element.set("style", f"padding-right: {_CHARACTER * lacking:.2f}em")


def write_heads(body: Element, folios: Mapping[str, str], ends: Mapping[str, str], language: str) -> None:
    """Say over pages of notes at the end to which pages these belong: each note carries the words for its page.

    It does so in its first line, for the note itself may go on over a page; that one belongs to the next page, too.
    Not over the page on which such notes begin: it is an opening, or the end of a chapter.
    """
    notes = [e for e in body.iter() if "note" in tree.classes(e)]
    calls: dict[str, list[str]] = {}
    for note in notes:
        name = note.get("id", "")
        if call := folios.get(name.replace("fn-", "fnref-", 1)):
            for page in {folios.get(name, ""), ends.get(name, "")}:
                calls.setdefault(page, []).append(call)
    for note in notes:
        page = folios.get(note.get("id", ""), "")
        if page in calls and page != folios.get(notes[0].get("id", "")):
            for link in list(note.iter("a"))[:1]:
                link.set("data-chapter", notes_to(*_ends(calls[page]), language))


def _ends(folios: Iterable[str]) -> tuple[str, str]:
    """Give the first and the last of some pages: roman folios stand before arabic ones."""
    ordered = sorted(folios, key=lambda folio: (folio.isdigit(), len(folio) if folio.isdigit() else 0, folio))
    return ordered[0], ordered[-1]
