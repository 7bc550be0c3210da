"""EPUBCheck: what it says is told in the author's file, and it has nothing to say of our books."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from diptych import cli, tools
from diptych.checks import epub
from diptych.model import Chapter
from diptych.problems import MissingProgramError
from diptych.tree import make

ROOT = Path(__file__).parent.parent.parent
ESSAY = ROOT.parent / "shared" / "seeds" / "two-souls-of-leninism.txt"

ANSWER = {
    "messages": [
        {"ID": "RSC-005", "severity": "ERROR", "message": "Error while parsing file",
         "locations": [{"path": "EPUB/c01-war.xhtml", "line": 12, "column": 3}]},
        {"ID": "OPF-096", "severity": "WARNING", "message": "Not linear", "locations": [{"path": "EPUB/content.opf", "line": -1}]},
        {"ID": "CSS-028", "severity": "USAGE", "message": "A font", "locations": []},
    ]
}  # fmt: skip


def chapter(source: str, slug: str) -> Chapter:
    return Chapter(source, slug, "body", "chapter", "War", make("section"))


def test_messages_are_told_in_the_authors_file(monkeypatch):
    monkeypatch.setattr(tools, "epubcheck", lambda _: tuple(tools._messages(ANSWER)))
    found = epub.check(b"", "war.epub", [chapter("book/01-war.md", "01-war")])
    assert [(p.severity, p.code, p.place.file) for p in found] == [
        ("error", "epubcheck-RSC-005", "book/01-war.md"),
        ("warning", "epubcheck-OPF-096", "war.epub:content.opf"),
    ]


@pytest.mark.usefixtures("plain_fonts")
def test_not_installed_is_not_done(monkeypatch, built, tmp_path, capsys):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(tools, "_jar", lambda: None)
    with pytest.raises(MissingProgramError) as told:
        tools.epubcheck(b"")
    assert told.value.exit_code == 3
    assert cli.main(["check"], home=tmp_path) == 3
    assert "was not checked" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ours", "starter", "essay"])
def test_epubcheck_has_nothing_to_say(name, tmp_path, capsys):
    book = tmp_path / "book"
    if name == "ours":
        book = ROOT / "book"
    elif name == "starter":
        assert cli.main(["new", str(book)], home=tmp_path) == 0
    elif ESSAY.exists():
        assert cli.main(["import", str(ESSAY), str(book)], home=tmp_path) == 0
    else:
        pytest.skip("the essay is not on this machine")
    assert cli.main(["check", str(book), "--edition", "epub", "--fresh"], home=tmp_path) == 0
    told = capsys.readouterr().err
    assert "EPUBCheck says" not in told
