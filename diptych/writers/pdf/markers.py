"""Markers of lists with words of an author's own: `li::marker { content: "→ " }`, which WeasyPrint 70.0 fails at.

It lets the marker hang outside the item by the style that it shares with the words in it, so that these hang, too, and
in no line (`marker_to_box`). Here they get a style of their own, and keep the space at their end as other markers do
(CSS Lists 3, 3.1.1).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from weasyprint.formatting_structure import build


def install() -> None:
    """Put the hook in place, once per process."""
    original = build.marker_to_box
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def marker_to_box(*given: Any) -> Iterator[Any]:
        for marker in original(*given):
            for words in marker.children:
                if words.style is marker.style:
                    words.style = words.style.copy()
                    words.style.update(position="static", white_space="pre-wrap")
            yield marker

    build.marker_to_box = marker_to_box
