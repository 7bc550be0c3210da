"""Standing type: a book that is ordered again as it was is not set again.

Here a build is ordered, and here the finished files are written. What it came to is kept under a name made of
everything that it depends on; where that name is known, the press is not even started: its rooms take longer to open
than all the rest. Names of files come from the book, never from what was kept.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from diptych import files, manifest, records
from diptych.fingerprints import fingerprint
from diptych.model import Found, Outcome, Progress, Wishes
from diptych.problems import BookError

if TYPE_CHECKING:
    from diptych.foreman import Foreman


def build(folder: Path, name: str, out: Path, wishes: Wishes, progress: Progress) -> Outcome:
    """Build a book's editions into `out`. Raises BookError where the book has an error; `out` is as it was then."""
    shelf = files.Shelf(wishes.shelf(folder))
    found = files.read_book(folder, name)
    key = _key(found, name, wishes)
    outcome = None if wishes.fresh else _known(records.load_outcome(shelf.get(key), shelf.get), found, name)
    if outcome is None:
        outcome = _set(found, folder, name, wishes, progress)
        shelf.put(records.dump_outcome(key, outcome))
    progress("", "files written", 0)
    files.write_all(out, str(out), [file for edition in outcome.editions for file in edition.files])
    return outcome


def _key(found: Found, name: str, wishes: Wishes) -> str:
    """Name everything that the outcome of a build depends on."""
    book, unread = found
    return fingerprint(
        *files.read_tools(),
        files.read_faces().stamps(),
        files.source_date_epoch(),
        (name, wishes.editions, wishes.release, wishes.whole, unread),
        sorted(files.read_themes().items()),
        list(book.values()),
    )


def _known(outcome: Outcome | None, found: Found, name: str) -> Outcome | None:
    """Name the files of an outcome as the book has them named; one that is not of this book is none."""
    if outcome is None:
        return None
    about, _ = manifest.read(found[0], name)
    names = {edition.name: manifest.file_name(edition, about.metadata) for edition in about.editions}
    if any(edition.edition not in names for edition in outcome.editions):
        return None
    return replace(
        outcome, editions=tuple(edition.named(names[edition.edition]) for edition in outcome.editions)
    )


def _set(found: Found, folder: Path, name: str, wishes: Wishes, progress: Progress) -> Outcome:
    with _foreman(found, name, wishes) as foreman:
        from diptych import pipeline

        return pipeline.build(found, folder, name, wishes, progress, foreman)


def _foreman(found: Found, name: str, wishes: Wishes) -> AbstractContextManager[Foreman | None]:
    """Hire a foreman, who opens the press while the book is read, where one edition is to be laid out in sections.

    Several are made in processes of their own, and each opens a press of its own.
    """
    if wishes.jobs <= 1 or sys.platform != "linux" or not _is_one_with_pages(found, name, wishes):
        return nullcontext()
    from diptych.foreman import Foreman

    return Foreman(_open_press, found[0])


def _is_one_with_pages(found: Found, name: str, wishes: Wishes) -> bool:
    try:
        about, _ = manifest.read(found[0], name)
    except BookError:
        return False
    asked = [edition for edition in about.editions if edition.name in (wishes.editions or {edition.name})]
    return len(asked) == 1 and all(each.paged and not each.archival and not wishes.whole for each in asked)


def _open_press() -> None:
    from diptych.writers.pdf import layout

    layout.open_room()
