"""What is wrong with a book is said with file, line and advice; the exit code tells, and dist/ stays as it was.

Each folder of `bad/` is a small book with something wrong in it; its `expected.txt` holds the exit code and what is
said, and `pytest --accept` writes it anew. What no folder can hold (links, locked files, full disks) is made here.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
import zlib
from pathlib import Path

import pytest

from diptych import cli

BAD = sorted(path for path in (Path(__file__).parent / "bad").iterdir() if path.is_dir())
OLD = {"old.epub": b"an old book", "notes/own.txt": b"the author's own"}


@pytest.fixture
def home(tmp_path: Path, built: Path) -> Path:
    """Give a folder with a small good book in book/, remembered, and something older in dist/."""
    shutil.copytree(built / "book", tmp_path / "book")
    for name, data in OLD.items():
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_bytes(data)
    return tmp_path


def finished(home: Path) -> dict[str, bytes]:
    """Give everything in dist/."""
    dist = home / "dist"
    return {
        path.relative_to(dist).as_posix(): path.read_bytes() for path in dist.rglob("*") if path.is_file()
    }


def build(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Build, and see to it that nothing was changed, no fault of ours is told, and nothing is said on stdout."""
    code = cli.main(["build", *arguments], home=home)
    out, err = capsys.readouterr()
    assert finished(home) == OLD
    assert out == ""
    assert "Traceback" not in err
    assert "fault of diptych" not in err
    return code, err


@pytest.mark.parametrize("folder", BAD, ids=lambda path: path.name)
def test_bad_book(folder: Path, home: Path, capsys: pytest.CaptureFixture[str], accept: bool) -> None:
    shutil.rmtree(home / "book")
    shutil.copytree(folder, home / "book", ignore=shutil.ignore_patterns("expected.txt"))
    code, err = build(home, capsys)
    expected = folder / "expected.txt"
    found = f"exit {code}\n{err}"
    if accept:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    assert code == 1


@pytest.mark.parametrize("folder", BAD, ids=lambda path: path.name)
def test_every_error_has_a_place_and_advice(folder: Path) -> None:
    code, *lines, last = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert code == "exit 1"
    assert last.startswith("Nothing was written: ")
    errors = [line for line in lines if ": error: " in line]
    assert errors
    for line in errors:
        place, _, sentence = line.partition(": error: ")
        assert place.startswith("book")
        assert sentence.count(". ") + sentence.count("? ") >= 1, "What is wrong, then what to do."


def test_a_file_that_cannot_be_read(home, capsys, monkeypatch):
    real = Path.read_bytes

    def locked(self: Path) -> bytes:
        if self.name == "01-one.md":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", locked)
    code, err = build(home, capsys)
    assert code == 1
    assert (
        "book/01-one.md: error: This file cannot be read: Permission denied. Look at its permissions.\n"
        in err
    )


def png(width: int, height: int) -> bytes:
    """Make a PNG file that says it is so large, and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels(width, height, home, capsys):
    (home / "book" / "01-one.md").write_text("# One\n\n![A map](map.png)\n", encoding="utf-8")
    (home / "book" / "map.png").write_bytes(png(width, height))
    code, err = build(home, capsys)
    assert code == 1
    assert "book/map.png: error: This picture has more than 100 million pixels" in err
    assert "Scale it down" in err


@pytest.mark.parametrize(("name", "megabytes"), [("map.png", 60), ("02-two.md", 20), ("fonts/a.ttf", 40)])
def test_a_file_that_is_too_large(name, megabytes, home, capsys):
    path = home / "book" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.truncate(megabytes * 1_000_000 + 1)
    code, err = build(home, capsys)
    assert code == 1
    assert f"book/{name}: error: This file has more than {megabytes} MB. Make it smaller" in err


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("name", ["02-two.md", "map.png", "styles/book.css"])
def test_a_symbolic_link_out_of_the_book(name, home, capsys):
    secret = home / "secret"
    secret.write_text("# Secret\n", encoding="utf-8")
    (home / "book" / name).parent.mkdir(exist_ok=True)
    (home / "book" / name).symlink_to(secret)
    code, err = build(home, capsys)
    assert code == 1
    assert (
        f"book/{name}: error: This is a link to a file outside the book's folder. Put the file itself here.\n"
        in err
    )


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_symbolic_link_to_nothing_and_to_a_folder(home, capsys):
    (home / "book" / "02-two.md").symlink_to(home / "book" / "gone.md")
    (home / "outside").mkdir()
    (home / "outside" / "03-three.md").write_text("# Secret\n", encoding="utf-8")
    (home / "book" / "more").symlink_to(home / "outside")
    code, err = build(home, capsys)
    assert code == 1
    assert (
        "book/02-two.md: error: This is not a file that can be read. Is it a link to a file that is gone?\n"
        in err
    )
    assert "Secret" not in err


REFUSALS = [
    (errno.EACCES, "This folder cannot be written; nothing was changed. Look at its permissions, or choose another with --out DIR."),
    (errno.EROFS, "This folder cannot be written; nothing was changed. Look at its permissions, or choose another with --out DIR."),
    (errno.ENOSPC, "The disk is full; nothing was changed. Make room and build again."),
    (errno.EIO, "The files cannot be written: Input/output error; nothing was changed. Choose another folder with --out DIR."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "sentence"), REFUSALS, ids=[errno.errorcode[number] for number, _ in REFUSALS]
)
@pytest.mark.parametrize("call", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.mkdir"])
def test_a_folder_that_takes_no_files(call, number, sentence, home, capsys, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(call, refuse)
    code, err = build(home, capsys)
    assert code == 1
    assert f"dist: error: {sentence}\n" in err


def test_a_disk_that_is_full_at_the_second_file(home, capsys, monkeypatch):
    real, seen = os.fsync, []

    def full(number: int) -> None:
        if str(home / "dist") in str(Path(f"/proc/self/fd/{number}").readlink()):
            seen.append(number)
            if len(seen) == 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(number)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc")
    monkeypatch.setattr("os.fsync", full)
    code, err = build(home, capsys)
    assert code == 1
    assert "The disk is full; nothing was changed." in err
    assert len(seen) == 2


def test_no_such_book(home, capsys):
    code, err = build(home, capsys, "nowhere")
    assert (code, err.splitlines()[0]) == (1, "nowhere: error: There is no such folder. Is the name right?")


def test_a_file_instead_of_a_folder(home, capsys):
    name = str(home / "book" / "01-one.md")
    code, err = build(home, capsys, name)
    assert code == 1
    assert err.splitlines()[0] == (
        f"{name}: error: This is a file, not a book's folder. Give the folder that holds book.toml or the .md files."
    )


def test_an_unknown_edition(home, capsys):
    code, err = build(home, capsys, "--edition", "epbu")
    assert (code, err.splitlines()[0]) == (
        1, "book/book.toml: error: There is no edition called epbu. Did you mean epub?",
    )  # fmt: skip


@pytest.mark.parametrize("argument", ["--releas", "--jobs=0", "--jobs=x", "--out"])
def test_wrong_use(argument, home, capsys):
    code, err = build(home, capsys, argument)
    assert code == 2
    assert "Error: " in err


def test_two_books(home, capsys):
    assert build(home, capsys, "book", "another")[0] == 2


@pytest.mark.parametrize(
    "killer",
    ["> " * 1000 + "x", "* " * 1000 + "x", "[" * 1500, "*" * 9000, "`" * 9001, "^[" * 500, "[^1]" * 500,
     "<div>" * 1000, "|" * 2000 + "\n" + "|-" * 2000, "(" * 5000 + '"' * 2000, "&#" * 3000, "[a](" * 1000, "~" * 9001,
     "![" * 900, "\\" * 9001],
    ids=lambda text: f"{text[:4]!r}",
)  # fmt: skip
def test_known_killers_are_survived(killer, home, capsys):
    """They come out as they may, or are refused with a place; they are no fault of ours and take no time."""
    (home / "book" / "01-one.md").write_text(f"# One\n\n{killer}\n", encoding="utf-8")
    from diptych import pipeline, problems

    found: tuple[problems.Problem, ...] = ()
    try:
        pipeline.read(home / "book", "book", pipeline.Wishes())
    except problems.BookError as wrong:
        found = problems.errors(wrong.problems)
    assert all(problem.place.file == "book/01-one.md" for problem in found)
