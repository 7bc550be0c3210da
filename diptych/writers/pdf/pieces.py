"""A section of a book laid out by itself, as it would come out in the whole: WeasyPrint 70.0 told where it begins.

A layout of WeasyPrint's is a book: it begins on a recto with folio 1. A section begins where the one before it ends,
and what stands in its margins depends on how many pages all before it have. So the margins are left out of its layout,
and drawn for themselves when the folios are known: pages move, and nothing is laid out anew.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import weasyprint.document
import weasyprint.layout
import weasyprint.pdf
from weasyprint.formatting_structure import boxes
from weasyprint.layout import page as page_layout
from weasyprint.layout.background import layout_box_backgrounds
from weasyprint.layout.page import PageType
from weasyprint.layout.percent import resolve_percentages

from diptych.writers.pdf.gatherings import Held, Leaf

_FAR = 100_000
"""The index of a section's first page where other sections stand before it: it is no `@page :first`."""


class _Later(int):
    """The number of a page that has others before it: margins at its head are discarded, as on any but the first."""

    def __gt__(self, other: int) -> bool:
        """Be more than one."""
        return other == 1 or int(self) > other


@dataclass
class _Asked:
    """What the next layout is to be: a section that begins on this side, or the margins of these pages."""

    side: str = ""
    first: bool = True
    margins: Sequence[Held] = ()
    strings: Mapping[str, Mapping[int, Sequence[str]]] = field(default_factory=dict)
    """What the last layout says of the strings that margins show, by name and page."""


_asked = _Asked()


def install() -> None:
    """Put the hooks in place, once per process."""
    if hasattr(weasyprint.layout, "_diptych_pieces"):
        return
    weasyprint.layout._diptych_pieces = True
    _begin_on_the_side_that_is_asked_for()
    _leave_margins_out()
    _let_only_the_first_section_be_first()
    _draw_margins_alone()
    _keep_links_that_lead_elsewhere()


def _begin_on_the_side_that_is_asked_for() -> None:
    original = weasyprint.layout.initialize_page_maker

    @functools.wraps(original)
    def initialize_page_maker(context: Any, root: Any) -> None:
        original(context, root)
        if _asked.side:
            resume_at, following, _, *rest = context.page_maker[0]
            if not _asked.first:  # it comes behind a break
                following = {**following, "break": _asked.side}
            context.page_maker[0] = (resume_at, following, _asked.side == "right", *rest)

    weasyprint.layout.initialize_page_maker = initialize_page_maker


def _leave_margins_out() -> None:
    original = weasyprint.layout.make_margin_boxes

    @functools.wraps(original)
    def make_margin_boxes(context: Any, page: Any, state: Any) -> Any:
        return () if _asked.side else original(context, page, state)

    weasyprint.layout.make_margin_boxes = make_margin_boxes


def _let_only_the_first_section_be_first() -> None:
    def page_type(side: str, blank: bool, name: str, index: int, groups: Any) -> PageType:  # noqa: FBT001 - as WeasyPrint calls it
        before = _FAR if _asked.side and not _asked.first else 0
        return PageType(side, blank, name, index + before, groups)

    page_layout.PageType = page_type
    original = page_layout.make_page

    @functools.wraps(original)
    def make_page(context: Any, root: Any, kind: Any, resume_at: Any, number: int, *rest: Any) -> Any:
        here = number if not _asked.side or _asked.first else _Later(number)
        return original(context, root, kind, resume_at, here, *rest)

    page_layout.make_page = make_page


def _draw_margins_alone() -> None:
    original = weasyprint.document.layout_document

    @functools.wraps(original)
    def layout_document(html: Any, root: Any, context: Any, *rest: Any) -> Iterator[Any]:
        if _asked.margins:
            yield from _margins(html, root, context)
            return
        yield from original(html, root, context, *rest)
        _asked.strings = {name: dict(pages) for name, pages in context.string_set.items()}

    weasyprint.document.layout_document = layout_document


def _keep_links_that_lead_elsewhere() -> None:
    original = weasyprint.pdf.resolve_links

    @functools.wraps(original)
    def resolve_links(pages: Sequence[Any]) -> Iterator[Any]:
        if not _asked.side:
            yield from original(pages)
            return
        seen: set[str] = set()
        for page in pages:
            new = [(name, x, y) for name, (x, y, *_) in page.anchors.items() if name not in seen]
            seen.update(page.anchors)
            yield page.links, new

    weasyprint.pdf.resolve_links = resolve_links


def _margins(html: Any, root: Any, context: Any) -> Iterator[Any]:
    weasyprint.layout.initialize_page_maker(context, root)
    for held, leaves in _asked.margins:
        context.string_set.clear()
        for name, texts in held:  # on a page before the first
            context.string_set[name][1] = list(texts)
        for number, (leaf, _, _) in enumerate(leaves, 2):
            for name, texts in leaf.strings:
                context.string_set[name][number] = list(texts)
        yield from _beside(html, context, leaves)


def _beside(html: Any, context: Any, leaves: Sequence[tuple[Leaf, int, int]]) -> Iterator[Any]:
    for number, (leaf, folio, pages) in enumerate(leaves, 2):
        page_type = PageType(leaf.side, leaf.blank, leaf.kind, leaf.nth, leaf.groups)
        page_layout.set_page_type_computed_styles(page_type, html, context.style_for)
        page = _empty(context, page_type)
        context.current_page = number
        state: Any = ([0], {"pages": [pages], "page": [folio]}, [{"pages", "page"}], [])
        page.children = tuple(page_layout.make_margin_boxes(context, page, state))
        for box in page.children:
            layout_box_backgrounds(page, box, context.get_image_from_uri)
        page.background = page.canvas_background = None
        yield page


def _empty(context: Any, page_type: Any) -> Any:
    """Make a page with nothing on it, as `make_page` begins one."""
    page = boxes.PageBox(page_type, context.style_for(page_type))
    size = page.style["size"]
    resolve_percentages(page, size)
    page.position_x = page.position_y = 0
    page_layout.page_width(page, context, size[0])
    page_layout.page_height(page, context, size[1])
    page.fixed_boxes = []
    context.page_bottom = page.content_box_y() + page.height
    return page


@dataclass(frozen=True)
class Section:
    """Says of the layouts within it that each is a section, which begins on this side."""

    side: str
    first: bool

    def __enter__(self) -> None:
        """Ask for it."""
        _asked.side, _asked.first = self.side, self.first

    def __exit__(self, *_: object) -> None:
        """Ask for whole books again."""
        _asked.side, _asked.first = "", True


@dataclass(frozen=True)
class Margins:
    """Says of the layout within it that it is the margins of these gatherings, one behind the other."""

    margins: Sequence[Held]

    def __enter__(self) -> None:
        """Ask for them."""
        _asked.margins = self.margins

    def __exit__(self, *_: object) -> None:
        """Ask for whole books again."""
        _asked.margins = ()


def leaves(document: Any) -> tuple[Leaf, ...]:
    """Give what the margins of a section's pages depend on; it is the one that was laid out last."""
    return tuple(_leaf(page._page_box.page_type, number) for number, page in enumerate(document.pages, 1))


def _leaf(kind: Any, number: int) -> Leaf:
    said = sorted(_asked.strings.items())
    texts = tuple((name, tuple(pages[number])) for name, pages in said if number in pages)
    groups = tuple((name, index) for name, index in kind.groups)
    return Leaf(kind.side, kind.blank, kind.name or "", kind.index, groups, texts)
