"""The command line of the bench: makes the manuscripts, runs every row in turn, writes what came out.

Exit codes: 0 when every row that this machine has a program for could be run, else 1; 2 for wrong use. How fast
anything was plays no part in it: speed is not a test.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import chart, manuscripts, ours, peers, records, report, sources
from bench.measuring import Run, measure
from bench.records import Made, Record, Results
from bench.tasks import Place, Task

ROOT = Path(__file__).resolve().parents[1]
SHAPES = {shape.name: shape for shape in manuscripts.SHAPES}
LIMIT, LIMIT_ONCE = 600.0, 1200.0
"""Seconds after which a command is stopped, in every round and where it is run once."""

SLOW = 60.0
"""A peer that takes longer is not run again: its figure is far from all others, and the reader's time is dear."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python3 build.py bench", description="Measures diptych and its peers."
    )
    add = parser.add_argument
    add("--manuscript", choices=sorted(SHAPES), default="novel", help="what all set (default: novel)")
    add("--rounds", type=int, default=3, metavar="N", help="how often each row is run (default: 3)")
    add("--only", default="", metavar="NAMES", help="programs or rows, with commas between (default: all)")
    add(
        "--peers",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="an environment to find peers in",
    )
    add("--out", type=Path, default=ROOT / "bench", metavar="DIR", help="where results go (default: bench)")
    add("--keep", type=Path, metavar="DIR", help="keep manuscripts and what was made in this new folder")
    add("--quick", action="store_true", help="short manuscripts and one round, to see that all works")
    add("--again", action="store_true", help="measure nothing; write tables and chart anew from results.json")
    add("--readme", action="store_true", help="write the results into README.md as well")
    given = parser.parse_args(words)
    if given.rounds < 1:
        parser.error("--rounds takes 1 or more.")
    if given.keep and given.keep.exists():
        parser.error(f"--keep takes a new folder; {given.keep} is there.")
    if given.again and not (given.out / "results.json").is_file():
        parser.error(f"There is no results.json in {given.out} yet: measure first.")
    return given


def main(words: Sequence[str]) -> int:
    """Measure, or write again what was measured."""
    given = arguments(words)
    _end_with_what_we_started()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.again:
        results = records.from_json((given.out / "results.json").read_text(encoding="utf-8"))
    else:
        results = _measured(given)
    _write(results, given)
    return 1 if any(record.problem and not record.runs for record in results.records) else 0


def _end_with_what_we_started() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that no command goes on alone."""
    with contextlib.suppress(ValueError):  # in a thread that is not the first one
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def _measured(given: argparse.Namespace) -> Results:
    chosen = _chosen((*ours.tasks(), *peers.tasks([path.resolve() for path in given.peers])), given.only)
    shapes = {
        "novel": SHAPES["short" if given.quick else given.manuscript],
        "huge": SHAPES["short" if given.quick else "huge"],
    }
    if given.keep:
        given.keep.mkdir(parents=True)
        return _run_all(chosen, shapes, 1 if given.quick else given.rounds, given.keep.resolve())
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return _run_all(chosen, shapes, 1 if given.quick else given.rounds, Path(folder).resolve())


def _chosen(tasks: Sequence[Task], names: str) -> tuple[Task, ...]:
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := wanted - {name for task in tasks for name in (task.key, task.program)}:
        known = ", ".join(sorted({name for task in tasks for name in (task.key, task.program)}))
        sys.exit(f"--only knows no {', '.join(sorted(unknown))}; it knows {known}.")
    return tuple(task for task in tasks if not wanted or {task.key, task.program} & wanted)


# ---------------------------------------------------------------- running


def _run_all(
    tasks: Sequence[Task], shapes: dict[str, manuscripts.Shape], rounds: int, folder: Path
) -> Results:
    began = time.monotonic()
    places = {name: folder / name for name in sorted({task.manuscript for task in tasks})}
    for name, place in places.items():
        _say(f"writing the manuscript {shapes[name].name}")
        manuscripts.write(shapes[name], place)
    if "novel" in places:
        sources.write(places["novel"])
    measured = _rounds(tasks, rounds, folder)
    found = tuple(records.record(task, *measured[task.key]) for task in tasks)
    texts = {name: _size(shapes[name], name, found) for name in places}
    minutes = round((time.monotonic() - began) / 60, 1)
    return Results(records.machine(), records.today(), rounds, minutes, texts, found)


def _rounds(tasks: Sequence[Task], rounds: int, folder: Path) -> dict[str, tuple[list[Run], Made]]:
    """Run all in turn, again and again, so that what else the machine does falls on all alike."""
    measured: dict[str, tuple[list[Run], Made]] = {task.key: ([], Made()) for task in tasks}
    for turn in range(1, rounds + 1):
        for task in tasks:
            runs, made = measured[task.key]
            if task.missing or (runs and _enough(task, runs)):
                continue
            place = Place(folder / task.manuscript, folder / "out" / task.key)
            runs.append(_run(task, place, turn))
            measured[task.key] = (runs, made if runs[-1].problem else records.read_back(place.out))
            _say(f"round {turn} of {rounds}: {task.key}: {runs[-1].problem or f'{runs[-1].seconds:.2f} s'}")
    return measured


def _enough(task: Task, runs: list[Run]) -> bool:
    slow = task.program != "diptych" and runs[0].seconds > SLOW
    return task.once or slow or bool(runs[-1].problem)


def _run(task: Task, place: Place, turn: int) -> Run:
    task.before(place, turn)
    run = measure(task.steps(place), LIMIT_ONCE if task.once else LIMIT)
    if not run.problem and not any(path.is_file() for path in place.out.rglob("*")):
        return replace(run, problem="It ended well and wrote nothing.")
    return run


def _size(shape: manuscripts.Shape, name: str, found: Sequence[Record]) -> str:
    key = "huge" if name == "huge" else "print"
    pages = next((record.made.pages for record in found if record.key == key and record.made.pages), None)
    things = [f"{pages} pages at 6 x 9 inches"] if pages else []
    things += [
        f"{shape.chapters} chapters",
        f"{shape.notes} notes",
        f"{shape.tables} tables",
        f"{shape.pictures} pictures",
    ]
    return f"{shape.title}: {', '.join(things)}."


# ---------------------------------------------------------------- writing


def _write(results: Results, given: argparse.Namespace) -> None:
    texts = {
        "results.json": records.to_json(results),
        "results.md": report.whole(results),
        "chart.svg": chart.draw(results),
    }
    for name, text in texts.items():
        (given.out / name).write_text(text, encoding="utf-8")
    if given.readme:
        path = ROOT / "README.md"
        path.write_text(report.into_readme(path.read_text(encoding="utf-8"), results), encoding="utf-8")
    _say(f"results are in {given.out}, after {results.minutes:.0f} minutes")


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
