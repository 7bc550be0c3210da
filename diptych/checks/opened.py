"""A finished EPUB, opened again: documents in reading order, contents, stylesheets, pictures.

It is read with zipfile and lxml alone, never from what wrote it. What cannot be read is left out; EPUBCheck tells it.
"""

from __future__ import annotations

import io
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from lxml import etree
from PIL import Image

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
TYPE = "{http://www.idpf.org/2007/ops}type"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PARSER = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
_CSS_TOKEN = re.compile(r'"[^"]*"|\'[^\']*\'|[{};]')


@dataclass(frozen=True)
class Document:
    """An XHTML file: its place in the spine, or None; `linear` is False where readers may leave it out."""

    path: str
    data: bytes
    root: etree._Element
    place: int | None = None
    linear: bool = True


@dataclass(frozen=True)
class Style:
    """A rule of a stylesheet, or a `style` attribute: then its one selector is a tag, on a `line` of its document."""

    path: str
    selectors: tuple[str, ...]
    declarations: tuple[tuple[str, str], ...]
    line: int = 0

    def get(self, name: str) -> str:
        """Give the value that counts, in small letters; "" where there is none."""
        return next((value for key, value in reversed(self.declarations) if key == name), "")


@dataclass(frozen=True)
class Picture:
    """A picture of pixels: `transparent` where the ground shows through, `frames` more than one where it moves."""

    path: str
    kind: str
    mode: str
    width: int
    height: int
    transparent: bool
    frames: int


@dataclass(frozen=True)
class Entry:
    """A line of the contents: its level from 1, its text, the file and the id it leads to, its `epub:type`."""

    level: int
    text: str
    path: str
    target: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Opened:
    """The EPUB: its `size` in bytes, its files by path from the package's folder, its package document."""

    name: str
    size: int
    files: Mapping[str, bytes]
    package: etree._Element

    @cached_property
    def items(self) -> dict[str, etree._Element]:
        """Give the items of the manifest by path."""
        found = self.package.iter(f"{_OPF}item")
        return {posixpath.normpath(unquote(item.get("href", ""))): item for item in found}

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Give the documents in reading order, then those outside it."""
        paths = {item.get("id", ""): path for path, item in self.items.items()}
        spine = {paths.get(ref.get("idref", ""), ""): ref for ref in self.package.iter(f"{_OPF}itemref")}
        texts = [p for p, i in self.items.items() if i.get("media-type") == "application/xhtml+xml"]
        found: list[Document] = []
        for path in (*spine, *(path for path in texts if path not in spine)):
            root = parsed(self.files.get(path, b""))
            if root is not None:
                place = len(found) if path in spine else None
                linear = path not in spine or spine[path].get("linear") != "no"
                found.append(Document(path, self.files[path], root, place, linear))
        return tuple(found)

    @cached_property
    def spine(self) -> tuple[Document, ...]:
        """Give the documents that are read from beginning to end."""
        return tuple(document for document in self.documents if document.place is not None)

    def about(self, name: str) -> list[str]:
        """Give what the metadata say under a name of Dublin Core, or under a property of EPUB 3."""
        named = [element.text or "" for element in self.package.iter(f"{_DC}{name}")]
        metas = self.package.iter(f"{_OPF}meta")
        return named + [meta.text or "" for meta in metas if meta.get("property") == name]

    @cached_property
    def cover(self) -> str:
        """Give the path of the picture that is the cover; "" where none is said to be (EPUB 3.3, and EPUB 2's way)."""
        said = next(
            (m.get("content") for m in self.package.iter(f"{_OPF}meta") if m.get("name") == "cover"), None
        )
        named = (p for p, item in self.items.items() if "cover-image" in item.get("properties", "").split())
        return next(named, "") or next((p for p, i in self.items.items() if i.get("id") == said), "")

    @cached_property
    def nav(self) -> Document | None:
        """Give the navigation document."""
        found = [p for p, item in self.items.items() if "nav" in item.get("properties", "").split()]
        return next((document for document in self.documents if document.path in found), None)

    @cached_property
    def ncx(self) -> etree._Element | None:
        """Give the contents of EPUB 2."""
        found = [p for p, i in self.items.items() if i.get("media-type") == "application/x-dtbncx+xml"]
        return parsed(self.files.get(found[0], b"")) if found else None

    def listed(self, kind: str) -> tuple[Entry, ...]:
        """Give the lines of the navigation document's `toc`, `page-list` or `landmarks`."""
        if self.nav is None:
            return ()
        lists = [nav for nav in self.nav.root.iter(f"{XHTML}nav") if kind in types(nav)]
        return tuple(self._entry(link, self.nav) for nav in lists for link in nav.iter(f"{XHTML}a"))

    def _entry(self, link: etree._Element, nav: Document) -> Entry:
        level = sum(above.tag == f"{XHTML}ol" for above in link.iterancestors())
        return Entry(level, text_of(link), *resolved(nav.path, link.get("href", "")), tuple(types(link)))

    @cached_property
    def places(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Give where each id stands in reading order, by (path, id); an empty id is the document."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for document in self.spine:
            found[document.path, ""] = (document.place or 0, 0)
            for n, element in enumerate(document.root.iter(etree.Element)):
                if element.get("id"):
                    found.setdefault((document.path, element.get("id", "")), (document.place or 0, n))
        return found

    @cached_property
    def styles(self) -> tuple[Style, ...]:
        """Give every rule of the stylesheets, of `style` elements and attributes."""
        found = [
            s
            for p in self.files
            if p.endswith(".css")
            for s in rules(self.files[p].decode("utf-8", "replace"), p)
        ]
        for document in self.documents:
            for element in document.root.iter(etree.Element):
                if element.tag == f"{XHTML}style":
                    found += rules(element.text or "", document.path)
                if (said := element.get("style")) is not None:
                    tag = f'<{str(element.tag).rpartition("}")[2]} style="{said}">'
                    found.append(Style(document.path, (tag,), _declarations(said), element.sourceline or 0))
        return tuple(found)

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """Give the pictures of pixels that can be opened."""
        media = [p for p, i in self.items.items() if i.get("media-type", "").startswith("image/")]
        found = (_picture(path, self.files[path]) for path in media if path in self.files)
        return tuple(picture for picture in found if picture)


def read(data: bytes, name: str = "") -> Opened:
    """Open an EPUB; `name` is what its file is called. Raises ValueError where no package is in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    container = parsed(files.get("META-INF/container.xml", b""))
    roots = [e.get("full-path", "") for e in container.iter("{*}rootfile")] if container is not None else []
    package = parsed(files.get(roots[0], b"")) if roots else None
    if package is None:
        raise ValueError("there is no package document in this EPUB")
    folder = posixpath.dirname(roots[0]) + "/" if "/" in roots[0] else ""
    return Opened(name, len(data), {p.removeprefix(folder): content for p, content in files.items()}, package)


def parsed(data: bytes) -> etree._Element | None:
    """Parse XML as well as it goes."""
    try:
        return etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None


def types(element: etree._Element) -> list[str]:
    """Give what `epub:type` says of an element."""
    return element.get(TYPE, "").split()


def text_of(element: etree._Element) -> str:
    """Give the text of an element as it is read, with single spaces."""
    return " ".join("".join(str(piece) for piece in element.itertext(etree.Element)).split())


def resolved(base: str, href: str) -> tuple[str, str]:
    """Give the file and the id that a link in the file `base` leads to."""
    path, _, target = href.partition("#")
    here = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(path)))
    return (here if path else base), unquote(target)


def rules(text: str, path: str) -> Iterator[Style]:
    """Give the rules of a stylesheet, those inside of `@media` and its like too."""
    for prelude, block in _blocks(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        if prelude.startswith("@") and "{" in block:
            yield from rules(block, path)
        else:
            selectors = tuple(" ".join(one.split()) for one in prelude.split(","))
            yield Style(path, selectors, _declarations(block))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Cut a stylesheet into what stands before braces and what stands in them."""
    start = inner = depth = 0
    for token in _CSS_TOKEN.finditer(text):
        if token[0] == "{":
            depth += 1
            inner = token.end() if depth == 1 else inner
        elif token[0] == "}" and depth:
            depth -= 1
            if not depth:
                yield text[start : inner - 1].strip(), text[inner : token.start()]
                start = token.end()
        elif token[0] == ";" and not depth:
            start = token.end()


def _declarations(block: str) -> tuple[tuple[str, str], ...]:
    pairs = (piece.partition(":") for piece in block.split(";"))
    return tuple(
        (name.strip().lower(), re.sub(r"\s*!\s*important$", "", " ".join(value.split()).lower()))
        for name, colon, value in pairs
        if colon
    )


def _picture(path: str, data: bytes) -> Picture | None:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            # The second picture in a photograph of a telephone (MPO) is for depth, and everyone shows the first.
            kind, frames = (
                ("JPEG", 1) if image.format == "MPO" else (str(image.format), getattr(image, "n_frames", 1))
            )
            return Picture(path, kind, image.mode, *image.size, _transparent(image), int(frames))
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        return None


def _transparent(image: Image.Image) -> bool:
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return False
    return any(image.convert("RGBA").getchannel("A").histogram()[:255])
