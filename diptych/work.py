"""How calls are made: here or in other processes. No function called knows which.

Processes are started for the calls that are made together, and end with them, so that an editor's Ctrl-C or a crash
leaves nothing behind; on Linux they are forked, so that what is loaded is loaded once. All processes of a run share as
many seats as there are jobs, and one works only while it has a seat: editions and the sections of each are one pool of
work, in which the longest is begun first.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from diptych.model import Report, Task
from diptych.problems import BookError

_RARELY = (1_000_000, 5, 10)
"""How seldom a worker looks for garbage (`gc.set_threshold`): it does not live long, and looking took a sixth of it."""


class FaultError(Exception):
    """The press itself failed in a worker; carries the worker's traceback."""


@dataclass
class _Worker:
    """A process that makes calls, one after the other: those of its list whose numbers it is given."""

    process: Any
    connection: Connection
    number: int = 0

    def begin(self, number: int) -> None:
        """Let it make a call. Where it is gone, that is heard."""
        self.number = number
        with contextlib.suppress(BrokenPipeError):
            self.connection.send(number)


class Foreman(Protocol):
    """A process in which the press is opened beforehand (`foreman.py`)."""

    def get(self, ready: Callable[[], object]) -> None:
        """Let `ready` be called there, and do not wait for it."""

    def each(
        self,
        ready: Callable[[], object],
        calls: Sequence[Task],
        jobs: int,
        report: Callable[[str, str, int], None],
        meanwhile: Callable[[], object],
    ) -> list[Any]:
        """Make calls there as `each` does here, once `ready` has been called."""


@dataclass(frozen=True)
class Workshop:
    """Where one edition is made (`model.Shop`), so many tasks at a time; alone, it remembers nothing."""

    jobs: int = 1
    versions: tuple[object, ...] = ()
    recall: Callable[[str], bytes | None] = lambda _: None
    keep: Callable[[Mapping[str, bytes]], None] = lambda _: None
    report: Report = lambda _, __: None
    foreman: Foreman | None = None
    """Who has calls made that need the press; it is opened here if there is none."""
    meanwhile: Callable[[], object] = lambda: None
    """What this process does while others work for it: get ready for what comes then."""

    def each(self, calls: Sequence[Task]) -> list[Any]:
        """Make calls and give their results in order; they are told of together, as one.

        They are handed over in memory, so that this is done one by one where processes cannot be forked.
        """
        jobs = self.jobs if sys.platform == "linux" else 1
        return each(calls, jobs, self._together(), meanwhile=self.meanwhile)

    def at_press(self, ready: Callable[[], object], calls: Sequence[Task]) -> list[Any]:
        """Make calls for which the press has to be open; `ready` opens it, once for all of them."""
        if self.foreman and calls:
            return self.foreman.each(ready, calls, self.jobs, self._together(), self.meanwhile)
        if calls:
            ready()
        return self.each(calls)

    def _together(self) -> Callable[[str, str, int], None]:
        done: dict[str, int] = {}

        def report(name: str, what: str, n: int) -> None:
            done[name] = max(n, done.get(name, 0))
            self.report(what, sum(done.values()))

        return report


ALONE = Workshop()


def each(
    calls: Sequence[Task],
    jobs: int,
    report: Callable[[str, str, int], None],
    begun: int = 0,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Any]:
    """Make the calls, `jobs` at a time, and give their results in order; `begun` may be begun, if they are more.

    While other processes make them, `meanwhile` is called here, perhaps several times. Raises BookError with the
    problems of all that failed, or FaultError where the press itself is at fault.
    """
    if jobs <= 1 or len(calls) <= 1:
        return settle([attempt(call, partial(report, call.name)) for call in calls])
    outcomes: list[tuple[str, Any]] = [("", None)] * len(calls)
    waiting = sorted(range(len(calls)), key=lambda number: -calls[number].size)
    busy: list[_Worker] = []
    idle: list[_Worker] = []
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with _room.left_to_others(context, jobs):
        try:
            while waiting or busy:
                while waiting and len(busy) < max(jobs, begun):
                    busy.append(idle.pop() if idle else _hired(context, calls))
                    busy[-1].begin(waiting.pop(0))
                meanwhile()
                ready = wait([one.connection for one in busy])
                for one in [worker for worker in busy if worker.connection in ready]:
                    if (outcome := _hear(one, calls, report)) is not None:
                        outcomes[one.number] = outcome
                        busy.remove(one)
                        if one.process.is_alive():
                            idle.append(one)
        finally:
            for one in (*busy, *idle):
                one.process.kill()
                one.process.join()
            for _ in busy:
                _room.seats.release()  # all is over, and others would wait for the seat of one that was sent away
    return settle(outcomes)


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


def _hired(context: Any, calls: Sequence[Task]) -> _Worker:
    mine, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, mine, calls, _room.seats), daemon=False)
    process.start()
    theirs.close()
    return _Worker(process, mine)


def _work(connection: Connection, parents: Connection, calls: Sequence[Task], seats: Any) -> None:
    """What a worker does: of each call that it is given, tell its progress, then its outcome, until nobody is left."""
    parents.close()
    look_seldom_for_garbage()
    try:
        while True:
            call = calls[connection.recv()]
            with seats:
                _room.seats, _room.is_seated = seats, True
                outcome = attempt(call, lambda what, n: connection.send(("progress", (what, n))))
            connection.send(outcome)
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        return


def look_seldom_for_garbage() -> None:
    """What is here stays, and what comes goes with the process."""
    gc.freeze()
    gc.set_threshold(*_RARELY)


def attempt(call: Task, report: Callable[..., None]) -> tuple[str, Any]:
    """Make a call, and say how it ended: `done` with its result, `problems` with them, `fault` with where it was."""
    try:
        return "done", call.function(*call.arguments, report)
    except BookError as wrong:
        return "problems", wrong
    except Exception:  # noqa: BLE001 - whatever it is, it is told as a fault of ours, with its place
        return "fault", traceback.format_exc()


def _hear(
    one: _Worker, calls: Sequence[Task], report: Callable[[str, str, int], None]
) -> tuple[str, Any] | None:
    name = calls[one.number].name
    try:
        return hear(one.connection, partial(report, name))
    except EOFError:
        _room.seats.release()  # it did not stand up
        return ended(one.process, name)


def hear(connection: Connection, told: Callable[..., None]) -> tuple[str, Any] | None:
    """Take what another process says: None for progress, which is told, or how a call ended (see `attempt`).

    Raises EOFError if that process is gone.
    """
    kind, value = connection.recv()
    if kind == "progress":
        told(*value)
        return None
    return kind, value


def ended(process: Any, name: str) -> tuple[str, str]:
    """Say how a process for something ended that said nothing of it."""
    process.join()
    return "fault", f"The process for {name} ended with code {process.exitcode}."


def settle(outcomes: Iterable[tuple[str, Any]]) -> list[Any]:
    """Give the results of calls by how they ended (see `attempt`). Raises what `each` raises."""
    found = list(outcomes)
    if faults := [value for kind, value in found if kind == "fault"]:
        raise FaultError("\n".join(faults))
    if problems := [problem for kind, value in found if kind == "problems" for problem in value.problems]:
        raise BookError(problems)
    return [value for _, value in found]
