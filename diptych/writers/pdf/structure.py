"""The logical structure of a tagged PDF, grown from the book's own tree (ISO 32000-1, 14.7 and 14.8).

WeasyPrint grows it from the boxes of pages, so that a paragraph cut by a page is two, a note stands far from its call
and the contents are a list like any other. Here each element of the tree is one node, however many pages it goes
over. What a page repeats or adds of its own has no node.

A note stands behind the paragraph or heading that calls it, and at the end of a cell, an item or a caption: heard, it
interrupts no sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from diptych import tree

_ROLES = {
    "section": "Sect", "nav": "Sect", "article": "Art", "p": "P", "pre": "P", "hr": "P", "blockquote": "BlockQuote",
    "ul": "L", "ol": "L", "dl": "L", "table": "Table", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot",
    "tr": "TR", "th": "TH", "td": "TD", "caption": "Caption", "figcaption": "Caption", "q": "Quote", "code": "Code",
    "em": "Span", "strong": "Span", "i": "Span", "b": "Span", "cite": "Span", "abbr": "Span", "dfn": "Span",
    "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "h5": "H5", "h6": "H6", "body": "",
}  # fmt: skip
"""Names of HTML with the standard structure types that say the same; a block that is not among them is a Div."""

_KEPT = frozenset({"TR", "TH", "TD"})
"""These stay where they hold nothing: a table without its empty cells is another table."""

_WHOLE = frozenset({"P", "H1", "H2", "H3", "H4", "H5", "H6"})
"""A note that one of these calls comes behind it; other holders take it in, at their end."""

_HOLDERS = frozenset({"LBody", "Lbl", "TD", "TH", "Caption", "Div", "Sect", "BlockQuote", "Note", "Document"})

_SCOPES = {"row": "/Row", "rowgroup": "/Row", "col": "/Column", "colgroup": "/Column"}


@dataclass(eq=False)
class Node:
    """An element of the structure: `kids` are nodes and whatever a page drew for it, in the order of reading."""

    role: str
    element: Element | None = None
    parent: Node | None = None
    kids: list[Any] = field(default_factory=list)
    notes: list[Node] = field(default_factory=list)

    def add(self, role: str, element: Element | None = None) -> Node:
        """Append a node."""
        node = Node(role, element, self)
        self.kids.append(node)
        return node


class Structure:
    """Finds, for an element of the book, the node that takes what is drawn for it."""

    def __init__(self, roots: Iterable[Element]) -> None:
        self.document = Node("Document")
        self._nodes: dict[Element, Node] = {}
        self._parents: dict[Element, Element] = {}
        for root in roots:
            self._parents.update({child: parent for parent in root.iter() for child in parent})
            self._nodes[root] = self.document

    def of(self, element: Element) -> Node:
        """Give the node of an element, made with those round it when first asked for."""
        if element not in self._nodes:
            above = self._parents.get(element)
            self._nodes[element] = self._made(element, self.document if above is None else self.of(above))
        return self._nodes[element]

    def label(self, item: Element) -> Node:
        """Give the label of a list's item, its bullet or number."""
        entry = self.of(item).parent
        if entry is None or entry.role != "LI":
            return self.of(item)
        if entry.kids[0].role != "Lbl":
            entry.kids.insert(0, Node("Lbl", None, entry))
        return entry.kids[0]  # type: ignore[no-any-return]

    def link(self, element: Element) -> Node:
        """Give the link that an element is, or stands in."""
        node: Node | None = self.of(element)
        while node is not None and node.role != "Link":
            node = node.parent
        return node or self.of(element)

    def _made(self, element: Element, above: Node) -> Node:
        kind, classes = element.tag, tree.classes(element)
        if kind in ("aside", "div", "li") and {"footnote", "note"} & set(classes):
            return self._note(element, above)
        if kind == "a" and element.get("href"):
            return _linking(element, above)
        if kind in ("li", "dt", "dd"):
            return _item(element, above)
        role = self._role(element)
        return above.add(role, element) if role else above

    def _role(self, element: Element) -> str:
        """Name the type of an element; "" for one that says nothing of what is in it."""
        kind = element.tag
        if kind in ("ol", "ul"):
            return self._list(element)
        if kind == "img":
            return "Formula" if "math" in tree.classes(element) else "Figure"
        own = "Span" if element.get("lang") else ""
        return _ROLES.get(kind, "Div" if kind in tree.BLOCKS else own)

    def _list(self, element: Element) -> str:
        if "notes" in tree.classes(element):
            return "Div"
        above: Element | None = element
        while above is not None and above.get("role") != "doc-toc" and above.tag != "nav":
            above = self._parents.get(above)
        return "L" if above is None else "TOC"

    def _note(self, element: Element, above: Node) -> Node:
        if element.tag != "aside":
            return above.add("Note", element)
        holder = above
        while holder.role not in _HOLDERS | _WHOLE and holder.parent is not None:
            holder = holder.parent
        note = Node("Note", element, holder)
        holder.notes.append(note)
        return note

    def settled(self) -> Node:
        """Put notes behind what calls them and drop what is empty; gives the document."""
        _place_notes(self.document)
        _prune(self.document)
        return self.document


def _item(element: Element, above: Node) -> Node:
    """Make an item of a list, its label apart from its words; a term and what it means are one item."""
    if above.role == "TOC":
        return above.add("TOCI", element)
    if element.tag == "li":
        return above.add("LI").add("LBody", element)
    new = not above.kids or (element.tag == "dt" and _is(above.kids[-1].kids[-1], "LBody"))
    entry: Node = above.add("LI") if new else above.kids[-1]
    return entry.add("Lbl" if element.tag == "dt" else "LBody", element)


def _is(kid: object, role: str) -> bool:
    return isinstance(kid, Node) and kid.role == role


def _linking(element: Element, above: Node) -> Node:
    """Make a link: the call of a note and a line of the contents are references, what leads back is a note's label."""
    note = above.parent
    if (
        "backlink" in tree.classes(element)
        and note is not None
        and note.kids == [above]
        and note.role == "Note"
    ):
        note.kids.insert(0, Node("Lbl", None, note))
        return note.kids[0].add("Link", element)  # type: ignore[no-any-return]
    if "noteref" in tree.classes(element) or above.role == "TOCI":
        return above.add("Reference").add("Link", element)
    return above.add("Link", element)


def _place_notes(node: Node) -> None:
    kids: list[Any] = []
    for kid in node.kids:
        kids.append(kid)
        if isinstance(kid, Node):
            _place_notes(kid)
            if kid.role in _WHOLE:
                kids += _moved(kid, node)
    if node.role not in _WHOLE:
        kids += _moved(node, node)
    node.kids = kids


def _moved(holder: Node, to: Node) -> list[Node]:
    """Give a holder's notes to a node; they may hold notes themselves."""
    notes, holder.notes = holder.notes, []
    for note in notes:
        note.parent = to
        _place_notes(note)
    return notes


def _prune(node: Node) -> None:
    for kid in node.kids:
        if isinstance(kid, Node):
            _prune(kid)
    node.kids = [k for k in node.kids if not isinstance(k, Node) or k.kids or k.role in _KEPT]


def nodes(node: Node) -> Iterator[Node]:
    """Walk a structure in the order of reading."""
    yield node
    for kid in node.kids:
        if isinstance(kid, Node):
            yield from nodes(kid)


def attributes(node: Node) -> Mapping[str, Any]:
    """Give the attributes that a node has by its type (ISO 32000-1, 14.8.5), without those that need its place."""
    element = node.element
    if element is None:
        return {}
    if node.role in ("TH", "TD"):
        spans = {"ColSpan": element.get("colspan", "1"), "RowSpan": element.get("rowspan", "1")}
        found: dict[str, Any] = {name: int(n) for name, n in spans.items() if n.isdigit() and n != "1"}
        if node.role == "TH":
            found["Scope"] = _SCOPES.get(element.get("scope", ""), "/Column")
        return {"O": "/Table", **found} if found else {}
    if node.role == "L" and element.tag == "ol":
        return {"O": "/List", "ListNumbering": "/Decimal"}
    return {}


def words(node: Node) -> str | None:
    """Give the words for those who do not see a picture; None for what is none."""
    if node.role not in ("Figure", "Formula") or node.element is None:
        return None
    return node.element.get("alt", "")


def pictures_without_words(document: Node) -> Sequence[Node]:
    """Find the pictures that nobody has described."""
    return [node for node in nodes(document) if words(node) == ""]
