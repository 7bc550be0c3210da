"""The faces an EPUB carries: those its styles use, cut down to the characters of the book.

What a face permits it says itself (OS/2 fsType, OpenType specification): one that may not be embedded is left out, one
that may not be cut comes whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from diptych.fingerprints import fingerprint
from diptych.model import File, Forme, Shop
from diptych.problems import Place, Problem, warning

_USES, _RESTRICTED, _WHOLE_ONLY, _BITMAPS_ONLY = 0x000E, 0x0002, 0x0100, 0x0200
_ALWAYS = "0123456789.,;:!?-–—…‘’“”«»()[]*†‡§ \u00a0\u202f\u2003"
_IMPLIED = "√ℎ" + "".join(map(chr, (*range(0x1D434, 0x1D468), *range(0x1D6FC, 0x1D71C))))
"""What reading systems show for roots and for single letters of MathML (MathML Core, section 4.2)."""

_MATHS = re.compile(r"(?<![\w.#-])math\s*\{[^}]*\}\s*")
_RULE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_FAMILY = re.compile(r"""font-family:\s*["']?([^"';}]+)""")
_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)""")
_CONTENT = re.compile(r"(?:content|list-style(?:-type)?)\s*:([^;}]*)")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6}) ?")


@dataclass(frozen=True)
class Dress:
    """One stylesheet and the faces it names, and what there is to tell of faces that are not there."""

    files: tuple[File, ...]
    problems: tuple[Problem, ...] = ()


def embed(forme: Forme, text: str, shop: Shop) -> Dress:
    """Give one stylesheet, and the faces that it uses with the characters of `text`.

    A rule goes with its face: one that names a file which is not there is an error to EPUBCheck. An edition without
    fonts names no family of theirs either, so that the reader's own choice shows.
    """
    style = "\n".join(sheet.data.decode("utf-8", "replace") for sheet in forme.theme.stylesheets)
    style = style if "<math" in text else _MATHS.sub("", style)
    rules = _RULE.findall(style)
    bare = _RULE.sub("", style)
    if not forme.edition.fonts:
        return Dress((_sheet(_without_families(bare, {_named(_FAMILY, rule) for rule in rules})),))
    used = re.sub(r"/\*.*?\*/", "", bare, flags=re.DOTALL)
    text += _ALWAYS + (_IMPLIED if "<math" in text else "") + "".join(map(_unescaped, _CONTENT.findall(used)))
    letters = "".join(sorted(set(text)))
    faces = {file.path: file for file in forme.theme.files}
    kept: dict[str, File] = {}
    problems: list[Problem] = []
    for rule in rules:
        face = faces.get(_named(_ADDRESS, rule)) if _named(_FAMILY, rule) in used else None
        cut = _permitted(face, letters, shop) if face else ""
        if isinstance(cut, File):
            kept[cut.path] = cut
            continue
        style = style.replace(rule, "")
        if face:
            problems.append(_left_out(face, cut, forme))
    return Dress((_sheet(style), *kept.values()), tuple(problems))


def _sheet(style: str) -> File:
    return File("book.css", style.encode())


def _named(what: re.Pattern[str], rule: str) -> str:
    found = what.search(rule)
    return found[1].strip() if found else "?"


def _unescaped(words: str) -> str:
    """Give the characters that a stylesheet adds to the text (CSS Syntax 3, section 4.3.7)."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16) % 0x110000), words)


def _without_families(style: str, families: Iterable[str]) -> str:
    """Take out the declarations that name one of these families."""
    names = "|".join(map(re.escape, sorted(families))) or r"(?!)"
    return re.sub(rf"font-family\s*:[^;{{}}]*(?:{names})[^;{{}}]*;?[ \t]*", "", style)


def _permits(face: File) -> int:
    import uharfbuzz  # noqa: PLC0415 - where nothing is embedded nobody waits for it

    table = uharfbuzz.Face(face.data).reference_table("OS/2").data
    return int.from_bytes(table[8:10], "big")


def _refusal(face: File) -> str:
    """Say why a face may not be embedded, "" where it may; of several uses the most generous counts."""
    permits = _permits(face)
    if permits & _USES == _RESTRICTED:
        return "its maker forbids embedding"
    return "its maker lets nothing but its bitmaps be embedded" if permits & _BITMAPS_ONLY else ""


def _permitted(face: File, letters: str, shop: Shop) -> File | str:
    """Cut a face, or say why it may not be embedded. A cut of the same face for the same letters is remembered."""
    key = fingerprint("cut", *shop.versions, [face], letters)
    if (kept := shop.recall(key)) is not None:
        return File(face.path, kept)
    if why := _refusal(face):
        return why
    cut = _cut(face, letters)
    shop.keep({key: cut.data})
    return cut


def _cut(face: File, text: str) -> File:
    return face if _permits(face) & _WHOLE_ONLY else _subset(face, text)


def _subset(face: File, text: str) -> File:
    """Cut a face, byte-identical each time. HarfBuzz takes a twentieth of the time that fontTools takes."""
    import uharfbuzz as harfbuzz  # noqa: PLC0415 - see above

    wanted = harfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, set(text)))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.invert()  # which leaves every feature
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING | harfbuzz.SubsetFlags.NOTDEF_OUTLINE
    return File(face.path, harfbuzz.subset(harfbuzz.Face(face.data), wanted).blob.data)


def _left_out(face: File, why: str, forme: Forme) -> Problem:
    place = f"{forme.manifest.folder}/{face.path}" if face.path in forme.assets else face.path
    return warning(
        "font-left-out",
        Place(place),
        f"This face is not part of the edition {forme.edition.name}: {why} (fsType in its table OS/2).",
        "Use another one, or ask its maker for a licence for e-books and a file that says so.",
    )
