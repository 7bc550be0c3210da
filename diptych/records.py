"""Chapters, finished editions and outcomes as plain data, never as pickles: what is remembered may be a stranger's.

What is no record of ours is None. The bytes of a file are kept beside the record, under their digest: a record that
names them does not hold them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, fields, replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from diptych.model import Block, Break, Chapter, File, Finding, Finished, Heading, NoteText, Outcome
from diptych.problems import Place, Problem

Recall = Callable[[str], bytes | None]
"""Gives what was kept under a key, or None."""

_Plain = dict[str, Any]
_Row = tuple[int, str, dict[str, str], str | None, str | None]
_WRONG = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def dump(key: str, finished: Finished) -> dict[str, bytes]:
    """Write an edition, and the bytes of its files by their digests."""
    return {key: _written(_plain(finished)), **_files(finished)}


def load(kept: bytes | None, recall: Recall) -> Finished | None:
    """Read an edition back."""
    try:
        return _finished(json.loads(kept or b""), recall)
    except _WRONG:
        return None


def dump_outcome(key: str, outcome: Outcome) -> dict[str, bytes]:
    """Write what a build came to: everything that it says, and its files."""
    editions = [replace(each, breaks=(), blocks=(), findings=()) for each in outcome.editions]
    plain = {
        "editions": [_plain(each) for each in editions],
        "problems": [asdict(each) for each in outcome.problems],
    }
    files = {digest: data for each in editions for digest, data in _files(each).items()}
    return {key: _written(plain), **files}


def load_outcome(kept: bytes | None, recall: Recall) -> Outcome | None:
    """Read an outcome back; its editions have no name for their file."""
    try:
        plain = json.loads(kept or b"")
        editions = tuple(_finished(each, recall) for each in plain["editions"])
        return Outcome(editions, tuple(_problem(each) for each in plain["problems"]))
    except _WRONG:
        return None


def dump_chapter(chapter: Chapter) -> bytes:
    """Write a chapter; its trees become rows of (depth, tag, attributes, text, tail), in the order of the document."""
    plain = {field.name: getattr(chapter, field.name) for field in fields(chapter)}
    return _written(
        plain
        | {
            "body": list(_rows(chapter.body)),
            "notes": [
                (n.label, n.line, None if n.body is None else list(_rows(n.body))) for n in chapter.notes
            ],
            "headings": [astuple(each) for each in chapter.headings],
            "problems": [asdict(each) for each in chapter.problems],
        }
    )


def load_chapter(kept: bytes | None) -> Chapter | None:
    """Read a chapter back that was kept."""
    try:
        return read_chapter(kept or b"")
    except _WRONG:
        return None


def read_chapter(written: bytes) -> Chapter:
    """Read a chapter back that `dump_chapter` has written."""
    plain = json.loads(written)
    return Chapter(
        **plain
        | {
            "body": _tree(plain["body"]),
            "notes": tuple(
                NoteText(label, line, None if rows is None else _tree(rows))
                for label, line, rows in plain["notes"]
            ),
            "headings": tuple(Heading(*each) for each in plain["headings"]),
            "problems": tuple(_problem(each) for each in plain["problems"]),
        }
    )


def dump_problems(problems: Sequence[Problem]) -> bytes:
    """Write what was found wrong with something."""
    return _written({"problems": [asdict(each) for each in problems]})


def load_problems(kept: bytes | None) -> tuple[Problem, ...] | None:
    """Read back what was found wrong."""
    try:
        return tuple(_problem(each) for each in json.loads(kept or b"")["problems"])
    except _WRONG:
        return None


def _rows(element: Element, depth: int = 0) -> Iterator[_Row]:
    yield depth, element.tag, element.attrib, element.text, element.tail
    for child in element:
        yield from _rows(child, depth + 1)


def _tree(rows: Sequence[_Row]) -> Element:
    above: list[Element] = []
    for depth, tag, attributes, text, tail in rows:
        del above[depth:]
        element = SubElement(above[-1], tag, attributes) if above else Element(tag, attributes)
        element.text, element.tail = text, tail
        above.append(element)
    return above[0]


def _written(plain: _Plain) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _files(finished: Finished) -> Mapping[str, bytes]:
    return {_digest(file): file.data for file in finished.files}


def _digest(file: File) -> str:
    return hashlib.sha256(file.data).hexdigest()


def _plain(finished: Finished) -> _Plain:
    plain = asdict(replace(finished, files=(), blocks=()))
    return plain | {"blocks": finished.blocks, "files": [_digest(file) for file in finished.files]}


def _finished(plain: _Plain, recall: Recall) -> Finished:
    return Finished(
        **plain
        | {
            "files": _found(plain["files"], recall),
            "problems": tuple(_problem(each) for each in plain["problems"]),
            "breaks": tuple(Break(**each) for each in plain["breaks"]),
            "blocks": tuple(Block(*each) for each in plain["blocks"]),
            "findings": tuple(_finding(each) for each in plain["findings"]),
        }
    )


def _found(digests: Sequence[str], recall: Recall) -> tuple[File, ...]:
    """Give files without their names, which come from the book and never from what was remembered."""
    found = [File("", recall(digest) or b"") for digest in digests if bytes.fromhex(digest)]
    if not found or [_digest(file) for file in found] != digests:
        raise ValueError("a file is gone, or is another")
    return tuple(found)


def _finding(plain: _Plain) -> Finding:
    return Finding(plain["page"], tuple(plain["box"]), _problem(plain["problem"]))


def _problem(plain: _Plain) -> Problem:
    return Problem(**plain | {"place": Place(**plain["place"])})
