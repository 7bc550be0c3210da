"""Numbers of things: parts, chapters and appendices, figures and tables; and the labels that say them.

Notes are not counted here: their marks differ from edition to edition. A figure or a table is counted when it has a
caption, for that is where the number stands; a division whose title begins with a number of the author's keeps that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Chapter, Counting, Kind, Thing, roman
from diptych.words import label, letter

DIVISIONS: tuple[Kind, ...] = ("part", "chapter", "appendix")

_CAPTIONED: dict[str, tuple[Kind, str]] = {"figure": ("figure", "figcaption"), "table": ("table", "caption")}

_OWN = re.compile(r"(?:(?P<word>[^\W\d_]+)\.?\s+)?(?P<number>\d{1,3}|[IVXL]+|[A-Z])(?:[.:)]|\s*$|\s+[–—]\s)")
_IN_WORDS = re.compile(r"(?P<word>[^\W\d_]+)\s+[^\W\d_]+(?:[.:]|\s*$|\s+[–—]\s)")
"""Numbers that an author wrote: `3. The War`, `Chapter 3: The War`, `III. The War`, `Appendix A`; `Part One`."""


def caption_of(element: Element) -> Element | None:
    """Give the caption of a figure or a table."""
    return element.find(_CAPTIONED[element.tag][1]) if element.tag in _CAPTIONED else None


def shape(body: Element) -> None:
    """Give an id to each figure and table with a caption that has none, so that lists can lead to it."""
    taken = {element.get("id", "") for element in body.iter()}
    for kind in _CAPTIONED:
        n = 0
        for element in body.iter(kind):
            if caption_of(element) is None or element.get("id"):
                continue
            n += 1
            while f"{kind}-{n}" in taken:
                n += 1
            element.set("id", f"{kind}-{n}")


def collect(chapter: Chapter, page: str, targets: Mapping[str, str]) -> Iterator[tuple[str, Thing]]:
    """Give what a reference can lead to in a chapter, by its id in the book, in reading order; not numbered yet.

    `targets` maps the chapter's own ids to those of the book. The first heading stands for the whole chapter.
    """
    division = Thing(_division(chapter), title=chapter.title, page=page)
    headings = {heading.id: heading for heading in chapter.headings}
    first = next((heading.id for heading in chapter.headings if heading.level == 1), "")
    yield targets[""], division
    for holder in (chapter.body, *(note.body for note in chapter.notes if note.body is not None)):
        above = chapter.title
        for element in holder.iter():
            name = element.get("id", "")
            above = headings[name].text if name in headings else above
            if name not in targets or not name:
                continue
            caption = caption_of(element)
            if name == first:
                yield targets[name], division
            elif caption is not None:
                yield targets[name], Thing(_CAPTIONED[element.tag][0], title=_words(caption), page=page)
            else:
                yield targets[name], Thing("section" if name in headings else "place", title=above, page=page)


def _division(chapter: Chapter) -> Kind:
    return next((kind for kind in DIVISIONS if kind == chapter.role), "section")


def _words(caption: Element) -> str:
    return tree.text_of(caption, lambda child: "noteref" in tree.classes(child)).removesuffix(".")


def settle(counting: Counting, asked: Collection[Kind]) -> Counting:
    """Decide what the author left open (`auto`): what a reference or a list asks a number of is numbered."""
    asked = {*asked, *counting.listed}
    chapters = counting.chapters
    if chapters == "auto":
        chapters = "arabic" if asked & set(DIVISIONS) else "none"
    by = "chapter" if chapters != "none" else "book"

    def scheme(said: str, kind: Kind) -> str:
        return said if said != "auto" else by if kind in asked else "none"

    return Counting(chapters, scheme(counting.figures, "figure"), scheme(counting.tables, "table"))


def count(things: Mapping[str, Thing], counting: Counting, language: str) -> dict[str, Thing]:
    """Number things, in reading order; `counting` is settled."""
    divisions = dict(_divisions(things, counting, language))
    within = Counter[tuple[str, Kind]]()
    found: dict[str, Thing] = {}
    for name, thing in things.items():
        numbered = thing
        scheme = {"figure": counting.figures, "table": counting.tables}.get(thing.kind, "none")
        if thing.kind in DIVISIONS:
            numbered = divisions[thing.page] if counting.chapters != "none" else thing
        elif scheme != "none":
            above = divisions[thing.page].number if scheme == "chapter" and thing.page in divisions else ""
            within[above, thing.kind] += 1
            number = f"{above}.{within[above, thing.kind]}".lstrip(".")
            numbered = replace(thing, number=number, label=label(thing.kind, number, language))
        found[name] = numbered
    return found


def _divisions(things: Mapping[str, Thing], counting: Counting, language: str) -> Iterator[tuple[str, Thing]]:
    """Number parts, chapters and appendices, each kind for itself and through the whole book, by their pages."""
    nth = Counter[Kind]()
    for thing in dict.fromkeys(each for each in things.values() if each.kind in DIVISIONS):
        nth[thing.kind] += 1
        number = _figure(thing.kind, nth[thing.kind], counting, language)
        if own := _own(thing, nth[thing.kind], number, language):
            yield thing.page, replace(thing, number=own)
        else:
            yield thing.page, replace(thing, number=number, label=label(thing.kind, number, language))


def _figure(kind: Kind, nth: int, counting: Counting, language: str) -> str:
    if kind == "appendix":
        return letter(nth, language)
    upper = (
        counting.chapters == "roman" if kind == "chapter" else language[:2] not in ("ar", "he", "ja", "zh")
    )
    return roman(nth).upper() if upper else str(nth)


def _own(thing: Thing, nth: int, counted: str, language: str) -> str:
    """Give the number that a title begins with, or ""; letters are one only where they say the number that is due.

    One that is written as a word stays, and is what was `counted`.
    """
    kind = label(thing.kind, "", language).strip().casefold()
    worded, found = _IN_WORDS.match(thing.title), _OWN.match(thing.title)
    if worded and not found and worded["word"].casefold() == kind:
        return counted
    if not found:
        return ""
    due = {str(nth), roman(nth).upper(), *([letter(nth, language)] if thing.kind == "appendix" else [])}
    number, word = found["number"], (found["word"] or "").casefold()
    named = word == kind
    marked = not word and found[0].rstrip()[-1] in ".:)"
    if (number.isdigit() and (named or marked)) or (number in due and not word):
        return number
    return number if named and number in due else ""


def resolve(body: Element, things: Mapping[str, Thing]) -> None:
    """Write the numbers where things stand: in captions and headings; works on a tree with the book's ids."""
    for element in list(body.iter()):
        thing = things.get(element.get("id", ""))
        if thing is None or not thing.label:
            continue
        caption = caption_of(element)
        if caption is not None:
            _begin(caption, tree.make("span", thing.label, {"class": "label"}), "\u2002")
        elif element.tag == "h1":
            _begin(element, tree.make("span", thing.label, {"class": "number"}), " ")


def _begin(element: Element, span: Element, space: str) -> None:
    span.tail = space + (element.text or "").lstrip()
    element.text = None
    element.insert(0, span)
