"""A gathering: the pages of one section, laid out and drawn, before they are bound into a book.

Everything is plain data: it comes out of another process, and may be remembered. Pages are counted from 1 within the
section; where they stand in the book, what is in their margins, and the faces themselves are added in binding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, field, fields
from typing import Any, NamedTuple

from diptych.model import Block
from diptych.problems import Place, Problem
from diptych.writers.pdf.inks import Placement


class Begins(NamedTuple):
    """How a section begins: on which side, and whether it is the first of those that are counted together."""

    side: str
    is_first: bool


class Leaf(NamedTuple):
    """What the margins of a page depend on: its side, name and place among pages of that name; strings set on it."""

    side: str
    blank: bool
    kind: str
    nth: int
    groups: tuple[tuple[str, int], ...]
    strings: tuple[tuple[str, tuple[str, ...]], ...]


class Bookmark(NamedTuple):
    """A line of the outline: how deep it stands, its words, where it leads, whether it is open."""

    level: int
    label: str
    page: int
    x: float
    y: float
    state: str


class Shown(NamedTuple):
    """A picture on a page, counted from 1: its path, its place in the text, its box in points from the lower left."""

    page: int
    path: str
    place: Place
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Face:
    """What a section shows of a face: `widths` in thousandths of an em and `letters`, both by the number of a glyph.

    `about` is what a PDF says of it besides (see `faces.py`); `missing` counts letters that it has not.
    """

    key: str
    file: str
    about: Mapping[str, Any]
    widths: dict[int, float]
    letters: dict[int, str]
    missing: int = 0


def merged(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Put together what all sections show of each face."""
    found: dict[str, Face] = {}
    for face in faces:
        known = found.setdefault(face.key, Face(face.key, face.file, face.about, {}, {}, 0))
        for glyph, letters in face.letters.items():  # a hyphen may be drawn for a minus: the first names it
            known.letters.setdefault(glyph, letters)
        known.widths.update(face.widths)
    return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True)
class Gathering:
    """The pages of a section: `data` is a PDF of them, which names its faces and does not hold them.

    `letters` are, for each page, the runs of letters of each flow on it (see `breaks.py`); `opens` says how a section
    wants to begin (`recto`, `any`).
    """

    data: bytes
    leaves: tuple[Leaf, ...]
    opens: str
    bookmarks: tuple[Bookmark, ...]
    faces: tuple[Face, ...]
    letters: tuple[tuple[tuple[str, str], ...], ...] = ()
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    anchors: Mapping[str, int] = field(default_factory=dict)
    note_ends: Mapping[str, int] = field(default_factory=dict)
    placements: tuple[Placement, ...] = ()
    flattened: tuple[int, ...] = ()
    masked: tuple[int, ...] = ()
    shown: tuple[Shown, ...] = ()

    def __len__(self) -> int:
        """Count the pages."""
        return len(self.leaves)


Strings = tuple[tuple[str, tuple[str, ...]], ...]
"""Texts by the names of strings."""

Held = tuple[Strings, tuple[tuple[Leaf, int, int], ...]]
"""The strings that hold when a gathering begins; its leaves, each with its folio and the length of the book."""


@dataclass(frozen=True)
class Run:
    """Gatherings that are counted together, blank pages among them, with the side on which each begins."""

    gatherings: tuple[Gathering, ...]
    sides: tuple[str, ...]
    anchors: Mapping[str, int]
    note_ends: Mapping[str, int]

    def __len__(self) -> int:
        """Count the pages."""
        return sum(map(len, self.gatherings))


def dump(made: Gathering) -> bytes:
    """Write a gathering as plain data: a line of JSON, and the PDF as it is."""
    plain = {field.name: getattr(made, field.name) for field in fields(made) if field.name != "data"}
    plain["problems"] = [asdict(problem) for problem in made.problems]
    plain["shown"] = [(*each[:2], asdict(each.place), each.box) for each in made.shown]
    plain["placements"] = [astuple(each) for each in made.placements]
    plain["faces"] = [
        {**vars(face), "widths": list(face.widths.items()), "letters": list(face.letters.items())}
        for face in made.faces
    ]
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n" + made.data


def load(kept: bytes | None) -> Gathering | None:
    """Read a gathering that was kept; None for anything that is not one."""
    try:
        return read(kept or b"")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def read(written: bytes) -> Gathering:
    """Read a gathering back that `dump` has written."""
    head, _, data = written.partition(b"\n")
    plain = json.loads(head)
    return Gathering(
        data=data,
        leaves=tuple(_leaf(*each) for each in plain["leaves"]),
        opens=str(plain["opens"]),
        bookmarks=tuple(Bookmark(*each) for each in plain["bookmarks"]),
        faces=tuple(
            Face(**{**face, "widths": dict(face["widths"]), "letters": dict(face["letters"])})
            for face in plain["faces"]
        ),
        letters=tuple(tuple((flow, text) for flow, text in page) for page in plain["letters"]),
        blocks=tuple(Block(*each) for each in plain["blocks"]),
        problems=tuple(Problem(**{**each, "place": Place(**each["place"])}) for each in plain["problems"]),
        anchors={str(name): int(page) for name, page in plain["anchors"].items()},
        note_ends={str(name): int(page) for name, page in plain["note_ends"].items()},
        placements=tuple(
            Placement(page, width, height, tuple(matrix))
            for page, width, height, matrix in plain["placements"]
        ),
        flattened=tuple(plain["flattened"]),
        masked=tuple(plain["masked"]),
        shown=tuple(
            Shown(page, path, Place(**place), tuple(box)) for page, path, place, box in plain["shown"]
        ),
    )


def _leaf(side: str, blank: bool, kind: str, nth: int, groups: Any, strings: Any) -> Leaf:  # noqa: FBT001
    named = tuple((name, int(index)) for name, index in groups)
    return Leaf(side, blank, kind, nth, named, tuple((name, tuple(texts)) for name, texts in strings))
