"""The note ledger: what the manuscript calls and tells must stand in each finished edition, exactly once.

What should be there comes from the catalogue; what is there is read from the finished bytes, by other libraries than
wrote them. Texts are compared by their letters and digits alone, so that hyphens, spaces and ligatures of a layout do
not count.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from lxml import etree

from diptych import tree
from diptych.checks import pages
from diptych.compose import places, word
from diptych.features.notes import IN_PLACE, is_call
from diptych.features.urls import APPARATUS
from diptych.model import Catalogue, Census, Chapter, Edition, Manifest, Note, NotePlace
from diptych.problems import Place, Problem, error
from diptych.words import say

_XHTML = "{http://www.w3.org/1999/xhtml}"
_FORMULA = "{http://www.w3.org/1998/Math/MathML}math"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_LONG_ENOUGH = 24
"""Letters from which on a text is looked for in the whole book; shorter ones may well stand there twice."""

_MARGIN, _LEAST_MARGIN = 0.085, 18.5 / 25.4 * 72
"""The part of a page's height, and at least so many points, at its head and its foot where no text of the book stands.

Themes keep to it: between these and the edge stand running heads and folios, which are drawn on every page.
"""

_INSET = 2.0
"""Points by which a note's area is taken smaller: letters of the line above may reach into it."""

_NO_LETTERS = re.compile(r"[\W_]+")
"""What is neither a letter nor a digit, as `str.isalnum` has it."""

_HEAD = 60
"""Letters of a note by which it is seen that it stands more than once."""

_BEHIND_ALL = chr(sys.maxunicode)
"""Comes behind every letter in the order of code points."""

_FOLIO = "\ue000"
"""Stands in an expected text for a folio, which only the layout knows."""


@dataclass(frozen=True)
class Expected:
    """A note as it should stand: `letters` are those of its `text`, `drawn` those with the numbers of its own calls.

    `unseen` are those that no face of the edition can show: they are told as missing letters, and not counted here.
    A note that is called from one at the end is `astray`: it may not stand in the order of numbers, or behind its call.
    """

    note: Note
    mark: str
    letters: str
    place: Place
    drawn: str
    foot: bool
    text: Element
    astray: bool = False
    unseen: frozenset[str] = frozenset()


def expected(
    chapters: Iterable[Chapter], catalogue: Catalogue, edition: Edition, about: Manifest
) -> tuple[Expected, ...]:
    """List what an edition must hold."""
    found: list[Expected] = []
    language = about.metadata.language
    for chapter in chapters:
        path = chapter.source.removeprefix(f"{about.folder}/")
        marks = {note.label: note.mark(edition) for note in catalogue.notes[chapter.slug]}
        where = places(catalogue.notes[chapter.slug], edition)
        strays = _astray(catalogue.notes[chapter.slug], where)
        for note in catalogue.notes[chapter.slug]:
            body = (
                tree.make("p", say("missing", language)) if note.body is None else tree.duplicate(note.body)
            )
            word(body, path, catalogue, edition, language)
            folios = [span for span in body.iter("span") if span.get("data-target")]
            for folio in folios:
                folio.text = _FOLIO
            plain, calls = letters(tree.text_of(body, is_call)), list(filter(is_call, body.iter()))
            for call in calls:
                call.text = marks[call.get("data-note", "")]
            drawn = _letters_drawn(body) if calls or folios else plain
            foot = where[note.label] == "foot"
            place = Place(chapter.source, note.calls[0].line)
            found.append(
                Expected(
                    note, marks[note.label], plain, place, drawn, foot, body, astray=note.label in strays
                )
            )
    return tuple(found)


def _letters_drawn(text: Element) -> str:
    return _FOLIO.join(letters(part) for part in tree.text_of(text).split(_FOLIO))


def _astray(numbered: Iterable[Note], where: Mapping[str, NotePlace]) -> set[str]:
    """Find the notes that are called, directly or not, from notes at the end. They come behind these in the list."""
    found: set[str] = set()
    for note in numbered:
        if note.body is not None and (note.label in found or where[note.label] != "foot"):
            found |= {call.get("data-note", "") for call in note.body.iter() if is_call(call)}
    return found


def visible(wanted: Iterable[Expected], characters: frozenset[int]) -> tuple[Expected, ...]:
    """Expect of each note what the faces of a paged edition can show."""
    return tuple(
        replace(each, unseen=frozenset(c for c in each.drawn if ord(c) not in characters and c != _FOLIO))
        for each in wanted
    )


def letters(text: str) -> str:
    """Reduce a text to its letters and digits."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text))


def lost(found: Expected, what: str) -> Problem:
    """Say that a note is not as it should be in a finished edition."""
    label = f"[^{found.note.label}]" if not found.note.label.startswith(IN_PLACE) else "in place"
    return error(
        "note-lost",
        found.place,
        f"The note {found.mark} ({label}) {what}.",
        "Shorten the note or move its call; if that does not help, this is a fault of diptych.",
    )


# --- EPUB -------------------------------------------------------------------------------------------------------------


def of_epub(data: bytes, wanted: Sequence[Expected], _: Edition | None = None) -> Census:
    """Count the notes of a finished EPUB: calls, texts, links both ways."""
    calls: dict[str, list[tuple[str, str]]] = {}
    hosts: dict[str, list[tuple[str, etree._Element]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml"):
                _read_document(name.rsplit("/", 1)[-1], etree.fromstring(archive.read(name)), calls, hosts)
    problems: list[Problem] = []
    for each in wanted:
        problems.extend(lost(each, what) for what in _epub_faults(each, calls, hosts))
    strangers = set(hosts) - {each.note.id for each in wanted}
    problems += [
        error("note-unknown", Place("EPUB"), f"There is a note {name} that no chapter has.", "")
        for name in sorted(strangers)
    ]
    return Census(len(hosts), tuple(problems))


def _read_document(
    name: str,
    root: etree._Element,
    calls: dict[str, list[tuple[str, str]]],
    hosts: dict[str, list[tuple[str, etree._Element]]],
) -> None:
    for element in root.iter():
        kinds = str(element.get(_TYPE, "")).split()
        if "noteref" in kinds:
            calls.setdefault(str(element.get("id")), []).append((name, str(element.get("href"))))
        if "footnote" in kinds or (
            element.tag == f"{_XHTML}li" and str(element.get("id", "")).startswith("fn-")
        ):
            hosts.setdefault(str(element.get("id")), []).append((name, element))


def _epub_faults(
    wanted: Expected,
    calls: Mapping[str, list[tuple[str, str]]],
    hosts: Mapping[str, list[tuple[str, etree._Element]]],
) -> Iterator[str]:
    here = hosts.get(wanted.note.id, [])
    if len(here) != 1:
        yield f"stands {len(here)} times in the EPUB"
        return
    document, host = here[0]
    back = [str(a.get("href")) for a in host.iter(f"{_XHTML}a") if a.get("role") == "doc-backlink"]
    for call in wanted.note.calls:
        found = calls.get(call.id, [])
        if len(found) != 1:
            yield f"is called {len(found)} times from line {call.line} in the EPUB"
            continue
        source, href = found[0]
        if href not in (f"#{wanted.note.id}", f"{document}#{wanted.note.id}") or (
            href.startswith("#") and source != document
        ):
            yield f"is not where its call on line {call.line} leads in the EPUB"
        if not {f"#{call.id}", f"{source}#{call.id}"} & set(back):
            yield f"has no way back to line {call.line} in the EPUB"
    if _host_letters(host) != wanted.letters:
        yield "has lost or gained words in the EPUB"


def _host_letters(host: etree._Element) -> str:
    def pieces(element: etree._Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if child.get("role") not in ("doc-backlink", "doc-noteref") and child.tag != _FORMULA:
                yield from pieces(child)
            yield child.tail or ""

    return letters("".join(pieces(host)))


# --- PDF --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """A named place in a PDF: page from 0, and points from the page's lower left corner."""

    page: int
    x: float
    y: float


def of_pdf(data: bytes, wanted: Sequence[Expected], edition: Edition) -> Census:
    """Count the notes of a finished PDF: drawn once, whole, on their call's page or a later one, in order."""
    due = survey(read_places(data), pages.leaves(data), wanted, edition)
    (seen,) = pages.look(data, [question(due)])
    return count(due, seen, edition)


@dataclass(frozen=True)
class Survey:
    """Which notes a finished PDF has to hold, where it says that they stand, and the size of its pages."""

    wanted: tuple[Expected, ...]
    spots: Mapping[str, Spot]
    links: AbstractSet[tuple[int, str]]
    leaves: tuple[_Leaf, ...]

    @cached_property
    def regions(self) -> Mapping[str, tuple[int, float, float]]:
        """The areas of the notes at the foot."""
        return regions(self.spots, {each.note.id for each in self.wanted if each.foot})

    @cached_property
    def floors(self) -> Mapping[int, float]:
        """How far down text may stand on the pages that have notes at the foot."""
        return {page: top + _INSET for page, top, _ in sorted(self.regions.values())}

    @cached_property
    def ends(self) -> Mapping[str, Spot]:
        """Where notes at the end of a chapter or of the book end."""
        return _ends(self.wanted, self.spots)


@dataclass(frozen=True)
class Seen:
    """What was read on a page: the letters of each line between its margins, and the texts of the areas asked for."""

    lines: tuple[str, ...]
    texts: Mapping[Area, str]

    def letters(self, area: Area) -> str:
        """Give the letters that stand in an area."""
        return letters(self.texts[area])


class Area(NamedTuple):
    """Sides in points from the page's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class _Leaf:
    """The areas of a page of some size."""

    width: float
    height: float

    @property
    def margin(self) -> float:
        return max(self.height * _MARGIN, _LEAST_MARGIN)

    def between(self, top: float, bottom: float) -> Area:
        return Area(0, bottom, self.width, top)

    def text(self) -> Area:
        return self.between(self.height - self.margin, self.margin)

    def folio(self) -> Area:
        """What stands in the lower margin."""
        return self.between(self.margin, 0)

    def near(self, spot: Spot, mark: str) -> Area:
        """Where the mark of a call stands."""
        return Area(spot.x - 1, spot.y - 26, spot.x + 7.0 * len(mark) + 4, spot.y + 6)


def survey(
    named: Places, leaves: Iterable[pages.Leaf], wanted: Sequence[Expected], edition: Edition
) -> Survey:
    """Say where the notes of a finished PDF should stand by the places that it names."""
    spots, links = named
    sizes = tuple(_Leaf(each.width, each.height) for each in leaves)
    return Survey(_counted_by_page(wanted, spots, edition), spots, links, sizes)


def question(due: Survey) -> pages.Question[Seen]:
    """Ask for the text of every page, and for what stands where notes and their calls should."""
    areas: list[dict[Area, None]] = [{} for _ in due.leaves]
    for page, area in _areas(due):
        areas[page][area] = None
    given = [(leaf.text(), *own) for leaf, own in zip(due.leaves, areas, strict=True)]
    return pages.Question(_look, _seen, (), given)


def _areas(due: Survey) -> Iterator[tuple[int, Area]]:
    """Give the page and the area of everything that is compared."""
    for each in due.wanted:
        for spot in (due.spots[call.id] for call in each.note.calls if call.id in due.spots):
            yield spot.page, due.leaves[spot.page].near(spot, each.mark)
        if each.note.id not in due.spots:
            continue
        stretches = _pieces(each, due) if each.foot else _stretches(each, due)
        for page, area in stretches:
            yield page, area
            yield page, due.leaves[page].folio()


def _look(opened: pages.Opened, _: Any, areas: Sequence[Area]) -> Any:
    text, *others = (opened.text.get_text_bounded(*area) for area in areas)
    return [[letters(line) for line in text.splitlines()], [*zip(areas[1:], others, strict=True)]]


def _seen(plain: Any) -> Seen:
    lines, texts = plain
    return Seen(tuple(map(str, lines)), {Area(*map(float, area)): str(text) for area, text in texts})


def count(due: Survey, seen: Sequence[Seen], edition: Edition) -> Census:
    """Compare what was read with what is due."""
    longest = max((len(letters(each.mark)) for each in due.wanted), default=0) + _HEAD
    lines = _Beginnings(beginning for page in seen for beginning in _beginnings(page.lines, longest))
    known = _Beginnings(letters(each.mark) + each.letters for each in due.wanted)
    reached: dict[str, tuple[float, float]] = {}
    problems: list[Problem] = []
    for each in due.wanted:
        faults = list(_pdf_faults(each, due, seen, edition))
        if not each.foot and each.note.id in due.spots:
            faults += _end_faults(each, due, seen, edition)
        if edition.medium == "screen":
            faults += _link_faults(each, due.spots, due.links)
        unique = (
            len(each.letters) >= _LONG_ENOUGH and each.note.apparatus != APPARATUS
        )  # text has addresses too
        head = letters(each.mark) + each.letters[:_HEAD]
        if unique and lines.begin_with(head) > known.begin_with(head):
            faults.append("stands more than once in the PDF")
        if each.foot and not each.astray and each.note.id in due.spots:
            here = (due.spots[each.note.id].page, -due.spots[each.note.id].y)
            if here < reached.get(each.note.apparatus, here):
                faults.append("stands before the note that comes before it in the PDF")
            reached[each.note.apparatus] = here
        problems.extend(lost(each, what) for what in faults)
    drawn = sum(each.note.id in due.spots for each in due.wanted)
    return Census(drawn, tuple(problems))


def _counted_by_page(
    wanted: Sequence[Expected], spots: Mapping[str, Spot], edition: Edition
) -> tuple[Expected, ...]:
    """Hold notes that count by the page to it: those of each series that a page of the file calls are 1, 2, 3 ..."""
    counts = Counter[tuple[str, int]]()
    marks: dict[str, str] = {}
    for each in wanted:
        policy, call = edition.policy(each.note.apparatus), spots.get(each.note.calls[0].id)
        if policy.numbering == "page" and call is not None:
            counts[each.note.apparatus, call.page] += 1
            marks[each.note.id] = policy.mark(counts[each.note.apparatus, call.page])
    labels = {(each.place.file, each.note.label): each.note.id for each in wanted}
    return tuple(_marked(each, marks, labels) for each in wanted) if marks else tuple(wanted)


def _marked(wanted: Expected, marks: Mapping[str, str], labels: Mapping[tuple[str, str], str]) -> Expected:
    """Give a note the marks that a page gives it, those of the notes that it calls or names among them."""
    text = tree.duplicate(wanted.text)
    for call in filter(is_call, text.iter()):
        name = labels[wanted.place.file, call.get("data-note", "")]
        call.text = marks.get(name, call.text)
    for reference in text.iter("span"):
        reference.text = marks.get(reference.get("data-mark", ""), reference.text)
    return replace(wanted, mark=marks.get(wanted.note.id, wanted.mark), drawn=_letters_drawn(text))


def _beginnings(lines: Sequence[str], longest: int) -> Iterator[str]:
    """Give what stands on a page from the beginning of each line on, so many letters of it."""
    whole, at = "".join(lines), 0
    for line in filter(None, lines):
        yield whole[at : at + longest]
        at += len(line)


class _Beginnings:
    """Texts in the order of the alphabet, so that those that begin alike stand together.

    On pages they are what begins with a line, and may go on over the next ones: a note begins one, where words behind
    a call, a folio or a number in the text do not.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = sorted(texts)

    def begin_with(self, words: str) -> int:
        """Count the texts that begin with these letters."""
        return bisect_left(self.texts, words + _BEHIND_ALL) - bisect_left(self.texts, words)


Places = tuple[dict[str, Spot], set[tuple[int, str]]]
"""The named destinations, and the links as (page, name of the destination)."""


def read_places(data: bytes) -> Places:
    """Read the places that a PDF names."""
    import pikepdf  # noqa: PLC0415 - as pypdfium2

    with pikepdf.open(io.BytesIO(data)) as pdf:
        return places_of(pdf)


def places_of(pdf: Any) -> Places:
    """Read the places that a PDF names, which pikepdf has opened."""
    spots: dict[str, Spot] = {}
    links: set[tuple[int, str]] = set()
    numbers = {page.objgen: n for n, page in enumerate(pdf.pages)}
    flat = list(pdf.Root.Names.Dests.Names) if "/Dests" in pdf.Root.get("/Names", {}) else []
    for name, target in zip(flat[::2], flat[1::2], strict=True):
        spots[str(name)] = Spot(numbers[target[0].objgen], float(target[2]), float(target[3]))
    for n, page in enumerate(pdf.pages):
        for annotation in page.get("/Annots", []):
            if "/Dest" in annotation:
                links.add((n, str(annotation.Dest)))
    return spots, links


def regions(spots: Mapping[str, Spot], feet: Collection[str]) -> dict[str, tuple[int, float, float]]:
    """Give for each piece of a note at a foot (page, top, bottom): it reaches to the next one, or to the page's end."""
    found: dict[str, tuple[int, float, float]] = {}
    by_page: dict[int, list[tuple[float, str]]] = {}
    for name, spot in spots.items():
        if re.sub(r"_\d+$", "", name) in feet:
            by_page.setdefault(spot.page, []).append((spot.y, name))
    for page, notes in by_page.items():
        notes.sort(reverse=True)
        for (top, name), below in zip(notes, [*notes[1:], (0.0, "")], strict=True):
            found[name] = (page, top, below[0])
    return found


def _pdf_faults(wanted: Expected, due: Survey, seen: Sequence[Seen], edition: Edition) -> Iterator[str]:
    at = due.spots.get(wanted.note.id)
    if at is None:
        yield f"is not in the {edition.name} PDF"
        return
    calls = [due.spots.get(call.id) for call in wanted.note.calls]
    for call, spot in zip(wanted.note.calls, calls, strict=True):
        if spot is None:
            yield f"has lost its call from line {call.line} in the {edition.name} PDF"
        elif not _shows(wanted.mark, seen[spot.page].texts[due.leaves[spot.page].near(spot, wanted.mark)]):
            yield f"has no number where line {call.line} calls it in the {edition.name} PDF"
    later = wanted.astray and not wanted.foot  # called from a list at the end that comes behind its own
    if calls[0] is not None and at.page < calls[0].page and not later:
        yield f"stands on page {at.page + 1} of the {edition.name} PDF, before its call on page {calls[0].page + 1}"
    if wanted.foot:
        yield from _foot_faults(wanted, due, seen, edition)


def _shows(mark: str, text: str) -> bool:
    return letters(mark) in letters(text) if mark.isalnum() else mark in text


def _ends(wanted: Sequence[Expected], spots: Mapping[str, Spot]) -> dict[str, Spot]:
    """Give for each note at the end of a chapter or of the book the place where the next one below begins."""
    there = [each.note.id for each in wanted if not each.foot and each.note.id in spots]
    there.sort(key=lambda name: (spots[name].page, -spots[name].y))
    return {name: spots[after] for name, after in pairwise(there)}


def _end_faults(wanted: Expected, due: Survey, seen: Sequence[Seen], edition: Edition) -> list[str]:
    """Compare the text from here to the next note, over page breaks, with the note's; notes at a foot are not of it."""
    found = ""
    for page, area in _stretches(wanted, due):
        found += seen[page].letters(area)
        own, text = _comparable(wanted, found)
        if len(text) >= len(own):
            return [] if _same(own, text[: len(own)]) else [_changed(edition, due.spots[wanted.note.id].page)]
    return [_changed(edition, due.spots[wanted.note.id].page)]


def _stretches(wanted: Expected, due: Survey) -> Iterator[tuple[int, Area]]:
    """Give the areas, page by page, from a note at the end to the next one."""
    at, end = due.spots[wanted.note.id], due.ends.get(wanted.note.id, Spot(len(due.leaves) - 1, 0, 0))
    for page in range(at.page, end.page + 1):
        leaf = due.leaves[page]
        top = at.y - _INSET if page == at.page else leaf.height - leaf.margin
        floor = due.floors.get(page, leaf.margin)
        yield page, leaf.between(top, max(end.y + _INSET, floor) if page == end.page else floor)


def _changed(edition: Edition, page: int) -> str:
    return f"has lost or gained words in the {edition.name} PDF (page {page + 1})"


def _foot_faults(wanted: Expected, due: Survey, seen: Sequence[Seen], edition: Edition) -> Iterator[str]:
    """Compare the text at the foot, all pieces together, with the note's."""
    text, page = "", 0
    for number, area in _pieces(wanted, due):
        if number < page:
            yield f"is out of order in the {edition.name} PDF"
        page = number
        part = seen[number].letters(area)
        if area.bottom == _INSET:
            part = part.removesuffix(seen[number].letters(due.leaves[number].folio()))
        text += part
    own, text = _comparable(wanted, text)
    if not _same(own, text):
        yield _changed(edition, page)


def _pieces(wanted: Expected, due: Survey) -> Iterator[tuple[int, Area]]:
    """Give the area of each piece of a note at the foot."""
    name, nth = wanted.note.id, 1
    while name in due.regions:
        page, top, bottom = due.regions[name]
        yield page, due.leaves[page].between(top - _INSET, bottom + _INSET)
        nth += 1
        name = f"{wanted.note.id}_{nth}"


def _comparable(wanted: Expected, text: str) -> tuple[str, str]:
    """Give what is due and what was found; without digits where a numbered list draws numbers of its own."""
    due = letters(wanted.mark) + wanted.drawn
    if wanted.unseen:
        due, text = ("".join(c for c in each if c not in wanted.unseen) for each in (due, text))
    due = _with_folios(due, text)
    if wanted.note.body is None or wanted.note.body.find(".//ol") is None:
        return due, text
    return re.sub(r"\d", "", due), re.sub(r"\d", "", text)


def _with_folios(due: str, text: str) -> str:
    """Take the folios that a note names, which only the layout knew, from what was found where they are due."""
    if _FOLIO not in due:
        return due
    parts = due.split(_FOLIO)
    found = re.match("([0-9]+|[ivxlcdm]+)".join(map(re.escape, parts)), text)
    folios = found.groups() if found else ("",) * (len(parts) - 1)
    return "".join(part + folio for part, folio in zip(parts, (*folios, ""), strict=True))


def _same(due: str, found: str) -> bool:
    """Compare letter by letter; where some run from right to left, PDFium gives the others' words in reverse order."""
    leftward = due != found and any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in due)
    return sorted(due) == sorted(found) if leftward else due == found


def _link_faults(
    wanted: Expected, spots: Mapping[str, Spot], links: AbstractSet[tuple[int, str]]
) -> list[str]:
    note, call = spots.get(wanted.note.id), spots.get(wanted.note.calls[0].id)
    if note is None or call is None:
        return []
    faults = [] if (call.page, wanted.note.id) in links else ["cannot be reached by its link in the PDF"]
    return faults + ([] if (note.page, wanted.note.calls[0].id) in links else ["has no link back in the PDF"])
