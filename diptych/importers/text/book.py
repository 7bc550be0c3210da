"""What stands above the text becomes `book.toml`, written for people first.

It deliberately leaves a line that nobody can know in place as a comment, and tells what was guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from diptych.importers.text.chapters import Sheet
from diptych.importers.text.heading import Heading
from diptych.importers.text.names import sort_name
from diptych.importers.text.passages import Line
from diptych.model import File
from diptych.problems import Place, Problem, hint

_SORTS = """\
# One block for each person. `sort` is the name as a shelf is sorted by it. `role` is a code of the Library of
# Congress: aut wrote the book, edt edited it, trl translated it, ill drew for it."""


def write_book(source: File, uuid: str, heading: Heading, language: str, sheets: Iterable[Sheet]) -> str:
    """Write book.toml, for people first."""
    name = "".join(letter for letter in source.path.rsplit("/", 1)[-1] if letter.isprintable())
    lines = [
        f"# This book was made from {name}. From here on it is yours: change what you like.",
        "",
        "[book]",
        *_book_lines(heading, language),
        "",
        _SORTS,
        *_contributors(heading.authors),
        "",
        "# Made once for this book. Keep it: readers and shops know the book by it.",
        "[identifier]",
        f"uuid = {_quoted(f'urn:uuid:{uuid}')}",
        "",
        "# The reading order.",
        "[chapters]",
        "body = [",
        *(f"    {_quoted(path)}," for path, _ in sheets),
        "]",
        "",
        '# "book" counts the notes through the book, as the source does; "chapter" begins anew in each.',
        "[notes]",
        'numbering = "book"',
    ]
    return "\n".join(lines) + "\n"


def _book_lines(heading: Heading, language: str) -> Iterator[str]:
    yield f"title = {_quoted(_title(heading.title))}"
    yield f"subtitle = {_quoted(heading.subtitle)}" if heading.subtitle else '# subtitle = "..."'
    if language:
        yield f'language = "{language}"  # guessed from the commonest words'
    else:
        yield 'language = "en"  # the language could not be told from the words: please check'
    yield f"first-published = {heading.year}" if heading.year else "# first-published = 1986"
    yield "# Where the text first appeared, as the source says it."
    yield f"source = {_quoted(heading.publication)}" if heading.publication else '# source = "..."'


def _title(line: Line) -> str:
    """The title without the note that may hang on it: the first call in a book is note 1."""
    return re.sub(r"(?<=\S)\(1\)", "", line.text, count=1)


def _contributors(authors: Sequence[str]) -> Iterator[str]:
    if not authors:
        yield from ("# [[contributor]]", '# name = "..."', '# sort = "..."', '# role = "aut"')
    for at, name in enumerate(authors):
        if at:
            yield ""
        yield from (
            "[[contributor]]",
            f"name = {_quoted(name)}",
            f"sort = {_quoted(sort_name(name))}",
            'role = "aut"',
        )


def _quoted(text: str) -> str:
    """Give a TOML basic string (toml.io/en/v1.0.0#string); control characters were refused before."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def book_problems(book: str, heading: Heading, language: str, dropped: int) -> Iterator[Problem]:
    """Tell what book.toml had to guess or do without."""
    if dropped:
        sentence = f"Line {dropped} of the source only repeats the publication line, and was left out."
        yield hint("text-repeated-publication", _place_in(book, "source = "), sentence)
    if not heading.authors:
        yield hint(
            "text-without-author",
            _place_in(book, "# [[contributor]]"),
            "No author was found.",
            "Write the name here.",
        )
    if not language:
        sentence = "The language could not be told from the words."
        yield hint(
            "text-language",
            _place_in(book, "language = "),
            sentence,
            "Write its code: en, de, fr, es, it, nl, pt.",
        )


def _place_in(book: str, begins: str) -> Place:
    lines = enumerate(book.split("\n"), 1)
    return Place("book.toml", next(at for at, line in lines if line.startswith(begins)))
