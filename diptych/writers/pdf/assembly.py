"""A book in sections: each is laid out when what it is made of has changed, and none because another has.

A section is a page of ours with all its sheets: a chapter, the contents, the endnotes. What it looks like depends on
its tree, on the page that the edition gives it and on the side on which it begins, and on nothing else: sections are
laid out in any order, as many at a time as there are jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from diptych import tree
from diptych.fingerprints import fingerprint
from diptych.model import Catalogue, Forme, Page, Shop, Task
from diptych.words import direction
from diptych.writers.pdf import document, gatherings, layout, sections
from diptych.writers.pdf.gatherings import Begins, Gathering, Held, Leaf, Run
from diptych.writers.pdf.layout import Kit

_ON_VERSOS = frozenset({"frontispiece", "imprint"})
"""Sections that in print stand on versos. Where a theme has it otherwise, they are laid out once more."""

_LAYOUTS = 2
"""Layouts of margins for each job: each takes some time to begin, and fewer leave a job without work."""

_A_PAGE = (None,)
"""What a section is taken for before it is laid out."""

_Tasks = dict[tuple[str, ...], Task]
"""What makes gatherings, by the keys of these."""


@dataclass
class Assembly:
    """Makes the gatherings of an edition, and keeps those that it has made."""

    kit: Kit
    forme: Forme
    shop: Shop
    made: dict[str, Gathering] = field(default_factory=dict)
    opens: dict[str, str] = field(default_factory=dict)
    trees: dict[tuple[int, int], tuple[bytes, Page, Page | None]] = field(default_factory=dict)
    """The trees of sections, written out, by the ids of their page and the one before; both are kept here."""
    stood: tuple[Run, Run, str] | None = None
    """How all stood in the last round, and on which pages."""

    def lay_out(self, pages: Sequence[Page], page: str) -> tuple[Run, Run]:
        """Lay out front matter and text until every section begins on the side where it stands."""
        front = [each for each in pages if each.matter == "front"]
        rest = [each for each in pages if each.matter != "front"]
        runs = [_Placing(self, run, page) for run in (front, rest)]
        while True:
            tasks = {key: task for run in runs for key, task in run.tasks() if key not in self.made}
            if not tasks:
                self.stood = runs[0].run(), runs[1].run(), page
                return self.stood[:2]
            self._make(tasks, page)
            for run in runs:
                run.learn()

    def _make(self, tasks: Mapping[str, Task], page: str) -> None:
        """Do tasks, but for those that are remembered.

        Most often they are the contents again, and no page moves; so the margins are drawn beside them, as all stood.
        """
        wanted: _Tasks = {(key,): tasks[key] for key in self._due(tasks)}
        if wanted and self.stood and self.stood[2] == page:
            wanted |= self._margins(self._beside(*self.stood), page)
        self._do(wanted)

    def _do(self, tasks: _Tasks) -> None:
        made = self.shop.at_press(self._ready, list(tasks.values()))
        written = {
            key: each
            for keys, some in zip(tasks, made, strict=True)
            for key, each in zip(keys, some, strict=True)
        }
        self.shop.keep(written)
        self.made |= {key: gatherings.read(each) for key, each in written.items()}

    @property
    def _ready(self) -> Callable[[], object]:
        return partial(layout.press, self.kit)

    @cached_property
    def bare(self) -> Forme:
        """Give the forme without its text, which would have to be sent with every section."""
        known = {
            slug: tuple(replace(note, body=None) for note in notes)
            for slug, notes in self.forme.catalogue.notes.items()
        }
        pages = tuple(replace(page, body=tree.make("section")) for page in self.forme.pages)
        return replace(self.forme, pages=pages, catalogue=Catalogue({}, known, ()), breaks=())

    def _due(self, keys: Collection[str]) -> list[str]:
        """Recall what can be recalled, and give the keys of what is still to be made."""
        for key in keys:
            if key not in self.made and (known := gatherings.load(self.shop.recall(key))) is not None:
                self.made[key] = known
        return [key for key in dict.fromkeys(keys) if key not in self.made]

    @cached_property
    def base(self) -> str:
        """Name everything that all sections depend on."""
        forme = self.forme
        texts = {"book.toml", *(reading.path for reading in forme.manifest.reading)}
        shown = [file for path, file in sorted(forme.assets.items()) if path not in texts]
        sources = [(page.name, page.source) for page in forme.pages]
        sheets, files = list(forme.theme.stylesheets), list(forme.theme.files)
        about = forme.manifest.folder, forme.manifest.metadata
        return fingerprint(*self.shop.versions, forme.edition, sheets, files, shown, sources, about)

    def tree(self, page: Page, before: Page | None) -> bytes:
        """Write out the tree of a section; a page that is the same as in another round has the same."""
        key = id(page), id(before)
        if key not in self.trees:
            root = document.section(page, before, self.forme.manifest.metadata, self.forme.edition)
            self.trees[key] = tree.written(root), page, before
        return self.trees[key][0]

    def margins(self, opening: Run, main: Run, page: str) -> list[Gathering]:
        """Draw the margins of all pages, gathering by gathering."""
        beside = self._beside(opening, main, page)
        self._do(self._margins(beside, page))
        return [self.made[key] for key, _ in beside]

    def _margins(self, beside: Sequence[tuple[str, Held]], page: str) -> _Tasks:
        """Give what draws the margins that are not remembered, in a few layouts for each job."""
        wanted = dict(beside)
        due = self._due(wanted)
        size = -(-len(due) // (_LAYOUTS * self.shop.jobs)) or 1
        parts = [tuple(due[n : n + size]) for n in range(0, len(due), size)]
        given = (self.kit, self.bare, page)
        return {
            part: Task("margins", sections.margins, (*given, tuple(wanted[key] for key in part)))
            for part in parts
        }

    def _beside(self, opening: Run, main: Run, page: str) -> list[tuple[str, Held]]:
        """Give what stands beside each gathering, with its key; two blank pages may have the same."""
        pages = len(opening) + len(main)
        held = [each for run in (opening, main) for each in _leaves(run, pages)]
        return [(fingerprint(self.base, "margins", page, each), each) for each in held]

    def faces(self, shown: Sequence[Gathering]) -> bytes:
        """Write the faces of all gatherings, and of their margins, with the letters that these show."""
        faces = gatherings.merged(face for made in shown for face in made.faces)
        key = fingerprint(self.base, "faces", faces)
        written = self.shop.recall(key)
        if written is None:
            (written,) = self.shop.at_press(self._ready, [Task("faces", sections.faces, (self.kit, faces))])
            self.shop.keep({key: written})
        return written


class _Placing:
    """Where the sections of a run stand, as far as is known, and what is still to be laid out for that."""

    def __init__(self, assembly: Assembly, run: Sequence[Page], page: str) -> None:
        self.assembly, self.page = assembly, page
        about, self.edition = assembly.forme.manifest.metadata, assembly.forme.edition
        self.recto, self.verso = (
            ("right", "left") if direction(about.language) == "ltr" else ("left", "right")
        )
        self.trees = [assembly.tree(each, before) for each, before in zip(run, [None, *run], strict=False)]
        self.asked = [fingerprint(assembly.base, data, page, n == 0) for n, data in enumerate(self.trees)]
        self.names = [each.name for each in run]
        self.mirrored = self.edition.medium == "print"
        opens = self.recto if self.edition.openings == "recto" else ""
        self.guesses = [self.verso if each.name in _ON_VERSOS else opens for each in run]

    def _stands(self) -> Iterator[tuple[int | None, str, str]]:
        """Give, in order, what stands in the run: each section by its number, and blanks (None), with key and side."""
        at = 0
        for n, asked in enumerate(self.asked):
            here = self._side(at)
            side = self.assembly.opens.get(asked, self.guesses[n]) or here
            if side != here:
                yield None, self._blank(here), here
                at += 1
            key = f"{asked}-{side if self.mirrored else self.recto}"
            yield n, key, side
            at += len(self.assembly.made.get(key, _A_PAGE))
        if self.mirrored and at % 2:  # what follows begins on a recto, or the book ends
            yield None, self._blank(self.verso), self.verso

    def _side(self, before: int) -> str:
        return self.verso if before % 2 else self.recto

    def _blank(self, side: str) -> str:
        return fingerprint(self.assembly.base, "blank", self.page, side)

    def tasks(self) -> Iterator[tuple[str, Task]]:
        """Give what makes the sections and the blank pages of this run."""
        kit, forme = self.assembly.kit, self.assembly.bare
        for n, key, side in self._stands():
            if n is None:
                yield key, Task("blank", sections.blank, (kit, forme, self.page, side))
            else:
                begins = Begins(side if self.mirrored else self.recto, n == 0)
                given = (kit, self.trees[n], forme, self.page, begins)
                yield key, Task(self.names[n], sections.lay_out, given, len(self.trees[n]))

    def learn(self) -> None:
        """Note on which sides the sections want to begin."""
        sides = {"recto": self.recto, "verso": self.verso}
        for n, key, _ in list(self._stands()):
            made = self.assembly.made.get(key)
            if n is not None and made is not None:
                self.assembly.opens[self.asked[n]] = sides.get(made.opens, made.opens)

    def run(self) -> Run:
        """Give all gatherings in order."""
        stands = [(self.assembly.made[key], side) for _, key, side in self._stands()]
        anchors: dict[str, int] = {}
        ends: dict[str, int] = {}
        at = 0
        for made, _ in stands:
            for name, number in made.anchors.items():
                anchors.setdefault(name, at + number)
            ends |= {name: at + number for name, number in made.note_ends.items()}
            at += len(made)
        return Run(tuple(made for made, _ in stands), tuple(side for _, side in stands), anchors, ends)


def _leaves(run: Run, pages: int) -> Iterator[Held]:
    """Give for each gathering the strings that hold when it begins, and its leaves with their folios."""
    held: dict[str, tuple[str, ...]] = {}
    folio = 0
    for made, side in zip(run.gatherings, run.sides, strict=True):
        turned = bool(made.leaves) and made.leaves[0].side != side
        leaves = tuple(
            (_turned(leaf) if turned else leaf, folio + n, pages) for n, leaf in enumerate(made.leaves, 1)
        )
        yield tuple(sorted(held.items())), leaves
        folio += len(made)
        for leaf in made.leaves:
            held |= {name: texts[-1:] for name, texts in leaf.strings if texts}


def _turned(leaf: Leaf) -> Leaf:
    return leaf._replace(side="left" if leaf.side == "right" else "right")
