"""Notes stand near their calls and cost no page; where a first setting fails, the book is set again more gently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diptych import pipeline
from diptych.checks import feet, ledger, readback
from diptych.checks.pages import leaves, look
from diptych.model import Census, Finding
from diptych.problems import BookError, Place, warning

IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
TOML = f'[book]\ntitle = "Feet"\n{IDENTIFIER}[edition.screen]\ntrim = "105x148mm"\n'
PAGES = Path(__file__).parents[1] / "writers" / "cures.css"
"""Where lines fall decides whether a note finds room, so the pages of the cases stay as they were found."""

WORDS = "a small boat lay at the quay and nobody knew whose it was until the owner came to fetch it ".split()


def words(count: int) -> str:
    return " ".join(WORDS[n % len(WORDS)] for n in range(count))


def crowded(before: int = 130) -> dict[str, str]:
    """Write a chapter in which one line calls more notes than a page can take, high on its second page."""
    calls = " ".join(f"word[^{n}]" for n in range(4))
    notes = "\n\n".join(f"[^{n}]: Told as number {n}, {words(100)}" for n in range(4))
    text = f"# A\n\n{words(210)}\n\n{words(before)}\n\n{words(20)} {calls} {words(300)}\n\n{notes}\n"
    return {"book.toml": TOML, "1.md": text, "styles/book.css": PAGES.read_bytes()}


def made(book):
    return pipeline._edition(book, book.manifest.editions[0], (), lambda *_: None)


def test_a_page_that_a_note_leaves_white_is_told(bench, monkeypatch):
    monkeypatch.setattr(pipeline, "_GENTLER", (0,))
    problems = {problem.code: problem for problem in made(bench.read(crowded())).problems}
    assert str(problems["page-emptied"].place) == "book/1.md:7"
    assert problems["page-emptied"].severity == "warning"


def test_a_book_is_set_more_gently_where_that_helps(bench):
    assert made(bench.read(crowded())).problems == ()


def test_a_note_that_no_setting_saves_stops_the_build(bench, monkeypatch):
    tried = []

    def census(_, wanted, edition):
        tried.append(edition.gentle)
        return Census(len(wanted), (ledger.lost(wanted[0], "is not in the PDF"),))

    monkeypatch.setitem(pipeline._CENSUS, "pdf", census)
    with pytest.raises(BookError) as stopped:
        made(bench.read({"book.toml": TOML, "1.md": "# A\n\nA word.[^1]\n\n[^1]: A note.\n"}))
    assert tried == [0, 1, 2]
    assert str(stopped.value.problems[0].place) == "book/1.md:3"


def test_a_lost_note_weighs_more_than_an_ugly_page(bench, monkeypatch):
    book = bench.read({"book.toml": TOML, "1.md": "# A\n\nA word.[^1]\n\n[^1]: A note.\n"})

    def census(_, wanted, edition):
        lost = ledger.lost(wanted[0], "is not in the PDF")
        ugly = replace(lost, severity="warning")
        return Census(1, [(lost,), (ugly, ugly), (ugly,)][edition.gentle])

    monkeypatch.setitem(pipeline._CENSUS, "pdf", census)
    assert len(made(book).problems) == 1


def test_a_note_in_its_place_is_not_paid_for_with_lines_that_stand_alone(bench, monkeypatch):
    book = bench.read({"book.toml": TOML, "1.md": "# A\n\nA word.[^1]\n\n[^1]: A note.\n"})
    alone = Finding(1, (0, 0, 1, 1), warning("widow", Place("book/1.md", 3), "A line stands alone."))
    tried = []

    def census(_, wanted, edition):
        tried.append(edition.gentle)
        ugly = replace(ledger.lost(wanted[0], "stands late"), severity="warning")
        return Census(1, () if edition.gentle else (ugly,))

    looked = iter([(), (alone,) * 12])
    monkeypatch.setitem(pipeline._CENSUS, "pdf", census)
    monkeypatch.setattr(readback, "findings", lambda *_: next(looked))
    assert [problem.code for problem in made(book).problems] == ["note-lost"]
    assert tried == [0, 1]


def test_a_note_that_stands_far_behind_its_call_is_told(bench):
    text = f"# A\n\n{words(20)}[^1] {words(900)}\n\n[^1]: A note.\n"
    book = bench.make(bench.read({"book.toml": TOML, "1.md": text}))
    due = ledger.survey(ledger.read_places(book.data), leaves(book.data), book.wanted, book.edition)
    (stood,) = look(book.data, [feet.question(due)])
    assert list(feet.problems(due, book.wanted, stood)) == []
    spots = {"fnref-c1-1": ledger.Spot(2, 0, 300), "fn-c1-1": ledger.Spot(4, 0, 60)}
    pages = [feet._Page(420, 0.8, 0.9, has_notes=False)] * 6
    (problem,) = feet._late(book.wanted, spots, pages)
    assert "stands 2 pages behind its call, on page 5" in problem.sentence
    waiting = [*pages[:3], replace(pages[3], has_notes=True), *pages[4:]]
    assert list(feet._late(book.wanted, spots, waiting)) == []


# --- damage done by a layout ------------------------------------------------------------------------------------------


def feet_of(pages):
    """The areas of notes of the pages that have any."""
    areas = [box for page in pages for box in page.children if type(box).__name__ == "FootnoteAreaBox"]
    return [area for area in areas if area.children]


def leave_out(areas):
    areas[0].children = areas[0].children[1:]


def leave_out_a_piece(areas):
    piece = next(note for area in areas for note in area.children if note.style["anchor"] == "fn-c1-2_3")
    for area in areas:
        area.children = [note for note in area.children if note is not piece]


def draw_again(areas):
    twin = areas[0].children[0].deepcopy()
    twin.translate(dy=-60)
    areas[0].children = [twin, *areas[0].children]


def draw_again_on_the_next_page(areas):
    areas[1].children = [*areas[1].children, areas[0].children[0]]


def draw_before_the_call(areas):
    note = areas[-1].children[-1]
    areas[-1].children = areas[-1].children[:-1]
    areas[0].children = [*areas[0].children, note]


def draw_over_the_text(areas):
    areas[0].children[0].translate(dy=-200)


def draw_over_another(areas):
    areas[-1].children[-1].translate(dy=-9)


def draw_off_the_page(areas):
    areas[0].children[0].translate(dy=900)


@pytest.mark.parametrize(
    ("damage", "lines"),
    [
        (leave_out, {3}), (leave_out_a_piece, {5}), (draw_again, {3}), (draw_over_the_text, {3}),
        *(
            pytest.param(damage, lines, marks=pytest.mark.slow)
            for damage, lines in (
                (draw_again_on_the_next_page, {9}), (draw_before_the_call, {7}), (draw_over_another, {5, 7}), (draw_off_the_page, {3}),
            )
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_no_damage_to_notes_is_a_mere_warning(bench, monkeypatch, damage, lines):
    import weasyprint.document

    long = " ".join(f"and{n} so{n} it{n} went{n}" for n in range(90))
    text = f"# A\n\n{words(30)}[^1] {words(60)}\n\n{words(60)}[^2] {words(200)}\n\n{words(20)}[^3]\n\n"
    notes = f"[^1]: The first note is a short one.\n\n[^2]: The second {long}.\n\n[^3]: The third note is short.\n"
    book = bench.read({"book.toml": TOML, "1.md": text + notes})
    assert made(book).problems == ()
    right = weasyprint.document.layout_document

    def layout_document(*given):
        pages = [*right(*given)]
        if areas := feet_of(pages):
            damage(areas)
        return pages

    monkeypatch.setattr(weasyprint.document, "layout_document", layout_document)
    with pytest.raises(BookError) as stopped:
        made(book)
    found = [p for p in stopped.value.problems if p.severity == "error"]
    assert {p.place.file for p in found} == {"book/1.md"}
    assert lines & {p.place.line for p in found}
