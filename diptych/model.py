"""The nouns of the house: frozen, picklable values that flow from room to room.

No method here touches a disk, and nothing here knows how a value is made. Trees are `xml.etree` elements in HTML's
own names without a namespace; whoever receives one and wants it different copies it first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Literal, NamedTuple, Protocol
from xml.etree.ElementTree import Element

from diptych.problems import Problem

Matter = Literal["front", "body", "back"]
Numbering = Literal["page", "chapter", "book"]
NotePlace = Literal["foot", "chapter", "book"]
Medium = Literal["screen", "print"]
Maths = Literal["mathml", "image"]
Again = Literal["mark", "see"]
Urls = Literal["show", "note", "hide"]
Kind = Literal["part", "chapter", "appendix", "section", "figure", "table", "note", "place"]
Openings = Literal["recto", "next"]
Head = Literal["book", "author", "part", "chapter", "section"]
Folios = Literal["foot-centre", "foot-outside", "head-outside"]

Attached = Literal["none", "sources"]
Face = Literal["serif", "sans"]
Colour = Literal["black", "colour"]

SYMBOLS = "* † ‡ §"
"""Signs of notes in the order that printers give them (Chicago Manual of Style, 14.25); then they are doubled.

Older lists go on with ‖ and ¶, but many faces, the house's among them, have no ‖.
"""

Report = Callable[[str, int], None]
"""Told what is being done and how far it is: ("pages laid out", 12)."""

Progress = Callable[[str, str, int], None]
"""Told (which edition or ""; what is being done; how far it is)."""


@dataclass(frozen=True)
class File:
    """Named bytes, the same type going in and coming out. `path` is relative and written with `/`."""

    path: str
    data: bytes


Found = tuple[Mapping[str, File], tuple[Problem, ...]]
"""A book's files by path, and what is wrong with those that cannot be read."""


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
class Claim:
    """What the owner asks the book to claim: that it keeps an accessibility standard, and who says so.

    `standard` is spelt as EPUB Accessibility 1.1, section 4, wants it; nothing is claimed where it is empty.
    """

    standard: str = ""
    certifier: str = ""
    credential: str = ""
    report: str = ""


@dataclass(frozen=True)
class Metadata:
    """What a catalogue says of the book. Dates are ISO strings, a year, a month or a day; codes are upper case."""

    title: str
    uuid: str
    language: str = "en"
    subtitle: str = ""
    title_sort: str = ""
    short_title: str = ""
    contributors: tuple[Contributor, ...] = ()
    isbn: Mapping[str, str] = field(default_factory=dict)
    doi: str = ""
    publisher: str = ""
    place: str = ""
    date: str = ""
    first_published: str = ""
    edition: str = ""
    printing: str = ""
    rights: str = ""
    licence: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    bisac: tuple[str, ...] = ()
    thema: tuple[str, ...] = ()
    series: Series | None = None
    source: str = ""
    claim: Claim = Claim()

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
    """One file in its place in the reading order; `line` is that of the list in book.toml, 0 where no list names it."""

    path: str
    matter: Matter
    line: int = 0


@dataclass(frozen=True)
class NotePolicy:
    """How an edition numbers the notes of one apparatus, with which marks, and where their texts stand.

    `marks` is `arabic`, `roman`, `letters`, or signs with spaces between them; `heading` stands above notes at the end.
    A note that is called `again` has its mark once more, or a short note says to `see` it.
    """

    numbering: Numbering = "chapter"
    place: NotePlace = "foot"
    marks: str = "arabic"
    heading: str = ""
    again: Again = "mark"

    def further(self) -> NotePolicy:
        """Give the policy of a second series of notes of which nothing else is said."""
        return replace(self, marks=SYMBOLS, heading="")

    def mark(self, number: int) -> str:
        """Give the mark of the note with this number, counted from 1."""
        if self.marks == "arabic":
            return str(number)
        if self.marks == "roman":
            return roman(number)
        signs = tuple(ascii_lowercase) if self.marks == "letters" else tuple(self.marks.split())
        return signs[(number - 1) % len(signs)] * ((number - 1) // len(signs) + 1)


_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def roman(number: int) -> str:
    """Give a number from 1 up in small roman figures: i, ii, iii, iv."""
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


@dataclass(frozen=True)
class Delivery:
    """What the file of a paged edition has to be for those whom it goes to.

    `standard` is the one that it keeps beyond what its medium asks for: `a-2u` (PDF/A, ISO 19005), `x-4` (PDF/X,
    ISO 15930); `attach` says whether the book's sources go into it. For a press: `colour` is what it prints with,
    `condition` the registered name of how it prints, `profile` the path of an ICC profile in the book's folder.
    """

    standard: str = ""
    attach: Attached = "none"
    colour: Colour = "black"
    condition: str = ""
    profile: str = ""


@dataclass(frozen=True)
class Edition:
    """One way to publish: pure data from book.toml. `width`, `height` and `bleed` are the page's, in millimetres.

    `openings` says on which page a chapter may open, `heads` what stands over a verso and over a recto (nothing where
    it is empty), `folios` where the number of a page stands; `half_title` asks for a page with the title alone.
    `lists` are the kinds of things that are listed behind the contents; `urls` says what pages do with the addresses of
    links (see `features/urls.py`).
    `gentle` says how far notes at the foot give way: 0, they hold the lines that call them; 1, they may wait for the
    next page; 2, their area is smaller, too, and single lines may stand alone.
    `drop_caps` asks for a large first letter of chapters.
    `bleed_edges` are 4, or 3 where there is no bleed at the fold. `face` is that of the text.
    `apparatus` holds the policies of further series of notes by name, the translator's for one. What follows it is for
    e-readers: `pages` names the paged edition whose pages are marked, `image_size` the longest side of a picture in
    pixels (0: as it is), `suffix` what the file's name ends with instead of the writer's. `simple` asks for what
    a Kindle takes: pictures in RGB, without transparency or movement; drawings without words; no narrow spaces.
    `delivery` says what the file of a paged edition has to be; `whole` has its pages laid out as one document, and not
    in sections.
    """

    name: str
    writer: str
    theme: str = "classic"
    medium: Medium = "screen"
    width: float = 152.4
    height: float = 228.6
    bleed: float = 0.0
    bleed_edges: int = 4
    face: Face = "serif"
    notes: NotePolicy = NotePolicy()
    toc_depth: int = 2
    gentle: int = 0
    drop_caps: bool = False
    half_title: bool = False
    openings: Openings = "next"
    heads: tuple[Head, ...] = ("book", "chapter")
    folios: Folios = "foot-centre"
    lists: tuple[Kind, ...] = ()
    urls: Urls = "hide"
    apparatus: tuple[tuple[str, NotePolicy], ...] = ()
    pages: str = ""
    fonts: bool = True
    math: Maths = "mathml"
    cover_page: bool = True
    raised_calls: bool = False
    image_size: int = 0
    simple: bool = False
    suffix: str = ""
    delivery: Delivery = Delivery()
    whole: bool = False

    @property
    def tagged(self) -> bool:
        """Whether a PDF says what its parts are, for those who have it read to them."""
        return self.medium == "screen"

    @property
    def archival(self) -> bool:
        """Whether a PDF is made to be kept (PDF/A, ISO 19005)."""
        return self.delivery.standard.startswith("a-")

    @property
    def paged(self) -> bool:
        """Whether the medium has pages of a fixed size."""
        return self.writer == "pdf"

    def policy(self, apparatus: str) -> NotePolicy:
        """Give the policy of an apparatus; "" is the book's own."""
        own = self.notes.further() if apparatus else self.notes
        own = replace(own, marks="letters") if apparatus == "url" else own
        return dict(self.apparatus).get(apparatus, own)


@dataclass(frozen=True)
class Counting:
    """What gets numbers that readers see. `auto` numbers what a reference or a list of the book asks a number of.

    `chapters` (parts and appendices too) are `arabic`, `roman` or `none`; `figures` and `tables` are counted within
    each numbered `chapter`, through the `book`, or are `none`. `listed` are the kinds that an edition lists.
    """

    chapters: str = "auto"
    figures: str = "auto"
    tables: str = "auto"
    listed: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What book.toml says: metadata, reading order, editions. `folder` is the book's folder as the author typed it.

    `apparatus` names the further series of notes: `[^tr:label]` belongs to the translator's, which needs no table.
    """

    folder: str
    metadata: Metadata
    reading: tuple[Reading, ...]
    editions: tuple[Edition, ...]
    cover: str = ""
    frontispiece: str = ""
    frontispiece_alt: str = ""
    colophon: bool = False
    apparatus: tuple[str, ...] = ("tr",)
    counting: Counting = Counting()


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
    `a.noteref` with `data-note`, a formula an empty `.math` with `data-tex`; ids are the author's, unique in the file.
    `slug` names the chapter in file names and ids, unique in the book.
    """

    source: str
    slug: str
    matter: Matter
    role: str
    title: str
    body: Element
    author: str = ""
    subtitle: str = ""
    short_title: str = ""
    notes: tuple[NoteText, ...] = ()
    headings: tuple[Heading, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """All that the chapter says, its notes too."""
        bodies = (self.body, *(note.body for note in self.notes if note.body is not None))
        return "".join(text for body in bodies for text in body.itertext())


@dataclass(frozen=True)
class Call:
    """One place where a note is called."""

    id: str
    line: int


@dataclass(frozen=True)
class Note:
    """A note with its numbers: the `nth` of its chapter and of the book, counted from 1 in reading order.

    Each `apparatus` counts for itself; "" is the book's own.
    """

    id: str
    label: str
    nth_of_chapter: int
    nth_of_book: int
    calls: tuple[Call, ...]
    line: int
    body: Element | None
    apparatus: str = ""

    def mark(self, edition: Edition) -> str:
        """Give the note's mark as a reader of this edition sees it.

        Where numbers begin anew on each page, only a layout knows the mark, and its writer puts it in: until then each
        is the first of its page. Without pages they begin anew in each chapter.
        """
        policy = edition.policy(self.apparatus)
        numbers = {
            "page": 1 if edition.paged else self.nth_of_chapter,
            "chapter": self.nth_of_chapter,
            "book": self.nth_of_book,
        }
        return policy.mark(numbers[policy.numbering])


@dataclass(frozen=True)
class Thing:
    """What a reference can lead to. `number` is "" where it has none; `label` is what says the number at the thing.

    `title` is that of a division, a heading or a caption; of a `place`, which is anything else with an id, it is the
    heading above. `page` names the page of ours. A `note` has its mark from itself, by edition.
    """

    kind: Kind
    number: str = ""
    label: str = ""
    title: str = ""
    page: str = ""
    note: Note | None = None


@dataclass(frozen=True)
class Entry:
    """A line of the contents: `target` is an id unique in the book, `page` the name of the page it stands in.

    `number` is what a numbered division begins with: `3`, `Appendix A`. A part (`is_part`) has its chapters below it.
    """

    text: str
    target: str
    page: str
    matter: Matter
    children: tuple[Entry, ...] = ()
    number: str = ""
    is_part: bool = False

    @property
    def line(self) -> str:
        """Give number and text together."""
        return f"{self.number}\u2002{self.text}" if self.number else self.text


@dataclass(frozen=True)
class Catalogue:
    """What only the whole book knows.

    `targets` maps (source, the author's id) to the id that is unique in the book, a note's label with a `^` before it
    among them; `notes` maps a chapter's slug to its notes in reading order; `things` maps ids of the book to what
    stands there, in reading order.
    """

    targets: Mapping[tuple[str, str], str]
    notes: Mapping[str, tuple[Note, ...]]
    contents: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    things: Mapping[str, Thing] = field(default_factory=dict)


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
class Break:
    """Where a page of a paged edition begins: behind `at` letters and digits of a flow.

    `folio` is the page's number as printed. `flow` is the name of a page of ours or the id of a note (see
    `features/pagebreaks.py` for what counts); `words` are the letters that follow, to be sure.
    """

    folio: str
    flow: str
    at: int
    words: str = ""


class Block(NamedTuple):
    """A block, or the part of one, that stands on a page, and whose it is.

    `page` is counted from 1 in the whole file; the sides are in points from the upper left corner of the page as it is
    trimmed. `kind` is the tag, or what a class says more exactly; "page" is the page's text block, "chapter" a chapter
    or a page nobody wrote, "notes" the area of the notes, "margin" a running head or a folio. `begins` and `ends` say
    whether it does so on this page. `source` and `line` are the author's, empty for what nobody wrote.
    """

    page: int
    kind: str
    left: float
    top: float
    right: float
    bottom: float
    source: str = ""
    line: int = 0
    name: str = ""
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True)
class Finding:
    """Something to look at on a page, which is counted from 1: `box` is (left, top, right, bottom), as of a Block."""

    page: int
    box: tuple[float, float, float, float]
    problem: Problem


@dataclass(frozen=True)
class Census:
    """What the ledger found in one finished edition."""

    notes: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Setting:
    """The type for pages of one width: `width` and `measure` in millimetres, `size` and `leading` in points."""

    width: float
    measure: float
    size: float
    leading: float


@dataclass(frozen=True)
class Gutter:
    """The least inner margin, in millimetres, of a book of at most so many pages."""

    pages: int
    inner: float


@dataclass(frozen=True)
class Design:
    """What a theme says of its pages beside its stylesheets; lengths are millimetres.

    `settings` are sorted by width, `gutters` by pages. `inner` is the inner margin's share of what the measure leaves,
    `top` and `bottom` are shares of the page's height, which are at least `head` and `foot`; no text comes nearer to an
    edge than `safe`. `notes` is the most of a page's text block that notes may take.
    """

    settings: tuple[Setting, ...] = ()
    gutters: tuple[Gutter, ...] = ()
    inner: float = 0.5
    top: float = 0.1
    bottom: float = 0.1
    head: float = 0.0
    foot: float = 0.0
    safe: float = 0.0
    notes: float = 0.7


@dataclass(frozen=True)
class Theme:
    """An edition's stylesheets, in order, the files they name (fonts as `fonts/...`, ornaments), and its design."""

    stylesheets: tuple[File, ...]
    files: tuple[File, ...]
    design: Design = Design()


@dataclass(frozen=True)
class Forme:
    """Everything a writer needs to make one edition, locked up and ready for the press.

    `assets` are the book's files by path; `epoch` is the moment the edition carries, in seconds since 1970, UTC;
    `breaks` say where the pages of another edition begin, for one that marks them.
    """

    pages: tuple[Page, ...]
    edition: Edition
    theme: Theme
    manifest: Manifest
    catalogue: Catalogue
    assets: Mapping[str, File]
    epoch: int
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True)
class Finished:
    """An edition as it came out: its files, its length in pages (0 where the medium has none).

    `breaks` say where its pages begin, or those of the edition whose pages it marks; `blocks` what stands where on its
    pages, `findings` what there is to look at on them.
    """

    edition: str
    files: tuple[File, ...]
    pages: int = 0
    chapters: int = 0
    notes: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    breaks: tuple[Break, ...] = ()
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()

    def named(self, name: str) -> Finished:
        """Give the edition with this name for its file."""
        return replace(self, files=tuple(File(name, file.data) for file in self.files))


@dataclass(frozen=True)
class Outcome:
    """What a run did: the finished editions, everything there is to tell, and what was asked of whom (`checked`)."""

    editions: tuple[Finished, ...]
    problems: tuple[Problem, ...]
    checked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What the author asked for. `editions` empty means all; `release` refuses a draft; `ace` asks Ace too.

    `stores` are the shops to whose rules EPUBs are held; "all" is every one of them. `pictures` is the
    folder for proofs of the pages, `cache` that for what is remembered, if it is not to stand beside the book.
    """

    editions: tuple[str, ...] = ()
    release: bool = False
    jobs: int = 1
    fresh: bool = False
    ace: bool = False
    stores: tuple[str, ...] = ()
    pictures: Path | None = None
    whole: bool = False
    cache: Path | None = None

    def shelf(self, folder: Path) -> Path:
        """Give the folder for what is remembered of a book in a folder."""
        return self.cache or folder / ".diptych"


@dataclass(frozen=True)
class Task:
    """A function of a module and its arguments; it is given a Report as its last one. `name` is for the progress.

    `size` says how long it takes, beside other tasks of its kind.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    size: int = 0


class Shop(Protocol):
    """Where an edition is made: it is told how far that is, and does tasks, several at a time."""

    @property
    def report(self) -> Report:
        """Whom to tell (what is being done; how far it is)."""

    @property
    def jobs(self) -> int:
        """How many tasks are done at a time."""

    @property
    def versions(self) -> tuple[object, ...]:
        """What results are made with, and depend on."""

    def each(self, tasks: Sequence[Task]) -> list[Any]:
        """Do tasks, and give their results in order."""

    def at_press(self, ready: Callable[[], object], tasks: Sequence[Task]) -> list[Any]:
        """Do tasks for which the press has to be open; `ready` opens it where they are done, once for all."""

    def recall(self, key: str) -> bytes | None:
        """Give what was kept under a key by this run or an earlier one, or None."""

    def keep(self, kept: Mapping[str, bytes]) -> None:
        """Keep bytes by their keys."""
