"""What a library would say of the book, in the words of EPUB 3.3, section 5.5 and appendix D.

Whatever refines something stands inside it here; how that is written is the package's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from diptych.model import Contributor, Edition, Forme, Metadata
from diptych.writers.epub.package import Statement

_ONIX = (("scheme", "onix:codelist5"),)
_MARC = (("scheme", "marc:relators"),)


def of(forme: Forme) -> tuple[Statement, ...]:
    """Say everything; the unique identifier comes first."""
    metadata = forme.manifest.metadata
    return (
        *_identifiers(metadata, forme.edition),
        *_titles(metadata),
        Statement("dc:language", metadata.language),
        *_people(metadata),
        *_publication(metadata),
        *_subjects(metadata),
        *_series(metadata),
    )


def identifier(metadata: Metadata, edition: Edition) -> str:
    """Give the edition's unique identifier: its own ISBN, else the book's uuid.

    The ISBN, because EPUB 3.3 wants one publication and no other named (section 5.5.3.1.1), while all editions of a
    book share the uuid; and because Kobo looks for the ISBN where the NCX repeats the identifier.
    """
    isbn = metadata.isbn.get(edition.name)
    return f"urn:isbn:{isbn}" if isbn else metadata.uuid


def _identifiers(metadata: Metadata, edition: Edition) -> Iterator[Statement]:
    """Name this edition by its numbers; ISBNs of other editions are not its identifiers."""
    unique = identifier(metadata, edition)
    yield Statement("dc:identifier", unique, _numbered("15") if unique != metadata.uuid else ())
    if unique != metadata.uuid:
        yield Statement("dc:identifier", metadata.uuid)
    if metadata.doi:
        yield Statement("dc:identifier", f"doi:{metadata.doi}", _numbered("06"))


def _numbered(code: str) -> tuple[Statement, ...]:
    """Say what kind of number it is (ONIX code list 5: 15 is ISBN-13, 06 is DOI)."""
    return (Statement("identifier-type", code, attributes=_ONIX),)


def _titles(metadata: Metadata) -> Iterator[Statement]:
    found = (("main", metadata.title), ("subtitle", metadata.subtitle), ("short", metadata.short_title))
    for n, (kind, text) in enumerate(((kind, text) for kind, text in found if text), 1):
        sort = metadata.title_sort if kind == "main" and metadata.title_sort != text else ""
        about = [("title-type", kind), ("display-seq", str(n)), ("file-as", sort)]
        yield Statement("dc:title", text, tuple(Statement(name, value) for name, value in about if value))


def _people(metadata: Metadata) -> Iterator[Statement]:
    """Name people in the order given. Where nobody wrote the book, whoever is named first counts as its creator."""
    made_it = set(metadata.contributors[0].roles) if metadata.contributors and not metadata.authors else set()
    for n, person in enumerate(metadata.contributors, 1):
        is_creator = {"aut", "cre", *made_it} & set(person.roles)
        yield Statement("dc:creator" if is_creator else "dc:contributor", person.name, _roles(person, n))


def _roles(person: Contributor, n: int) -> tuple[Statement, ...]:
    return (
        *(Statement("role", role, attributes=_MARC) for role in person.roles),
        Statement("file-as", person.sort),
        Statement("display-seq", str(n)),
    )


def _publication(metadata: Metadata) -> Iterator[Statement]:
    """Say who published it, when and under which terms.

    The date is this edition's (a full day with a time, or readers in the west show the day before); when the text first
    came out is `dcterms:issued`.
    """
    terms = ". ".join(text.rstrip(".") for text in (metadata.rights, metadata.licence) if text)
    for name, value in (
        ("dc:publisher", metadata.publisher),
        ("dc:date", f"{metadata.date}T00:00:00Z" if metadata.day else metadata.date),
        ("dc:description", metadata.description),
        ("dc:rights", terms),
        ("dc:source", metadata.source),
        ("dcterms:issued", metadata.first_published),
        ("schema:bookEdition", metadata.edition),
    ):
        if value:
            yield Statement(name, value)


def _subjects(metadata: Metadata) -> Iterator[Statement]:
    yield from (Statement("dc:subject", word) for word in metadata.keywords)
    for authority, codes in (("BISAC", metadata.bisac), ("Thema", metadata.thema)):
        for code in codes:
            about = (Statement("authority", authority), Statement("term", code))
            yield Statement("dc:subject", code, about)


def _series(metadata: Metadata) -> Iterator[Statement]:
    """Name the series as EPUB 3 does, and as calibre's pair of EPUB 2 metas, which more readers look for."""
    series = metadata.series
    if series is None:
        return
    about = [("collection-type", "series"), ("group-position", series.position)]
    refined = tuple(Statement(name, value) for name, value in about if value)
    yield Statement("belongs-to-collection", series.name, refined)
    yield Statement("calibre:series", series.name, form="old")
    if series.position:
        yield Statement("calibre:series_index", series.position, form="old")
