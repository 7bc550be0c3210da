"""Raw HTML that an author may write: an allowed list of elements and attributes, whoever the author is.

Scripts, event handlers, forms and frames are refused; what does no harm but would not survive on every reader is
taken out with a warning. Comments are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from diptych import tree
from diptych.problems import Place, Problem, error, warning

if TYPE_CHECKING:
    from markdown import Markdown

_ELEMENTS = frozenset(
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt "
    "em figcaption figure h1 h2 h3 h4 h5 h6 header footer hr i img ins kbd li mark nav ol p pre q rp rt ruby s samp "
    "section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
_ATTRIBUTES = frozenset("class dir id lang title aria-hidden aria-label".split())
"""What every element may carry."""

_OWN_ATTRIBUTES = {
    "a": "href", "img": "alt src width height", "ol": "reversed start type", "li": "value", "col": "span",
    "colgroup": "span", "td": "colspan rowspan", "th": "colspan rowspan scope", "blockquote": "cite",
    "q": "cite", "del": "cite datetime", "ins": "cite datetime", "time": "datetime",
}  # fmt: skip
"""What only some may carry (HTML Living Standard)."""

_TEXTUAL = frozenset(
    "abbr b bdi bdo cite code dfn em h1 h2 h3 h4 h5 h6 i kbd mark p pre q rp rt ruby s samp small span strong sub sup "
    "time u var".split()
)
"""What holds words and no blocks."""

_LISTS = {"ul": ("li",), "ol": ("li",), "dl": ("dt", "dd", "div")}
_HOMES = {
    "li": ("ul", "ol"), "dt": ("dl", "div"), "dd": ("dl", "div"), "figcaption": ("figure",), "summary": ("details",),
    "rt": ("ruby",), "rp": ("ruby",),
}  # fmt: skip
"""What some hold, and where some stand, and nothing and nowhere else (HTML Living Standard)."""

_SVG = "{http://www.w3.org/2000/svg}"
_XMLNS = "{http://www.w3.org/2000/xmlns/}"
"""The parser keeps `xmlns` as an attribute; writers declare the names that they use."""

_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def shape(body: Element, source: str, first_line: int = 0) -> tuple[Problem, ...]:
    """Clean a tree that nobody else holds, in place; returns what was refused or taken out."""
    for element in body.iter():
        if not re.fullmatch("[0-9]{1,7}", element.get("data-line", "0")):
            del element.attrib["data-line"]  # the author's own: ours are numbers
    lines = {id(element): line for element, line in tree.with_lines(body, first_line)}
    problems = [
        p for e, line in tree.with_lines(body, first_line) for p in _unwritable(e, Place(source, line))
    ]
    for element, parent in list(tree.with_parents(body)):
        if not isinstance(element.tag, str) or _is_hollow(element):
            tree.remove(parent, element)
            continue
        place = Place(source, lines.get(id(element), 0))
        problems.extend(_nesting(element, parent, place))
        if element.tag in _ELEMENTS:
            problems.extend(_attributes(element, place))
        elif element.tag.startswith(_SVG) and ":" in _name(element):
            parent.remove(element)  # what a drawing program keeps for itself, and nobody sees
        elif not _drawn(element) or _name(element) in ("script", "style", "foreignObject"):
            problems.append(_refused(element, place))
        else:
            problems.extend(_svg_attributes(element, place))
    return tuple(problems)


class _Stray(Preprocessor):
    """Behind a `&#` that is no reference, Python-Markdown puts end tags and words into wrong places: it counts anew."""

    def run(self, lines: list[str]) -> list[str]:
        return [
            re.sub(r"&#(?!\d+;|[xX][0-9A-Fa-f]+;)", lambda _: self.md.htmlStash.store("&amp;#"), line)
            for line in lines
        ]


class _Strays(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.preprocessors.register(_Stray(md), "stray-references", 22)


def syntax() -> Extension:
    """Give the extension that keeps characters out of the HTML parser that it stumbles over."""
    return _Strays()


def _is_hollow(element: Element) -> bool:
    """Whether nothing is in a paragraph: HTML makes two such of a raw `<p>` inside one of Markdown's."""
    bare = element.tag == "p" and not len(element) and not (element.text or "").strip(" \n")
    return bare and not set(element.attrib) - {"data-line"}


def _name(element: Element) -> str:
    return str(element.tag).split("}")[-1]


def _drawn(element: Element) -> bool:
    return element.tag.startswith(_SVG) and bool(_XML_NAME.fullmatch(_name(element)))


def _nesting(element: Element, parent: Element, place: Place) -> Iterator[Problem]:
    """Find what stands where HTML has no place for it, most often because a tag above was never closed."""
    blocks = [e.tag for e in element.iter() if e.tag in tree.BLOCKS] if element.tag in _TEXTUAL else []
    inner, outer = "", parent.tag
    if element.tag not in _LISTS.get(outer, (element.tag,)) or outer not in _HOMES.get(element.tag, (outer,)):
        inner = element.tag
    elif blocks[element.tag in tree.BLOCKS :]:
        inner, outer = blocks[element.tag in tree.BLOCKS], element.tag
    if inner:
        yield error(
            "html-nesting",
            place,
            f"<{inner}> cannot stand inside of <{outer}>."
            if outer != "section"
            else f"<{inner}> cannot stand alone.",
            f"Is <{outer}> closed where it should end?"
            if outer != "section"
            else "Put it into what it is part of.",
        )


def _unwritable(element: Element, place: Place) -> Iterator[Problem]:
    """Find characters that XML has not, written as references (XML 1.0, section 2.2)."""
    texts = " ".join([element.text or "", element.tail or "", *element.attrib.values()])
    if stray := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", texts):
        yield error(
            "control-character",
            place,
            f"There is a control character (U+{ord(stray[0]):04X}) here, written as &#{ord(stray[0])};.",
            "Take it out; no reader can show it.",
        )


def _refused(element: Element, place: Place) -> Problem:
    return error(
        "html-refused",
        place,
        f"The element <{_name(element)}> cannot be part of a book.",
        "Take it out; scripts, forms, frames, styles and media players have no place on paper or an e-reader.",
    )


_DAY = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?"
_SHAPES = {
    "lang": r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*",
    "dir": "ltr|rtl|auto",
    "id": r"\S+",
    "scope": "row|col|rowgroup|colgroup",
    "type": "[1aAiI]",
    "cite": r"(?:https?|urn):[^\s\"<>\\^`{|}]+",
    "datetime": _DAY,
    "time datetime": rf"{_DAY}|\d{{4}}(?:-\d\d)?|\d\d:\d\d(?::\d\d)?",
    "aria-hidden": "true|false",
    **dict.fromkeys(("start", "value"), r"-?\d{1,5}"),
    **dict.fromkeys(("width", "height"), r"\d{1,5}"),
    **dict.fromkeys(("colspan", "rowspan", "span"), r"[1-9]\d{0,2}"),
}
"""What the value of an attribute must look like (HTML Living Standard; BCP 47)."""


def _attributes(element: Element, place: Place) -> Iterator[Problem]:
    for name in list(element.attrib):
        value = element.attrib[name]
        shape = _SHAPES.get(f"{element.tag} {name}", _SHAPES.get(name, ".*"))
        if name in _allowed(element) and not re.fullmatch(shape, value, re.DOTALL):
            del element.attrib[name]
            yield warning(
                "html-attribute",
                place,
                f'The attribute {name}="{value[:40]}" of <{element.tag}> is left out: that is no value for it.',
                "Is it spelt right? Languages look like en or de-AT, sizes like 300.",
            )
            continue
        if name.startswith("on") or re.match(r"\s*(?:javascript|vbscript|data):", value, re.IGNORECASE):
            del element.attrib[name]
            yield error(
                "html-refused",
                place,
                f'The attribute {name}="{value[:40]}" cannot be part of a book.',
                "Take it out.",
            )
        elif name == "align" and element.tag in ("td", "th"):
            del element.attrib[name]
            tree.add_class(element, f"align-{tree.slug(value)}")
        elif (
            name not in _allowed(element) and not name.startswith("data-") and not _table_style(element, name)
        ):
            del element.attrib[name]
            yield warning(
                "html-attribute",
                place,
                f"The attribute {name} of <{element.tag}> is left out: it does not hold on every reader.",
                "Use a class, and say what it looks like in the book's own stylesheet.",
            )


def _allowed(element: Element) -> frozenset[str]:
    return _ATTRIBUTES | frozenset(_OWN_ATTRIBUTES.get(element.tag, "").split())


def _table_style(element: Element, name: str) -> bool:
    """Python-Markdown writes the alignment of its tables so; the tables' own file takes it further."""
    return (
        name == "style" and element.tag in ("td", "th") and element.get("style", "").startswith("text-align:")
    )


def _svg_attributes(element: Element, place: Place) -> Iterator[Problem]:
    for name in list(element.attrib):
        value = element.attrib[name]
        if name.startswith(_XMLNS) or not _XML_NAME.fullmatch(name.split("}")[-1]):
            del element.attrib[name]  # `inkscape:label` and its like
            continue
        linked = name.split("}")[-1] == "href" and not value.startswith("#")
        outside = linked or re.search(r"url\(\s*[\"']?(?!#)", value)
        if name.lower().startswith("on") or outside:
            del element.attrib[name]
            yield error(
                "html-refused",
                place,
                f"The attribute {name.split('}')[-1]} of a drawing points outside or runs code.",
                "Take it out.",
            )
