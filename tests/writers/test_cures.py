"""The cures for WeasyPrint's notes: each is needed, together they suffice, and random books come out whole.

Words of the text are made of other letters than words of the notes, so that a page tells which is which.
"""

from __future__ import annotations

import ctypes
import random
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from diptych.checks import ledger

TEXT, NOTE = frozenset("abcdefghiklmn"), frozenset("opqrstuvwxyz")
IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
A6 = f'[book]\ntitle = "Bad Idea"\n{IDENTIFIER}[edition.screen]\ntrim = "105x148mm"\n'
POINT = 72 / 25.4


# --- what can be wrong ------------------------------------------------------------------------------------------------


def faults(made):
    """Everything that is wrong with the notes of a PDF, in one line each."""
    census = ledger.of_pdf(made.data, made.wanted, made.edition)
    return [*(problem.sentence for problem in census.problems), *strays(made), *displaced(made)]


def strays(made):
    """Notes over the text, or outside the text block."""
    height, width = made.edition.height * POINT, made.edition.width * POINT
    margin = height * 0.108 if made.edition.medium == "print" else width * 0.125 + 3 * POINT
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
    spots = ledger._read_places(made.data)[0]
    return min(spot.page for name, spot in spots.items() if name in ("c1", "c2"))


def letters_of(page):
    """Bottom and top of each letter of the text and of the notes."""
    textpage = page.get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found = {TEXT: [], NOTE: []}
    for index in range(textpage.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(textpage, index))
        for letters, boxes in found.items():
            if character in letters:
                pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
                boxes.append((bottom.value, top.value))
    return found[TEXT], found[NOTE]


def displaced(made):
    """Notes out of order, or under the first page of the next chapter."""
    spots = ledger._read_places(made.data)[0]
    openings = sorted(spots[name].page for name in ("c1", "c2") if name in spots)
    found, order = [], []
    for each in made.wanted:
        call = spots.get(each.note.calls[0].id)
        pieces = [name for name in spots if name == each.note.id or name.startswith(f"{each.note.id}_")]
        pieces.sort(key=lambda name: int(name.rpartition("_")[2]) if "_" in name else 1)
        order += [(spots[name].page, -spots[name].y) for name in pieces]
        ends = [page for page in openings if call and page > call.page]
        if call and ends and any(spots[name].page >= ends[0] for name in pieces):
            found.append(f"the note {each.mark} stands in the next chapter")
    return found + [f"page {b[0] + 1}: notes are out of order" for a, b in pairwise(order) if b < a]


# --- one document for each cure ---------------------------------------------------------------------------------------


def book(*chapters, css=""):
    files = {"book.toml": A6, **{f"{n}.md": text for n, text in enumerate(chapters, 1)}}
    return {**files, "styles/book.css": css} if css else files


def words(count, letters=TEXT):
    """Words as an author might write them: the same each time."""
    rng = random.Random(f"{count}{min(letters)}")
    sounds = ("bcdfghklmn", "aei") if letters is TEXT else ("pqrstvwxz", "ouy")
    made = ["".join(rng.choice(part) for part in sounds * rng.choice((1, 2, 2, 3))) for _ in range(count)]
    return " ".join(made)


def dense(step, length):
    """A long paragraph that calls a note every few words."""
    parts = [f"{words(step)}[^{n}]" for n in range(1, 25)]
    notes = [f"[^{n}]: {words(length + n % 3, NOTE)}" for n in range(1, 25)]
    return book("# A\n\n" + " ".join(parts) + "\n\n" + "\n".join(notes) + "\n")


def moved_table(before, length):
    """The head of a table calls a note, and no row fits on the page."""
    rows = f"| {words(3)} | {words(40)} |\n" * 3
    table = f"| {words(1)}[^1] | {words(1)} |\n|---|---|\n{rows}"
    return book(f"# A\n\n{words(before)}\n\n{table}\n{words(30)}\n\n[^1]: {words(length, NOTE)}\n")


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


def page_numbers(paragraphs, length):
    """The book's own stylesheet writes page numbers behind links, so that pages are made more than once."""
    text = [
        f"{words(30 + n)}[^{n}] {words(9)} [see](#later) {words(25 + n)}[^{n}b]" for n in range(paragraphs)
    ]
    notes = [f"[^{n}{b}]: {words(length + n, NOTE)}" for n in range(paragraphs) for b in ("", "b")]
    chapter = "\n\n".join(["# A", *text, "## B {#later}", words(5), *notes])
    return book(chapter.replace("see", "lea"), css=PAGE_NUMBERS)


def growing_end(before, links, length):
    """As above; the last page holds only notes, and there is none the first time."""
    text = f"{words(before)} " + " ".join(f"[{words(1)}](#end)" for _ in range(links))
    notes = [f"[^{n}]: {words(length, NOTE)}" for n in (1, 2, 3)]
    chapter = "\n\n".join(["# A", text, "## B {#end}", "Be[^1] bed[^2] bell[^3]", *notes])
    return book(chapter, css="h1 { margin: 0 }" + PAGE_NUMBERS.replace('" ("', '" abcdefghi abcdefghi "'))


def crowded_end(before, length):
    """The last line of a chapter calls more notes than its page can take."""
    notes = "\n\n".join(f"[^{n}]: {words(length, NOTE)}" for n in (1, 2, 3))
    return book(f"# A\n\n{words(before)} Be[^1] bed[^2] bell[^3]\n\n{notes}\n", f"# B\n\n{words(30)}\n")
