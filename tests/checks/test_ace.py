"""Ace by DAISY: its report told in the author's files; where it cannot run, that is said and counts for nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from diptych import cli, tools
from diptych.checks import ace
from diptych.problems import MissingProgramError, Place, error


def failure(rule: str, impact: str, what: str, element: str = "") -> dict[str, object]:
    return {
        "@type": "earl:assertion",
        "earl:result": {"earl:outcome": "fail", "dct:description": what}
        | ({"html": element} if element else {}),
        "earl:test": {"earl:impact": impact, "dct:title": rule},
    }


LINK = '<a xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" href="#x">1.</a>'
REPORT = {
    "earl:result": {"earl:outcome": "fail"},
    "assertions": [
        {"earl:testSubject": {"url": "two.xhtml"}, "assertions": []},
        {
            "earl:testSubject": {"url": "EPUB/content.opf", "dct:title": "T"},
            "assertions": [
                failure("metadata-accessibilitysummary", "moderate", "Publications should declare it")
            ],
        },
        {
            "earl:testSubject": {"url": "one.xhtml"},
            "assertions": [
                failure(
                    "link-in-text-block",
                    "serious",
                    "The link is blue\nand nothing else",
                    f"{LINK} <!--##--> <p>",
                ),
                failure("link-in-text-block", "serious", "The link is blue", LINK.replace("1.", "2.")),
                failure("region", "minor", "All content should be somewhere"),
                {"earl:result": {"earl:outcome": "pass", "dct:description": "fine"}, "earl:test": {}},
            ],
        },
    ],
}


def test_a_report_becomes_findings():
    assert tools._findings(REPORT) == [
        tools.AceFinding(
            "metadata-accessibilitysummary", "moderate", "EPUB/content.opf", "Publications should declare it"
        ),
        tools.AceFinding(
            "link-in-text-block", "serious", "one.xhtml", "The link is blue", '<a href="#x">1.</a>'
        ),
        tools.AceFinding(
            "link-in-text-block", "serious", "one.xhtml", "The link is blue", '<a href="#x">2.</a>'
        ),
        tools.AceFinding("region", "minor", "one.xhtml", "All content should be somewhere"),
    ]


def test_a_report_of_a_good_book_has_no_findings():
    assert tools._findings({"earl:result": {"earl:outcome": "pass"}, "assertions": []}) == []


def test_findings_become_problems_in_the_authors_files_each_rule_once(bench, monkeypatch):
    book = bench.read({"one.md": "# One\n\nWords.\n"})
    monkeypatch.setattr(tools, "ace", lambda _: tuple(tools._findings(REPORT)))
    found = ace.check(b"", "t.epub", book.chapters)
    assert [(p.severity, p.code, p.place.file, p.sentence) for p in found] == [
        (
            "warning",
            "ace-metadata-accessibilitysummary",
            "t.epub:content.opf",
            "Ace says: Publications should declare it",
        ),
        ("error", "ace-link-in-text-block", "book/one.md", "Ace says, 2 times: The link is blue"),
        ("warning", "ace-region", "book/one.md", "Ace says: All content should be somewhere"),
    ]
    assert found[1].hint == 'It means: <a href="#x">1.</a>'


# --- What it runs on --------------------------------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine that has nothing but the programs that a test puts there, with their answers."""

    def put(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    monkeypatch.setattr(tools, "_CLONE", tmp_path / "none")
    monkeypatch.setattr(tools, "_BROWSERS", ("chromium",))
    monkeypatch.setenv("PATH", f"{tmp_path}:{Path(shutil.which('sh')).parent}")
    monkeypatch.delenv("PUPPETEER_EXECUTABLE_PATH", raising=False)
    real = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, path=None: real(name, path=path or str(tmp_path)))
    return put


GOOD = 'while [ "$1" != --outdir ]; do shift; done; mkdir "$2"; printf "%s" \'{}\' > "$2/report.json"'


def test_it_is_asked_with_the_browser_that_is_there(machine):
    machine("node", "echo v20.1.0")
    browser = machine("chromium", "")
    report = json.dumps(
        {"assertions": [{"earl:testSubject": {"url": "a"}, "assertions": [failure("$1", "minor", "$2")]}]}
    )
    report = report.replace("$1", "'\"$PUPPETEER_EXECUTABLE_PATH\"'").replace("$2", '\'"$(cat "$3")"\'')
    machine("ace-cli", GOOD.replace("{}", report))
    (found,) = tools.ace(b"a book")
    assert (found.rule, found.what) == (str(browser), "a book")


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        ({"node": "echo v20.1.0", "chromium": ""}, "Ace or its Node.js is not installed here."),
        ({"ace-cli": GOOD, "chromium": ""}, "Ace or its Node.js is not installed here."),
        ({"ace-cli": GOOD, "node": "echo v18.20.1", "chromium": ""}, "Ace needs Node.js 20 or newer."),
        ({"ace-cli": GOOD, "node": "echo hello", "chromium": ""}, "Ace needs Node.js 20 or newer."),
        ({"ace-cli": GOOD, "node": "echo v22.0.0"}, "Ace needs Chromium or Chrome, and neither is here."),
        (
            {
                "ace-cli": 'printf "\\033[31merror\\033[39m:   No way out.\\n" >&2; exit 1',
                "node": "echo v22.0.0",
                "chromium": "",
            },
            "Ace did not run: No way out.",
        ),
        ({"ace-cli": "exit 1", "node": "echo v22.0.0", "chromium": ""}, "Ace did not run: it was silent."),
    ],
)
def test_what_it_lacks_is_said(machine, there, sentence):
    for name, script in there.items():
        machine(name, script)
    with pytest.raises(MissingProgramError) as caught:
        tools.ace(b"")
    (problem,) = caught.value.problems
    assert problem.sentence == sentence
    assert problem.hint


def test_its_browser_sees_the_fonts_of_the_machine(machine, monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "fonts.conf")
    for name, script in {"node": "echo v20.1.0", "chromium": ""}.items():
        machine(name, script)
    machine("ace-cli", '[ -z "$FONTCONFIG_FILE" ] && exit 1; ' + GOOD)
    with pytest.raises(MissingProgramError):
        tools.ace(b"")


def test_one_that_never_ends_is_given_up(machine, monkeypatch):
    for name, script in {"ace-cli": GOOD, "node": "echo v20.1.0", "chromium": ""}.items():
        machine(name, script)
    real = subprocess.run

    def run(command, **given):
        if "ace-cli" in command[0]:
            raise subprocess.TimeoutExpired(command, given["timeout"])
        return real(command, **given)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(MissingProgramError, match="no answer after 60 minutes"):
        tools.ace(b"")


def test_it_is_never_taken_from_the_folder_of_a_book(machine, monkeypatch, tmp_path):
    machine("node", "echo v20.1.0")
    machine("chromium", "")
    strange = tmp_path / "book" / "node_modules" / ".bin"
    strange.mkdir(parents=True)
    (strange / "ace-cli").write_text("#!/bin/sh\ntouch taken\n", encoding="utf-8")
    (strange / "ace-cli").chmod(0o755)
    monkeypatch.chdir(tmp_path / "book")
    with pytest.raises(MissingProgramError):
        tools.ace(b"")
    assert not (tmp_path / "book" / "taken").exists()


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def check(bench, monkeypatch, tmp_path, plain_fonts):
    """Check a small book of one EPUB, with what Ace answers."""
    folder = bench.write(
        {"one.md": "# One\n\nWords.\n", "book.toml": '[book]\ntitle = "T"\n[edition.epub]\n'}
    )
    monkeypatch.setattr(tools, "epubcheck", lambda _: ())

    def run(answer, *options: str) -> int:
        monkeypatch.setattr(tools, "ace", answer)
        return cli.main(["check", str(folder), "--out", str(tmp_path / "dist"), "--jobs", "1", *options])

    return run


def gone(_: bytes) -> tuple[tools.AceFinding, ...]:
    raise MissingProgramError([error("no-ace", Place("Ace"), "Ace is not here.", "Get it.")])


def test_it_is_asked_on_request_alone(check, capsys):
    assert check(gone) == 0
    assert "Ace" not in capsys.readouterr().out


def test_a_book_without_violations_has_its_line(check, capsys):
    assert check(lambda _: (), "--ace") == 0
    assert "Ace: 0 violations: " in capsys.readouterr().out


def test_violations_are_told_and_the_grave_ones_fail(check, capsys):
    assert check(lambda _: tuple(tools._findings(REPORT)[:1]), "--ace") == 0
    assert check(lambda _: tuple(tools._findings(REPORT)), "--ace") == 1
    assert "Ace: 3 violations: " in capsys.readouterr().out


def test_what_was_not_done_neither_fails_nor_passes(check, capsys):
    assert check(gone, "--ace") == 0
    out, err = capsys.readouterr()
    assert "Ace: not done: Ace is not here: " in out
    assert "violations" not in out
    assert "Ace: hint: Ace is not here. Get it." in err
