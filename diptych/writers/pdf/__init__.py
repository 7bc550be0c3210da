"""Pages become one PDF.

The book is laid out in two runs: what follows the front matter, for its folios begin at 1 whatever stands before, and
the front matter. What pages say of other pages stands in them as plain figures, so both are laid out again until the
figures stand still; a run whose tree has not changed is left as it is. So it is when the book turns out to be so thick
that the page needs a wider inner margin.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from diptych.model import File, Finished, Forme, Page, Report
from diptych.problems import BookError, Place, error
from diptych.words import direction
from diptych.writers.pdf import (
    binding,
    breaks,
    document,
    facts,
    fitting,
    geometry,
    heads,
    intact,
    layout,
    places,
    smallcaps,
)

_ROUNDS = 12
_PATIENCE = 3
"""Rounds after which folios that still swing get room for the longest of them."""

_TABLE = 0.88
"""The size of a table's type, in that of the text; no theme has a larger one."""


def write(forme: Forme, report: Report) -> Finished:
    """Lay out the pages and write them into one file, whose path is empty: the pipeline names it."""
    metadata = forme.manifest.metadata
    margins = heads.sheet(forme.edition, direction(metadata.language))
    theme = replace(forme.theme, stylesheets=(margins, *forme.theme.stylesheets))
    press = layout.Press(theme, forme.assets, report)
    shape = geometry.of(forme.edition, forme.theme.design)
    named = heads.name(forme.pages, partial(press.lay_out, page=geometry.css(shape)), metadata, forme.edition)
    pages, fitted = fitting.fit(named, fitting.Room(shape.measure, shape.depth, shape.size * _TABLE))
    forme = replace(forme, pages=pages)
    opening, main = _settled(press, forme)
    data, bound = binding.bind(press, opening, main, forme)
    lost = [
        fault
        for run in (opening, main)
        for fault in intact.faults(run.document.pages, run.due, places.lines(forme, run), forme.edition.name)
    ]
    capitals = [
        problem
        for run in (opening, main)
        for problem in smallcaps.lacking(run, places.lines(forme, run), forme.theme)
    ]
    return Finished(
        forme.edition.name,
        (File("", data),),
        pages=len(opening) + len(main),
        problems=(*press.problems(), *fitted, *bound, *lost, *capitals),
        breaks=breaks.of(opening, main),
        blocks=places.of(forme, opening, main),
    )


class _Run:
    """A run of pages, laid out anew only where its tree or its page has changed."""

    def __init__(self, press: layout.Press) -> None:
        self._press = press
        self._asked = (b"", "")
        self._laid: layout.Laid | None = None

    def lay_out(self, root: Element, page: str) -> layout.Laid:
        asked = (ET.tostring(root), page)
        if self._laid is None or asked != self._asked:
            self._asked, self._laid = asked, self._press.lay_out(root, page)
        return self._laid


class _Leaves(_Run):
    """A run of pages that on paper fills its last leaf: what follows begins on a recto, or the book ends there."""

    def __init__(self, press: layout.Press, forme: Forme) -> None:
        super().__init__(press)
        self._forme = forme
        self._blank = _Run(press)

    def lay_out_pages(self, pages: list[Page], page: str) -> layout.Laid:
        laid = self.lay_out(_html(self._forme, pages), page)
        if self._forme.edition.medium == "screen" or len(laid) % 2 == 0:
            return laid
        between = self._blank.lay_out(_html(self._forme, [document.blank(), document.blank()]), page)
        return laid.followed_by(between.document.pages[1])


def _settled(press: layout.Press, forme: Forme) -> tuple[layout.Laid, layout.Laid]:
    """Lay out front matter and text until what they say of pages is so. Raises BookError if it never is.

    The inner margin follows the greatest length that the book has had: it may grow, and never shrinks again.
    """
    front, rest = _Leaves(press, forme), _Leaves(press, forme)
    known, swinging, longest = facts.Facts(), list[str](), 0
    language = forme.manifest.metadata.language
    for nth in range(_ROUNDS):
        pages = facts.write_in(forme.pages, known, language)
        shape = geometry.of(forme.edition, forme.theme.design, longest)
        page = geometry.css(shape)
        main = rest.lay_out_pages([each for each in pages if each.matter != "front"], page)
        opening = front.lay_out_pages([each for each in pages if each.matter == "front"], page)
        found = facts.of(opening, main, forme, known)
        longest = max(longest, found.pages)
        if found == known and shape == geometry.of(forme.edition, forme.theme.design, longest):
            return opening, main
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


def _html(forme: Forme, pages: list[Page]) -> Element:
    return document.html(pages, forme.manifest.metadata, forme.edition)
