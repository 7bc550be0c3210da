"""Raw HTML that an author may write: an allowed list of elements and attributes, whoever the author is.

Scripts, event handlers, forms and frames are refused; what does no harm but would not survive on every reader is
taken out with a warning. Comments are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.problems import Place, Problem, error, warning

_ELEMENTS = frozenset(
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt "
    "em figcaption figure h1 h2 h3 h4 h5 h6 header footer hr i img ins kbd li mark nav ol p pre q rp rt ruby s samp "
    "section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
_ATTRIBUTES = frozenset(
    "alt cite class colspan datetime dir href id lang reversed rowspan scope src start title type value "
    "width height".split()
)
_SVG = "{http://www.w3.org/2000/svg}"
_XMLNS = "{http://www.w3.org/2000/xmlns/}"
"""The parser keeps `xmlns` as an attribute; writers declare the names that they use."""


def shape(body: Element, source: str, first_line: int = 0) -> tuple[Problem, ...]:
    """Clean a tree that nobody else holds, in place; returns what was refused or taken out."""
    lines = {id(element): line for element, line in tree.with_lines(body, first_line)}
    problems: list[Problem] = []
    for element, parent in list(tree.with_parents(body)):
        if not isinstance(element.tag, str):
            tree.remove(parent, element)
            continue
        place = Place(source, lines.get(id(element), 0))
        if element.tag in _ELEMENTS:
            problems.extend(_attributes(element, place))
        elif not element.tag.startswith(_SVG) or _name(element) in ("script", "style", "foreignObject"):
            problems.append(_refused(element, place))
        else:
            problems.extend(_svg_attributes(element, place))
    return tuple(problems)


def _name(element: Element) -> str:
    return str(element.tag).split("}")[-1]


def _refused(element: Element, place: Place) -> Problem:
    return error(
        "html-refused",
        place,
        f"The element <{_name(element)}> cannot be part of a book.",
        "Take it out; scripts, forms, frames, styles and media players have no place on paper or an e-reader.",
    )


_WHOLE = r"-?\d{1,5}"
_SHAPES = {
    "lang": r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*",
    "dir": "ltr|rtl|auto",
    "id": r"\S+",
    "scope": "row|col|rowgroup|colgroup",
    **dict.fromkeys(("colspan", "rowspan", "start", "value", "width", "height"), _WHOLE),
}
"""What the value of an attribute must look like (HTML Living Standard; BCP 47)."""


def _attributes(element: Element, place: Place) -> Iterator[Problem]:
    for name in list(element.attrib):
        value = element.attrib[name]
        if not re.fullmatch(_SHAPES.get(name, ".*"), value, re.DOTALL):
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
            name not in _ATTRIBUTES
            and not name.startswith(("data-", "aria-"))
            and not _table_style(element, name)
        ):
            del element.attrib[name]
            yield warning(
                "html-attribute",
                place,
                f"The attribute {name} of <{element.tag}> is left out: it does not hold on every reader.",
                "Use a class, and say what it looks like in the book's own stylesheet.",
            )


def _table_style(element: Element, name: str) -> bool:
    """Python-Markdown writes the alignment of its tables so; the tables' own file takes it further."""
    return (
        name == "style" and element.tag in ("td", "th") and element.get("style", "").startswith("text-align:")
    )


def _svg_attributes(element: Element, place: Place) -> Iterator[Problem]:
    for name in list(element.attrib):
        value = element.attrib[name]
        if name.startswith(_XMLNS):
            del element.attrib[name]
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
