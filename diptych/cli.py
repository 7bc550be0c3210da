"""The command: arguments, progress, printing, exit codes. Everything a person sees is said here.

Exit codes: 0 good, 1 problems in the book, 2 wrong use, 3 a needed program is missing, 130 interrupted.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self, TextIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from diptych import __version__
from diptych.model import Outcome, Progress, Wishes
from diptych.problems import BookError, Problem, in_order

_INTERRUPTED = 130
_COLOURS = {"error": "bold red", "warning": "yellow", "hint": "cyan"}
_MOST_SHOWN = 60
_PIPE = 400
_GARBAGE = 100_000
"""Things that are made before garbage is looked for: nearly all that a run makes lives as long as the run does."""

_BESIDE = "\0"
"""What `--pictures` says without a folder: no folder has such a name."""


def _console(stream: TextIO) -> Console:
    """A pipe has no width: a line is as long as it is."""
    return Console(file=stream, soft_wrap=True, highlight=False, width=None if stream.isatty() else _PIPE)


@dataclass
class _Voice:
    """How loud to be, and in which form; `home` is where `book/` and `dist/` are looked for."""

    home: Path
    quiet: bool = False
    loud: bool = False
    json: bool = False
    out: Console = field(default_factory=lambda: _console(sys.stdout))
    err: Console = field(default_factory=lambda: _console(sys.stderr))

    def problems(self, found: Sequence[Problem]) -> None:
        """Print the problems, worst first within their place; on a long list the mildest are only counted."""
        shown = [p for p in found if not (self.quiet and p.severity != "error")]
        if not self.loud and len(shown) > _MOST_SHOWN:
            shown.sort(key=lambda p: ("error", "warning", "hint").index(p.severity))
            self.err.print(f"The first {_MOST_SHOWN} of {len(shown)}; -v shows them all:")
            shown = list(in_order(shown[:_MOST_SHOWN]))
        for problem in shown:
            line = Text(f"{problem.place}: ")
            line.append(f"{problem.severity}: ", _COLOURS[problem.severity])
            line.append(f"{problem.sentence} {problem.hint}".rstrip())
            self.err.print(line)


class _BuildByDefault(click.Group):
    """`diptych path/to/book` and `diptych --release` mean `diptych build ...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            args.insert(0, "build")
        return super().parse_args(ctx, args)


@click.group(
    cls=_BuildByDefault,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="In a clone of diptych, `python3 build.py test` runs its own tests.",
)
@click.version_option(__version__, prog_name="diptych")
def _diptych() -> None:
    """Make an EPUB and PDF editions of a book written in Markdown, with every note in its place.

    Without a command, a book is built: `diptych` builds book/ into dist/.
    """


def _wishes(function: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.argument("book", required=False, metavar="[BOOK]"),
        click.option("--out", metavar="DIR", help="Put the finished files here (default: dist/)."),
        click.option(
            "--edition",
            "editions",
            multiple=True,
            metavar="NAME",
            help="Only this edition; may be given several times.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1),
            metavar="N",
            help="So many editions, and sections of each, at a time (default: one for each core).",
        ),
        click.option(
            "--fresh", is_flag=True, help="Make everything anew; remember nothing from earlier builds."
        ),
        click.option(
            "--cache",
            metavar="DIR",
            help="Keep what is remembered here (default: .diptych/ beside the book).",
        ),
        click.option(
            "--whole", is_flag=True, help="Lay each PDF out as one document: the same pages, more slowly."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object."),
        click.option("-q", "--quiet", is_flag=True, help="Print errors only."),
        click.option(
            "-v", "--verbose", is_flag=True, help="Print every hint, and the innards of a fault of diptych."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@_diptych.command("build")
@_wishes
@click.option("--release", is_flag=True, help="Refuse what a draft may lack: notes without a text.")
@click.pass_context
def _build(ctx: click.Context, /, book: str | None, release: bool, **given: Any) -> None:  # noqa: FBT001 - click's way
    """Build a book's editions into dist/.

    BOOK is the folder with book.toml and the Markdown files (default: book/). Nothing in dist/ is changed if the book
    has an error.
    """
    _run("build", ctx.obj, book, given, release=release)


@_diptych.command("check")
@_wishes
@click.option("--ace", is_flag=True, help="Ask Ace by DAISY about each EPUB too, where it is installed.")
@click.option(
    "--for",
    "stores",
    type=click.Choice(["kindle", "apple", "kobo", "play", "all"]),
    multiple=True,
    help="Hold each EPUB to the rules of this shop too; may be given several times.",
)
@click.option(
    "--pictures",
    is_flag=False,
    flag_value=_BESIDE,
    metavar="[DIR]",
    help="Draw all pages of paged editions, and each place worth a look, into DIR (default: pictures/ in --out).",
)
@click.pass_context
def _check(ctx: click.Context, /, book: str | None, **given: Any) -> None:
    """Check the manuscript, then every finished file: notes, fonts, pages, and the EPUB with EPUBCheck."""
    _run("check", ctx.obj, book, given, release=False)


def _run(what: str, voice: _Voice, book: str | None, given: dict[str, Any], *, release: bool) -> None:
    voice.quiet, voice.loud, voice.json = given["quiet"], given["verbose"], given["as_json"]
    folder = Path(book) if book else voice.home / "book"
    name = (book or "book").rstrip("/\\") or "book"
    out = Path(given["out"]) if given["out"] else voice.home / "dist"
    jobs = given["jobs"] or os.cpu_count() or 1
    pictures = given.get("pictures")
    drawn = out / "pictures" if pictures == _BESIDE else Path(pictures) if pictures else None
    asked = (given.get("ace", False), given.get("stores", ()), drawn)
    cache = Path(given["cache"]) if given["cache"] else None
    wishes = Wishes(given["editions"], release, jobs, given["fresh"], *asked, given["whole"], cache)
    with _progress(voice) as told:
        outcome = _function(what)(folder, _shown(name), out, wishes, told)
    _tell(voice, outcome, _shown_path(out), checked=what == "check")
    if any(problem.severity == "error" for problem in outcome.problems):
        raise _StopError(1)


def _function(what: str) -> Callable[[Path, str, Path, Wishes, Progress], Outcome]:
    """Open the rooms that a command needs, and no others: `--help` need not wait for them."""
    if what == "check":
        from diptych import inspection

        return inspection.check
    from diptych import standing

    return standing.build


def _shown(name: str) -> str:
    return name.replace("\\", "/")


def _shown_path(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


class _StopError(Exception):
    """End with this exit code; everything has been said."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.exit_code = code


class _Bars:
    """Bars on a terminal, nothing on a pipe. Refreshed by hand: a thread of its own would not survive a fork."""

    def __init__(self, voice: _Voice) -> None:
        from rich import progress as bar

        columns = (bar.SpinnerColumn(), bar.TextColumn("{task.description}"), bar.BarColumn(bar_width=16))
        self.bars = bar.Progress(*columns, console=voice.err, transient=True, auto_refresh=False)
        self.tasks: dict[str, bar.TaskID] = {}

    def __call__(self, edition: str, what: str, done: int) -> None:
        if edition not in self.tasks:
            self.tasks[edition] = self.bars.add_task("", total=None)
        task = self.tasks[edition]
        self.bars.update(task, completed=done, description=f"{edition or 'book':>8}  {done or ''} {what}")
        self.bars.refresh()

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()


def _progress(voice: _Voice) -> AbstractContextManager[Progress]:
    hidden = voice.quiet or voice.json or not voice.err.is_terminal
    return nullcontext(lambda *_: None) if hidden else _Bars(voice)


def _tell(voice: _Voice, outcome: Outcome, out: str, *, checked: bool) -> None:
    if voice.json:
        plain = {**_as_json(outcome.editions, outcome.problems, out), "checked": outcome.checked}
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
        return
    voice.problems(outcome.problems)
    if voice.quiet:
        return
    voice.out.print(_table(outcome.editions, out))
    for line in outcome.checked:
        voice.out.print(line, markup=False)
    kinds = ("error", "warning", "hint")
    counts = [(sum(p.severity == kind for p in outcome.problems), kind) for kind in kinds]
    told = ", ".join(f"{n} {kind}{'s' if n != 1 else ''}" for n, kind in counts if n)
    done = "Checked" if checked else "Built"
    voice.out.print(f"{done}; {told}." if told else f"{done}; nothing to complain of.")


def _table(editions: Sequence[Any], out: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("edition", "file"):
        table.add_column(name, overflow="fold")
    for name in ("size", "length", "notes", "seconds", "problems"):
        table.add_column(name, justify="right", overflow="fold")
    for edition in editions:
        length = f"{edition.pages} pages" if edition.pages else f"{edition.chapters} chapters"
        figures = (str(edition.notes), f"{edition.seconds:.1f}", str(len(edition.problems)))
        for file in edition.files:
            table.add_row(edition.edition, f"{out}/{file.path}", _size(len(file.data)), length, *figures)
    return table


def _size(count: int) -> str:
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _as_json(editions: Sequence[Any], problems: Sequence[Problem], out: str) -> dict[str, Any]:
    return {
        "editions": [
            {
                "edition": e.edition,
                "file": f"{out}/{file.path}",
                "bytes": len(file.data),
                "pages": e.pages,
                "chapters": e.chapters,
                "notes": e.notes,
                "seconds": e.seconds,
                "problems": len(e.problems),
            }
            for e in editions
            for file in e.files
        ],
        "problems": [
            {
                "severity": p.severity,
                "code": p.code,
                "file": p.place.file,
                "line": p.place.line,
                "sentence": p.sentence,
                "hint": p.hint,
            }
            for p in problems
        ],
    }


@_diptych.command("import")
@click.argument("source", metavar="SOURCE")
@click.argument("destination", metavar="DEST")
@click.pass_context
def _import(ctx: click.Context, source: str, destination: str) -> None:
    """Make a book's folder DEST of somebody else's text SOURCE.

    SOURCE is a plain-text essay: its title, author and sections are found, its numbered notes become notes. Nothing is
    invented: what is missing is listed, and what looks like a scanning error is pointed out and left alone.
    """
    from diptych import founding

    voice: _Voice = ctx.obj
    files, problems = founding.import_text(Path(source), Path(destination), _shown(destination.rstrip("/")))
    voice.loud = True
    voice.problems(problems)
    chapters = sum(file.path.endswith(".md") for file in files)
    missing = sum(problem.code == "note-without-text" for problem in problems)
    voice.out.print(
        f"{chapters} chapters in {destination}" + (f"; {missing} notes have no text yet." if missing else ".")
    )
    voice.out.print(f"Build it with: {_command()} {destination}")


@_diptych.command("new")
@click.argument("destination", metavar="DIR")
@click.pass_context
def _new(ctx: click.Context, destination: str) -> None:
    """Write a small complete book into the new folder DIR, to start from."""
    from diptych import founding

    voice: _Voice = ctx.obj
    files = founding.new(Path(destination), _shown(destination.rstrip("/")))
    for file in files:
        voice.out.print(f"  {destination.rstrip('/')}/{file.path}")
    voice.out.print(f"Build it with: {_command()} {destination}")


def _command() -> str:
    return "python3 build.py" if Path(sys.argv[0]).name == "build.py" else "diptych"


def main(argv: Sequence[str] | None = None, home: Path | None = None) -> int:
    """Run the command and give its exit code. `home` holds `book/` and `dist/` (default: the current folder)."""
    voice = _Voice(home or Path.cwd())
    gc.set_threshold(_GARBAGE)
    try:
        _diptych.main(
            list(sys.argv[1:] if argv is None else argv),
            prog_name=_command(),
            standalone_mode=False,
            obj=voice,
        )
    except (click.exceptions.Exit, _StopError) as done:
        return done.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        voice.err.print("Interrupted; nothing was changed.")
        return _INTERRUPTED
    except BookError as wrong:
        return _failed(voice, wrong)
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except Exception as fault:  # noqa: BLE001 - a fault of ours is said, never thrown at an author
        return _fault(voice, fault)
    return 0


def program() -> NoReturn:
    """Run the command as a program of its own: what is left of it is the system's to clear away, all at once."""
    code = main()
    gc.freeze()
    sys.exit(code)


def _failed(voice: _Voice, wrong: BookError) -> int:
    problems = in_order(wrong.problems)
    if voice.json:
        sys.stdout.write(json.dumps(_as_json((), problems, ""), ensure_ascii=False, indent=1) + "\n")
    else:
        voice.problems(problems)
        count = sum(problem.severity == "error" for problem in problems)
        voice.err.print(f"Nothing was written: {count} error{'s' if count != 1 else ''} to mend first.")
    return wrong.exit_code


def _fault(voice: _Voice, fault: Exception) -> int:
    if voice.loud:
        voice.err.print_exception()
        voice.err.print(str(fault), markup=False)
    last = str(fault).strip().splitlines()[-1:] or [type(fault).__name__]
    voice.err.print(
        f"This is a fault of diptych, not of your book ({type(fault).__name__}: {last[0]}). Nothing was changed. "
        "Run it again with -v and send us what it prints.",
        markup=False,
    )
    return 1
