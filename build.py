"""Build the books of this repository: `python3 build.py`, on any machine that has Python 3.11 or newer.

This file is the way in. It makes sure that the packages locked in `requirements/` and the system libraries that
typeset the PDF are there, and hands everything else to `diptych.cli`:

* When the running interpreter already has the locked packages (`uv run build.py`, a container, an activated
  environment), it is used as it is.
* Otherwise `.venv` beside this file is made once, with hashes checked, and the command starts again inside it. A stamp
  in `.venv` says what is installed, so later runs spend only milliseconds here.
* `python3 build.py faces` brings the faces that are too large for everybody: those for Chinese, 17 MB.
* `python3 build.py test` runs the linters and the tests of the program itself.
* `python3 build.py bench` measures it, and every peer that is installed (`bench/README.md`).

Only the standard library is used, and the syntax is kept so plain that an older Python 3 can still read the file far
enough to say what is wrong. Exit codes: 3 when this machine lacks something, 130 after Ctrl-C, else the command's own.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write("diptych needs Python 3.11 or newer; this is Python {}.{}.\n".format(*sys.version_info))
    sys.exit(3)

import ast
import contextlib
import errno
import gc
import hashlib
import importlib.util
import json
import operator
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"

SETS = {"check": "check", "faces": "faces", "test": "test"}
"""The command words that need more than the set `build`."""

WITHOUT_LIBRARIES = frozenset({"new", "import", "faces", "-h", "--help", "--version"})
"""Words that typeset nothing."""

Stamp = dict[str, str]
"""What `.venv` holds: where and with which Python it was made, and for each set the hash of the lock installed."""

UNFINISHED = "unfinished"
MADE = "made"


class CannotGoOnError(Exception):
    """This machine lacks something. The text says what, and what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal what is going on."""
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- what the command line asks for


def word_of(argv: Sequence[str]) -> str:
    """Give the command word: the first argument that is no option."""
    return next((argument for argument in argv if not argument.startswith("-")), "")


def set_for(argv: Sequence[str]) -> str:
    """Choose the requirement set."""
    return SETS.get(word_of(argv), "build")


def needs_libraries(argv: Sequence[str]) -> bool:
    """Say whether the command typesets, and so needs Pango."""
    return WITHOUT_LIBRARIES.isdisjoint([word_of(argv), *(word for word in argv if word.startswith("-"))])


# ---------------------------------------------------------------- what a lock asks of this interpreter

PIN = re.compile(
    r"^(?P<name>\w[\w.-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\\n]+))?", re.MULTILINE
)

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def marker_values() -> dict[str, str]:
    """Give this interpreter's values of the names that a marker may use."""
    return {
        "implementation_name": sys.implementation.name,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_system": platform.system(),
        "python_full_version": "{}.{}.{}".format(*sys.version_info[:3]),
        "python_version": "{}.{}".format(*sys.version_info[:2]),
        "sys_platform": sys.platform,
    }


def applies(marker: str) -> bool:
    """Evaluate an environment marker. Its grammar is a part of Python's, so Python may parse it."""
    return _truth(ast.parse(marker.strip(), mode="eval").body, marker_values())


def _truth(node: ast.expr, values: dict[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        join = all if isinstance(node.op, ast.And) else any
        return join(_truth(part, values) for part in node.values)
    if not isinstance(node, ast.Compare):
        raise TypeError(ast.dump(node))
    sides = (node.left, node.comparators[0])
    texts = [values[side.id] if isinstance(side, ast.Name) else str(ast.literal_eval(side)) for side in sides]
    compare = COMPARISONS[type(node.ops[0])]
    if any(isinstance(side, ast.Name) and side.id.startswith("python_") for side in sides):
        return compare(*map(_numbers, texts))
    return compare(*texts)


def _numbers(version: str) -> tuple[int, ...]:
    major, minor, micro = ([int(part) for part in version.split(".")] + [0, 0])[:3]
    return major, minor, micro


def pins(name: str) -> Iterator[tuple[str, str]]:
    """Give the (package, version) pairs of a set that this interpreter is to have."""
    for pin in PIN.finditer((LOCKS / f"{name}.txt").read_text(encoding="utf-8")):
        if not pin["marker"] or applies(pin["marker"]):
            yield pin["name"], pin["version"]


def installed(package: str) -> str:
    """Give the version that the running interpreter has of a package, or nothing.

    A package may call itself 1.002, which a lock writes 1.2 (Version specifiers, "Integer normalization").
    """
    from importlib import metadata

    try:
        return re.sub(r"\b0+(?=\d)", "", metadata.version(package))
    except metadata.PackageNotFoundError:
        return ""


def satisfied(name: str) -> bool:
    """Say whether the running interpreter has a whole set in the locked versions."""
    return all(installed(package) == version for package, version in pins(name))


# ---------------------------------------------------------------- the stamp in .venv


def venv_python() -> Path:
    """Give the interpreter of `.venv`."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def inside() -> bool:
    """Say whether the running interpreter is that of `.venv`."""
    return os.path.realpath(sys.prefix) == os.path.realpath(VENV)


def this_python() -> str:
    """Name the running interpreter, as the stamp does."""
    return "{}.{}.{} {}".format(*sys.version_info[:3], sys.implementation.name)


def fingerprint(name: str) -> str:
    """Give the hash of a set's lock."""
    return hashlib.sha256((LOCKS / f"{name}.txt").read_bytes()).hexdigest()


def read_stamp() -> Stamp:
    """Read the stamp. A damaged one counts as none."""
    try:
        stamp = json.loads((VENV / "diptych.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: Stamp) -> None:
    """Write the stamp in one step, so that nobody ever reads half of it."""
    draft = VENV / f"diptych.{os.getpid()}.json"
    draft.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    draft.replace(VENV / "diptych.json")


def valid(stamp: Stamp, name: str) -> bool:
    """Say whether the stamp promises the set, for this place and this Python."""
    expected = {"root": str(ROOT), "python": this_python(), "state": MADE, name: fingerprint(name)}
    return expected.items() <= stamp.items() and (VENV / "pyvenv.cfg").exists() and venv_python().exists()


def packages_age() -> str:
    """Give the time at which something was last put into or taken out of `.venv`, seen from inside."""
    folders = (path for path in sys.path if path.startswith(sys.prefix) and path.endswith("-packages"))
    return next((str(Path(folder).stat().st_mtime_ns) for folder in folders if Path(folder).is_dir()), "")


def record() -> None:
    """Stamp `.venv` with every set that it holds, seen from inside."""
    held = {name: fingerprint(name) for name in ("build", *SETS.values()) if satisfied(name)}
    made = {"root": str(ROOT), "python": this_python(), "state": MADE, "packages": packages_age()}
    libraries = {key: value for key, value in read_stamp().items() if key == "libraries"}
    write_stamp({**made, **held, **libraries})


def ready(name: str) -> bool:
    """Say whether the running interpreter can be used for a set as it is."""
    if not inside():  # to look for one package first spares nearly everybody the question for all of them
        return importlib.util.find_spec("weasyprint") is not None and satisfied(name)
    stamp = read_stamp()
    if valid(stamp, name) and stamp.get("packages") == packages_age():
        return True
    if stamp.get("state") == UNFINISHED or not satisfied(name):
        return False
    record()
    return True


# ---------------------------------------------------------------- one run at a time


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """Hold the lock of `.venv` and give its file number. The system lets go of it when the holder dies."""
    try:
        if not VENV.is_dir():
            VENV.unlink(missing_ok=True)
        VENV.mkdir(exist_ok=True)
        lock = (VENV / "diptych.lock").open("a", encoding="utf-8")
    except OSError as error:
        raise CannotGoOnError(f"The folder .venv cannot be made here: {error}.") from error
    with lock:
        if not _grab(lock.fileno()):
            say("Another run is setting up .venv; waiting for it ...")
            while not _grab(lock.fileno()):
                time.sleep(0.1)
        yield lock.fileno()


def _grab(lock: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # a file system that knows no locks must not stop anybody
        return error.errno not in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
    return True


# ---------------------------------------------------------------- making .venv, from outside


def sound(stamp: Stamp) -> bool:
    """Say whether `.venv` can be entered. One that we did not make (uv did) has no stamp, and may be good too."""
    if stamp.get("state") == UNFINISHED or stamp.get("root", str(ROOT)) != str(ROOT):
        return False
    if not (VENV / "pyvenv.cfg").exists():
        return False
    answer = ask_venv()
    return stamp.get("python", answer) == answer and _numbers(answer.partition(" ")[0] or "0") >= (3, 11, 0)


def ask_venv() -> str:
    """Let the interpreter of `.venv` say which it is. One that cannot answer is broken."""
    question = "import sys; print('{}.{}.{} {}'.format(*sys.version_info[:3], sys.implementation.name))"
    try:
        answer = subprocess.run([venv_python(), "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def make(lock: int) -> None:
    """Make `.venv` anew. Until that is done, the stamp says that it is not."""
    need_venv_modules()
    say("Setting up (once): making .venv ...")
    try:
        clear()
        write_stamp({"state": UNFINISHED})
        create()
        ensure_pip(venv_python(), lock)
        write_stamp({"root": str(ROOT), "python": this_python(), "state": MADE})
    except OSError as error:
        raise CannotGoOnError(f"The folder .venv cannot be made: {error}.") from error


def clear() -> None:
    """Empty `.venv`, all but the lock that we hold."""
    for entry in VENV.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != "diptych.lock":
            entry.unlink()


def create() -> None:
    """Create the environment itself, without packages."""
    import venv

    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(VENV)


def need_venv_modules() -> None:
    """See that this Python can make environments. Debian and its relatives ship that part separately."""
    if not _lacks_venv():
        return
    chosen = manager()
    if chosen is None:
        raise CannotGoOnError(
            "This Python has no venv and ensurepip modules: install Python again, complete."
        )
    package = chosen.python.format(*sys.version_info[:2])
    if not (chosen.may_run() and get_packages(chosen, package, "Python's venv module")) or _lacks_venv():
        command = chosen.command(package)
        raise CannotGoOnError(f"This Python has no venv and ensurepip modules. Get them with:\n  {command}")


def _lacks_venv() -> bool:
    importlib.invalidate_caches()
    return any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip"))


def enter(name: str, argv: Sequence[str], entered: str) -> NoReturn:
    """Start again inside `.venv`, having made it if it is not there or not sound."""
    if entered == str(VENV):
        raise CannotGoOnError(
            "The environment in .venv does not work: delete the folder .venv, then run this again."
        )
    if not valid(read_stamp(), name):
        with alone() as lock:
            if not sound(read_stamp()):
                make(lock)
    os.environ["DIPTYCH_ENTERED"] = str(VENV)
    command = [str(venv_python()), str(ROOT / "build.py"), *argv]
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


# ---------------------------------------------------------------- installing packages, from inside

PIP_OPTIONS = "--require-hashes --no-deps --only-binary :all: --no-input --disable-pip-version-check"

NO_NETWORK = (
    "Failed to establish a new connection|name resolution|getaddrinfo|Network is unreachable|ConnectTimeout|ProxyError"
    "|Connection refused|Max retries exceeded|ReadTimeoutError"
)

ADVICE = {
    "Hashes are required": "A hash is missing in {lock}: restore that file, e.g. with `git checkout {lock}`.",
    "DO NOT MATCH THE HASHES": "What came is not what {lock} names, so it was not installed: restore {lock} if it was "
    "changed, else try again later or on another network.",
    "No space left": "The disk is full: make room and run this again.",
    NO_NETWORK: "",
    "No matching distribution|not a supported wheel": "Not every package comes ready-made for this system and Python "
    "{python}: try another Python, 3.11 to 3.14.",
    "": "Run this again; if it fails again, the lines above say why.",
}
"""What to say when pip's output contains a pattern; the first that fits counts."""


def furnish(name: str) -> None:
    """Bring the set into `.venv`, unless another run just did."""
    with alone() as lock:
        if not ready(name):
            again = ["--force-reinstall"] if read_stamp().get("state") == UNFINISHED else []
            install(name, lock, again)
            record()


def install(name: str, lock: int, options: Sequence[str] = ()) -> None:
    """Install a set with pip: only what is locked, only ready-made packages, every hash checked."""
    missing = [package for package, version in pins(name) if options or installed(package) != version]
    count = f"{len(missing)} package{'' if len(missing) == 1 else 's'}"
    say(f"Setting up (once): installing {count} into .venv ...")
    before = read_stamp()
    write_stamp({"state": UNFINISHED, "root": str(ROOT), "python": this_python()})
    ensure_pip(Path(sys.executable), lock)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *PIP_OPTIONS.split(),
        *options,
        "-r",
        str(LOCKS / f"{name}.txt"),
    ]
    done = run_quietly(command, lock)
    if done.returncode != 0:
        if "Installing collected packages" not in done.stdout:
            write_stamp(before)
        raise CannotGoOnError(explain(done.stdout, f"requirements/{name}.txt"))
    import_anew()
    if not satisfied(name):
        raise CannotGoOnError(
            "The packages were installed but cannot be found: delete the folder .venv and try again."
        )


def import_anew() -> None:
    """Let the running interpreter see what was installed since it started."""
    import site
    import sysconfig

    importlib.invalidate_caches()
    site.addsitedir(sysconfig.get_path("purelib"))


def ensure_pip(python: Path, lock: int) -> None:
    """Put pip into `.venv`, from the copy that comes with Python."""
    if run_quietly([str(python), "-c", "import pip"], lock).returncode == 0:
        return
    done = run_quietly([str(python), "-Im", "ensurepip", "--upgrade", "--default-pip"], lock)
    if done.returncode != 0:
        raise CannotGoOnError(
            f"{last_lines(done.stdout)}\npip cannot be set up: install Python again, complete."
        )


def run_quietly(command: Sequence[str], *kept_open: int) -> "subprocess.CompletedProcess[str]":
    """Run a program without showing what it prints. With our lock it goes on to hold that when we are killed."""
    unwanted = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME"}
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    return subprocess.run(
        command,
        env={**environment, "PIP_USER": "0", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        pass_fds=() if os.name == "nt" else kept_open,
    )


def last_lines(output: str, count: int = 12) -> str:
    """Give the end of what a program printed."""
    return "\n".join("  " + line.rstrip() for line in output.strip().splitlines()[-count:])


def explain(output: str, lock: str) -> str:
    """Say in a sentence why pip failed, with its last lines where they help."""
    advice = next(advice for pattern, advice in ADVICE.items() if re.search(pattern, output))
    if not advice:
        return "No network: the packages could not be fetched. Connect this machine and run this again."
    errors = output[max(output.find("ERROR:"), 0) :]
    return f"{last_lines(errors)}\n{advice.format(lock=lock, python=this_python())}"


# ---------------------------------------------------------------- packages of the system


class Manager(NamedTuple):
    """A package manager: how it installs, and what it calls the things we need."""

    program: str
    words: str
    pango: str
    python: str

    def command(self, packages: str) -> str:
        """Give the one command to type."""
        sudo = "" if self.program == "brew" or is_root() else "sudo "
        return f"{sudo}{self.program} {self.words} {packages}"

    def may_run(self) -> bool:
        """Say whether we may install by ourselves: as root where that is usual, or with brew, which needs no root."""
        return self.program == "brew" or (is_root() and self.program in {"apt-get", "dnf", "apk"})


MANAGERS = (
    Manager(
        "apt-get", "install -y", "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", "python{}.{}-venv"
    ),
    Manager("dnf", "install -y", "pango harfbuzz", "python3"),
    Manager("apk", "add", "pango so:libharfbuzz-subset.so.0", "python3"),
    Manager("pacman", "-S --noconfirm --needed", "pango harfbuzz", "python"),
    Manager("zypper", "--non-interactive install", "libpango-1_0-0 libharfbuzz-subset0", "python3{1}-base"),
    Manager("brew", "install", "pango", "python@{}.{}"),
)

ON_WINDOWS = (
    "Install MSYS2, run `pacman -S mingw-w64-ucrt-x86_64-pango` in its UCRT64 window, and set "
    "WEASYPRINT_DLL_DIRECTORIES to its folder ucrt64\\bin unless MSYS2 is in C:\\msys64."
)


def is_root() -> bool:
    """Say whether we are root."""
    return sys.platform != "win32" and os.geteuid() == 0


def manager() -> Manager | None:
    """Find this system's package manager."""
    return next((chosen for chosen in MANAGERS if shutil.which(chosen.program)), None)


def get_packages(chosen: Manager, packages: str, what: str) -> bool:
    """Install packages of the system; with apt also when its lists were never fetched."""
    say(f"Setting up (once): installing {what} with {chosen.program} ...")
    command = [chosen.program, *chosen.words.split(), *packages.split()]
    if run_quietly(command).returncode == 0:
        return True
    if chosen.program != "apt-get":
        return False
    run_quietly(["apt-get", "update"])
    return run_quietly(command).returncode == 0


# ---------------------------------------------------------------- the libraries that typeset

LIBRARIES = {"gobject-2.0": 0, "pango-1.0": 0, "harfbuzz": 0, "fontconfig": 1, "pangoft2-1.0": 0}
"""What WeasyPrint loads when it is imported, with the number that its file name ends in."""

WELCOME = {"harfbuzz-subset": 0}
"""What WeasyPrint loads if it is there."""


def missing_libraries(libraries: dict[str, int]) -> list[str]:
    """Give the libraries that cannot be loaded, looking where WeasyPrint does."""
    if sys.platform == "win32":
        usual = "C:\\msys64\\ucrt64\\bin;C:\\msys64\\mingw64\\bin;C:\\Program Files\\GTK3-Runtime Win64\\bin"
        for folder in os.environ.get("WEASYPRINT_DLL_DIRECTORIES", usual).split(";"):
            with contextlib.suppress(OSError):
                os.add_dll_directory(folder)
    return [name for name, number in libraries.items() if not loads(name, number)]


def loads(name: str, number: int) -> bool:
    """Try a library by its file name first, which is quick, then as the linker would look for it."""
    import ctypes
    import ctypes.util

    forms = {"win32": f"lib{name}-{number}.dll", "darwin": f"lib{name}.{number}.dylib"}
    find: tuple[Callable[[], str | None], ...] = (
        lambda: forms.get(sys.platform, f"lib{name}.so.{number}"),
        lambda: ctypes.util.find_library(name),
    )
    for candidate in find:
        with contextlib.suppress(OSError):
            path = candidate()
            if path and ctypes.CDLL(path):
                return True
    return False


def see_homebrew() -> None:
    """Let the libraries of Homebrew be found: on Apple's processors they lie where macOS does not look."""
    folder = "/opt/homebrew/lib"
    known = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "/usr/local/lib:/usr/lib")
    if sys.platform == "darwin" and folder not in known.split(":"):
        os.environ["DYLD_FALLBACK_LIBRARY_PATH"] = f"{known}:{folder}"


def need_libraries() -> None:
    """See that the libraries are there, once; get them where we may."""
    see_homebrew()
    if not inside():
        get_libraries({})
    elif "libraries" not in read_stamp():
        with alone():
            get_libraries(WELCOME)
            write_stamp({**read_stamp(), "libraries": "seen"})


def get_libraries(welcome: dict[str, int]) -> None:
    """Get what is missing, or say how. Only what WeasyPrint cannot do without is worth stopping for."""
    if not missing_libraries({**LIBRARIES, **welcome}):
        return
    chosen = manager()
    if chosen and chosen.may_run():
        get_packages(chosen, chosen.pango, "Pango, which typesets the PDF,")
    missing = ", ".join(missing_libraries(LIBRARIES))
    if not missing:
        return
    if chosen is None or sys.platform == "win32":
        way = ON_WINDOWS if sys.platform == "win32" else "Install Pango with your system's package manager."
        raise CannotGoOnError(f"Libraries are missing: {missing}. {way}")
    raise CannotGoOnError(
        f"Libraries are missing: {missing}. Get them with:\n  {chosen.command(chosen.pango)}"
    )


# ---------------------------------------------------------------- the program's own tests

CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))


def run_tests(argv: Sequence[str]) -> int:
    """Run the linters and then the tests, or with arguments only pytest. Its closing line is the last one printed."""
    arguments = list(argv)
    arguments.remove("test")
    if arguments:
        return run_tool("pytest", *parallel(arguments), *arguments)
    failures = [run_tool(*check) for check in CHECKS]
    return run_tool("pytest", *parallel(arguments)) or max(failures)


def run_tool(*words: str) -> int:
    """Run one tool of the test set, saying which."""
    say(f"{' '.join(words)} ...")
    sys.stdout.flush()
    return subprocess.call([sys.executable, "-m", *words], cwd=ROOT)


def run_bench(argv: Sequence[str]) -> int:
    """Measure the program and its peers."""
    from bench.__main__ import main as measure

    arguments = list(argv)
    arguments.remove("bench")
    return measure(arguments)


def parallel(arguments: Sequence[str]) -> list[str]:
    """Spread the tests over the processors, unless the person chose otherwise or names a single test."""
    chosen = any(argument.startswith(("-n", "--numprocesses")) or "::" in argument for argument in arguments)
    return [] if chosen else ["-n", "auto"]


# ---------------------------------------------------------------- all together


def work(argv: list[str]) -> int:
    """Do what was asked for, in an interpreter that has all it needs."""
    if set_for(argv) == "test":
        return run_tests(argv)
    if set_for(argv) == "faces":
        say("The large faces are there: Noto Serif SC and Noto Sans SC, for Chinese.")
        return 0
    if word_of(argv) == "bench":
        return run_bench(argv)
    from diptych.cli import main as command_line

    return command_line(argv, home=ROOT)


def prepare(argv: list[str]) -> None:
    """See that all is there, if need be by starting again inside `.venv`."""
    name = set_for(argv)
    entered = os.environ.pop("DIPTYCH_ENTERED", "")
    if not ready(name):
        if not inside():
            enter(name, argv, entered)
        furnish(name)
    if needs_libraries(argv):
        need_libraries()


def main(argv: list[str]) -> int:
    """Prepare, then work."""
    try:
        prepare(argv)
        return work(argv)
    except CannotGoOnError as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    code = main(sys.argv[1:])
    gc.freeze()  # what is left of the run is the system's to clear away, all at once
    sys.exit(code)
