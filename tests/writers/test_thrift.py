"""WeasyPrint in less time: what is worked out once, or a line at a time, comes out as it would without that."""

import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

BOOK = {
    "book.toml": """
[book]
title = "Thrift"
language = "en"
[[contributor]]
name = "A. Writer"
[identifier]
uuid = "urn:uuid:6ad2c8e5-4a5f-4b3e-9f0a-0d6d6d1f7c11"
[edition.print]
trim = "5x8"
[edition.screen]
""",
    "1.md": """# A *chapter* of many kinds

{words} An *emphatic* and a **strong** word, `code()`, H~2~O and a call.[^a] {words}

> A quotation of some length, which is set smaller and runs over more lines than one. {words}

1. One thing.
2. Another, with a note.[^b]

| Left | Right |
|---|---:|
| a cell with several words in it | 12 |
| another | 3.5 |

שלום and an AVATAR To Tell. <u>Underlined words</u> in a line. {words}

## A section with a very long heading that runs over two lines at least

{words}

[^a]: A note that is long enough to run over several lines at the foot of its page. {words}
[^b]: Short.
""",
    "styles/book.css": """
blockquote { letter-spacing: .02em; background: #eee; border-radius: 3pt }
table { border-collapse: collapse } td { border: 1px solid }
em { border-bottom: 1px dotted } strong { background: #ffd; color: #a00 } sub { color: #0003 }
h2 { outline: 1px solid #00f; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
code { visibility: hidden; outline: 2px solid } u { overflow-wrap: anywhere }
@layer low, high; @layer high { p { text-indent: 2em } } @layer low { p { text-indent: 0 !important } }
li::marker { color: #00a } h2::after { content: leader(".") attr(id) } th:first-child { color: #00a }
p + p::before { content: "+" } section > p:first-of-type::first-letter { font-size: 120% } :lang(en) > td { padding: 2px }
ol { border-image: linear-gradient(#f00, #00f) 1; border: 2px solid; opacity: .5 }
""",
}
WORDS = (
    "The ferry carried away a map without a legend, whereas nobody could remember the unfinished bridge. " * 4
)

SCRIPT = """
import importlib
import sys
from pathlib import Path
from diptych import pipeline
from diptych.writers.pdf import casting, drawing, glyphs, thrift
for name in sys.argv[3:]:
    {"casting": casting, "drawing": drawing, "glyphs": glyphs, "thrift": thrift}[name].install = lambda: None
wishes = pipeline.Wishes(("print", "screen"), fresh=True)
found = pipeline.read(Path(sys.argv[1]), "book", wishes)
for made in pipeline.make(found, Path(sys.argv[1]), wishes, lambda *_: None).editions:
    Path(sys.argv[2], f"{made.edition}.pdf").write_bytes(made.files[0].data)
"""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    """Make the book in a process of its own, without some of what saves time."""
    folder = tmp_path_factory.mktemp("thrift")
    (folder / "book" / "styles").mkdir(parents=True)
    for name, text in BOOK.items():
        (folder / "book" / name).write_text(text.replace("{words}", WORDS))

    def make(edition, *without):
        out = folder / ("-".join(without) or "all")
        if not out.exists():
            out.mkdir()
            command = [sys.executable, "-c", SCRIPT, str(folder / "book"), str(out), *without]
            subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
        return (out / f"{edition}.pdf").read_bytes()

    return make


def letters(data):
    """Each letter with its place, in points."""
    found = []
    with pypdfium2.PdfDocument(data) as document:
        for number, page in enumerate(document):
            text = page.get_textpage()
            for n in range(text.count_chars()):
                left, bottom, _, _ = text.get_charbox(n)
                found.append((number, text.get_text_range(n, 1), left, bottom))
    return [each for each in found if each[1].strip()]


@pytest.mark.parametrize("room", ["thrift", "drawing", "casting"])
def test_what_is_worked_out_once_is_the_same(pdf, room):
    """Both editions at once: each takes a build of its own, and tests of a module run in two processes."""
    assert pdf("print") == pdf("print", room)
    assert pdf("screen") == pdf("screen", room)


@pytest.mark.slow
def test_glyphs_of_a_line_stand_where_they_would(pdf):
    """But for kerning with spaces, which a line that is spread word by word has not: less than a point."""
    ours, theirs = letters(pdf("print")), letters(pdf("print", "glyphs"))
    assert [each[:2] for each in ours] == [each[:2] for each in theirs]
    assert all(abs(one[3] - other[3]) < 0.01 for one, other in zip(ours, theirs, strict=True))
    assert max(abs(one[2] - other[2]) for one, other in zip(ours, theirs, strict=True)) < 1.0
