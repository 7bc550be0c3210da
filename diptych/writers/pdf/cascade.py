"""Stylesheets applied to a tree: elements of which all sheets say the same share their styles.

WeasyPrint 70.0 asks each sheet for itself about each element, puts together what they say, and makes a style for each
part that a sheet may add to it (`::before` and the like), whether or not it has made the same for another element.
Here the selectors of all sheets are asked at once, and what they say is put together once for all elements of which it
is the same, and whose parents have the same style; a `style`, an `id` or a language of its own sets an element apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from operator import attrgetter
from typing import Any

import weasyprint.css
from weasyprint.css import StyleFor, declaration_precedence, find_style_attributes, preprocess_declarations
from webencodings import ascii_lower

_Sheet = tuple[Any, str, Any]
"""A stylesheet, whose it is (the reader's, the author's), and how specific all its selectors are, if that is said."""

_Said = tuple[str, Any, tuple[int, float, tuple[int, int, int]]]
"""A property, its value, and how much that weighs."""


def install() -> None:
    """Put it in place, once per process."""
    weasyprint.css.StyleFor = _Cascade


class _Rule:
    """A selector: whom it means (`test`), of which `part` it speaks, what is `said`.

    `rank` is its place among all; `kind` is one for all rules that come to the same.
    """

    def __init__(self, selector: Any, sheet: _Sheet, number: int) -> None:
        self.test, specificity, order, self.part, (declarations, layer) = selector
        css, origin, same = sheet
        layered = inf if layer is None else css.layers.index(layer)
        self.rank: Any = (number, specificity, order)
        self.kind: Any = (number, specificity, id(declarations), layered, self.part)
        self.said: list[_Said] = [
            (name, value, (declaration_precedence(origin, important), layered, same or specificity))
            for name, value, important in declarations
        ]


class _Rules:
    """The rules of some sheets, by what an element must have that they may mean."""

    def __init__(self, sheets: Sequence[_Sheet]) -> None:
        self.sheets = list(sheets)
        self.by: dict[tuple[str, Any], list[_Rule]] = {}
        for number, sheet in enumerate(sheets):
            for key, selector in _selectors(sheet[0].matcher):
                self.by.setdefault(key, []).append(_Rule(selector, sheet, number))
        rules = [rule for some in self.by.values() for rule in some]
        kinds: dict[Any, int] = {}
        for rank, rule in enumerate(sorted(rules, key=attrgetter("rank"))):
            rule.rank, rule.kind = rank, kinds.setdefault(rule.kind, rank)

    def of(self, element: Any) -> list[_Rule]:
        """Give the rules that mean an element, those that weigh least first."""
        found = [rule for key in _keys(element) for rule in self.by.get(key, ()) if rule.test(element)]
        found.sort(key=attrgetter("rank"))
        return found


def _selectors(matcher: Any) -> Iterator[tuple[tuple[str, Any], Any]]:
    """Give the selectors of a sheet, each with what an element must have that it may mean."""
    named = {
        "id": matcher.id_selectors,
        "class": matcher.class_selectors,
        "tag": matcher.lower_local_name_selectors,
        "namespace": matcher.namespace_selectors,
        "lang": {"": matcher.lang_attr_selectors},
        "": {"": matcher.other_selectors},
    }
    for what, some in named.items():
        for name, selectors in some.items():
            yield from (((what, name), selector) for selector in selectors)


def _keys(element: Any) -> Iterator[tuple[str, Any]]:
    """Give what an element has that selectors may ask for."""
    if element.id is not None:
        yield "id", element.id
    yield from (("class", name) for name in element.classes)
    yield "tag", ascii_lower(element.local_name)
    yield "namespace", element.namespace_url
    if "lang" in element.etree_element.attrib:
        yield "lang", ""
    yield "", ""


_known: list[_Rules] = []
"""The rules of the sheets that were asked for last."""


def _rules(sheets: Sequence[_Sheet]) -> _Rules:
    if not _known or _known[0].sheets != list(sheets):
        _known[:] = [_Rules(sheets)]
    return _known[0]


class _Cascade(StyleFor):  # type: ignore[misc]
    """Styles of elements, as WeasyPrint asks for them."""

    def __init__(
        self,
        html: Any,
        sheets: Sequence[_Sheet],
        presentational_hints: object,
        font_config: Any,
        targets: Any,
    ) -> None:
        self._cascaded_styles: dict[Any, Any] = {}
        self._computed_styles: dict[Any, Any] = {}
        self.initial_page_sizes = {"box": None, "area": None}
        self._sheets, self.font_config = sheets, font_config
        self.html, self.targets = html, targets
        own = self._take_own(find_style_attributes(html.etree_element, presentational_hints, html.base_url))
        self._style(_rules(sheets), own)
        self._cascaded_styles.clear()

    def _take_own(self, found: Iterable[Any]) -> Mapping[Any, Any]:
        """Take what elements say of themselves; gives something for each that does, as for no other."""
        own: dict[Any, Any] = {}
        for specificity, element, declarations, base in found:
            own[element] = declarations
            said = preprocess_declarations(base, declarations)
            weighed = (
                (name, value, (declaration_precedence("author", important), inf, specificity))
                for name, value, important in said
            )
            _take(self._cascaded_styles.setdefault((element, None), {}), weighed)
        return own

    def _style(self, rules: _Rules, own: Mapping[Any, Any]) -> None:
        """Give every element its style, and its parts theirs; parents come before what stands in them."""
        known: dict[Any, dict[Any, Any]] = {}
        for wrapper in self.html.wrapper_element.iter_subtree():
            element = wrapper.etree_element
            parent = None if wrapper.parent is None else wrapper.parent.etree_element
            meant = rules.of(wrapper)
            around = parent is not None and id(self._computed_styles[parent, None])
            key = (around, id(own[element]) if element in own else None, *(rule.kind for rule in meant))
            if key not in known:
                known[key] = self._made(element, parent, meant)
            for part, style in known[key].items():
                self._computed_styles[element, part] = style

    def _made(self, element: Any, parent: Any, meant: Sequence[_Rule]) -> dict[Any, Any]:
        """Make the style of an element, and those of its parts."""
        parts: dict[Any, None] = {None: None}
        for rule in meant:
            parts.setdefault(rule.part)
            _take(self._cascaded_styles.setdefault((element, rule.part), {}), rule.said)
        for part in parts:
            self.set_computed_styles(
                element,
                root=self.html.etree_element,
                parent=parent if part is None else element,
                pseudo_type=part,
                base_url=self.html.base_url,
                target_collector=self.targets,
            )
        return {part: self._computed_styles[element, part] for part in parts}


def _take(style: dict[str, Any], said: Iterable[_Said]) -> None:
    """Let properties be what weighs most, and of two that weigh the same what is said later."""
    for name, value, weight in said:
        if name not in style or style[name][1] <= weight:
            style[name] = value, weight
