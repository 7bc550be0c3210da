"""The operators of a content stream (ISO 32000-1, 7.8.2), each with its operands and as it is written.

WeasyPrint writes a line for each, and most pages hold nothing but words: such streams are read line by line, for taking
all operands apart and putting them together again takes five times as long. Any line that looks otherwise leaves the
whole stream to pikepdf, and every stream comes out as pikepdf would write it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pikepdf
from pikepdf import ContentStreamInstruction, Name
from pikepdf import Operator as Sign

_NUMBER = rb"(?:-?[1-9]\d*|0|-?\d+\.\d*)"

_PLAIN = re.compile(
    rb"((?:%b )*)(q|Q|cm|[wJjMi]|[mlcvyh]|re|[SsnfbB]|[fbBW]\*|W|BT|ET|T[dDmcwzLsr*]|[gGkK]|rg|RG|scn?|SCN?)"
    % _NUMBER
)
"""An operator with numbers before it."""

_NAMED = re.compile(rb"/([\w.-]+) ((?:%b )?)(Tf|gs|Do|sh|cs|CS)" % _NUMBER)
"""One that names a thing; behind a face stands its size."""

_MOVED = rb"(?:-?\d++\.\d++|-?[1-9]\d*+|0)?+"

_WORDS = re.compile(rb"\[(%b(?:<(?:0[0-7][0-9a-f]{2})++>%b)++)\] TJ" % (_MOVED, _MOVED))
"""Glyphs shown by their numbers, which are so low that nobody would take them for letters."""

_OTHER_WORDS = re.compile(rb"\[%b(?:<[0-9a-f]*+>%b)*+\] TJ" % (_MOVED, _MOVED))

_POINT = re.compile(rb"(?<=\d)\. ")
"""Behind a whole number, which is written with a point."""


class Operator(NamedTuple):
    """An operator: its operands, its sign, and both as they are written."""

    operands: Sequence[Any]
    sign: str
    written: bytes


def of(stream: Any) -> list[Operator]:
    """Read a stream, or the content of a page."""
    content = stream.obj.get("/Contents") if isinstance(stream, pikepdf.Page) else stream
    if isinstance(content, pikepdf.Stream):
        lines = bytes(content.get_stream_buffer()).split(b"\n")
        found = [read for line in lines if (read := (_words if line.endswith(b"TJ") else _plain)(line))]
        if len(found) == len(lines):
            return found
    return [write(list(each.operands), str(each.operator)) for each in pikepdf.parse_content_stream(stream)]


def write(operands: Sequence[Any], sign: str) -> Operator:
    """Write an operator."""
    instruction = ContentStreamInstruction(operands, Sign(sign))
    return Operator(operands, sign, pikepdf.unparse_content_stream([instruction]))


@functools.lru_cache(256)
def _plain(line: bytes) -> Operator | None:
    """Read a line; None where it holds anything else than one plain operator."""
    if found := _PLAIN.fullmatch(line):
        numbers, sign = found.groups()
        return Operator(numbers.split(), sign.decode(), _whole(numbers) + sign)
    if found := _NAMED.fullmatch(line):
        name, size, sign = found.groups()
        named = Name(f"/{name.decode()}")
        return Operator([named, *size.split()], sign.decode(), b"/%b %b%b" % (name, _whole(size), sign))
    return None


def _words(line: bytes) -> Operator | None:
    if found := _WORDS.fullmatch(line):
        parts = found[1].replace(b"<", b" <").replace(b">", b"> ").replace(b"  ", b" ").strip()
        return Operator((), "TJ", b"[ %b ] TJ" % parts)
    return write([pikepdf.Object.parse(line[:-3])], "TJ") if _OTHER_WORDS.fullmatch(line) else None


def _whole(numbers: bytes) -> bytes:
    """Write whole numbers without a point."""
    return _POINT.sub(b" ", numbers).replace(b"-0 ", b"0 ") if b". " in numbers else numbers
