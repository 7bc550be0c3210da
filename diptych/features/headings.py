"""Headings: every one gets an id, and its text without notes for contents, bookmarks and running heads."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Heading
from diptych.problems import Place, Problem, error

_TAGS = {f"h{level}": level for level in range(1, 7)}


def level_of(element: Element) -> int:
    """Give 1 to 6, or 0 for what is no heading."""
    return _TAGS.get(element.tag, 0)


def text_of(heading: Element) -> str:
    """Give a heading's words: its notes' calls are not among them, a formula is said in words."""
    if heading.find(".//*[@data-words]") is not None:
        heading = tree.duplicate(heading)
        for formula in heading.iterfind(".//*[@data-words]"):
            formula.text = formula.get("data-words")
    return tree.text_of(heading, lambda child: bool({"noteref", "inline-note"} & set(tree.classes(child))))


def shape(body: Element) -> None:
    """Give an id to each heading that has none: its words, numbered where they repeat."""
    taken = {element.get("id", "") for element in body.iter()}
    for heading in (element for element in body.iter() if level_of(element) and not element.get("id")):
        stem = tree.slug(text_of(heading)) or "section"
        name, n = stem, 1
        while name in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name)
        heading.set("id", name)


def collect(body: Element) -> tuple[Heading, ...]:
    """List the headings in reading order."""
    return tuple(
        Heading(level_of(element), element.get("id", ""), text_of(element), line)
        for element, line in tree.with_lines(body)
        if level_of(element)
    )


def check(headings: tuple[Heading, ...], source: str) -> tuple[Problem, ...]:
    """Find levels that are skipped and headings without words."""
    problems: list[Problem] = []
    above = 1
    for heading in headings:
        place = Place(source, heading.line)
        if not heading.text:
            problems.append(
                error("heading-empty", place, "This heading has no words.", "Write them, or take it out.")
            )
        if heading.level > above + 1:
            problems.append(
                error(
                    "heading-skipped",
                    place,
                    f'The heading "{heading.text}" is of level {heading.level}, the one above it of level {above}.',
                    f"Write it with {'#' * (above + 1)}: readers who navigate by headings lose their way otherwise.",
                )
            )
        above = heading.level
    return tuple(problems)


def duplicates(body: Element, source: str) -> tuple[Problem, ...]:
    """Find ids that stand twice in a file."""
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for element, line in tree.with_lines(body):
        name = element.get("id")
        if name and name in first:
            problems.append(
                error(
                    "id-twice",
                    Place(source, line),
                    f'The id "{name}" is used twice in this file, first on line {first[name]}.',
                    "Give one of them another id, so that links know where to go.",
                )
            )
        first.setdefault(name or "", line)
    return tuple(problems)


def safe_id(name: str) -> str:
    """Give an id in the characters that every reading system follows, `[A-Za-z0-9_-]`; never empty."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "x" + name.encode().hex()[:16]
