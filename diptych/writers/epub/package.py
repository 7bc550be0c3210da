"""The package document, and the ZIP round it.

EbookLib 0.20 writes the OPF; what it cannot say (`xml:lang` on the package) or puts in the wrong place is mended on the
way, and the ZIP is written anew, so that the same book is the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ebooklib import epub
from lxml import etree

from diptych import tree
from diptych.model import Edition, File, Forme, Metadata

_OPF = "{http://www.idpf.org/2007/opf}"
_STORED = (".jpg", ".jpeg", ".png", ".woff2")
_EARLIEST = int(datetime(1980, 1, 1, tzinfo=UTC).timestamp())
_TYPES = {
    "css": "text/css", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "ttf": "font/ttf", "otf": "font/otf", "xhtml": "application/xhtml+xml",
}  # fmt: skip
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


def safe_name(path: str) -> str:
    """Give a name that needs no escaping anywhere: lower-case ASCII, with its folders; the same for the same path."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._/-]*", path) and path != "cover.jpg":
        return path
    stem, dot, kind = path.rpartition(".")
    mark = hashlib.sha256(path.encode()).hexdigest()[:8]
    return (
        "/".join(tree.slug(part) or "x" for part in (stem or path).split("/")) + f"-{mark}{dot}{kind.lower()}"
    )


def write(
    forme: Forme, spine: Sequence[Item], files: Iterable[File], cover: bytes, ncx: bytes, direction: str
) -> bytes:
    """Write the EPUB. The forme's epoch becomes `dcterms:modified` and the date of every entry."""
    metadata = forme.manifest.metadata
    moment = datetime.fromtimestamp(max(forme.epoch, _EARLIEST), UTC)
    book = epub.EpubBook()
    _describe(book, metadata, forme.edition)
    image = epub.EpubCover(uid="cover-image", file_name="cover.jpg")
    image.media_type, image.content = "image/jpeg", cover
    book.add_item(image)
    book.add_metadata(None, "meta", None, {"name": "cover", "content": "cover-image"})
    documents = []
    for item in spine:
        made = epub.EpubItem(
            uid=f"doc-{item.name}", file_name=item.path, media_type=_TYPES["xhtml"], content=item.data
        )
        made.properties = list(item.properties)
        book.add_item(made)
        documents.append(made)
    for n, file in enumerate(files, 1):
        kind = _TYPES.get(file.path.rsplit(".", 1)[-1].lower(), "application/octet-stream")
        book.add_item(epub.EpubItem(uid=f"file-{n}", file_name=file.path, media_type=kind, content=file.data))
    book.add_item(
        epub.EpubItem(uid="ncx", file_name="toc.ncx", media_type="application/x-dtbncx+xml", content=ncx)
    )
    options = epub.EpubItem(
        uid="apple",
        file_name="META-INF/com.apple.ibooks.display-options.xml",
        media_type="application/xml",
        content=_DISPLAY_OPTIONS,
    )
    options.manifest = False
    book.add_item(options)
    book.spine = documents
    book.guide = _guide(spine)
    book.set_direction(direction if direction == "rtl" else None)
    raw = io.BytesIO()
    epub.write_epub(
        raw, book, {"mtime": moment, "epub3_pages": False, "epub3_landmark": False, "raise_exceptions": True}
    )
    return _zipped(raw, metadata, direction, moment)


def _guide(spine: Sequence[Item]) -> list[dict[str, str]]:
    """EPUB 2's guide, for readers that look for nothing else."""
    text = next(
        (item for item in spine if item.name not in ("cover", "title-page", "imprint", "contents")), spine[-1]
    )
    guide = [{"type": "text", "title": "Text", "href": text.path}]
    names = {item.name: item.path for item in spine}
    if "contents" in names:
        guide.insert(0, {"type": "toc", "title": "Contents", "href": names["contents"]})
    if "cover" in names:
        guide.insert(0, {"type": "cover", "title": "Cover", "href": names["cover"]})
    return guide


def _describe(book: epub.EpubBook, metadata: Metadata, edition: Edition) -> None:
    """Say what a library would; every refinement names an id that no manifest item has."""
    book.IDENTIFIER_ID = "pub-id"
    book.metadata.clear()
    book.set_identifier(metadata.uuid)
    _identifiers(book, metadata, edition)
    _titles(book, metadata)
    book.add_metadata("DC", "language", metadata.language)
    for n, person in enumerate(metadata.contributors, 1):
        name = "creator" if {"aut", "cre"} & set(person.roles) else "contributor"
        _refined(book, name, person.name, f"m-person-{n}", ("file-as", person.sort, ""))
        for role in person.roles:
            _refine(book, f"m-person-{n}", "role", role, "marc:relators")
    dated = f"{metadata.date}T00:00:00Z" if metadata.day else metadata.date
    terms = ". ".join(text.rstrip(".") for text in (metadata.rights, metadata.licence) if text)
    for kind, value in (
        ("publisher", metadata.publisher),
        ("date", dated),
        ("description", metadata.description),
        ("rights", terms),
        ("source", metadata.source),
    ):
        if value:
            book.add_metadata("DC", kind, value)
    for word in metadata.keywords:
        book.add_metadata("DC", "subject", word)
    coded = [("BISAC", code) for code in metadata.bisac] + [
        ("https://ns.editeur.org/thema/", code) for code in metadata.thema
    ]
    for n, (authority, code) in enumerate(coded, 1):
        book.add_metadata("DC", "subject", code, {"id": f"m-subject-{n}"})
        _refine(book, f"m-subject-{n}", "authority", authority)
        _refine(book, f"m-subject-{n}", "term", code)
    _series(book, metadata)
    _accessibility(book)


def _refined(
    book: epub.EpubBook, name: str, value: str, key: str, *refinements: tuple[str, str, str]
) -> None:
    book.add_metadata("DC", name, value, {"id": key})
    for kind, text, scheme in refinements:
        _refine(book, key, kind, text, scheme)


def _refine(book: epub.EpubBook, key: str, kind: str, text: str, scheme: str = "") -> None:
    others = {"refines": f"#{key}", "property": kind} | ({"scheme": scheme} if scheme else {})
    book.add_metadata(None, "meta", text, others)


def _identifiers(book: epub.EpubBook, metadata: Metadata, edition: Edition) -> None:
    if isbn := metadata.isbn.get(edition.name):
        _refined(
            book, "identifier", f"urn:isbn:{isbn}", "m-isbn", ("identifier-type", "15", "onix:codelist5")
        )
    if metadata.doi:
        _refined(
            book, "identifier", f"doi:{metadata.doi}", "m-doi", ("identifier-type", "06", "onix:codelist5")
        )


def _titles(book: epub.EpubBook, metadata: Metadata) -> None:
    sort = [("file-as", metadata.title_sort, "")] if metadata.title_sort else []
    _refined(
        book, "title", metadata.title, "m-title", ("title-type", "main", ""), ("display-seq", "1", ""), *sort
    )
    if metadata.subtitle:
        _refined(
            book,
            "title",
            metadata.subtitle,
            "m-subtitle",
            ("title-type", "subtitle", ""),
            ("display-seq", "2", ""),
        )


def _series(book: epub.EpubBook, metadata: Metadata) -> None:
    if metadata.series:
        book.add_metadata(
            None, "meta", metadata.series.name, {"property": "belongs-to-collection", "id": "m-series"}
        )
        _refine(book, "m-series", "collection-type", "series")
        if metadata.series.position:
            _refine(book, "m-series", "group-position", metadata.series.position)


def _accessibility(book: epub.EpubBook) -> None:
    """Say what holds for every book of ours: it can be reflowed, its headings and order are in the markup."""
    book.add_prefix("ibooks", "http://vocabulary.itunes.apple.com/rdf/ibooks/vocabulary-extensions-1.0/")
    book.add_metadata(None, "meta", "true", {"property": "ibooks:specified-fonts"})
    for name, value in (
        ("accessMode", "textual"),
        ("accessibilityFeature", "structuralNavigation"),
        ("accessibilityFeature", "tableOfContents"),
        ("accessibilityFeature", "readingOrder"),
        ("accessibilityFeature", "displayTransformability"),
        ("accessibilityHazard", "none"),
    ):
        book.add_metadata(None, "meta", value, {"property": f"schema:{name}"})


def _zipped(raw: io.BytesIO, metadata: Metadata, direction: str, moment: datetime) -> bytes:
    """Write the archive anew: fixed order, dates, modes and compression."""
    with zipfile.ZipFile(raw) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    entries["EPUB/content.opf"] = _mended(entries["EPUB/content.opf"], metadata, direction)
    first = ("mimetype", "META-INF/container.xml", "EPUB/content.opf")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (*first, *sorted(set(entries) - set(first))):
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.create_system, info.external_attr = 3, 0o100644 << 16
            plain = name == "mimetype" or name.endswith(_STORED)
            archive.writestr(info, entries[name], zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _mended(opf: bytes, metadata: Metadata, direction: str) -> bytes:
    """Put the language on the package and each refinement behind what it refines."""
    root = etree.fromstring(
        opf.replace(b' xmlns:opf="http://www.idpf.org/2007/opf"', b"", 1),
        etree.XMLParser(remove_blank_text=True, resolve_entities=False),
    )
    root.set("{http://www.w3.org/XML/1998/namespace}lang", metadata.language)
    root.set("dir", direction)
    holder = root.find(f"{_OPF}metadata")
    if holder is None:
        raise ValueError("EbookLib wrote a package without metadata")
    metas = list(holder)
    refining: dict[str, list[etree._Element]] = {}
    for meta in metas:
        if refines := meta.get("refines"):
            refining.setdefault(refines.removeprefix("#"), []).append(meta)
    for meta in metas:
        holder.remove(meta)
    for meta in sorted(
        (m for m in metas if not m.get("refines")), key=lambda m: "purl.org" not in str(m.tag)
    ):
        holder.append(meta)
        for refinement in refining.pop(meta.get("id", ""), []):
            holder.append(refinement)
    if refining:
        raise ValueError(f"metadata refines what is not there: {sorted(refining)}")
    etree.cleanup_namespaces(root, keep_ns_prefixes=["dc"])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
