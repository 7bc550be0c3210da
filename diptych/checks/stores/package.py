"""Sizes, names, metadata, contents, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from diptych.checks.opened import XHTML, Opened, resolved, text_of
from diptych.checks.stores.rule import Found, Look, Rule, one

_MB = 1_000_000
_PAGE = 1024
"""Characters that are counted for a page where nothing else says what one is."""


def _bigger(most: int) -> Look:
    def look(book: Opened) -> Iterator[Found]:
        if book.size > most * _MB:
            yield Found(what=f"{book.size / _MB:.0f} MB")

    return look


def _heavy(book: Opened) -> Iterator[Found]:
    """Find documents that come to more than 10 MB with the pictures they show."""
    for document in book.documents:
        shown = {resolved(document.path, i.get("src", ""))[0] for i in document.root.iter(f"{XHTML}img")}
        size = len(document.data) + sum(len(book.files.get(path, b"")) for path in shown)
        if size > 10 * _MB:
            yield Found(document.path, f"{size / _MB:.0f} MB")


def _few_pages(book: Opened) -> bool:
    return sum(1 + len(text_of(document.root)) // _PAGE for document in book.spine) < 4


def _odd_names(book: Opened) -> Iterator[Found]:
    return (Found(name, name) for name in book.files if not re.fullmatch(r"[A-Za-z0-9._/-]+", name))


def _no_isbn(book: Opened) -> bool:
    said = (re.sub(r"[\s-]", "", text) for text in (*book.about("identifier"), book.name))
    return not any(re.search(r"97[89]\d{10}", text) for text in said)


def _not_by_number(book: Opened) -> bool:
    return not re.match(r"97[89]\d{10}|GGKEY", book.name.replace("-", ""))


def _two_identifiers(book: Opened) -> bool:
    key = book.package.get("unique-identifier")
    own = [e.text for e in book.package.iter("{*}identifier") if e.get("id") == key]
    heads = book.ncx.iter("{*}meta") if book.ncx is not None else ()
    return any([e.get("content")] != own for e in heads if e.get("name") == "dtb:uid")


def _unsaid(book: Opened) -> Iterator[Found]:
    return (Found(what=name) for name in ("title", "language", "identifier") if not any(book.about(name)))


def _no_nav(book: Opened) -> bool:
    return not book.listed("toc")


def _no_contents(book: Opened) -> bool:
    return _no_nav(book) and (book.ncx is None or next(book.ncx.iter("{*}navPoint"), None) is None)


def _no_page_of_contents(book: Opened) -> bool:
    return book.nav is not None and book.nav.place is None


def _late_contents(book: Opened) -> bool:
    begins = [book.places.get((e.path, "")) for e in book.listed("landmarks") if "bodymatter" in e.kinds]
    here = book.nav.place if book.nav else None
    return here is not None and any(place[0] < here for place in begins if place)


def _deeper(most: int) -> Look:
    def look(book: Opened) -> Iterator[Found]:
        deep = next((entry for entry in book.listed("toc") if entry.level > most), None)
        if deep:
            yield Found(what=deep.text)

    return look


def _disorder(book: Opened) -> Iterator[Found]:
    """Find lines of the contents that lead behind where the next one leads."""
    reached = (-1, 0)
    for entry in book.listed("toc"):
        here = book.places.get((entry.path, entry.target), reached)
        if here < reached:
            yield Found(what=entry.text)
        reached = max(here, reached)


def _page_names(book: Opened) -> Iterator[Found]:
    names = (entry.text for entry in book.listed("page-list"))
    return (Found(what=name) for name in names if not re.fullmatch(r"\d+|[ivxlcdm]+|[IVXLCDM]+", name))


def _page_twice(book: Opened) -> Iterator[Found]:
    counts = Counter(entry.text for entry in book.listed("page-list"))
    return (Found(what=name) for name, count in counts.items() if count > 1)


_SMALLER = "Make its pictures smaller: image-size in book.toml."
_SPLIT = "Divide the chapter, or make its pictures smaller."
_TOC = "Set toc-depth in book.toml."

RULES = (
    Rule("kindle", "error", "file-size", _bigger(650), "The file has {}; {shop} takes 650 MB.", _SMALLER),
    Rule("apple play", "error", "file-size", _bigger(2000), "The file has {}; {shop} takes 2 GB.", _SMALLER),
    Rule("apple", "hint", "file-large", _bigger(500), "The file has {}; {shop} advises 500 MB at most.", _SMALLER),
    Rule("kobo", "warning", "file-size", _bigger(1000), "The file has {}; {shop} advises 1 GB at most.", _SMALLER),
    Rule("kobo apple", "warning", "document-size", _heavy,
         "This part comes to {} with its pictures; {shop} advises 10 MB at most.", _SPLIT),
    Rule("play", "warning", "few-pages", one(_few_pages),
         "The book has hardly four pages, the least that {shop} takes.", "Add to it, or sell it elsewhere."),
    Rule("kobo", "warning", "file-names", _odd_names,
         "{shop} may not find files of such a name: {}.",
         "Use letters from a to z, digits, hyphens and full stops."),
    Rule("kobo", "hint", "isbn", one(_no_isbn),
         "{shop} knows a book by the ISBN in it or in the file's name; there is none.",
         "Give it in book.toml, [identifier] isbn, or call the file by it when you upload it."),
    Rule("play", "hint", "file-name", one(_not_by_number),
         "{shop} knows a file by its name, which is to be the ISBN or GGKEY.", "Call it so when you upload it."),
    Rule("kobo", "warning", "identifier", one(_two_identifiers),
         "The identifier in the NCX is not that of the package.", "{shop} wants both to be one."),
    Rule("kindle", "error", "metadata", _unsaid, "The file does not say its {}, which {shop} asks for."),
    Rule("kindle", "error", "contents", one(_no_contents), "There are no contents that {shop} could show."),
    Rule("apple", "warning", "contents", one(_no_contents), "There are no contents that {shop} could show."),
    Rule("kobo", "warning", "contents", one(_no_nav), "There is no nav of contents; {shop} looks at no other."),
    Rule("kindle", "warning", "contents-page", one(_no_page_of_contents),
         "The contents are no page of the book.", "{shop} wants one near the front."),
    Rule("kindle", "hint", "contents-late", one(_late_contents),
         "The contents stand behind the beginning of the text.", "{shop} wants them near the front."),
    Rule("kindle", "hint", "contents-deep", _deeper(2),
         "{shop} shows two levels of contents; deeper is for one: {}.", _TOC),
    Rule("kobo", "hint", "contents-deep", _deeper(3),
         "{shop} shows three levels of contents; deeper is for one: {}.", _TOC),
    Rule("kindle", "warning", "contents-order", _disorder,
         "The contents are not in the book's order: {}.", "{shop} wants them to follow it."),
    Rule("kindle", "warning", "page-name", _page_names,
         "{shop} takes arabic and roman page numbers only, without a word: {}."),
    Rule("kindle", "warning", "page-twice", _page_twice, "{shop} wants each page number once: {}."),
)  # fmt: skip
