"""What is remembered of pages is what would be seen on them: no memory hides what has become of a file."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych import files, pipeline, work
from diptych.checks import drawn, pages
from diptych.checks.pages import Opened, Question


def pdf(*texts: str, boxes=(), change=lambda _: None) -> bytes:
    """Give a PDF with a text on each page; all share a face, and a form that is drawn on each of them."""
    out = io.BytesIO()
    with pikepdf.new() as new:
        face = new.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        inner = new.make_stream(b"BT /F 9 Tf 20 20 Td (inner) Tj ET", Resources={"/Font": {"/F": face}})
        form = new.make_stream(b"/In Do", Resources={"/XObject": {"/In": inner}})
        for each in (inner, form):
            each.Type, each.Subtype, each.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 200, 300]
        for text in texts:
            page = new.add_blank_page(page_size=(200, 300))
            page.obj.Resources = {"/Font": {"/F": face}, "/XObject": {"/Fm": form}}
            page.obj.Contents = new.make_stream(f"BT /F 9 Tf 20 200 Td ({text}) Tj ET /Fm Do".encode())
        change(new)
        new.save(out, static_id=True)
    return out.getvalue()


def text_of(opened: Opened, common: object, own: object) -> list:
    return [opened.text.get_text_range(), list(opened.page.get_trimbox()), common, own]


def four(plain: list) -> list:
    text, box, common, own = plain
    return [text, box, common, own]


class Memory(dict):
    """A shop that remembers, and counts the pages that are looked at."""

    def __init__(self, jobs: int = 1) -> None:
        self.shop = work.Workshop(jobs, ("code",), self.get, self.update)
        self.looked = 0

    def look(self, opened: Opened, common: object, own: object) -> list:
        self.looked += 1
        return text_of(opened, common, own)

    def ask(self, data: bytes, *, own=(), common="", begins=()) -> list:
        count = len(pages.leaves(data))
        question = Question(self.look, four, common, own or [""] * count)
        with pikepdf.open(io.BytesIO(data)) as file:
            names = drawn.names(file, data)
        (answers,) = pages.ask(data, [question], names, begins, self.shop)
        (fresh,) = pages.look(data, [replace(question, look=text_of)])
        assert answers == fresh
        return answers


def test_pages_that_stay_as_they_are_are_looked_at_once():
    memory = Memory()
    first = memory.ask(pdf(*"abc"))
    assert memory.looked == 3
    assert memory.ask(pdf(*"abc")) == first
    assert memory.looked == 3


def test_sections_are_remembered_for_themselves_wherever_they_stand():
    memory = Memory()
    memory.ask(pdf(*"abcd"), begins={0, 2})
    memory.ask(pdf(*"abXcd"), begins={0, 2, 3})
    assert memory.looked == 5


def test_a_long_section_is_remembered_in_parts(monkeypatch):
    monkeypatch.setattr(pages, "_GROUP", 2)
    memory = Memory()
    memory.ask(pdf(*"abcde"))
    memory.ask(pdf(*"abcdX"))
    assert memory.looked == 6


def stream_of(new, n=0):
    return new.pages[n].obj.Resources.XObject["/Fm"].Resources.XObject["/In"]


def other_form(new):
    stream_of(new).write(b"BT /F 9 Tf 20 20 Td (other) Tj ET")


def other_face(new):
    new.pages[0].obj.Resources.Font["/F"].BaseFont = pikepdf.Name.Courier


def other_box(new):
    new.pages[0].obj.TrimBox = [10, 10, 190, 290]


def other_inherited_box(new):
    for page in new.pages:
        del page.obj.MediaBox
    new.Root.Pages.MediaBox = [0, 0, 190, 290]


def other_inherited_face(new):
    face = new.pages[0].obj.Resources
    for page in new.pages:
        del page.obj.Resources
    face.Font["/F"].BaseFont = pikepdf.Name.Courier
    new.Root.Pages.Resources = face


@pytest.mark.parametrize(
    "change", [other_form, other_face, other_box, other_inherited_box, other_inherited_face]
)
def test_whatever_changes_on_a_page_is_seen(change):
    memory = Memory()
    memory.ask(pdf("a"))
    memory.ask(pdf("a", change=change))
    assert memory.looked == 2


def test_what_is_not_drawn_is_not_asked_for():
    def relabel(new):
        new.Root.PageLabels = {"/Nums": [0, {"/S": pikepdf.Name.r}]}
        new.pages[0].obj.StructParents = 7

    memory = Memory()
    memory.ask(pdf("a"))
    memory.ask(pdf("a", change=relabel))
    assert memory.looked == 1


def test_a_form_that_holds_itself_is_looked_at_in_each_file():
    def knot(new):
        stream_of(new).Resources.XObject = {"/Fm": new.pages[0].obj.Resources.XObject["/Fm"]}

    memory = Memory()
    memory.ask(pdf("a", "b", change=knot))
    memory.ask(pdf("a", "b", change=knot))
    assert memory.looked == 2
    memory.ask(pdf("a", "c", change=knot), begins={0, 1})
    assert memory.looked == 4


def test_words_like_a_reference_are_no_stumbling_block():
    def tell(new):
        new.pages[0].obj.Resources.Properties = {
            "/A": {"/T": pikepdf.String("1 0 R, 77 0 R, 99999999999999999999 0 R")}
        }

    memory = Memory()
    memory.ask(pdf("a", change=tell))
    memory.ask(pdf("a", change=tell))
    assert memory.looked == 1


def test_another_question_is_another_memory():
    memory = Memory()
    data = pdf("a", "b")
    memory.ask(data)
    memory.ask(data, common="for all")
    memory.ask(data, own=["first", "second"])
    memory.shop = replace(memory.shop, versions=("other code",))
    memory.ask(data)
    assert memory.looked == 8


@pytest.mark.parametrize(
    "kept", [b"", b"[", b"[]", b"7", b'{"a": 1}', b"[[]]", b"[[1, 2]]", b"\xff", b"null"]
)
def test_a_memory_that_cannot_be_read_is_made_again(kept):
    memory = Memory()
    memory.ask(pdf("a"))
    memory.update(dict.fromkeys(memory, kept))
    memory.ask(pdf("a"))
    assert memory.looked == 2


def test_any_number_of_jobs_sees_the_same(monkeypatch):
    monkeypatch.setattr(pages, "_WORTH", 1)
    data = pdf(*"abcdefg")
    kept = []
    for jobs in (1, 2, 3, 9):
        memory = Memory(jobs)
        memory.ask(data, begins={0, 2, 3, 6})
        kept.append((jobs, dict(memory)))
    assert all(each == kept[0][1] for _, each in kept)
    assert json.loads(next(iter(kept[0][1].values())))


# --- an edition -------------------------------------------------------------------------------------------------------

TOML = '[book]\ntitle = "Edits"\n[identifier]\nuuid = "urn:uuid:6ad2c8e5-4a5f-4b3e-9f0a-0d6d6d1f7c11"\n[edition.screen]\n'
PROSE = "The council sat until the lamps were lit and nobody could say who had called it. "


def chapter(number: int) -> str:
    text = f"# Chapter {number}\n\n{PROSE * 4}[^1]\n\n{PROSE * 30}\n\nIt.\n\n"
    return f"{text}[^1]: A note of chapter {number} that is long enough to be looked for.\n"


def made(book: Path, shop: work.Workshop):
    read = pipeline.read(book, "book", pipeline.Wishes())
    return pipeline._edition(read, read.manifest.editions[0], (), lambda *_: None, shop)


def test_a_memory_does_not_hide_that_a_note_has_lost_a_word(bench, monkeypatch):
    """The file is damaged behind the writer's back, so that all else is as it was."""
    book = bench.write({"book.toml": TOML, "1.md": chapter(1)})
    memory = Memory()
    right, write = made(book, memory.shop), pipeline._WRITERS["pdf"]
    assert right.problems == ()

    def damaged(*given_):
        finished = write(*given_)
        with pikepdf.open(io.BytesIO(finished.files[0].data)) as file:
            for page in file.pages:
                found = [*pikepdf.parse_content_stream(page)]
                shown = [each for each in found if str(each.operator) in ("TJ", "Tj")]
                if "long enough" in finished_text(finished, page.index):
                    found.remove(shown[-2])
                page.Contents = file.make_stream(pikepdf.unparse_content_stream(found))
            out = io.BytesIO()
            file.save(out)
        return replace(finished, files=(files.File(finished.files[0].path, out.getvalue()),))

    def finished_text(finished, n):
        question = Question(text_of, four, "", [""] * finished.pages)
        return pages.look(finished.files[0].data, [question])[0][n][0]

    monkeypatch.setitem(pipeline._WRITERS, "pdf", damaged)
    with pytest.raises(pipeline.BookError) as stopped:
        made(book, memory.shop)
    assert {problem.code for problem in stopped.value.problems} == {"note-lost"}


def test_one_edit_has_only_pages_of_its_section_read_again(bench, monkeypatch):
    book = bench.write({"book.toml": TOML, **{f"{n}.md": chapter(n) for n in (1, 2, 3)}})
    memory, looked = Memory(), []
    original = pages._look_at

    def look_at(data, questions, groups, shop):
        looked.append([*groups])
        return original(data, questions, groups, shop)

    monkeypatch.setattr(pages, "_look_at", look_at)
    made(book, memory.shop)
    path = book / "2.md"
    path.write_text(path.read_text().replace("called it", "called for it", 1))
    again = made(book, memory.shop)
    (whole, part), begins = looked, [block.page - 1 for block in again.blocks if block.name == "c2"]
    assert sum(map(len, whole)) == again.pages
    assert [group.start for group in part] == begins[:1]
    made(book, memory.shop)
    assert looked[-1] == []


EDITS = st.lists(
    st.tuples(st.sampled_from(["word", "pages", "note", "runt"]), st.integers(1, 3)), min_size=1, max_size=3
)
MORE = {
    "word": "\nOne word more.\n",
    "pages": f"\n{PROSE * 60}\n",
    "note": "\nCalled.^[In place.]\n",
    "runt": "\nOh.\n",
}


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITS)
def test_what_is_remembered_of_an_edition_is_what_is_found_anew(bench, edits):
    book = bench.write({"book.toml": TOML, **{f"{n}.md": chapter(n) for n in (1, 2, 3)}})
    memory = Memory()
    made(book, memory.shop)
    for kind, number in edits:
        path = book / f"{number}.md"
        path.write_text(path.read_text() + MORE[kind])
        assert replace(made(book, memory.shop), seconds=0) == replace(made(book, work.ALONE), seconds=0)
