"""Links: by file name within the book (`[see](03-war.md#brest)`), by id within a file, and out into the world.

In a page every internal link is `#id` with an id that is unique in the book; a writer adds the file it stands in.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Chapter
from diptych.problems import Place, Problem, error

_OUTSIDE = re.compile(r"(?:https?|mailto|tel|doi|urn|ftp):", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Targets = Mapping[tuple[str, str], str]


def is_outside(href: str) -> bool:
    """Whether a link leads out of the book."""
    return bool(_OUTSIDE.match(href))


def inside(href: str, source: str) -> tuple[str, str]:
    """Split a link within the book into (path of the source file, id); `source` is the file it stands in."""
    path, _, fragment = unquote(href).partition("#")
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(source), path)) if path else source
    return whole, fragment


def check(chapter: Chapter, path: str, targets: Targets) -> Iterator[Problem]:
    """Find links that lead nowhere. `path` is the chapter's within the book's folder."""
    for holder, start in [
        (chapter.body, 0),
        *((n.body, n.line) for n in chapter.notes if n.body is not None),
    ]:
        for element, line in tree.with_lines(holder, start):
            href = element.get("href")
            if element.tag == "a" and href is not None and not is_outside(href):
                yield from _lost(href, path, Place(chapter.source, line), targets)


def _lost(href: str, path: str, place: Place, targets: Targets) -> Iterator[Problem]:
    file, fragment = inside(href, path)
    if not href:
        yield error("link-empty", place, "This link has no address.", "Write one between the round brackets.")
    elif _SCHEME.match(href):
        yield error(
            "link-refused",
            place,
            f"The link {href} cannot be followed from a book.",
            "Use https: or mailto:.",
        )
    elif (file, "") not in targets:
        yield error(
            "link-nowhere",
            place,
            f"The link leads to {file}, which is no chapter of this book.",
            "Name a file that stands under [chapters], or give the whole address with https:.",
        )
    elif (file, fragment) not in targets:
        yield error(
            "link-nowhere",
            place,
            f'The link leads to "{fragment}" in {file}, but nothing there has that id.',
            f"Write {{#{fragment}}} behind the heading it should lead to.",
        )


def resolve(body: Element, path: str, targets: Targets) -> None:
    """Point every link within the book at an id that is unique in the book; works on a copy of a chapter's body."""
    for link in body.iter("a"):
        href = link.get("href")
        if href is not None and not is_outside(href):
            link.set("href", "#" + targets.get(inside(href, path), ""))
            tree.add_class(link, "internal")
        elif href is not None:
            tree.add_class(link, "external")
