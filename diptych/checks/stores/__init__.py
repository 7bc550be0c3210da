"""A finished EPUB as the shops see it, before they do: what they would refuse, and what would look bad there.

Sources: Kindle Publishing Guidelines; Apple Books Asset Guide; kobolabs/epub-spec; Google Play Books Partner Help,
3424254 and 3316879; and what authors were told nothing about: E999, blank pages (pandoc issues 8379 and 8435).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.checks.opened import read
from diptych.checks.stores import package, pictures, styles, texts
from diptych.checks.stores.rule import Found, Rule
from diptych.model import File
from diptych.problems import Place, Problem

STORES = {"kindle": "Kindle", "apple": "Apple Books", "kobo": "Kobo", "play": "Google Play"}
"""The shops by what the command calls them."""

RULES: tuple[Rule, ...] = (*package.RULES, *pictures.RULES, *styles.RULES, *texts.RULES)

_MOST_NAMED = 5


Lines = Mapping[str, Sequence[tuple[int, int]]]
"""By document of an EPUB: which of its lines come from which line of the source, in order."""


@dataclass(frozen=True)
class Sources:
    """The author's files by what they are called in the EPUB, and which lines of a document are which of theirs."""

    files: Mapping[str, File] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)


def check(data: bytes, name: str, store: str, sources: Sources) -> tuple[Problem, ...]:
    """Hold an EPUB, which is called `name`, to the rules of a shop, and tell each breach in the author's files."""
    book = read(data, name)
    rules = (rule for rule in RULES if store in rule.shops.split())
    return tuple(problem for rule in rules for problem in _told(rule, rule.look(book), name, store, sources))


def _told(rule: Rule, found: Iterable[Found], name: str, store: str, sources: Sources) -> Iterator[Problem]:
    """Say each breach in its place; those of one place are said in one sentence."""
    places: dict[Place, dict[str, None]] = {}
    for each in found:
        places.setdefault(_place(each, name, sources), {})[each.what] = None
    shop = STORES[store]
    for place, named in places.items():
        sentence = rule.sentence.format(_listed([*named]), shop=shop)
        yield Problem(rule.severity, f"{store}-{rule.what}", place, sentence, rule.advice.format(shop=shop))


def _listed(named: list[str]) -> str:
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _place(found: Found, name: str, sources: Sources) -> Place:
    """Find the author's line; an EPUB's stylesheet is made of several, and notes may come from any chapter."""
    own = sources.files.get(found.file)
    rows = [line for row, line in sources.lines.get(found.file, ()) if row <= found.line]
    if own and rows and found.line:
        return Place(own.path, rows[-1])
    kind = ".css" if found.file.endswith(".css") else ".xhtml"
    others = [file for path, file in sources.files.items() if path.endswith(kind)] if found.near else []
    for file in [own] if own else others:
        if line := _line(found.near, file):
            return Place(file.path, line)
    if own:
        return Place(own.path)
    return Place(f"{name}:{found.file}" if found.file else name)


def _line(near: str, file: File) -> int:
    """Give the line where something stands word for word; 0 where it does not."""
    text = file.data.decode("utf-8", "replace")
    at = text.find(near) if near else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 0
