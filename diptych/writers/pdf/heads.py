"""Running heads and folios: which words stand above a page and where its number stands, as an edition asks.

How they look is the theme's business (`matter.css`); this room writes only what stands in which margin box. A head
that is too long for its line is cut at a word: how long it is, is asked of the layout, so that every face is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, get_args
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Edition, File, Head, Metadata, Page, Report
from diptych.words import Direction
from diptych.writers.pdf import layout

_KINDS = (("front", "counter(page, lower-roman)"), ("main", "counter(page)"))
"""The pages that have folios, by the name that the stylesheets give them."""

_ROOM = 0.84
"""The share of the measure that a running head may take: room for a folio on either side, and for the eye."""

Fit = Callable[[Sequence[str]], Mapping[str, str]]
"""Gives for texts what of them fits over a page."""

_SHORT = 18
"""So many characters fit into any line."""


def sheet(edition: Edition, direction: Direction) -> File:
    """Write the stylesheet that puts running heads and folios into the margins of an edition's pages."""
    verso, recto = ("left", "right") if direction == "ltr" else ("right", "left")
    rules = [rule for kind, folio in _KINDS for rule in _folio(kind, folio, edition)]
    for side, head in zip((verso, recto), edition.heads, strict=False):
        # Of the sections that begin on a page a verso names the first and a recto the last (Chicago Manual of Style).
        which = "last" if head == "section" and side == recto else "first"
        rules += [_rule(kind, f":{side}", "top-center", f"string({head}, {which})") for kind, _ in _KINDS]
    rules += [rule for kind, folio in _KINDS for rule in _bare(kind, folio, edition)]
    return File("heads", "\n".join(rules).encode())


def _folio(kind: str, folio: str, edition: Edition) -> Iterator[str]:
    if edition.folios == "foot-centre":
        yield _rule(kind, "", "bottom-center", folio)
        return
    edge = "bottom" if edition.folios == "foot-outside" else "top"
    for side in ("left", "right"):
        yield _rule(kind, f":{side}", f"{edge}-{side}", folio)


def _bare(kind: str, folio: str, edition: Edition) -> Iterator[str]:
    """No head stands over an opening, where the folio drops to the foot; on a blank page stands nothing."""
    opening, boxes = f":nth(1 of {kind})", ("top-left", "top-center", "top-right")
    yield from (_rule(kind, opening, box, "none") for box in boxes)
    if edition.folios == "head-outside":
        yield _rule(kind, opening, "bottom-center", folio)
    yield from (
        _rule(kind, ":blank", box, "none") for box in (*boxes, "bottom-left", "bottom-center", "bottom-right")
    )


def _rule(kind: str, pseudo: str, box: str, content: str) -> str:
    return f"@page {kind}{pseudo} {{ @{box} {{ content: {content} }} }}"


def name(pages: Sequence[Page], fit: Fit, metadata: Metadata, edition: Edition) -> tuple[Page, ...]:
    """Give copies of the pages whose headings carry the words of running heads, cut to what the line holds."""
    said = tuple(replace(page, body=tree.duplicate(page.body)) for page in pages)
    headings = [heading for page in said for heading in _say(page.body, metadata)]
    keys = [f"data-{head}" for head in dict.fromkeys(edition.heads)]
    fitted = fit(sorted({heading.get(key, "") for heading in headings for key in keys}))
    for heading in headings:
        for key in keys:
            heading.set(key, fitted[heading.get(key, "")])
    return said


def _say(body: Element, metadata: Metadata) -> Iterator[Element]:
    """Write onto the headings of a page of ours what a running head could say, and give them."""
    book = metadata.short_title or metadata.title
    author = ", ".join(person.name for person in metadata.authors)
    for heading in body.iter():
        if heading.tag not in {"h1", "h2"}:
            continue
        words = heading.get("data-short") or heading.get("data-title") or tree.text_of(heading)
        if heading.tag == "h1":
            part = body.get("data-part") or book
            said = {"book": book, "author": author or book, "part": part, "chapter": words, "section": words}
        else:
            said = {"section": words}
        heading.attrib |= {f"data-{head}": text for head, text in said.items()}
        yield heading


def fitted(kit: layout.Kit, page: str, wanted: Sequence[str], _: Report) -> dict[str, str]:
    """Cut each text at a word until it fits; laid out on pages of its own, as often as one is too long."""
    lay_out = partial(layout.press(kit).lay_out, page=page)
    fitted = {words: words for words in wanted}
    asked = [words for words in fitted if len(words) > _SHORT]
    while asked:
        shares = _shares(lay_out(_trial([fitted[words] for words in asked])), len(asked))
        too_long = {words: share for words, share in zip(asked, shares, strict=True) if share > _ROOM}
        fitted |= {words: _cut(fitted[words], _ROOM / share) for words, share in too_long.items()}
        asked = [words for words in too_long if len(fitted[words]) > 1]
    return fitted


def _trial(heads: Sequence[str]) -> Element:
    """Make a tree in which each head stands over a page that is no opening."""
    chapter = tree.make("section", "", {"class": "chapter bodymatter"}, tree.make("h1", "x"))
    for n, words in enumerate(heads):
        said = dict.fromkeys((f"data-{head}" for head in get_args(Head)), words)
        page = {"id": f"head-{n}", "style": "break-before: page"}
        chapter.append(tree.make("h1", "x", said | page))
    return tree.make("html", "", None, tree.make("body", "", None, chapter))


def _shares(laid: layout.Laid, count: int) -> list[float]:
    """Say which share of the measure each head of a trial takes."""
    pages = (laid.document.pages[laid.anchors[f"head-{n}"] - 1] for n in range(count))
    return [_share(page._page_box) for page in pages]  # noqa: SLF001 - there is no other way to the margins


def _share(page: Any) -> float:
    heads = [box for box in page.children if getattr(box, "at_keyword", "") == "@top-center"]
    texts = [box for head in heads for box in head.descendants() if type(box).__name__ == "TextBox"]
    return float(sum(box.width for box in texts) / page.width)


def _cut(words: str, share: float) -> str:
    """Keep so much of a text, to the end of a word, and say that it goes on."""
    most = max(1, min(int(len(words) * share), len(words) - 2))
    kept = words[:most]
    at = kept.rfind(" ")
    return (kept[:at] if at > 0 else kept).rstrip(" ,;:.–—…-") + "…"
