"""One source file becomes one chapter: Markdown in, an element tree with source lines out.

Python-Markdown runs to its final string and that is parsed once, because its own tree is not complete (raw HTML is a
placeholder there) and its HTML is not always well formed. Numbers, and everything else that only the whole book knows,
are not given here.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import markdown
import tinyhtml5
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.md_in_html import MarkdownInHtmlExtension
from markdown.extensions.sane_lists import SaneListExtension
from pymdownx.highlight import HighlightExtension
from pymdownx.superfences import SuperFencesCodeExtension
from tinyhtml5 import inputstream

from diptych import tree
from diptych.features import (
    blocks,
    figures,
    headings,
    maths,
    notes,
    numbers,
    punctuation,
    rawhtml,
    scenebreaks,
    spans,
    tables,
)
from diptych.lines import Lines
from diptych.model import Chapter, File, Heading, Matter, NoteText, Reading
from diptych.problems import Place, Problem, error, warning
from diptych.texts import decode

ROLES: dict[Matter, tuple[str, ...]] = {
    "front": ("preface", "half-title", "frontispiece", "title-page", "imprint", "dedication", "epigraph", "foreword",
              "acknowledgments", "introduction", "prologue", "chronology", "abbreviations"),
    "body": ("chapter", "part", "introduction", "prologue", "epilogue", "conclusion"),
    "back": ("appendix", "afterword", "acknowledgments", "chronology", "abbreviations", "glossary", "bibliography",
             "contributors", "index", "colophon", "epilogue", "conclusion"),
}  # fmt: skip
"""The parts of a book that a file can be, in the words of the trade; the first is what a file is that says nothing."""

_UNTITLED_ROLES = (
    "half-title",
    "frontispiece",
    "title-page",
    "imprint",
    "dedication",
    "epigraph",
    "colophon",
)
_FRONT = (*"half-title frontispiece title-page imprint dedication epigraph foreword preface acknowledgments".split(),
          *"introduction prologue chronology abbreviations".split())  # fmt: skip
_BACK = "afterword appendix glossary bibliography contributors index colophon".split()
"""The order of parts (Chicago Manual of Style, 1.4), for a book whose book.toml gives none."""

_KEYS = ("title", "subtitle", "short-title", "author", "role")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_LONGEST_FRONT_MATTER = 65_536


class _Expressions(dict[tuple[Iterable[str], bool], re.Pattern[str]]):
    """tinyhtml5's expressions for runs of characters, by the characters and whether they are those of the run.

    tinyhtml5 2.1.0 keeps each under a name that it never looks for, and makes it anew 30 000 times in a long book.
    """

    def __missing__(self, key: tuple[Iterable[str], bool]) -> re.Pattern[str]:
        characters, opposite = key
        listed = "".join(map(re.escape, sorted(characters)))
        self[key] = re.compile(f"[{'' if opposite else '^'}{listed}]+")
        return self[key]


inputstream.characters_until_regex = _Expressions()


@dataclass(frozen=True)
class _Text:
    """A file's text, and what its front matter says; `first` lines stood above the text."""

    text: str
    first: int
    about: dict[str, str]
    problems: tuple[Problem, ...] = ()


def parse(file: File, reading: Reading, slug: str, language: str, folder: str) -> Chapter:
    """Parse one file. Raises BookError where it cannot be read as text; everything else is a problem in the chapter."""
    source = f"{folder}/{file.path}"
    text = _front_matter(decode(file, source), source)
    body, problems = _tree(text, source)
    if not tree.text_of(body) and body.find(".//img") is None and body.find(".//*[@data-tex]") is None:
        problems += (
            error(
                "chapter-empty",
                Place(source),
                "This file has no words in it.",
                "Write the chapter, or take the file out of [chapters] in book.toml.",
            ),
        )
    problems += headings.duplicates(body, source)
    headings.shape(body)
    numbers.shape(body)
    found = headings.collect(body)
    title, role, said = _identity(text, found, reading, source)
    if not any(heading.level == 1 for heading in found) and role not in _UNTITLED_ROLES:
        body.insert(0, tree.make("h1", title, {"id": "top", "data-line": "1"}))
        found = headings.collect(body)
    punctuation.shape(body, language)
    text_problems = tuple(notes.unclosed(body, source))
    texts, twice = notes.take(body, source)
    for holder in (body, *(note.body for note in texts if note.body is not None)):
        notes.out_of_links(holder)
    problems += (
        text.problems
        + text_problems
        + headings.check(found, source)
        + said
        + twice
        + _uncalled(text, body, texts, source)
    )
    found = headings.collect(body)
    own = (
        "" if text.about.get("title") else next((heading.text for heading in found if heading.level == 1), "")
    )
    return Chapter(
        source=source,
        slug=slug,
        matter=reading.matter if reading.line else _matter(role),
        role=role,
        title=own or punctuation.text(title, language),
        body=body,
        author=text.about.get("author", ""),
        subtitle=punctuation.text(text.about.get("subtitle", ""), language),
        short_title=punctuation.text(text.about.get("short-title", ""), language),
        notes=texts,
        headings=found,
        problems=problems,
    )


def _matter(role: str) -> Matter:
    """Say where a part of a book stands by itself."""
    if role in ROLES["body"]:
        return "body"
    return "front" if role in _FRONT else "back"


def by_role(chapters: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """Put chapters in the order of parts; those of the body, and several of a kind, stay as they are."""
    order = [*_FRONT, "", *_BACK]
    return tuple(sorted(chapters, key=lambda each: order.index("" if each.matter == "body" else each.role)))


def _front_matter(text: str, source: str) -> _Text:
    match = _FRONT_MATTER.match(text)
    if not match:
        return _Text(text, 0, {})
    import yaml  # noqa: PLC0415 - few files have front matter

    first = match[0].count("\n")
    problems: list[Problem] = []
    about: dict[str, str] = {}
    try:
        # The base loader knows no types and no objects: all values are texts as they stand, `No` and `1.10` too.
        short = len(match[1]) <= _LONGEST_FRONT_MATTER
        read = yaml.load(match[1], Loader=yaml.BaseLoader) if short else None  # noqa: S506
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        problems.append(
            error(
                "front-matter",
                Place(source, mark.line + 2 if mark else 1),
                f"The lines between the --- cannot be read: {getattr(wrong, 'problem', wrong)}.",
                "Write one `name: value` on each line; put a value with a colon in quotes.",
            )
        )
        read = {}
    if not isinstance(read, dict):
        problems.append(
            error(
                "front-matter",
                Place(source, 1),
                "The lines between the --- are not `name: value` pairs.",
                "Write for example `title: The War`, or take them out.",
            )
        )
        read = {}
    lines = match[0].split("\n")
    for key, value in read.items():
        at = next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)
        if key not in _KEYS:
            problems.append(_unknown(str(key), _KEYS, Place(source, at)))
        elif isinstance(value, str):
            about[key] = value.strip()
        else:
            problems.append(
                warning(
                    "front-matter-unknown",
                    Place(source, at),
                    f"{key} should be a text.",
                    f"Write {key}: words.",
                )
            )
    return _Text(text[match.end() :], first, about, tuple(problems))


def _unknown(name: str, known: tuple[str, ...], place: Place, kind: str = "") -> Problem:
    near = difflib.get_close_matches(name, known, 1)
    advice = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
    return warning("front-matter-unknown", place, f"Nothing is done with {kind}{name}.", advice)


def _tree(text: _Text, source: str) -> tuple[Element, tuple[Problem, ...]]:
    """Run Python-Markdown to its string and parse that once."""
    html = markdown.Markdown(
        extensions=[
            Lines(text.first),
            SuperFencesCodeExtension(),
            HighlightExtension(use_pygments=True, guess_lang=False),
            AttrListExtension(),
            DefListExtension(),
            MarkdownInHtmlExtension(),
            SaneListExtension(),
            AbbrExtension(),
            tables.syntax(),
            notes.syntax(),
            figures.syntax(),
            blocks.syntax(),
            spans.syntax(),
            rawhtml.syntax(),
            maths.syntax(),
        ],
    ).convert(text.text)
    # As a file: a short text it would first look for on the disk, as if it were a file's name.
    root = tinyhtml5.parse(io.StringIO("<!DOCTYPE html><body>" + html), namespace_html_elements=False)
    body = tree.make("section", "", {"data-line": str(text.first + 1)})
    tree.unwrap_into(body, root.find("body"))
    figures.widths(body)
    problems = rawhtml.shape(body, source, text.first)
    for shape in (tables.shape, figures.shape, blocks.shape, scenebreaks.shape):
        shape(body)
    problems += maths.shape(body, source, text.first)
    return body, problems + tuple(_unclosed_fences(text, source))


def _identity(
    text: _Text, found: tuple[Heading, ...], reading: Reading, source: str
) -> tuple[str, str, tuple[Problem, ...]]:
    """Say what the file is called and what part of the book it is."""
    role = text.about.get("role", ROLES[reading.matter][0]).lower()
    known = tuple(sorted({name for names in ROLES.values() for name in names}))
    problems: tuple[Problem, ...] = ()
    if role not in known:
        problems = (_unknown(role, known, Place(source, 1), "the role "),)
        role = ROLES[reading.matter][0]
    title = text.about.get("title") or next((heading.text for heading in found if heading.level == 1), "")
    if not title and role not in _UNTITLED_ROLES:
        problems += (
            warning(
                "chapter-untitled",
                Place(source, 1),
                "This chapter has no title.",
                "Begin it with a line like `# The War`.",
            ),
        )
    stem = reading.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return (
        title or re.sub(r"^\d+[-_. ]*", "", stem).replace("-", " ").strip().capitalize() or stem,
        role,
        problems,
    )


def _unclosed_fences(text: _Text, source: str) -> Iterator[Problem]:
    fence, opened = "", 0
    blocks_open: list[tuple[str, int]] = []
    unclosed: list[int] = []
    for number, line in enumerate(text.text.split("\n"), text.first + 1):
        mark = re.match(r"[\s>]*(`{3,}|~{3,})\s*([^`]*)$", line)
        slashes = None if fence else re.match(r"(/{3,})\s*([a-z].*)?$", line)
        if mark and not fence:
            fence, opened = mark[1], number
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        elif slashes and slashes[2]:
            blocks_open.append((slashes[1], number))
        elif slashes and slashes[1] in [length for length, _ in blocks_open]:
            while blocks_open[-1][0] != slashes[1]:
                unclosed.append(blocks_open.pop()[1])
            blocks_open.pop()
    if fence:
        yield error(
            "fence-unclosed",
            Place(source, opened),
            f"The code that begins here with {fence} never ends.",
            f"Write {fence} on a line of its own below the code.",
        )
    for line_of_block in [*unclosed, *(number for _, number in blocks_open)]:
        yield error(
            "block-unclosed",
            Place(source, line_of_block),
            "The block that begins here with /// never ends.",
            "Write /// on a line of its own below it.",
        )


def _uncalled(text: _Text, body: Element, texts: tuple[NoteText, ...], source: str) -> tuple[Problem, ...]:
    """Compare the calls in the plain text with those in the tree: whatever Markdown made of them, none may be lost."""
    holders = [body, *(note.body for note in texts if note.body is not None)]
    in_tree = [e.get("data-note", "") for holder in holders for e in holder.iter() if notes.is_call(e)]
    in_tree += [label for holder in holders for label in notes.labels_in_code(holder)]
    problems: list[Problem] = []
    without_comments = re.sub(r"<!--.*?-->", lambda m: "\n" * m[0].count("\n"), text.text, flags=re.DOTALL)
    for label, line in notes.labels_in(without_comments.split("\n")):
        if label in in_tree:
            in_tree.remove(label)
        else:
            problems.append(
                error(
                    "note-call-lost",
                    Place(source, line + text.first),
                    f"The call [^{label}] on this line does not come out as a note.",
                    'Inside raw HTML, give the element markdown="1"; if no note is meant, put \\ before the bracket.',
                )
            )
    return tuple(problems)
