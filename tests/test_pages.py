"""The pages of the printed book, marked in the EPUB: exact to the word, on every page.

Both files are read back by other libraries than wrote them: the text between two marks must be the text of the page.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from lxml import etree

from diptych.features import pagebreaks
from diptych.model import Break
from diptych.tree import make

_XHTML = "{http://www.w3.org/1999/xhtml}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_OPF = "{http://www.idpf.org/2007/opf}"
_ESSAY = Path(__file__).parents[2] / "shared" / "seeds" / "two-souls-of-leninism.txt"

_ONLY_ON_PAPER = re.compile(r"setin(?:sourceserifpro)(?:andibmplexmono)?|continued$")
"""The faces, which are not an e-reader's, and the sign above a note that runs on."""

_PAGED = '\n[edition.epub]\npages = "print"\n[edition.print]\n'


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


@dataclass
class _Page:
    """What the EPUB holds of one printed page; `extra` is what a PDF gives out of order: words in drawings, numbers."""

    folio: str
    text: str = ""
    extra: str = ""
    heads: set[str] = field(default_factory=set)
    contents: bool = False


class _Marked:
    """The EPUB's text, page by page as it is marked."""

    def __init__(self, data: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(data))
        self.pages = [_Page("")]
        self.documents: dict[str, etree._Element] = {}
        self.number = ""  # of a list's item whose words have not come yet
        opf = etree.fromstring(self.archive.read("EPUB/content.opf"))
        files = {item.get("id"): item.get("href") for item in opf.iter(f"{_OPF}item")}
        for ref in opf.iter(f"{_OPF}itemref"):
            name = files[ref.get("idref")]
            root = etree.fromstring(self.archive.read(f"EPUB/{name}"))
            self.documents[name] = root
            self._walk(root.find(f"{_XHTML}body"), contents=name.startswith(("nav.", "list-of-")))

    def _walk(self, element: etree._Element, *, contents: bool) -> None:
        kinds = str(element.get(_TYPE, "")).split()
        if element.tag == f"{_XHTML}span" and kinds == ["pagebreak"]:
            self.pages.append(_Page(element.get("aria-label")))
        page = self.pages[-1]
        page.contents |= contents
        if not (
            element.get("hidden")
            or "footnote" in kinds
            or "cover" in kinds
            or (element.tag == f"{_XHTML}li" and str(element.get("id", "")).startswith("fn-"))
        ):
            self._own(element, page)
            for child in element:
                self._walk(child, contents=contents)
        self._say(element.tail or "")

    def _say(self, text: str) -> None:
        if _letters(text):
            self.pages[-1].extra += self.number
            self.number = ""
        self.pages[-1].text += text

    def _own(self, element: etree._Element, page: _Page) -> None:
        parent = element.getparent()
        if element.tag == f"{_XHTML}li" and parent.tag == f"{_XHTML}ol" and not page.contents:
            self.number = str(int(parent.get("start", 1)) + list(parent).index(element))
        if element.tag in (f"{_XHTML}li", f"{_XHTML}h1"):
            page.text += "\n"
        if element.tag == f"{_XHTML}thead":
            page.heads.add(_letters("".join(element.itertext())))
        if element.tag == f"{_XHTML}img" and str(element.get("src")).endswith(".svg"):
            drawing = etree.fromstring(self.archive.read(f"EPUB/{element.get('src')}"))
            page.extra += "".join(
                "".join(e.itertext()) for e in drawing.iter("{http://www.w3.org/2000/svg}text")
            )
        self._say(element.text or "")


def _printed(data: bytes) -> list[tuple[str, str]]:
    """Give each page of the PDF as (label, text), without running head, folio and notes at the foot."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        numbers = {page.objgen: n for n, page in enumerate(pdf.pages)}
        tops: dict[int, float] = {}
        names = list(pdf.Root.Names.Dests.Names)
        for name, target in zip(names[::2], names[1::2], strict=True):
            if str(name).startswith("fn-"):
                n = numbers[target[0].objgen]
                tops[n] = max(tops.get(n, 0.0), float(target[3]))
        labels = [page.label for page in pdf.pages]
    found = []
    with pypdfium2.PdfDocument(data) as document:
        for n, label in enumerate(labels):
            page = document[n]
            width, height = page.get_size()
            text = page.get_textpage().get_text_bounded(
                left=0,
                right=width,
                top=height * 0.92,
                bottom=tops.get(n, height * 0.092) + (2 if n in tops else 0),
            )
            found.append((label, text))
    return found


def _assert_exact(epub: bytes, pdf: bytes, alone: str = "") -> int:
    """Compare what stands between two marks with the page; returns how many pages were compared.

    `alone` is what stands in the PDF alone, as a pattern.
    """
    marked = _Marked(epub)
    printed = [(label, re.sub(alone, "", text)) for label, text in _printed(pdf)]
    pages = {page.folio: page for page in marked.pages[1:]}
    assert _letters(marked.pages[0].text) == ""  # nothing stands before the first page but the cover
    while _letters(printed[-1][1]) == "" and printed[-1][0] not in pages:
        printed.pop()
    assert [page.folio for page in marked.pages[1:]] == [label for label, _ in printed]
    heads = set().union(*(page.heads for page in pages.values()))
    lent = 0  # letters of a word that began on the page before
    for (label, raw), following in zip(printed, [*printed[1:], ("", "")], strict=True):
        page = pages[label]
        there, here = (_ONLY_ON_PAPER.sub("", _letters(text)) for text in (page.text, raw))
        here = here[lent:]
        if label == "i" and not there:
            continue  # the half title, which only paper has
        if page.contents:
            entries = [entry for line in page.text.split("\n") if (entry := _letters(line))]
            pattern = r"(?:\d+|[ivxl]+)?".join(re.escape(entry) for entry in entries)
            assert re.fullmatch(pattern + r"(?:\d+|[ivxl]+)?", here), label
            continue
        first = _letters(following[1].split()[0]) if following[1].split() else ""
        lent = _compared(page, there, here, first, heads)
    return len(printed)


def _compared(page: _Page, there: str, here: str, first: str, heads: set[str]) -> int:
    """Compare one page; returns how many letters of a word that ends on the next one stand here in the EPUB."""
    if there == here:
        return 0
    if there == here + first:
        return len(first)
    # Lists, tables and drawings come out of a PDF in another order; a table's head is drawn on every page.
    due, drawn = Counter(there + _letters(page.extra)), Counter(here)
    for head in ("", *heads):
        for rest in ("", first):
            if due + Counter(head) == drawn + Counter(rest):
                return len(rest)
    raise AssertionError((page.folio, due - drawn, drawn - due, there[-60:], here[-60:]))


def _both(bench, files) -> tuple[bytes, bytes]:
    book = bench.read(files)
    return bench.make(book, "epub", plain=True).data, bench.make(book, "print").data


def test_every_page_of_the_small_book(bench, small_book):
    files = {**small_book, "book.toml": small_book["book.toml"] + _PAGED}
    assert _assert_exact(*_both(bench, files)) > 10


@pytest.mark.slow
def test_pages_of_a_book_of_references(bench):
    """The pages that a text names stand on paper alone. (A figure that floats is marked where it is written.)"""
    files = _of_folder(Path(__file__).parent / "samples" / "references")
    files = {path: data.replace(b".svg){#plan}", b".svg){#plan .here}") for path, data in files.items()}
    files["book.toml"] = (
        files["book.toml"].decode().split("\n[edition.")[0] + _PAGED + 'trim = "5x8"\nhalf-title = false\n'
    )
    assert _assert_exact(*_both(bench, files), r",?\s*p\.\s(\d+|[ivx]+)|\(https:[^)]*\)") > 20


def _of_folder(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".diptych" not in path.parts
    }


def _nasty() -> str:
    """Give a chapter whose pages begin everywhere: in lists, tables, quotations, verse, code, amid many notes."""
    words = "Nobody could say who had called the council’s half-forgotten meeting—nor why “everyone” came. ".split()
    run = " ".join(words[n % len(words)] for n in range(60))
    notes = " ".join(f"Word{n}[^{n}] of a “quoted—dashed” sentence." for n in range(60))
    texts = "\n".join(f"[^{n}]: Note {n}: {run[: 40 + 37 * (n % 9)]}" for n in range(60))
    rows = "\n".join(f"| row {n} | *{run[:90]}* | {n} |" for n in range(40))
    items = "\n".join(f"- {run}\n    1. inner {run}\n    2. more" for n in range(8))
    quoted = "\n>\n".join(f"> **{n}** {run} *{run}*" for n in range(8))
    code = "\n".join(f"line_{n} = call(argument_{n}, other_{n})" for n in range(90))
    verse = "\n".join(f"A line {n} of verse," for n in range(60))
    return (
        f"# Nasty pages\n\n{notes}\n\n{items}\n\n{quoted}\n\n| a | b | c |\n|---|---|---|\n{rows}\n\n"
        f"```\n{code}\n```\n\n/// verse\n{verse}\n///\n\n## A heading\n\n{notes.replace('[^', '[^x')}\n\n"
        f"A [link that is long: {run}](#a-heading) and {run}\n\n{texts}\n{texts.replace('[^', '[^x')}\n"
    )


@pytest.mark.slow
def test_pages_that_begin_everywhere(bench):
    toml = (
        '[book]\ntitle = "Nasty"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
        + _PAGED
    )
    files = {
        "book.toml": toml + 'trim = "a5"\n',
        "01-nasty.md": _nasty(),
        "02-end.md": "# The end\n\nOf it.\n",
    }
    assert _assert_exact(*_both(bench, files)) > 20


@pytest.mark.slow
def test_a_page_that_cuts_a_row_of_a_table(bench):
    cells = [" ".join(f"{name}{n}" for n in range(700)) for name in ("left", "right")]
    text = f"# One\n\n| a | b |\n|---|---|\n| {cells[0]} | {cells[1]} |\n\nBehind it.\n"
    toml = '[book]\ntitle = "Row"\n' + _PAGED + 'trim = "a5"\n'
    epub, pdf = _both(bench, {"book.toml": toml, "one.md": text})
    begins = [page.text.split()[0] for page in _Marked(epub).pages[1:] if page.text.startswith("left")]
    printed = [re.findall(r"left\d+", text) for _, text in _printed(pdf)]
    # The head is drawn with the first rows or, where these leave no room for it, only behind them.
    assert begins == [words[0] for words in printed if words][-len(begins) :]
    assert len(begins) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("trim", ["5x8", "6x9", "a4"])
def test_every_page_of_our_own_book(bench, trim):
    files = _of_folder(Path(__file__).parents[1] / "book")
    toml = files["book.toml"].decode().split("\n[edition.")[0]
    files["book.toml"] = toml + _PAGED + f'trim = "{trim}"\n'
    assert _assert_exact(*_both(bench, files)) > 30


@pytest.mark.slow
@pytest.mark.skipif(not _ESSAY.exists(), reason="the essay is not here")
def test_every_page_of_the_essay(bench, tmp_path):
    from diptych import founding

    found, _ = founding.import_text(_ESSAY, tmp_path / "essay", "essay")
    files = {file.path: file.data for file in found}
    files["book.toml"] = files["book.toml"] + _PAGED.encode()
    assert _assert_exact(*_both(bench, files)) > 20


@pytest.mark.slow
def test_notes_at_the_books_end_have_their_pages(bench):
    notes = "\n".join(
        f"[^{n}]: Note {n} has a few words of its own, and then a few more of them." for n in range(90)
    )
    text = "# One\n\n" + " ".join(f"A word.[^{n}]" for n in range(90)) + "\n\n" + notes
    toml = '[book]\ntitle = "Ends"\n[notes]\nplace = "book"\n' + _PAGED
    epub, pdf = _both(bench, {"book.toml": toml, "one.md": text})
    marked = _Marked(epub)
    held = marked.documents["endnotes.xhtml"].findall(f".//{_XHTML}span[@role='doc-pagebreak']")
    assert len(held) >= 2
    assert {page.folio for page in marked.pages[1:]} >= {
        label for label, text in _printed(pdf) if _letters(text)
    }


@pytest.mark.slow
def test_pages_of_notes_that_stand_elsewhere_are_told(bench):
    notes = "\n".join(
        f"[^{n}]: Note {n} has a few words of its own, and then a few more of them." for n in range(90)
    )
    text = "# One\n\n" + " ".join(f"A word.[^{n}]" for n in range(90)) + "\n\n" + notes + "\n"
    toml = (
        '[book]\ntitle = "Ends"\n[notes]\nplace = "book"\n'
        + _PAGED
        + '[edition.epub.notes]\nplace = "chapter"\n'
    )
    book = bench.read({"book.toml": toml, "one.md": text, "two.md": "# Two\n\nThe last words.\n"})
    made = bench.make(book, "epub", plain=True)
    assert [problem.code for problem in made.problems] == ["pages-unmarked"]


def _marked(text: str, at: int, words: str = "") -> str:
    """Mark one page in a paragraph and give its text with a bar where the mark stands."""
    paragraph = make("p", text)
    body = make("section", "", None, paragraph)
    pagebreaks.mark({"one": body}, [Break("1", "one", at, words)])
    return (paragraph.text or "") + "".join("|" + (span.tail or "") for span in paragraph)


@pytest.mark.parametrize(
    ("text", "at", "wanted"),
    [
        ("one two", 0, "|one two"),
        ("one two", 3, "one |two"),
        ("one “two”", 3, "one |“two”"),
        ("one (two)", 3, "one |(two)"),
        ("one ’tis", 3, "one |’tis"),
        ("one dash—two", 7, "one dash—|two"),
        ("one half-two", 7, "one half-|two"),
        ("one hyphenated two", 7, "one hyphenated |two"),
        ("one last", 5, "one last|"),
        ("一二三四。五六", 2, "一二|三四。五六"),
        ("一二「三四」", 2, "一二|「三四」"),
        ("l’État c’est", 5, "l’État |c’est"),
        ("l’État c’est moi", 6, "l’État c’est |moi"),
    ],
)
def test_a_page_begins_at_a_word(text, at, wanted):
    assert _marked(text, at) == wanted


def test_a_page_whose_words_have_moved_is_found_by_them():
    assert _marked("more of it stands here, one two", 3, "onetwo") == "more of it stands here, |one two"
    assert _marked("nothing of it", 3, "onetwo") == "nothing of it"
