"""Pages become an EPUB 3.3 that old readers can open too.

EbookLib keeps the metadata and writes the package; content, navigation and the ZIP are our own bytes, because its own
writers change content (its issues 76, 190, 221), list every note as a page (339) and stamp the ZIP with the clock (340).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Catalogue, Edition, File, Finished, Manifest, Page, Theme
from diptych.words import say
from diptych.writers import xhtml
from diptych.writers.epub import cover, fonts, navigation, package

Report = Callable[[str, int], None]

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv"})


def write(
    pages: Sequence[Page], edition: Edition, theme: Theme, manifest: Manifest, assets: Mapping[str, File], report: Report,
    catalogue: Catalogue, epoch: int,
) -> Finished:  # fmt: skip
    """Write the pages into one file, whose path is empty: the pipeline names it. `epoch` is seconds since 1970, UTC."""
    metadata = manifest.metadata
    language = metadata.language
    direction = "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"
    spine = [cover.page(language), *pages]
    documents = {page.name: f"{page.name}.xhtml" for page in spine}
    home = {name: documents[page.name] for page in spine for name in _ids(page.body)}
    written: list[package.Item] = []
    for n, page in enumerate(spine, 1):
        body = _body(page, home)
        data = xhtml.document(page.title, body, language, direction, ("book.css",))
        properties = ("svg",) if b"<svg" in data else ()
        written.append(package.Item(page.name, documents[page.name], data, properties, linear=True))
        report("pages written", n)
    toc = navigation.entries(catalogue, pages, home, edition.toc_depth)
    nav = package.Item("nav", "nav.xhtml", navigation.document(toc, pages, metadata, direction, home), ("nav",), linear=True)
    text = "".join(item.data.decode() for item in (*written, nav))
    # The e-reader's contents stand behind the imprint, where a book has them.
    at = next((n for n, page in enumerate(spine) if page.name == "imprint"), 0) + 1
    written.insert(at, nav)
    files = [
        *_images(pages, assets),
        *fonts.subsets([file for file in theme.files if file.path.startswith("fonts/")], theme.stylesheets, text),
        File("book.css", b"\n".join(sheet.data for sheet in theme.stylesheets)),
        *[file for file in theme.files if not file.path.startswith("fonts/")],
    ]
    ncx = navigation.ncx(toc, metadata)
    data = package.write(metadata, written, files, cover.image(manifest, assets, theme), ncx, direction, epoch, edition)
    return Finished(edition.name, (File("", data),), chapters=len([p for p in pages if p.source]))


def _ids(body: Element) -> list[str]:
    return [name for element in body.iter() if (name := element.get("id"))]


def _body(page: Page, home: Mapping[str, str]) -> Element:
    """Copy a page's body, with links that name the file they lead to."""
    section = tree.duplicate(page.body)
    for link in section.iter("a"):
        target = link.get("href", "")
        if target.startswith("#") and home.get(target[1:], f"{page.name}.xhtml") != f"{page.name}.xhtml":
            link.set("href", home[target[1:]] + target)
    first = next((e for e in section.iter("aside") if "footnote" in tree.classes(e)), None)
    if first is not None:
        tree.add_class(first, "footnote-first")
    return tree.make("body", "", None, section)


def _images(pages: Sequence[Page], assets: Mapping[str, File]) -> list[File]:
    paths = sorted({image.get("src", "") for page in pages for image in page.body.iter("img")})
    return [File(package.safe_name(path), assets[path].data) for path in paths if path in assets]


