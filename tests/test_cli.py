"""The command, as someone at the keyboard meets it: what it says, where it says it, how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

from diptych import catalogue, chapters, cli, pipeline
from diptych.model import File

COMMANDS = ["build", "check", "import", "new"]
DRAFT = "# One\n\nWords.[^1] More.[^2]\n\n[^1]: A note.\n[^2]:\n"


@pytest.fixture(autouse=True)
def _plain_fonts(plain_fonts: None) -> None:
    """Nothing here is about fonts."""


@pytest.fixture
def home(tmp_path: Path, built: Path) -> Path:
    """Copy a home with a book/ of two EPUB editions, its remembered editions and its dist/."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return tmp_path


def finished(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((home / "dist").iterdir())}


# --- Help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [[], *[[name] for name in COMMANDS]], ids=lambda a: " ".join(a) or "diptych"
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(arguments, option, capsys):
    assert cli.main([*arguments, option]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: ")
    assert err == ""
    if not arguments:
        assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_its_words(name):
    command = cli._diptych.commands[name]
    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option))


def test_every_command_is_tested():
    assert sorted(cli._diptych.commands) == COMMANDS


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("diptych")


# --- What is said, and where ------------------------------------------------------------------------------------------


def test_stdout_holds_the_table_and_one_sentence(home, capsys):
    assert cli.main([], home=home) == 0
    out, err = capsys.readouterr()
    head, *rows, last = out.splitlines()
    assert head.split() == ["edition", "file", "size", "length", "notes", "seconds", "problems"]
    assert [row.split()[0] for row in rows] == ["epub", "two"]
    assert all((home / row.split()[1]).is_file() or Path(row.split()[1]).is_file() for row in rows)
    assert last == "Built; nothing to complain of."
    assert err == ""


def test_problems_go_to_stderr_and_are_counted(home, capsys):
    (home / "book" / "01-one.md").write_text(DRAFT, encoding="utf-8")
    assert cli.main(["--edition", "epub"], home=home) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "Built; 1 warning."
    assert err == (
        "book/01-one.md:6: warning: The note [^2] has no text; the edition says so in its place. "
        "Write it after [^2]: on this line.\n"
    )


def test_quiet(home, capsys):
    assert cli.main(["-q"], home=home) == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_says_errors_only(home, capsys):
    (home / "book" / "01-one.md").write_text("# One\n\n[x](gone.md)[^1]\n", encoding="utf-8")
    assert cli.main(["-q"], home=home) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[1] for line in err.splitlines() if line.startswith("book/")] == ["error"]


def test_json_of_a_success_is_one_object(home, capsys):
    assert cli.main(["--json"], home=home) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert sorted(told) == ["checked", "editions", "problems"]
    assert [each["edition"] for each in told["editions"]] == ["epub", "two"]
    assert [each["notes"] for each in told["editions"]] == [1, 1]
    assert [each["bytes"] for each in told["editions"]] == [len(data) for data in finished(home).values()]
    assert err == ""


def test_check_says_what_each_checker_found(home, capsys, monkeypatch):
    monkeypatch.setattr("diptych.tools.epubcheck", lambda _: ())
    assert cli.main(["check"], home=home) == 0
    assert "EPUBCheck: 0 errors, 0 warnings: one.epub" in capsys.readouterr().out


def test_json_of_a_failure_is_one_object(home, capsys):
    (home / "book" / "01-one.md").write_text("# One\n\n[x](gone.md)\n", encoding="utf-8")
    assert cli.main(["--json"], home=home) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["editions"] == []
    assert [(p["severity"], p["code"], p["file"], p["line"]) for p in told["problems"]] == [
        ("error", "link-nowhere", "book/01-one.md", 3)
    ]
    assert err == ""


def test_json_of_a_book_that_is_not_there(tmp_path, capsys):
    assert cli.main(["--json", "nowhere"], home=tmp_path) == 1
    assert [problem["code"] for problem in json.loads(capsys.readouterr().out)["problems"]] == ["no-book"]


def test_a_fault_of_ours_is_said_in_one_sentence(home, capsys, monkeypatch):
    def fault(*_: object) -> None:
        message = "inside [bold]out[/bold]"
        raise ZeroDivisionError(message)

    before = finished(home)
    monkeypatch.setattr(pipeline, "make", fault)
    assert cli.main(["--fresh"], home=home) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "This is a fault of diptych, not of your book (ZeroDivisionError: inside [bold]out[/bold])"
    )
    assert "Traceback" not in err
    assert finished(home) == before


def test_markup_of_the_author_is_not_read_as_colours(home, capsys):
    (home / "book" / "01-one.md").write_text("# One\n\n[x]([red]/gone.md)\n", encoding="utf-8")
    assert cli.main([], home=home) == 1
    assert "[red]/gone.md" in capsys.readouterr().err


# --- How it ends ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["take", "make"])
def test_interrupted(place, home, capsys, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = finished(home)
    monkeypatch.setattr(pipeline, place, interrupt)
    assert cli.main(["--fresh"], home=home) == 130
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "Interrupted; nothing was changed.")
    assert finished(home) == before


def test_interrupted_while_writing(home, monkeypatch):
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    for path in (home / "dist").iterdir():
        path.write_bytes(b"of yesterday")
    before = finished(home)
    monkeypatch.setattr("os.fsync", interrupt)
    assert cli.main([], home=home) == 130
    assert finished(home) == before


def test_a_checker_that_is_missing_is_not_a_pass(home, capsys, monkeypatch):
    monkeypatch.setattr("diptych.tools._jar", lambda: None)
    assert cli.main(["check"], home=home) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "EPUBCheck" in err


@pytest.mark.parametrize(("pixels", "code"), [(200, 1), (1000, 0)])
def test_release_refuses_a_picture_that_a_printer_may_refuse(tmp_path, picture, capsys, pixels, code):
    book = tmp_path / "book"
    book.mkdir()
    (book / "1.md").write_text("# One\n\n![a](a.png){.width-100}\n", encoding="utf-8")
    (book / "a.png").write_bytes(picture(pixels, pixels // 2))
    (book / "book.toml").write_text('[book]\ntitle = "T"\n[edition.print]\n', encoding="utf-8")
    assert cli.main(["--jobs", "1"], home=tmp_path) == 0
    assert "book/1.md:3: warning: The picture a.png has" in capsys.readouterr().err
    assert cli.main(["--jobs", "1", "--release"], home=tmp_path) == code
    assert ("A release needs a finer one." in capsys.readouterr().err) == bool(code)


def test_release_refuses_a_note_without_text(home, capsys):
    (home / "book" / "01-one.md").write_text(DRAFT, encoding="utf-8")
    before = finished(home)
    assert cli.main(["--release"], home=home) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "book/01-one.md:6: error: The note [^2] has no text" in err
    assert "A release needs it." in err
    assert finished(home) == before


def test_release_of_a_whole_book(home):
    assert cli.main(["build", "--release"], home=home) == 0


def test_only_one_edition(home, capsys):
    shutil.rmtree(home / "dist")
    assert cli.main(["--edition", "two", "--edition", "two"], home=home) == 0
    assert list(finished(home)) == ["one-two.epub"]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:-1]] == ["two"]


def test_another_folder(home, tmp_path):
    assert cli.main([str(home / "book"), "--out", str(tmp_path / "else" / "where")], home=home) == 0
    assert (tmp_path / "else" / "where" / "one.epub").read_bytes() == finished(home)["one.epub"]


# --- What is remembered -----------------------------------------------------------------------------------------------


def test_the_same_book_is_the_same_bytes(home):
    before = finished(home)
    shutil.rmtree(home / "dist")
    assert cli.main(["-q"], home=home) == 0
    assert finished(home) == before
    assert cli.main(["-q", "--fresh", "--edition", "epub"], home=home) == 0
    assert finished(home) == before


def test_editions_that_are_remembered_are_not_made_again(home, monkeypatch):
    monkeypatch.setattr(
        pipeline.work, "each", lambda calls, *_, **__: [] if not calls else pytest.fail("made again")
    )
    assert cli.main(["-q", "--release"], home=home) == 0


def test_what_is_remembered_may_be_kept_elsewhere(home, tmp_path, monkeypatch):
    shutil.rmtree(home / "book" / ".diptych", ignore_errors=True)
    elsewhere = tmp_path / "memory"
    before = finished(home)
    assert cli.main(["-q", "--cache", str(elsewhere)], home=home) == 0
    assert not (home / "book" / ".diptych").exists()
    assert any(elsewhere.iterdir())
    monkeypatch.setattr(pipeline, "build", lambda *_: pytest.fail("read again"))
    assert cli.main(["-q", "--cache", str(elsewhere)], home=home) == 0
    assert finished(home) == before


def test_a_book_that_is_as_it_was_is_not_read_again(home, monkeypatch):
    monkeypatch.setattr(pipeline, "build", lambda *_: pytest.fail("read again"))
    before = finished(home)
    times = [path.stat().st_mtime_ns for path in sorted((home / "dist").iterdir())]
    assert cli.main(["-q"], home=home) == 0
    assert [path.stat().st_mtime_ns for path in sorted((home / "dist").iterdir())] == times
    for path in (home / "dist").iterdir():
        path.unlink()
    assert cli.main(["-q"], home=home) == 0
    assert finished(home) == before


@pytest.mark.parametrize("changed", ["chapter", "theme", "wish", "moment", "name", "code", "face"])
def test_whatever_changes_is_seen(changed, home, monkeypatch):
    asked: list[str] = []
    original = pipeline.build
    monkeypatch.setattr(pipeline, "build", lambda *given: asked.append(given[2]) or original(*given))
    more, files = ["-q"], pipeline.files
    match changed:
        case "chapter":
            path = home / "book" / "01-one.md"
            path.write_text(path.read_text() + "\nOne word more.\n")
        case "theme":
            read = files.read_themes()
            monkeypatch.setattr(
                files, "read_themes", lambda: read | {"classic/new.css": File("new.css", b"p {}")}
            )
        case "wish":
            more.append("--whole")
        case "moment":
            monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
        case "name":
            more.append(str(home / "book"))
        case "code":
            monkeypatch.setattr(files, "read_tools", lambda: (b"other code", []))
        case "face":
            monkeypatch.setattr(files.Faces, "stamps", lambda _: [("a-face.otf", 1, 1)])
    assert cli.main(more, home=home) == 0
    assert len(asked) == 1
    assert cli.main(more, home=home) == 0
    assert len(asked) == 1


def test_what_is_said_is_remembered(tmp_path, capsys):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "1.md").write_text(DRAFT, encoding="utf-8")
    for more in ([], ["--json"], ["--release"]):
        said = []
        for _ in range(2):
            code = cli.main(["--jobs", "1", "--edition", "epub", *more], home=tmp_path)
            said.append((code, capsys.readouterr()))
        assert said[0] == said[1]
        assert "has no text" in "".join(said[0][1])


HEAVY = """
    weasyprint pydyf fontTools pikepdf pypdfium2 lxml markdown pymdownx tinyhtml5 ebooklib PIL yaml ziamath latex2mathml
    pyphen pygments stdnum cssselect2 multiprocessing diptych.pipeline diptych.markup diptych.writers
""".split()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--jobs", "1", "--edition", "epub"]], ids=["help", "unchanged"]
)
def test_what_is_not_needed_is_not_loaded(arguments, tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "1.md").write_text("# One\n\nWords.\n", encoding="utf-8")
    code = "import sys; from diptych import cli; assert not cli.main(sys.argv[1:]); print(*sys.modules, sep='\\n')"
    words = [sys.executable, "-c", code, *arguments]
    for _ in range(2):
        ran = subprocess.run(
            words, cwd=tmp_path, capture_output=True, text=True, check=True, env=_environment()
        )
    assert set(HEAVY) & set(ran.stdout.split()) == set()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}


@pytest.mark.parametrize(
    "poison",
    [b"", b"\x00", b"not json", b"[]", b"null", b"{}", b'{"files": 7}', b'{"files": [["a"]], "problems": []}',
     b"cos\nsystem\n(S'touch hacked'\ntR.", b"\xff\xfe", b'{"files": [["../../out.epub", "!"]], "problems": []}',
     b"[" * 100_000],
    ids=lambda data: repr(data[:16]),
)  # fmt: skip
@pytest.mark.parametrize("sealed", [True, False], ids=["as if it were ours", "as it is"])
def test_a_spoilt_memory_is_ignored(poison, sealed, home, monkeypatch):
    before = finished(home)
    shelf = pipeline.files.Shelf(home / "book" / ".diptych")
    known = [pipeline.records.load(shelf.get(path.name), shelf.get) for path in shelf.folder.iterdir()]
    remembered = {each.edition: each for each in known if each is not None}
    for path in shelf.folder.iterdir():
        if sealed:
            shelf.put({path.name: poison})
        else:
            path.write_bytes(poison)
    asked: list[str] = []
    original = pipeline.work.each

    def again(calls, *rest, **more):
        if not {call.name for call in calls} <= set(remembered):
            return original(calls, *rest, **more)  # chapters are parsed
        asked.extend(call.name for call in calls)
        return [remembered[call.name] for call in calls]

    monkeypatch.setattr(pipeline.work, "each", again)
    assert cli.main(["-q"], home=home) == 0
    assert sorted(asked) == ["epub", "two"]
    assert finished(home) == before


@pytest.mark.parametrize("named", ["../../hacked", "/etc/hosts", "", 7, None, "00" * 32])
def test_a_memory_that_names_other_files_is_none(named, home):
    """Names of outputs come from the book, never from what was remembered."""
    shelf = pipeline.files.Shelf(home / "book" / ".diptych")
    shelf.put({"../../hacked": b"hacked"})
    for path in shelf.folder.iterdir():
        kept = shelf.get(path.name)
        if kept.startswith(b"{"):
            plain = json.loads(kept)
            for edition in plain.get("editions", [plain]):
                edition["files"] = [named]
            shelf.put({path.name: json.dumps(plain).encode()})
    before = finished(home)
    (home / "hacked").unlink()
    assert cli.main(["-q"], home=home) == 0
    assert finished(home) == before
    assert not list(home.rglob("*hacked*"))


@pytest.mark.parametrize("kind", ["file", "locked"])
def test_a_memory_that_cannot_be_kept_is_no_trouble(kind, home, monkeypatch):
    shutil.rmtree(home / "book" / ".diptych")
    if kind == "file":
        (home / "book" / ".diptych").write_text("in the way", encoding="utf-8")
    else:
        monkeypatch.setattr(pipeline.files.Shelf, "get", lambda *_: None)
    assert cli.main(["-q", "--edition", "epub"], home=home) == 0


# --- New books --------------------------------------------------------------------------------------------------------


def test_new_then_build(tmp_path, capsys):
    book = tmp_path / "mine"
    assert cli.main(["new", str(book)], home=tmp_path) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1] == f"Build it with: diptych {book}"
    assert all(Path(line.strip()).is_file() for line in out.splitlines()[:-1])
    assert cli.main([str(book), "--edition", "epub"], home=tmp_path) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "Built; nothing to complain of."
    assert err == ""


ESSAY = """The Long Road

by Ada Ames

It began in the spring.(1) Nobody knew why.(2)

They went on until autumn.

Notes

1. The spring of 1917.
2. So says the chronicle.
"""


def test_import_then_build(tmp_path, capsys):
    (tmp_path / "essay.txt").write_text(ESSAY, encoding="utf-8")
    book = tmp_path / "essay"
    assert cli.main(["import", str(tmp_path / "essay.txt"), str(book)], home=tmp_path) == 0
    out, _ = capsys.readouterr()
    assert out.splitlines()[-1] == f"Build it with: diptych {book}"
    assert cli.main([str(book), "--edition", "epub", "--json"], home=tmp_path) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["notes"] for each in told["editions"]] == [2]


@pytest.mark.parametrize("command", ["new", "import"])
def test_a_folder_with_something_in_it_is_left_alone(command, home, capsys):
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    source = [str(home / "book" / "01-one.md")] if command == "import" else []
    assert cli.main([command, *source, str(home / "book")], home=home) == 1
    assert "There is something in this folder already. Give the name of a new one." in capsys.readouterr().err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_import_of_what_is_not_there(tmp_path, capsys):
    assert cli.main(["import", str(tmp_path / "no.txt"), str(tmp_path / "book")], home=tmp_path) == 1
    assert (
        "This file cannot be read: No such file or directory. Is the name right?" in capsys.readouterr().err
    )
    assert not (tmp_path / "book").exists()


# --- Names ------------------------------------------------------------------------------------------------------------


def test_a_chapter_may_be_called_like_a_page_of_ours(tmp_path):
    """No two pages of a book have one name, whatever the author's files are called."""
    names = [
        "cover",
        "nav",
        "half-title",
        "frontispiece",
        "title-page",
        "imprint",
        "colophon",
        "contents",
        "endnotes",
        "1",
        "c1",
        "a b",
        "a-b",
        "a--b",
        "x-11",
        "x",
        "X",
    ]
    for name in names:
        (tmp_path / f"{name}.md").write_text(f"# {name}\n", encoding="utf-8")
    book = pipeline.read(tmp_path, "book", pipeline.Wishes(("epub",)))
    pages = [catalogue.prefix(chapter.slug) for chapter in book.chapters]
    assert len(pages) == len(list(tmp_path.glob("*.md")))
    assert len({*pages, *chapters._OUR_PAGES}) == len(pages) + len(chapters._OUR_PAGES)


def test_an_epub_holds_no_name_twice(built):
    with zipfile.ZipFile(built / "dist" / "one.epub") as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
