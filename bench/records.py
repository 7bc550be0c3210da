"""What was measured, as values: a record for each row, and the whole as JSON and back again."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pikepdf

from bench.measuring import Run
from bench.tasks import Row, Task


@dataclass(frozen=True)
class Made:
    """What a command wrote, read off its files: bytes, pages, their size in inches, whether it is tagged."""

    size: int = 0
    pages: int | None = None
    page: str = ""
    tagged: bool | None = None


@dataclass(frozen=True)
class Record(Row):
    """A row that was measured: every run's seconds and the rest as its median, or why there is none."""

    manuscript: str
    version: str = ""
    runs: tuple[float, ...] = ()
    processor: float = 0.0
    tree: int | None = None
    process: int = 0
    made: Made = Made()
    missing: str = ""
    problem: str = ""

    @property
    def seconds(self) -> float | None:
        """Give the median of the runs, or nothing where there was none."""
        return median(self.runs) if self.runs else None


@dataclass(frozen=True)
class Results:
    """One run of the bench. `texts` says of each manuscript how large it is."""

    machine: dict[str, str]
    measured: str
    rounds: int
    minutes: float
    texts: dict[str, str]
    records: tuple[Record, ...]

    def get(self, key: str) -> Record | None:
        """Give a row that was measured."""
        return next((record for record in self.records if record.key == key and record.runs), None)


def record(task: Task, runs: list[Run], made: Made) -> Record:
    """Make a record of a task's runs. A run that failed is none."""
    good = [run for run in runs if not run.problem]
    trees = [run.tree for run in good if run.tree is not None]
    empty = Record(
        **task.said,
        manuscript=task.manuscript,
        version=task.version,
        missing=task.missing,
        problem=next((run.problem for run in runs if run.problem), ""),
    )
    if not good:
        return empty
    return replace(
        empty,
        runs=tuple(round(run.seconds, 3) for run in good),
        processor=round(median(run.processor for run in good), 3),
        tree=int(median(trees)) if trees else None,
        process=int(median(run.process for run in good)),
        made=made,
    )


def read_back(folder: Path) -> Made:
    """Look at the files that a command left in its folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    papers = [path for path in files if path.suffix == ".pdf"]
    if len(papers) != 1:
        return Made(size)
    with pikepdf.open(papers[0]) as paper:
        left, low, right, high = (float(side) for side in paper.pages[0].trimbox)
        page = f"{(right - left) / 72:.4g} x {(high - low) / 72:.4g} in"
        tagged = "/StructTreeRoot" in paper.Root
        return Made(size, len(paper.pages), page, tagged)


def machine() -> dict[str, str]:
    """Say what it was measured on."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def today() -> str:
    """Give the day of the measurement."""
    return datetime.now(UTC).date().isoformat()


def to_json(results: Results) -> str:
    """Write results as JSON."""
    return json.dumps(asdict(results), indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Results:
    """Read results back."""
    said: dict[str, Any] = json.loads(text)
    records = tuple(
        Record(**{**row, "runs": tuple(row["runs"]), "made": Made(**row["made"])})
        for row in said.pop("records")
    )
    return Results(**said, records=records)
