"""What all tests share.

`--accept` writes expected files anew instead of comparing with them; `--slow` runs the tests marked `slow` too.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the switches."""
    parser.addoption("--accept", action="store_true", help="write the expected files anew; look at the diff")
    parser.addoption("--slow", action="store_true", help="run the tests that take long, too")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "slow: takes long; runs only with --slow")


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Leave the slow ones out unless they are asked for."""
    if not config.getoption("--slow"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="takes long; give --slow"))


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Tell whether expected files are written anew."""
    return bool(request.config.getoption("--accept"))


@dataclass(frozen=True)
class Made:
    """An edition as its writer made it, and what the ledger expects of it."""

    data: bytes
    wanted: tuple
    edition: object
    problems: tuple


class Bench:
    """Builds books from `{path: text or bytes}` without the command, the cache or other processes."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    def write(self, files: Mapping[str, str | bytes]) -> Path:
        """Put the files on the disk, in a new folder."""
        folder = self._folder()
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    def small_book(self) -> dict[str, str | bytes]:
        """Give the small but complete book."""
        return _small_book()

    def read(self, files: Mapping[str, str | bytes]):
        """Read the files as a book called `book`."""
        from diptych import pipeline

        return pipeline.read(self.write(files), "book", pipeline.Wishes())

    def make(self, book, name: str = "", *, plain: bool = False, **changes: object) -> Made:
        """Make one edition, without counting its notes; `changes` are made to the edition first.

        An EPUB that is `plain` gets neither fonts nor a cover of its own, which take most of the time.
        """
        from diptych import pipeline
        from diptych.model import Census
        from diptych.writers.epub import cover, fonts

        found = book.manifest.editions
        edition = next((one for one in found if one.name == name), found[0])
        edition = replace(edition, **changes)
        seen: list[tuple] = []

        def count(_, wanted, __) -> Census:
            seen.append(tuple(wanted))
            return Census(len(wanted))

        with pytest.MonkeyPatch.context() as patch:
            for writer in ("epub", "pdf"):
                patch.setitem(pipeline._CENSUS, writer, count)
            if plain:
                patch.setattr(cover, "image", lambda *_: _picture(16, 25, "JPEG"))
                patch.setattr(fonts, "_subset", lambda face, _: replace(face, data=b"a font"))
            breaks = self._breaks(book, edition)
            finished = pipeline._edition(book, edition, breaks, lambda *_: None)
        return Made(finished.files[0].data, seen[-1], edition, finished.problems)

    def _breaks(self, book, edition) -> tuple:
        from diptych import pipeline

        paged = [other for other in book.manifest.editions if other.name == edition.pages]
        return tuple(
            each for other in paged for each in pipeline._edition(book, other, (), lambda *_: None).breaks
        )

    def build(self, files: Mapping[str, str | bytes], name: str = "", **wishes: object) -> Made:
        """Read the files and make one edition."""
        return self.make(self.read(files), name, **wishes)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Give the bench, with all that is ours put into WeasyPrint: what a test puts there itself goes again behind it."""
    from diptych.writers.pdf import layout

    layout.open_room()
    return Bench(lambda: tmp_path_factory.mktemp("book"))


def _picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#876").save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """Give a function that paints a picture: (width, height, kind)."""
    return _picture


_WORDS = (
    "The council sat until the lamps were lit and nobody could say who had called it. Letters came from the front and "
    "went unanswered. What had been decided in the morning was forgotten by night, and what was forgotten was done. "
)


@pytest.fixture
def small_book() -> dict[str, str | bytes]:
    """Give a small but complete book: every part of the book, every block, notes of every kind, all three editions."""
    return _small_book()


@pytest.fixture(scope="session")
def small(bench: Bench) -> Callable[[str], Made]:
    """Give a function that makes an edition of the small book, each once."""
    book: list = []

    @functools.cache
    def make(name: str) -> Made:
        if not book:
            book.append(bench.read(_small_book()))
        return bench.make(book[0], name)

    return make


def _small_book() -> dict[str, str | bytes]:
    toml = """
[book]
title = "The Red Thread"
subtitle = "A Small but Complete Book"
title-sort = "Red Thread, The"
language = "en-GB"
publisher = "Nobody & Sons"
date = 2026-03-01
first-published = 1986
description = "A book that has one of everything."
rights = "© 2026 The authors"
licence = "CC-BY-4.0"

[[contributor]]
name = "Ada Ames"
role = "aut"
[[contributor]]
name = "Bo Berg"
sort = "Berg, Bo"
role = ["edt", "aui"]
[[contributor]]
name = "Cy Cole"
role = "translator"

[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
doi = "10.1000/182"
isbn.epub = "978-3-16-148410-0"

[subjects]
keywords = ["history", "letters"]
bisac = ["HIS032000"]
thema = ["NHD"]

[series]
name = "Small Books"
position = 2

[chapters]
front = ["dedication.md", "preface.md"]
body = ["one.md", "two.md"]
back = ["appendix.md"]
"""
    one = f"""# The War[^head]

/// epigraph
All is well.[^e]

— Nobody
///

{_WORDS * 3} A first note.[^a] The same again.[^a] See [the other chapter](two.md#letters) and
<https://example.org/a>.

## The first winter

{_WORDS * 4} A long note.[^long] One in place.^[It has *words* of its own.] {_WORDS * 6}

- one thing[^list]
    - inside another
- a last

| Year | What[^th] |
|------|----------:|
| 1917 | two revolutions[^td] |

/// caption
What happened.
///

![A red thread](images/Rotér Faden.png)

/// caption
The thread.[^fig]
///

/// verse
A line of verse,
and one that rhymes with worse.
///

### Details

Term
:   What it means.

> Quoted. {_WORDS}

```
code = 1
```

* * *

{_WORDS * 6} The end.[^z]

[^head]: On the title.
[^e]: On the motto.
[^a]: Called twice.
[^long]: {_WORDS * 4}

    A second paragraph. {_WORDS * 5} It cites another.[^inner]

[^inner]: Cited by a note.
[^list]: In a list.
[^th]: In the head of a table.
[^td]: In a cell.
[^fig]: In a caption.
[^z]: The last.
"""
    return {
        "book.toml": toml,
        "dedication.md": "---\nrole: dedication\n---\n\nFor nobody.\n",
        "preface.md": f"# Preface\n\n{_WORDS * 2} A note up front.[^p]\n\n[^p]: In the preface.\n",
        "one.md": one,
        "two.md": f"# Letters {{#letters}}\n\n{_WORDS * 3} Cited.[^1]\n\n## Answers\n\n{_WORDS}\n\n[^1]: In the second.\n",
        "appendix.md": f"# Sources\n\n{_WORDS} A last.[^1]\n\n[^1]: At the very end.\n",
        "images/Rotér Faden.png": _picture(300, 200),
    }


def _without_fonts(patch: pytest.MonkeyPatch) -> None:
    """Cutting fonts down to a book's letters takes longer than all the rest of an EPUB."""
    patch.setattr("fontTools.subset.Subsetter.subset", lambda *_: None)
    patch.setattr("fontTools.ttLib.TTFont.save", lambda _, out, **__: out.write(b"a font"))


@pytest.fixture
def plain_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make EPUBs whose fonts are none."""
    _without_fonts(monkeypatch)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home whose small book/ has been built into dist/, as two EPUB editions without fonts; copy it."""
    from diptych import cli

    home = tmp_path_factory.mktemp("home")
    (home / "book").mkdir()
    (home / "book" / "book.toml").write_text(
        '[book]\ntitle = "One"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
        '[edition.epub]\n[edition.two]\nlike = "epub"\n',
        encoding="utf-8",
    )
    (home / "book" / "01-one.md").write_text("# One\n\nWords.[^1]\n\n[^1]: A note.\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _without_fonts(patch)
        assert cli.main(["-q", "--jobs", "1"], home=home) == 0
    return home
