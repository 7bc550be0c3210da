"""What is remembered: the same bytes as made anew, whatever was edited; never more than there is room for."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych import chapters, cli, files, markup, records, tree, work
from diptych.checks import manuscript
from diptych.dealing import deal
from diptych.model import File, Reading
from diptych.problems import BookError

TOML = '[book]\ntitle = "Edits"\nlanguage = "en"\n[identifier]\nuuid = "urn:uuid:6ad2c8e5-4a5f-4b3e-9f0a-0d6d6d1f7c11"\n'
TOML += "[edition.screen]\n[edition.print]\n[edition.epub]\n"
PROSE = "The council sat until the lamps were lit and nobody could say who had called it. "


def chapter(number: int, paragraphs: int) -> str:
    there = 1 + number % 3
    texts = "\n\n".join(PROSE * 6 for _ in range(paragraphs))
    return f"# Chapter {number} {{#c{number}}}\n\nSee [there]({there}.md#c{there}){{.page}}.[^1]\n\n{texts}\n\n[^1]: A note.\n"


def digests(home) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "dist").iterdir()}


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("word"), st.integers(1, 3)),
        st.tuples(st.just("pages"), st.integers(1, 3)),
        st.tuples(st.just("note"), st.integers(1, 3)),
        st.tuples(st.just("style"), st.integers(1, 3)),
        st.tuples(st.just("title"), st.integers(1, 3)),
        st.tuples(st.just("heading"), st.integers(1, 3)),
        st.tuples(st.just("chapter"), st.integers(4, 5)),
        st.tuples(st.just("nothing"), st.integers(1, 3)),
    ),
    min_size=1,
    max_size=3,
)


def edit(book, kind: str, number: int) -> None:
    path = book / f"{number}.md"
    match kind:
        case "word":
            path.write_text(path.read_text() + "\nOne word more.\n")
        case "pages":
            path.write_text(path.read_text() + f"\n{PROSE * 60}\n")
        case "note":
            path.write_text(path.read_text().replace("A note.", "A note that is longer than it was."))
        case "heading":
            path.write_text(
                path.read_text()
                .replace("# Chapter", "# The Chapter")
                .replace("\n\nSee", "\n\n## A section\n\nSee")
            )
        case "chapter":
            path.write_text(chapter(number, 2))
        case "style":
            (book / "styles").mkdir(exist_ok=True)
            (book / "styles" / "book.css").write_text(f"p {{ color: #00000{number} }}\n")
        case "title":
            toml = book / "book.toml"
            toml.write_text(toml.read_text().replace('"Edits"', f'"Edits {number}"'))


def build(home, *more: str) -> dict[str, str]:
    assert cli.main(["-q", "--jobs", "1", *more], home=home) == 0
    return digests(home)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITS)
def test_what_is_remembered_is_what_would_be_made(tmp_path_factory, edits):
    home = tmp_path_factory.mktemp("home")
    book = home / "book"
    book.mkdir()
    (book / "book.toml").write_text(TOML)
    for number in (1, 2, 3):
        (book / f"{number}.md").write_text(chapter(number, 4 * number))
    build(home)
    for kind, number in edits:
        edit(book, kind, number)
        remembered = build(home)
        assert build(home, "--fresh") == remembered


def test_one_edit_makes_one_section_anew(tmp_path, monkeypatch):
    from diptych.writers.pdf import sections

    book = tmp_path / "book"
    book.mkdir()
    (book / "book.toml").write_text(TOML)
    for number in (1, 2, 3):
        (book / f"{number}.md").write_text(chapter(number, 2).replace("{.page}", ""))
    build(tmp_path)
    made: list[str] = []
    original = sections.lay_out

    def lay_out(kit, written, *rest):
        made.append(tree.read(written).find("body")[-1].get("id"))
        return original(kit, written, *rest)

    monkeypatch.setattr(sections, "lay_out", lay_out)
    edit(book, "word", 2)
    remembered = build(tmp_path)
    assert made == ["c2", "c2"]  # once for each edition
    assert build(tmp_path, "--fresh") == remembered


PLENTY = """\
---
subtitle: Of "quotes"
author: Somebody
---
# One & only {#one}

Words.[^1] More^[In place.] and [^2].

| a | b |
|---|---|
| 1 | $x^2$ |

```python
code = "<&>"
```

<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>

### Skipped

* * *

[^1]: A note.

    With two paragraphs.
"""


def parsed(text: str):
    return markup.parse(File("1.md", text.encode()), Reading("1.md", "body"), "one", "de", "book")


def plain(chapter) -> tuple:
    trees = [chapter.body, *(note.body for note in chapter.notes if note.body is not None)]
    elements = [(e.tag, list(e.attrib.items()), e.text, e.tail) for each in trees for e in each.iter()]
    notes = [(note.label, note.line, note.body is None) for note in chapter.notes]
    return elements, notes, replace(chapter, body=None, notes=())


@pytest.mark.parametrize(
    "text",
    [
        PLENTY,
        *(
            path.read_text(encoding="utf-8")
            for path in sorted((Path(__file__).parent / "documents").glob("*.md"))
        ),
    ],
)
def test_a_chapter_comes_back_as_it_was(text):
    try:
        chapter = parsed(text)
    except BookError:
        return
    kept = records.dump_chapter(chapter)
    assert plain(records.load_chapter(kept)) == plain(chapter)


@pytest.mark.parametrize(
    "kept", [None, b"", b"{}", b"[]", b'{"body": []}', b'{"body": [[0, "p"]]}', b"[" * 99_999]
)
def test_what_is_no_chapter_is_none(kept):
    assert records.load_chapter(kept) is None


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_chapters_that_have_not_changed_are_not_parsed_again(tmp_path, monkeypatch, jobs):
    book = tmp_path / "book"
    book.mkdir()
    (book / "book.toml").write_text(TOML.replace("[edition.screen]\n[edition.print]\n", ""))
    for number in (1, 2, 3):
        (book / f"{number}.md").write_text(chapter(number, 2))
    seen: list[str] = []
    original = markup.parse
    monkeypatch.setattr(markup, "parse", lambda file, *rest: seen.append(file.path) or original(file, *rest))
    build(tmp_path)
    assert sorted(seen) == ["1.md", "2.md", "3.md"]
    edit(book, "word", 2)
    remembered = build(tmp_path, "--jobs", jobs)
    assert sorted(seen) == ["1.md", "2.md", "2.md", "3.md"]
    assert build(tmp_path, "--fresh") == remembered
    monkeypatch.setattr(chapters, "_WORTH_A_PROCESS", 1000)
    assert build(tmp_path, "--fresh", "--jobs", jobs) == remembered


def test_faces_are_cut_and_a_cover_drawn_only_for_what_is_new(tmp_path, monkeypatch):
    from diptych.writers.epub import cover, fonts

    book = tmp_path / "book"
    book.mkdir()
    (book / "book.toml").write_text(TOML.replace("[edition.screen]\n[edition.print]\n", ""))
    (book / "1.md").write_text("# One\n\nA word.\n")
    done: list[str] = []
    cut, drawn = fonts._cut, cover._drawn
    monkeypatch.setattr(fonts, "_cut", lambda face, letters: done.append("cut") or cut(face, letters))
    monkeypatch.setattr(cover, "_drawn", lambda *given: done.append("drawn") or drawn(*given))
    build(tmp_path)
    assert set(done) == {"cut", "drawn"}
    for text, again in (("# One\n\nA word or row.\n", set()), ("# One\n\nA quay.\n", {"cut"})):
        done.clear()
        (book / "1.md").write_text(text)
        remembered = build(tmp_path)
        assert set(done) == again
        assert build(tmp_path, "--fresh") == remembered
    done.clear()
    edit(book, "title", 1)
    remembered = build(tmp_path)
    assert "drawn" in done
    assert build(tmp_path, "--fresh") == remembered


def test_pictures_are_looked_at_only_where_they_are_new(tmp_path, picture, monkeypatch):
    seen: list[str] = []
    original = manuscript.picture
    monkeypatch.setattr(
        manuscript, "picture", lambda file, place: seen.append(file.path) or original(file, place)
    )
    one = parsed("# One\n\n![a](a.png)\n\n![b](b.png) ![](a.png)\n")
    pictures = {"a.png": File("a.png", picture(20, 20)), "b.png": File("b.png", b"no picture")}
    kept: dict[str, bytes] = {}
    shop = replace(work.ALONE, recall=kept.get, keep=kept.update)
    said = tuple(manuscript.images([one], pictures, "book", shop))
    assert [str(problem.place) for problem in said if problem.code == "image-broken"] == ["book/b.png"]
    assert sorted(seen) == ["a.png", "b.png"]
    assert tuple(manuscript.images([one], pictures, "book", shop)) == said
    assert len(seen) == 2
    pictures["b.png"] = File("b.png", picture(30, 30))
    assert not [p for p in manuscript.images([one], pictures, "book", shop) if p.code == "image-broken"]
    assert seen[2:] == ["b.png"]


def test_pictures_are_looked_at_side_by_side(picture, monkeypatch):
    monkeypatch.setattr(manuscript, "_WORTH_A_PROCESS", 1)
    text = "".join(f"![{n}]({n}.png)\n\n" for n in range(5))
    pictures = {f"{n}.png": File(f"{n}.png", picture(20, 20) if n % 2 else b"none") for n in range(5)}
    said = [
        tuple(manuscript.images([parsed(text)], pictures, "book", replace(work.ALONE, jobs=jobs)))
        for jobs in (1, 3)
    ]
    assert said[0] == said[1]
    assert [problem.place.file for problem in said[0]] == ["book/0.png", "book/2.png", "book/4.png"]


def test_work_is_dealt_out_evenly():
    assert deal([5, 1, 1, 3, 2], int, 2, 1) == [[5, 1], [3, 2, 1]]
    assert deal([5, 1], int, 8, 4) == [[5, 1]]
    assert deal([], int, 2, 1) == []


def test_problems_come_in_order_whatever_is_remembered(tmp_path, capsys, monkeypatch):
    book = tmp_path / "book"
    book.mkdir()
    for number in range(4):
        (book / f"{number}.md").write_text(
            f"# {number}\n\nWords.[^1]\n\n[x](nowhere.md)\n" + "\nMore.\n" * 200
        )
    (book / "4.md").write_bytes(b"# \xff\n")
    monkeypatch.setattr(chapters, "_WORTH_A_PROCESS", 1000)
    said = []
    for more in (["--jobs", "1"], ["--jobs", "1"], ["--jobs", "3"], ["--fresh", "--jobs", "3"]):
        assert cli.main(["--edition", "epub", *more], home=tmp_path) == 1
        said.append(capsys.readouterr())
    assert "4.md:1: error: This is not UTF-8" in said[0].err
    assert said.count(said[0]) == len(said)


def test_the_versions_of_all_packages_are_known():
    """A version that is not known would not be missed when it changes."""
    versions = dict(zip(files._PACKAGES, files.read_tools()[1], strict=True))
    assert versions == {name: metadata.version(name) for name in files._PACKAGES}


@pytest.mark.skipif(sys.platform != "linux", reason="libraries have other names elsewhere")
def test_the_versions_of_libraries_are_known():
    from weasyprint.text.ffi import ffi, harfbuzz, pango

    ffi.cdef("const char *hb_version_string(void);", override=True)
    versions = pango.pango_version(), ffi.string(harfbuzz.hb_version_string()).decode()
    assert files.read_tools()[2] == versions


def test_a_shelf_gives_back_what_is_whole(tmp_path):
    shelf = files.Shelf(tmp_path / "shelf")
    assert shelf.get("a") is None
    shelf.put({"a": b"some bytes", "b": b""})
    assert (shelf.get("a"), shelf.get("b")) == (b"some bytes", b"")
    kept = tmp_path / "shelf" / "a"
    kept.write_bytes(kept.read_bytes()[:-1])
    assert shelf.get("a") is None


def test_a_shelf_keeps_what_was_asked_for_last(tmp_path):
    """And leaves alone what is not its own, for an author chooses the folder."""
    shelf = files.Shelf(tmp_path / "shelf", most=250)
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "letters.txt").write_bytes(bytes(1000))
    names = [letter * 64 for letter in "abcd"]
    for n, name in enumerate(names[:3]):
        shelf.put({name: bytes(50)})
        os.utime(tmp_path / "shelf" / name, (n, n))
    assert shelf.get(names[0]) == bytes(50)
    shelf.put({names[3]: bytes(50)})
    assert [name[0] for name in names if shelf.get(name)] == ["a", "c", "d"]
    assert (tmp_path / "shelf" / "letters.txt").exists()
