"""The disk: reads a book, the themes and the faces, and writes finished files all or nothing.

The only room that opens files. It reads nothing outside the book's folder and the press's own, follows no symbolic link
out of it, and leaves no half-written edition behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from diptych.model import File
from diptych.problems import BookError, Place, Problem, error

_TEXTS = (".md", ".markdown", ".toml", ".css")
_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
_FONTS = (".ttf", ".otf")
_PROFILES = (".icc", ".icm")
_LIMITS = {
    **dict.fromkeys(_TEXTS, 20),
    **dict.fromkeys(_PICTURES, 60),
    **dict.fromkeys((*_FONTS, *_PROFILES), 40),
}
"""The largest file of each kind that is read, in megabytes (10^6 bytes)."""

_MOST_FILES = 20_000

_DIGEST = hashlib.sha256().digest_size


def read_book(folder: Path, name: str) -> tuple[dict[str, File], tuple[Problem, ...]]:
    """Read every text, picture, font and colour profile of a book, by path; `name` is what the author calls the folder.

    Raises BookError where there is no such folder.
    """
    if not folder.is_dir():
        advice = (
            "Give the folder that holds book.toml or the .md files."
            if folder.exists()
            else "Is the name right?"
        )
        sentence = "This is a file, not a book's folder." if folder.exists() else "There is no such folder."
        raise BookError([error("no-book", Place(name), sentence, advice)])
    found: dict[str, File] = {}
    problems: list[Problem] = []
    root = folder.resolve()
    for number, path in enumerate(_walk(folder)):
        inside = path.relative_to(folder).as_posix()
        place = Place(f"{name}/{inside}")
        if number > _MOST_FILES:
            problems.append(
                error(
                    "too-many-files",
                    Place(name),
                    f"There are more than {_MOST_FILES} files here.",
                    "Is this the right folder?",
                )
            )
            break
        if not path.resolve().is_relative_to(root):
            problems.append(
                error(
                    "outside",
                    place,
                    "This is a link to a file outside the book's folder.",
                    "Put the file itself here.",
                )
            )
            continue
        read = _read_one(path, place)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            found[inside] = File(inside, read)
    return found, tuple(problems)


def _walk(folder: Path) -> Iterator[Path]:
    """Give the files that can be part of a book, in name order; hidden ones are nobody's business."""
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.suffix.lower() in _LIMITS:
            yield path


def _read_one(path: Path, place: Place) -> bytes | Problem:
    limit = _LIMITS[path.suffix.lower()]
    try:
        if not path.is_file():
            return error(
                "unreadable",
                place,
                "This is not a file that can be read.",
                "Is it a link to a file that is gone?",
            )
        if path.stat().st_size > limit * 1_000_000:
            return error(
                "too-big",
                place,
                f"This file has more than {limit} MB.",
                "Make it smaller: no page and no e-reader can use that much.",
            )
        return path.read_bytes()
    except OSError as wrong:
        return error(
            "unreadable", place, f"This file cannot be read: {wrong.strerror}.", "Look at its permissions."
        )


def read_source(path: Path) -> File:
    """Read one file that is to be imported. Raises BookError."""
    place = Place(str(path))
    limit = 60_000_000
    try:
        if path.stat().st_size > limit:
            raise BookError(
                [error("too-big", place, "This file has more than 60 MB.", "Is it really a text?")]
            )
        return File(path.name, path.read_bytes())
    except OSError as wrong:
        raise BookError(
            [error("unreadable", place, f"This file cannot be read: {wrong.strerror}.", "Is the name right?")]
        ) from None


def read_themes() -> dict[str, File]:
    """Read the press's themes, by `theme/name`. They stand beside the package, or in it once it is installed."""
    package = Path(__file__).parent
    folder = next(
        (f for f in (package / "styles", package.parent / "styles") if f.is_dir()), package / "styles"
    )
    return {
        p.relative_to(folder).as_posix(): File(p.name, p.read_bytes())
        for p in sorted(folder.rglob("*.*"))
        if p.is_file()
    }


class Faces(Mapping[str, File]):
    """The press's font files, by name. Each is read when it is asked for: those for Chinese alone weigh 20 MB."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = {path.name: path for path in paths}

    def __getitem__(self, name: str) -> File:
        """Read one."""
        return File(name, self._paths[name].read_bytes())

    def __contains__(self, name: object) -> bool:
        """Look whether it is there, without reading it."""
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Count them."""
        return len(self._paths)

    def stamps(self) -> list[tuple[str, int, int]]:
        """Give name, size and time of each (in nanoseconds), by which an installed one that was changed is known."""
        found = ((name, path.stat()) for name, path in self._paths.items())
        return [(name, about.st_size, about.st_mtime_ns) for name, about in found]


_FACES = {
    "font_source_serif_pro": "files",
    "font_source_sans_pro": "files",
    "fontpkg_amiri": "files",
    "fontpkg_frank_ruhl_libre": "files",
    "fontpkg_ibm_plex_mono": "files",
    "fontpkg_source_serif_4": "files",
    "pylopdf_fonts_zh_cn": "",
    "ziamath": "fonts",
}
"""The packages that carry faces, with the folder inside."""


def read_faces() -> Faces:
    """Find the press's font files in the packages that carry them; one that is not installed has none."""
    found = ((importlib.util.find_spec(package), inner) for package, inner in _FACES.items())
    folders = [Path(spec.origin).parent / inner for spec, inner in found if spec is not None and spec.origin]
    return Faces(p for folder in folders for p in sorted(folder.iterdir()) if p.suffix in (".ttf", ".otf"))


_PACKAGES = (
    "cssselect2", "ebooklib", "fonttools", "latex2mathml", "lxml", "markdown", "pikepdf", "pillow", "pydyf", "pygments",
    "pymdown-extensions", "pypdfium2", "pyphen", "python-stdnum", "pyyaml", "tinycss2", "tinyhtml5", "uharfbuzz",
    "weasyprint", "ziafont", "ziamath",
)  # fmt: skip
"""What the bytes of a book, and what is said of it, depend on beside the press's own code."""


@cache
def read_tools() -> tuple[object, ...]:
    """Name what results are made with: the code of the press itself, and the versions of what it stands on."""
    code = b"\0".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    installed = _installed()
    packages = [installed.get(name, "unknown") for name in _PACKAGES]
    return hashlib.sha256(code).hexdigest(), packages, _libraries()


def _libraries() -> tuple[int | str, ...]:
    """Read the versions of the system's libraries that set words; where they have other names, nothing is known."""
    found: list[int | str] = []
    for library, version in (
        ("libpango-1.0.so.0", "pango_version"),
        ("libharfbuzz.so.0", "hb_version_string"),
    ):
        try:
            ask = getattr(ctypes.CDLL(library), version)
        except (OSError, AttributeError):
            found.append("unknown")
            continue
        ask.restype = ctypes.c_char_p if version.endswith("string") else ctypes.c_int
        said = ask()
        found.append(said.decode() if isinstance(said, bytes) else said)
    return tuple(found)


def _installed() -> dict[str, str]:
    """Read the versions of packages off the names of their folders (Recording installed projects, PyPA).

    `importlib.metadata` opens a file of each, which takes ten times as long.
    """
    found: dict[str, str] = {}
    for folder in filter(None, sys.path):
        with contextlib.suppress(OSError):
            names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".dist-info"))
            for name, _, version in (name.removesuffix(".dist-info").partition("-") for name in names):
                found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return found


def source_date_epoch() -> int | None:
    """Give SOURCE_DATE_EPOCH, in seconds since 1970, where the environment says it (reproducible-builds.org)."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdigit() else None


def read_finished(folder: Path, name: str) -> bytes | None:
    """Give a finished file's bytes, or None where there is none."""
    try:
        return (folder / name).read_bytes()
    except OSError:
        return None


def write_all(folder: Path, name: str, files: Iterable[File]) -> None:
    """Write files into a folder, all or none; one that is there already, byte for byte, is left alone.

    Raises BookError where the disk is full, or the folder cannot be written; nothing is changed then.
    """
    try:
        _put_in_place(folder, [f for f in files if read_finished(folder, f.path) != f.data], os.fsync)
    except OSError as wrong:
        raise BookError([_unwritten(wrong, name)]) from None


def _put_in_place(folder: Path, files: Iterable[File], settle: Callable[[int], None]) -> None:
    """Write each file beside its place first, and move all when all are there; `settle` sees each to the disk."""
    waiting: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".diptych-", dir=target.parent)
            waiting.append((Path(temporary), target))
            with os.fdopen(handle, "wb") as out:
                out.write(file.data)
                out.flush()
                settle(out.fileno())
            Path(temporary).chmod(0o644)
        for temporary_path, target in waiting:
            temporary_path.replace(target)
        waiting.clear()
    finally:
        for temporary_path, _ in waiting:
            temporary_path.unlink(missing_ok=True)


def replace_all(folder: Path, name: str, files: Iterable[File], ours: re.Pattern[str]) -> None:
    """Write files as `write_all` does, and remove what an earlier run left there: files that are named as `ours`."""
    written = list(files)
    write_all(folder, name, written)
    kept = {file.path for file in written}
    for path in folder.iterdir():
        if path.name not in kept and ours.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _unwritten(wrong: OSError, name: str) -> Problem:
    if wrong.errno in (errno.ENOSPC, errno.EDQUOT):
        return error(
            "disk-full", Place(name), "The disk is full; nothing was changed.", "Make room and build again."
        )
    if wrong.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return error(
            "not-writable",
            Place(name),
            "This folder cannot be written; nothing was changed.",
            "Look at its permissions, or choose another with --out DIR.",
        )
    return error(
        "not-written",
        Place(name),
        f"The files cannot be written: {wrong.strerror}; nothing was changed.",
        "Choose another folder with --out DIR.",
    )


def new_folder(folder: Path, name: str, files: Iterable[File]) -> None:
    """Write a new book into a folder that is not there yet, or empty. Raises BookError."""
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as wrong:
        raise BookError([_unwritten(wrong, name)]) from None
    if taken:
        raise BookError(
            [
                error(
                    "folder-taken",
                    Place(name),
                    "There is something in this folder already.",
                    "Give the name of a new one.",
                )
            ]
        )
    write_all(folder, name, files)


def _leave_it_to_the_system(_: int) -> None:
    """Wait for no disk: what a loss of power spoils on a shelf is made again."""


_OURS = re.compile(r"[0-9a-f]{64}|\.diptych-.*")
"""The names of what is remembered, and of what was being written when a run was stopped: nothing else is removed."""


class Shelf:
    """Remembered results in a folder: names to bytes. Always safe to delete; trouble with it is no trouble.

    What is kept carries a digest of itself, so that half of it is none of it; `most` are the bytes that are kept. What
    has not been asked for the longest goes first. Several runs may share the folder.
    """

    def __init__(self, folder: Path, most: int = 256 << 20) -> None:
        self.folder, self.most = folder, most
        self.left = 0  # of the room, as far as this run knows

    def get(self, key: str) -> bytes | None:
        """Give what was kept under a key, or None."""
        kept = read_finished(self.folder, key) or b""
        digest, data = kept[:_DIGEST], kept[_DIGEST:]
        if hashlib.sha256(data).digest() != digest:
            return None
        with contextlib.suppress(OSError):
            os.utime(self.folder / key)
        return data

    def put(self, kept: Mapping[str, bytes]) -> None:
        """Keep bytes by their keys."""
        try:
            files = [File(key, hashlib.sha256(data).digest() + data) for key, data in kept.items()]
            _put_in_place(self.folder, files, _leave_it_to_the_system)
            self.left -= sum(len(file.data) for file in files)
            if self.left < 0:
                self._make_room()
        except OSError:
            return

    def _make_room(self) -> None:
        with os.scandir(self.folder) as entries:
            ours = [entry for entry in entries if _OURS.fullmatch(entry.name) and entry.is_file()]
            found = [(entry.path, entry.stat()) for entry in ours]
        taken = sum(about.st_size for _, about in found)
        oldest = iter(sorted(found, key=lambda each: each[1].st_mtime))
        while taken > self.most:
            path, about = next(oldest)
            Path(path).unlink(missing_ok=True)
            taken -= about.st_size
        self.left = self.most - taken
