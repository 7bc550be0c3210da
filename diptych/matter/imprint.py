"""The imprint, made from the metadata: who, when, under which terms, under which numbers, made by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from stdnum import isbn as numbers

from diptych import tree
from diptych.matter import display
from diptych.model import Edition, Metadata, Page
from diptych.words import colon, made, say

_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_FORMS = {"epub": "EPUB", "screen": "PDF", "kindle": "Kindle", "kobo": "Kobo"}
"""What editions are called in a list of ISBNs; others as book.toml names them."""


def page(metadata: Metadata, edition: Edition, set_in: str) -> Page:
    """Make the imprint; `set_in` says in which faces the pages are set, or nothing."""
    body = display.section("imprint", "copyright-page")
    for kind, text in _lines(metadata):
        tree.add(body, "p", text, class_=kind)
    if metadata.licence:
        body.append(_licence(metadata.licence))
    for number in _numbers(metadata, edition):
        tree.add(body, "p", number, class_="identifier")
    for words in (*display.credited_elsewhere(metadata), set_in):
        if words:
            tree.add(body, "p", words, class_="credit")
    if metadata.printing and edition.medium == "print" and edition.paged:
        tree.add(body, "p", _printing(metadata), class_="printing")
    return Page("imprint", say("imprint", metadata.language), "copyright-page", "front", body)


def _lines(metadata: Metadata) -> Iterator[tuple[str, str]]:
    """Give what identifies the book and its edition, each with its class."""
    language = metadata.language
    parted = colon(language)
    first = metadata.source or metadata.first_published
    this = " ".join(part for part in (metadata.edition, metadata.date[:4]) if part)
    series = metadata.series
    lines = (
        ("title", metadata.title + (f"{parted}{metadata.subtitle}" if metadata.subtitle else "")),
        ("published", f"{say('first published', language)}{parted}{first}" if first else ""),
        ("published", f"{say('edition', language)}{parted}{this}" if this else ""),
        ("publisher", ", ".join(part for part in (metadata.publisher, metadata.place) if part)),
        ("series", f"{series.name} {series.position}".strip() if series else ""),
        ("rights", metadata.rights),
    )
    return ((kind, text) for kind, text in lines if text)


def _numbers(metadata: Metadata, edition: Edition) -> Iterator[str]:
    """Give the ISBNs of all editions, this one's first, and the DOI; a book without any is known by its uuid."""
    if not metadata.isbn and not metadata.doi:
        yield metadata.uuid
    for name, isbn in sorted(metadata.isbn.items(), key=lambda each: each[0] != edition.name):
        form = made("print", metadata.language) if name == "print" else _FORMS.get(name, name)
        yield f"ISBN {hyphenated(isbn)} ({form})"
    if metadata.doi:
        yield f"DOI {metadata.doi}"


def hyphenated(isbn: str) -> str:
    """Part 13 digits as their agency does: 978-3-16-148410-0. Of a range that nobody was given yet, as they are."""
    parts = numbers.split(isbn)
    return "-".join(parts) if all(parts) else isbn


def _printing(metadata: Metadata) -> str:
    """Say which printing this is; a number line, whose lowest number says it, stands as it is."""
    known = metadata.printing.isdigit()
    return made("printing", metadata.language, metadata.printing) if known else metadata.printing


def _licence(licence: str) -> Element:
    """Link a Creative Commons licence given by its SPDX name, or an address; other words stay words."""
    match = re.fullmatch(r"(CC0|CC-BY(?:-[A-Z]{2})*)-(\d\.\d)", licence)
    address = licence if licence.startswith(("https://", "http://")) else ""
    if match and match[1] == "CC0":
        address = _CC0
    elif match:
        address = f"https://creativecommons.org/licenses/{match[1].removeprefix('CC-').lower()}/{match[2]}/"
    text = f"{match[1].replace('-', ' ', 1)} {match[2]}" if match else licence
    paragraph = tree.make("p", "", {"class": "licence"})
    if address:
        tree.add(paragraph, "a", text, href=address, class_="external")
    else:
        paragraph.text = text
    return paragraph
