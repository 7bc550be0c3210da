"""Pages become one PDF.

The book is laid out in two runs: what follows the front matter, for its folios begin at 1 whatever stands before, and
the front matter. What pages say of other pages stands in them as plain figures, so both are laid out again until the
figures stand still; a run whose tree has not changed is left as it is. So it is when the book turns out to be so thick
that the page needs a wider inner margin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import TypeVar
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.fingerprints import fingerprint
from diptych.model import Block, Edition, File, Finished, Forme, Page, Shop, Task, Theme
from diptych.problems import BookError, Place, Problem, error
from diptych.words import direction
from diptych.writers.pdf import (
    assembly,
    binding,
    breaks,
    document,
    facts,
    fitting,
    gatherings,
    geometry,
    heads,
    layout,
    places,
    sections,
)

_Laid = TypeVar("_Laid", layout.Laid, gatherings.Run)
_LayOut = Callable[[Sequence[Page], str], tuple[_Laid, _Laid]]
"""Lays out the front matter and the text on pages of a style."""

_ACROSS = re.compile(rb"counter-|running\(|element\(|target-|content\(|fixed\b|:first\b(?!-)|:nth\([^)o]*\)")
"""What a stylesheet of the author's may say that goes across sections: counters, what runs, the first of all pages."""

_ROUNDS = 5
_PATIENCE = 2
"""Rounds after which folios that still swing get room for the longest of them."""

_LETTER = 0.183
"""The width of a letter with its share of the spaces, of white lines and of smaller notes, in millimetres to a point of
the type size: as measured in books of 60, 500 and 3 400 pages."""

_WHITE = 0.8
"""The pages that an opening leaves white: the rest of the one before, part of its own."""

_TABLE = 0.88
"""The size of a table's type, in that of the text; no theme has a larger one."""


def ready(edition: Edition, theme: Theme, files: Mapping[str, File], language: str) -> Callable[[], object]:
    """Give what opens the press for an edition, before its pages are put together, which may bring more files."""
    return partial(layout.press, _kit(edition, theme, files, language))


def _kit(edition: Edition, theme: Theme, files: Mapping[str, File], language: str) -> layout.Kit:
    margins = heads.sheet(edition, direction(language))
    return layout.Kit(replace(theme, stylesheets=(margins, *theme.stylesheets)), files, language)


def write(forme: Forme, shop: Shop) -> Finished:
    """Lay out the pages and write them into one file, whose path is empty: the pipeline names it."""
    metadata = forme.manifest.metadata
    kit = _kit(forme.edition, forme.theme, forme.assets, metadata.language)
    shape = geometry.of(forme.edition, forme.theme.design)
    named = heads.name(forme.pages, _fitting(kit, shop, geometry.css(shape)), metadata, forme.edition)
    pages, fitted = fitting.fit(named, fitting.Room(shape.measure, shape.depth, shape.size * _TABLE))
    forme = replace(forme, pages=pages)
    made = _whole(kit, forme, shop) if _is_one(forme) else _in_sections(kit, forme, shop)
    return replace(made, problems=(*fitted, *made.problems))


def _fitting(kit: layout.Kit, shop: Shop, page: str) -> heads.Fit:
    """Fit running heads on pages of a style; what fits is remembered."""
    sheets, files = list(kit.theme.stylesheets), list(kit.theme.files)

    def fit(wanted: Sequence[str]) -> dict[str, str]:
        key = fingerprint(*shop.versions, "heads", sheets, files, page, wanted)
        known = _texts(shop.recall(key))
        if known.keys() != set(wanted):
            task = Task("running heads", heads.fitted, (kit, page, wanted))
            (known,) = shop.at_press(partial(layout.press, kit), [task])
            shop.keep({key: json.dumps(known).encode()})
        return known

    return fit


def _texts(kept: bytes | None) -> dict[str, str]:
    """Read texts by their names; none from anything else."""
    try:
        found = json.loads(kept or b"{}")
    except ValueError:
        return {}
    plain = isinstance(found, dict) and all(isinstance(text, str) for text in found.values())
    return found if plain else {}


def _is_one(forme: Forme) -> bool:
    """Whether the book is laid out as one document: for an archive, and where sections would not know of each other."""
    brought = f"{forme.manifest.folder}/styles/"
    own = (sheet.data for sheet in forme.theme.stylesheets if sheet.path.startswith(brought))
    return forme.edition.whole or forme.edition.archival or any(map(_ACROSS.search, own))


def _whole(kit: layout.Kit, forme: Forme, shop: Shop) -> Finished:
    press = layout.press(kit)
    press.log.report = shop.report
    opening, main, _ = _settled(_Leaves(press, forme).lay_out, forme)
    data, bound = binding.bind(press, opening, main, forme)
    wrong = [fault for run in (opening, main) for fault in sections.faults(run, forme)]
    return Finished(
        forme.edition.name,
        (File("", data),),
        pages=len(opening) + len(main),
        problems=(*press.problems(), *bound, *wrong),
        breaks=breaks.of(tuple(breaks.pages(opening)), tuple(breaks.pages(main))),
        blocks=places.of(forme, opening, main),
    )


def _in_sections(kit: layout.Kit, forme: Forme, shop: Shop) -> Finished:
    book = assembly.Assembly(kit, replace(forme, theme=kit.theme), shop)
    opening, main, page = _settled(book.lay_out, forme)
    if any(face.missing for made in (*opening.gatherings, *main.gatherings) for face in made.faces):
        return _whole(kit, forme, shop)  # letters that a face has not are counted through the document
    beside = book.margins(opening, main, page)
    faces = book.faces([*opening.gatherings, *main.gatherings, *beside])
    data, bound = binding.sew(opening, main, beside, faces, forme)
    blocks: list[Block] = []
    problems: list[Problem] = []
    at = 0
    for made, around in zip((*opening.gatherings, *main.gatherings), beside, strict=True):
        blocks += places.moved(sorted((*made.blocks, *around.blocks), key=attrgetter("page")), at)
        problems += made.problems
        at += len(made)
    letters = [[page for made in run.gatherings for page in made.letters] for run in (opening, main)]
    return Finished(
        forme.edition.name,
        (File("", data),),
        pages=at,
        problems=tuple(dict.fromkeys([*problems, *bound])),
        breaks=breaks.of(*letters),
        blocks=tuple(blocks),
    )


class _Run:
    """A run of pages, laid out anew only where its tree or its page has changed."""

    def __init__(self, press: layout.Press) -> None:
        self._press = press
        self._asked = (b"", "")
        self._laid: layout.Laid | None = None

    def lay_out(self, root: Element, page: str) -> layout.Laid:
        asked = (tree.written(root), page)
        if self._laid is None or asked != self._asked:
            self._asked, self._laid = asked, self._press.lay_out(root, page)
        return self._laid


class _Leaves:
    """Both runs of pages, each as one document. On paper a run fills its last leaf: what follows begins on a recto."""

    def __init__(self, press: layout.Press, forme: Forme) -> None:
        self._forme = forme
        self._front, self._rest, self._blank = _Run(press), _Run(press), _Run(press)

    def lay_out(self, pages: Sequence[Page], page: str) -> tuple[layout.Laid, layout.Laid]:
        """Lay out the front matter and the text."""
        main = self._even(self._rest, [each for each in pages if each.matter != "front"], page)
        return self._even(self._front, [each for each in pages if each.matter == "front"], page), main

    def _even(self, run: _Run, pages: list[Page], page: str) -> layout.Laid:
        laid = run.lay_out(_html(self._forme, pages), page)
        if self._forme.edition.medium == "screen" or len(laid) % 2 == 0:
            return laid
        between = self._blank.lay_out(_html(self._forme, [document.blank(), document.blank()]), page)
        return laid.followed_by(between.document.pages[1])


def _settled(lay_out: _LayOut[_Laid], forme: Forme) -> tuple[_Laid, _Laid, str]:
    """Lay out front matter and text until what they say of pages is so; gives the style of the pages, too.

    The inner margin follows the greatest length that the book has had: it may grow, and never shrinks again. At first
    it follows the length that the book will have, by the number of its letters, so that a thick one is not laid out
    twice. Raises BookError if the folios never settle.
    """
    known, swinging, longest = facts.Facts(), list[str](), _expected(forme)
    language = forme.manifest.metadata.language
    for nth in range(_ROUNDS):
        pages = facts.write_in(forme.pages, known, language)
        shape = geometry.of(forme.edition, forme.theme.design, longest)
        page = geometry.css(shape)
        opening, main = lay_out(pages, page)
        found = facts.of(opening, main, forme, known)
        longest = max(longest, found.pages) if nth else found.pages
        if found == known and shape == geometry.of(forme.edition, forme.theme.design, longest):
            return opening, main, page
        swinging = facts.swinging(found, known)
        known = found if nth < _PATIENCE else facts.steadied(found, known)
    names = {target: f"{path}#{name}".rstrip("#") for (path, name), target in forme.catalogue.targets.items()}
    moving = ", ".join(names.get(name, name) for name in swinging[:5])
    raise BookError(
        [
            error(
                "pages-unsettled",
                Place(forme.manifest.folder),
                f"The page numbers do not settle; they still move for: {moving}.",
                "Change a line near there, or the depth of the contents (toc-depth).",
            )
        ]
    )


def _expected(forme: Forme) -> int:
    """Say how many pages a book will have, about: so many letters, and what its openings leave white."""
    shape = geometry.of(forme.edition, forme.theme.design)
    letters = sum(len(text) for page in forme.pages for text in page.body.itertext())
    held = shape.measure / (shape.size * _LETTER) * shape.lines
    return round(letters / held + len(forme.pages) * _WHITE)


def _html(forme: Forme, pages: list[Page]) -> Element:
    return document.html(pages, forme.manifest.metadata, forme.edition)
