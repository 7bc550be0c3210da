"""Pages become one PDF.

The book is laid out in two runs: what follows the front matter, for its folios begin at 1 whatever stands before, and
the front matter. What pages say of other pages stands in them as plain figures, so both are laid out again until the
figures stand still; a run whose tree has not changed is left as it is.
"""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from diptych.model import File, Finished, Forme, Page, Report
from diptych.problems import BookError, Place, error
from diptych.words import direction
from diptych.writers.pdf import binding, breaks, document, facts, fitting, heads, layout, places

_ROUNDS = 8
_PATIENCE = 3
"""Rounds after which folios that still swing get room for the longest of them."""

_TABLE = 8.8
"""The size of a table's type, in points."""


def write(forme: Forme, report: Report) -> Finished:
    """Lay out the pages and write them into one file, whose path is empty: the pipeline names it."""
    metadata = forme.manifest.metadata
    margins = heads.sheet(forme.edition, direction(metadata.language))
    theme = replace(forme.theme, stylesheets=(margins, *forme.theme.stylesheets))
    press = layout.Press(theme, forme.edition, forme.assets, report)
    forme = replace(forme, pages=heads.name(forme.pages, press, metadata, forme.edition))
    pages, told = fitting.fit(forme.pages, fitting.Room(*document.text_block(forme.edition), _TABLE))
    forme = replace(forme, pages=pages)
    opening, main = _settled(press, forme)
    data = binding.bind(press, opening, main, forme)
    return Finished(
        forme.edition.name,
        (File("", data),),
        pages=len(opening) + len(main),
        problems=(*press.problems(), *told),
        breaks=breaks.of(opening, main),
        blocks=places.of(forme, opening, main),
    )


class _Run:
    """A run of pages, laid out anew only where its tree has changed."""

    def __init__(self, press: layout.Press) -> None:
        self._press = press
        self._tree = b""
        self._laid: layout.Laid | None = None

    def lay_out(self, root: Element) -> layout.Laid:
        asked = ET.tostring(root)
        if self._laid is None or asked != self._tree:
            self._tree, self._laid = asked, self._press.lay_out(root)
        return self._laid


def _settled(press: layout.Press, forme: Forme) -> tuple[layout.Laid, layout.Laid]:
    """Lay out front matter and text until what they say of pages is so. Raises BookError if it never is."""
    front, filled, rest = _Run(press), _Run(press), _Run(press)
    known, swinging, language = facts.Facts(), list[str](), forme.manifest.metadata.language
    for nth in range(_ROUNDS):
        pages = facts.write_in(forme.pages, known, language)
        main = rest.lay_out(_html(forme, [page for page in pages if page.matter != "front"]))
        before = [page for page in pages if page.matter == "front"]
        opening = front.lay_out(_html(forme, before))
        if forme.edition.medium == "print" and len(opening) % 2:  # for the text begins on a recto
            opening = filled.lay_out(_html(forme, [*before, document.blank()]))
        found = facts.of(opening, main, forme, known.room)
        if found == known:
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
