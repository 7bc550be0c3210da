"""Figures and captions: an image alone in its paragraph is a figure; a `/// caption` block says what it shows.

A caption block below a table is the table's caption. `![](x.png)` leaves the words for those who do not see it out:
then the tree has no `alt` at all. `alt=""`, in HTML or as `![](x.png){alt=""}`, says that there is nothing to say, for
the image is decoration. Images are not looked at here; the checks do that.
"""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks.caption import CaptionExtension

from diptych import tree

_SIZES = {"full-width", "page", "full-bleed", "here"}
"""Classes of an image that say how much of a page its figure takes, and that it stays where it is written."""


def syntax() -> Extension:
    """Give the well-kept caption block, without its own numbering, and images that know whether words are missing."""
    return _Figures(types=["caption"])  # type: ignore[no-untyped-call]


class _Figures(CaptionExtension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        super().extendMarkdown(md)
        # Behind Markdown's inline patterns (20), before attribute lists (8), which may bring an `alt` of their own.
        md.treeprocessors.register(_Unworded(md), "unworded", 15)


class _Unworded(Treeprocessor):
    """Take the empty `alt` from images in Markdown's brackets; raw HTML is not in this tree yet."""

    def run(self, root: Element) -> None:
        for image in root.iter("img"):
            if not image.get("alt", "").strip():
                image.attrib.pop("alt", None)


def shape(body: Element) -> None:
    """Make figures of lone images and put captions where they belong; `a%20b.png` is a file with a space."""
    for image in body.iterfind(".//img[@src]"):
        image.set("src", unquote(image.get("src", "")))
    for element, parent in list(tree.with_parents(body)):
        if element.tag == "figure":
            _captioned(element, parent)
        elif (
            element.tag == "p"
            and parent.tag not in ("figure", "figcaption")
            and _lone_image(element) is not None
        ):
            tree.replace(parent, element, _figure(element))
    for figure in body.iter("figure"):
        for name in {name for image in figure.iter("img") for name in tree.classes(image)} & _SIZES:
            tree.add_class(figure, name)


def widths(body: Element) -> None:
    """Turn `{width=50%}` of an image into a class, for HTML knows widths in pixels only; `300px` becomes 300."""
    for image in body.iter("img"):
        said = image.get("width", "")
        if percent := re.fullmatch(r"(\d{1,3})(?:\.\d+)?%", said):
            del image.attrib["width"]
            tree.add_class(image, f"width-{min(100, max(5, round(int(percent[1]) / 5) * 5))}")
        elif pixels := re.fullmatch(r"(\d+)px", said):
            image.set("width", pixels[1])


def _lone_image(paragraph: Element) -> Element | None:
    alone = (
        len(paragraph) == 1 and not (paragraph.text or "").strip() and not (paragraph[0].tail or "").strip()
    )
    if not alone:
        return None
    inner = paragraph[0]
    if (
        inner.tag == "a"
        and len(inner) == 1
        and not (inner.text or "").strip()
        and not (inner[0].tail or "").strip()
    ):
        inner = inner[0]
    return inner if inner.tag == "img" else None


def _figure(paragraph: Element) -> Element:
    image = _lone_image(paragraph)
    figure = tree.make(
        "figure", "", {"data-line": line} if (line := paragraph.get("data-line")) else None, paragraph[0]
    )
    paragraph[0].tail = None
    if image is not None:
        _move_id(image, figure)
        if caption := image.attrib.pop("title", ""):
            tree.add(figure, "figcaption", caption)
    return figure


def _captioned(figure: Element, parent: Element) -> None:
    caption = figure.find("figcaption")
    table = figure.find("table")
    if caption is not None and len(caption) == 1 and caption[0].tag == "p":
        _flatten(caption)
    if table is not None and caption is not None:
        line = next((e.get("data-line", "") for e in caption.iter() if e.get("data-line")), "")
        table.insert(0, tree.make("caption", "", {"data-line": line} if line else None))
        tree.unwrap_into(table[0], caption)
        _move_id(figure, table)
        tree.replace(parent, figure, table)
        return
    paragraph = figure.find("p")
    if paragraph is not None and _lone_image(paragraph) is not None:
        inner = _figure(paragraph)
        _move_id(inner, figure)
        tree.replace(figure, paragraph, inner[0])
    lines = [e.get("data-line", "0") for e in figure.iter() if e.get("data-line")]
    if lines:
        figure.set("data-line", min(lines, key=int))


def _flatten(caption: Element) -> None:
    paragraph = caption[0]
    tree.remove(caption, paragraph)
    caption.text = None
    tree.unwrap_into(caption, paragraph)


def _move_id(old: Element, new: Element) -> None:
    if name := old.attrib.pop("id", ""):
        new.set("id", name)
