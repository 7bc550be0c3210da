"""Results as Markdown: the whole of them, and the few lines that README.md shows of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bench.bars import Verdict, verdicts
from bench.records import Record, Results

BETWEEN = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)
"""The place in README.md that is written by the bench."""


READING = """
`seconds` are medians of whole commands; `of` says of how many, and from which to which. `x` is the ratio to diptych's
first row of that kind (print or EPUB, cold). `processor` is the time of all cores. `memory` is the sum of all processes
at the worst moment that was looked at (PSS), `process` the most that the largest had (RSS). What is fair in all this
and what is not: `bench/README.md`.
""".strip()


def whole(results: Results) -> str:
    """Write all results."""
    texts = "\n".join(f"* {size}" for size in results.texts.values())
    versions = {each for record in results.records for each in record.version.split("; ") if each}
    return (
        "\n\n".join(
            (
                "# What was measured",
                _when(results),
                texts,
                "## Bars",
                "They are meant for the novel and two cores.",
                _bars(verdicts(results)),
                "## The whole book as a PDF",
                _rows(results, _first(results, "PDF"), results.get("print")),
                "## The whole book as an EPUB or website",
                _rows(results, [*_first(results, "EPUB"), *_first(results, "website")], results.get("epub")),
                "## diptych's other rows",
                _rows(results, _others(results), results.get("print")),
                READING,
                "Versions: " + "; ".join(sorted(versions)) + ".",
            )
        )
        + "\n"
    )


def _when(results: Results) -> str:
    machine = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    time = f"{results.minutes:.0f} minutes; all rows in turn, rounds: {results.rounds}"
    return f"On {results.measured}; {machine}; {time}."


def readme(results: Results) -> str:
    """Write what README.md shows: the chart and a small table."""
    rows = [
        *_first(results, "PDF", ("print", "print-word", "screen")),
        *_first(results, "EPUB", ("epub", "epub-word")),
    ]
    machine = f"{results.machine['cores']} cores, {results.machine['processor']}"
    lines = [
        (
            _name(row),
            row.makes,
            _seconds(row),
            _bytes(row.tree),
            _bytes(row.made.size),
            _pages(row),
            row.notes,
        )
        for row in rows
        if row.runs
    ]
    head = ("", "makes", "seconds", "memory", "file", "pages", "notes")
    return (
        "![Seconds to make the same book, diptych and its peers](bench/chart.svg)\n\n"
        f"{results.texts.get('novel', '')} {_rounds(results.rounds)} on one machine "
        f"({machine}); `python3 build.py bench` measures it on yours, and [bench/](bench/README.md) says what is fair "
        "in it and what is not.\n\n" + _table(head, lines, "llrrrrl")
    )


def _rounds(number: int) -> str:
    return (
        f"Medians of {number} rounds of whole commands"
        if number > 1
        else "A trial: one run of each whole command"
    )


def into_readme(text: str, results: Results) -> str:
    """Put the results into the text of README.md, between its two marks."""
    if not BETWEEN.search(text):
        raise ValueError("README.md has no <!-- bench --> and <!-- /bench -->.")
    return BETWEEN.sub(lambda place: f"{place[1]}{readme(results)}\n{place[2]}", text)


def _first(results: Results, makes: str, ours: Sequence[str] = ("print", "screen", "epub")) -> list[Record]:
    """Give those rows that make the same thing of the whole book, the quickest first; what is missing comes last."""
    rows = [
        row for row in results.records if row.makes == makes and (row.program != "diptych" or row.key in ours)
    ]
    return sorted(rows, key=lambda row: (not row.runs, row.seconds or 0, row.key))


def _others(results: Results) -> list[Record]:
    return [row for row in results.records if row.program == "diptych"]


HEAD = (
    "",
    "command",
    "seconds",
    "of",
    "x",
    "processor",
    "memory",
    "process",
    "file",
    "pages",
    "page",
    "tagged",
    "notes",
)


def _rows(results: Results, rows: Iterable[Record], one: Record | None) -> str:
    lines = [
        (_name(row), f"`{row.typed}`", *(_measured(row, one) if row.runs else _why(row)), row.notes)
        for row in rows
    ]
    return _table(HEAD, lines, "llrrrrrrrrlll") if lines else f"Nothing of this in {results.measured}'s run."


def _measured(row: Record, one: Record | None) -> tuple[str, ...]:
    ratio = f"{row.seconds / one.seconds:.2f}" if one and one.seconds and row.seconds else ""
    tagged = {True: "yes", False: "no", None: ""}[row.made.tagged]
    spread = f"{len(row.runs)} ({min(row.runs):.2f}–{max(row.runs):.2f})"
    return (
        *(_seconds(row), spread, ratio, f"{row.processor:.2f}", _bytes(row.tree), _bytes(row.process)),
        *(_bytes(row.made.size), _pages(row), row.made.page, tagged),
    )


def _why(row: Record) -> tuple[str, ...]:
    return (row.missing or row.problem.replace("|", "/").replace("\n", " "), *[""] * 9)


def _name(row: Record) -> str:
    return f"**diptych**, {row.label}" if row.program == "diptych" else row.label


def _seconds(row: Record) -> str:
    return f"{row.seconds:.2f}" if row.seconds is not None else ""


def _pages(row: Record) -> str:
    return str(row.made.pages or "")


def _bytes(size: int | None) -> str:
    if not size:
        return ""
    return f"{size / 1e6:.0f} MB" if size >= 10e6 else f"{size / 1e6:.1f} MB"


def _bars(held: Sequence[Verdict]) -> str:
    lines = [
        (
            verdict.bar.what,
            _figure(verdict.over, verdict.bar.unit),
            _figure(verdict.under, verdict.bar.unit),
            f"{verdict.ratio:.2f}" if verdict.ratio is not None else "",
            f"{verdict.bar.side} {verdict.bar.bound:g}",
            {True: "met", False: "**not met**", None: "not measured"}[verdict.met],
        )
        for verdict in held
    ]
    return _table(("bar", "this", "that", "ratio", "asked", ""), lines, "lrrrrl")


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]], sides: str) -> str:
    rule = ["---:" if side == "r" else "---" for side in sides]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *lines))
