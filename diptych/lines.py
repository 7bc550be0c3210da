"""Every block remembers its source line: a Python-Markdown extension.

Python-Markdown keeps no positions, and its maintainers say it cannot (Python-Markdown issue 1235). Blocks can be
followed all the same: the work list that block processors pop from and push to is replaced by one that remembers the
line of each block, and the lines that preprocessors leave are matched with the lines they were given.

The line is put into `data-line` of each block element. It is exact for blocks and says nothing of inline elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, SupportsIndex
from xml.etree.ElementTree import Element

from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.util import HTML_PLACEHOLDER_RE

if TYPE_CHECKING:
    from markdown import Markdown

_MARKER = re.compile(r"^[\s>]*(?:[-+*:]|\d+\.)?\s*")
_UNMARKED = frozenset({"br", "em", "strong", "code", "a", "span", "thead", "tbody"})


class Lines(Extension):
    """Mark each block with the line it begins on. `offset` lines stood above the text that is parsed."""

    def __init__(self, offset: int = 0) -> None:
        super().__init__()
        self.offset = offset
        self.source: list[str] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        """Hang a first and a last preprocessor, the parser and a postprocessor into place."""
        parser = LineParser(md, self)
        parser.blockprocessors = md.parser.blockprocessors
        for processor in parser.blockprocessors:
            processor.parser = parser
        md.parser = parser
        md.preprocessors.register(_Remember(self), "lines-before", 1000)
        md.preprocessors.register(_Match(self, parser), "lines-after", -1000)
        md.postprocessors.register(_MarkRaw(parser), "lines-raw", 1000)


class _Remember(Preprocessor):
    """Keep the text as the author wrote it."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self.lines = lines

    def run(self, lines: list[str]) -> list[str]:
        """Look at the lines and let them pass."""
        self.lines.source = list(lines)
        return lines


class _Match(Preprocessor):
    """Find for each line that the preprocessors left the line it was."""

    def __init__(self, lines: Lines, parser: LineParser) -> None:
        super().__init__()
        self.lines, self.line_parser = lines, parser

    def run(self, lines: list[str]) -> list[str]:
        """Hand the parser one source line number for each line."""
        numbers = match_lines(self.lines.source, "\n".join(lines).split("\n"))
        self.line_parser.numbers = [number + self.lines.offset for number in numbers]
        return lines


class _MarkRaw(Postprocessor):
    """Put the line into HTML that stood outside the tree, before it comes back."""

    def __init__(self, parser: LineParser) -> None:
        super().__init__()
        self.line_parser = parser

    def run(self, text: str) -> str:
        """Change the stash, not the text: a mark on the paragraph round a placeholder would keep it out."""
        blocks = self.line_parser.md.htmlStash.rawHtmlBlocks
        for number, line in self.line_parser.raw_lines.items():
            if isinstance(blocks[number], str):
                blocks[number] = re.sub(
                    r"^(\s*<[A-Za-z][\w-]*)", rf'\1 data-line="{line}"', str(blocks[number]), count=1
                )
        return text


def match_lines(before: Sequence[str], after: Sequence[str]) -> list[int]:
    """Give for each line of `after` its number (from 1) in `before`.

    Preprocessors remove and replace lines, but do not reorder them: a line is looked for from where the last one was
    found, and one that is new stands for the next that is not blank.
    """
    positions: dict[str, list[int]] = {}
    for number, line in enumerate(before):
        positions.setdefault(line.strip(), []).append(number)
    for numbers in positions.values():
        numbers.reverse()
    found: list[int] = []
    at = 0
    for line in after:
        candidates = positions.get(line.strip(), []) if line.strip() else []
        while candidates and candidates[-1] < at:
            candidates.pop()
        if candidates:
            at = candidates.pop()
        elif line.strip():
            at = next((n for n in range(at, len(before)) if before[n].strip()), at)
        found.append(min(at, max(len(before) - 1, 0)) + 1)
        if line.strip():
            at = at + 1 if line.strip() == before[min(at, len(before) - 1)].strip() else _behind(before, at)
    return found


def _behind(before: Sequence[str], at: int) -> int:
    """Give the index behind what a placeholder stands for: code goes to its end, everything else is one line."""
    fence = re.match(r"\s*(`{3,}|~{3,})", before[at]) if at < len(before) else None
    if fence is None:
        return at + 1
    return next((n + 1 for n in range(at + 1, len(before)) if before[n].strip() == fence[1]), at + 1)


class Blocks(list[str]):
    """The parser's work list, with the line numbers of each block's lines beside it."""

    def __init__(self, blocks: Iterable[str], numbers: list[list[int]]) -> None:
        super().__init__(blocks)
        self.numbers = numbers
        self.popped: tuple[str, list[int]] = ("", [0])

    def pop(self, index: SupportsIndex = -1) -> str:
        """Take a block and remember where it stood."""
        self.popped = (self[index], self.numbers.pop(index))
        return super().pop(index)

    def insert(self, index: SupportsIndex, block: str) -> None:
        """Put back what is left of the block that was taken last."""
        self.numbers.insert(int(index), locate(block, *self.popped))
        super().insert(index, block)


def locate(part: str, whole: str, numbers: list[int]) -> list[int]:
    """Give the line numbers of `part`, cut (and perhaps dedented) from `whole`, whose lines have `numbers`.

    The end of the last line may have been cut, and list markers and quote marks may have been taken off.
    """
    lines, rest = part.split("\n"), whole.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    skipped = next((n for n, line in enumerate(lines) if line.strip()), 0)
    start = 0
    for n in range(len(rest)):
        if first and (rest[n].strip() == first or _MARKER.sub("", rest[n]).strip() == first):
            start = n
            break
    else:
        start = next((n for n, line in enumerate(rest) if first and first in line), 0)
    start = max(0, start - skipped)
    last = numbers[-1] if numbers else 0
    return [numbers[start + n] if start + n < len(numbers) else last for n in range(len(lines))]


class LineParser(BlockParser):
    """Python-Markdown's block parser with a work list that remembers lines."""

    def __init__(self, md: Markdown, lines: Lines) -> None:
        super().__init__(md)
        self.lines = lines
        self.numbers: list[int] = []
        self.raw_lines: dict[int, int] = {}
        self._current: tuple[str, list[int]] = ("", [])
        self._work: Blocks | None = None
        self._seek = _Seek([], [])

    def parseDocument(self, lines: Iterable[str]) -> object:  # type: ignore[override]  # noqa: N802
        """Parse the whole text, whose lines `_Match` has numbered."""
        text = "\n".join(lines)
        self._current = (text, self.numbers or [1] * (text.count("\n") + 1))
        self.raw_lines = {}
        return super().parseDocument(text.split("\n"))

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802
        """Run the processors over the blocks and mark what each of them makes."""
        outer = self._current, self._work
        work = (
            blocks
            if isinstance(blocks, Blocks)
            else Blocks(blocks, list(_numbered(blocks, *self._round(blocks))))
        )
        self._work = work
        while work:
            self._current = work.popped = (work[0], work.numbers[0])
            line = _first_line(*self._current)
            before = len(parent)
            for processor in self.blockprocessors:
                if processor.test(parent, work[0]) and processor.run(parent, work) is not False:
                    break
            self._mark(parent, before, line)
        self._current, self._work = outer

    def _round(self, blocks: list[str]) -> tuple[str, list[int]]:
        """Give the text round some blocks, with its lines: the block taken last, or all that follows raw HTML."""
        text, numbers = self._work.popped if self._work else self._current
        first = next((line.strip() for block in blocks for line in block.split("\n") if line.strip()), "")
        if first in text or not numbers:
            return text, numbers
        rest = self.lines.source[numbers[0] - self.lines.offset - 1 :]
        return "\n".join(rest), [numbers[0] + n for n in range(len(rest))]

    def _mark(self, parent: Element, before: int, line: int) -> None:
        block, numbers = self._current
        self._seek = _Seek(block.split("\n"), numbers)
        for element in parent[max(before - 1, 0) :]:
            self._mark_one(element, line, int(parent.get("data-line") or line))

    def _mark_one(self, element: Element, line: int, inherited: int) -> None:
        """`line` is the block's; an element made of an earlier block (a list item's first text) has its parent's."""
        placeholder = HTML_PLACEHOLDER_RE.fullmatch((element.text or "").strip())
        if "data-line" in element.attrib:
            inherited = int(element.get("data-line", "0"))
        elif placeholder and element.tag == "p":
            self.raw_lines.setdefault(int(placeholder[1]), self._seek.line_of(element) or line)
        elif element.tag not in _UNMARKED:
            inherited = self._seek.line_of(element) or inherited
            element.set("data-line", str(inherited))
        for child in element:
            self._mark_one(child, line, inherited)


class _Seek:
    """Finds in a block the lines of the elements that were made of it, in order."""

    def __init__(self, lines: list[str], numbers: list[int]) -> None:
        self.lines, self.numbers, self.at = lines, numbers, 0

    def line_of(self, element: Element) -> int:
        """Give the line where the element's text begins, or 0 where the block does not hold it."""
        text = next((part for part in (e.text for e in element.iter()) if part and part.strip()), "")
        head = text.strip().split("\n")[0].strip()
        for n in range(self.at, len(self.lines) if head else 0):
            if head in self.lines[n] and n < len(self.numbers):
                self.at = n
                return self.numbers[n]
        return 0


def _numbered(blocks: list[str], text: str, numbers: list[int]) -> Iterator[list[int]]:
    """Find consecutive blocks in the text they were cut from."""
    if "\n\n".join(blocks).count("\n") + 1 == len(numbers):
        at = 0
        for block in blocks:
            size = block.count("\n") + 1
            yield numbers[at : at + size]
            at += size + 1
        return
    rest, left = text, numbers
    for block in blocks:
        found = locate(block, rest, left)
        yield found
        cut = next((n for n, number in enumerate(left) if found and number > found[-1]), 0)
        rest, left = "\n".join(rest.split("\n")[cut:]), left[cut:]


def _first_line(block: str, numbers: list[int]) -> int:
    blank = len(block) - len(block.lstrip("\n"))
    return numbers[min(blank, len(numbers) - 1)] if numbers else 0
