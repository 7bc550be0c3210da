"""Notes: `[^label]` with its text elsewhere in the file, and `^[a note written in place]`.

Numbers are not given here: the catalogue numbers calls from the finished tree, because Python-Markdown's own
extension numbers by definition or breadth first (Python-Markdown issue 1561). Labels belong to their file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

from diptych import tree
from diptych.lines import Blocks, locate
from diptych.model import Chapter, NoteText
from diptych.problems import Place, Problem, error, warning

if TYPE_CHECKING:
    from markdown import Markdown

DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:[ \t]*", re.MULTILINE)
CALL = r"\[\^([^\]\s]+)\]"
_FAR = 2_000
"""Letters, about a page of them, behind which a note is far away."""

_OPENING = r"\^\[(?!\^[^\[\]\s]+\])"
"""Not in `19^th^[^1]`: there a call follows on a raised letter."""

IN_PLACE = "in place "
"""What the label of a note written in place begins with; an author's label has no space."""


class Notes(Extension):
    """Calls become `sup.noteref`, texts `aside.note-text`, notes in place `span.inline-note`."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        """Stand before link references (which also begin with a bracket) and behind escapes."""
        md.parser.blockprocessors.register(_Definition(md.parser), "note-texts", 175)
        md.inlinePatterns.register(_Inline(_OPENING, md), "inline-notes", 176)
        md.inlinePatterns.register(_Inline(_OPENING, md), "inline-notes-in-notes", 175.5)
        md.inlinePatterns.register(_Call(CALL, md), "note-calls", 175)


def syntax() -> Extension:
    """Give the extension that reads notes."""
    return Notes()


class _Call(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: ARG002, N802
        return Element("sup", {"class": "noteref", "data-note": m[1]}), m.start(0), m.end(0)


class _Inline(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | None, int | None, int | None]:  # type: ignore[override]  # noqa: N802
        depth, at = 1, m.end(0)
        while at < len(data) and depth:
            depth += {"[": 1, "]": -1}.get(data[at], 0)
            at += 1
        if depth:
            return None, None, None
        return tree.make("span", data[m.end(0) : at - 1], {"class": "inline-note"}), m.start(0), at


class _Definition(BlockProcessor):
    """`[^label]: text`, and the indented blocks that follow it."""

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return bool(DEFINITION.search(block))

    def run(self, parent: Element, blocks: list[str]) -> bool:
        numbers = blocks.numbers[0] if isinstance(blocks, Blocks) else [0]
        block = blocks.pop(0)
        starts = list(DEFINITION.finditer(block))
        if before := block[: starts[0].start()].rstrip("\n"):
            self.parser.parseBlocks(parent, [before])
        aside = parent
        for match, following in zip(starts, [*starts[1:], None], strict=True):
            text = block[match.end() : following.start() if following else len(block)].rstrip("\n")
            aside = tree.add(parent, "aside", class_="note-text", data_note="")
            aside.attrib = {"class": "note-text", "data-note": match[1]}
            at = block.count("\n", 0, match.start())
            aside.set("data-line", str(numbers[min(at, len(numbers) - 1)]))
            self._parse(aside, text, numbers[at:])
        while blocks and re.match(r"\n*( {4}|\t)", blocks[0]):
            numbers = blocks.numbers[0] if isinstance(blocks, Blocks) else [0]
            block = blocks.pop(0)
            after = DEFINITION.search(block)
            self._parse(aside, block[: after.start()].rstrip("\n") if after else block, numbers)
            if after:
                blocks.insert(0, block[after.start() :])  # what follows that one is its own
        return True

    def _parse(self, aside: Element, text: str, numbers: list[int]) -> None:
        first, *rest = text.split("\n")
        inner = "\n".join([first.removeprefix("    "), *(line.removeprefix("    ") for line in rest)])
        if inner.strip():
            self.parser.parseBlocks(aside, Blocks([inner], [numbers or locate(inner, text, [0])]))


def take(body: Element, source: str) -> tuple[tuple[NoteText, ...], tuple[Problem, ...]]:
    """Take the texts of the notes out of a tree that nobody else holds; calls stay as empty `sup.noteref`.

    Returns the texts in the order of the file, and a problem for each label that is defined twice.
    """
    lines = {id(element): line for element, line in tree.with_lines(body)}
    texts: dict[str, NoteText] = {}
    problems: list[Problem] = []
    made = 0
    for element, parent in list(tree.with_parents(body)):
        if element.tag == "aside" and "note-text" in tree.classes(element):
            tree.remove(parent, element)
            text = _text(element, element.get("data-note", ""), lines[id(element)])
        elif "inline-note" in tree.classes(element):
            made += 1
            label = f"{IN_PLACE}{made}"
            tree.replace(parent, element, Element("sup", {"class": "noteref", "data-note": label}))
            text = _text(tree.make("aside", "", None, _paragraph(element)), label, lines[id(element)])
        else:
            continue
        if text.label in texts:
            problems.append(_twice(text, texts[text.label], source))
        texts.setdefault(text.label, text)
    return tuple(texts.values()), tuple(problems)


def _paragraph(span: Element) -> Element:
    """Make the span itself the paragraph: a note in place that stands in it knows it as its parent."""
    span.tag, span.attrib, span.tail = "p", {}, None
    return span


def _text(aside: Element, label: str, line: int) -> NoteText:
    aside.tail = None
    aside.attrib = {"data-line": str(line)}
    shown = any(aside.find(f".//{what}") is not None for what in ("img", "sup", "*[@data-tex]"))
    empty = not tree.text_of(aside) and not shown
    return NoteText(label, line, None if empty else aside)


def _twice(text: NoteText, first: NoteText, source: str) -> Problem:
    return error(
        "note-defined-twice",
        Place(source, text.line),
        f"The note [^{text.label}] has a second text here; the first is on line {first.line}.",
        "Give one of them another label.",
    )


def spelt(label: str) -> str:
    """Give a label as the author wrote it: a note written in place has none."""
    return "^[]" if label.startswith(IN_PLACE) else f"[^{label}]"


def apparatus_of(label: str, names: Collection[str]) -> str:
    """Give the further series of notes that a label belongs to (`tr:12` to `tr`), or "" for the book's own."""
    name, colon, _ = label.partition(":")
    return name if colon and name in names else ""


def is_call(element: Element) -> bool:
    """Whether this element calls a note."""
    return "noteref" in tree.classes(element)


def calls_in_reading_order(
    body: Element, texts: Mapping[str, Element | None], start: int = 0
) -> Iterator[tuple[Element, str, int]]:
    """Give each call with its label and line as a reader meets it who reads a note when it is called.

    A note's own calls follow its first call: note 4, called from note 3, comes before the text's next note. This is
    also the order in which pages show them.
    """
    read: set[str] = set()

    def walk(element: Element, line: int) -> Iterator[tuple[Element, str, int]]:
        for found, at in tree.with_lines(element, line):
            if is_call(found):
                label = found.get("data-note", "")
                yield found, label, at
                text = texts.get(label)
                if label not in read and text is not None:
                    read.add(label)
                    yield from walk(text, at)
                read.add(label)

    yield from walk(body, start)


def out_of_links(body: Element) -> None:
    """Move calls out of links and put them behind: a link inside a link is no link at all."""
    for link, parent in list(tree.with_parents(body)):
        if link.tag == "a":
            for call, holder in [(c, h) for c, h in tree.with_parents(link) if is_call(c)][::-1]:
                tree.remove(holder, call)
                call.tail = None
                tree.insert_after(parent, link, call)


def refer_back(chapter: Chapter, wanted: Callable[[str], bool], words: tuple[str, str]) -> Chapter:
    """Let calls of a note that stand far behind it call notes of their own, which lead back to it.

    A near call has the mark of the note, or of the one that leads back. Such a note says "See note 3, p. 17." `wanted`
    says of a label whether its series does so; `words` stand before and behind the reference.
    """
    body = tree.duplicate(chapter.body)
    texts = {note.label: None if note.body is None else tree.duplicate(note.body) for note in chapter.notes}
    calls = list(calls_in_reading_order(body, texts))
    found = [replace(note, body=texts[note.label]) for note in chapter.notes]
    counts, told = Counter[str](), dict[str, tuple[str, float]]()
    places = _places(body)
    for call, label, line in calls:
        counts[label] += 1
        at = places.get(call, inf)
        latest, there = told.get(label, (label, at))
        if counts[label] > 1 and wanted(label):
            if at - there < _FAR:
                call.set("data-note", latest)
                continue
            latest = f"{label} {counts[label]}"
            call.set("data-note", latest)
            link = tree.make("a", "", {"href": f"#^{label}", "class": "page"})
            link.tail = words[1]
            found.append(
                NoteText(latest, line, tree.make("aside", "", None, tree.make("p", words[0], None, link)))
            )
        if at < inf:
            told[label] = latest, at
    return replace(chapter, body=body, notes=tuple(found))


def _places(body: Element) -> dict[Element, int]:
    """Give for each call in the text, and not in another note, how many letters stand before it."""
    found: dict[Element, int] = {}

    def walk(element: Element, before: int) -> int:
        found[element] = before
        before += len(element.text or "")
        for child in element:
            before = walk(child, before) + len(child.tail or "")
        return before

    walk(body, 0)
    return {element: before for element, before in found.items() if is_call(element)}


def unclosed(body: Element, source: str) -> Iterator[Problem]:
    """Find notes in place that never end: their bracket stands in the text as it was written."""
    for element, line in tree.with_lines(body):
        in_code = element.tag in ("code", "pre")
        if "^[" in (element.tail or "") or (not in_code and "^[" in (element.text or "")):
            yield warning(
                "note-unclosed",
                Place(source, line),
                "A note written in place begins here with ^[ and never ends; it stands in the text as it is.",
                "Close it with ] before the paragraph ends.",
            )


def labels_in(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Find what looks like a call in plain source lines: a second pair of eyes for the tree. Gives (label, line)."""
    for number, line in enumerate(lines, 1):
        text = re.sub(r"^[\s>]*(?:[-*+]\s+|\d+\.\s+)?\[\^[^\]\s]+\]:", "", line)
        yield from ((label, number) for label in re.findall(r"(?<!\\)" + CALL, text))


def labels_in_code(body: Element) -> Iterator[str]:
    """Find what looks like a call but stands in code or in a formula, where it is none."""
    inside = {id(code) for pre in body.iter("pre") for code in pre.iter("code")}
    for element in body.iter():
        yield from (label for label, _ in labels_in(element.get("data-tex", "").split("\n")))
        if element.tag == "pre":
            yield from (label for label, _ in labels_in("".join(element.itertext()).split("\n")))
        elif element.tag == "code" and id(element) not in inside:
            yield from re.findall(r"(?<!\\)" + CALL, "".join(element.itertext()))
