"""The house keeps its order: who imports whom, who may touch the world, what the map says, what is ours to print."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "diptych"
MODULES = sorted(path.relative_to(HOUSE).as_posix() for path in HOUSE.rglob("*.py"))
FLOORS = {
    "problems": 0,
    "model": 1,
    "fingerprints": 2, "dealing": 2, "records": 2, "texts": 2, "words": 2, "lines": 2, "tree": 2, "formulas": 2,
    "features": 3,
    "markup": 4, "catalogue": 4, "compose": 4, "matter": 4, "manifest": 4, "designs": 4, "themes": 4,
    "chapters": 5, "writers": 5, "checks": 5, "importers": 5,
    "pipeline": 6,
    "standing": 7, "inspection": 7, "founding": 7,
    "cli": 8, "__main__": 9,
}  # fmt: skip
DOORS = {
    "files": {"pipeline", "standing", "inspection", "founding"},
    "tools": {"pipeline", "checks", "importers"},
    "work": {"pipeline", "foreman"},
    "foreman": {"standing"},
}
"""The doors to the world, and the rooms that may open each."""

NEIGHBOURS = {
    2: {"formulas", "lines", "tree", "words"},
    4: {"markup", "catalogue", "compose", "matter", "manifest", "designs", "themes"},
}
"""Rooms of one floor that may know each other, so long as nobody comes back to where they started."""

FOREIGN = {
    "weasyprint": {
        "writers/pdf/casting.py",
        "writers/pdf/cascade.py",
        "writers/pdf/cures.py",
        "writers/pdf/faces.py",
        "writers/pdf/floats.py",
        "writers/pdf/drawing.py",
        "writers/pdf/founts.py",
        "writers/pdf/glyphs.py",
        "writers/pdf/grid.py",
        "writers/pdf/ideographs.py",
        "writers/pdf/intact.py",
        "writers/pdf/layout.py",
        "writers/pdf/longnotes.py",
        "writers/pdf/markers.py",
        "writers/pdf/measuring.py",
        "writers/pdf/pagefeet.py",
        "writers/pdf/paragraphs.py",
        "writers/pdf/pieces.py",
        "writers/pdf/tagging.py",
        "writers/pdf/thrift.py",
    },
    "ebooklib": {"writers/epub/package.py"},
    "pikepdf": {
        "checks/drawn.py",
        "checks/ledger.py",
        "checks/readback.py",
        *(f"checks/pdf/{name}.py" for name in ("__init__", "ink", "press", "tags")),
        *(
            f"writers/pdf/{name}.py"
            for name in ("binding", "halftones", "inks", "operators", "prepress", "stitching")
        ),
    },
    "pypdfium2": {
        "checks/pages.py",
        "checks/proofs.py",
        "checks/sheets.py",
        "formulas/drawing.py",
        "writers/pdf/painting.py",
    },
    "page": {"checks/pdf/standards.py"},
    "markdown": {"markup.py", "lines.py"},  # and the syntax of features
    "yaml": {"markup.py"},
    "tinyhtml5": {"markup.py"},
    "latex2mathml": {"formulas/tex.py"},
    "stdnum": {"matter/imprint.py"},
    "ziamath": {"formulas/cures.py", "formulas/drawing.py"},
    "uharfbuzz": {"writers/epub/fonts.py"},
    "click": {"cli.py"},
    "rich": {"cli.py"},
}
"""Where each library may be imported: as few places as its work has."""

OUTSIDE = {
    "subprocess",
    "socket",
    "tempfile",
    "shutil",
    "urllib.request",
    "http",
    "multiprocessing",
    "os",
    "logging",
    "random",
    "pickle",
}
"""Modules through which a program touches the world, or chance."""

ALLOWED_OUTSIDE = {
    "files.py": {"os", "tempfile"},
    "tools.py": {"os", "shutil", "subprocess", "tempfile"},
    "work.py": {"multiprocessing"},
    # What one process hands to another that it has forked is kept nowhere.
    "foreman.py": {"multiprocessing", "pickle"},
    "cli.py": {"os"},
    # WeasyPrint says what is wrong with a stylesheet in its log and nowhere else; Pango is told in a file, named in the
    # environment, to look at no font of the machine.
    "writers/pdf/layout.py": {"logging", "os", "tempfile"},
}
TOUCHES = {
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "unlink",
    "mkdir",
    "rmdir",
    "iterdir",
    "rglob",
    "symlink_to",
    "chmod",
}
"""Methods of paths that touch the disk."""


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse((HOUSE / module).read_text(encoding="utf-8"))


def room(module: str) -> str:
    """Give the room a module belongs to: `features/notes.py` is in `features`."""
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


def name_of(module: str) -> str:
    return ".".join(
        ["diptych", *module.removesuffix(".py").removesuffix("__init__").strip("/").split("/")]
    ).rstrip(".")


NAMES = {name_of(module): module for module in MODULES}


def imported(module: str) -> Iterator[str]:
    """Give every name that a module imports, with its dots; of `from a import b` also `a.b`."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: imports say where they begin"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(module: str) -> set[str]:
    """Give the modules of the house that a module imports; a package only where nothing in it is meant."""
    names = set(imported(module)) & set(NAMES)
    inner = {name for name in names if not any(other.startswith(f"{name}.") for other in names)}
    return {NAMES[name] for name in inner} - {"__init__.py"}


def test_every_room_has_its_floor():
    assert {room(module) for module in MODULES} - {"__init__"} == {*FLOORS, *DOORS}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module):
    own = room(module)
    for other in own_imports(module):
        there = room(other)
        if there in DOORS:
            assert own in DOORS[there], f"{module} opens the door {other}"
        elif own in DOORS:
            assert FLOORS[there] < 3, f"the door {module} knows {other}"
        elif own == there and own != "features":
            continue
        else:
            together = {own, there} <= NEIGHBOURS.get(FLOORS[there], set())
            assert FLOORS[there] < FLOORS[own] or together, f"{module} imports {other}, which is not below it"


def test_nobody_comes_back_to_where_they_started():
    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for other in own_imports(module):
                walk(other, (*path, module))
            done.add(module)

    done: set[str] = set()
    for module in MODULES:
        walk(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module):
    words = ast.get_docstring(parsed(module)) or ""
    assert words or module == "__main__.py"
    assert words.split("\n")[0].rstrip().endswith((".", "?", ":")) or module == "__main__.py"


@pytest.mark.parametrize("library", FOREIGN)
def test_libraries_have_few_doors(library):
    found = {module for module in MODULES if any(name.split(".")[0] == library for name in imported(module))}
    features = {module for module in found if room(module) == "features"} if library == "markdown" else set()
    assert found - features <= FOREIGN[library]


@pytest.mark.parametrize("module", MODULES)
def test_only_doors_touch_the_world(module):
    names = set(imported(module))
    assert names & OUTSIDE <= ALLOWED_OUTSIDE.get(module, set())
    for node in ast.walk(parsed(module)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "eval", "exec", "input", "__import__", "breakpoint"}, (
                f"{module}:{node.lineno}"
            )
            assert node.func.id != "print" or module == "cli.py", f"{module}:{node.lineno}"
        elif isinstance(node.func, ast.Attribute) and module not in ALLOWED_OUTSIDE:
            assert node.func.attr not in TOUCHES, f"{module}:{node.lineno}"


# --- The map ----------------------------------------------------------------------------------------------------------

MAP = ROOT / "ARCHITECTURE.md"


def modules_on_the_map() -> set[str]:
    text = MAP.read_text(encoding="utf-8")
    return {
        path.removeprefix("diptych/") for path in re.findall(r"(?<![\w./-])[\w-]+(?:/[\w-]+)*\.py\b", text)
    }


@pytest.mark.skipif(not MAP.is_file(), reason="there is no map yet")
def test_the_map_shows_every_module():
    """By its path in diptych/. An importer is one thing, however many files it takes."""
    shown = modules_on_the_map()
    missing = [module for module in MODULES if not module.endswith("__init__.py") and module not in shown]
    whole = {
        path.removesuffix("__init__.py")
        for path in shown
        if path.startswith("importers/") and "__init__" in path
    }
    assert [module for module in missing if not module.startswith(tuple(whole))] == []


@pytest.mark.skipif(not MAP.is_file(), reason="there is no map yet")
def test_the_map_shows_no_module_that_is_gone():
    assert [
        p for p in sorted(modules_on_the_map()) if not (HOUSE / p).is_file() and not (ROOT / p).is_file()
    ] == []


# --- Words that are not ours ------------------------------------------------------------------------------------------

SEEDS = ROOT.parent / "shared" / "seeds"
RUN = 9
OURS = {
    ".py",
    ".md",
    ".toml",
    ".css",
    ".txt",
    ".expected",
    ".svg",
    ".yml",
    ".yaml",
    ".json",
    ".html",
    ".xml",
    "",
}
LEFT_BEHIND = {
    ".git",
    ".venv",
    "dist",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    ".diptych",
    "build",
    "node_modules",
}


def runs(text: str) -> dict[str, int]:
    """Give every run of nine words with the line on which it begins."""
    words = [
        (word, n) for n, line in enumerate(text.split("\n"), 1) for word in re.findall(r"\w+", line.lower())
    ]
    return {" ".join(w for w, _ in words[n : n + RUN]): words[n][1] for n in range(len(words) - RUN + 1)}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the essay is not here")
def test_nothing_is_taken_from_the_essay():
    theirs = {run for path in SEEDS.glob("*.txt") for run in runs(path.read_text(encoding="utf-8"))}
    assert theirs
    found = []
    for path in ROOT.rglob("*"):
        if path.is_file() and path.suffix in OURS and not LEFT_BEHIND & set(path.relative_to(ROOT).parts):
            ours = runs(path.read_text(encoding="utf-8", errors="replace"))
            found += [f"{path.relative_to(ROOT)}:{ours[run]}: {run}" for run in ours.keys() & theirs]
    assert found == []
