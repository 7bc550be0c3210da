"""One run of a command, from the start of its process to its end: seconds, processor time, memory.

Two figures of memory, for they answer two questions. `tree` is what a machine must have free: the proportional set
sizes (PSS: what several processes share is counted once) of all processes of the command, summed, at the worst moment
that was looked at. `process` is what the largest single process had at its own worst, as the kernel counted it.

Weighing what processes share costs them time, so we do it the less often the longer it takes: a fiftieth of the time.
A command that is over in half a second is seen too seldom for a good `tree`; where there is no /proc there is none.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PROC = Path("/proc")
LISTED = Path(f"/proc/self/task/{os.getpid()}/children").exists()
"""Whether the kernel tells of each process what it started."""

OFTEN = 0.05
"""Seconds between two looks at the memory, at least."""

RUSAGE_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes that `ru_maxrss` counts in."""


@dataclass(frozen=True)
class Step:
    """A command and the folder it runs in."""

    words: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Run:
    """What a run took: seconds by the clock and of processors, bytes of memory. `problem` says why it failed."""

    seconds: float = 0.0
    processor: float = 0.0
    tree: int | None = None
    process: int = 0
    problem: str = ""


def measure(steps: Sequence[Step], limit: float) -> Run:
    """Run steps one after the other, as one command. After `limit` seconds it is stopped, with all it started."""
    runs: list[Run] = []
    for step in steps:
        runs.append(_step(step, limit - sum(run.seconds for run in runs)))
        if runs[-1].problem:
            break
    trees = [run.tree for run in runs if run.tree is not None]
    return Run(
        sum(run.seconds for run in runs),
        sum(run.processor for run in runs),
        max(trees, default=None),
        max(run.process for run in runs),
        runs[-1].problem,
    )


def _step(step: Step, limit: float) -> Run:
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        try:
            process = subprocess.Popen(
                step.words,
                cwd=step.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                process_group=0,
            )
        except OSError as error:
            return Run(problem=f"It cannot be started: {error.strerror}.")
        with _watched(process, limit) as watch:
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        return _as_run(seconds, used, watch, _complaint(process.returncode, said, watch))


def _as_run(seconds: float, used: resource.struct_rusage, watch: _Watch, problem: str) -> Run:
    # The kernel leaves out what nobody waited for, as browsers do not for all their processes; we have seen those.
    spent = max(used.ru_utime + used.ru_stime, sum(watch.spent.values()))
    return Run(seconds, spent, (LISTED and watch.most) or None, _largest(used, watch), problem)


def _largest(used: resource.struct_rusage, watch: _Watch) -> int:
    """Give the peak of the largest process.

    The kernel's own count is exact, but begins with what we ourselves had when we started the command: a smaller one
    is what we have seen.
    """
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used.ru_maxrss * RUSAGE_UNIT if used.ru_maxrss > ours or not watch.largest else watch.largest


def _complaint(code: int, said: IO[bytes], watch: _Watch) -> str:
    if watch.late:
        return f"It was stopped after {watch.limit:.0f} s."
    if not code:
        return ""
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    return f"It ended with code {code}: {' '.join(lines[-3:])[:300]}"


class _Watch(threading.Thread):
    """Looks at a command's processes while it runs, and stops them when they take too long."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        super().__init__(daemon=True)
        self.root, self.limit = process.pid, limit
        self.most, self.largest, self.late = 0, 0, False
        self.known: set[int] = {process.pid}
        self.spent: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        """Look again and again, until the command is over."""
        ends, due = time.monotonic() + self.limit, 0.0
        while not self.over.wait(OFTEN):
            family = descendants(self.root)
            self.known |= family
            self.spent |= {pid: processor(pid) for pid in family}
            self.largest = max(self.largest, *map(peak, family))
            if time.monotonic() > due:
                due = self._weigh(family)
            if time.monotonic() > ends and not self.late:
                self.late = True
                self.stop_all()

    def _weigh(self, family: set[int]) -> float:
        """Sum up the memory of all processes, and give the time at which that may be done again."""
        began = time.monotonic()
        self.most = max(self.most, sum(map(share, family)))
        ended = time.monotonic()
        return ended + 50 * (ended - began)

    def stop_all(self) -> None:
        """Stop what is left of the command: the group it began in, and those that left it but were seen."""
        with contextlib.suppress(OSError):
            os.killpg(self.root, signal.SIGKILL)
        for pid in self.known:
            with contextlib.suppress(OSError):
                if pid != self.root and os.getpgid(pid) in self.known:
                    os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def _watched(process: subprocess.Popen[bytes], limit: float) -> Iterator[_Watch]:
    watch = _Watch(process, limit)
    watch.start()
    try:
        yield watch
    finally:
        watch.over.set()
        watch.join()
        watch.stop_all()


# ---------------------------------------------------------------- the processes of this machine


def descendants(root: int) -> set[int]:
    """Give a process and all that it started and that these started, as far as they live."""
    family, new = {root}, [root]
    while new:
        children = {child for pid in new for child in _children(pid)} - family
        family |= children
        new = list(children)
    return family


def _children(pid: int) -> Iterator[int]:
    """Give what a process started. The kernel lists it by the thread that did."""
    with contextlib.suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                yield from map(int, (thread / "children").read_text(encoding="ascii").split())


def share(pid: int) -> int:
    """Give a process's proportional share of memory in bytes; one that is gone, or not ours to see, has none."""
    return _kibibytes(PROC / str(pid) / "smaps_rollup", "Pss:")


def peak(pid: int) -> int:
    """Give the most memory in bytes that a process had so far."""
    return _kibibytes(PROC / str(pid) / "status", "VmHWM:")


def _kibibytes(path: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def processor(pid: int) -> float:
    """Give the seconds of processors that a process itself has used."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0
