"""A plain-text essay becomes a book folder: `book.toml` and one Markdown file per section.

It finds the title, the author, the publication line, section headings, calls of notes such as `(7)` and a
notes section at the end. Spots that look like slips of a scanner are listed with their lines.

It deliberately changes no word. A slip is told and left standing; emphasis is not guessed; quotation marks
stay as found; a note whose text is not there gets a marked empty place, never a text. Characters that
Markdown would misread are escaped so that they come out as they went in.

`read` is the door. Behind it each room knows only the rooms before it: `shapes`, `passages`, `spots`, `names`,
`heading`, `sections`, `notes`, `chapters`, `book`, `breaks`, `scan`.

Every pattern in them is anchored or bounded, so that time grows with the length of the text and nothing else.
"""

from __future__ import annotations

from diptych.importers.text.book import book_problems, write_book
from diptych.importers.text.breaks import gaps, scene_breaks
from diptych.importers.text.chapters import note_problems, placed, to_file, write_sheets
from diptych.importers.text.heading import cut_heading, drop_repeated
from diptych.importers.text.notes import cut_notes, find_calls
from diptych.importers.text.passages import cut_passages, decode
from diptych.importers.text.scan import count_words, scan
from diptych.importers.text.sections import cut_sections
from diptych.model import File
from diptych.problems import Problem, in_order

__all__ = ["read"]


def read(source: File, uuid: str) -> tuple[tuple[File, ...], tuple[Problem, ...]]:
    """Give the files of the new book folder and what to tell about them, with lines of the new files.

    `uuid` is the book's identifier without `urn:uuid:`. Raises BookError if the bytes are not UTF-8 text, if
    they hold control characters, or no title with a text below it.
    """
    top, passages = cut_heading(cut_passages(decode(source)), source)
    passages, dropped = drop_repeated(passages, top)
    body, texts = cut_notes(passages)
    parts = cut_sections(top.title, body, source)
    calls, strays = find_calls(parts, texts)
    words = count_words(passages)
    sheets = write_sheets(parts, texts, calls)
    toml = write_book(source, uuid, top, words.language, sheets)
    spots = [*strays, *gaps(parts), *scene_breaks(parts), *scan(parts, texts, words)]
    problems = [
        *placed(spots, sheets),
        *note_problems(sheets, texts, calls),
        *book_problems(toml, top, words.language, dropped),
    ]
    files = (File("book.toml", toml.encode()), *(to_file(sheet) for sheet in sheets))
    return files, in_order(problems)
