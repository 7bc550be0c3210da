"""How calls are made: remembered or not, here or in other processes. No function called knows which.

A process is started for each call, so that an editor's Ctrl-C or a crash leaves nothing behind; on Linux it is forked,
so that what is loaded is loaded once. What is remembered is kept as plain data and never as pickles: a cache stands in
a folder that may come from a stranger.
"""

from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, TypeGuard

from diptych.model import Block, Break, File, Finding, Finished, Report
from diptych.problems import BookError, Place, Problem


class FaultError(Exception):
    """The press itself failed in a worker; carries the worker's traceback."""


@dataclass(frozen=True)
class Call:
    """A function of a module and its arguments; it is given a Report as its last one. `name` is for the progress."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass
class _Running:
    number: int
    call: Call
    process: Any
    connection: Connection = field(repr=False)


def each(calls: Sequence[Call], jobs: int, report: Callable[[str, str, int], None]) -> list[Any]:
    """Make the calls, `jobs` at a time, and give their results in order.

    Raises BookError with the problems of all that failed, or FaultError where the press itself is at fault.
    """
    if jobs <= 1 or len(calls) <= 1:
        return _settle([_attempt(call, partial(report, call.name)) for call in calls])
    outcomes: list[tuple[str, Any]] = [("", None)] * len(calls)
    waiting, running = list(enumerate(calls)), list[_Running]()
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_start(context, *waiting.pop(0)))
            ready = wait([each_one.connection for each_one in running])
            for one in [r for r in running if r.connection in ready]:
                if (outcome := _hear(one, report)) is not None:
                    outcomes[one.number] = outcome
                    running.remove(one)
    finally:
        for one in running:
            one.process.kill()
            one.process.join()
    return _settle(outcomes)


def _start(context: Any, number: int, call: Call) -> _Running:
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, call), daemon=True)
    process.start()
    theirs.close()
    return _Running(number, call, process, mine)


def _work(connection: Connection, call: Call) -> None:
    """What a worker does: tell its progress, then its outcome."""
    try:
        connection.send(_attempt(call, lambda what, n: connection.send(("progress", (what, n)))))
    except (KeyboardInterrupt, BrokenPipeError):
        return


def _attempt(call: Call, report: Report) -> tuple[str, Any]:
    try:
        return "done", call.function(*call.arguments, report)
    except BookError as wrong:
        return "problems", wrong
    except Exception:  # noqa: BLE001 - whatever it is, it is told as a fault of ours, with its place
        return "fault", traceback.format_exc()


def _hear(one: _Running, report: Callable[[str, str, int], None]) -> tuple[str, Any] | None:
    try:
        kind, value = one.connection.recv()
    except EOFError:
        one.process.join()
        return "fault", f"The process for {one.call.name} ended with code {one.process.exitcode}."
    if kind == "progress":
        report(one.call.name, *value)
        return None
    one.process.join()
    return kind, value


def _settle(outcomes: Iterable[tuple[str, Any]]) -> list[Any]:
    found = list(outcomes)
    if faults := [value for kind, value in found if kind == "fault"]:
        raise FaultError("\n".join(faults))
    if problems := [problem for kind, value in found if kind == "problems" for problem in value.problems]:
        raise BookError(problems)
    return [value for _, value in found]


def fingerprint(*parts: object) -> str:
    """Give a name for what a result depends on: bytes, files with their paths, everything else as its repr."""
    digest = hashlib.sha256()
    for part in parts:
        pieces = (
            [(file.path.encode(), file.data) for file in part] if _is_files(part) else [(b"", _bytes(part))]
        )
        for name, data in pieces:
            digest.update(len(name).to_bytes(8, "big") + name + len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _is_files(part: object) -> TypeGuard[Sequence[File]]:
    return isinstance(part, (list, tuple)) and bool(part) and all(isinstance(item, File) for item in part)


def _bytes(part: object) -> bytes:
    return part if isinstance(part, bytes) else repr(part).encode()


def dump(finished: Finished) -> bytes:
    """Write a finished edition as plain data."""
    plain = asdict(replace(finished, files=(), blocks=()))
    plain["blocks"] = finished.blocks
    plain["files"] = [[file.path, base64.b85encode(file.data).decode()] for file in finished.files]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()


def load(data: bytes | None) -> Finished | None:
    """Read a finished edition back; None for anything that is not one."""
    try:
        plain = json.loads(data or b"")
        files = tuple(File(str(path), base64.b85decode(text)) for path, text in plain.pop("files"))
        problems = tuple(_problem(each) for each in plain.pop("problems"))
        breaks = tuple(Break(**each) for each in plain.pop("breaks"))
        blocks = tuple(Block(*each) for each in plain.pop("blocks"))
        findings = tuple(
            Finding(each["page"], tuple(each["box"]), _problem(each["problem"]))
            for each in plain.pop("findings")
        )
        return Finished(
            **plain, files=files, problems=problems, breaks=breaks, blocks=blocks, findings=findings
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**{**plain, "place": Place(**plain["place"])})
