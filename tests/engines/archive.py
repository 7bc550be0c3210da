"""What an EPUB promises, read from its archive by lxml alone: contents, landmarks, pages, notes, faces."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

_XHTML = "{http://www.w3.org/1999/xhtml}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_OPF = {"opf": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}


@dataclass(frozen=True)
class Entry:
    """A line of the contents."""

    label: str
    href: str
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Call:
    """A call of a note: where it stands, the note it calls, what is to be read there, and where that note stands.

    `via` are the calls that a reader follows to a call in a note that is shown in a pop-up alone, the first in the text.
    """

    call: str
    target: str
    text: str
    aside: bool
    via: tuple[str, ...] = ()


class Archive:
    """An EPUB of ours: everything lies in `EPUB/`, and addresses are given from there."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.files = {name.removeprefix("EPUB/"): archive.read(name) for name in archive.namelist()}
        self.package = etree.fromstring(self.files["content.opf"])
        hrefs = {item.get("id"): item.get("href") for item in self.package.iterfind(".//opf:item", _OPF)}
        self.spine = [hrefs[ref.get("idref")] for ref in self.package.iterfind(".//opf:itemref", _OPF)]
        self.documents = {name: etree.fromstring(self.files[name]) for name in self.spine}
        self.nav = etree.fromstring(self.files["nav.xhtml"])

    @property
    def direction(self) -> str:
        """Give the direction in which pages are turned: that which the package names, or left to right."""
        spine = self.package.find("opf:spine", _OPF)
        return spine.get("page-progression-direction") or "ltr"

    def said(self, name: str) -> list[str]:
        """Give the metadata elements of Dublin Core with this name."""
        return [element.text or "" for element in self.package.iterfind(f".//dc:{name}", _OPF)]

    def contents(self) -> tuple[Entry, ...]:
        """Give the contents, nested."""
        return self._list("toc")

    def landmarks(self) -> list[tuple[str, str]]:
        """Give (type, address) of every landmark."""
        found = self._navs("landmarks")
        return [(link.get(_TYPE), link.get("href")) for nav in found for link in nav.iter(f"{_XHTML}a")]

    def pages(self) -> list[tuple[str, str]]:
        """Give (label, address) of every page of the list of pages."""
        return [(entry.label, entry.href) for entry in self._list("page-list")]

    def _navs(self, kind: str) -> list[etree._Element]:
        return [nav for nav in self.nav.iter(f"{_XHTML}nav") if nav.get(_TYPE) == kind]

    def _list(self, kind: str) -> tuple[Entry, ...]:
        return tuple(
            _entry(item) for nav in self._navs(kind) for item in nav.iterfind(f"{_XHTML}ol/{_XHTML}li")
        )

    def calls(self) -> list[Call]:
        """Give every call of a note, in the order of the spine."""
        found = [
            (name, link)
            for name in self.spine
            for link in self.documents[name].iter(f"{_XHTML}a")
            if link.get(_TYPE) == "noteref"
        ]
        first: dict[str, tuple[str, etree._Element]] = {}
        for name, link in found:
            first.setdefault(_address(name, link.get("href")), (name, link))
        return [self._call(name, link, first) for name, link in found]

    def _call(self, name: str, link: etree._Element, first: dict[str, tuple[str, etree._Element]]) -> Call:
        target = _address(name, link.get("href"))
        note = self.find(target)
        via: list[str] = []
        place, around = name, _note_around(link)
        while around is not None:
            place, caller = first[f"{place}#{around.get('id')}"]
            via.insert(0, f"{place}#{caller.get('id')}")
            around = _note_around(caller)
        return Call(f"{name}#{link.get('id')}", target, words(note), note.tag == f"{_XHTML}aside", tuple(via))

    def links(self) -> list[str]:
        """Give the addresses of all links in the documents that a reader is shown."""
        found = [link for document in self.documents.values() for link in document.iter(f"{_XHTML}a")]
        shown = [link for link in found if not any(one.get("hidden") for one in link.iterancestors())]
        return [link.get("href") for link in shown if link.get("href")]

    def find(self, address: str) -> etree._Element:
        """Find what an address names."""
        name, _, key = address.partition("#")
        return next(element for element in self.documents[name].iter() if element.get("id") == key)

    def longest(self) -> str:
        """Give the document with the most words, which fills several pages."""
        return max(self.spine, key=lambda name: len(words(self.documents[name])))

    def first_with(self, tag: str) -> str:
        """Give the address of the first element of a kind in the text, or of what bears an id near it; else ""."""
        for name in self.spine:
            for element in self.documents[name].iter(f"{_XHTML}{tag}"):
                if name == "cover.xhtml" or _note_around(element) is not None:
                    continue
                before = [element, *element.itersiblings(preceding=True), *element.iterancestors()]
                key = next((one.get("id") for one in before if one.get("id")), "")
                return f"{name}#{key}"
        return ""


def _entry(item: etree._Element) -> Entry:
    link = item.find(f"{_XHTML}a")
    children = tuple(_entry(child) for child in item.iterfind(f"{_XHTML}ol/{_XHTML}li"))
    return Entry(words(link), link.get("href"), children)


def _address(name: str, href: str) -> str:
    return f"{name}{href}" if href.startswith("#") else href


def _note_around(link: etree._Element) -> etree._Element | None:
    """Give the hidden note that a call stands in; one in a list at the book's end is not hidden."""
    return next(link.iterancestors(f"{_XHTML}aside"), None)


def words(element: etree._Element) -> str:
    """Give the text of an element in one line."""
    return " ".join("".join(element.itertext()).split())


def flat(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Give every line of the contents."""
    for entry in entries:
        yield entry
        yield from flat(entry.children)


def bare(text: str) -> str:
    """Give the letters without white space, plain ones for those of formulas: an engine breaks lines and leans letters."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """Give an archive in which a file has other words."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == name:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(info, content)
    return out.getvalue()
