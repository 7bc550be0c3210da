"""The manuscript: what can be said of a book before anything is built.

Images above all: there, real, of a sane size, with words for those who do not see them; and letters that no face of
the book can show.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from lxml import etree
from PIL import Image

from diptych import records, themes, tree
from diptych.dealing import deal
from diptych.fingerprints import fingerprint
from diptych.model import Chapter, File, Reading, Report, Shop, Task, Theme
from diptych.problems import Place, Problem, error, hint, warning

_MOST_PIXELS = 100_000_000
_WORTH_A_PROCESS = 2_000_000
"""Bytes of pictures that take about as long to read as a process to start."""

_KINDS = {"JPEG", "MPO", "PNG", "GIF", "WEBP"}
_SVG = "{http://www.w3.org/2000/svg}"
_SVG_REFUSED = ("script", "foreignObject", "iframe", "audio", "video")


def images(
    chapters: Sequence[Chapter], files: Mapping[str, File], folder: str, shop: Shop, named: str = ""
) -> Iterator[Problem]:
    """Look at every picture once, and at every place that shows one; `named` is one that book.toml names.

    A picture is opened again only where it has changed: to read the pixels of a hundred takes seconds.
    """
    shown = [
        (element, place, path) for chapter in chapters for element, place, path in _places(chapter, folder)
    ]
    paths = [named, *(path for element, _, path in shown if element.tag == "img")]
    yield from _looked_at([files[path] for path in dict.fromkeys(paths) if path in files], folder, shop)
    for element, place, path in shown:
        if element.tag == "img":
            yield from _shown(element.get("src", ""), path, element.get("alt"), place, files)
        else:
            yield from _unnamed(element, place)


def _places(chapter: Chapter, folder: str) -> Iterator[tuple[Element, Place, str]]:
    """Give each picture and drawing of a chapter, with its place, and the path of a picture's file."""
    base = posixpath.dirname(chapter.source.removeprefix(f"{folder}/"))
    for element, line in _elements(chapter):
        if element.tag in ("img", f"{_SVG}svg"):
            path = posixpath.normpath(posixpath.join(base, element.get("src", "")))
            yield element, Place(chapter.source, line), path


def _looked_at(pictures: Sequence[File], folder: str, shop: Shop) -> Iterator[Problem]:
    """Look at pictures, several at a time where there are many."""
    keys = {file.path: fingerprint("picture", *shop.versions, folder, [file]) for file in pictures}
    known = {path: records.load_problems(shop.recall(key)) for path, key in keys.items()}
    new = [file for file in pictures if known[file.path] is None]
    batches = deal(new, lambda file: len(file.data), shop.jobs, _WORTH_A_PROCESS)
    tasks = [Task(f"pictures {n}", _look, (batch, folder)) for n, batch in enumerate(batches, 1)]
    found = {path: problems for answers in shop.each(tasks) for path, problems in answers.items()}
    shop.keep({keys[path]: records.dump_problems(problems) for path, problems in found.items()})
    for file in pictures:
        yield from found.get(file.path) or known[file.path] or ()


def _look(pictures: Sequence[File], folder: str, report: Report) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, tuple[Problem, ...]] = {}
    for n, file in enumerate(pictures, 1):
        problem = picture(file, Place(f"{folder}/{file.path}"))
        found[file.path] = () if problem is None else (problem,)
        report("pictures looked at", n)
    return found


def _elements(chapter: Chapter) -> Iterator[tuple[Element, int]]:
    yield from tree.with_lines(chapter.body)
    for note in chapter.notes:
        if note.body is not None:
            yield from tree.with_lines(note.body, note.line)


def _shown(
    src: str, path: str, alt: str | None, place: Place, files: Mapping[str, File]
) -> Iterator[Problem]:
    if re.match(r"[a-z][a-z0-9+.-]*:", src, re.IGNORECASE) or src.startswith("//"):
        yield error(
            "image-outside",
            place,
            f"The image {src[:60]} is not in the book.",
            "Put the file into the book's folder; nothing is fetched from the network.",
        )
    elif path.startswith("..") or src.startswith("/"):
        yield error(
            "outside",
            place,
            f"The image {src} lies outside the book's folder.",
            "Put the file into the book's folder.",
        )
    elif path not in files:
        near = [p for p in files if posixpath.basename(p).lower() == posixpath.basename(path).lower()]
        advice = f"Is it {near[0]}?" if near else "Is the name right, and is it a .jpg, .png, .gif or .svg?"
        yield error("image-missing", place, f"There is no image {path} in the book's folder.", advice)
    elif alt is None or (alt and not alt.strip()):
        yield warning(
            "image-without-alt",
            place,
            f"The image {path} has no words for those who do not see it.",
            'Write them between the square brackets: ![what it shows](...); or ![](...){alt=""} for mere decoration.',
        )


def _unnamed(drawing: Element, place: Place) -> Iterator[Problem]:
    """Find a drawing in the text itself that says nothing to those who do not see it."""
    names = (drawing.findtext(f"{_SVG}title"), drawing.get("aria-label"), drawing.get("aria-labelledby"))
    if not any(names) and drawing.get("aria-hidden") != "true":
        yield warning(
            "image-without-alt",
            place,
            "This drawing has no words for those who do not see it.",
            'Begin it with <title>what it shows</title>; or write <svg aria-hidden="true"> for mere decoration.',
        )


def picture(file: File, place: Place) -> Problem | None:
    """Open one picture and say what is wrong with it, if anything."""
    if file.path.lower().endswith(".svg"):
        return _drawing(file, place)
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(file.data)) as opened,
        ):
            if opened.format not in _KINDS:
                return error(
                    "image-kind", place, f"This is a {opened.format} picture.", "Save it as JPEG or PNG."
                )
            if opened.width * opened.height > _MOST_PIXELS:
                return _too_big(place, opened.width, opened.height)
            opened.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_big(place)
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        return error(
            "image-broken",
            place,
            "This is not a picture that can be opened.",
            "Save it again as JPEG or PNG.",
        )
    return None


def _too_big(place: Place, width: int = 0, height: int = 0) -> Problem:
    size = f" ({width} x {height})" if width else ""
    return error(
        "image-too-big",
        place,
        f"This picture has more than {_MOST_PIXELS // 1_000_000} million pixels{size}.",
        "Scale it down: a full page in print needs about 1800 x 2700.",
    )


def _drawing(file: File, place: Place) -> Problem | None:
    plain = "Export it as plain SVG."
    try:
        root = etree.fromstring(
            file.data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
    except (etree.XMLSyntaxError, ValueError) as wrong:
        at = Place(place.file, getattr(wrong, "lineno", 0) or 0)
        return error(
            "image-broken", at, "This drawing is not well-formed SVG.", "Export it again from your program."
        )
    if not str(root.tag).endswith("}svg"):
        return error(
            "image-broken", place, "This file is no SVG drawing.", "Export it again from your program."
        )
    if b"<!ENTITY" in file.data or b"<?xml-stylesheet" in file.data:
        return error("image-refused", place, "This drawing defines entities or names a stylesheet.", plain)
    for element in root.iter(etree.Element):
        at = Place(place.file, element.sourceline or 0)
        name = str(element.tag).rpartition("}")[2]
        if name in _SVG_REFUSED or any(str(key).startswith("on") for key in element.attrib):
            sentence = f"This drawing holds what runs code or opens frames (<{name}>)."
            return error("image-refused", at, sentence, plain)
        if needed := _needs(element, name):
            sentence = f"This drawing needs another file ({needed[:60]})."
            return error("image-refused", at, sentence, f"Embed it. {plain}")
    return None


def _needs(element: etree._Element, name: str) -> str:
    """Give the address of another file that an element of a drawing would load, if any."""
    for key, value in element.attrib.items():
        linked = str(key).rpartition("}")[2] == "href" and name != "a"
        if linked and not str(value).startswith(("#", "data:image/")):
            return str(value)
    styles = [str(value) for value in element.attrib.values()] + (
        [element.text or ""] if name == "style" else []
    )
    found = re.search(r"""(?:url\(\s*["']?|@import\s+["'])(?!#|data:image/)([^"')]+)""", " ".join(styles))
    return found[1] if found else ""


def letters(chapters: Sequence[Chapter], theme: Theme) -> Iterator[Problem]:
    """Find characters that no face of a paged edition has; they would come out as empty boxes."""
    known = themes.characters(theme)
    shown = [set(chapter.text) for chapter in chapters]
    lacking = {each for each in set().union(*shown) if ord(each) not in known and not _is_unseen(each)}
    for chapter, own in zip(chapters, shown, strict=True):
        if lacking.isdisjoint(own):
            continue
        for element, line in _elements(chapter):
            for character in dict.fromkeys((element.text or "") + (element.tail or "")):
                if character in lacking:
                    lacking.remove(character)
                    yield _lacks(character, Place(chapter.source, line))


def _is_unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cf", "Cc")


def _lacks(character: str, place: Place) -> Problem:
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    return warning(
        "letter-missing",
        place,
        f"No face of the book has the character {character} ({name}).",
        "Chinese faces are too large for everybody: `python3 build.py faces` brings them."
        if "chinese" in themes.scripts(character)
        else "Put a font that has it into the book's folder fonts/ and name it in styles/book.css.",
    )


def unused(reading: Iterable[Reading], files: Mapping[str, File], folder: str) -> Iterator[Problem]:
    """Mention chapters in the folder that nobody reads."""
    read = {each.path for each in reading}
    for path in sorted(files):
        if re.fullmatch(r"\d[^/]*\.(?:md|markdown)", path) and path not in read:
            yield hint(
                "chapter-unused",
                Place(f"{folder}/{path}"),
                "This file is not part of the book.",
                "List it under [chapters] in book.toml, or put it elsewhere.",
            )
