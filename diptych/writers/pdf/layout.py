"""WeasyPrint behind one door: stylesheets parsed once, fonts known once, nothing read but what it is handed.

No file of the machine and no network is ever opened: every address is looked up among the book's own files. Machine
fonts are out of reach too (see `_only_our_fonts`), so that a page looks the same everywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import cssselect2
import pyphen

from diptych.model import File, Report, Theme
from diptych.problems import Place, Problem, warning
from diptych.writers.pdf import intact, outlines

if TYPE_CHECKING:
    from weasyprint import Document

_BASE = "https://book.invalid/"
"""Every address in a book is relative to this one; `.invalid` belongs to nobody (RFC 2606)."""

_MEDIA_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ttf": "font/ttf",
    "otf": "font/otf",
}

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{}</cachedir></fontconfig>
"""


def _only_our_fonts() -> None:
    """Hide the machine's fonts from Pango, before WeasyPrint wakes it: a missing glyph must show, not be borrowed."""
    folder = (
        Path(tempfile.gettempdir()) / f"diptych-fontconfig-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    config = folder / "fonts.conf"
    text = _FONTCONFIG.format(folder / "cache")
    if not config.exists() or config.read_text() != text:
        config.write_text(text)
    os.environ["FONTCONFIG_FILE"] = str(config)


_LIBRARIES = ("gobject-2.0", "pango-1.0", "harfbuzz", "fontconfig", "pangoft2-1.0")
"""What WeasyPrint cannot do without, each in the one version of its interface that there is."""


@contextlib.contextmanager
def _found_by_name() -> Iterator[None]:
    """Let no compiler be asked where libraries are while WeasyPrint looks for them: where Linux has them is known.

    It tries the names that they have on all systems, and each that is none here cost a start of gcc and of ldconfig.
    """
    search = ctypes.util.find_library
    if sys.platform == "linux" and all(map(_loads, _LIBRARIES)):
        ctypes.util.find_library = _nowhere
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _nowhere(name: str) -> None:
    """Find no library of that name."""


def _loads(library: str) -> bool:
    number = 1 if library == "fontconfig" else 0
    try:
        ctypes.CDLL(f"lib{library}.so.{number}")
    except OSError:
        return False
    return True


class Laid:
    """One run of pages of one tree. `anchors` maps an id to its page, counted from 1 within the run.

    `due` are the letters that were to be laid out.
    """

    def __init__(self, laid: Document, root: Element, due: Mapping[Element, str]) -> None:
        self.document = laid
        self.root = root
        self.due = due
        self.anchors: dict[str, int] = {}
        for number, page in enumerate(laid.pages, 1):
            for name in page.anchors:
                self.anchors.setdefault(name, number)

    def __len__(self) -> int:
        """Count the pages."""
        return len(self.document.pages)

    @property
    def note_ends(self) -> dict[str, int]:
        """Give for each note at the end of a chapter or of the book the last page on which it stands."""
        found: dict[str, int] = {}
        for number, page in enumerate(self.document.pages, 1):
            for box in page._page_box.descendants():  # noqa: SLF001 - there is no other way to the boxes
                if box.element is not None and box.element.get("class") == "note" and box.element.get("id"):
                    found[box.element.get("id")] = number
        return found

    def followed_by(self, page: Any) -> Laid:
        """Give these pages and one of another run."""
        return Laid(self.document.copy([*self.document.pages, page]), self.root, self.due)


def open_room() -> None:
    """Load WeasyPrint and put in place all that it is told, once per process."""
    _only_our_fonts()
    with (
        _found_by_name(),
        warnings.catch_warnings(action="ignore"),
    ):  # that there are no machine fonts is what we want
        from diptych.writers.pdf import (  # noqa: PLC0415 - WeasyPrint takes half a second, and only pages need it
            cascade,
            casting,
            cures,
            drawing,
            faces,
            floats,
            glyphs,
            grid,
            ideographs,
            longnotes,
            markers,
            pagefeet,
            paragraphs,
            pieces,
            tagging,
            thrift,
        )

    rooms = (
        *(thrift, cascade, cures, grid, floats, ideographs, intact, longnotes, markers),
        *(paragraphs, casting, pagefeet, tagging, faces, glyphs, drawing, pieces),
    )
    for room in rooms:
        room.install()


@dataclass(frozen=True)
class Kit:
    """What a press lays out with: the stylesheets and faces of an edition, the book's files, its language."""

    theme: Theme
    assets: Mapping[str, File]
    language: str


_open: list[Press] = []
"""The press that was opened last: it serves whatever is laid out with the same kit."""


def press(kit: Kit) -> Press:
    """Give a press with a kit. It takes a while to open one; where nothing but files is to be added, they are."""
    if not _open or not _open[0].suits(kit):
        _open[:] = [Press(kit)]
    _open[0].hold(kit)
    return _open[0]


class Press:
    """Lays out one edition: its stylesheets, its fonts, its images. `said` is what WeasyPrint says of the stylesheets.

    Trees are handed over as they are. Written out and parsed again, they would lose what HTML's parser does not allow
    but a page can hold: a note of several paragraphs in the middle of a sentence.
    """

    def __init__(self, kit: Kit) -> None:
        open_room()
        import weasyprint  # noqa: PLC0415 - see open_room
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        from diptych.writers.pdf import faces, pieces  # noqa: PLC0415

        self.weasyprint = weasyprint
        self.faces, self.pieces = faces, pieces
        self.kit = replace(kit, assets={})
        self.log = _Log()
        self.files = {file.path: file for file in kit.theme.files}
        self.images: dict[str, Any] = {}
        self.hold(kit)
        self.fetch = _fetcher(self.files)
        self.fonts = FontConfiguration()
        self.pages: dict[str, Any] = {}
        with self.log:
            self.sheets = [self._sheet(sheet) for sheet in kit.theme.stylesheets]
        self.said = tuple(self.log.problems)
        _open_dictionary(kit.language)

    def suits(self, kit: Kit) -> bool:
        """Whether a kit is this press's own, but for files that come on top."""
        return (
            replace(kit, assets=self.kit.assets) == self.kit and self.kit.assets.items() <= kit.assets.items()
        )

    def hold(self, kit: Kit) -> None:
        """Take the files of a kit that are new here."""
        new = {path: file for path, file in kit.assets.items() if path not in self.kit.assets}
        self.kit = kit
        self.images |= outlines.images(new, _BASE)
        self.files |= {path: file for path, file in new.items() if path not in self.files}

    def _sheet(self, sheet: File) -> Any:
        self.log.file = sheet.path
        return self.weasyprint.CSS(
            string=sheet.data.decode("utf-8", "replace"),
            base_url=_BASE,
            url_fetcher=self.fetch,
            font_config=self.fonts,
        )

    def _page(self, style: str) -> Any:
        if style not in self.pages:
            self.pages[style] = self._sheet(File("page", style.encode()))
        return self.pages[style]

    def lay_out(self, root: Element, page: str) -> Laid:
        """Lay out one tree on pages that a stylesheet of their own describes."""
        self.log.text |= frozenset(
            "".join(root.itertext())
        )  # its missing letters are told by the checks, with lines
        with self.log:
            sheets = [self._page(page), *self.sheets]
            self.log.file = ""
            html = self.weasyprint.HTML(string="<html>", base_url=_BASE, url_fetcher=self.fetch)
            html.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
            html.etree_element = root
            laid = html.render(
                stylesheets=sheets, font_config=self.fonts, presentational_hints=True, cache=self.images
            )
        self.log.done = max(self.log.done, len(laid.pages))
        return Laid(laid, root, intact.due())

    def write(
        self, laid: Sequence[Laid], options: Mapping[str, Any], finish: Callable[[Any, Any], None]
    ) -> bytes:
        """Write runs of pages into one PDF; `finish` is shown the document and the PDF before that is written."""
        whole = laid[-1].document.copy([page for run in laid for page in run.document.pages])
        with self.log:
            written: bytes = whole.write_pdf(finisher=finish, pdf_identifier=True, **options)
        return written

    def problems(self) -> tuple[Problem, ...]:
        """Give what WeasyPrint complained of, in our own form."""
        return tuple(dict.fromkeys(self.log.problems))


def _open_dictionary(language: str) -> None:
    """Read where words of a language may be broken: processes that are forked then share it (German is 0.5 s)."""
    if name := pyphen.language_fallback(language):
        pyphen.Pyphen(lang=name)


def _fetcher(files: Mapping[str, File]) -> Any:
    """Answer every address from the book's own files. Raises ValueError for any other, which WeasyPrint logs."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - see Press

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002
            path = unquote(url.removeprefix(_BASE).split("#")[0])
            if not url.startswith(_BASE) or path not in files:
                raise ValueError(f"{url.removeprefix(_BASE)} is not in the book")
            kind = _MEDIA_TYPES.get(path.rsplit(".", 1)[-1].lower(), "application/octet-stream")
            return URLFetcherResponse(url, files[path].data, {"Content-Type": kind})

    return Fetcher()


def _missing(characters: str) -> Problem:
    return warning(
        "letter-missing",
        Place("layout"),
        f"No face of the book has the character {characters}, which the page shows.",
        "Put a font that has it into the book's folder fonts/ and name it in styles/book.css.",
    )


class _Log(logging.Handler):
    """Hears WeasyPrint: its warnings become problems, its page count becomes progress. Not a log of ours."""

    _PAGE = re.compile(r"Step 5 - Creating layout - Page (\d+)")

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.report: Report = lambda *_: None
        self.file = ""
        self.done = 0
        self.text: frozenset[str] = frozenset()
        self.problems: list[Problem] = []

    def __enter__(self) -> None:
        """Listen."""
        for name in ("weasyprint", "weasyprint.progress"):
            logger = logging.getLogger(name)
            logger.setLevel(logging.INFO if name.endswith("progress") else logging.WARNING)
            logger.propagate = False
            logger.handlers = [self]

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        for name in ("weasyprint", "weasyprint.progress"):
            logging.getLogger(name).handlers = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take one message."""
        said = record.getMessage()
        if record.name.endswith("progress"):
            if page := self._PAGE.search(said):
                self.report("pages laid out", self.done + int(page[1]))
            return
        if "HarfBuzz-Subset" in said:  # about the machine, not about the book
            return
        if missing := re.search(
            r'\.notdef glyph rendered for Unicode string unsupported by fonts: "(.*)"', said
        ):
            if not set(missing[1]) <= self.text:
                self.problems.append(_missing(missing[1]))
            return
        at = re.search(r"at (\d+):\d+", said)
        place = Place(self.file or "layout", int(at[1]) if at and self.file else 0)
        self.problems.append(warning("layout", place, f"WeasyPrint says: {said.rstrip('.')}."))
