"""The package document, and the ZIP round it.

EbookLib 0.20 writes the OPF; what it cannot say (`xml:lang` on the package) or puts in the wrong place is mended on the
way, and the ZIP is written anew, so that the same book is the same bytes on every machine. What is said of the book
comes from `metadata.py` and `accessibility.py`.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from ebooklib import epub
from lxml import etree

from diptych import tree, words
from diptych.model import File, Forme

Form = Literal["property", "link", "old"]

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_OPF = "{http://www.idpf.org/2007/opf}"
_STORED = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".woff2")
_EARLIEST = int(datetime(1980, 1, 1, tzinfo=UTC).timestamp())
_TYPES = {
    "css": "text/css", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "ttf": "font/ttf", "otf": "font/otf", "xhtml": "application/xhtml+xml",
}  # fmt: skip
_FONTS = ("font/ttf", "font/otf")
_PREFIXES = {
    "a11y": "http://www.idpf.org/epub/vocab/package/a11y/#",
    "ibooks": "http://vocabulary.itunes.apple.com/rdf/ibooks/vocabulary-extensions-1.0/",
}
"""What the package declares where it uses it; the first is reserved, but not every reader knows that (DAISY)."""

_DISPLAY_OPTIONS = b"""<?xml version="1.0" encoding="utf-8"?>
<display_options><platform name="*"><option name="specified-fonts">true</option></platform></display_options>
"""


@dataclass(frozen=True)
class Item:
    """A document of the spine."""

    name: str
    path: str
    data: bytes
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """Something said of the book, or of the statement whose `refined` it stands in.

    `name` is an element of Dublin Core (`dc:title`) or a property (EPUB 3.3, appendix D); a `link` has an address for
    its value, and `old` is a pair of EPUB 2. `attributes` are `scheme` and `xml:lang`.
    """

    name: str
    value: str
    refined: tuple[Statement, ...] = ()
    form: Form = "property"
    attributes: tuple[tuple[str, str], ...] = ()

    def everything(self) -> Iterator[Statement]:
        """Give the statement and what refines it."""
        yield self
        for each in self.refined:
            yield from each.everything()


def safe_name(path: str, ending: str = "") -> str:
    """Give a name that needs no escaping anywhere: lower-case ASCII, with its folders; the same for the same path.

    With an `ending`, the name ends with that instead of its own.
    """
    stem, dot, own = path.rpartition(".")
    if re.fullmatch(r"[a-z0-9][a-z0-9._/-]*", path) and path != "cover.jpg" and ending in ("", own):
        return path
    mark = hashlib.sha256(path.encode()).hexdigest()[:8]
    plain = "/".join(tree.slug(part) or "x" for part in (stem or path).split("/"))
    return f"{plain}-{mark}{dot}{(ending or own).lower()}"


def write(
    forme: Forme,
    said: Sequence[Statement],
    spine: Sequence[Item],
    files: Iterable[File],
    cover: bytes,
    ncx: bytes,
) -> bytes:
    """Write the EPUB. The forme's epoch becomes `dcterms:modified` and the date of every entry.

    The first of what is `said` is the unique identifier (EPUB 3.3, section 5.4.3).
    """
    language = forme.manifest.metadata.language
    direction = words.direction(language)
    moment = datetime.fromtimestamp(max(forme.epoch, _EARLIEST), UTC)
    book = epub.EpubBook()
    image = epub.EpubCover(uid="cover-image", file_name="cover.jpg")
    image.media_type, image.content = "image/jpeg", cover
    book.add_item(image)
    book.spine = [_document(item) for item in spine]
    items = [*book.spine, *(_file(n, file) for n, file in enumerate(files, 1)), _ncx(ncx)]
    with_fonts = any(item.media_type in _FONTS for item in items)
    for item in [*items, *([_apple()] if with_fonts else [])]:
        book.add_item(item)
    apple = [Statement("ibooks:specified-fonts", "true")] if with_fonts else []
    _describe(book, [*said, *apple, Statement("cover", "cover-image", form="old")])
    start = next((page.name for page in forme.pages if page.matter == "body"), "")
    book.guide = _guide(spine, start, language)
    book.set_direction(direction if direction == "rtl" else None)
    raw = io.BytesIO()
    asked = {"epub3_pages": False, "epub3_landmark": False, "raise_exceptions": True, "compresslevel": 0}
    epub.write_epub(raw, book, {"mtime": moment, **asked})
    return _zipped(raw, language, direction, moment)


def _document(item: Item) -> epub.EpubItem:
    made = epub.EpubItem(
        uid=f"doc-{item.name}", file_name=item.path, media_type=_TYPES["xhtml"], content=item.data
    )
    made.properties = list(item.properties)
    return made


def _file(n: int, file: File) -> epub.EpubItem:
    kind = _TYPES.get(file.path.rsplit(".", 1)[-1].lower(), "application/octet-stream")
    return epub.EpubItem(uid=f"file-{n}", file_name=file.path, media_type=kind, content=file.data)


def _ncx(data: bytes) -> epub.EpubItem:
    return epub.EpubItem(uid="ncx", file_name="toc.ncx", media_type="application/x-dtbncx+xml", content=data)


def _apple() -> epub.EpubItem:
    """Ask Apple Books to show the book's own faces, in the place where older ones look."""
    options = epub.EpubItem(
        uid="apple",
        file_name="META-INF/com.apple.ibooks.display-options.xml",
        media_type="application/xml",
        content=_DISPLAY_OPTIONS,
    )
    options.manifest = False
    return options


def _guide(spine: Sequence[Item], start: str, language: str) -> list[dict[str, str]]:
    """EPUB 2's guide, for readers that look for nothing else; Kindle opens the book at its `text`."""
    paths = {item.name: item.path for item in spine}
    rows = (("cover", "cover", "cover"), ("toc", "contents", "contents"), ("text", start, "start"))
    return [
        {"type": kind, "title": words.say(word, language), "href": paths[name]}
        for kind, name, word in rows
        if name in paths
    ]


def _describe(book: epub.EpubBook, said: Sequence[Statement]) -> None:
    """Hand over what is said of the book; each statement that others refine gets an id that no manifest item has."""
    book.IDENTIFIER_ID = "pub-id"
    book.metadata.clear()
    book.set_identifier(said[0].value)
    numbers = count(1)
    for each in said[0].refined:
        _say(book, each, numbers, "pub-id")
    for each in said[1:]:
        _say(book, each, numbers)
    used = {inner.name.partition(":")[0] for each in said for inner in each.everything()}
    for prefix in sorted(used & _PREFIXES.keys()):
        book.add_prefix(prefix, _PREFIXES[prefix])


def _say(book: epub.EpubBook, statement: Statement, numbers: Iterator[int], of: str = "") -> None:
    own = f"m-{next(numbers)}" if statement.refined else ""
    about = {key: value for key, value in (("id", own), ("refines", of and f"#{of}")) if value}
    more = dict(statement.attributes)
    space, _, name = statement.name.rpartition(":")
    if space == "dc":
        book.add_metadata("DC", name, statement.value, about | more)
    elif statement.form == "link":
        book.add_metadata(None, "link", None, about | {"rel": statement.name, "href": statement.value})
    elif statement.form == "old":
        book.add_metadata(None, "meta", None, {"name": statement.name, "content": statement.value})
    else:
        book.add_metadata(None, "meta", statement.value, about | {"property": statement.name} | more)
    for each in statement.refined:
        _say(book, each, numbers, own)


def _zipped(raw: io.BytesIO, language: str, direction: str, moment: datetime) -> bytes:
    """Write the archive anew: fixed order, dates, modes and compression."""
    with zipfile.ZipFile(raw) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    entries["EPUB/content.opf"] = _mended(entries["EPUB/content.opf"], language, direction)
    first = ("mimetype", "META-INF/container.xml", "EPUB/content.opf")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (*first, *sorted(set(entries) - set(first))):
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.create_system, info.external_attr = 3, 0o100644 << 16
            plain = name == "mimetype" or name.endswith(_STORED)
            archive.writestr(info, entries[name], zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _mended(opf: bytes, language: str, direction: str) -> bytes:
    """Put the language on the package and each refinement behind what it refines."""
    root = etree.fromstring(
        opf.replace(b' xmlns:opf="http://www.idpf.org/2007/opf"', b"", 1),
        etree.XMLParser(remove_blank_text=True, resolve_entities=False),
    )
    root.set(XML_LANG, language)
    root.set("dir", direction)
    holder = root.find(f"{_OPF}metadata")
    if holder is None:
        raise ValueError("EbookLib wrote a package without metadata")
    metas = list(holder)
    refining: dict[str, list[etree._Element]] = {}
    for meta in metas:
        refining.setdefault(meta.get("refines", "").removeprefix("#"), []).append(meta)
        holder.remove(meta)

    def put(key: str) -> None:
        for meta in sorted(refining.pop(key, []), key=lambda m: "purl.org" not in str(m.tag)):
            holder.append(meta)
            if name := meta.get("id"):
                put(name)

    put("")
    if refining:
        raise ValueError(f"metadata refines what is not there: {sorted(refining)}")
    etree.cleanup_namespaces(root, keep_ns_prefixes=["dc"])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
