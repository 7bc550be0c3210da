"""What is remembered: the same bytes as made anew, whatever was edited; never more than there is room for."""

from __future__ import annotations

import hashlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych import cli, files

TOML = '[book]\ntitle = "Edits"\nlanguage = "en"\n[identifier]\nuuid = "urn:uuid:6ad2c8e5-4a5f-4b3e-9f0a-0d6d6d1f7c11"\n'
TOML += "[edition.screen]\n[edition.print]\n"
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

    def lay_out(press, root, *rest):
        made.append(root.find("body")[-1].get("id"))
        return original(press, root, *rest)

    monkeypatch.setattr(sections, "lay_out", lay_out)
    edit(book, "word", 2)
    remembered = build(tmp_path)
    assert made == ["c2", "c2"]  # once for each edition
    assert build(tmp_path, "--fresh") == remembered


def test_a_shelf_gives_back_what_is_whole(tmp_path):
    shelf = files.Shelf(tmp_path / "shelf")
    assert shelf.get("a") is None
    shelf.put({"a": b"some bytes", "b": b""})
    assert (shelf.get("a"), shelf.get("b")) == (b"some bytes", b"")
    kept = tmp_path / "shelf" / "a"
    kept.write_bytes(kept.read_bytes()[:-1])
    assert shelf.get("a") is None


def test_a_shelf_keeps_what_was_asked_for_last(tmp_path):
    shelf = files.Shelf(tmp_path / "shelf", most=250)
    for n, name in enumerate("abc"):
        shelf.put({name: bytes(50)})
        os.utime(tmp_path / "shelf" / name, (n, n))
    assert shelf.get("a") == bytes(50)
    shelf.put({"d": bytes(50)})
    assert [name for name in "abcd" if shelf.get(name)] == ["a", "c", "d"]
