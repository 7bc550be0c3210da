"""How the book was made: the faces that its stylesheets give to its text, headings and code, and who made it.

No version is named and nothing of the machine: the same book says the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diptych import tree
from diptych.matter import display
from diptych.model import Manifest, Page, Theme
from diptych.words import enumerated, made

_PROGRAM = "diptych"
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_FAMILY = re.compile(r'(?:^|[;\s])font-family:\s*"([^"]+)"')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def page(about: Manifest, theme: Theme, pages: Sequence[Page]) -> Page:
    """Make the colophon, the last page of a book. It has no heading, for it is no part that anybody looks up."""
    language = about.metadata.language
    body = display.section("colophon", "colophon", "colophon backmatter")
    body.set("role", "doc-colophon")
    lines = (
        typeset(theme, pages, language),
        made("set with", language, _PROGRAM),
        *display.credited(about.metadata, ("bkd", "dsr", "tyg", "prt")),
    )
    for line in lines:
        tree.add(body, "p", line)
    return Page("colophon", about.metadata.title, "colophon", "back", body)


def typeset(theme: Theme, pages: Iterable[Page], language: str) -> str:
    """Say in which faces the pages are set; "" where a stylesheet names none."""
    found = enumerated(faces(theme, pages, language), language)
    return made("set in", language, found) if found else ""


def faces(theme: Theme, pages: Iterable[Page], language: str) -> list[str]:
    """Name the faces of the text, of its headings, and of code where there is any; of several rules the last holds."""
    given: dict[str, str] = {}
    for sheet in theme.stylesheets:
        for selectors, declarations in _RULE.findall(_COMMENT.sub("", sheet.data.decode("utf-8", "replace"))):
            if family := _FAMILY.search(declarations):
                given |= {selector.strip(): family[1] for selector in selectors.split(",")}
    text = given.get(f"body:lang({language.split('-', maxsplit=1)[0]})", given.get("body", ""))
    code = any(element.tag in ("code", "pre") for page in pages for element in page.body.iter())
    found = (text, given.get("h1", text), given.get("code", "") if code else "")
    return [face for face in dict.fromkeys(found) if face]
