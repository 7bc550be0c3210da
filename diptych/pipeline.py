"""How a book is made: reads like a table of contents.

files -> manifest -> chapters -> catalogue -> checks -> editions -> ledger

Rooms that only some editions need are opened by functions: an EPUB alone does not wait for those of pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from diptych import catalogue, chapters, compose, files, manifest, matter, records, themes, work
from diptych.checks import ledger, manuscript
from diptych.features import urls
from diptych.fingerprints import fingerprint
from diptych.model import (
    Break,
    Catalogue,
    Census,
    Chapter,
    Edition,
    File,
    Finding,
    Finished,
    Forme,
    Found,
    Manifest,
    Metadata,
    Outcome,
    Progress,
    Report,
    Shop,
    Task,
    Theme,
    Wishes,
)
from diptych.problems import (
    BookError,
    Place,
    Problem,
    error,
    errors,
    hint,
    in_order,
)

if TYPE_CHECKING:
    from diptych.checks.layout import Faces


def _epub(forme: Forme, shop: Shop) -> Finished:
    from diptych.writers import epub

    return epub.write(forme, shop)


def _pdf(forme: Forme, shop: Shop) -> Finished:
    from diptych.writers import pdf

    return pdf.write(forme, shop)


def _count_on_pages(copy: Any, wanted: Sequence[ledger.Expected], edition: Edition) -> Census:
    from diptych.checks import readback

    return readback.census(copy, wanted, edition)


_WRITERS: dict[str, Callable[[Forme, Shop], Finished]] = {"epub": _epub, "pdf": _pdf}
_CENSUS: dict[str, Callable[[Any, Sequence[ledger.Expected], Edition], Census]] = {
    "epub": ledger.of_epub,
    "pdf": _count_on_pages,
}
"""Who counts the notes of a finished edition: in the bytes of an EPUB, in what was read in a PDF."""


_AS_IT_IS = (0,)
_NEEDED = {
    "note-without-text": "A release needs it.",
    "letter-missing": "A release needs it.",
    "picture-too-coarse": "A release needs a finer one.",
}
"""What a draft may lack and a release may not, and what is said of it then."""

_GENTLER = (0, 1, 2)
"""How gently the notes of an edition with pages are set (see `Edition`): the first that is good is taken."""


@dataclass(frozen=True)
class Book:
    """A book that has been read: everything that editions are made of. `asked` are those that are wanted as files."""

    manifest: Manifest
    asked: tuple[Edition, ...]
    files: Mapping[str, File]
    chapters: tuple[Chapter, ...]
    catalogue: Catalogue
    themes: Mapping[str, Theme]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Try:
    """An edition as one setting of its notes has it: what came out, its notes, and what there is to look at."""

    finished: Finished
    census: Census
    findings: tuple[Finding, ...] = ()


def build(
    found: Found,
    folder: Path,
    name: str,
    wishes: Wishes,
    progress: Progress,
    foreman: work.Foreman | None = None,
) -> Outcome:
    """Make a book's editions. Raises BookError where the book has an error."""
    shop = workshop(folder, wishes, lambda what, n: progress("", what, n), foreman)
    book = take(found, name, wishes, replace(shop, meanwhile=_open_room_of_pages) if foreman else shop)
    outcome = make(book, folder, wishes, progress, foreman)
    if errors(outcome.problems):
        raise BookError(outcome.problems)
    return replace(outcome, problems=in_order([*outcome.problems, *_to_look_at(outcome, name)]))


def workshop(
    folder: Path, wishes: Wishes, report: Report, foreman: work.Foreman | None = None
) -> work.Workshop:
    """Set up where a book is made, with what is remembered of it."""
    shelf = files.Shelf(wishes.shelf(folder))
    recall = _nothing if wishes.fresh else shelf.get
    return work.Workshop(wishes.jobs, files.read_tools(), recall, shelf.put, report, foreman=foreman)


def _to_look_at(outcome: Outcome, name: str) -> Iterator[Problem]:
    """Count the hints of the sentinel for each edition: an author who builds ten times a day need not read them all."""
    for edition in outcome.editions:
        count = sum(finding.problem.severity == "hint" for finding in edition.findings)
        if count:
            places = f"{count} places" if count > 1 else "one place"
            sentence = f"The pages of {edition.edition} have {places} worth a look."
            yield hint("pages", Place(name), sentence, "`check` lists them, `check --pictures` shows them.")


def read(folder: Path, name: str, wishes: Wishes, shop: work.Workshop = work.ALONE) -> Book:
    """Read a book and look at all of it. Raises BookError with everything that was found."""
    return take(files.read_book(folder, name), name, wishes, shop)


def take(files_read: Found, name: str, wishes: Wishes, shop: work.Workshop) -> Book:
    """Look at all of a book whose files have been read. Raises BookError with everything that was found."""
    found, problems = files_read
    try:
        about, said = manifest.read(found, name)
    except BookError as wrong:
        raise BookError(in_order([*problems, *wrong.problems])) from None
    about = replace(about, editions=tuple(replace(each, whole=wishes.whole) for each in about.editions))
    asked = _wished(about, wishes, name)
    editions = _with_needed(asked, about.editions)
    about = replace(about, editions=editions)
    parsed, unreadable = chapters.read(about, found, shop)
    built, wrong_themes = _themes(about, found, parsed)
    if shop.foreman:
        _open_press(about, built, found, shop.foreman)
    whole = catalogue.collect(parsed, name, about.apparatus, about.counting, about.metadata.language)
    problems += said + unreadable + whole.problems + wrong_themes
    problems += tuple(problem for chapter in parsed for problem in chapter.problems)
    problems += tuple(manuscript.images(parsed, found, name, shop, about.frontispiece)) + tuple(
        manuscript.unused(about.reading, found, name)
    )
    paged = next(
        (built[edition.name] for edition in editions if edition.paged and edition.name in built), None
    )
    if paged:
        problems += tuple(manuscript.letters(parsed, paged))
    problems = in_order(_released(problems) if wishes.release else problems)
    if errors(problems):
        raise BookError(problems)
    return Book(about, asked, found, parsed, whole, built, problems)


def _wished(about: Manifest, wishes: Wishes, name: str) -> tuple[Edition, ...]:
    known = {edition.name: edition for edition in about.editions}
    for wish in wishes.editions:
        if wish not in known:
            raise BookError(
                [
                    error(
                        "edition-unknown",
                        Place(f"{name}/book.toml"),
                        f"There is no edition called {wish}.",
                        manifest.did_you_mean(wish, known),
                    )
                ]
            )
    return tuple(known[wish] for wish in dict.fromkeys(wishes.editions)) or about.editions


def _with_needed(asked: tuple[Edition, ...], known: Iterable[Edition]) -> tuple[Edition, ...]:
    """Add the editions whose pages are marked in those asked for."""
    named = {edition.pages for edition in asked} - {edition.name for edition in asked}
    return (*asked, *(edition for edition in known if edition.name in named))


def _themes(
    about: Manifest, found: Mapping[str, File], chapters: Sequence[Chapter]
) -> tuple[dict[str, Theme], tuple[Problem, ...]]:
    styles, faces = files.read_themes(), files.read_faces()
    letters = set(repr(about.metadata)).union(*(chapter.text for chapter in chapters))
    text = "".join(sorted(letters))
    built: dict[str, Theme] = {}
    problems: list[Problem] = []
    for edition in about.editions:
        theme, wrong = themes.make(edition, styles, faces, found, about.folder, text, about.metadata.language)
        problems.extend(wrong)
        built[edition.name] = theme
    return built, tuple(problems)


def _open_press(
    about: Manifest, built: Mapping[str, Theme], found: Mapping[str, File], foreman: work.Foreman
) -> None:
    """Let the foreman open the press for the one edition with pages, as soon as it is known with what."""
    from diptych.writers import pdf

    for edition in about.editions:
        if edition.paged:
            foreman.get(pdf.ready(edition, built[edition.name], found, about.metadata.language))


def _released(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """What a draft may lack, a release may not."""
    return tuple(
        replace(p, severity="error", sentence=f"{p.sentence} {_NEEDED[p.code]}") if p.code in _NEEDED else p
        for p in problems
    )


def make(
    book: Book, folder: Path, wishes: Wishes, progress: Progress, foreman: work.Foreman | None = None
) -> Outcome:
    """Make the editions of a book that has been read, as many at a time as there are jobs; nothing is written."""
    shop = workshop(folder, wishes, lambda *_: None, foreman)
    made = partial(_edition, shop=shop)
    ready: dict[str, Finished] = {}
    for wave in _waves(book.manifest.editions):
        keys = {edition.name: _key(book, edition, ready, shop.versions) for edition in wave}
        for name, key in keys.items():
            if done := records.load(shop.recall(key), shop.recall):
                ready[name] = done
        calls = [
            Task(edition.name, made, (book, edition, _breaks(edition, ready)), int(edition.paged))
            for edition in wave
            if edition.name not in ready
        ]
        _open_rooms([call.arguments[1] for call in calls])
        for finished in work.each(calls, wishes.jobs, progress, len(calls)):
            shop.keep(records.dump(keys[finished.edition], finished))
            ready[finished.edition] = finished
    editions = tuple(
        ready[edition.name].named(manifest.file_name(edition, book.manifest.metadata))
        for edition in book.asked
    )
    problems = in_order([*book.problems, *(problem for edition in editions for problem in edition.problems)])
    return Outcome(editions, _released(problems) if wishes.release else problems)


def _open_rooms(editions: Sequence[Edition]) -> None:
    """Load what pages are made with before processes are forked: what is loaded then is loaded once."""
    if any(edition.paged for edition in editions):
        _open_room_of_pages()
        if len(editions) > 1:
            _open_rooms_of_checks()


def _open_room_of_pages() -> None:
    """Load what pages are made with; one edition alone does it while chapters are parsed."""
    from diptych.writers import pdf

    del pdf


def _open_rooms_of_checks() -> None:
    """Load what pages are looked at with; one edition alone does it while its sections are laid out."""
    from diptych.checks import readback

    del readback


def _waves(editions: Iterable[Edition]) -> tuple[list[Edition], list[Edition]]:
    """Sort by what waits for what: an edition that marks another's pages comes behind it."""
    due = list(editions)
    return [e for e in due if not e.pages], [e for e in due if e.pages]


def _breaks(edition: Edition, ready: Mapping[str, Finished]) -> tuple[Break, ...]:
    return ready[edition.pages].breaks if edition.pages else ()


def _key(book: Book, edition: Edition, ready: Mapping[str, Finished], tools: tuple[object, ...]) -> str:
    """Name everything that an edition depends on."""
    everything = sorted(book.files.values(), key=lambda file: file.path)
    theme = book.themes[edition.name]
    return fingerprint(
        *tools,
        edition,
        _breaks(edition, ready),
        replace(book.manifest, editions=()),
        everything,
        list(theme.stylesheets),
        list(theme.files),
        _epoch(book.manifest.metadata),
    )


def _nothing(_: str) -> None:
    """Remember nothing."""


def _edition(
    book: Book, edition: Edition, breaks: tuple[Break, ...], report: Report, shop: work.Workshop = work.ALONE
) -> Finished:
    """Make one edition and count its notes. Raises BookError where a note is not as it should be.

    Pages whose notes are not well placed are laid out again more gently, in steps; what is best is kept.
    """
    started, shop = perf_counter(), replace(shop, report=report)
    book = read_by(edition, book)
    tries: list[_Try] = []
    for gentle in _GENTLER if edition.paged else _AS_IT_IS:
        tries.append(_set(book, replace(edition, gentle=gentle), breaks, shop))
        if not _faults(tries[-1]):
            break
    least = min(tries, key=_badness)
    finished, census = least.finished, least.census
    if wrong := errors(_faults(least)):
        raise BookError(in_order(wrong))
    if edition.delivery.standard.startswith("x-"):
        _hold_to_the_press(finished, edition)
    grave = (found.problem for found in least.findings if found.problem.severity != "hint")
    told = in_order([*finished.problems, *census.problems, *grave])
    return replace(
        finished,
        findings=least.findings,
        notes=census.notes,
        seconds=round(perf_counter() - started, 2),
        problems=told,
        chapters=len(book.chapters),
    )


def _hold_to_the_press(finished: Finished, edition: Edition) -> None:
    """Raise BookError where a file for printers breaks a rule of theirs."""
    from diptych.checks import pdf

    if wrong := pdf.broken(finished.files[0].data, edition):
        raise BookError(wrong)


def _set(book: Book, edition: Edition, breaks: tuple[Break, ...], shop: work.Workshop) -> _Try:
    """Make one edition once, count its notes, and look at its pages."""
    if not edition.paged:
        finished = _WRITERS[edition.writer](lock_up(book, edition, breaks), shop)
        return _Try(
            finished, _CENSUS[edition.writer](finished.files[0].data, _expected(book, edition), edition)
        )
    due = cache(partial(_due_on_pages, book, edition))
    forme = lock_up(book, edition, breaks)
    finished = _WRITERS[edition.writer](forme, replace(shop, meanwhile=due))
    return _read_back(finished, forme, *due(), shop)


def _expected(book: Book, edition: Edition) -> tuple[ledger.Expected, ...]:
    return ledger.expected(book.chapters, book.catalogue, edition, book.manifest)


def _due_on_pages(book: Book, edition: Edition) -> tuple[tuple[ledger.Expected, ...], Faces]:
    """Give the notes that are to be read in an edition's pages, and its faces, on which depends what can be seen."""
    _open_rooms_of_checks()
    from diptych.checks import layout

    theme = book.themes[edition.name]
    faces = layout.Faces(themes.characters(theme), themes.families(theme))
    return ledger.visible(_expected(book, edition), faces.characters), faces


def _read_back(
    finished: Finished, forme: Forme, wanted: Sequence[ledger.Expected], faces: Faces, shop: Shop
) -> _Try:
    """Let the ledger and the sentinel look at what is read in a finished PDF."""
    from diptych.checks import readback

    copy = readback.read(finished, wanted, faces, forme.edition, shop)
    census = _CENSUS[forme.edition.writer](copy, wanted, forme.edition)
    return _Try(finished, census, readback.findings(copy, wanted, forme.edition, forme.manifest.folder))


def _faults(tried: _Try) -> tuple[Problem, ...]:
    """List what a gentler setting may cure: words that are lost, and notes that are not well placed."""
    return (*errors(tried.finished.problems), *tried.census.problems)


def _badness(tried: _Try) -> tuple[int, int]:
    """Say how bad a setting is: what is lost weighs more than what is ugly.

    Ugly are lines that stand alone too: gentler settings pay for one note with many of those.
    """
    faults = _faults(tried)
    wrong = len(errors(faults))
    ugly = sum(found.problem.severity != "hint" for found in tried.findings)
    return wrong, len(faults) - wrong + ugly


def read_by(edition: Edition, book: Book) -> Book:
    """Give the book with the notes that one edition adds to it, and with the numbers that these get."""
    about = book.manifest
    chapters = tuple(compose.read_by(edition, chapter, about) for chapter in book.chapters)
    if all(own is given for own, given in zip(chapters, book.chapters, strict=True)):
        return book
    series = (*about.apparatus, urls.APPARATUS)
    found = catalogue.collect(chapters, about.folder, series, about.counting, about.metadata.language)
    return replace(book, chapters=chapters, catalogue=found)


def lock_up(book: Book, edition: Edition, breaks: tuple[Break, ...]) -> Forme:
    """Lock up everything that the edition's writer needs."""
    about = book.manifest
    theme = book.themes[edition.name]
    composed = [compose.compose(chapter, book.catalogue, edition, about) for chapter in book.chapters]
    pages = matter.pages(about, book.catalogue, edition, theme, composed)
    assets = {**book.files, **{file.path: file for chapter in composed for file in chapter.files}}
    if edition.simple:
        shown = {image.get("src", "") for page in pages for image in page.body.iter("img")}
        worded = (
            f
            for f in book.files.values()
            if f.path in shown and f.path.endswith(".svg") and b"<text" in f.data
        )
        assets |= _painted(worded, book, edition)
    return Forme(pages, edition, theme, about, book.catalogue, assets, _epoch(about.metadata), breaks)


def _painted(drawings: Iterable[File], book: Book, edition: Edition) -> dict[str, File]:
    """Paint drawings that have words in them."""
    from diptych.writers.pdf import painting

    theme = book.themes[edition.name]
    return {file.path: painting.paint(file, theme, edition, book.files) for file in drawings}


def _epoch(metadata: Metadata) -> int:
    """Give the moment that an edition carries, in seconds since 1970: SOURCE_DATE_EPOCH, else the edition's date.

    Else the beginning of 1980, the earliest that a ZIP can say. Never the clock.
    """
    given = files.source_date_epoch()
    if given is not None:
        return given
    day = metadata.day
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else datetime(1980, 1, 1, tzinfo=UTC)
    return int(moment.timestamp())
