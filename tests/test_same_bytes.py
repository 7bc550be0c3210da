"""The same book is the same bytes: whatever the machine's clock, place, language, folder and number of jobs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = {"ames_the-red-thread.epub", "ames_the-red-thread-screen.pdf", "ames_the-red-thread-print.pdf"}
PLAIN = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}
ODD = {
    "PYTHONHASHSEED": "4242",
    "TZ": "Asia/Tokyo",
    "LC_ALL": "C.UTF-8",
    "LANG": "de_DE.UTF-8",
    "COLUMNS": "40",
}


def built(book, out, cwd, *arguments, mask=0o022, **environment):
    """Run the command in a process of its own; give the digest of each file it wrote."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "SOURCE_DATE"))}
    command = [sys.executable, "-m", "diptych", "build", str(book), "--out", str(out), "--quiet", *arguments]
    ran = subprocess.run(
        command,
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        preexec_fn=lambda: os.umask(mask),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other place")


def with_pages(files):
    """Let the EPUB mark the pages of the printed book: it waits for that edition then."""
    editions = '\n[edition.epub]\npages = "print"\n[edition.screen]\n[edition.print]\n'
    return {**files, "book.toml": files["book.toml"] + editions}


@pytest.fixture(scope="module")
def first(bench, places):
    """The book, built plainly: one edition after the other."""
    folder = bench.write(with_pages(bench.small_book()))
    return folder, built(folder, places[0] / "dist", ROOT, "--jobs", "1", "--fresh", **PLAIN)


@pytest.mark.slow
def test_the_same_everywhere(bench, places, small_book, first):
    """Another folder, umask, hash seed, time zone and language; three jobs at a time."""
    _, plain = first
    folder = bench.write(dict(reversed(with_pages(small_book).items())))
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))
    odd = built(folder, places[1] / "out", places[1], "--jobs", "3", "--fresh", mask=0o077, **ODD)
    assert plain.keys() == NAMES
    assert odd == plain


@pytest.mark.slow
def test_what_is_remembered_is_the_same(places, first):
    folder, plain = first
    again = built(folder, places[0] / "again", places[1], **ODD)
    assert again == plain


@pytest.mark.slow
def test_the_epoch_that_is_given_is_the_date(places, first):
    folder, plain = first
    out = places[0] / "epoch"
    changed = built(folder, out, ROOT, "--edition", "epub", **PLAIN, SOURCE_DATE_EPOCH="1000000000")
    assert changed["ames_the-red-thread.epub"] != plain["ames_the-red-thread.epub"]
    with zipfile.ZipFile(out / "ames_the-red-thread.epub") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2001, 9, 9, 1, 46, 40)}
        opf = archive.read("EPUB/content.opf").decode()
    assert re.findall(r"20\d\d-\d\d-\d\dT[\d:]+Z", opf).count("2001-09-09T01:46:40Z") == 1


def test_pdfs_carry_no_moment_of_making(places, first):
    for path in (places[0] / "dist").glob("*.pdf"):
        data = path.read_bytes()
        for name in (rb"/CreationDate", rb"/ModDate"):
            assert re.findall(name + rb" \(([^)]*)\)", data) in ([], [b"D:20260301000000Z"])
        assert set(re.findall(rb"<xmp:\w*Date>([^<]*)<", data)) == {b"2026-03-01T00:00:00Z"}
