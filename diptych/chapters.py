"""The chapters of a book: each source file parsed once, several at a time, and again only where it has changed.

What is remembered of a chapter is named by its text and by everything else that its parsing asks; what the whole book
knows is not part of it. One process parses many files: to start one takes longer than a short chapter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diptych import catalogue, markup, records, tree
from diptych.dealing import deal
from diptych.fingerprints import fingerprint
from diptych.model import Chapter, File, Manifest, Reading, Report, Shop, Task
from diptych.problems import BookError, Place, Problem, error

_OUR_PAGES = (
    "cover",
    "nav",
    "half-title",
    "title-page",
    "imprint",
    "contents",
    "endnotes",
    "list-of-figures",
    "list-of-tables",
)
"""Names of the pages that nobody wrote; a chapter in `cover.md` has to be called otherwise."""

_WORTH_A_PROCESS = 50_000
"""Bytes of text that take about as long to parse as a process to start and to hand its chapters over."""


@dataclass(frozen=True)
class _Order:
    """Everything that the parsing of one file depends on, beside the press itself."""

    file: File
    reading: Reading
    slug: str
    language: str
    folder: str


_Parsed = bytes | tuple[Problem, ...]
"""A chapter as it is kept (`records.dump_chapter`), for it comes from another process; or why there is none."""


def read(
    about: Manifest, found: Mapping[str, File], shop: Shop
) -> tuple[tuple[Chapter, ...], tuple[Problem, ...]]:
    """Give the chapters of a book in reading order, and what is wrong with files that cannot be parsed at all."""
    orders = tuple(_orders(about, found))
    keys = {order: _key(order, shop) for order in orders}
    known = {order: records.load_chapter(shop.recall(key)) for order, key in keys.items()}
    new = _parsed([order for order in orders if known[order] is None], shop)
    shop.keep({keys[order]: one for order, one in new.items() if isinstance(one, bytes)})
    known |= {order: records.read_chapter(one) for order, one in new.items() if isinstance(one, bytes)}
    chapters = [chapter for order in orders if (chapter := known[order])]
    problems = tuple(problem for one in new.values() if not isinstance(one, bytes) for problem in one)
    listed = any(reading.line for reading in about.reading)
    return tuple(chapters) if listed else markup.by_role(chapters), problems


def _orders(about: Manifest, found: Mapping[str, File]) -> Iterator[_Order]:
    """Give each file a name that no other page of the book has."""
    taken = set(_OUR_PAGES)
    for n, reading in enumerate(about.reading, 1):
        slug = tree.slug(reading.path.rsplit(".", 1)[0]) or f"chapter-{n}"
        while catalogue.prefix(slug) in taken:
            slug = f"{slug}-{n}"
        taken.add(catalogue.prefix(slug))
        yield _Order(found[reading.path], reading, slug, about.metadata.language, about.folder)


def _key(order: _Order, shop: Shop) -> str:
    about = (order.reading, order.slug, order.language, order.folder)
    return fingerprint("chapter", *shop.versions, [order.file], about)


def _parsed(orders: Sequence[_Order], shop: Shop) -> dict[_Order, _Parsed]:
    """Parse files, in as many processes as are worth it."""
    batches = deal(orders, lambda order: len(order.file.data), shop.jobs, _WORTH_A_PROCESS)
    tasks = [Task(f"chapters {n}", _parse_all, (batch,)) for n, batch in enumerate(batches, 1)]
    made = shop.each(tasks)
    return {
        order: one
        for batch, results in zip(batches, made, strict=True)
        for order, one in zip(batch, results, strict=True)
    }


def _parse_all(orders: Sequence[_Order], report: Report) -> list[_Parsed]:
    results: list[_Parsed] = []
    for n, order in enumerate(orders, 1):
        results.append(_parse(order))
        report("chapters parsed", n)
    return results


def _parse(order: _Order) -> _Parsed:
    try:
        chapter = markup.parse(order.file, order.reading, order.slug, order.language, order.folder)
        return records.dump_chapter(chapter)
    except BookError as wrong:
        return wrong.problems
    except RecursionError:
        return (
            error(
                "too-deep",
                Place(f"{order.folder}/{order.file.path}"),
                "Something in this file is nested too deeply.",
                "Are there hundreds of brackets, tags or list marks in a row?",
            ),
        )
