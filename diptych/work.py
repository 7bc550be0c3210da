"""How calls are made: here or in other processes. No function called knows which.

A process is started for each call, so that an editor's Ctrl-C or a crash leaves nothing behind; on Linux it is forked,
so that what is loaded is loaded once. All processes of a run share as many seats as there are jobs, and one works only
while it has a seat: editions and the sections of each are one pool of work, in which the longest is begun first.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any

from diptych.model import Report, Task
from diptych.problems import BookError

_RARELY = (1_000_000, 5, 10)
"""How seldom a worker looks for garbage (`gc.set_threshold`): it lives for one call, and looking took a sixth of it."""


class FaultError(Exception):
    """The press itself failed in a worker; carries the worker's traceback."""


@dataclass
class _Running:
    number: int
    call: Task
    process: Any
    connection: Connection = field(repr=False)


@dataclass(frozen=True)
class Workshop:
    """Where one edition is made (`model.Shop`), so many tasks at a time; alone, it remembers nothing."""

    jobs: int = 1
    versions: tuple[object, ...] = ()
    recall: Callable[[str], bytes | None] = lambda _: None
    keep: Callable[[Mapping[str, bytes]], None] = lambda _: None
    report: Report = lambda _, __: None
    meanwhile: Callable[[], None] | None = None
    """What this process does while others work for it: get ready for what comes then."""

    def each(self, calls: Sequence[Task]) -> list[Any]:
        """Make calls and give their results in order; they are told of together, as one.

        They are handed over in memory, so that this is done one by one where processes cannot be forked.
        """
        done: dict[str, int] = {}

        def report(name: str, what: str, n: int) -> None:
            done[name] = max(n, done.get(name, 0))
            self.report(what, sum(done.values()))

        return each(calls, self.jobs if sys.platform == "linux" else 1, report, meanwhile=self.meanwhile)


ALONE = Workshop()


def each(
    calls: Sequence[Task],
    jobs: int,
    report: Callable[[str, str, int], None],
    begun: int = 0,
    meanwhile: Callable[[], None] | None = None,
) -> list[Any]:
    """Make the calls, `jobs` at a time, and give their results in order; `begun` may be begun, if they are more.

    What is to be done `meanwhile` is done here when the first have begun.

    Raises BookError with the problems of all that failed, or FaultError where the press itself is at fault.
    """
    if jobs <= 1 or not calls or (len(calls) == 1 and meanwhile is None):
        return _settle([_attempt(call, partial(report, call.name)) for call in calls])
    outcomes: list[tuple[str, Any]] = [("", None)] * len(calls)
    waiting = sorted(enumerate(calls), key=lambda each_one: -each_one[1].size)
    running: list[_Running] = []
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with _room.left_to_others(context, jobs):
        try:
            while waiting or running:
                while waiting and len(running) < max(jobs, begun):
                    running.append(_start(context, *waiting.pop(0)))
                if meanwhile:
                    meanwhile()
                    meanwhile = None
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


@dataclass
class _Room:
    """The seats of a run, and whether this process sits on one."""

    seats: Any = None
    is_seated: bool = False

    @contextlib.contextmanager
    def left_to_others(self, context: Any, jobs: int) -> Iterator[None]:
        """Stand up while others work for this process; whoever does so first brings the seats."""
        outermost = self.seats is None
        if outermost:
            self.seats = context.Semaphore(jobs)
        elif self.is_seated:
            self.seats.release()
        try:
            yield
        finally:
            if outermost:
                self.seats = None
            elif self.is_seated:
                self.seats.acquire()


_room = _Room()


def _start(context: Any, number: int, call: Task) -> _Running:
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, call, _room.seats), daemon=False)
    process.start()
    theirs.close()
    return _Running(number, call, process, mine)


def _work(connection: Connection, call: Task, seats: Any) -> None:
    """What a worker does: tell its progress, then its outcome."""
    gc.freeze()
    gc.set_threshold(*_RARELY)
    try:
        with seats:
            _room.seats, _room.is_seated = seats, True
            outcome = _attempt(call, lambda what, n: connection.send(("progress", (what, n))))
        connection.send(outcome)
    except (KeyboardInterrupt, BrokenPipeError):
        return


def _attempt(call: Task, report: Report) -> tuple[str, Any]:
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
        _room.seats.release()  # it did not stand up
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
