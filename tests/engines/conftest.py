"""Books in the engines that readers use: what they need, which books, and how an engine is asked.

All of it is slow and runs with --slow alone. Where a program is missing the tests are skipped with a sentence that says
so; under CI they fail, because nothing that was not tried counts as good. What they need beside the test set:

    npm ci --ignore-scripts --prefix tests/engines                  (Node.js 20 or newer; PUPPETEER_SKIP_DOWNLOAD=1)
    pip install --require-hashes --no-deps -r tests/engines/requirements.txt
    Chromium and calibre of the system

Pictures of what the engines showed are left in tests/engines/shots/.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from archive import Archive

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHOTS = HERE / "shots"
PATIENCE = 600


def _has_epub(folder: Path) -> bool:
    """Whether a book of the samples is made for e-readers at all."""
    toml = folder / "book.toml"
    given = tomllib.loads(toml.read_text(encoding="utf-8")).get("edition", {}) if toml.exists() else {}
    return not given or "epub" in given


SAMPLES = sorted(path.name for path in (ROOT / "tests" / "samples").glob("[!._]*/") if _has_epub(path))
NAMES = ["companion", "one-of-everything", "every-note", "notes-at-the-end", "right-to-left", *SAMPLES]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all of it slow."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Give a function that makes a file once for all the processes of a run: the first makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    shared.mkdir(exist_ok=True)

    def get(name: str, make: Callable[[Path], object]) -> Path:
        import fcntl

        target = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                draft = shared / f"draft-{name}"
                make(draft)
                draft.rename(target)
        return target

    return get


# --- What is needed ---------------------------------------------------------------------------------------------------


def _absent(what: str, way: str) -> None:
    sentence = f"{what} is not here, so this was not tried. {way}"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"{sentence} (Under CI that is a failure.)", pytrace=False)
    pytest.skip(sentence)


def _environment(**more: str) -> dict[str, str]:
    """Give our environment without what hides the machine's fonts from Pango: other programs draw with them."""
    return {**{key: value for key, value in os.environ.items() if key != "FONTCONFIG_FILE"}, **more}


def _program(*names: str, way: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        _absent(names[0], way)
    return str(found)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of a Chromium."""
    way = "Install Debian's chromium, or Chrome."
    return _program("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", way=way)


@pytest.fixture(scope="session")
def node() -> str:
    """Give the path of Node.js, with the packages that belong to these tests."""
    found = _program("node", way="Install Node.js 20 or newer.")
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        _absent(
            "What tests/engines/package-lock.json names", "npm ci --ignore-scripts --prefix tests/engines"
        )
    return found


@pytest.fixture(scope="session")
def calibre() -> Callable[..., str]:
    """Give a function that runs a program of calibre and gives all that it printed; it has to end well."""
    for name in ("ebook-convert", "ebook-meta"):
        _program(name, way="Install Debian's calibre.")
    quiet = {
        "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
        "QT_QPA_PLATFORM": "offscreen",
        "LC_ALL": "C.UTF-8",
    }

    def run(*words: str) -> str:
        ran = subprocess.run(words, env=quiet, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    return run


@pytest.fixture(scope="session")
def mupdf() -> Any:
    """Give PyMuPDF, silent, with nothing in its list of warnings."""
    if importlib.util.find_spec("pymupdf") is None:
        _absent("PyMuPDF", "pip install --require-hashes --no-deps -r tests/engines/requirements.txt")
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


# --- The books --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Book:
    """A finished EPUB, on the disk and read."""

    name: str
    path: Path
    archive: Archive


@pytest.fixture(scope="session")
def books(bench, once, tmp_path_factory) -> Callable[[str], Book]:
    """Give a function that builds the EPUB of a book by its name, each once, as the command would."""
    from diptych import model, standing

    def folder(name: str) -> Path:
        if name == "one-of-everything":
            return bench.write(bench.small_book())
        if name in FIXTURES:
            return bench.write(FIXTURES[name])
        source = ROOT / "book" if name == "companion" else ROOT / "tests" / "samples" / name
        target = tmp_path_factory.mktemp(name) / "book"
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".diptych"))
        return target

    def build(name: str, target: Path) -> None:
        out = tmp_path_factory.mktemp("out")
        standing.build(folder(name), name, out, model.Wishes(("epub",)), lambda *_: None)
        (path,) = out.glob("*.epub")
        shutil.copy(path, target)

    @functools.cache
    def get(name: str) -> Book:
        path = once(f"{name}.epub", functools.partial(build, name))
        return Book(name, path, Archive(path.read_bytes()))

    return get


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Name each book in turn."""
    return str(request.param)


@pytest.fixture
def book(books, name: str) -> Book:
    """Give each book in turn."""
    return books(name)


# --- The engines ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def ask(node: str, chromium: str, once) -> Callable[[Book, str], Mapping[str, Any]]:
    """Give a function that opens a book in an engine, tries everything in it and gives what happened, each once."""

    @functools.cache
    def answer(name: str, engine: str, path: Path) -> Mapping[str, Any]:
        def run(target: Path) -> None:
            order = _order(Book(name, path, Archive(path.read_bytes())), engine, chromium)
            target.write_text(_run(node, order), encoding="utf-8")

        return json.loads(once(f"{name}-{engine}.json", run).read_text(encoding="utf-8"))

    return lambda book, engine: answer(book.name, engine, book.path)


def _order(book: Book, engine: str, chromium: str) -> Mapping[str, Any]:
    return {
        "book": str(book.path),
        "engine": engine,
        "browser": chromium,
        "shots": str(SHOTS / book.name),
        "notes": [asdict(call) for call in book.archive.calls()],
        "scenes": _scenes(book.archive),
        "long": book.archive.longest(),
    }


def _run(node: str, order: Mapping[str, Any]) -> str:
    ran = subprocess.run(
        [node, str(HERE / "run.mjs")],
        input=json.dumps(order),
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def _scenes(archive: Archive) -> list[tuple[str, ...]]:
    """What to take a picture of: (name, address), and of a note (name, address, its call) for engines with pop-ups."""
    pages = [(name, f"{name}.xhtml") for name in ("cover", "title-page", "nav")]
    things = [(tag, archive.first_with(tag)) for tag in ("table", "figure", "blockquote", "pre")]
    notes = sorted(archive.calls(), key=lambda call: (bool(call.via), -len(call.text)))[:1]
    return [
        *((name, address) for name, address in [*pages, ("chapter", archive.longest()), *things] if address),
        *(("note", call.target, call.call) for call in notes),
    ]


# --- Books made for these tests ---------------------------------------------------------------------------------------

_SENTENCES = (
    "The council sat until the lamps were lit, and nobody could say who had called it. Letters came from the front and "
    "went unanswered. What had been decided in the morning was forgotten by night.\n\n"
)
_NOTES = f"""# Every kind of note[^title]

{_SENTENCES * 3}A plain one.[^plain] One in place.^[Written *in place*, with a mark.] A word, *stressed[^stressed]*.

{_SENTENCES * 3}One called twice.[^twice] {_SENTENCES}And again.[^twice]

> Quoted.[^quoted]

- In a list.[^listed]

| Year | What[^head] |
|------|-------------|
| 1917 | two[^cell]  |

{_SENTENCES * 3}One of several paragraphs.[^several] One that cites another.[^citing]

## A heading with one[^heading]

{_SENTENCES * 4}The last.[^last]

[^title]: On the title of the chapter.
[^plain]: A single sentence, no more.
[^stressed]: On a word that is stressed.
[^twice]: Called from two places, so it has two ways back.
[^quoted]: On a quotation.
[^listed]: On an item of a list.
[^head]: In the head of a table.
[^cell]: In one of its cells.
[^several]: The first paragraph of three.

    The second, with `code` and [a link](two.md).

    - The third is a list,
    - of two items.

[^citing]: This one cites another,[^cited] and goes on behind it.
[^cited]: Cited by a note, and cites a third.[^third]
[^third]: Cited by a note that was cited by a note.
[^heading]: On a heading inside the chapter.
[^last]: The last of the chapter.
"""
_TWO = f"# Two\n\n{_SENTENCES * 6}Numbers begin again.[^1]\n\n[^1]: The only one of its chapter.\n"
_HEBREW = """
המועצה ישבה עד שהודלקו המנורות, ואיש לא ידע לומר מי כינס אותה. מכתבים הגיעו מן החזית ונשארו בלי תשובה. מה שהוחלט
בבוקר נשכח בלילה, ומה שנשכח נעשה.

"""
_HEAD = '[book]\ntitle = "{}"\nlanguage = "{}"\n\n[[contributor]]\nname = "{}"\n\n[edition.epub]\n{}\n'

FIXTURES: dict[str, dict[str, str]] = {
    "every-note": {
        "book.toml": _HEAD.format("Notes", "en", "Ada Ames", 'notes = { place = "chapter" }'),
        "one.md": _NOTES,
        "two.md": _TWO,
    },
    "notes-at-the-end": {
        "book.toml": _HEAD.format("Endnotes", "en", "Ada Ames", 'notes = { place = "book" }'),
        "one.md": _NOTES,
        "two.md": _TWO,
    },
    "right-to-left": {
        "book.toml": _HEAD.format("החוט האדום", "he", "עדה אמיר", ""),
        "one.md": f"# פרק ראשון\n\nהערה.[^1]\n\n{_HEBREW * 14}\n\n[^1]: ההערה עומדת בסוף הפרק.\n",
        "two.md": f"# פרק שני\n\n{_HEBREW * 3}## סעיף\n\n{_HEBREW}",
    },
}
