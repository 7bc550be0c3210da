"""An edition's stylesheets and fonts become one checked Theme.

A theme is a folder of `styles/`: `fonts.css` and `text.css` for all, then `epub.css`, or for pages `paged.css`,
`notes.css`, `matter.css`, `references.css` and `screen.css` or `print.css`; `sans.css` (`sans-paged.css`) for a text in
the sans face. Pages of a book that has letters of another script get the stylesheet of that script, which brings its
faces: no other book pays for them; `rtl.css` turns pages that are written from right to left. A theme that is like
another one (`designs.py`) has of these what it changes: each of its sheets follows the other's. A book adds to it with
`styles/book.css` and `styles/EDITION.css`, and brings faces in `fonts/`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from diptych import designs
from diptych.model import Edition, File, Theme
from diptych.problems import Place, Problem, error
from diptych.words import direction

FONT_TYPES = (".ttf", ".otf")
SCRIPTS = {
    "cyrillic": "[\u0370-\u03e1\u0400-\u052f]",
    "hebrew": "[\u0590-\u05ff\ufb1d-\ufb4f]",
    "arabic": "[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]",
    "chinese": "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\U00020000-\U0003ffff]",
}
"""Scripts that have a stylesheet of their own, with their letters (Unicode's blocks); Greek shares that of Cyrillic."""

_FACES = {"serif": (), "sans": ("sans.css", "sans-paged.css")}
"""The stylesheets that set the text in a face; the last is for pages alone."""

_VARYING = {"fvar", "gvar", "avar", "cvar", "HVAR", "VVAR", "MVAR", "STAT"}
"""The tables by which a face varies (OpenType specification, Font variations)."""

_URL = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')]+)""")


def layers(edition: Edition) -> tuple[str, ...]:
    """Name the stylesheets of a theme that an edition uses, in order."""
    if not edition.paged:
        return ("fonts.css", "text.css", "epub.css", *_FACES[edition.face][:1])
    return (
        "fonts.css",
        "text.css",
        "paged.css",
        "blocks.css",
        "notes.css",
        "matter.css",
        "references.css",
        f"{edition.medium}.css",
        *_FACES[edition.face],
    )


def scripts(text: str) -> tuple[str, ...]:
    """Name the scripts of which a text has letters."""
    return tuple(name for name, letters in SCRIPTS.items() if re.search(letters, text))


_FAMILY = re.compile(r"@font-face\s*\{[^}]*?font-family:\s*[\"']?([^\"';}]+)")


def make(
    edition: Edition,
    themes: Mapping[str, File],
    faces: Mapping[str, File],
    book: Mapping[str, File],
    folder: str,
    text: str = "",
    language: str = "en",
) -> tuple[Theme, tuple[Problem, ...]]:
    """Put an edition's theme together.

    `themes` are the press's themes by `theme/name`, `faces` its font files by name, `book` the book's files, `text`
    what the book says, or its letters alone, in its `language`.
    """
    chain, design, broken = designs.read(edition.theme, themes, folder)
    problems = list(broken)
    if broken:
        return Theme((), ()), tuple(problems)
    paths = [f"{theme}/{layer}" for layer in layers(edition) for theme in chain]
    sheets = [File(f"styles/{path}", themes[path].data) for path in paths if path in themes]
    further = (*scripts(text), *(("rtl",) if direction(language) == "rtl" else ()))
    sheets += _further(further if edition.paged else (), chain, themes, faces)
    own = [path for path in ("styles/book.css", f"styles/{edition.name}.css") if path in book]
    brought = [
        file
        for path, file in sorted(book.items())
        if path.startswith("fonts/") and path.lower().endswith(FONT_TYPES)
    ]
    rules, wrong = _font_faces(brought, folder) if brought else ("", [])
    problems += wrong
    if rules:
        sheets.append(File("fonts", rules.encode()))
    sheets += [File(f"{folder}/{path}", book[path].data) for path in own]
    known: dict[str, File] = {}
    for theme in chain:
        known |= {path.removeprefix(f"{theme}/"): file for path, file in themes.items()}
    known |= book
    files = {file.path: file for file in brought}
    for sheet in sheets:
        for name, line in _named(sheet):
            face = name.removeprefix("fonts/")
            if name in known or face in faces:
                files[name] = File(name, (known.get(name) or faces[face]).data)
            elif _variable(face) in faces:
                files[name] = File(name, _cut(faces[_variable(face)], face))
            else:
                problems.append(
                    error(
                        "style-file-missing",
                        Place(sheet.path, line),
                        f"There is no file {name}.",
                        "Put it into the book's folder; nothing is fetched from elsewhere.",
                    )
                )
    return Theme(tuple(sheets), tuple(files.values()), design), tuple(problems)


def _further(
    names: Iterable[str], chain: Sequence[str], themes: Mapping[str, File], faces: Mapping[str, File]
) -> Iterator[File]:
    """Give the stylesheets of scripts and direction; not where a face is missing that one names."""
    paths = [f"{theme}/{name}.css" for name in names for theme in chain]
    for path in (path for path in paths if path in themes):
        sheet = File(f"styles/{path}", themes[path].data)
        if all(_variable(face.removeprefix("fonts/")) in faces for face, _ in _named(sheet)):
            yield sheet


def _variable(name: str) -> str:
    """Name the variable face that a cut is one of: `Family[wght=700].ttf` is one of `Family[wght].ttf`."""
    return re.sub(r"=[\d.]+", "", name)


@lru_cache(maxsize=8)  # several families and editions ask for the same one
def _cut(face: File, name: str) -> bytes:
    """Make one cut of a variable face: WeasyPrint 70 draws the weight that is asked for, and measures another."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    wanted = {tag: float(value) for tag, value in re.findall(r"(\w{4})=([\d.]+)", name)}
    font = TTFont(io.BytesIO(face.data), recalcTimestamp=False)
    if all(axis.defaultValue == wanted.get(axis.axisTag) for axis in font["fvar"].axes):
        for table in _VARYING & set(font.keys()):  # which leaves what the face is by itself, at once
            del font[table]
    else:
        _keep_kerning(font)
        font = instancer.instantiateVariableFont(font, wanted)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _keep_kerning(font: Any) -> None:
    """Let a cut kern as the face by itself does: to vary that, which nobody sees, takes four fifths of the time."""
    if "GDEF" in font and getattr(font["GDEF"].table, "VarStore", None) is not None:
        font["GDEF"].table.VarStore = None
        font["GDEF"].table.Version = 0x00010002


def _named(sheet: File) -> Iterator[tuple[str, int]]:
    """Give every address in a stylesheet with its line."""
    text = sheet.data.decode("utf-8", "replace")
    for match in _URL.finditer(text):
        yield match[1].strip(), text.count("\n", 0, match.start()) + 1


def _font_faces(fonts: Sequence[File], folder: str) -> tuple[str, list[Problem]]:
    """Write the @font-face rules of the fonts that a book brings, by what the files say of themselves."""
    from fontTools.ttLib import TTFont, TTLibError

    rules: list[str] = []
    problems: list[Problem] = []
    for file in fonts:
        try:
            font = TTFont(io.BytesIO(file.data), lazy=True)
            family = font["name"].getDebugName(16) or font["name"].getDebugName(1)
            weight, italic = font["OS/2"].usWeightClass, bool(font["OS/2"].fsSelection & 1)
        except (TTLibError, KeyError, AttributeError, ValueError, AssertionError):
            problems.append(
                error(
                    "font-broken",
                    Place(f"{folder}/{file.path}"),
                    "This is not a font file that can be read.",
                    "Use a TrueType or OpenType file (.ttf, .otf).",
                )
            )
            continue
        face = (
            f'font-family: "{family}"; font-weight: {weight}; font-style: {"italic" if italic else "normal"}'
        )
        rules.append(f'@font-face {{ {face}; src: url("{file.path}") }}')
    return "\n".join(rules), problems


def characters(theme: Theme) -> frozenset[int]:
    """Give the code points that the theme's faces can show."""
    return frozenset().union(*(_shown(file) for file in theme.files if file.path.startswith("fonts/")))


@lru_cache(maxsize=64)  # it is asked of each edition, and of each in several rooms
def _shown(face: File) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        return frozenset(TTFont(io.BytesIO(face.data), lazy=True).getBestCmap())
    except (TTLibError, KeyError, TypeError):
        return frozenset()


def families(theme: Theme) -> frozenset[str]:
    """Give the names of the families that the theme's stylesheets bring along."""
    texts = (sheet.data.decode("utf-8", "replace") for sheet in theme.stylesheets)
    return frozenset(name.strip() for text in texts for name in _FAMILY.findall(text))
