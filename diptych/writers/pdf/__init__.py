"""Pages become one PDF.

The book is laid out in two runs: what follows the front matter first, for its folios begin at 1 whatever stands
before; then the front matter, whose contents name those folios in plain figures. Page numbers are never left to
`target-counter()`: in the flow of a book with notes it makes WeasyPrint 70 lose them.
"""

from __future__ import annotations

from diptych.model import File, Finished, Forme, Page, Report, roman
from diptych.problems import BookError, Place, error
from diptych.writers.pdf import breaks, document, layout

_ROUNDS = 5


def write(forme: Forme, report: Report) -> Finished:
    """Lay out the pages and write them into one file, whose path is empty: the pipeline names it."""
    press = layout.Press(forme.theme, forme.edition, forme.assets, report)
    metadata = forme.manifest.metadata
    rest = [page for page in forme.pages if page.matter != "front"]
    main = press.lay_out(document.html(rest, metadata, forme.edition))
    opening = _settled(press, forme, {name: str(number) for name, number in main.anchors.items()})
    data = press.write(opening, main, metadata, document.title(metadata))
    length = len(opening) + len(main)
    return Finished(
        forme.edition.name,
        (File("", data),),
        pages=length,
        problems=press.problems(),
        breaks=breaks.of(opening, main),
    )


def _settled(press: layout.Press, forme: Forme, folios: dict[str, str]) -> layout.Laid:
    """Lay out the front matter until its own folios, which its contents name, stand still."""
    front = [page for page in forme.pages if page.matter == "front"]
    own: dict[str, str] = {}
    for _ in range(_ROUNDS):
        pages = document.with_folios(front, {**folios, **own})
        laid = _laid(press, forme, pages)
        found = {name: roman(number) for name, number in laid.anchors.items()}
        if found == own:
            even = forme.edition.medium != "print" or len(laid) % 2 == 0
            return laid if even else _laid(press, forme, [*pages, document.blank()])
        own = found
    raise BookError(
        [
            error(
                "contents-unsettled",
                Place(forme.manifest.folder),
                "The page numbers of the front matter do not settle.",
                "Shorten or lengthen the contents by a line (toc-depth).",
            )
        ]
    )


def _laid(press: layout.Press, forme: Forme, pages: list[Page]) -> layout.Laid:
    return press.lay_out(document.html(pages, forme.manifest.metadata, forme.edition))
