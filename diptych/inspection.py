"""Check: the manuscript, then every finished file, with every checker there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from diptych import catalogue, files, pipeline
from diptych.checks import ace as ace_check
from diptych.checks import epub as epub_check
from diptych.checks import ledger, proofs, readers, stores
from diptych.checks import pdf as pdf_check
from diptych.checks.pdf import press, standards
from diptych.model import Edition, File, Finished, Outcome, Progress, Wishes
from diptych.pipeline import Book, lock_up, read_by
from diptych.problems import BookError, MissingProgramError, Place, Problem, error, in_order, warning
from diptych.writers import epub

_CHECKERS = {"epub": "EPUBCheck", "screen": "Read back", "print": "Read back, against {} rules of printers"}
"""Who looks at a finished file of a kind, an EPUB or a PDF for a medium."""


def check(folder: Path, name: str, out: Path, wishes: Wishes, progress: Progress) -> Outcome:
    """Look at the manuscript, then at every finished file, with every checker there is.

    The files are made as a build would make them; one in `out` that is not the same is told. Raises
    MissingProgramError where a checker cannot run, BookError where the folder for pictures is the author's.
    """
    if wishes.pictures:
        _beside_the_book(wishes.pictures, folder)
    shop = pipeline.workshop(folder, wishes, lambda what, n: progress("", what, n))
    book = pipeline.read(folder, name, wishes, shop)
    outcome = pipeline.make(book, folder, wishes, progress)
    problems = list(outcome.problems)
    missing: list[Problem] = []
    checked: list[str] = []
    for edition, finished in zip(book.asked, outcome.editions, strict=True):
        file, own = finished.files[0], read_by(edition, book)
        problems += _stale(out, file)
        progress(edition.name, "files checked", 0)
        try:
            found = _checked(own, edition, finished)
            problems += found
            checked.append(_verdict(_checker(edition), file, found))
            if edition.paged:
                found, verdicts = _held(file)
                problems += found
                checked += verdicts
        except MissingProgramError as wrong:
            missing += wrong.problems
        if edition.writer == "epub":
            found, verdicts = _preflight(own, edition, finished, wishes.stores)
            problems += found
            checked += verdicts
        problems += [found.problem for found in finished.findings if found.problem.severity == "hint"]
        if wishes.pictures and edition.paged:
            checked.append(_proved(book, finished, wishes.pictures))
        if wishes.ace and edition.writer == "epub":
            found, verdict = _asked_of_ace(own, file)
            problems += found
            checked.append(verdict)
        progress(edition.name, "files checked", 1)
    if wishes.pictures and not any(edition.paged for edition in book.asked):
        checked.append("Proofs: none: no edition that was asked for has pages")
    if missing:
        raise MissingProgramError(in_order([*problems, *missing]))
    return Outcome(outcome.editions, in_order(problems), tuple(checked))


def _beside_the_book(pictures: Path, folder: Path) -> None:
    """Keep proofs out of every book's folder, where they would be taken for pictures of the book."""
    inside = pictures.resolve().is_relative_to(folder.resolve())
    if inside or files.read_finished(pictures, "book.toml") is not None:
        raise BookError(
            [
                error(
                    "pictures-in-book",
                    Place(str(pictures)),
                    "This is a book's folder, where pictures of pages would be taken for pictures of the book.",
                    "Name another: check BOOK --pictures DIR.",
                )
            ]
        )


def _proved(book: Book, finished: Finished, pictures: Path) -> str:
    """Draw the proofs of a paged edition, and say where they are."""
    metadata = book.manifest.metadata
    drawn = proofs.files(
        proofs.Proofs(
            finished.files[0].data, finished.findings, finished.edition, metadata.title, metadata.language
        )
    )
    files.replace_all(pictures / finished.edition, str(pictures), drawn, proofs.OURS)
    found = f"{len(finished.findings)} places on {finished.pages} pages"
    return f"Proofs: {found}: {pictures / finished.edition / 'index.html'}"


def _verdict(checker: str, file: File, found: Sequence[Problem]) -> str:
    counts = [(sum(p.severity == kind for p in found), kind) for kind in ("error", "warning")]
    told = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for count, kind in counts)
    return f"{checker}: {told}: {file.path}"


def _checked(book: Book, edition: Edition, finished: Finished) -> Sequence[Problem]:
    file = finished.files[0]
    if edition.writer == "epub":
        return epub_check.check(
            file.data, file.path, book.chapters, lambda: epub.lines(lock_up(book, edition, finished.breaks))
        )
    return pdf_check.check(file.data, file.path, edition, book.manifest)


def _checker(edition: Edition) -> str:
    kind = edition.medium if edition.paged else edition.writer
    return _CHECKERS[kind].format(len(press.rules(edition)))


def _held(file: File) -> tuple[Sequence[Problem], list[str]]:
    """Hold a PDF to the standards that it claims."""
    problems: list[Problem] = []
    verdicts: list[str] = []
    for standard in standards.claimed(file.data):
        found = standards.check(file.data, file.path, standard)
        problems += found
        verdicts.append(_verdict(standard.name, file, found))
    return problems, verdicts


def _preflight(
    book: Book, edition: Edition, finished: Finished, wished: Collection[str]
) -> tuple[Sequence[Problem], list[str]]:
    """Say on which readers notes would not pop up, and what the shops that are wished for would find."""
    file = finished.files[0]
    wanted = ledger.expected(book.chapters, book.catalogue, edition, book.manifest)
    problems = list(readers.check(file.data, wanted))
    popping = f"{len(wanted) - len(problems)} of {len(wanted)} on {', '.join(readers.READERS)}"
    verdicts = [f"Pop-up notes: {popping}: {file.path}"] if wanted else []
    sources = _sources(book, edition, finished) if wished else stores.Sources()
    for store, shop in stores.STORES.items():
        if store in wished or "all" in wished:
            found = stores.check(file.data, file.path, store, sources)
            problems += found
            verdicts.append(_verdict(shop, file, found))
    return problems, verdicts


def _sources(book: Book, edition: Edition, finished: Finished) -> stores.Sources:
    """Give the author's files by what an EPUB calls them, and where the lines of its documents come from."""
    about, forme = book.manifest, lock_up(book, edition, finished.breaks)
    paths = {path: path for path in book.files if path.endswith(".css")}
    paths |= {picture.name: path for path, picture in epub.bind(forme).pictures.items()}
    paths |= {"cover.jpg": about.cover}
    for chapter in book.chapters:
        paths[f"{catalogue.prefix(chapter.slug)}.xhtml"] = chapter.source.removeprefix(f"{about.folder}/")
    known = {name: book.files[path] for name, path in paths.items() if path in book.files}
    named = {name: replace(file, path=f"{about.folder}/{file.path}") for name, file in known.items()}
    return stores.Sources(named, epub.lines(forme))


def _asked_of_ace(book: Book, file: File) -> tuple[tuple[Problem, ...], str]:
    """Give what Ace found, and its verdict. Where it cannot run, that is a hint: nothing has failed, nothing passed."""
    try:
        found = ace_check.check(file.data, file.path, book.chapters)
    except MissingProgramError as wrong:
        why = " ".join(problem.sentence for problem in wrong.problems).rstrip(".")
        hints = tuple(replace(problem, severity="hint") for problem in wrong.problems)
        return hints, f"Ace: not done: {why}: {file.path}"
    return found, f"Ace: {len(found)} violations: {file.path}"


def _stale(out: Path, file: File) -> list[Problem]:
    there = files.read_finished(out, file.path)
    if there is None or there == file.data:
        return []
    return [
        warning(
            "stale", Place(str(out / file.path)), "This file is not what the book says now.", "Build again."
        )
    ]
