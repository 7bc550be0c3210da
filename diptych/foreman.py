"""The foreman: a process that gets the press ready while a book is still being read, and has calls made there.

Opening what sets pages takes as long as reading a book; each of the two needs nothing of the other. So a process is
forked at once that opens it, and makes the calls then that it is handed, in processes forked from it where they are
several. What both processes have had since is named when calls are handed over, and not sent: pictures may be large.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import pickle  # noqa: TID251 - nothing of it is kept: a process hands it to one that it has forked
import signal
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

from diptych import work
from diptych.model import Task


class Foreman:
    """A process forked from this one, with which it shares `common`; `prepare` is done there at once.

    Linux alone forks. It is to be dismissed, which leaving its context does, whatever happened there.
    """

    def __init__(self, prepare: Callable[[], object], common: Mapping[str, object]) -> None:
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        self._common, self._is_busy = _Common(common), False
        given = (theirs, self._connection, prepare, self._common)
        self._process = context.Process(target=_serve, args=given, daemon=False)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        """Keep it until the end of the context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Dismiss it: where it is still at work, with those who work for it."""
        self._connection.close()
        if self._is_busy:
            self._process.terminate()
        else:
            self._process.kill()
        self._process.join()

    def each(
        self,
        ready: Callable[[], object],
        calls: Sequence[Task],
        jobs: int,
        report: Callable[[str, str, int], None],
        meanwhile: Callable[[], object],
    ) -> list[Any]:
        """Have calls made as `work.each` does, once `ready` has been called there."""
        self._hand((ready, calls, jobs))
        self._is_busy = True
        meanwhile()
        while (outcome := self._hear(report)) is None:
            pass
        self._is_busy = False
        (results,) = work.settle([outcome])
        return list(results)

    def get(self, ready: Callable[[], object]) -> None:
        """Let `ready` be called there. What is wrong with it is told when calls are made."""
        self._hand((ready, [], 1))

    def _hand(self, message: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # how it ended is heard
            self._connection.send_bytes(self._common.dump(message))

    def _hear(self, report: Callable[[str, str, int], None]) -> tuple[str, Any] | None:
        try:
            return work.hear(self._connection, report)
        except EOFError:
            return work.ended(self._process, "the foreman")


class _Common:
    """What two processes both have, by its names: pickled as a name, read as what this process has of that name."""

    def __init__(self, things: Mapping[str, object]) -> None:
        self.things = things
        self.names = {id(thing): name for name, thing in things.items()}

    def dump(self, value: object) -> bytes:
        out = io.BytesIO()
        pickler = _Pickler(out, protocol=pickle.HIGHEST_PROTOCOL)
        pickler.names = self.names
        pickler.dump(value)
        return out.getvalue()

    def load(self, data: bytes) -> Any:
        unpickler = _Unpickler(io.BytesIO(data))
        unpickler.things = self.things
        return unpickler.load()


class _Pickler(pickle.Pickler):
    names: Mapping[int, str]

    def persistent_id(self, thing: object) -> str | None:
        return self.names.get(id(thing))


class _Unpickler(pickle.Unpickler):
    """Reads what the process that forked this one has written, and nothing else."""

    things: Mapping[str, object]

    def persistent_load(self, name: str) -> object:
        return self.things[name]


def _serve(
    connection: Connection, parents: Connection, prepare: Callable[[], object], common: _Common
) -> None:
    """What the foreman does: get ready, then have calls made until nobody is left to hand any over."""
    parents.close()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who works for it is sent away, too
    work.look_seldom_for_garbage()
    try:
        prepare()
        while True:
            ready, calls, jobs = common.load(connection.recv_bytes())
            outcome = work.attempt(
                Task("", _made, (ready, calls, jobs)),
                lambda *told: connection.send(("progress", told)),
            )
            if calls:
                connection.send(outcome)
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        return
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _made(
    ready: Callable[[], object], calls: Sequence[Task], jobs: int, report: Callable[[str, str, int], None]
) -> list[Any]:
    ready()
    return work.each(calls, jobs, report)
