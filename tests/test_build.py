"""build.py: what it decides, and how it fails. Nothing here uses the network or makes a real environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import build

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETS = ("build", "check", "faces", "test")


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty repository with tiny locks, seen from an interpreter outside its .venv."""
    locks = tmp_path / "requirements"
    locks.mkdir()
    for name in SETS:
        (locks / f"{name}.txt").write_text(
            "pytest-diptych-absent==1.0 \\\n    --hash=sha256:00\n", encoding="utf-8"
        )
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(build, "LOCKS", locks)
    monkeypatch.delenv("DIPTYCH_ENTERED", raising=False)
    return tmp_path


@pytest.fixture
def venv(house):
    """The bones of an environment in .venv, with an interpreter that cannot run."""
    python = build.venv_python()
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    (build.VENV / "pyvenv.cfg").touch()
    return house


@pytest.fixture
def within(venv, monkeypatch):
    """As `venv`, seen from inside."""
    monkeypatch.setattr(sys, "prefix", str(build.VENV))
    return venv


def good_stamp(**changes):
    stamp = {"root": str(build.ROOT), "python": build.this_python(), "state": build.MADE}
    return {**stamp, "build": build.fingerprint("build"), **changes}


def lock(text, name="build"):
    (build.LOCKS / f"{name}.txt").write_text(text, encoding="utf-8")


def answer(output="", code=0):
    return lambda *_, **__: subprocess.CompletedProcess([], code, stdout=output)


# ---------------------------------------------------------------- what the command line asks for


@pytest.mark.parametrize(
    ("argv", "name", "typesets"),
    [
        ([], "build", True),
        (["build", "--edition", "a5"], "build", True),
        (["check"], "check", True),
        (["--verbose", "check"], "check", True),
        (["test", "-k", "check"], "test", True),
        (["build", "test"], "build", True),
        (["new", "my-book"], "build", False),
        (["import", "a.docx"], "build", False),
        (["--help"], "build", False),
        (["check", "-h"], "check", False),
        (["build", "new"], "build", True),
        (["faces"], "faces", False),
        (["bench", "--quick"], "build", True),
    ],
)
def test_command_word_chooses_set_and_libraries(argv, name, typesets):
    assert (build.set_for(argv), build.needs_libraries(argv)) == (name, typesets)


# ---------------------------------------------------------------- locks and markers


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("sys_platform == 'linux'", True),
        ("sys_platform != 'linux'", False),
        ("python_version >= '3.9'", True),
        ("python_full_version < '3.11.10'", True),
        ("python_full_version >= '3.11.5'", False),
        ("python_full_version <= '3.11.2'", True),
        ("python_version == '3.11'", True),
        ("sys_platform == 'win32' or (os_name == 'posix' and python_version > '3.10')", True),
        ("'linux' in sys_platform and platform_machine not in 'arm64 aarch64'", True),
    ],
)
def test_markers(marker, expected, monkeypatch):
    values = {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"}
    values |= {"python_version": "3.11", "python_full_version": "3.11.2"}
    monkeypatch.setattr(build, "marker_values", lambda: values)
    assert build.applies(marker) is expected


def test_marker_that_is_no_comparison_is_refused():
    with pytest.raises(TypeError):
        build.applies("sys_platform")


def test_pins_leave_out_what_is_for_other_systems(house):
    lock("here==1.0 ; os_name != 'x' \\\n    --hash=sha256:00\nthere==2 ; os_name == 'x' \\\nplain==3\n")
    assert list(build.pins("build")) == [("here", "1.0"), ("plain", "3")]


def test_lock_is_satisfied_only_by_the_very_versions(house):
    lock(f"PyTest=={pytest.__version__} \\\n    --hash=sha256:00\nnowhere==1 ; os_name == 'x'\n")
    assert build.satisfied("build")
    lock("pytest==0.0.1\n")
    assert not build.satisfied("build")
    lock("pytest-diptych-absent==1\n")
    assert not build.satisfied("build")


# ---------------------------------------------------------------- the files of this repository


def pinned(requirements):
    """The pins of a list of requirements: (name, version, marker)."""
    found = [re.fullmatch(r"([\w.-]+)==(\S+?)(?:\s*;\s*(.+))?", line) for line in requirements]
    assert all(found)
    return {(match[1].lower(), match[2], match[3] or "") for match in found}


def locked(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return pinned(re.findall(r"^(\w.*?)(?: \\)?$", text, re.MULTILINE))


def extras(name):
    return [
        line for line in PROJECT["project"]["optional-dependencies"][name] if not line.startswith("diptych[")
    ]


def test_every_marker_in_the_locks_can_be_evaluated():
    assert all(
        build.applies(marker) in {True, False} for name in SETS for *_, marker in locked(name) if marker
    )


def test_each_set_contains_the_one_before():
    assert locked("build") < locked("check") < locked("test")
    assert locked("build") < locked("faces") < locked("test")


def test_direct_dependencies_are_pinned_as_locked():
    assert pinned(PROJECT["project"]["dependencies"]) <= locked("build")
    assert pinned(extras("check")) <= locked("check")
    assert pinned(extras("faces")) <= locked("faces")
    assert pinned(extras("test")) <= locked("test")


def test_uv_is_held_to_the_lock_of_the_rest():
    direct = pinned(
        [*PROJECT["project"]["dependencies"], *extras("check"), *extras("faces"), *extras("test")]
    )
    rest = {(name, version) for name, version, _ in locked("test") - direct}
    assert {pin[:2] for pin in pinned(PROJECT["tool"]["uv"]["constraint-dependencies"])} == rest


@pytest.mark.parametrize("name", SETS)
def test_locks_hold_pins_and_hashes_and_nothing_else(name):
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    allowed = re.compile(r"[\w.-]+==[\w.]+( ; [\w '!=<>.()]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not allowed.fullmatch(line)] == []


def test_every_package_folder_is_installed():
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "diptych").rglob("*.py")}
    named = set(PROJECT["tool"]["setuptools"]["packages"])
    assert named == {folder.replace("/", ".") for folder in folders} | {"diptych.styles"}


def test_oldest_python_is_the_same_everywhere():
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "sys.version_info < (3, 11)" in (ROOT / "build.py").read_text(encoding="utf-8")


# ---------------------------------------------------------------- the stamp


def test_stamp_comes_back_as_it_was_written(venv):
    build.write_stamp(good_stamp())
    assert build.read_stamp() == good_stamp()
    assert build.valid(build.read_stamp(), "build")
    assert [path.name for path in build.VENV.glob("*.json")] == ["diptych.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"root": "elsewhere"},
        {"python": "3.9.1 cpython"},
        {"state": build.UNFINISHED},
        {"build": "another lock"},
    ],
)
def test_stamp_of_another_place_python_state_or_lock_is_not_valid(venv, change):
    assert not build.valid(good_stamp(**change), "build")


def test_stamp_speaks_only_for_the_sets_it_names(venv):
    lock("more==1\n", "check")
    assert not build.valid(good_stamp(), "check")


def test_stamp_without_its_interpreter_is_not_valid(venv):
    build.venv_python().unlink()
    assert not build.valid(good_stamp(), "build")


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"'])
def test_damaged_stamp_counts_as_none(venv, text):
    (build.VENV / "diptych.json").write_text(text, encoding="utf-8")
    assert build.read_stamp() == {}


def test_inside_the_stamp_is_believed_without_looking_at_packages(within, monkeypatch):
    build.write_stamp(good_stamp(packages=build.packages_age()))
    monkeypatch.setattr(build, "satisfied", lambda _: pytest.fail("looked"))
    assert build.ready("build")


def test_a_version_with_leading_zeros_is_the_locked_one(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.002")
    assert build.installed("some-face") == "1.2"
    monkeypatch.setattr("importlib.metadata.version", lambda _: "10.20.0")
    assert build.installed("some-face") == "10.20.0"


def test_inside_changed_packages_are_looked_at_and_stamped_again(within, monkeypatch):
    build.write_stamp(good_stamp(packages="another time", libraries="seen"))
    monkeypatch.setattr(build, "satisfied", lambda name: name in {"build", "check"})
    assert build.ready("build")
    assert build.read_stamp() == good_stamp(
        packages=build.packages_age(), check=build.fingerprint("check"), libraries="seen"
    )


def test_inside_an_unfinished_environment_is_never_ready(within, monkeypatch):
    build.write_stamp(good_stamp(state=build.UNFINISHED))
    monkeypatch.setattr(build, "satisfied", lambda _: True)
    assert not build.ready("build")


# ---------------------------------------------------------------- making .venv


@pytest.fixture
def makers(monkeypatch):
    """What makes the environment, replaced by notes of what was asked for."""
    calls = []

    def create():
        calls.append("create")
        assert build.read_stamp() == {"state": build.UNFINISHED}
        build.venv_python().parent.mkdir(parents=True)
        build.venv_python().touch()
        (build.VENV / "pyvenv.cfg").touch()

    def exec_(path, command):
        calls.append(("exec", Path(path).name, command[2:]))
        raise SystemExit(0)

    monkeypatch.setattr(build, "_lacks_venv", lambda: False)
    monkeypatch.setattr(build, "create", create)
    monkeypatch.setattr(build, "ensure_pip", lambda *_: None)
    monkeypatch.setattr(build.os, "execv", exec_)
    return calls


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no exec")
@pytest.mark.parametrize(
    "stamp", [None, {"state": build.UNFINISHED}, {"root": "elsewhere"}, {"python": "3.9.1 cpython"}]
)
def test_missing_half_made_moved_or_foreign_environment_is_made_anew(
    venv, makers, stamp, monkeypatch, capsys
):
    monkeypatch.setattr(build, "ask_venv", lambda: "" if stamp is None else build.this_python())
    (build.VENV / "leftover").mkdir()
    if stamp is not None:
        build.write_stamp(good_stamp(**stamp))
    with pytest.raises(SystemExit):
        build.main(["check", "x"])
    assert makers == ["create", ("exec", "python", ["check", "x"])]
    assert not (build.VENV / "leftover").exists()
    assert build.read_stamp()["state"] == build.MADE
    assert "Setting up (once): making .venv" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no exec")
def test_file_in_the_place_of_the_environment_gives_way(house, makers):
    build.VENV.write_text("x", encoding="utf-8")
    with pytest.raises(SystemExit):
        build.main([])
    assert makers[0] == "create"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no exec")
@pytest.mark.parametrize("stamp", [None, {"build": "another lock"}])
def test_sound_environment_is_entered_and_kept(venv, makers, stamp, monkeypatch):
    monkeypatch.setattr(build, "ask_venv", build.this_python)
    if stamp is not None:
        build.write_stamp(good_stamp(**stamp))
    with pytest.raises(SystemExit):
        build.main([])
    assert [call[0] for call in makers] == ["exec"]


def test_environment_that_leads_back_outside_is_reported_not_entered_for_ever(house, monkeypatch, capsys):
    monkeypatch.setenv("DIPTYCH_ENTERED", str(build.VENV))
    assert build.main([]) == 3
    assert "delete the folder .venv" in capsys.readouterr().err


def test_interpreter_that_has_everything_is_used_as_it_is(house, monkeypatch):
    lock(f"pytest=={pytest.__version__}\n")
    monkeypatch.setattr(build, "need_libraries", lambda: None)
    monkeypatch.setattr(build, "work", len)
    assert build.main(["a", "b"]) == 2
    assert not build.VENV.exists()


def test_ctrl_c_gives_130(house, monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "prepare", interrupted)
    assert build.main([]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="uses fcntl")
def test_second_run_waits_and_says_so(house, monkeypatch, capsys):
    answers = iter([False, False, True])
    monkeypatch.setattr(build, "_grab", lambda _: next(answers))
    monkeypatch.setattr(build.time, "sleep", lambda _: None)
    with build.alone():
        pass
    assert "waiting" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="uses fcntl")
def test_lock_excludes(house):
    with build.alone(), (build.VENV / "diptych.lock").open("a") as other:
        assert not build._grab(other.fileno())
    with (build.VENV / "diptych.lock").open("a") as other:
        assert build._grab(other.fileno())


def test_folder_that_cannot_be_made_ends_with_3(house, monkeypatch, capsys):
    monkeypatch.setattr(build, "VENV", house / "nowhere" / ".venv")
    assert build.main([]) == 3
    assert "cannot be made" in capsys.readouterr().err


# ---------------------------------------------------------------- installing


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("x: Failed to establish a new connection: [Errno -3]", "No network: "),
        ("ERROR: Hashes are required in --require-hashes mode", "requirements/build.txt: restore that file"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "is not what requirements/",
        ),
        ("ERROR: No matching distribution found for lxml==6", "try another Python"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("something unheard of", "Run this again"),
    ],
)
def test_failing_pip_is_explained(within, monkeypatch, capsys, output, told):
    monkeypatch.setattr(build, "run_quietly", answer(output, 1))
    monkeypatch.setattr(build, "ensure_pip", lambda *_: None)
    build.write_stamp(good_stamp(build="another lock"))
    assert build.main([]) == 3
    err = capsys.readouterr().err
    assert err.startswith("Setting up (once): installing 1 package into .venv ...\n")
    assert told in err
    assert (output in err) is ("No network" not in told)


def test_no_network_is_one_sentence(within):
    assert "\n" not in build.explain(
        "Temporary failure in name resolution\nNo matching distribution found", "x"
    )


def test_install_that_changed_nothing_leaves_the_stamp_alone(within, monkeypatch):
    monkeypatch.setattr(build, "ensure_pip", lambda *_: None)
    monkeypatch.setattr(build, "run_quietly", answer("Could not fetch", 1))
    build.write_stamp(good_stamp(check="another lock"))
    build.main(["check"])
    assert build.read_stamp() == good_stamp(check="another lock")


def test_install_that_broke_off_leaves_no_valid_stamp(within, monkeypatch):
    monkeypatch.setattr(build, "ensure_pip", lambda *_: None)
    monkeypatch.setattr(build, "run_quietly", answer("Installing collected packages: a\nERROR", 1))
    build.write_stamp(good_stamp())
    build.main(["check"])
    assert build.read_stamp()["state"] == build.UNFINISHED


def test_pip_gets_the_lock_and_checks_hashes(within, monkeypatch):
    commands = []
    monkeypatch.setattr(build, "ensure_pip", lambda *_: None)
    monkeypatch.setattr(build, "run_quietly", lambda command, *_: commands.append(command) or answer()())
    monkeypatch.setattr(build, "satisfied", lambda _: bool(commands))
    build.write_stamp(good_stamp(state=build.UNFINISHED))
    build.furnish("check")
    assert commands[0][1:4] == ["-m", "pip", "install"]
    assert {"--require-hashes", "--no-deps", "--force-reinstall"} <= set(commands[0])
    assert commands[0][-1] == str(build.LOCKS / "check.txt")
    assert build.read_stamp()["check"] == build.fingerprint("check")


def test_explanation_begins_where_pip_begins_to_complain():
    assert build.explain(
        "Requirement already satisfied: a\nERROR: Hashes are required\n  for b", "x"
    ).startswith("  ERROR")


def test_last_lines_are_indented_and_few():
    assert build.last_lines("\n".join(map(str, range(50))), 2) == "  48\n  49"


# ---------------------------------------------------------------- packages of the system


@pytest.fixture
def system(monkeypatch):
    """Another system: its package manager, and whether we are root there."""

    def become(program, *, root=False):
        monkeypatch.setattr(build.shutil, "which", lambda name: name if name == program else None)
        monkeypatch.setattr(build, "is_root", lambda: root)
        monkeypatch.setattr(build, "see_homebrew", lambda: None)

    return become


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("apt-get", "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
        ("dnf", "sudo dnf install -y pango harfbuzz"),
        ("apk", "sudo apk add pango so:libharfbuzz-subset.so.0"),
        ("pacman", "sudo pacman -S --noconfirm --needed pango harfbuzz"),
        ("zypper", "sudo zypper --non-interactive install libpango-1_0-0 libharfbuzz-subset0"),
    ],
)
def test_missing_pango_gives_the_one_command(house, system, monkeypatch, capsys, program, command):
    system(program)
    monkeypatch.setattr(build, "ready", lambda _: True)
    monkeypatch.setattr(build, "loads", lambda name, _: name != "pango-1.0")
    monkeypatch.setattr(build, "run_quietly", lambda *_: pytest.fail("ran something"))
    monkeypatch.setattr(build.sys, "platform", "linux")
    assert build.main([]) == 3
    assert capsys.readouterr().err == f"Libraries are missing: pango-1.0. Get them with:\n  {command}\n"


@pytest.mark.parametrize(
    ("platform", "told"), [("linux", "your system's package manager"), ("win32", "MSYS2")]
)
def test_missing_pango_without_a_manager(house, system, monkeypatch, capsys, platform, told):
    system("none")
    monkeypatch.setattr(build, "missing_libraries", list)
    monkeypatch.setattr(build.sys, "platform", platform)
    with pytest.raises(build.CannotGoOnError, match=told):
        build.get_libraries({})


def test_root_gets_pango_fetching_the_lists_of_apt_when_they_are_missing(house, system, monkeypatch, capsys):
    commands = []

    def run(command, *_):
        commands.append(" ".join(command))
        return answer(code=0 if "apt-get update" in commands else 1)()

    system("apt-get", root=True)
    monkeypatch.setattr(build, "run_quietly", run)
    monkeypatch.setattr(build, "loads", lambda *_: len(commands) == 3)
    build.get_libraries({})
    install = f"apt-get install -y {build.MANAGERS[0].pango}"
    assert commands == [install, "apt-get update", install]
    assert "Pango" in capsys.readouterr().err


def test_library_that_is_only_welcome_stops_nobody(house, system, monkeypatch):
    system("pacman")
    monkeypatch.setattr(build, "loads", lambda name, _: name not in build.WELCOME)
    build.get_libraries(build.WELCOME)


def test_libraries_are_looked_for_once(within, system, monkeypatch):
    looks = []
    system("none")
    monkeypatch.setattr(build, "loads", lambda *_: not looks.append(1))
    build.write_stamp(good_stamp())
    build.need_libraries()
    count = len(looks)
    build.need_libraries()
    assert count == len(looks) == len(build.LIBRARIES) + len(build.WELCOME)
    assert build.read_stamp() == good_stamp(libraries="seen")


def test_libraries_are_not_looked_for_when_nothing_is_typeset(house, monkeypatch):
    monkeypatch.setattr(build, "ready", lambda _: True)
    monkeypatch.setattr(build, "need_libraries", lambda: pytest.fail("looked"))
    monkeypatch.setattr(build, "work", lambda _: 0)
    assert [build.main(argv) for argv in (["--help"], ["new", "x"], ["import", "x"])] == [0, 0, 0]


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("apt-get", "sudo apt-get install -y python{}.{}-venv"),
        ("zypper", "sudo zypper --non-interactive install python3{1}-base"),
        ("none", "install Python again"),
    ],
)
def test_python_without_venv(house, system, monkeypatch, capsys, program, command):
    system(program)
    monkeypatch.setattr(build, "_lacks_venv", lambda: True)
    assert build.main([]) == 3
    assert command.format(*sys.version_info[:2]) in capsys.readouterr().err


def test_python_without_venv_is_completed_by_root(system, monkeypatch):
    commands = []
    system("apt-get", root=True)
    monkeypatch.setattr(build, "_lacks_venv", lambda: not commands)
    monkeypatch.setattr(build, "run_quietly", lambda command, *_: commands.append(command) or answer()())
    build.need_venv_modules()
    assert commands[0][-1] == "python{}.{}-venv".format(*sys.version_info[:2])


def test_homebrew_is_seen_on_macs_only(monkeypatch):
    monkeypatch.delenv("DYLD_FALLBACK_LIBRARY_PATH", raising=False)
    monkeypatch.setattr(build.sys, "platform", "linux")
    build.see_homebrew()
    assert "DYLD_FALLBACK_LIBRARY_PATH" not in build.os.environ
    monkeypatch.setattr(build.sys, "platform", "darwin")
    build.see_homebrew()
    build.see_homebrew()
    assert build.os.environ["DYLD_FALLBACK_LIBRARY_PATH"].count("/opt/homebrew/lib") == 1


# ---------------------------------------------------------------- the program's own tests


@pytest.fixture
def tools(monkeypatch):
    """The tools replaced by notes of their command lines; `codes` says how each ends."""
    codes = {}
    calls = []

    def call(command, **_):
        calls.append(command[2:])
        return codes.get(command[2], 0)

    monkeypatch.setattr(build.subprocess, "call", call)
    return calls, codes


def test_test_runs_linters_then_pytest(tools):
    calls, _ = tools
    assert build.work(["test"]) == 0
    assert [call[0] for call in calls] == ["ruff", "ruff", "mypy", "pytest"]
    assert calls[-1] == ["pytest", "-n", "auto"]


@pytest.mark.parametrize("tool", ["ruff", "mypy", "pytest"])
def test_test_fails_when_any_tool_fails_but_runs_all(tools, tool):
    calls, codes = tools
    codes[tool] = 1
    assert build.work(["test"]) == 1
    assert calls[-1][0] == "pytest"


@pytest.mark.parametrize(
    ("arguments", "parallel"),
    [(["-k", "x"], True), (["-n", "3"], False), (["-n0"], False), (["tests/test_a.py::test_b"], False)],
)
def test_test_with_arguments_runs_only_pytest(tools, arguments, parallel):
    calls, _ = tools
    assert build.work(["test", *arguments]) == 0
    assert calls == [["pytest", *(["-n", "auto"] if parallel else []), *arguments]]


# ---------------------------------------------------------------- as a program


def test_older_python_is_told_in_a_sentence():
    source = (ROOT / "build.py").read_text(encoding="utf-8")
    fake = "import sys; sys.version_info = (3, 8, 1); exec(compile(sys.stdin.read(), 'build.py', 'exec'))"
    done = subprocess.run(
        [sys.executable, "-c", fake], input=source, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "diptych needs Python 3.11 or newer; this is Python 3.8.\n")


def test_syntax_can_be_read_by_older_pythons():
    import ast

    ast.parse((ROOT / "build.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_stamp_is_plain_json(venv):
    build.write_stamp(good_stamp())
    assert json.loads((build.VENV / "diptych.json").read_text(encoding="utf-8"))["state"] == build.MADE
