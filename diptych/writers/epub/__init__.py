"""Pages become an EPUB 3.3 that old readers can open too.

EbookLib keeps the metadata and writes the package; content, navigation and the ZIP are our own bytes, because its own
writers change content (its issues 76, 190, 221), list every note as a page (339) and stamp the ZIP with the clock
(340).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from lxml import etree

from diptych import matter, tree, words
from diptych.features import notes, pagebreaks, tables
from diptych.model import Break, Entry, File, Finished, Forme, Page, Shop
from diptych.problems import Place, Problem, hint
from diptych.writers import xhtml
from diptych.writers.epub import accessibility, cover, fonts, images, metadata, navigation, package

_NARROW = "\u202f"


@dataclass(frozen=True)
class Bound:
    """The documents of an EPUB in reading order, their trees ready to be written; `home` says where an id stands.

    `pictures` are those that the documents show, by their paths in the book.
    """

    pages: tuple[Page, ...]
    home: Mapping[str, str]
    toc: tuple[Entry, ...]
    pictures: Mapping[str, images.Picture]
    breaks: tuple[tuple[Break, str], ...] = ()


def bind(forme: Forme) -> Bound:
    """Put the documents together: the cover, the pages, the contents; with links, and the pages of another edition."""
    edition, language = forme.edition, forme.manifest.metadata.language
    pages = [cover.page(forme.manifest.metadata)] if edition.cover_page else []
    pages += [replace(page, body=tree.duplicate(page.body)) for page in forme.pages]
    home = {name: navigation.file_of(page.name) for page in pages for name in _ids(page.body)}
    toc = navigation.entries(forme.catalogue, forme.pages, home, edition.toc_depth)
    pages.insert(_behind_the_opening(pages), navigation.page(toc, language))
    breaks = pagebreaks.mark({page.name: page.body for page in pages}, forme.breaks)
    pictures = images.find(forme)
    for page in pages:
        _finish(page, home, pictures, forme)
    return Bound(tuple(pages), home, toc, pictures, breaks)


def write(forme: Forme, shop: Shop) -> Finished:
    """Write the pages into one file, whose path is empty: the pipeline names it."""
    about = forme.manifest.metadata
    bound = bind(forme)
    written: list[package.Item] = []
    for n, page in enumerate(bound.pages, 1):
        data = document(page, bound, about.language)
        written.append(package.Item(page.name, navigation.file_of(page.name), data, _properties(page)))
        shop.report("pages written", n)
    dress = fonts.embed(forme, "".join(item.data.decode() for item in written), shop)
    # A picture of the text may be an ornament of a stylesheet, too.
    carried = (*_ornaments(forme), *images.files(bound.pictures, forme.edition, shop), *dress.files)
    files = {file.path: file for file in carried}.values()
    facts = accessibility.look(forme, bound.pages, bound.pictures, [each.folio for each, _ in bound.breaks])
    picture = cover.image(forme.manifest, forme.assets, forme.theme, shop)
    ncx = navigation.ncx(
        bound.toc, navigation.pages(bound.breaks), about, metadata.identifier(about, forme.edition)
    )
    said = (*metadata.of(forme), *accessibility.of(forme, facts))
    data = package.write(forme, said, written, files, picture, ncx)
    told = (
        *_unmarked(forme, bound),
        *dress.problems,
        *images.problems(bound.pictures, forme),
        *accessibility.unclaimed(forme, facts),
    )
    return Finished(forme.edition.name, (File("", data),), problems=told, breaks=forme.breaks)


def document(page: Page, bound: Bound, language: str) -> bytes:
    """Write one document."""
    more = navigation.further(bound.pages, bound.breaks, language) if page.role == "toc" else ()
    body = tree.make("body", "", None, page.body, *more)
    return xhtml.document(page.title, body, language, words.direction(language), ("book.css",))


def lines(forme: Forme) -> dict[str, tuple[tuple[int, int], ...]]:
    """Say for each document which of its lines come from which line of the source: (of the document, of the source)."""
    bound, found = bind(forme), {}
    for page in bound.pages:
        data = document(page, bound, forme.manifest.metadata.language)
        written = etree.fromstring(data).find("{*}body/*")
        pairs = zip(() if written is None else written.iter(), page.body.iter(), strict=True)
        found[navigation.file_of(page.name)] = tuple(
            (there.sourceline or 0, int(here.get("data-line", "0")))
            for there, here in pairs
            if here.get("data-line", "0") != "0"
        )
    return found


def _behind_the_opening(pages: Sequence[Page]) -> int:
    """Say where the contents stand: as on paper, behind title page, imprint, dedication and epigraph."""
    opening = ("cover", *matter.BEFORE_CONTENTS)
    return next((n for n, page in enumerate(pages) if page.role not in opening), len(pages))


def _properties(page: Page) -> tuple[str, ...]:
    """Say what reading systems have to be told of a document (EPUB 3.3, section 5.6.2)."""
    names = {element.tag.rpartition("}")[2] for element in page.body.iter()}
    return (
        *(("nav",) if page.role == "toc" else ()),
        *(("mathml",) if "math" in names else ()),
        *(("svg",) if "svg" in names else ()),
    )


def _unmarked(forme: Forme, bound: Bound) -> Iterator[Problem]:
    """Tell which pages of the other edition are not marked."""
    there = {each.folio for each, _ in bound.breaks}
    gone = [each.folio for each in forme.breaks if each.folio not in there]
    if gone:
        yield hint(
            "pages-unmarked",
            Place(f"{forme.manifest.folder}/book.toml"),
            f"Pages of {forme.edition.pages} that are not marked in {forme.edition.name}: {', '.join(gone)}.",
            "What they show stands elsewhere there; let notes at the end stand in the same place in both.",
        )


def _ornaments(forme: Forme) -> list[File]:
    return [file for file in forme.theme.files if not file.path.startswith("fonts/")]


def _ids(body: Element) -> list[str]:
    return [name for element in body.iter() if (name := element.get("id"))]


def _finish(
    page: Page, home: Mapping[str, str], pictures: Mapping[str, images.Picture], forme: Forme
) -> None:
    """Name in a page of ours the files that its links and images lead to, and make it fit for e-readers."""
    for link in page.body.iter("a"):
        target = link.get("href", "")
        if target.startswith("#") and home.get(
            target[1:], navigation.file_of(page.name)
        ) != navigation.file_of(page.name):
            link.set("href", home[target[1:]] + target)
    if page.role != "cover":
        images.place(page.body, pictures)
    tables.widen(page.body, forme.manifest.metadata.language)
    first = next((e for e in page.body.iter("aside") if "footnote" in tree.classes(e)), None)
    if first is not None:
        tree.add_class(first, "footnote-first")
    if words.direction(forme.manifest.metadata.language) == "rtl":
        _turn_code(page.body)
    if forme.edition.raised_calls:
        _raise_calls(page.body)
    if forme.edition.simple:
        _widen_spaces(page.body)


def _turn_code(body: Element) -> None:
    """Let code run from left to right everywhere; an EPUB's stylesheet may not say so (EPUB 3.3, section 6.3.1)."""
    for element in body.iter():
        if element.tag in ("pre", "code", "kbd", "samp"):
            element.attrib.setdefault("dir", "ltr")


def _raise_calls(body: Element) -> None:
    """Put each call into a `sup`, never the other way round: Apple Books opens no note from a link with tags in it."""
    for call, parent in list(tree.with_parents(body)):
        if notes.is_call(call):
            raised = tree.make("sup")
            tree.replace(parent, call, raised)
            call.tail = None
            raised.append(call)


def _widen_spaces(body: Element) -> None:
    """Write narrow spaces as common ones that do not break: a Kindle knows no others (Publishing Guidelines, 6.2)."""
    for element in body.iter():
        element.text = (element.text or "").replace(_NARROW, "\u00a0") or None
        element.tail = (element.tail or "").replace(_NARROW, "\u00a0") or None
