"""A small document is parsed, catalogued and composed; what comes out stands beside it.

Found by listing `documents/`; `pytest --accept` writes the `.expected` files anew, for a look at the diff. The language
is the second suffix of the name (`punctuation.de.md`); without one it is English. Every document is the first of
two chapters: the other is `other.md`, so that links have somewhere to go.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diptych import catalogue, compose, markup
from diptych.model import Edition, Entry, File, Manifest, Metadata, Reading
from diptych.problems import in_order
from diptych.writers import xhtml

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.md"))
OTHER = File("other.md", b"# The other chapter\n\n## Over there {#there}\n\nWords.\n")
BLOCK = re.compile(
    r"(?<!^)\n?(?=<(?:aside|blockquote|caption|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|img|li|ol|p|pre|section|table|tbody"
    r"|td|th|thead|tr|ul)[ />])"
)
SHORT = {
    'class="noteref" epub:type="noteref" role="doc-noteref"': "noteref",
    'epub:type="footnote" role="doc-footnote" class="footnote"': "footnote",
    'role="doc-backlink" class="backlink" title="Back to reference ': 'backlink "',
    'role="doc-backlink" class="backlink" aria-label="Back to reference ': 'backlink "',
}
"""What every note says in the same words is drawn short; `test_a_note_in_full` shows it once."""


def told(path: Path) -> str:
    """Say what a reader gets of a document: its body, its contents, its problems."""
    language = path.suffixes[-2].removeprefix(".") if len(path.suffixes) > 1 else "en"
    reading = (Reading("a.md", "body"), Reading("other.md", "body"))
    files = (File("a.md", path.read_bytes()), OTHER)
    chapters = [
        markup.parse(file, each, each.path.removesuffix(".md"), language, "book")
        for file, each in zip(files, reading, strict=True)
    ]
    whole = catalogue.collect(chapters, "book", language=language)
    edition = Edition("epub", "epub")
    manifest = Manifest("book", Metadata("A Book", "urn:uuid:0", language), reading, (edition,))
    body = BLOCK.sub("\n", xhtml.fragment(compose.compose(chapters[0], whole, edition, manifest).page.body))
    for long, short in SHORT.items():
        body = body.replace(long, short)
    problems = in_order([*(p for chapter in chapters for p in chapter.problems), *whole.problems])
    return "\n".join(
        [
            body,
            "=== contents",
            *lines(whole.contents[:1], 0),
            "=== problems",
            *map(str, problems),
            "",
        ]
    )


def lines(entries: tuple[Entry, ...], depth: int) -> list[str]:
    """Draw entries of the contents, each with its target."""
    return [
        line
        for entry in entries
        for line in [
            f"{'  ' * depth}{f'{entry.number} {entry.text}'.strip()} -> {entry.target}",
            *lines(entry.children, depth + 1),
        ]
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name.removesuffix(".md"))
def test_document(document: Path, accept: bool) -> None:
    expected = document.with_suffix(".expected")
    found = told(document)
    if accept:
        expected.write_text(found, encoding="utf-8")
    assert expected.is_file(), "Look at what comes out, then run pytest --accept."
    assert found == expected.read_text(encoding="utf-8")


def test_a_note_in_full() -> None:
    """What the drawings above leave out: the words by which reading systems know a note (EPUB SSV, DPUB-ARIA)."""
    chapter = markup.parse(
        File("a.md", b"# A\n\nB.[^1]\n\n[^1]: C.\n"), Reading("a.md", "body"), "a", "en", "book"
    )
    whole = catalogue.collect([chapter], "book")
    manifest = Manifest("book", Metadata("A Book", "urn:uuid:0"), (Reading("a.md", "body"),), ())
    body = xhtml.fragment(compose.compose(chapter, whole, Edition("epub", "epub"), manifest).page.body)
    call = '<a id="fnref-a-1" href="#fn-a-1" class="noteref" epub:type="noteref" role="doc-noteref">1</a>'
    back = '<a href="#fnref-a-1" role="doc-backlink" class="backlink" title="Back to reference 1">1.</a>'
    text = f'<aside id="fn-a-1" epub:type="footnote" role="doc-footnote" class="footnote"><p>{back} C.</p>\n</aside>'
    assert f"<p>B.{call}</p>\n{text}" in body


def test_every_expected_file_has_its_document() -> None:
    expected = {path.stem for path in (Path(__file__).parent / "documents").glob("*.expected")}
    assert expected == {path.stem for path in DOCUMENTS}
