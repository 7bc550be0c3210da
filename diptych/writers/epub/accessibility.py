"""What is in the book for whom: told from the documents as they are, never as they should be.

Schema.org's properties with the values of the Accessibility Properties for Discoverability Vocabulary (W3C, 2025), and
the owner's claim where the book keeps it (EPUB Accessibility 1.1, sections 3 and 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from diptych import tree, words
from diptych.catalogue import prefix
from diptych.features import headings
from diptych.model import Claim, Forme, Page
from diptych.problems import Place, Problem, warning
from diptych.writers.epub.images import SVG, Picture
from diptych.writers.epub.package import XML_LANG, Form, Statement

_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_MOVING = {f"{SVG}{name}" for name in ("animate", "animateMotion", "animateTransform", "set")}
_MOST_PLACES = 5

_LACKS = {
    "picture": "{} without words for those who do not see it",
    "formula": "{} that nothing stands for in text",
    "heading": "{} of a level too deep",
    "table": "{} without header cells",
    "link": "{} without words",
    "page": "{} of the paged edition without a mark",
}
"""What can be lacking, in the words of the problem that tells it; `{}` stands for how many."""


@dataclass(frozen=True)
class Lack:
    """Something that a claim would need and that is not there: a key of `_LACKS`, and where."""

    kind: str
    place: Place


@dataclass(frozen=True)
class Facts:
    """What matters in a book to those who do not see it, or not well.

    `pictures` counts those that mean something, without the cover; `formulas` says how they are shown (`mathml`,
    `drawn`); `moving` is whether any picture is animated, `pages` whether the pages of another edition are marked.
    """

    pictures: int = 0
    formulas: frozenset[str] = frozenset()
    tables: int = 0
    headings: int = 0
    notes: bool = False
    moving: bool = False
    pages: bool = False
    lacks: tuple[Lack, ...] = ()

    def lacking(self, kind: str) -> bool:
        """Whether anything of a kind is lacking."""
        return any(lack.kind == kind for lack in self.lacks)

    @property
    def visual(self) -> bool:
        """Whether there is anything that must be seen, or put into words."""
        return bool(self.pictures) or "drawn" in self.formulas

    @property
    def in_words(self) -> bool:
        """Whether words stand for everything that must be seen."""
        return not self.lacking("picture") and not ("drawn" in self.formulas and self.lacking("formula"))


def look(forme: Forme, pages: Sequence[Page], shown: Mapping[str, Picture], marked: Collection[str]) -> Facts:
    """Look at the documents of an EPUB and the pictures in them.

    `marked` are the folios of another edition whose places are marked.
    """
    toml, homes = f"{forme.manifest.folder}/book.toml", _homes(forme)
    documents = [list(_spots(page, homes)) for page in pages if page.role != "cover"]
    elements = [element for spots in documents for element, _, _ in spots]
    unmarked = (Lack("page", Place(toml)) for each in forme.breaks if each.folio not in marked)
    return Facts(
        pictures=sum(_is_picture(element) and not _is_ornament(element) for element in elements),
        formulas=frozenset(filter(None, map(_formula, elements))),
        tables=sum(element.tag == "table" for element in elements),
        headings=sum(headings.level_of(element) > 0 for element in elements),
        notes=any(forme.catalogue.notes.values()),
        moving=any(picture.moving for picture in shown.values()) or any(e.tag in _MOVING for e in elements),
        pages=bool(marked),
        lacks=(*(lack for spots in documents for lack in _lacks(spots, toml)), *unmarked),
    )


def of(forme: Forme, facts: Facts) -> tuple[Statement, ...]:
    """Say what is in the book for whom."""
    metadata = forme.manifest.metadata
    summary, language = words.tell(_summary(facts), metadata.language)
    foreign = () if language == metadata.language else ((XML_LANG, language),)
    return (
        *(Statement("schema:accessMode", mode) for mode in _modes(facts)),
        *(Statement("schema:accessModeSufficient", modes) for modes in _sufficient(facts)),
        *(Statement("schema:accessibilityFeature", name) for name in _features(facts)),
        *(Statement("schema:accessibilityHazard", name) for name in _hazards(facts)),
        Statement("schema:accessibilitySummary", summary, attributes=foreign),
        *_page_source(forme, facts),
        *(() if facts.lacks else _claimed(metadata.claim)),
    )


def unclaimed(forme: Forme, facts: Facts) -> Iterator[Problem]:
    """Tell why a claim that the owner asks for is left out, each reason with its places."""
    standard = forme.manifest.metadata.claim.standard
    for kind, words_for in _LACKS.items() if standard else ():
        found = [lack.place for lack in facts.lacks if lack.kind == kind]
        if found:
            what = words_for.format(f"{len(found)} {kind}{'s' if len(found) > 1 else ''}")
            yield warning(
                "claim-left-out",
                found[0],
                f"The edition {forme.edition.name} does not claim to keep {standard}, because of {what} "
                f"({_listed(found)}).",
                "Put that right, or take conforms-to out of [accessibility] in book.toml.",
            )


def _listed(places: Sequence[Place]) -> str:
    names = list(dict.fromkeys(map(str, places)))
    more = [f"{len(names) - _MOST_PLACES} more places"] if len(names) > _MOST_PLACES else []
    return ", ".join([*names[:_MOST_PLACES], *more])


_Spot = tuple[Element, str, int]
"""An element, the author's file that it comes from ("" for what nobody wrote), and its line there."""


# --- Looking ----------------------------------------------------------------------------------------------------------


def _spots(page: Page, homes: Mapping[str, str]) -> Iterator[_Spot]:
    """Walk a document, each element with the author's file, and its line; notes at the book's end come from several."""
    source = page.source
    for element, line in tree.with_lines(page.body):
        source = homes.get(element.get("id", ""), source)
        yield element, source, line


def _homes(forme: Forme) -> Mapping[str, str]:
    """Say by id in which file each note is written."""
    sources = {page.name: page.source for page in forme.pages}
    notes = forme.catalogue.notes.items()
    return {note.id: sources.get(prefix(slug), "") for slug, found in notes for note in found}


def _lacks(spots: Iterable[_Spot], toml: str) -> Iterator[Lack]:
    """Find what is lacking in one document; nobody but `toml` can be named for what no file of the author's says."""
    above = 0
    for element, source, line in spots:
        level = headings.level_of(element)
        for kind in (_lack(element), "heading" if level > above + 1 else ""):
            if kind:
                yield Lack(kind, Place(source, line) if source else Place(toml))
        above = level or above


def _is_picture(element: Element) -> bool:
    return (element.tag == "img" and not _formula(element)) or element.tag == f"{SVG}svg"


def _is_ornament(element: Element) -> bool:
    return (
        element.get("alt") == ""
        or element.get("aria-hidden") == "true"
        or element.get("role") == "presentation"
    )


def _formula(element: Element) -> str:
    """Say how a formula is shown, "" where an element is none."""
    if element.tag == f"{_MATHML}math":
        return "mathml"
    return "drawn" if element.tag == "img" and "math" in tree.classes(element) else ""


def _lack(element: Element) -> str:
    """Say what an element lacks, "" where it lacks nothing."""
    if _formula(element):
        return "" if (element.get("alttext") or element.get("alt") or "").strip() else "formula"
    if _is_picture(element):
        return "" if _is_ornament(element) or _has_words(element) else "picture"
    if element.tag == "table":
        return "" if element.find(".//th") is not None else "table"
    if element.tag == "a" and element.get("href"):
        return "" if any(_has_words(inner) for inner in element.iter()) else "link"
    return ""


def _has_words(element: Element) -> bool:
    """Whether an element says something to those who only hear: text, or words in place of it."""
    names = ("alt", "alttext", "aria-label", "aria-labelledby", "title")
    own = element.text if element.tag != f"{SVG}svg" else element.findtext(f"{SVG}title")
    if (own or "").strip() or any((child.tail or "").strip() for child in element):
        return True
    return any(element.get(name, "").strip() for name in names)


# --- Saying -----------------------------------------------------------------------------------------------------------


def _modes(facts: Facts) -> tuple[str, ...]:
    """Say through which senses the book speaks; its cover and its ornaments do not count."""
    drawn = ("mathOnVisual",) if "drawn" in facts.formulas else ()
    return ("textual", "visual", *drawn) if facts.visual else ("textual",)


def _sufficient(facts: Facts) -> tuple[str, ...]:
    """Say which senses suffice to read all of it."""
    return (*(("textual",) if facts.in_words else ()), *(("textual,visual",) if facts.visual else ()))


def _features(facts: Facts) -> tuple[str, ...]:
    rows = (
        ("structuralNavigation", facts.headings > 0),
        ("tableOfContents", True),
        ("readingOrder", True),
        ("displayTransformability", True),
        ("unlocked", True),
        ("alternativeText", facts.visual and facts.in_words),
        ("MathML", "mathml" in facts.formulas),
        # Not describedMath: the words are TeX, which nobody speaks.
        ("latex", bool(facts.formulas) and not facts.lacking("formula")),
        ("pageBreakMarkers", facts.pages),
        ("pageNavigation", facts.pages),
    )
    return tuple(name for name, holds in rows if holds)


def _hazards(facts: Facts) -> tuple[str, ...]:
    """Say what might hurt; pictures that move have no sound, and nobody has measured whether they flash."""
    if facts.moving:
        return ("noSoundHazard", "unknownFlashingHazard", "unknownMotionSimulationHazard")
    return ("none",)


def _summary(facts: Facts) -> Iterator[str]:
    """Choose the sentences that hold."""
    rows = (
        ("reflowable", True),
        ("guided", True),
        ("undescribed" if facts.lacking("picture") else "described", facts.pictures),
        ("unheaded" if facts.lacking("table") else "headed", facts.tables),
        ("mathml", "mathml" in facts.formulas),
        ("drawn", "drawn" in facts.formulas),
        ("unworded" if facts.lacking("formula") else "worded", facts.formulas),
        ("notes", facts.notes),
        ("pages", facts.pages),
        ("moving", facts.moving),
    )
    return (key for key, holds in rows if holds)


def _page_source(forme: Forme, facts: Facts) -> Iterator[Statement]:
    """Say whose pages are marked: their ISBN, else words about that edition (EPUB Accessibility Techniques 1.1)."""
    if facts.pages:
        metadata, pages = forme.manifest.metadata, forme.edition.pages
        isbn = metadata.isbn.get(pages)
        about = (metadata.publisher, metadata.date, metadata.edition, pages, metadata.uuid)
        yield Statement("pageBreakSource", f"urn:isbn:{isbn}" if isbn else ", ".join(filter(None, about)))


def _claimed(claim: Claim) -> Iterator[Statement]:
    """Write the owner's claim: the standard, who says so, on what ground."""
    if claim.standard:
        grounds = (
            Statement("a11y:certifierCredential", claim.credential, form=_form(claim.credential)),
            Statement("a11y:certifierReport", claim.report, form="link"),
        )
        certifier = Statement("a11y:certifiedBy", claim.certifier, tuple(g for g in grounds if g.value))
        yield Statement("dcterms:conformsTo", claim.standard, (certifier,))


def _form(value: str) -> Form:
    return "link" if value.startswith(("https://", "http://")) else "property"
