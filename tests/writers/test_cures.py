"""The cures for WeasyPrint's notes: each is needed, together they suffice, and random books come out whole.

Words of the text are made of other letters than words of the notes, so that a page tells which is which.
"""

from __future__ import annotations

import ctypes
import random
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from diptych.checks import ledger
from diptych.model import File

CSS = Path(__file__).with_name("cures.css")
TEXT, NOTE = frozenset("abcdefghiklmn"), frozenset("opqrstuvwxyz")
IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
A6 = f'[book]\ntitle = "Bad Idea"\n{IDENTIFIER}[edition.screen]\ntrim = "105x148mm"\n'
POINT = 72 / 25.4
SIGN = 10
"""Size below which a letter is of the sign that a note goes on, which is neither text nor note."""


# --- what can be wrong ------------------------------------------------------------------------------------------------


def faults(made, foot=22):
    """Everything that is wrong with the notes of a PDF, in one line each; no lower margin is smaller than `foot`."""
    census = ledger.of_pdf(made.data, made.wanted, made.edition)
    return [*(problem.sentence for problem in census.problems), *strays(made, foot), *displaced(made)]


def strays(made, foot):
    """Notes over the text, or outside the text block."""
    height = made.edition.height * POINT
    margin = max(height * 0.1, foot * POINT)
    found = []
    with pypdfium2.PdfDocument(made.data) as document:
        for number in range(first_page(made), len(document)):
            text, notes = letters_of(document[number])
            if notes and min(bottom for bottom, _ in notes) < margin - 3:
                found.append(f"page {number + 1}: a note stands below the text block")
            if notes and max(top for _, top in notes) > height - 10:
                found.append(f"page {number + 1}: a note leaves the page above")
            if text and notes and max(top for _, top in notes) > min(bottom for bottom, _ in text) + 1:
                found.append(f"page {number + 1}: a note stands over the text")
    return found


def first_page(made):
    spots = ledger.read_places(made.data)[0]
    return min(spot.page for name, spot in spots.items() if name in ("c1", "c2"))


def letters_of(page):
    """Bottom and top of each letter of the text and of the notes."""
    textpage = page.get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found = {TEXT: [], NOTE: []}
    for index in range(textpage.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(textpage, index))
        if pdfium.FPDFText_GetFontSize(textpage, index) < SIGN:
            continue
        for letters, boxes in found.items():
            if character in letters:
                pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
                boxes.append((bottom.value, top.value))
    return found[TEXT], found[NOTE]


def displaced(made):
    """Notes out of order, or under the first page of the next chapter."""
    spots = ledger.read_places(made.data)[0]
    openings = sorted(spots[name].page for name in ("c1", "c2") if name in spots)
    found, order = [], {}
    for each in made.wanted:
        call = spots.get(each.note.calls[0].id)
        names = [each.note.id, *(f"{each.note.id}_{n}" for n in range(2, 200))]
        pieces = [spots[name] for name in names if name in spots]
        order.setdefault(each.note.apparatus, []).extend((spot.page, -spot.y) for spot in pieces)
        ends = [page for page in openings if call and page > call.page]
        if call and ends and any(spot.page >= ends[0] for spot in pieces):
            found.append(f"the note {each.mark} stands in the next chapter")
    pairs = [pair for series in order.values() for pair in pairwise(series)]
    return found + [f"page {b[0] + 1}: notes are out of order" for a, b in pairs if b < a]


def late(made):
    """Notes that begin on another page than the one that calls them."""
    spots = ledger.read_places(made.data)[0]
    notes = [each.note for each in made.wanted]
    return [note.id for note in notes if spots[note.id].page != spots[note.calls[0].id].page]


# --- one document for each cure ---------------------------------------------------------------------------------------


def book(*chapters, css=""):
    files = {"book.toml": A6, **{f"{n}.md": text for n, text in enumerate(chapters, 1)}}
    return {**files, "styles/book.css": css} if css else files


def as_found(read):
    """The book on the pages on which its fault was found."""
    (edition,) = read.manifest.editions
    theme = read.themes[edition.name]
    width, height, paper = edition.width, edition.height, edition.medium == "print"
    top, bottom = (height * 0.092, height * 0.108) if paper else (width * 0.125 + 3,) * 2
    inner, outer = (width * 0.135, width * 0.115) if paper else (width * 0.125,) * 2
    page = f"""
@page {{ size: {width:.2f}mm {height:.2f}mm; margin-top: {top:.2f}mm; margin-bottom: {bottom:.2f}mm;
  @footnote {{ max-height: {(height - top - bottom) * 0.7:.2f}mm; padding-bottom: 0 }} }}
@page :right {{ margin-left: {inner:.2f}mm; margin-right: {outer:.2f}mm }}
@page :left {{ margin-left: {outer:.2f}mm; margin-right: {inner:.2f}mm }}
"""
    own = [sheet for sheet in theme.stylesheets if sheet.path.startswith("book/")]
    pages = File("cures.css", CSS.read_bytes() + page.encode())
    theme = replace(theme, stylesheets=(theme.stylesheets[0], pages, *own))
    return replace(read, themes={edition.name: theme})


def words(count, letters=TEXT):
    """Words as an author might write them: the same each time."""
    rng = random.Random(f"{count}{min(letters)}")
    sounds = ("bcdfghklmn", "aei") if letters is TEXT else ("pqrstvwxz", "ouy")
    made = ["".join(rng.choice(part) for part in sounds * rng.choice((1, 2, 2, 3))) for _ in range(count)]
    return " ".join(made)


def proud_head(head, length):
    """Head and first row of a table call notes that fill the page."""
    table = f"| {words(head)}[^1] | {words(2)}[^2] |\n|---|---|\n| {words(9)}[^3] | {words(5)} |\n| {words(4)} | |\n"
    notes = "\n\n".join(f"[^{n}]: {words(length, NOTE)}" for n in (1, 2, 3))
    return book(f"# A\n\n{words(20)}\n\n{table}\n{notes}\n")


def tall_head(head, rows, at, length):
    """The tall head of a long table calls a note; one of its rows calls one that takes most of the next page."""
    lines = [f"| {words(4 + n % 3)}{'[^2]' if n == at else ''} | {words(1)} |" for n in range(rows)]
    table = f"| {words(head)}[^1] | {words(1)} |\n|---|---|\n" + "\n".join(lines)
    return book(
        f"# A\n\n{table}\n\n[^1]: {words(9, NOTE)}\n\n[^2]: {words(length, NOTE)}\n", css="h1 { margin: 0 }"
    )


PAGE_NUMBERS = 'a.internal::after { content: " (" target-counter(attr(href), page) ")" }'


def crowded_end(before, length):
    """The last line of a chapter calls more notes than its page can take."""
    notes = "\n\n".join(f"[^{n}]: {words(length, NOTE)}" for n in (1, 2, 3))
    return book(f"# A\n\n{words(before)} Be[^1] bed[^2] bell[^3]\n\n{notes}\n", f"# B\n\n{words(30)}\n")


# --- random books -----------------------------------------------------------------------------------------------------

TRIMS = ("105x148mm", "105x148mm", "a5", "a5", "120x180mm", "6x9")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 {0}"><rect width="200" height="{0}" fill="#999"/></svg>'
KINDS = {
    "paragraph": 30, "heading": 8, "list": 8, "nested": 6, "table": 10, "definitions": 6, "quotation": 6, "figure": 5,
    "verse": 5, "epigraph": 2, "code": 4, "pause": 1,
}  # fmt: skip


class Author:
    """Writes a random book, the same for the same seed: every block there is, with notes of every kind."""

    def __init__(self, seed, blocks=0, kinds=(), links=False, again=0.06):
        self.rng, self.again = random.Random(seed), again
        self.blocks, self.kinds, self.links = blocks, kinds, links

    def book(self):
        pick = self.rng.choice
        trim, medium, numbering = pick(TRIMS), pick(("screen", "print")), pick(("chapter", "book"))
        medium = "screen" if self.links else medium
        toml = f'[book]\ntitle = "Bad Idea"\n{IDENTIFIER}[notes]\nnumbering = "{numbering}"\n'
        files = {f"images/{height}.svg": SVG.format(height) for height in (40, 120, 260)}
        if self.links:
            files["styles/book.css"] = PAGE_NUMBERS
        for n in range(self.rng.randint(1, 2)):
            files[f"{n + 1}.md"] = self.chapter(self.blocks or self.rng.randint(3, 22))
        return {**files, "book.toml": f'{toml}[edition.{medium}]\ntrim = "{trim}"\n'}

    def chapter(self, blocks):
        self.made, self.level, self.notes, self.labels, self.headings = 0, 0, [], [], []
        text = [f"# {self.noted(self.rng.randint(1, 5), 1, 0.3)}", self.paragraph()]
        text += [self.block() for _ in range(blocks)]
        text += [self.paragraph()] if self.rng.random() < 0.7 else []
        chapter = "\n\n".join([*text, *self.notes]) + "\n"
        while "@LINK@" in chapter:
            link = f"[{self.word(TEXT)}](#{self.rng.choice(self.headings)})" if self.headings else ""
            chapter = chapter.replace("@LINK@", link, 1)
        return chapter

    def block(self):
        kinds = self.kinds or tuple(KINDS)
        kind = self.rng.choices(kinds, [1 if self.kinds else KINDS[kind] for kind in kinds])[0]
        return getattr(self, kind)()

    def word(self, letters):
        consonants, vowels = ("bcdfghklmn", "aei") if letters is TEXT else ("pqrstvwxz", "ouy")
        pick = self.rng.choice
        length = pick((1, 1, 2, 2, 3, 4))
        return "".join(
            pick(consonants) + pick(vowels) + pick((*consonants, *[""] * 20)) for _ in range(length)
        )

    def sentences(self, count, letters=TEXT):
        made = []
        while count > 0:
            length = min(count, self.rng.randint(4, 18))
            count -= length
            made.append(" ".join(self.word(letters) for _ in range(length)).capitalize() + ".")
        return " ".join(made)

    def noted(self, count, most=4, chance=0.5):
        """Words that call up to so many notes."""
        words = self.sentences(count).split(" ")
        for _ in range(self.rng.randint(0, most) if self.rng.random() < chance else 0):
            words[self.rng.randrange(len(words))] += self.note()
        return " ".join(words)

    def note(self, depth=0):
        """The call of a new note, or now and then of an old one."""
        chance = self.rng.random()
        if self.labels and chance < self.again:
            return f"[^{self.rng.choice(self.labels)}]"
        if depth == 0 and chance < 0.14:
            return f"^[{self.sentences(self.rng.randint(1, 25), NOTE)}]"
        self.made += 1
        label, at, parts = f"n{self.made}", len(self.notes), self.note_text()
        self.notes.append("")
        if depth < 3 and self.rng.random() < 0.1:
            words = parts[-1].split(" ")
            words[-1] += self.note(depth + 1)
            parts[-1] = " ".join(words)
        rest = ("\n".join(f"    {line}" for line in part.split("\n")) for part in parts[1:])
        self.notes[at] = "\n\n".join([f"[^{label}]: {parts[0]}", *rest])
        self.labels.append(label)
        return f"[^{label}]"

    def note_text(self):
        between, kind = self.rng.randint, self.rng.random()
        if kind < 0.72:
            return [self.sentences(between(1, 30), NOTE)]
        if kind < 0.86:
            return [self.sentences(between(30, 120), NOTE)]
        if kind < 0.94:
            return [self.sentences(between(10, 110), NOTE) for _ in range(between(2, 6))]
        if kind < 0.97:
            return [self.sentences(between(300, 620), NOTE)]
        items = "\n".join(f"- {self.sentences(between(2, 25), NOTE)}" for _ in range(between(2, 6)))
        quoted = f"> {self.sentences(between(5, 60), NOTE)}"
        return [self.sentences(10, NOTE), items, quoted, self.sentences(between(3, 30), NOTE)]

    def paragraph(self):
        link = f" @LINK@ {self.sentences(20)}" if self.links and self.rng.random() < 0.5 else ""
        return self.noted(self.rng.randint(3, 160), chance=0.7) + link

    def heading(self):
        self.level = self.rng.choice((2, 2, 3)) if self.level else 2
        self.headings.append(f"h{len(self.headings)}")
        return f"{'#' * self.level} {self.noted(self.rng.randint(1, 9), 1, 0.3)} {{#{self.headings[-1]}}}"

    def list(self):
        mark, gap = self.rng.choice(("-", "1.")), self.rng.choice(("\n", "\n\n"))
        return gap.join(
            f"{mark} {self.noted(self.rng.randint(1, 40), 2)}" for _ in range(self.rng.randint(1, 8))
        )

    def nested(self):
        between, lines = self.rng.randint, []
        for _ in range(between(1, 5)):
            lines.append(f"- {self.noted(between(1, 25), 2, 0.4)}")
            for _ in range(between(0, 4)):
                lines.append(f"    - {self.noted(between(1, 25), 2, 0.4)}")
                lines += [f"        - {self.noted(between(1, 15), 2, 0.4)}" for _ in range(between(-3, 2))]
        return "\n".join(lines)

    def table(self):
        between, columns = self.rng.randint, range(self.rng.randint(1, 4))
        rows = [[self.noted(between(1, 3), 1, 0.35) for _ in columns], ["---" for _ in columns]]
        rows += [
            [self.noted(between(1, 14), 2, 0.2) for _ in columns]
            for _ in range(self.rng.choice((1, 2, 4, 8, 16)))
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows) + self.caption(0.5)

    def caption(self, chance):
        if self.rng.random() > chance:
            return ""
        return f"\n\n/// caption\n{self.noted(self.rng.randint(2, 30), 3, 0.5)}\n///"

    def figure(self):
        return f"![{self.word(TEXT)}](images/{self.rng.choice((40, 120, 260))}.svg)" + self.caption(0.8)

    def definitions(self):
        between = self.rng.randint
        return "\n\n".join(
            f"{self.noted(between(1, 3), 1, 0.2)}\n:   {self.noted(between(2, 40), 2)}"
            for _ in range(between(1, 5))
        )

    def quotation(self):
        return "\n>\n".join(f"> {self.noted(self.rng.randint(4, 90))}" for _ in range(self.rng.randint(1, 3)))

    def verse(self):
        between = self.rng.randint
        stanzas = [
            [self.noted(between(2, 8), 1, 0.2) for _ in range(between(2, 8))] for _ in range(between(1, 4))
        ]
        return "/// verse\n" + "\n\n".join("\n".join(stanza) for stanza in stanzas) + "\n///"

    def epigraph(self):
        return f"/// epigraph\n{self.noted(self.rng.randint(4, 30))}\n\n— {self.noted(2, 1, 0.3)}\n///"

    def code(self):
        lines = [self.sentences(self.rng.randint(1, 6)) for _ in range(self.rng.randint(1, 14))]
        return "\n".join(["```", *lines, "```"])

    def pause(self):
        return "* * *"


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.fixture
def stock():
    """Give a function that takes every cure away; all of them come back afterwards."""
    import weasyprint.layout
    from weasyprint.layout import block, page

    from diptych.writers.pdf import cures

    names = {
        weasyprint.layout: ["make_all_pages"],
        weasyprint.layout.LayoutContext: ["unlayout_footnote", "_update_footnote_area"],
        block: ["_linebox_layout", "table_layout"],
        page: ["block_level_layout", "make_all_pages", "remake_page"],
    }
    with pytest.MonkeyPatch.context() as patch:

        def only(which):
            for owner, functions in names.items():
                for name in functions:
                    patch.setattr(owner, name, original(getattr(owner, name)))
            patch.setattr(block, "_diptych_cured", True, raising=False)
            for cure in which:
                cure()

        for owner, functions in names.items():
            for name in functions:  # whatever stands here now is what comes back
                patch.setattr(owner, name, getattr(owner, name))
        only.all = cures.CURES
        yield only


def original(function):
    """Take the wrappers off a function: `functools.wraps` leaves the way back."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


LOOSE = " caption, thead, tr { break-before: auto !important; break-after: auto !important }"
"""Pages that end anywhere in a table: with such pages the faults were found."""

DOCUMENTS = {
    "settle_notes_of_each_page": [
        ("lost", Author(51, blocks=2).book(), "is not in"),
        ("before its call", Author(1806, 1, ("table",)).book(), "before its call"),
        ("over the text", Author(245, blocks=3).book(), "over the text"),
        ("out of order", Author(129, blocks=1).book(), "out of order"),
    ],
    "keep_heads_of_tables": [("head left out", proud_head(40, 200), "is not in")],
    "leave_drawn_notes_alone": [("doubled", tall_head(90, 16, 7, 330), "more than once")],
    "remake_all_pages_of_a_pass": [
        ("lost in a later pass", Author(31, 3, ("paragraph", "heading"), links=True).book(), "is not in")
    ],
    "finish_notes_before_a_forced_break": [("late", crowded_end(30, 250), "in the next chapter")],
}
LONG = {
    "settle_notes_of_each_page-lost",
    "remake_all_pages_of_a_pass-lost in a later pass",
    "keep_heads_of_tables-head left out",
}
CASES = [
    pytest.param(
        cure, *case, id=(name := f"{cure}-{case[0]}"), marks=[pytest.mark.slow] if name in LONG else []
    )
    for cure, cases in DOCUMENTS.items()
    for case in cases
]


@pytest.mark.slow
def test_notes_stay_with_their_calls(bench, monkeypatch, stock):
    monkeypatch.setattr(ledger, "_LEAST_MARGIN", 0)
    text = "\n\n".join(f"{words(18)}[^{n}] {words(14)}" for n in range(24))
    notes = "\n\n".join(f"[^{n}]: {words(4, NOTE)}" for n in range(24))
    read = as_found(bench.read(book(f"# A\n\n{text}\n\n{notes}\n")))
    stock([one for one in stock.all if one.__name__ != "keep_notes_with_their_calls"])
    assert late(bench.make(read))
    stock(stock.all)
    made = bench.make(read)
    assert (late(made), faults(made, 0)) == ([], [])


@pytest.mark.parametrize(("cure", "what", "files", "said"), CASES)
def test_each_cure_is_needed_and_all_suffice(bench, monkeypatch, stock, one_by_one, cure, what, files, said):
    monkeypatch.setattr(ledger, "_LEAST_MARGIN", 0)
    book = as_found(bench.read({**files, "styles/book.css": files.get("styles/book.css", "") + LOOSE}))
    stock([one for one in stock.all if one.__name__ != cure])
    assert any(said in fault for fault in faults(bench.make(book, whole=True), 0))
    stock(stock.all)
    assert faults(bench.make(book, whole=True), 0) == []


@pytest.fixture
def one_by_one(monkeypatch):
    """Fill lines one by one, and leave tables as wide as they are, as WeasyPrint does by itself.

    What its notes need was found out with such pages.
    """
    from diptych.writers.pdf import fitting, intact, paragraphs

    monkeypatch.setattr(intact, "faults", lambda *_: ())  # what is lost is the ledger's to say here
    monkeypatch.setattr(paragraphs, "_planned", lambda *_: None)
    monkeypatch.setattr(fitting, "fit", lambda pages, _: (pages, ()))


def test_a_page_for_notes_alone_is_made_in_every_pass(stock):
    """No document is known that needs this one; a later pass with more such pages than the first one would."""
    from types import SimpleNamespace

    import weasyprint.layout.page

    from diptych.writers.pdf import cures

    stock([])
    weasyprint.layout.page.remake_page = lambda *_: ("page", None)
    cures.keep_pages_that_hold_only_notes()
    context = SimpleNamespace(reported_footnotes=["a note"], page_maker=[(), ({"content_changed": False},)])
    weasyprint.layout.page.remake_page(0, context, None, None)
    assert context.page_maker[1][-1]["content_changed"] is True


def test_each_note_is_measured_once(bench, monkeypatch, stock):
    """A page of twenty notes laid out all of them at each of its lines."""
    from weasyprint.layout import block

    text = "\n\n".join(f"{words(5)}[^{n}]" for n in range(20))
    read = bench.read(book(f"# A\n\n{text}\n\n" + "\n\n".join(f"[^{n}]: Zu." for n in range(20)) + "\n"))
    laid_out = []
    right = block.block_container_layout

    def counted(context, box, *rest, **named):
        laid_out.append(box.element.get("class") if box.element is not None else "")
        return right(context, box, *rest, **named)

    monkeypatch.setattr(block, "block_container_layout", counted)
    counts = []
    for left_out in ("measure_each_note_once", ""):
        stock([one for one in stock.all if one.__name__ != left_out])
        laid_out.clear()
        assert faults(bench.make(read)) == []
        counts.append(laid_out.count("footnote"))
    assert counts[1] * 2 < counts[0]


def test_every_cure_is_tested():
    from diptych.writers.pdf import cures

    assert {cure.__name__ for cure in cures.CURES} == {
        *DOCUMENTS,
        "keep_notes_with_their_calls",
        "set_each_series_by_itself",  # these two in test_footnotes.py
        "measure_each_note_once",  # below
        "show_where_notes_run_on",
        "keep_pages_that_hold_only_notes",
    }


def test_another_version_of_weasyprint_is_refused(monkeypatch):
    import weasyprint

    from diptych.writers.pdf import cures

    monkeypatch.setattr(weasyprint, "__version__", "70.1")
    with pytest.raises(RuntimeError, match=r"70\.1.*70\.0 only"):
        cures.install()


@pytest.mark.parametrize(
    "trim",
    ["105x148mm", *(pytest.param(trim, marks=pytest.mark.slow) for trim in ("70x100mm", "a5", "6x9", "a4"))],
)
@pytest.mark.parametrize(
    "note",
    [
        pytest.param(words(900, NOTE), id="one endless sentence"),
        pytest.param(". ".join(f"Qu {words(12, NOTE)}" for _ in range(70)) + ".", id="sentences"),
        pytest.param("\n\n    ".join(words(90, NOTE) for _ in range(9)), id="paragraphs"),
        pytest.param("\n    ".join(f"- {words(20, NOTE)}" for _ in range(40)), id="list"),
        pytest.param("\n    >\n    ".join(f"> {words(70, NOTE)}" for _ in range(10)), id="quotation"),
        pytest.param(f"*{words(700, NOTE)}*", id="emphasis from end to end"),
    ],
)
def test_a_note_longer_than_a_page_flows_over_pages_whole(bench, trim, note):
    toml = A6.replace("105x148mm", trim)
    text = f"# A\n\n{words(30)}[^1] {words(30)}[^2]\n\n{words(60)}\n\n[^1]: Qu.\n\n    {note}\n\n[^2]: Zu.\n"
    assert faults(bench.build({"book.toml": toml, "1.md": text})) == []


@pytest.mark.parametrize("seed", [100, *(pytest.param(n, marks=pytest.mark.slow) for n in (101, 102))])
def test_random_books_come_out_whole(bench, seed):
    assert faults(bench.build(Author(seed, blocks=3).book())) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_long_random_books_come_out_whole(bench, seed):
    assert faults(bench.build(Author(seed, links=seed % 10 == 0).book())) == []


# --- much of it -------------------------------------------------------------------------------------------------------

TWO_SERIES = '[notes]\nnumbering = "page"\n[notes.tr]\nmarks = "symbols"\n'


def every(count, step, length, labels=("{0}",)):
    """A note every so many words; its label comes from each of the labels in turn."""
    names = [labels[n % len(labels)].format(n) for n in range(count)]
    text = " ".join(f"{words(step + n % 3)}[^{name}]" for n, name in enumerate(names))
    return (
        f"# A\n\n{text}\n\n"
        + "\n\n".join(f"[^{name}]: Zut {n} {words(length + n % 5, NOTE)}" for n, name in enumerate(names))
        + "\n"
    )


def rows(count, length):
    """A long table that calls a note in every row, two in its head and one in its caption."""
    table = "\n".join(f"| {words(2)} | {words(5)}[^{n}] |" for n in range(count))
    notes = "\n\n".join(
        f"[^{n}]: Zut {n} {words(length + len(str(n)) * 3, NOTE)}" for n in [*range(count), *"xyz"]
    )
    return f"# A\n\n{words(90)}\n\n| a[^x] | b[^y] |\n|---|---|\n{table}\n\n/// caption\n{words(4)}[^z]\n///\n\n{words(60)}\n\n{notes}\n"


def everywhere():
    """Notes in a heading, a list, a quotation, verse, a caption, and in other notes."""
    parts = [
        f"# A[^h] {words(2)}", f"{words(40)}[^p]", f"## B[^h2]\n\n{words(90)}", f"- {words(9)}[^l]\n- {words(30)}[^m]",
        f"> {words(50)}[^q]", f"/// verse\n{words(5)}[^v]\n{words(6)}\n///", f"![a](images/120.svg)\n\n/// caption\n{words(9)}[^f]\n///",
        f"{words(120)}[^tr:t] {words(70)}[^long]",
    ]  # fmt: skip
    notes = [f"[^{n}]: Zut {words(9, NOTE)}" for n in ("h", "p", "h2", "l", "m", "q", "v", "f", "in")]
    notes += [
        f"[^tr:t]: Zut {words(20, NOTE)}[^in]",
        f"[^long]: Zut {words(400, NOTE)}[^tr:u]",
        "[^tr:u]: Zut.",
    ]
    return "\n\n".join([*parts, *notes]) + "\n"


STRESS = {
    "200 notes on consecutive pages": every(200, 60, 8),
    "a note every six words": every(200, 6, 6),
    "two series, a note every nine words": every(160, 9, 7, ("{0}", "tr:{0}")),
    "long notes of two series": every(24, 40, 130, ("{0}", "{0}", "tr:{0}")),
    "a table over pages": rows(60, 6),
    "a table over pages, its notes long": rows(24, 40),
    "notes longer than a page, one after another": every(6, 30, 700),
}


@pytest.mark.slow
@pytest.mark.parametrize("numbering", ["", TWO_SERIES], ids=["by chapter", "by page"])
@pytest.mark.parametrize("trim", ["105x148mm", "6x9"])
@pytest.mark.parametrize("text", STRESS.values(), ids=STRESS)
def test_many_notes_come_out_whole(bench, text, trim, numbering):
    toml = A6.replace("[edition", numbering + "[edition").replace("105x148mm", trim)
    assert faults(bench.build({"book.toml": toml, "1.md": text})) == []


@pytest.mark.parametrize("numbering", ["", TWO_SERIES], ids=["by chapter", "by page"])
def test_notes_from_everywhere_come_out_whole(bench, numbering):
    toml = A6.replace("[edition", numbering + "[edition")
    made = bench.build({"book.toml": toml, "1.md": everywhere(), "images/120.svg": SVG.format(120)})
    assert faults(made) == []
    assert late(made) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 230))
def test_random_books_whose_marks_begin_anew_on_each_page_come_out_whole(bench, seed):
    files = Author(seed, again=0).book()  # "1, p. 3" has a letter of the notes in the text
    toml = re.sub('numbering = "[a-z]+"', 'numbering = "page"', files["book.toml"])
    assert faults(bench.build({**files, "book.toml": toml})) == []


def in_two_series(files, rng):
    """Make the translator's of some of the notes."""
    found = {
        **files,
        "book.toml": files["book.toml"].replace("[edition", '[notes.tr]\nmarks = "symbols"\n[edition'),
    }
    for path in (path for path in files if path.endswith(".md")):
        for label in sorted(set(re.findall(r"^\[\^(n\d+)\]:", files[path], re.MULTILINE))):
            if rng.random() < 0.4:
                found[path] = found[path].replace(f"[^{label}]", f"[^tr:{label}]")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5000, 5012))
@pytest.mark.parametrize("how", ["two series", "modern", "gentle", "most gentle"])
def test_random_books_come_out_whole_however_they_are_set(bench, how, seed):
    files = Author(seed, blocks=(3, 8)[seed % 2]).book()
    if how == "two series":
        files = in_two_series(files, random.Random(seed))
    theme = 'theme = "modern"\n' if how == "modern" else ""
    gentle = {"gentle": 1, "most gentle": 2}.get(how, 0)
    assert faults(bench.build({**files, "book.toml": files["book.toml"] + theme}, gentle=gentle)) == []
