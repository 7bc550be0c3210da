"""A finished PDF read back: all that is asked of its pages is asked at once, and each page is opened once for it.

Nothing is judged here: the notes are for the ledger and `feet`, the pages for the sentinel.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from diptych.checks import drawn, feet, layout, ledger, pages
from diptych.model import Block, Census, Edition, Finding, Finished, Shop


@dataclass(frozen=True)
class Copy:
    """What was read in a finished PDF: by the ledger, at the feet of its pages, by the sentinel."""

    due: ledger.Survey
    blocks: tuple[Block, ...]
    folios: tuple[str, ...]
    texts: Sequence[ledger.Seen]
    stood: Sequence[float]
    looks: Sequence[layout.Seen]


def read(
    finished: Finished,
    wanted: Sequence[ledger.Expected],
    faces: layout.Faces,
    edition: Edition,
    shop: Shop,
) -> Copy:
    """Read the pages of a finished PDF, but for those that are remembered."""
    data, blocks = finished.files[0].data, finished.blocks
    with pikepdf.open(io.BytesIO(data)) as pdf:
        named, names = ledger.places_of(pdf), drawn.names(pdf, data)
    leaves = pages.leaves(data)
    due = ledger.survey(named, leaves, wanted, edition)
    questions = (ledger.question(due), feet.question(due), layout.question(blocks, len(leaves), faces))
    begins = {block.page - 1 for block in blocks if block.kind == "chapter" and block.begins}
    texts, stood, looks = pages.ask(data, questions, names, begins, shop)
    return Copy(due, blocks, tuple(leaf.folio for leaf in leaves), texts, stood, looks)


def census(copy: Copy, wanted: Sequence[ledger.Expected], edition: Edition) -> Census:
    """Count the notes of a finished PDF, and see where they stand."""
    counted = ledger.count(copy.due, copy.texts, edition)
    return Census(counted.notes, (*counted.problems, *feet.problems(copy.due, wanted, copy.stood)))


def findings(
    copy: Copy, wanted: Sequence[ledger.Expected], edition: Edition, folder: str
) -> tuple[Finding, ...]:
    """Look at the pages of a finished PDF as a proofreader would."""
    seen = layout.Pages(copy.looks, copy.folios, layout.by_page(copy.blocks), wanted, copy.due.spots)
    return layout.findings(seen, edition, folder)
