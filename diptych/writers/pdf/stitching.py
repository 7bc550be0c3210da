"""Gatherings are bound into one file: every page with its margins, one structure, one outline, each face once.

A section is drawn by itself, as a PDF (`sections.py`). Joined as they are, such files would lose their links to each
other, their outline and their tags, and hold every face once a section. Here each of these is put together from its
parts (ISO 32000-1, 12.3, 12.5, 14.7): names of places lead across sections because all of them stand in one tree; the
structure of each section becomes a part of the book's; a picture that several sections show is one object.

That is why a section is kept as a finished PDF and not as laid-out pages: when one is made anew, the others need not
even be drawn. (Pages of WeasyPrint's can be pickled too; drawing them all again would take four fifths of a second for
a hundred pages, and pickles from a folder that a stranger may have filled are programs.)
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from diptych.writers.pdf.gatherings import Gathering

_DRAWN = ("/Pattern", "/Shading")

_KEYS = 1 << 16
"""Keys of the parent tree that a section may use."""


@dataclass
class _Bound:
    """What has been put together so far."""

    pdf: pikepdf.Pdf
    faces: Mapping[str, Any]
    pages: list[Any] = field(default_factory=list)
    places: dict[str, Any] = field(default_factory=dict)
    kids: list[Any] = field(default_factory=list)
    parents: list[Any] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)
    images: dict[str, Any] = field(default_factory=dict)
    done: set[tuple[int, int]] = field(default_factory=set)
    around: list[Any] = field(default_factory=list)


def stitch(
    pdf: pikepdf.Pdf, parts: Sequence[Gathering], margins: Sequence[Gathering], faces: Mapping[str, Any]
) -> None:
    """Put the pages of gatherings, one behind the other, with their margins into an empty PDF."""
    bound = _Bound(pdf, faces)
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))
    for number, (part, beside) in enumerate(zip(parts, margins, strict=True)):
        _take(bound, part, number * _KEYS, document)
        _lay_beside(bound, beside, len(part))
    _name_places(bound)
    _outline(bound, parts)
    if bound.parents:
        _structure(bound, document)


def _take(bound: _Bound, part: Gathering, key: int, document: Any) -> None:
    with pikepdf.open(io.BytesIO(part.data)) as source:
        root: Any = source.Root
        first = len(bound.pages)
        with warnings.catch_warnings(action="ignore"):  # that names of places are left out: they follow below
            bound.pdf.pages.extend(source.pages)
        bound.pages += [page.obj for page in list(bound.pdf.pages)[first:]]
        for page in bound.pages[first:]:
            _share(bound, page.get("/Resources"), key)
            _number(page, key)
        if "/Names" in root and "/Dests" in root.Names:
            flat = bound.pdf.copy_foreign(source.make_indirect(root.Names.Dests.Names))
            for name, place in zip(list(flat)[::2], list(flat)[1::2], strict=True):
                bound.places.setdefault(str(name), place)
        if "/StructTreeRoot" in root:
            _graft(bound, bound.pdf.copy_foreign(root.StructTreeRoot), key, document)


def _number(page: Any, key: int) -> None:
    """Give a page and its links keys that no other section uses."""
    if "/StructParents" in page:
        page.StructParents = int(page.StructParents) + key
    for link in page.get("/Annots", ()):
        if "/StructParent" in link:
            link.StructParent = int(link.StructParent) + key


def _share(bound: _Bound, resources: Any, key: int) -> None:
    """Let resources name the faces and pictures of the whole book."""
    if resources is None or (resources.objgen != (0, 0) and resources.objgen in bound.done):
        return
    bound.done.add(resources.objgen)
    if "/Font" in resources:
        resources.Font = Dictionary({name: bound.faces[name[1:]] for name in _names(resources.Font)})
    for kind in ("/XObject", "/Pattern"):
        held = resources.get(kind, Dictionary())
        for name, thing in list(held.items()):
            if thing.get("/Subtype") == Name.Image:
                held[name] = _once(bound, thing)
            elif isinstance(thing, pikepdf.Stream) and thing.objgen not in bound.done:
                bound.done.add(thing.objgen)
                if "/StructParents" in thing:
                    thing.StructParents = int(thing.StructParents) + key
                _share(bound, thing.get("/Resources"), key)


def _names(held: Any) -> list[str]:
    return [name for name, _ in held.items()]


def _once(bound: _Bound, image: Any) -> Any:
    """Give the first picture that is the same."""
    if "/SMask" in image:
        image.SMask = _once(bound, image.SMask)
    digest = hashlib.sha256(image.read_raw_bytes())
    for name, value in sorted(image.items()):
        digest.update(f"{name} {value.objgen if name == '/SMask' else value!r} ".encode())
    return bound.images.setdefault(digest.hexdigest(), image)


def _graft(bound: _Bound, root: Any, key: int, document: Any) -> None:
    """Hang the structure of a section into the book's."""
    for top in root.K:
        for kid in top.K:
            kid.P = document
            bound.kids.append(kid)
    flat = list(root.ParentTree.Nums)
    for number, parent in zip(flat[::2], flat[1::2], strict=True):
        bound.parents += [int(number) + key, parent]
    if "/IDTree" in root:
        names = list(root.IDTree.Names)
        bound.ids.update((str(name), element) for name, element in zip(names[::2], names[1::2], strict=True))


def _structure(bound: _Bound, document: Any) -> None:
    root = bound.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    document.P, document.K = root, Array(bound.kids)
    root.K = Array([document])
    root.ParentTree = bound.pdf.make_indirect(Dictionary(Nums=Array(bound.parents)))
    root.ParentTreeNextKey = bound.parents[-2] + 1
    if bound.ids:
        names = [part for name in sorted(bound.ids) for part in (String(name), bound.ids[name])]
        root.IDTree = bound.pdf.make_indirect(Dictionary(Names=Array(names)))
    bound.pdf.Root.StructTreeRoot = root
    bound.pdf.Root.MarkInfo = Dictionary(Marked=True)


def _name_places(bound: _Bound) -> None:
    names = [part for name in sorted(bound.places) for part in (String(name), bound.places[name])]
    if names:
        bound.pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array(names)))


def _lay_beside(bound: _Bound, margins: Gathering, count: int) -> None:
    """Draw what stands in the margins of the last pages behind what stands on them, as a form (8.10)."""
    if not count:
        return
    with pikepdf.open(io.BytesIO(margins.data)) as source:
        for number, (page, beside) in enumerate(zip(bound.pages[-count:], source.pages, strict=True)):
            content = bytes(beside.obj.Contents.get_stream_buffer())
            if b"BT" not in content and b" re" not in content:
                continue
            resources = beside.obj.Resources
            if _is_drawn(resources):
                name = f"/margins-{number}"
                content = _show(bound, page, {name: beside.as_form_xobject()}, b"%b Do" % name.encode())
            else:
                content = _show(bound, page, resources.get("/XObject", {}), content)
            _use(bound, page, resources)
            _draw(bound, page, content)


def _is_drawn(resources: Any) -> bool:
    """Whether margins hold more than letters and lines: patterns, or what shines through by degrees."""
    states = resources.get("/ExtGState", Dictionary())
    return any(len(resources.get(kind, ())) for kind in _DRAWN) or any(
        "/SMask" in state for state in states.values()
    )


def _show(bound: _Bound, page: Any, forms: Any, content: bytes) -> bytes:
    """Let a page show what its margins do, under names of their own; gives the content with these names."""
    named = {name: f"/m-{name[1:]}" for name in _names(forms)}
    used = [name for name in named if re.search(rb"%b\s+Do\b" % re.escape(name.encode()), content)]
    if not used:
        return content
    if "/XObject" not in page.Resources:
        page.Resources.XObject = Dictionary()
    for name in used:
        form = bound.pdf.copy_foreign(forms[name])
        _share(bound, form.get("/Resources"), 0)
        page.Resources.XObject[named[name]] = form
    return re.sub(rb"(/[\w-]+)(\s+Do\b)", lambda found: named[found[1].decode()].encode() + found[2], content)


def _use(bound: _Bound, page: Any, resources: Any) -> None:
    """Let a page use the faces of its margins, and what is named by its value: how opaque ink is."""
    for kind in ("/Font", "/ExtGState"):
        if kind not in page.Resources:
            page.Resources[kind] = Dictionary()
        held = page.Resources[kind]
        for name, value in resources.get(kind, Dictionary()).items():
            if name not in held:
                held[name] = bound.faces[name[1:]] if kind == "/Font" else Dictionary(dict(value.items()))


def _draw(bound: _Bound, page: Any, content: bytes) -> None:
    """Let a page be drawn as it is, and then more: several streams are read as one (7.8.2), so nothing is unpacked."""
    if not bound.around:
        bound.around += [bound.pdf.make_stream(mark) for mark in (b"q\n", b"\nQ\nq\n")]
    before, between = bound.around
    page.Contents = Array([before, page.Contents, between, bound.pdf.make_stream(content + b"\nQ")])


def _outline(bound: _Bound, parts: Iterable[Gathering]) -> None:
    """Write the bookmarks of all sections as one tree; a level that is left out does not make another one deeper."""
    before, above = 0, list[tuple[int, OutlineItem | None]]([(0, None)])
    with bound.pdf.open_outline() as outline:
        for part in parts:
            for mark in part.bookmarks:
                page = bound.pages[before + mark.page - 1]
                place = Array([page, Name.XYZ, mark.x, mark.y, 0])
                item = OutlineItem(mark.label, place)
                item.is_closed = mark.state == "closed"
                while above[-1][0] >= mark.level:
                    above.pop()
                parent = above[-1][1]
                (outline.root if parent is None else parent.children).append(item)
                above.append((mark.level, item))
            before += len(part)
