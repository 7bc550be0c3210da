"""Marked words: `[NATO]{.smallcaps}`, `[glasnost]{lang=ru-Latn}`: words in brackets that carry attributes.

And `x^2^`, `H~2~O`, `~~gone~~`. pymdown-extensions 12.3 has them too, but raises IndexError over `~5 of 10^6`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor

from diptych import tree

if TYPE_CHECKING:
    from markdown import Markdown

_SPAN = r"\[(?<!\!\[)([^\[\]]+)\](?=\{:?[^}\n]+\})"

_RAISED = {
    "del": r"(~~)(?![\s~])((?:(?!~~).)+?)(?<!\s)~~",
    "sub": r"(~)(?<!~~)([^\s~]+)~(?!~)",
    "sup": r"(\^)(?<!\^\^)([^\s^]+)\^(?!\^)",
}
"""No spaces in what is raised or lowered, as with Pandoc: `~5 and ~6` are two words with a sign in front."""


class _Span(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: ARG002, N802
        return tree.make("span", m[1]), m.start(0), m.end(0)


class _Spans(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.inlinePatterns.register(_Span(_SPAN, md), "spans", 172)
        for tag, pattern in _RAISED.items():
            md.inlinePatterns.register(SimpleTagInlineProcessor(pattern, tag), tag, 58)
        md.ESCAPED_CHARS.extend("~^")
        # Python-Markdown 3.11 reads on to the line's last brace and puts the words between behind those that follow.
        md.treeprocessors["attr_list"].INLINE_RE = re.compile(r"^\{:?[ ]*([^}\n ][^}\n]*)\}")  # type: ignore[attr-defined]


def syntax() -> Extension:
    """Give the extension that makes the span; Python-Markdown's attribute lists fill it."""
    return _Spans()
