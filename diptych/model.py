"""The nouns of the house: frozen, picklable values that flow from room to room.

No method here touches a disk, and nothing here knows how a value is made. Trees are `xml.etree` elements in HTML's
own names without a namespace; whoever receives one and wants it different copies it first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.etree.ElementTree import Element

from diptych.problems import Problem

Matter = Literal["front", "body", "back"]
Numbering = Literal["chapter", "book"]
NotePlace = Literal["foot", "chapter", "book"]
Medium = Literal["screen", "print"]

Report = Callable[[str, int], None]
"""Told what is being done and how far it is: ("pages laid out", 12)."""


@dataclass(frozen=True)
class File:
    """Named bytes, the same type going in and coming out. `path` is relative and written with `/`."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Contributor:
    """A person or a body; `roles` are MARC relator codes (id.loc.gov/vocabulary/relators)."""

    name: str
    sort: str
    roles: tuple[str, ...] = ("aut",)


@dataclass(frozen=True)
class Series:
    """The series a book belongs to and its place in it (`2`, `1.5`)."""

    name: str
    position: str = ""


@dataclass(frozen=True)
class Metadata:
    """What a catalogue says of the book. Dates are ISO strings, a year, a month or a day; codes are upper case."""

    title: str
    uuid: str
    language: str = "en"
    subtitle: str = ""
    title_sort: str = ""
    contributors: tuple[Contributor, ...] = ()
    isbn: Mapping[str, str] = field(default_factory=dict)
    doi: str = ""
    publisher: str = ""
    date: str = ""
    first_published: str = ""
    edition: str = ""
    rights: str = ""
    licence: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    bisac: tuple[str, ...] = ()
    thema: tuple[str, ...] = ()
    series: Series | None = None
    source: str = ""

    @property
    def authors(self) -> tuple[Contributor, ...]:
        """Those who wrote the book."""
        return tuple(person for person in self.contributors if "aut" in person.roles)

    @property
    def day(self) -> dt.date | None:
        """The edition's date, when it is a full one."""
        return dt.date.fromisoformat(self.date) if len(self.date) == len("2026-01-01") else None


@dataclass(frozen=True)
class Reading:
    """One file in its place in the reading order."""

    path: str
    matter: Matter
    line: int = 0


@dataclass(frozen=True)
class NotePolicy:
    """How an edition numbers its notes and where their texts stand."""

    numbering: Numbering = "chapter"
    place: NotePlace = "foot"


@dataclass(frozen=True)
class Edition:
    """One way to publish: pure data from book.toml. `width` and `height` are the page's, in millimetres."""

    name: str
    writer: str
    theme: str = "classic"
    medium: Medium = "screen"
    width: float = 152.4
    height: float = 228.6
    notes: NotePolicy = NotePolicy()
    toc_depth: int = 2

    @property
    def paged(self) -> bool:
        """Whether the medium has pages of a fixed size."""
        return self.writer == "pdf"


@dataclass(frozen=True)
class Manifest:
    """What book.toml says: metadata, reading order, editions. `folder` is the book's folder as the author typed it."""

    folder: str
    metadata: Metadata
    reading: tuple[Reading, ...]
    editions: tuple[Edition, ...]
    cover: str = ""


@dataclass(frozen=True)
class NoteText:
    """The text of one note as its file gives it; `body` is None where the author left it empty."""

    label: str
    line: int
    body: Element | None


@dataclass(frozen=True)
class Heading:
    """A heading of a chapter: `id` is the author's (or made from the text), `text` has no notes in it."""

    level: int
    id: str
    text: str
    line: int


@dataclass(frozen=True)
class Chapter:
    """One parsed file.

    `body` is a `section` whose blocks carry their source line in `data-line`; a call of a note is an empty
    `a.noteref` with `data-note`; ids are the author's, unique in the file. `slug` names the chapter in file names
    and ids, unique in the book.
    """

    source: str
    slug: str
    matter: Matter
    role: str
    title: str
    body: Element
    author: str = ""
    notes: tuple[NoteText, ...] = ()
    headings: tuple[Heading, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Call:
    """One place where a note is called."""

    id: str
    line: int


@dataclass(frozen=True)
class Note:
    """A note with its numbers: the `nth` of its chapter and of the book, counted from 1 in reading order."""

    id: str
    label: str
    nth_of_chapter: int
    nth_of_book: int
    calls: tuple[Call, ...]
    line: int
    body: Element | None

    def mark(self, policy: NotePolicy) -> str:
        """Give the note's number as a reader of this edition sees it."""
        return str(self.nth_of_book if policy.numbering == "book" else self.nth_of_chapter)


@dataclass(frozen=True)
class Entry:
    """A line of the contents: `target` is an id unique in the book, `page` the name of the page it stands in."""

    text: str
    target: str
    page: str
    matter: Matter
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What only the whole book knows.

    `targets` maps (source, the author's id) to the id that is unique in the book; `notes` maps a chapter's slug to
    its notes in reading order.
    """

    targets: Mapping[tuple[str, str], str]
    notes: Mapping[str, tuple[Note, ...]]
    contents: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Page:
    """A chapter, or a page nobody wrote, as one edition shows it. `name` is unique; every id in `body` is too."""

    name: str
    title: str
    role: str
    matter: Matter
    body: Element
    source: str = ""


@dataclass(frozen=True)
class Census:
    """What the ledger found in one finished edition."""

    notes: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Theme:
    """An edition's stylesheets, in order, and the files they name: fonts as `fonts/...`, ornaments."""

    stylesheets: tuple[File, ...]
    files: tuple[File, ...]


@dataclass(frozen=True)
class Forme:
    """Everything a writer needs to make one edition, locked up and ready for the press.

    `assets` are the book's files by path; `epoch` is the moment the edition carries, in seconds since 1970, UTC.
    """

    pages: tuple[Page, ...]
    edition: Edition
    theme: Theme
    manifest: Manifest
    catalogue: Catalogue
    assets: Mapping[str, File]
    epoch: int


@dataclass(frozen=True)
class Finished:
    """An edition as it came out: its files, and its length in pages (0 where the medium has none)."""

    edition: str
    files: tuple[File, ...]
    pages: int = 0
    chapters: int = 0
    notes: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
