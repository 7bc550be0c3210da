"""Bytes become lines, and lines become passages: paragraphs, or headings, which look the same from here.

It deliberately does not say what a passage is. Nothing but white space round a line is lost, and every line keeps
its number in the source.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice, pairwise

from diptych.importers.text.shapes import is_notes_heading
from diptych.model import File
from diptych.problems import BookError, Place, Problem, error


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source without the white space round it. `number` counts from 1."""

    number: int
    text: str
    indented: bool = False


@dataclass(frozen=True)
class Passage:
    """Lines that belong together: a paragraph or a heading. `gap` is the number of blank lines above it.

    `text` is all lines, with line ends between them; it is made at once because every room asks for it.
    """

    lines: tuple[Line, ...]
    gap: int = 0
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join([line.text for line in self.lines]))

    @property
    def first(self) -> Line:
        """The line it begins with."""
        return self.lines[0]

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """Where in the text each line begins."""
        return tuple(accumulate((len(line.text) + 1 for line in self.lines[:-1]), initial=0))

    def line_at(self, offset: int) -> int:
        """Give the source line of a place in the text."""
        return self.lines[bisect_right(self.begins, offset) - 1].number


# --- Bytes to text ------------------------------------------------------------------------------------------

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MOST_TOLD = 20


def decode(source: File) -> str:
    """Give the text with plain line ends, or raise."""
    plain = source.data.removeprefix(codecs.BOM_UTF8)
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BookError([_not_utf8(source, plain, fault.start)]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    controls = [_control(source, text, found) for found in islice(_CONTROL.finditer(text), _MOST_TOLD)]
    if controls:
        raise BookError(controls)
    return text


def _not_utf8(source: File, plain: bytes, at: int) -> Problem:
    before = plain[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line, byte = before.count(b"\n") + 1, at - max(plain.rfind(b"\n", 0, at), plain.rfind(b"\r", 0, at))
    wide = source.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return error(
        "text-not-utf8",
        Place(source.path, line),
        f"Byte {byte} of line {line} is 0x{plain[at]:02X}, which is not UTF-8.",
        "The file is UTF-16: save it as UTF-8."
        if wide
        else "Save the file as UTF-8 in the editor that wrote it.",
    )


def _control(source: File, text: str, found: re.Match[str]) -> Problem:
    at = found.start()
    line, byte = text.count("\n", 0, at) + 1, len(text[text.rfind("\n", 0, at) + 1 : at].encode()) + 1
    return error(
        "text-control-character",
        Place(source.path, line),
        f"Line {line} holds the control character U+{ord(found[0]):04X} at byte {byte}.",
        "No book can print it: delete it, or write what was meant.",
    )


def empty(source: File, line: int, sentence: str) -> Problem:
    """Tell that there is no text, or none below the title."""
    return error("text-empty", Place(source.path, line), sentence, "Give a file with an essay in it.")


# --- Text to passages ---------------------------------------------------------------------------------------

_UNWRAPPED = 120
"""A typewriter's or editor's line is shorter than this; a paragraph on one line is longer."""


_BLANK = Line(0, "")
"""All blank lines are this one: only how many they are is of use."""


def cut_passages(text: str) -> list[Passage]:
    """Cut the text at blank lines, and where its style shows paragraphs in another way."""
    lines = [_line(number, raw) for number, raw in enumerate(text.split("\n"), 1)]
    headings = (at for at in reversed(range(len(lines))) if is_notes_heading(lines[at].text))
    notes = next(headings, len(lines))
    unwrapped, indented = _is_unwrapped(lines), _is_indented(lines[:notes])
    passages: list[Passage] = []
    current: list[Line] = []
    gap = 0
    for at, line in enumerate(lines):
        begins = unwrapped or (indented and line.indented and at < notes)
        if current and (begins or not line.text):
            passages.append(Passage(tuple(current), gap))
            current, gap = [], 0
        if line.text:
            current.append(line)
        else:
            gap += 1
    return [*passages, Passage(tuple(current), gap)] if current else passages


def _line(number: int, raw: str) -> Line:
    return Line(number, raw.strip(" \t"), indented=raw[0] in " \t") if raw.strip() else _BLANK


def _is_unwrapped(lines: Iterable[Line]) -> bool:
    """Tell whether most of the text stands on lines that are whole paragraphs."""
    lengths = [len(line.text) for line in lines]
    return 2 * sum(length for length in lengths if length > _UNWRAPPED) > sum(lengths)


def _is_indented(lines: Sequence[Line]) -> bool:
    """Tell whether paragraphs begin with an indent more often than with a blank line."""
    inner = sum(line.indented and bool(above.text) and not above.indented for above, line in pairwise(lines))
    blank = sum(bool(line.text) and not line.indented and not above.text for above, line in pairwise(lines))
    return inner > blank
