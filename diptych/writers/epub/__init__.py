"""Pages become an EPUB 3.3 that old readers can open too.

EbookLib keeps the metadata and writes the package; content, navigation and the ZIP are our own bytes, because its own
writers change content (its issues 76, 190, 221), list every note as a page (339) and stamp the ZIP with the clock
(340).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from diptych import tree, words
from diptych.model import File, Finished, Forme, Page, Report
from diptych.writers import xhtml
from diptych.writers.epub import cover, fonts, navigation, package


def write(forme: Forme, report: Report) -> Finished:
    """Write the pages into one file, whose path is empty: the pipeline names it."""
    metadata = forme.manifest.metadata
    language = metadata.language
    direction = words.direction(language)
    spine = [cover.page(language), *forme.pages]
    home = {name: f"{page.name}.xhtml" for page in spine for name in _ids(page.body)}
    written: list[package.Item] = []
    for n, page in enumerate(spine, 1):
        data = xhtml.document(page.title, _body(page, home), language, direction, ("book.css",))
        written.append(
            package.Item(page.name, f"{page.name}.xhtml", data, ("svg",) if b"<svg" in data else ())
        )
        report("pages written", n)
    toc = navigation.entries(forme.catalogue, forme.pages, home, forme.edition.toc_depth)
    nav = package.Item(
        "nav", "nav.xhtml", navigation.document(toc, forme.pages, metadata, direction, home), ("nav",)
    )
    # The e-reader's contents stand behind the imprint, where a book has them.
    at = next((n for n, page in enumerate(spine) if page.name == "imprint"), 0) + 1
    written.insert(at, nav)
    files = [
        *_images(forme.pages, forme.assets),
        *_style(forme, "".join(item.data.decode() for item in written)),
    ]
    picture = cover.image(forme.manifest, forme.assets, forme.theme)
    data = package.write(forme, written, files, picture, navigation.ncx(toc, metadata), direction)
    return Finished(forme.edition.name, (File("", data),))


def _style(forme: Forme, text: str) -> list[File]:
    """Give the stylesheet and what it names; fonts are cut down to the characters of `text`."""
    faces = {file.path: file for file in forme.theme.files if file.path.startswith("fonts/")}
    ornaments = [file for file in forme.theme.files if file.path not in faces]
    return [*fonts.embed(forme.theme.stylesheets, faces, text), *ornaments]


def _ids(body: Element) -> list[str]:
    return [name for element in body.iter() if (name := element.get("id"))]


def _body(page: Page, home: Mapping[str, str]) -> Element:
    """Copy a page's body, with links and images that name the file they lead to."""
    section = tree.duplicate(page.body)
    for link in section.iter("a"):
        target = link.get("href", "")
        if target.startswith("#") and home.get(target[1:], f"{page.name}.xhtml") != f"{page.name}.xhtml":
            link.set("href", home[target[1:]] + target)
    for image in section.iter("img") if page.role != "cover" else ():
        image.set("src", package.safe_name(image.get("src", "")))
    first = next((e for e in section.iter("aside") if "footnote" in tree.classes(e)), None)
    if first is not None:
        tree.add_class(first, "footnote-first")
    return tree.make("body", "", None, section)


def _images(pages: Sequence[Page], assets: Mapping[str, File]) -> list[File]:
    paths = sorted({image.get("src", "") for page in pages for image in page.body.iter("img")})
    return [File(package.safe_name(path), assets[path].data) for path in paths if path in assets]
