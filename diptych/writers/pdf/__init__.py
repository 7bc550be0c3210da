"""Pages become one PDF.

The book is laid out in two runs: what follows the front matter first, for its folios begin at 1 whatever stands
before; then the front matter, whose contents name those folios in plain figures. Page numbers are never left to
`target-counter()`: in the flow of a book with notes it makes WeasyPrint 70 lose them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from diptych.model import Edition, File, Finished, Manifest, Page, Theme
from diptych.problems import BookError, Place, error
from diptych.writers.pdf import document, layout

Report = Callable[[str, int], None]
"""Told what is being done and how far it is: ("pages laid out", 12)."""

_ROUNDS = 5


def write(
    pages: Sequence[Page], edition: Edition, theme: Theme, manifest: Manifest, assets: Mapping[str, File], report: Report
) -> Finished:
    """Lay out the pages and write them into one file, whose path is empty: the pipeline names it."""
    press = layout.Press(theme, edition, assets, report)
    front = [page for page in pages if page.matter == "front"]
    rest = [page for page in pages if page.matter != "front"]
    main = press.lay_out(document.html(rest, manifest.metadata, edition))
    folios = {name: str(number) for name, number in main.anchors.items()}
    opening = _settled(press, front, manifest, edition, folios)
    data = press.write(opening, main, manifest.metadata, document.title(manifest.metadata))
    return Finished(edition.name, (File("", data),), pages=len(opening) + len(main), problems=press.problems())


def _settled(press: layout.Press, front: list[Page], manifest: Manifest, edition: Edition, folios: dict[str, str]) -> layout.Laid:
    """Lay out the front matter until its own folios, which its contents name, stand still."""
    own: dict[str, str] = {}
    for _ in range(_ROUNDS):
        pages = document.with_folios(front, {**folios, **own})
        laid = press.lay_out(document.html(pages, manifest.metadata, edition))
        found = {name: document.roman(number) for name, number in laid.anchors.items()}
        if found == own:
            if edition.medium == "print" and len(laid) % 2:
                laid = press.lay_out(document.html([*pages, document.blank()], manifest.metadata, edition))
            return laid
        own = found
    raise BookError([error("contents-unsettled", Place(manifest.folder), "The page numbers of the front matter do not settle.",
                           "Shorten or lengthen the contents by a line (toc-depth).")])  # fmt: skip
