"""Any text at all is refused with a place, or becomes an EPUB that is sound; never a traceback.

The examples are the same in each run.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from diptych import markup, pipeline, records, tools, tree
from diptych.checks import ledger
from diptych.model import File, Reading
from diptych.problems import BookError, errors

X = "{http://www.w3.org/1999/xhtml}"
TOML = """
[book]
title = "A Book"
[identifier]
uuid = "urn:uuid:0f6a3c52-6f4e-4f7c-9d0e-5a8f1d9f2b0d"
[chapters]
body = ["a.md"]
[edition.epub]
fonts = "none"
"""
OF_THE_WHOLE_FILE = {"chapter-empty", "too-deep"}
"""What can be wrong with a file, and with no line of it."""


# --- Texts ------------------------------------------------------------------------------------------------------------

SIGNS = st.text("*_`[]()<>!#-+|:\\\n\t \"'&;{}=/~^$1a.é\u05d0漢\u200b", max_size=80)

PIECES = [
    "[^1]", "[^2]", "^[", "]", "[", "(", ")", "(a.md)", "(#x)", "![a](p.png)", "![", "](", "\n", "\n\n", "\n\n", "    ", "\t",
    "# ", "## ", "> ", "* ", "1. ", "- ", ":   ", "---\n", "===\n", "***\n", "| a | b |\n|---|---|\n", "| c | d |\n", "|",
    "\n[^1]: ", "\n[^2]: ", "\n\n[^1]: text\n\n    ", "/// caption\n", "/// verse\n", "/// epigraph\n", "\n///\n", "```\n", "~~~\n",
    "<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<span>", "</span>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>",
    "</table>", "<br>", "<BR/>", "<svg>", "</svg>", "<circle r='1'/>", "<pre>", "</pre>", "<code>", "</code>", "<ruby>", "<rt>",
    "<a href='#x'>", "</a>", "<details>", "<summary>", "<figure>", "<figcaption>", "</figure>", "<h2>", "</h2>", "<tr id='x'>",
    "<div markdown='1'>", "<p markdown='1'>", "<li markdown='1'>", "<script>", "<!--", "-->", "--", "<?x", "<![CDATA[", "]]>",
    "&amp;", "&#60;", "&#1;", "&#", "&nbsp;", "{#x}", "{.c}", "{: #y }", "{data-line=x}", "*[word]: long\n", "[ref]: a.md 'T'\n",
    "*", "**", "_", "`", "``", "\\", "^", "~", "~~", "$", "$$", "\\(", "x^2^", "word", "word ", "Word. ", "é", "'", '"', "...",
    "<http://e.org>", "<a@b.c>", "https://e.org/a b", "\u00a0", "\u2028", "\ufeff",
]  # fmt: skip
"""What Markdown, HTML and this house give a meaning to, to be put together as it comes."""

soups = st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join)


WORDS = [
    "word",
    "two words",
    "Émile",
    "漢字",
    "עברית",
    "x < y",
    "AT&T",
    "1984",
    "a_b",
    "&eacute;",
    "~5",
    "10^6",
    "C#",
    "...",
    "so -- or so",  # alone under a line it would make a heading of that
]
SIMPLE = [
    *WORDS,
    "`code`",
    "`a & <b>`",
    "<https://example.org/?a=1&b=2>",
    "![a](p.png)",
    "$x^2$",
    "\\*",
    "a<br>b",
    "H~2~O",
    "19^th^",
]
AROUND = [
    "*{}*",
    "**{}**",
    '"{}"',
    "({})",
    "[{}](a.md)",
    "[{}](https://example.org)",
    "[{}]{{.smallcaps}}",
    "<b>{}</b>",
    "<i>{}</i>",
]


def picked(texts: list[str]) -> st.SearchStrategy[str]:
    """Take one of many; `sampled_from` would show them all when an example fails."""
    return st.integers(0, len(texts) - 1).map(lambda n: texts[n])


def inlines(notes: list[str]) -> st.SearchStrategy[str]:
    """Write words as an author would; `notes` are calls and notes in place."""
    plain = [*SIMPLE, *notes * 3]
    once = [
        around.format(f"{first} {second}")
        for around in AROUND
        for first in WORDS
        for second in notes or WORDS
    ]
    twice = [around.format(f"word {inner}") for around in AROUND for inner in once[:: len(AROUND)]]
    return st.lists(picked(plain) | picked(once) | picked(twice), min_size=1, max_size=3).map(" ".join)


def indented(text: str, by: str) -> str:
    """Put something in front of each line, the first excepted."""
    return ("\n" + by).join(text.split("\n"))


def blocks(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Write one block, with blocks inside."""
    leaf = st.builds(
        str.format,
        st.sampled_from(
            ["{}", "{}\n{}", "## Words {}", "| {} | b |\n|---|--:|\n| c | {} |", "Term {}\n:   {}", "/// verse\n{}\nand\n///",
             "/// epigraph\n{}\n\n— {}\n///", "* * *", "```python\nx = '{{}}'  # [^1]\n```", "![a](p.png)\n\n/// caption\n{}\n///",
             '<div markdown="1">\n\n{}\n\n</div>', "<p>raw &amp; <em>so</em></p>", "<!-- gone -- {{}} -->", "$$\nx_1\n$$"]
        ),
        words, words,
    )  # fmt: skip

    def holding(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        several = st.lists(inner, min_size=1, max_size=3).map("\n\n".join)
        return (
            several.map(lambda text: "> " + indented(text, "> "))
            | st.builds(lambda first, more: f"- {first}\n\n    {indented(more, '    ')}", words, several)
            | st.builds(lambda first, more: f"1.  {first}\n    - {more}\n2.  {more}", words, words)
        )

    return st.recursive(leaf, holding, max_leaves=6)


LABELS = "1234"
CALLS = [*(f"[^{label}]" for label in LABELS), "^[in place]", "^[in *place* [too]]"]
BODIES = st.lists(blocks(inlines(CALLS)), min_size=1, max_size=4)
TEXTS = st.lists(blocks(inlines([])), max_size=2)


@st.composite
def chapters(draw: st.DrawFn) -> str:
    """Write a chapter in which every note has a word of its own (`own3`), wherever it is called and defined."""
    body = [*draw(BODIES), "".join(f"Called.[^{label}] " for label in LABELS).strip()]
    texts = ""
    for label in draw(st.permutations(LABELS)):
        more = draw(TEXTS)
        paragraphs = "\n\n".join([f"own{label}", *more, *([f"own{label}"] if more else [])])
        texts += f"[^{label}]: {indented(paragraphs, '    ')}" + draw(st.sampled_from(["\n", "\n\n"]))
    at = draw(st.integers(0, len(body)))
    return "\n\n".join(["# Chapter", *body[:at], texts.rstrip("\n"), *body[at:]]) + "\n"


# --- What is asked ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def press(bench, picture):
    """Give a function that makes an EPUB of a text, or gives the errors for which it is refused."""
    folder = bench.write({"book.toml": TOML, "p.png": picture(3, 3)})

    def make(text: str):
        (folder / "a.md").write_bytes(text.encode())
        try:
            book = pipeline.read(folder, "book", pipeline.Wishes())
        except BookError as refused:
            return None, errors(refused.problems)
        return bench.make(book, "epub", plain=True), ()

    return make


def documents(made) -> dict[str, etree._Element]:
    """Parse every document of an EPUB as XML."""
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xhtml", ".opf", ".ncx"))]
        return {name: etree.fromstring(archive.read(name)) for name in names}


def sound(made) -> dict[str, etree._Element]:
    """See that an EPUB is one: its documents, its ids, its links, its notes."""
    found = {name: root for name, root in documents(made).items() if name.endswith(".xhtml")}
    ids = [
        (name, e.get("id")) for name, root in found.items() for e in root.iter(etree.Element) if e.get("id")
    ]
    assert len({name for _, name in ids}) == len(ids)
    for path, root in found.items():
        for link in root.iter(f"{X}a"):
            file, mark, target = link.get("href", "mailto:").partition("#")
            if mark and ":" not in file:
                assert (f"EPUB/{file}" if file else path, target) in ids, link.get("href")
    assert ledger.of_epub(made.data, made.wanted, made.edition).problems == ()
    return found


def refused_with_places(problems) -> None:
    assert problems
    for problem in problems:
        assert problem.place.file == "book/a.md"
        assert problem.place.line or problem.code in OF_THE_WHOLE_FILE, str(problem)
        assert problem.hint


def few(examples: int) -> settings:
    """Try some examples, always the same ones, so that a red test stays red."""
    return settings(max_examples=examples, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize("texts", [st.text(), SIGNS, soups], ids=["letters", "signs", "pieces"])
def test_any_text_is_refused_with_a_place_or_becomes_a_sound_epub(press, texts):
    @few(40)
    @given(texts)
    def holds(text):
        made, problems = press(text)
        if made is None:
            refused_with_places(problems)
        else:
            sound(made)

    holds()


def test_whatever_is_parsed_is_remembered_as_it_is():
    def everything(chapter) -> tuple:
        trees = [chapter.body, *(note.body for note in chapter.notes if note.body is not None)]
        elements = [(e.tag, list(e.attrib.items()), e.text, e.tail) for each in trees for e in each.iter()]
        notes = [(note.label, note.line, note.body is None) for note in chapter.notes]
        return elements, notes, replace(chapter, body=None, notes=())

    @few(100)
    @given(st.one_of(SIGNS, soups))
    def holds(text):
        try:
            chapter = markup.parse(File("a.md", text.encode()), Reading("a.md", "body"), "a", "fr", "book")
        except BookError:
            return
        kept = records.load_chapter(records.dump_chapter(chapter))
        assert kept is not None
        assert everything(kept) == everything(chapter)

    holds()


LETTERS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from('\t\r\n<&"')
)
"""What a manuscript may hold."""


@given(LETTERS, LETTERS, LETTERS)
@settings(max_examples=100, deadline=None)
def test_a_tree_that_is_written_out_is_read_back_as_it_was(text, value, tail):
    root = tree.make("section", text, {"title": value}, tree.make("br"), tree.make("{urn:a}b", tail))
    root[0].tail = tail
    assert list(flat(tree.read(tree.written(root)))) == list(flat(root))


def flat(root):
    return ((each.tag, each.attrib, each.text or "", each.tail or "") for each in root.iter())


def test_what_an_author_would_write_becomes_a_sound_epub_and_each_note_keeps_its_words(press):
    @few(40)
    @given(chapters())
    def holds(text):
        made, problems = press(text)
        assert problems == ()
        found = sound(made)
        told = {each.note.id: each.note.label for each in made.wanted if each.note.label.isdigit()}
        for note in found["EPUB/a.xhtml"].iter(f"{X}aside"):
            if label := told.get(note.get("id")):
                assert set(re.findall(r"own\d+", "".join(note.itertext()))) == {f"own{label}"}
                assert (
                    note[-1].tag != f"{X}p" or len(note) == 1 or f"own{label}" in "".join(note[-1].itertext())
                )

    holds()


@pytest.mark.slow
def test_epubcheck_has_nothing_to_say_of_what_an_author_would_write(bench, picture):
    @settings(few(2), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(chapters(), min_size=8, max_size=8))
    def holds(texts):
        names = [f"{n:02}.md" for n in range(len(texts))]
        files = {name: text.replace("(a.md)", f"({name})") for name, text in zip(names, texts, strict=True)}
        made = bench.build(
            {
                "book.toml": TOML.replace('["a.md"]', str(names).replace("'", '"')),
                "p.png": picture(3, 3),
                **files,
            }
        )
        told = [m for m in tools.epubcheck(made.data) if m.severity in ("FATAL", "ERROR", "WARNING")]
        assert [(m.code, m.sentence, files.get(m.path[5:-6].lstrip("c") + ".md", m.path)) for m in told] == []

    holds()
