"""Links: by file name within the book (`[see](03-war.md#brest)`), by id within a file, and out into the world.

In a page every internal link is `#id` with an id that is unique in the book; a writer adds the file it stands in.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Chapter
from diptych.problems import Place, Problem, error

_OUTSIDE = re.compile(r"(?:https?|mailto|tel|doi|urn|ftp):", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNSAFE = re.compile(r'[\s"<>\\^`{|}\[\]]|%(?![0-9A-Fa-f]{2})')
"""What an address cannot hold as it stands (RFC 3986)."""

_SVG = "{http://www.w3.org/2000/svg}"

Targets = Mapping[tuple[str, str], str]


def is_outside(href: str) -> bool:
    """Whether a link leads out of the book."""
    return bool(_OUTSIDE.match(href))


def is_complete(href: str) -> bool:
    """Whether an address that leads out names a host, where its kind needs one, and no port that cannot be."""
    try:
        parts = urlsplit(href)
        hosted = parts.scheme.lower() in ("http", "https", "ftp")
        return (
            (bool(parts.hostname) or not hosted)
            and (parts.port or 0) >= 0
            and not _UNSAFE.search(parts.netloc.strip("[]"))
        )
    except ValueError:
        return False


def address(href: str) -> str:
    """Write an address that leads out so that every reader can follow it."""
    href = re.sub(r"(?i)^doi:", "https://doi.org/", href)
    head = re.match(r"[^:]*:(?://[^/?#]*)?", href)
    end = head.end() if head else 0
    return href[:end] + _UNSAFE.sub(lambda found: quote(found[0], safe=""), href[end:])


def inside(href: str, source: str) -> tuple[str, str]:
    """Split a link within the book into (path of the source file, id); `source` is the file it stands in."""
    path, _, fragment = href.partition("#")
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(path))) if path else source
    return whole, unquote(fragment)


def check(chapter: Chapter, path: str, targets: Targets) -> Iterator[Problem]:
    """Find links that lead nowhere. `path` is the chapter's within the book's folder."""
    for holder, start in [
        (chapter.body, 0),
        *((n.body, n.line) for n in chapter.notes if n.body is not None),
    ]:
        for element, line in tree.with_lines(holder, start):
            href = element.get("href")
            if element.tag == "a" and href is not None:
                yield from _lost(href, path, Place(chapter.source, line), targets)
            for _, name in _references(element):
                if (path, name) not in targets:
                    yield from _lost(f"#{name}", path, Place(chapter.source, line), targets)


def _references(element: Element) -> Iterator[tuple[str, str]]:
    """Give the ids that a part of a drawing names, each with its attribute: `href="#a"`, `fill="url(#a)"`."""
    for key, value in element.attrib.items() if element.tag.startswith(_SVG) else ():
        whole = key.endswith("href") and value.startswith("#")
        for name in [value[1:]] if whole else re.findall(r"url\(\s*[\"']?#([^\"')\s]+)", value):
            yield key, name


def _lost(href: str, path: str, place: Place, targets: Targets) -> Iterator[Problem]:
    file, fragment = inside(href, path)
    if not href:
        yield error("link-empty", place, "This link has no address.", "Write one between the round brackets.")
    elif is_outside(href):
        if not is_complete(href):
            yield error(
                "link-refused", place, f"The address {href} cannot be followed.", "Is its site's name right?"
            )
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
    elif (file, fragment) not in targets and fragment.startswith("^"):
        sentence = f"The reference leads to the note [{fragment}] in {file}, but none with that label is called there."
        yield error("link-nowhere", place, sentence, "Is the label spelt as it is where the note is called?")
    elif (file, fragment) not in targets:
        yield error(
            "link-nowhere",
            place,
            f'The link leads to "{fragment}" in {file}, but nothing there has that id.',
            f"Write {{#{fragment}}} behind the heading it should lead to.",
        )


def resolve(body: Element, path: str, targets: Targets) -> None:
    """Point every link within the book at an id that is unique in the book; works on a copy of a chapter's body."""
    for element in body.iter():
        for key, name in list(_references(element)):
            element.set(key, element.get(key, "").replace(f"#{name}", f"#{targets.get((path, name), name)}"))
    for link in body.iter("a"):
        href = link.get("href")
        if href is not None and not is_outside(href):
            link.set("href", "#" + targets.get(inside(href, path), ""))
            tree.add_class(link, "internal")
        elif href is not None:
            link.set("href", address(href))
            tree.add_class(link, "external")
