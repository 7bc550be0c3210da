"""book.toml becomes a typed Manifest; a book without one gets what its files say.

Every mistake is a problem with its line; unknown keys are told with the nearest known one. The shapes of codes (ISBN,
BISAC, Thema, BCP 47, MARC relators) are checked, not their meaning.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast, get_args

from diptych import tree
from diptych.features import punctuation
from diptych.model import (
    SYMBOLS,
    Again,
    Attached,
    Claim,
    Colour,
    Contributor,
    Counting,
    Delivery,
    Edition,
    Face,
    File,
    Folios,
    Head,
    Kind,
    Manifest,
    Maths,
    Matter,
    Medium,
    Metadata,
    NotePlace,
    NotePolicy,
    Numbering,
    Openings,
    Reading,
    Series,
    Urls,
)
from diptych.problems import BookError, Place, Problem, error, hint, warning
from diptych.texts import decode

_NAMESPACE = uuid.UUID("6f0d7f0c-3d1c-5c39-9a58-6d1f3f6d2a11")
"""Ours, fixed for ever: identifiers of books without one are made in it (RFC 9562, version 5)."""

ROLES = {
    "aut": "author", "edt": "editor", "trl": "translator", "ill": "illustrator", "aui": "author of introduction",
    "aft": "author of afterword", "ctb": "contributor", "com": "compiler", "ann": "annotator", "cmm": "commentator",
    "cov": "cover designer", "bkd": "book designer", "bkp": "book producer", "pht": "photographer", "art": "artist",
    "cre": "creator", "pbl": "publisher", "prt": "printer", "tyg": "typographer", "pfr": "proofreader",
    "red": "redaktor", "win": "writer of introduction", "wpr": "writer of preface", "waw": "author of afterword",
    "wam": "writer of accompanying material", "ths": "thesis advisor", "nrt": "narrator", "dte": "dedicatee",
    "ctg": "cartographer", "dsr": "designer", "mrk": "markup editor", "trc": "transcriber", "asn": "associated name",
}  # fmt: skip
"""MARC relator codes that books use, with their names (id.loc.gov/vocabulary/relators)."""

TRIMS = {
    "5x8": (127.0, 203.2), "5.25x8": (133.35, 203.2), "5.5x8.5": (139.7, 215.9), "6x9": (152.4, 228.6),
    "6.14x9.21": (156.0, 234.0), "7x10": (177.8, 254.0), "8.5x11": (215.9, 279.4), "letter": (215.9, 279.4),
    "a4": (210.0, 297.0), "a5": (148.0, 210.0), "b5": (176.0, 250.0),
    "a-format": (111.0, 178.0), "b-format": (129.0, 198.0), "demy": (138.0, 216.0), "royal": (156.0, 234.0),
}  # fmt: skip
"""Page sizes by name, width and height in millimetres."""

_UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4}
"""Millimetres in the units that lengths are written in."""

STANDARD = {
    "epub": Edition("epub", "epub"),
    "screen": Edition("screen", "pdf", medium="screen"),
    "print": Edition("print", "pdf", medium="print", urls="show", half_title=True, openings="recto"),
}
"""The editions that are built when book.toml names none."""

PROFILES = {
    "kindle": Edition("kindle", "epub", cover_page=False, raised_calls=True, image_size=2560, simple=True),
    "kobo": Edition("kobo", "epub", suffix="kepub.epub"),
    "archive": Edition("archive", "pdf", medium="screen", delivery=Delivery("a-2u")),
}
"""Editions for one shop, or for an archive, to be named or to start from with `like`.

Kindle shows the cover image itself, so that a page for it would be a second one (Kindle Publishing Guidelines, 4.2);
Kobo's devices take a file that was copied to them for one of their own by its name.
"""

_STANDARDS: dict[Medium, tuple[str, ...]] = {
    "screen": ("ua-1", "a-2u", "a-3u"),
    "print": ("plain", "x-1a:2001", "x-3:2002", "x-4"),
}
"""What a PDF may be asked to keep; the first is what it is anyway."""

_SERIES = ("arabic", "roman", "letters")
"""The series of marks that have a name; `symbols` stands for the signs that printers use."""

_PICTURES = ("jpg", "jpeg", "png", "gif", "webp", "svg")
_CHAPTER_NAMES = re.compile(r"(?i)(?!readme|license|licence|changelog|contributing)[^/]+\.(?:md|markdown)")


def read(files: Mapping[str, File], folder: str) -> tuple[Manifest, tuple[Problem, ...]]:
    """Read the manifest of a book. Raises BookError only where book.toml is no TOML or there are no chapters at all."""
    name = f"{folder}/book.toml"
    text, given = _toml(files.get("book.toml"), name)
    table = _Table(given, _Lines(text), name)
    reading = _reading(table.table("chapters"), files, folder)
    metadata = _metadata(table, files, reading, folder, has_file=bool(text))
    editions = _editions(table.table("edition"), table.table("notes"), _lists(table.table("book"), ()))
    _profiles(table.table("edition"), editions, files)
    cover = table.table("book").text("cover")
    if cover and cover not in files:
        table.table("book").wrong(
            "cover", f"The cover {cover} is not in the book's folder.", "Give its path from there."
        )
    frontispiece, alt = _frontispiece(table.table("book"), files)
    colophon = table.table("book").switch("colophon", default=False)
    for isbn in metadata.isbn:
        if isbn not in {edition.name for edition in editions}:
            table.table("identifier").table("isbn").wrong(
                isbn,
                f"There is no edition called {isbn}.",
                f"Editions are {', '.join(e.name for e in editions)}.",
            )
    listed = tuple(sorted({kind for edition in editions for kind in edition.lists}))
    counting = replace(_counting(table.table("numbering")), listed=listed)
    table.unread()
    series = {"tr"} | {own for edition in editions for own, _ in edition.apparatus}
    about = Manifest(
        folder,
        metadata,
        reading,
        editions,
        cover=cover,
        frontispiece=frontispiece,
        frontispiece_alt=alt,
        colophon=colophon,
        apparatus=tuple(sorted(series)),
        counting=counting,
    )
    return about, tuple(table.problems)


def _frontispiece(table: _Table, files: Mapping[str, File]) -> tuple[str, str]:
    """Read the picture that faces the title page, and the words for those who do not see it."""
    path, alt = table.text("frontispiece"), table.text("frontispiece-alt")
    if path and path not in files:
        table.wrong(
            "frontispiece",
            f"The frontispiece {path} is not in the book's folder.",
            "Give its path from there.",
        )
        return "", ""
    if path and path.rsplit(".", 1)[-1].lower() not in _PICTURES:
        table.wrong(
            "frontispiece",
            f"The frontispiece {path} is not a picture.",
            "Give the path of a JPEG, PNG, GIF or SVG file.",
        )
        return "", ""
    if path and not alt:
        place = Place(table.file, table.lines.of("book.frontispiece"))
        sentence = f"The image {path} has no words for those who do not see it."
        advice = 'Write below it frontispiece-alt = "what it shows".'
        table.problems.append(warning("image-without-alt", place, sentence, advice))
    return path, alt


def _toml(file: File | None, name: str) -> tuple[str, dict[str, Any]]:
    if file is None:
        return "", {}
    text = decode(file, name)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(r"at line (\d+)", str(wrong))
        line = int(at[1]) if at else text.count("\n") + 1
        said = re.sub(r"\s*\(at .*\)$", "", str(wrong)).rstrip(".")
        raise BookError(
            [
                error(
                    "book-toml",
                    Place(name, line),
                    f"This file cannot be read from here on: {said}.",
                    'A line looks like key = "value"; texts stand in double quotes.',
                )
            ]
        ) from None


class _Lines:
    """Knows on which line of a TOML text a key stands."""

    def __init__(self, text: str) -> None:
        self.at: dict[str, int] = {}
        header, counts = "", dict[str, int]()
        for number, line in enumerate(text.split("\n"), 1):
            if match := re.match(r"\s*\[\[\s*([\w.-]+)\s*\]\]", line):
                counts[match[1]] = counts.get(match[1], -1) + 1
                header = f"{match[1]}.{counts[match[1]]}"
                self.at.setdefault(header, number)
            elif match := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
                header = match[1].replace('"', "").replace(" ", "")
                self.at.setdefault(header, number)
            elif match := re.match(r'\s*"?([\w.-]+)"?\s*=', line):
                self.at.setdefault(f"{header}.{match[1]}".lstrip("."), number)

    def of(self, path: str) -> int:
        """Give the line of a key, or of the nearest table round it."""
        while path and path not in self.at:
            path = path.rpartition(".")[0]
        return self.at.get(path, 1)


@dataclass
class _Table:
    """A table of book.toml being read: remembers what was asked for, so that the rest can be told as unknown."""

    given: dict[str, Any]
    lines: _Lines
    file: str
    path: str = ""
    problems: list[Problem] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    children: dict[str, _Table] = field(default_factory=dict)

    def wrong(self, key: str, sentence: str, advice: str) -> None:
        place = Place(self.file, self.lines.of(f"{self.path}.{key}".strip(".")))
        self.problems.append(error("book-toml", place, sentence, advice))

    def table(self, key: str) -> _Table:
        if key not in self.children:
            self.asked.add(key)
            value = self.given.get(key, {})
            if not isinstance(value, dict):
                self.wrong(
                    key,
                    f"{key} should be a table.",
                    f"Write [{f'{self.path}.{key}'.strip('.')}] on a line of its own.",
                )
                value = {}
            self.children[key] = _Table(
                value, self.lines, self.file, f"{self.path}.{key}".strip("."), self.problems
            )
        return self.children[key]

    def tables(self, key: str) -> list[_Table]:
        self.asked.add(key)
        value = self.given.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, f"{key} should be a list of tables.", f"Write [[{key}]] above each of them.")
            return []
        for n, item in enumerate(value):
            self.children[f"{key}.{n}"] = _Table(item, self.lines, self.file, f"{key}.{n}", self.problems)
        return [self.children[f"{key}.{n}"] for n in range(len(value))]

    def text(self, key: str, default: str = "") -> str:
        self.asked.add(key)
        value = self.given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (str, int, float, date, datetime)):
            self.wrong(key, f"{key} should be a text.", f'Write {key} = "..." in double quotes.')
            return default
        return " ".join(value.split()) if isinstance(value, str) else str(value)

    def shaped(self, key: str, shape: str, advice: str, default: str = "") -> str:
        value = self.text(key, default)
        if value and not re.fullmatch(shape, value):
            self.wrong(key, f'{key} = "{value}" is not in the right form.', advice)
            return default
        return value

    def dated(self, key: str, advice: str) -> str:
        """A year, a month or a day of the calendar."""
        value = self.shaped(key, r"\d{4}(?:-\d\d(?:-\d\d)?)?", advice)
        try:
            date.fromisoformat(value + "-01-01"[len(value) - 4 :] if value else "2000-01-01")
        except ValueError:
            self.wrong(key, f"There is no day {value} in the calendar.", advice)
            return ""
        return value

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        value, known = self.text(key, default), list(choices)
        if value not in known:
            self.wrong(key, f'{key} cannot be "{value}".', did_you_mean(value, known))
            return default
        return value

    def texts(self, key: str, shape: str = ".+", advice: str = "") -> tuple[str, ...]:
        self.asked.add(key)
        value = self.given.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, f"{key} should be a list of texts.", f'Write {key} = ["...", "..."].')
            return ()
        for item in value:
            if not re.fullmatch(shape, item):
                self.wrong(key, f'"{item}" in {key} is not in the right form.', advice)
        return tuple(item for item in value if re.fullmatch(shape, item))

    def number(self, key: str, low: int, high: int, default: int) -> int:
        self.asked.add(key)
        value = self.given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(
                key, f"{key} should be a whole number from {low} to {high}.", f"Write {key} = {default}."
            )
            return default
        return value

    def switch(self, key: str, *, default: bool) -> bool:
        self.asked.add(key)
        value = self.given.get(key, default)
        if not isinstance(value, bool):
            self.wrong(key, f"{key} should be true or false.", f"Write {key} = true, without quotes.")
            return default
        return value

    def unread(self) -> None:
        """Tell what nobody asked for."""
        for key in self.given:
            if key not in self.asked:
                place = Place(self.file, self.lines.of(f"{self.path}.{key}".strip(".")))
                where = f" in [{self.path}]" if self.path else ""
                self.problems.append(
                    warning(
                        "book-toml-unknown",
                        place,
                        f"Nothing is done with {key}{where}.",
                        did_you_mean(key, self.asked),
                    )
                )
        for child in self.children.values():
            child.unread()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the nearest of the known words, or all of them."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, 1)
    return f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(words)}."


def _reading(table: _Table, files: Mapping[str, File], folder: str) -> tuple[Reading, ...]:
    matters: tuple[Matter, ...] = ("front", "body", "back")
    listed = [(path, matter) for matter in matters for path in table.texts(matter)]
    readings: list[Reading] = []
    for path, matter in listed:
        if path not in files:
            near = did_you_mean(path, [p for p in files if _CHAPTER_NAMES.fullmatch(p.rsplit("/", 1)[-1])])
            table.wrong(matter, f"The chapter {path} is not in {folder}/.", near)
        elif path in {reading.path for reading in readings}:
            table.wrong(matter, f"The chapter {path} is listed twice.", "Take one of the two out.")
        else:
            readings.append(Reading(path, matter, table.lines.of(f"chapters.{matter}")))
    if not listed:
        found = sorted(path for path in files if "/" not in path and _CHAPTER_NAMES.fullmatch(path))
        readings = [Reading(path, "body") for path in found]
    if not readings:
        raise BookError(
            [
                *table.problems,
                error(
                    "no-chapters",
                    Place(folder),
                    "There are no chapters in this folder.",
                    "Put a file like 01-beginning.md there, or list your files under [chapters] in book.toml.",
                ),
            ]
        )
    return tuple(readings)


def _first_heading(files: Mapping[str, File], readings: Iterable[Reading], folder: str) -> str:
    for reading in readings:
        try:
            text = decode(files[reading.path], f"{folder}/{reading.path}")
        except BookError:
            continue
        if match := re.search(r"^#[ \t]+(.+?)[ \t]*(?:\{.*\})?[ \t]*#*$|^(.+)\n=+$", text, re.MULTILINE):
            return re.sub(r"\[\^[^\]]+\]|[*_`]", "", match[1] or match[2]).strip()
    return ""


def _metadata(
    table: _Table, files: Mapping[str, File], reading: tuple[Reading, ...], folder: str, *, has_file: bool
) -> Metadata:
    book, identifier, subjects = table.table("book"), table.table("identifier"), table.table("subjects")
    title = (
        book.text("title") or _first_heading(files, reading, folder) or folder.rstrip("/").rsplit("/", 1)[-1]
    )
    people = tuple(_contributor(each) for each in table.tables("contributor"))
    language = book.shaped(
        "language",
        r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
        'Write a code like "en", "de-AT" or "pt-BR".',
        "en",
    )
    given = identifier.shaped(
        "uuid",
        r"(?i)(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        'It looks like "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341".',
    )
    if has_file and not given:
        table.problems.append(
            hint(
                "no-identifier",
                Place(table.file, table.lines.of("identifier")),
                "The book has no identifier; one is made from its title and authors.",
                f'Keep it through changes of title: [identifier] uuid = "{_made_uuid(title, people)}".',
            )
        )
    return Metadata(
        title=punctuation.text(title, language),
        uuid=given.lower() or _made_uuid(title, people),
        language=language,
        subtitle=punctuation.text(book.text("subtitle"), language),
        title_sort=book.text("title-sort"),
        contributors=people,
        isbn=_isbns(identifier.table("isbn")),
        doi=identifier.shaped("doi", r"10\.\d{4,9}/\S+", 'Write it like "10.1000/182", without https.'),
        publisher=book.text("publisher"),
        place=book.text("place"),
        date=book.dated("date", "Write date = 2026-11-23."),
        first_published=book.dated("first-published", "Write first-published = 1986."),
        edition=book.text("edition"),
        printing=book.shaped(
            "printing", r"\d+|\d+(?: \d+)+", 'Write printing = "2", or a number line: printing = "5 4 3 2".'
        ),
        rights=book.text("rights"),
        licence=book.text("licence"),
        description=book.text("description"),
        keywords=subjects.texts("keywords"),
        bisac=subjects.texts("bisac", r"[A-Z]{3}\d{6}", "A BISAC code looks like HIS032000."),
        thema=subjects.texts(
            "thema", r"[1-6A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*", "A Thema code looks like NHD or 1DTA."
        ),
        series=_series(table.table("series")),
        source=book.text("source"),
        short_title=punctuation.text(book.text("short-title"), language),
        claim=_claim(table.table("accessibility"), book.text("language")),
    )


def _claim(table: _Table, language: str) -> Claim:
    """Read what the owner wants claimed of the book's accessibility; a book must say its language for that."""
    standard = table.shaped(
        "conforms-to",
        r"EPUB Accessibility 1\.1 - WCAG 2\.[012] Level (?:A|AA|AAA)",
        'Write it as the standard does: "EPUB Accessibility 1.1 - WCAG 2.1 Level AA".',
    )
    claim = Claim(
        standard,
        table.text("certified-by"),
        table.text("credential"),
        table.shaped("report", r"https?://\S+", "Write the address of the report, with https://."),
    )
    if standard and not claim.certifier:
        table.wrong("conforms-to", "Nobody answers for this claim.", 'Say who does: certified-by = "...".')
    if not standard or language:
        return claim
    place = Place(table.file, table.lines.of("accessibility.conforms-to"))
    sentence = f"The book does not say its language, so that no edition claims to keep {standard}."
    table.problems.append(warning("claim-left-out", place, sentence, 'Write language = "en" under [book].'))
    return replace(claim, standard="")


def _made_uuid(title: str, people: Iterable[Contributor]) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join([title, *(person.name for person in people)])).urn


def _contributor(table: _Table) -> Contributor:
    name = table.text("name")
    if not name:
        table.wrong("name", "This contributor has no name.", 'Write name = "...".')
    roles = table.texts("role") or ("aut",)
    names = {word: code for code, word in ROLES.items()}
    codes = tuple(names.get(role.lower(), role.lower()) for role in roles)
    for role, code in zip(roles, codes, strict=True):
        if code not in ROLES:
            table.wrong("role", f'There is no role "{role}".', did_you_mean(role, [*ROLES, *names]))
    return Contributor(
        name, table.text("sort") or _sort_name(name), tuple(code for code in codes if code in ROLES)
    )


def _sort_name(name: str) -> str:
    """`Tim Wohlforth` sorts as `Wohlforth, Tim`; a name of one word, or with a comma, as it is."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first and "," not in name else name


def _isbns(table: _Table) -> dict[str, str]:
    found: dict[str, str] = {}
    for edition in table.given:
        digits = re.sub(r"[\s-]", "", table.text(edition))
        if isbn_is_right(digits):
            found[edition] = digits
        else:
            table.wrong(
                edition,
                f"The ISBN {table.text(edition)} is not right: its check digit does not fit its other digits.",
                "Compare it with the sheet from your ISBN agency; it has 13 digits.",
            )
    return found


def isbn_is_right(digits: str) -> bool:
    """Whether 13 digits make an ISBN (ISBN Users' Manual, 7th edition, 2.5)."""
    if not re.fullmatch(r"97[89]\d{10}", digits):
        return False
    return sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10 == 0


def _series(table: _Table) -> Series | None:
    name, position = table.text("name"), table.shaped("position", r"\d+(?:\.\d+)*", "Write position = 2.")
    return Series(name, position) if name else None


def _notes(table: _Table, above: NotePolicy) -> NotePolicy:
    numbering = table.choice("numbering", ("page", "chapter", "book"), above.numbering)
    place = table.choice("place", ("foot", "chapter", "book"), above.place)
    if numbering == "page" and place != "foot":
        if "numbering" in table.given:
            table.wrong(
                "numbering",
                f'Notes cannot begin anew on each page and stand at the end: place is "{place}".',
                'Write place = "foot", or numbering = "chapter".',
            )
        numbering = "chapter"
    heading = table.text("heading", above.heading)
    marks = _marks(table, above.marks)
    again = cast("Again", table.choice("again", get_args(Again), above.again))
    return NotePolicy(cast("Numbering", numbering), cast("NotePlace", place), marks, heading, again)


def _counting(table: _Table) -> Counting:
    """Read what gets numbers; tables are counted as figures are, unless something else is said of them."""
    captions = ("auto", "chapter", "book", "none")
    figures = table.choice("figures", captions, "auto")
    chapters = table.choice("chapters", ("auto", "arabic", "roman", "none"), "auto")
    return Counting(chapters, figures, table.choice("tables", captions, figures))


def _marks(table: _Table, above: str) -> str:
    """Read `marks`: the name of a series, or signs of one's own with spaces between them."""
    said = table.text("marks", above)
    if said == "symbols":
        return SYMBOLS
    if said in _SERIES or not re.search(r"[^\W_]", said):
        return said or above
    advice = did_you_mean(said, [*_SERIES, "symbols"])
    table.wrong("marks", f'marks cannot be "{said}".', f'{advice} Or give signs of your own, like "* † ‡".')
    return above


def _apparatus(
    table: _Table, above: Mapping[str, NotePolicy], notes: NotePolicy
) -> tuple[tuple[str, NotePolicy], ...]:
    """Read the further series of notes: each table inside `notes`. What is not said of one comes from above it."""
    found = dict(above)
    for name, value in table.given.items():
        if isinstance(value, dict):
            if not re.fullmatch(r"[a-z]{1,12}", name):
                table.wrong(
                    name, f'Notes cannot be called "{name}".', "Use a few small letters, like tr or ed."
                )
                table.asked.add(name)
                continue
            found[name] = _notes(table.table(name), above.get(name, notes.further()))
    return tuple(sorted(found.items()))


def _lists(table: _Table, above: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Read which things are listed behind the contents."""
    if "lists" not in table.given:
        return above
    said = table.texts("lists", "figures|tables", 'Known are: "figures", "tables".')
    return tuple(kind for kind in ("figure", "table") if f"{kind}s" in said)


def _editions(table: _Table, given: _Table, lists: tuple[Kind, ...]) -> tuple[Edition, ...]:
    """Read the editions; `given` is the table of what holds for the notes of all of them, as `lists` do."""
    notes = _notes(given, NotePolicy())
    apparatus = _apparatus(given, {}, notes)
    known = {**STANDARD, **PROFILES}
    standard = {name: replace(e, notes=notes, apparatus=apparatus, lists=lists) for name, e in known.items()}
    if not table.given:
        return tuple(standard[name] for name in STANDARD)
    done: dict[str, Edition] = {}

    def make(name: str, asking: tuple[str, ...]) -> Edition:
        if name in done:
            return done[name]
        own = table.table(name)
        like = own.text("like")
        if like in asking or (like == name and like not in PROFILES):
            own.wrong("like", f"The edition {name} is like itself.", "Start from another one.")
            like = ""
        if like and like not in table.given and like not in standard:
            own.wrong(
                "like", f"There is no edition called {like}.", did_you_mean(like, [*table.given, *standard])
            )
            like = ""
        if like and like != name:
            base = make(like, (*asking, name)) if like in table.given else standard[like]
        else:
            base = standard.get(name, replace(standard["epub"], name=name))
        done[name] = _edition(name, own, base)
        return done[name]

    editions = tuple(make(name, ()) for name in table.given)
    for edition in editions:
        _pages_of(table.table(edition.name), edition, editions)
    return editions


def _pages_of(table: _Table, edition: Edition, editions: Iterable[Edition]) -> None:
    """See whether the edition whose pages are to be marked is one of the book's, and has pages."""
    paged = [other.name for other in editions if other.paged]
    if edition.pages and (edition.paged or edition.pages not in paged):
        table.wrong(
            "pages",
            f'pages = "{edition.pages}" names no paged edition of this book, or this edition has pages of its own.',
            f"Paged are: {', '.join(paged)}." if paged else f"Add [edition.{edition.pages}] to book.toml.",
        )


def _edition(name: str, table: _Table, base: Edition) -> Edition:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        table.wrong(
            "",
            f'The edition\'s name "{name}" would make a bad file name.',
            "Use lower-case letters, digits and hyphens.",
        )
    width, height = _trim(table, (base.width, base.height))
    notes = _notes(table.table("notes"), base.notes)
    medium = cast("Medium", table.choice("medium", ("screen", "print"), base.medium))
    if medium != base.medium:  # then what is the custom of one is not that of the other
        custom = STANDARD[medium]
        base = replace(base, half_title=custom.half_title, openings=custom.openings, urls=custom.urls)
    return replace(
        base,
        name=name,
        writer=table.choice("writer", ("epub", "pdf"), base.writer),
        theme=table.shaped("theme", r"[a-z0-9][a-z0-9-]*", 'Write theme = "classic".', base.theme),
        medium=medium,
        width=width,
        height=height,
        bleed=_bleed(table, medium, base.bleed),
        bleed_edges=table.number("bleed-edges", 3, 4, base.bleed_edges),
        face=cast("Face", table.choice("face", ("serif", "sans"), base.face)),
        notes=notes,
        apparatus=_apparatus(table.table("notes"), dict(base.apparatus), notes),
        toc_depth=table.number("toc-depth", 1, 6, base.toc_depth),
        drop_caps=table.switch("drop-caps", default=base.drop_caps),
        half_title=table.switch("half-title", default=base.half_title),
        openings=cast("Openings", table.choice("openings", get_args(Openings), base.openings)),
        heads=_heads(table, base.heads),
        folios=cast("Folios", table.choice("folios", get_args(Folios), base.folios)),
        lists=_lists(table, base.lists),
        urls=cast("Urls", table.choice("urls", get_args(Urls), base.urls)),
        pages=table.text("pages", base.pages),
        fonts=table.choice("fonts", ("embed", "none"), "embed" if base.fonts else "none") == "embed",
        math=cast("Maths", table.choice("math", ("mathml", "image"), base.math)),
        image_size=table.number("image-size", 0, 10_000, base.image_size),
        delivery=_delivery(table, base.delivery, medium),
    )


def _delivery(table: _Table, base: Delivery, medium: Medium) -> Delivery:
    """Read what the file of a paged edition has to be; sources can only go into a PDF/A-3."""
    standard = table.choice("pdf", _STANDARDS[medium], base.standard or _STANDARDS[medium][0])
    attach = table.choice("attach", get_args(Attached), base.attach)
    if attach == "sources" and standard != "a-3u":
        if standard != "a-2u" or table.text("pdf"):
            table.wrong(
                "attach",
                "Sources can only be put into a PDF/A-3.",
                'Write pdf = "a-3u", or start from [edition.archive].',
            )
        standard = "a-3u"
    delivery = Delivery(
        "" if standard in ("plain", "ua-1") else standard,
        cast("Attached", attach),
        cast("Colour", table.choice("colour", get_args(Colour), base.colour)),
        table.text("condition", base.condition),
        table.text("profile", base.profile),
    )
    if delivery.standard.startswith("x-") and not (delivery.condition or delivery.profile):
        table.wrong(
            "pdf",
            f"A PDF/{delivery.standard.upper()} says how it is to be printed, and this one does not.",
            'Ask the printer, and write condition = "FOGRA39" or the like.',
        )
    if delivery.standard == "x-4" and not delivery.profile:
        table.wrong(
            "pdf",
            "A PDF/X-4 carries the printer's colour profile.",
            'Put it into the book\'s folder and write profile = "printer.icc".',
        )
    return delivery


def _heads(table: _Table, base: tuple[Head, ...]) -> tuple[Head, ...]:
    """Read `running-heads`: what stands over a verso and over a recto, or `none`."""
    said = table.text("running-heads").split()
    if said in ([], ["none"]):
        return () if said else base
    known = get_args(Head)
    wrong = next((word for word in said if word not in known), "")
    if wrong or len(said) != len(("verso", "recto")):
        advice = (
            did_you_mean(wrong, [*known, "none"]) if wrong else f"Known are: {', '.join(known)}, or none."
        )
        sentence = f'running-heads cannot be "{" ".join(said)}".'
        table.wrong(
            "running-heads", sentence, f'{advice} Name two, for the left and the right page: "book chapter".'
        )
        return base
    return cast("tuple[Head, ...]", tuple(said))


def _profiles(table: _Table, editions: Iterable[Edition], files: Mapping[str, File]) -> None:
    """See whether the colour profiles of presses are there, and are what they should be (ISO 15076-1, 7.2.9)."""
    for edition in editions:
        path = edition.delivery.profile
        if path and path not in files:
            sentence = f"The colour profile {path} is not in the book's folder."
            table.table(edition.name).wrong("profile", sentence, "Give its path from there.")
        elif path and files[path].data[36:40] != b"acsp":
            sentence = f"{path} is no ICC colour profile."
            table.table(edition.name).wrong("profile", sentence, "Ask the printer for one (.icc).")


def _trim(table: _Table, base: tuple[float, float]) -> tuple[float, float]:
    said = table.text("trim").lower().replace(" ", "")
    if not said:
        return base
    if said in TRIMS:
        return TRIMS[said]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|cm|in)", said)
    if match:
        factor = _UNITS[match[3]]
        size = (float(match[1]) * factor, float(match[2]) * factor)
        if all(70 <= side <= 600 for side in size):
            return size
    table.wrong(
        "trim",
        f'The page size "{said}" is not known.',
        f"Use {', '.join(sorted(TRIMS))}, or write it like 148x210mm (70 to 600 mm a side).",
    )
    return base


def _bleed(table: _Table, medium: Medium, base: float) -> float:
    """Read how far pictures go beyond the trimmed edge, in millimetres; nobody trims a screen."""
    said = table.text("bleed").lower().replace(" ", "")
    if not said:
        return base
    match = re.fullmatch(r"(\d*\.?\d+)(mm|cm|in)", said)
    bleed = float(match[1]) * _UNITS[match[2]] if match else -1.0
    if not 0 <= bleed <= 20:
        table.wrong(
            "bleed",
            f'The bleed "{said}" is not a length that a printer would ask for.',
            'Write bleed = "3mm", or bleed = "0.125in"; with bleed-edges = 3 there is none at the fold.',
        )
        return base
    if bleed and medium == "screen":
        table.wrong(
            "bleed", "Nobody trims the pages of a screen.", 'Write medium = "print", or leave it out.'
        )
        return base
    return bleed


def stem(metadata: Metadata) -> str:
    """Give the first part of every output's name: `author_title`, lower-case ASCII."""
    author = metadata.authors[0].sort.split(",")[0] if metadata.authors else ""
    parts = [tree.slug(author)[:40].strip("-"), tree.slug(metadata.title)[:60].strip("-")]
    return "_".join(part for part in parts if part) or "book"


def file_name(edition: Edition, about: Metadata) -> str:
    """Name an edition's file: `author_title.epub`, `author_title-print.pdf`, `author_title-kobo.kepub.epub`."""
    own = "" if edition.name == edition.writer else f"-{edition.name}"
    return f"{stem(about)}{own}.{edition.suffix or edition.writer}"
