"""The pages of a finished PDF, each opened once whatever is asked of it, and not again while it stays as it is.

Who looks at pages (`ledger`, `feet`, `layout`) puts a question: a function that is given one opened page and says as
plain data what it sees there; what depends on several pages is made of the answers. Pages are looked at in groups, as
many at a time as there are jobs, and answers are remembered by what the pages of a group hold (`drawn`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from diptych.fingerprints import fingerprint
from diptych.model import Report, Shop, Task

_GROUP = 8
"""Most pages of a group: a word more changes few pages of its chapter, and each group is a file in the memory."""

_WORTH = 24
"""Pages for whose sake a process is started: it takes as long as to read some of them."""

T = TypeVar("T")


class Leaf(NamedTuple):
    """The size of a page, in points, and its folio as a viewer shows it."""

    width: float
    height: float
    folio: str


@dataclass(frozen=True)
class Opened:
    """A page, and its text, opened by PDFium."""

    page: Any
    text: Any


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked of every page: `look` is given the page, what is `common` to all, and what is `given` for this one.

    It gives plain data, of which `read` makes an answer; what it is given says by its repr all on which that depends.
    """

    look: Callable[[Opened, Any, Any], Any]
    read: Callable[[Any], T]
    common: Any
    given: Sequence[Any]


def leaves(data: bytes) -> tuple[Leaf, ...]:
    """Measure all pages."""
    with _open(data) as pdf:
        sizes = [pdf.get_page_size(n) for n in range(len(pdf))]
        return tuple(Leaf(width, height, pdf.get_page_label(n)) for n, (width, height) in enumerate(sizes))


def look(data: bytes, questions: Sequence[Question[Any]]) -> list[list[Any]]:
    """Give the answers to each question, page by page."""
    with _open(data) as pdf:
        seen = _look(pdf, questions, range(len(pdf)))
    return _by_question(questions, _answers(seen, questions))


def ask(
    data: bytes,
    questions: Sequence[Question[Any]],
    names: Sequence[str],
    begins: Collection[int],
    shop: Shop,
) -> list[list[Any]]:
    """Give the same answers, and remember them under `names`, which say of each page all that draws it.

    `begins` are the pages, from 0, on which sections begin.
    """
    base = fingerprint(*shop.versions, [(each.look.__module__, each.common) for each in questions])
    groups = _groups(len(names), begins)
    given = [(name, *(each.given[n] for each in questions)) for n, name in enumerate(names)]
    keys = [fingerprint(base, given[group.start : group.stop]) for group in groups]
    wanted = dict(zip(keys, groups, strict=True))
    known = {key: _recalled(shop.recall(key), questions, group) for key, group in wanted.items()}
    due = {key: group for key, group in wanted.items() if known[key] is None}
    seen = dict(zip(due, _look_at(data, questions, [*due.values()], shop), strict=True))
    shop.keep(seen)
    found = known | {key: _answers(each, questions) for key, each in seen.items()}
    return _by_question(questions, [page for key in keys for page in found[key] or ()])


def _by_question(questions: Sequence[Question[Any]], answers: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[page[n] for page in answers] for n in range(len(questions))]


def _groups(count: int, begins: Collection[int]) -> list[range]:
    """Part pages into groups: one begins with each section, and behind so many pages."""
    starts: list[int] = []
    for n in range(count):
        if not starts or n in begins or n - starts[-1] == _GROUP:
            starts.append(n)
    return [range(*ends) for ends in zip(starts, [*starts[1:], count], strict=True)]


def _look_at(
    data: bytes, questions: Sequence[Question[Any]], groups: Sequence[range], shop: Shop
) -> list[bytes]:
    """Look at groups of pages, in as many parts as there are jobs and it is worth while."""
    pages = sum(map(len, groups))
    parts = _parts(groups, -(-pages // max(1, min(shop.jobs, pages // _WORTH))))
    tasks = [Task(f"pages from {part[0].start}", _look_at_part, (data, questions, part)) for part in parts]
    return [answers for part in shop.each(tasks) for answers in part]


def _parts(groups: Sequence[range], size: int) -> list[list[range]]:
    parts: list[list[range]] = []
    for group in groups:
        if not parts or sum(map(len, parts[-1])) >= size:
            parts.append([])
        parts[-1].append(group)
    return parts


def _look_at_part(
    data: bytes, questions: Sequence[Question[Any]], groups: Sequence[range], report: Report
) -> list[bytes]:
    found: list[bytes] = []
    with _open(data) as pdf:
        for group in groups:
            found.append(_look(pdf, questions, group))
            report("pages read back", sum(map(len, groups[: len(found)])))
    return found


def _look(pdf: Any, questions: Sequence[Question[Any]], group: range) -> bytes:
    """Look at a group of pages, and write down what is seen."""
    seen = [
        [each.look(opened, each.common, each.given[n]) for each in questions]
        for n, opened in zip(group, _opened(pdf, group), strict=True)
    ]
    return json.dumps(seen, ensure_ascii=False).encode()


def _open(data: bytes) -> Any:
    import pypdfium2  # noqa: PLC0415 - an EPUB is counted without it

    return pypdfium2.PdfDocument(data)


def _opened(pdf: Any, group: range) -> Iterator[Opened]:
    for n in group:
        page = pdf[n]
        text = page.get_textpage()
        yield Opened(page, text)
        text.close()
        page.close()


def _answers(seen: bytes, questions: Sequence[Question[Any]]) -> list[list[Any]]:
    """Read what was written down: a page's answers to each question."""
    pages = json.loads(seen)
    return [[each.read(own) for each, own in zip(questions, page, strict=True)] for page in pages]


def _recalled(kept: bytes | None, questions: Sequence[Question[Any]], group: range) -> list[list[Any]] | None:
    """Read answers that were kept; None for anything that is none, or not of such a group."""
    try:
        found = _answers(kept or b"", questions)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    return found if len(found) == len(group) else None
