"""Tagged PDFs: two private functions of WeasyPrint 70.0 replaced, so that PDF/UA-1 holds and reads well.

`Stream.marked` marks what is drawn, `add_tags` says what it is. WeasyPrint's own make every line a node of its own
(the file grows by two fifths), leave folios, running heads and repeated heads of tables in the flow, and know neither
notes nor the contents. The tree itself is `structure.py`'s.

Lines of a paragraph are read as one text: a space that a line ends with is drawn, unseen, behind its last word, and a
hyphen that divides a word says that it is none of the author's (ISO 32000-1, 14.8.2.2.3 and 14.9.4).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf
import weasyprint.pdf
import weasyprint.pdf.stream
from weasyprint.layout.absolute import AbsolutePlaceholder

from diptych import tree
from diptych.writers.pdf import structure
from diptych.writers.pdf.structure import Node, Structure

_BESIDE = frozenset({"leader", "folio"})
"""What stands beside the words of a line of the contents."""

_SOFT = (b"/Span", b"<</ActualText <FEFF00AD>>>", b"BDC")
"""Opens what stands for a soft hyphen."""

_POINT = 0.75
"""Points to a pixel of CSS."""


def install() -> None:
    """Put both functions in place, once per process."""
    weasyprint.pdf.stream.Stream.marked = _marked
    weasyprint.pdf.add_tags = _add_tags


@dataclass(eq=False)
class Mark:
    """A piece of a content stream: where it opens and ends, and which box's words it holds; `number` is its MCID."""

    stream: Any
    at: int
    owner: tuple[Any, str]
    end: int = 0
    page: int = 0
    number: int | None = None

    def open_as(self, kind: str, properties: Mapping[str, Any]) -> None:
        """Write the opening operator anew."""
        self.stream.stream[self.at : self.at + 2] = [f"/{kind}", pydyf.Dictionary(properties)]


@contextlib.contextmanager
def _marked(stream: Any, box: Any, _: str) -> Iterator[None]:
    """Mark what is drawn for a box; lines of one paragraph become one piece, what draws nothing gets no mark."""
    if stream._tags is None or not getattr(box, "text", "x").strip():
        yield
        return
    mark = _opened(stream, _owner(box))
    end = getattr(box, "diptych_end", "")
    if end == " ":
        box.pango_layout.text = f"{box.pango_layout.text.rstrip()} "
    yield
    if end and end != " ":
        _say_soft(stream.stream)
    mark.end = len(stream.stream)
    stream.end_marked_content()
    stream._tags[box] = stream.diptych_mark = mark


_SHOWN = re.compile(rb"(\[.*<[0-9a-f]*)([0-9a-f]{4}>[^<]*\] TJ)", re.DOTALL)


def _say_soft(drawn: list[Any]) -> None:
    """Let the last letter that was drawn, a hyphen, be read as a soft one: the word goes on."""
    backwards = range(len(drawn) - 1, -1, -1)
    at = next((n for n in backwards if isinstance(drawn[n], bytes) and drawn[n].endswith(b"] TJ")), None)
    if at is not None and (shown := _SHOWN.fullmatch(drawn[at])):
        drawn[at : at + 1] = [shown[1] + b">] TJ", *_SOFT, b"[<" + shown[2], b"EMC"]


def _owner(box: Any) -> tuple[Any, str]:
    """Give what a box's words belong to; bullets and leaders do not belong to the words beside them."""
    part = str(box.element_tag).partition("::")[2]
    return box.element, part if part in ("marker", "after") else ""


def _opened(stream: Any, owner: tuple[Any, str]) -> Mark:
    drawn, last = stream.stream, getattr(stream, "diptych_mark", None)
    if last and last.owner == owner and last.end == len(drawn) - 1 and drawn[-1] == b"EMC":
        drawn.pop()
        return last  # type: ignore[no-any-return]
    mark = Mark(stream, len(drawn), owner)
    stream.begin_marked_content("Span", pydyf.Dictionary())
    return mark


def _add_tags(pdf: Any, document: Any, _version: object, streams: Sequence[Any]) -> None:
    """Write the structure of all pages into the PDF."""
    pages = [page._page_box for page in document.pages]
    found = (child.element for page in pages for child in page.children if child.element is not None)
    grown = Structure(dict.fromkeys(found))
    drawn = _Drawn(grown, streams)
    for number, (page, stream) in enumerate(zip(pages, streams, strict=True)):
        drawn.page(number, page, stream)
    _Writing(pdf, drawn).write(grown.settled())


@dataclass(frozen=True)
class _Link:
    """A link's active area, on a page."""

    annotation: Any
    page: int


class _Drawn:
    """Walks the boxes of pages and gives to each node what was drawn for it."""

    def __init__(self, grown: Structure, streams: Sequence[Any]) -> None:
        self.grown = grown
        self.streams: dict[Any, list[Node]] = {stream: [] for stream in streams}
        self.links: list[tuple[_Link, Node]] = []
        self.pictures: dict[Node, tuple[float, ...]] = {}
        self._heads: dict[Any, int] = {}
        self._page, self._height = 0, 0.0
        self._tags: dict[Any, Mark] = {}

    def page(self, number: int, page: Any, stream: Any) -> None:
        """Take one page."""
        self._page, self._height, self._tags = number, page.margin_height(), stream._tags
        for child in page.children:
            if type(child).__name__ == "MarginBox":
                kind = "/Header" if child.at_keyword.startswith("@top") else "/Footer"
                self._leave_out(child, {"Type": "/Pagination", "Subtype": kind})
            else:
                self._walk(child)

    def _walk(self, box: Any) -> None:
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        if self._repeated(box):
            self._leave_out(box, {"Type": "/Pagination"})
            return
        if box.is_leader or _is_ornament(box):
            self._leave_out(box, {"Type": "/Layout"})
            return
        if box.link_annotation:
            node, link = self.grown.link(box.element), _Link(box.link_annotation, self._page)
            node.kids.append(link)
            self.links.append((link, node))
        if box in self._tags:
            self._take(box, self._tags[box])
        for child in getattr(box, "children", ()):
            self._walk(child)

    def _repeated(self, box: Any) -> bool:
        """Whether this is the head or foot of a table that has stood on an earlier page."""
        if not (getattr(box, "is_header", False) or getattr(box, "is_footer", False)):
            return False
        return self._heads.setdefault(box.element, self._page) != self._page

    def _take(self, box: Any, mark: Mark) -> None:
        if mark.number is not None:
            return
        labels = str(box.element_tag).endswith("::marker")
        node = self.grown.label(box.element) if labels else self.grown.of(box.element)
        taken = self.streams.setdefault(mark.stream, [])
        mark.page, mark.number = self._page, len(taken)
        taken.append(node)
        node.kids.append(mark)
        mark.open_as(node.role, {"MCID": mark.number})
        if node.role in ("Figure", "Formula"):
            left, top = box.content_box_x(), box.content_box_y()
            sides = (left, self._height - top - box.height, left + box.width, self._height - top)
            self.pictures[node] = tuple(side * _POINT for side in sides)

    def _leave_out(self, box: Any, properties: Mapping[str, Any]) -> None:
        """Make an artifact of what a box draws."""
        for each in [box, *(box.descendants() if hasattr(box, "descendants") else ())]:
            if each in self._tags:
                self._tags[each].open_as("Artifact", properties)


def _is_ornament(box: Any) -> bool:
    """Whether a box says nothing to those who hear a page: what is mere decoration, or tells that a note runs on."""
    element = box.element
    if element is None:
        return False
    ornament: bool = element.tag == "img" and element.get("alt") == ""
    return ornament or bool(element.get("class") == "run-over")


class _Writing:
    """Writes a settled structure as objects of the PDF (ISO 32000-1, 14.7)."""

    def __init__(self, pdf: Any, drawn: _Drawn) -> None:
        self.pdf, self.drawn = pdf, drawn
        self.pages = pdf.page_references
        self.objects: dict[Node, Any] = {}

    def write(self, document: Node) -> None:
        """Write everything."""
        root = self._object({"Type": "/StructTreeRoot"})
        for node in structure.nodes(document):
            self.objects[node] = self._object({"Type": "/StructElem", "S": f"/{node.role}"})
        for node, written in self.objects.items():
            above = root if node.parent is None else self.objects[node.parent]
            written["P"] = above.reference
            self._describe(node, written)
            self._fill(node, written)
        root["K"] = pydyf.Array([self.objects[document].reference])
        root["ParentTree"] = self._parents().reference
        root["ParentTreeNextKey"] = len(self.drawn.streams) + len(self.drawn.links)
        if names := self._names():
            root["IDTree"] = names.reference
        self.pdf.catalog["StructTreeRoot"] = root.reference
        self.pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    def _object(self, entries: Mapping[str, Any]) -> Any:
        made = pydyf.Dictionary(entries)
        self.pdf.add_object(made)
        return made

    def _describe(self, node: Node, written: Any) -> None:
        element = node.element
        if element is None:
            return
        if language := element.get("lang"):
            written["Lang"] = pydyf.String(language)
        if node.role == "Note" and element.get("id"):
            written["ID"] = pydyf.String(element.get("id"))
        if alternative := structure.words(node):
            written["Alt"] = pydyf.String(alternative)
        if element.tag == "abbr" and element.get("title"):
            written["E"] = pydyf.String(element.get("title"))
        if attributes := structure.attributes(node):
            written["A"] = pydyf.Dictionary(attributes)
        if box := self.drawn.pictures.get(node):
            written["A"] = pydyf.Dictionary({"O": "/Layout", "BBox": pydyf.Array(box)})

    def _fill(self, node: Node, written: Any) -> None:
        """Say what is in a node: nodes by reference, pieces of its own page by number, all else in full."""
        own = next((kid.page for kid in node.kids if isinstance(kid, Mark)), None)
        if own is not None:
            written["Pg"] = self.pages[own]
        kids = [self._kid(kid, own) for kid in node.kids]
        written["K"] = pydyf.Array(kids)

    def _kid(self, kid: Any, own: int | None) -> Any:
        if isinstance(kid, Node):
            return self.objects[kid].reference
        page = self.pages[kid.page]
        if isinstance(kid, _Link):
            return pydyf.Dictionary({"Type": "/OBJR", "Obj": kid.annotation.reference, "Pg": page})
        if "Group" in kid.stream.extra:
            stream = kid.stream.reference
            return pydyf.Dictionary({"Type": "/MCR", "Pg": page, "Stm": stream, "MCID": kid.number})
        if kid.page != own:
            return pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": kid.number})
        return kid.number

    def _parents(self) -> Any:
        """Lead back from each piece and each link to its node."""
        numbers = pydyf.Array()
        for key, (stream, taken) in enumerate(self.drawn.streams.items()):
            if "Group" in stream.extra:
                stream.extra["StructParents"] = key
            numbers += [key, pydyf.Array(self.objects[node].reference for node in taken)]
        for key, (link, node) in enumerate(self.drawn.links, len(self.drawn.streams)):
            link.annotation["StructParent"] = key
            link.annotation["F"] = 1 << 2  # it is printed as it is shown (ISO 32000-1, 12.5.3)
            link.annotation["Contents"] = pydyf.String(_told(node))
            numbers += [key, self.objects[node].reference]
        return self._object({"Nums": numbers})

    def _names(self) -> Any:
        found = {written["ID"].string: written for written in self.objects.values() if "ID" in written}
        names = pydyf.Array()
        for name in sorted(found):
            names += [pydyf.String(name), found[name].reference]
        return self._object({"Names": names}) if found else None


def _told(node: Node) -> str:
    """Say where a link leads, in its own words."""
    element = node.element
    if element is None:
        return ""
    told = element.get("aria-label") or element.get("title")
    return told or tree.text_of(element, lambda part: bool(_BESIDE & set(tree.classes(part))))
