"""Every word that goes into a layout comes out of it, once: WeasyPrint 70.0 drops what it finds no room for.

The head of a table that is kept whole and is higher than its page is the known case. Nothing is said then, and the
notes' ledger sees only notes. So the letters of each element are counted before the pages are made and on them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from diptych.features.pagebreaks import letters
from diptych.problems import Place, Problem, error

Letters = Mapping[Element, str]
"""The letters and digits of each element's own text, without what a stylesheet adds to it."""

_ENOUGH = 8
"""Words by which an author finds a place."""

_due: list[Letters] = []


def install() -> None:
    """Let WeasyPrint remember what it was given, once per process."""
    import weasyprint.document  # noqa: PLC0415 - it takes most of a second, and only paged editions need it

    original = weasyprint.document.build_formatting_structure
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def build_formatting_structure(*given: Any) -> Any:
        root = original(*given)
        footnotes = given[-1]
        _due[:] = [_letters([root, *footnotes])]
        return root

    weasyprint.document.build_formatting_structure = build_formatting_structure


def due() -> Letters:
    """Give the letters that the last layout was given."""
    return _due.pop()


def faults(
    pages: Iterable[Any], due: Letters, lines: Mapping[Element, Place], name: str
) -> Iterator[Problem]:
    """Tell of each place whose words are not on the pages, or stand there twice.

    The head of a table may stand on each of its pages.
    """
    drawn = _letters(page._page_box for page in pages)  # noqa: SLF001 - there is no other way to the words
    heads = (element for element in lines if element.tag in ("thead", "tfoot"))
    repeated = {part for head in heads for part in head.iter()}
    told: set[Place] = set()
    for element, wanted in due.items():
        found, place = drawn.get(element, ""), lines.get(element, Place("layout"))
        often = len(found) // len(wanted) if element in repeated and found else 1
        if found != wanted * often and place not in told:
            told.add(place)
            yield _told(element, place, name, "not all" if len(found) < len(wanted) else "more than once")


def _letters(boxes: Iterable[Any]) -> Letters:
    found: dict[Element, list[str]] = {}
    for box in boxes:
        for element, text in _texts(box):
            found.setdefault(element, []).append(text)
    whole = ((element, letters("".join(texts))) for element, texts in found.items())
    return {element: text for element, text in whole if text}


def _texts(box: Any) -> Iterator[tuple[Element, str]]:
    box = getattr(box, "_box", box)  # what stands outside the flow is held by a placeholder
    kind = type(box).__name__
    if kind == "TextBox":
        added = "::" in box.element_tag and not box.element_tag.endswith("::first-letter")  # by a stylesheet
        if not added:
            yield box.element, box.text
    elif box.element is not None and box.element.get("class") == "run-over":
        return  # a sign that stands as often as pages ask for it
    elif kind != "MarginBox" and not box.is_running():
        for child in getattr(box, "children", ()):
            yield from _texts(child)


def _told(element: Element, place: Place, name: str, how: str) -> Problem:
    words = "".join(element.itertext()).split()
    told = " ".join(words[:_ENOUGH]) + (" …" if len(words) > _ENOUGH else "")
    return error(
        "words-lost",
        place,
        f"The words “{told}” stand {how} on the pages of the {name} PDF.",
        "Make the table or block round them smaller, or the page larger; if that does not help, this is a fault of "
        "diptych.",
    )
