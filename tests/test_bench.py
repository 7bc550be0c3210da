"""The bench measures what it says, tells why where it cannot, and asks nothing of how fast anything was."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import bars, chart, manuscripts, measuring, ours, peers, programs, records, report, sources
from bench.measuring import Run, Step, measure
from bench.records import Made, Record, Results

HOG = """
import os, sys, time
held = b"x" * 60_000_000
if os.fork() == 0:
    more = b"y" * 60_000_000
    time.sleep(1.2)
    os._exit(0)
os.wait()
"""


def row(key, seconds, makes="PDF", program="peer", **more):
    runs = () if seconds is None else (seconds,)
    return Record(key, program, f"the {key}", "typed", makes, "foot", "novel", runs=runs, **more)


def results(*rows):
    return Results(
        {"cores": "2", "processor": "a | fast & quick one"}, "2026-01-01", 1, 2.0, {"novel": "A book."}, rows
    )


# ---------------------------------------------------------------- measuring


def test_a_run_is_the_whole_command(tmp_path):
    run = measure([Step((sys.executable, "-c", "pass"), tmp_path)] * 2, 60)
    assert not run.problem
    assert run.seconds > 0
    assert run.processor > 0


@pytest.mark.skipif(not measuring.LISTED, reason="there is no /proc")
def test_memory_is_that_of_all_processes_and_that_of_the_largest(tmp_path):
    run = measure([Step((sys.executable, "-c", HOG), tmp_path)], 60)
    assert run.tree > 110e6
    assert 60e6 < run.process < 150e6


@pytest.mark.skipif(not measuring.LISTED, reason="there is no /proc")
def test_memory_is_not_our_own(tmp_path):
    ballast = b"z" * 200_000_000
    assert measure([Step((sys.executable, "-c", "import time; time.sleep(.3)"), tmp_path)], 60).process < len(
        ballast
    )


def test_what_fails_says_why(tmp_path):
    failed = measure([Step((sys.executable, "-c", "import sys; sys.exit('no paper')"), tmp_path)] * 2, 60)
    assert "code 1" in failed.problem
    assert "no paper" in failed.problem
    assert "cannot be started" in measure([Step((str(tmp_path / "nothing"),), tmp_path)], 60).problem


def test_what_takes_too_long_is_stopped_with_all_it_started(tmp_path):
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(50)'])"
    run = measure([Step((sys.executable, "-c", script), tmp_path)], 0.3)
    assert "stopped" in run.problem
    assert run.seconds < 40


# ---------------------------------------------------------------- manuscripts and what peers are given


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "short"
    manuscripts.write(manuscripts.SHAPES[0], folder)
    sources.write(folder)
    return folder


def test_peers_get_every_note(short):
    assert (short / "foot.html").read_text().count('<span class="note">') == 15
    assert "[^" not in (short / "foot.html").read_text()
    assert (short / "end.html").read_text().count('class="footnote-backref"') == 15
    assert (short / "mdbook" / "src" / "SUMMARY.md").read_text().count(".md") == 3


@pytest.mark.parametrize(("change", "words"), [(ours.nothing, 0), (ours.a_word, 0), (ours.a_leaf, 700)])
def test_each_round_changes_another_place(short, tmp_path, change, words):
    book = tmp_path / "book"
    book.mkdir()
    for path in (short / "book").glob("*.md"):
        (book / path.name).write_bytes(path.read_bytes())
    states = {whole(book)}
    for turn in (1, 2, 3):
        before = len(whole(book).split())
        change(book, turn)
        assert words <= len(whole(book).split()) - before <= words * 1.2
        states.add(whole(book))
    assert len(states) == (1 if change is ours.nothing else 4)


def whole(book: Path) -> str:
    return "".join(path.read_text() for path in sorted(book.glob("*.md")))


def test_a_peer_that_is_not_here_is_a_row_that_says_so(monkeypatch):
    monkeypatch.setattr(peers, "find", lambda _name, _folders: None)
    missing = {task.key: task.missing for task in peers.tasks([])}
    assert missing.pop("weasyprint") == ""
    assert missing["pandoc-typst"] == "pandoc and typst not installed"
    assert all(missing.values())


def test_a_program_that_does_not_work_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    broken = tmp_path / "bin" / "mdbook"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    assert programs.find("mdbook", [tmp_path]) is None
    broken.write_text("#!/bin/sh\necho mdbook v1\n")
    assert programs.find("mdbook", [tmp_path]) == programs.Program((str(broken),), "mdbook v1")


# ---------------------------------------------------------------- bars, tables, chart


@pytest.mark.parametrize(("ours", "met"), [(5.4, True), (5.6, False), (None, None)])
def test_a_bar_is_met_or_not_or_could_not_be_measured(ours, met):
    verdict = bars.verdicts(results(row("print", ours), row("print-whole", 10.0)))[0]
    assert verdict.met is met


def test_three_editions_are_held_to_the_sum_of_each():
    rows = [row("epub", 1.0), row("screen", 4.0), row("print", 5.0), row("three", 11.0)]
    verdict = next(each for each in bars.verdicts(results(*rows)) if each.over == 11.0)
    assert (verdict.under, verdict.met) == (10.0, True)


def test_pages_are_what_time_and_memory_are_shared_by():
    rows = [
        row("print", 5.0, tree=10_240, made=Made(pages=5)),
        row("huge", 66.0, tree=10_240, made=Made(pages=60)),
    ]
    ratios = {each.bar.what: each.ratio for each in bars.verdicts(results(*rows)) if each.ratio}
    assert ratios["time a page: huge / novel"] == pytest.approx(1.1)
    assert ratios["memory a page: huge / novel"] == pytest.approx(1 / 12)


def test_a_record_is_the_median_of_what_went_well():
    task = ours.tasks()[0]
    runs = [Run(3.0, 2.0, 30, 20), Run(9.0, 8.0, None, 60), Run(4.0, 3.0, 50, 40), Run(problem="It broke.")]
    record = records.record(task, runs, Made(7))
    assert (record.seconds, record.tree, record.process, record.problem) == (4.0, 40, 40, "It broke.")
    assert records.record(task, runs[3:], Made()).seconds is None


def test_results_come_back_from_json_as_they_were():
    measured = results(
        row("print", 5.0, made=Made(5, 6, "6 x 9 in", tagged=True)), row("typst", None, missing="no")
    )
    assert records.from_json(records.to_json(measured)) == measured


def test_tables_name_what_failed_and_what_is_missing():
    text = report.whole(
        results(row("print", 5.0), row("a", None, missing="gone"), row("b", None, problem="x | y\nz"))
    )
    assert "gone" in text
    assert "x / y z" in text
    widths = {line.count(" | ") for line in text.splitlines() if line.startswith("| ") and "`typed`" in line}
    assert len(widths) == 1


def test_the_readme_is_written_between_its_marks():
    text = "a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n"
    once = report.into_readme(text, results(row("print", 5.0, program="diptych")))
    assert "old" not in once
    assert "**diptych**, the print" in once
    assert (once[:2], once[-2:]) == ("a\n", "b\n")
    assert report.into_readme(once, results(row("print", 5.0, program="diptych"))) == once
    with pytest.raises(ValueError, match="bench"):
        report.into_readme("nothing", results())
    assert report.BETWEEN.search((bench.ROOT / "README.md").read_text(encoding="utf-8"))


def test_the_chart_is_a_drawing_with_a_bar_for_every_row_and_cuts_what_is_far_too_long():
    rows = [row(f"p{n}", n + 1.0) for n in range(3)] + [
        row("far", 120.0),
        row("e & f", 2.0, "EPUB"),
        row("none", None),
    ]
    drawn = ET.fromstring(chart.draw(results(*rows)))
    kinds = [each.get("class") for each in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert (kinds.count("theirs"), kinds.count("cut")) == (5, 1)
    widths = [float(each.get("width")) for each in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert max(widths[1:]) <= chart.ROOM


# ---------------------------------------------------------------- all together


def test_the_command_measures_and_writes(tmp_path, capsys):
    arguments = ["--quick", "--only", "weasyprint,epub,mdbook", "--out", str(tmp_path / "out")]
    assert bench.main(arguments) == 0
    measured = records.from_json((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [record.key for record in measured.records if record.runs][:2] == ["epub", "weasyprint"]
    page = measured.get("weasyprint").made
    assert (page.page, page.tagged, page.pages > 9) == ("6 x 9 in", True, True)
    assert measured.get("epub").made.size > 50_000
    assert "round 1 of 1: epub" in capsys.readouterr().err
    assert str(tmp_path) not in (tmp_path / "out" / "results.json").read_text(encoding="utf-8")
    before = (tmp_path / "out" / "results.md").read_bytes()
    assert bench.main(["--again", "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "results.md").read_bytes() == before


def test_only_takes_names_that_there_are():
    with pytest.raises(SystemExit, match="knows no typset"):
        bench.main(["--only", "typset"])


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--keep", "."], ["--again", "--out", "nowhere"]])
def test_what_cannot_be_asked_is_said_before_anything_is_done(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        bench.main(words)
    assert "error: " in capsys.readouterr().err


@pytest.mark.slow
def test_every_row_of_ours_can_be_run(tmp_path):
    assert bench.main(["--quick", "--only", "diptych", "--out", str(tmp_path)]) == 0
    measured = records.from_json((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert all(record.runs for record in measured.records)
    before, after = (measured.get(key).made.pages for key in ("print", "print-leaf"))
    assert after > before
