"""The plain-text importer: a case is a text in `cases/` and what comes out, told in one file beside it."""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diptych.features import maths
from diptych.importers import starter, text
from diptych.model import File
from diptych.problems import BookError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

UUID = "0b5d9d3c-6f0e-4a8e-9a51-3f6f6a0f2d11"
CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
ROOT = Path(__file__).parents[2]
ESSAY = ROOT.parent / "shared" / "seeds" / "two-souls-of-leninism.txt"
MARK = re.compile(r"\[\^\d+\]")


def read(source: str) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Import a text; give the files by path, and the problems."""
    files, problems = text.read(File("essay.txt", source.encode()), UUID)
    return {file.path: file.data.decode() for file in files}, problems


def chapters(files: dict[str, str]) -> list[str]:
    """Give the chapters in reading order."""
    return [files[path] for path in tomllib.loads(files["book.toml"])["chapters"]["body"]]


def codes(problems: Sequence[Problem]) -> list[str]:
    """Give the code words."""
    return [problem.code for problem in problems]


def only_chapter(body: str) -> str:
    """Import a text of one chapter; give it without its title."""
    files, _ = read(f"A Title\n\n{body}\n")
    (chapter,) = chapters(files)
    return chapter.removeprefix("# A Title\n\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, accept: bool) -> None:
    """Every case gives what stands beside it."""
    files, problems = text.read(File(case.name, case.read_bytes()), UUID)
    told = "".join(f"=== {file.path}\n{file.data.decode()}" for file in files)
    told += "=== problems\n" + "".join(f"{problem}\n" for problem in problems)
    expected = case.with_suffix(".expected")
    if accept:
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_problem_names_a_line_that_exists(case: Path) -> None:
    """A place is a line of a new file, and a note's problem stands on the note's own line."""
    files, problems = text.read(File(case.name, case.read_bytes()), UUID)
    lines = {file.path: file.data.decode().split("\n") for file in files}
    for problem in problems:
        line = lines[problem.place.file][problem.place.line - 1]
        assert line
        if problem.code.startswith("note-with"):
            number = re.search(r"\d+", problem.sentence)
            assert number
            assert line.startswith(f"[^{number[0]}]:")


@pytest.mark.parametrize(
    ("data", "code", "line", "words"),
    [
        (b"A Title\n\nFine.\nNot f\xefne.\n", "text-not-utf8", 4, "Byte 6 of line 4 is 0xEF"),
        (b"\xff\xfeA\x00", "text-not-utf8", 1, "Byte 1 of line 1 is 0xFF"),
        (b"A Title\r\rBody\r\xe9", "text-not-utf8", 4, "Byte 1 of line 4"),
        (b"A Title\n\nA bell\x07 rings.\n", "text-control-character", 3, "U+0007 at byte 7"),
        (b"A Title\n\nA \x00.\n", "text-control-character", 3, "U+0000 at byte 3"),
        (b"A Title\n\nA \xc2\x85.\n", "text-control-character", 3, "U+0085 at byte 3"),
        (b"", "text-empty", 0, "empty"),
        (b"\xef\xbb\xbf \n\t\n", "text-empty", 0, "empty"),
        (b"A Title\n", "text-empty", 1, "no text below"),
        (b"word " * 60, "text-without-title", 1, "begins with a paragraph"),
        (
            b"The first line of a paragraph without any title\ngoes on here.\n",
            "text-without-title",
            1,
            "paragraph",
        ),
    ],
)
def test_refused(data: bytes, code: str, line: int, words: str) -> None:
    """What cannot be read is told with its line, and nothing is made of it."""
    with pytest.raises(BookError) as caught:
        text.read(File("essay.txt", data), UUID)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == (code, line)
    assert problem.severity == "error"
    assert words in problem.sentence


HEADINGS = {
    "Ada Quill\n\nTide, No. 3, May 1971": ("Ada Quill", "Quill, Ada", "Tide, No. 3, May 1971", 1971),
    "Tide, No. 3, May 1971\n\nAda Quill": ("Ada Quill", "Quill, Ada", "Tide, No. 3, May 1971", 1971),
    "by Voltaire": ("Voltaire", "Voltaire", None, None),
    "By Rosa van der Berg": ("Rosa van der Berg", "van der Berg, Rosa", None, None),
    "Author: J. R. Finch Jr.\nSource: The Ledger": (
        "J. R. Finch Jr.",
        "Finch, J. R., Jr.",
        "Source: The Ledger",
        None,
    ),
    "First published in The Ledger, 1934.": (None, None, "First published in The Ledger, 1934.", 1934),
    "The Ledger, Vol. 2\n\nSpring 1934\n\nby Ada Quill": (
        "Ada Quill",
        "Quill, Ada",
        "The Ledger, Vol. 2, Spring 1934",
        1934,
    ),
}


@pytest.mark.parametrize("above", HEADINGS)
def test_author_and_publication(above: str) -> None:
    """Author and publication are found in any order."""
    files, _ = read(f"A Title\n\n{above}\n\nHere the text begins, as texts do.\n")
    book = tomllib.loads(files["book.toml"])
    person = book.get("contributor", [{}])[0]
    found = (
        person.get("name"),
        person.get("sort"),
        book["book"].get("source"),
        book["book"].get("first-published"),
    )
    assert found == HEADINGS[above]
    assert chapters(files) == ["# A Title\n\nHere the text begins, as texts do.\n"]


@pytest.mark.parametrize(
    "name",
    [
        "Tim Wohlforth",
        "Rosa Luxemburg",
        "C. L. R. James",
        "Ursula K. Le Guin",
        "Simone de Beauvoir",
        "María de la Cruz Vélez",
        "TOM REED",
        "Andrew Motion",
        "Roger Sessions",
        "Ilse Brandt-Köhler",
        "Pat O’Hara",
    ],
)
def test_a_name_without_by_is_an_author(name: str) -> None:
    """What looks like a person's name stands for one, even right above the text."""
    files, _ = read(f"A Title\n\n{name}\n\nHere the text begins, as texts do.\n")
    assert tomllib.loads(files["book.toml"])["contributor"][0]["name"] == name
    assert chapters(files) == ["# A Title\n\nHere the text begins, as texts do.\n"]


@pytest.mark.parametrize(
    "line",
    [
        "War Communism",
        "The Question of Coalition",
        "Early Years",
        "Part One",
        "Soviet Power",
        "Lenin’s Choice",
        "Dual Power and Revolution",
        "Der Krieg",
        "Permanente Revolution",
        "One Two Three Four Five",
        "Beginnings",
    ],
)
def test_other_words_are_a_heading(line: str) -> None:
    """What nobody is called becomes the heading of the text right below it."""
    files, problems = read(f"A Title\n\n{line}\n\nHere the text begins, as texts do.\n")
    assert chapters(files) == [f"# {line}\n\nHere the text begins, as texts do.\n"]
    assert "text-without-author" in codes(problems)


def test_the_same_words_with_a_by_are_an_author() -> None:
    """Whoever writes “by” means it."""
    files, _ = read("A Title\n\nby War Communism\n\nText.\n")
    assert tomllib.loads(files["book.toml"])["contributor"][0]["name"] == "War Communism"


def test_a_line_that_calls_a_note_is_no_subtitle() -> None:
    """In book.toml the note would be lost."""
    files, _ = read("A Title\n\nBelow(1) it\n\nAda Quill\n\nText.\n")
    assert "[^1]" in "".join(chapters(files))


def test_the_bytes_of_a_case_are_kept() -> None:
    """Git must not mend what a case is about: .gitattributes says so."""
    data = (Path(__file__).parent / "cases" / "bom-and-crlf.txt").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "tests/importers/cases/bom-and-crlf.txt -text" in lines


def test_two_authors() -> None:
    """Names joined by a word are two people."""
    files, _ = read("A Title\n\nby Ada Quill, Tom Reed and Ilse Brandt\n\nText.\n")
    names = [person["sort"] for person in tomllib.loads(files["book.toml"])["contributor"]]
    assert names == ["Quill, Ada", "Reed, Tom", "Brandt, Ilse"]


@pytest.mark.parametrize("last", ["May 1971", "(May 1971)", "may 1971."])
def test_a_last_line_that_repeats_the_publication_is_left_out(last: str) -> None:
    """It is told, and is no paragraph."""
    files, problems = read(f"A Title\n\nTide, No. 3, May 1971\n\nText.\n\n{last}\n")
    assert "text-repeated-publication" in codes(problems)
    assert chapters(files) == ["# A Title\n\nText.\n"]


def test_another_last_line_is_kept() -> None:
    """What the publication line does not say belongs to the essay."""
    files, _ = read("A Title\n\nTide, No. 3, May 1971\n\nText.\n\nJune 1971\n")
    assert chapters(files) == ["# A Title\n\nText.\n\nJune 1971\n"]


@pytest.mark.parametrize("title", ['The "Quoted" \\ Title', "Tab\tand # and 'all'", "Ünïcödé – “so”"])
def test_book_toml_keeps_any_title(title: str) -> None:
    """Strings are escaped as TOML wants them."""
    files, _ = read(f"{title}\n\nText.\n")
    assert tomllib.loads(files["book.toml"])["book"]["title"] == title


def test_a_title_with_a_note() -> None:
    """The note hangs on the chapter's title, and is not in the catalogue."""
    files, _ = read("A Title(1)\n\nText.(2)\n")
    assert tomllib.loads(files["book.toml"])["book"]["title"] == "A Title"
    assert list(files)[1] == "01-a-title.md"
    assert chapters(files)[0].startswith("# A Title[^1]\n\nText.[^2]\n")


@pytest.mark.parametrize("number", ["(1931)", "(November 1932)", " (1)", "\n(1)", "(0)", "(12345)"])
def test_not_a_note(number: str) -> None:
    """Years, and numbers with a space before them, stay as they are."""
    body = f"A word{number} and more."
    assert only_chapter(body) == body + "\n"


@pytest.mark.parametrize(
    "quiet", ["8th", "1920s", "A4", "H2O", "p12", "12km", "B52s", "https://a1b.example/c3d"]
)
def test_no_digit_hint(quiet: str) -> None:
    """Measures, ordinals and addresses are words of their own kind."""
    assert "scan-digit-in-word" not in codes(read(f"A Title\n\nHere is {quiet} for you.\n")[1])


@pytest.mark.parametrize(
    "quiet",
    [
        "McKay MacDonald DeLeon LaSalle FitzGerald",
        "SRs NGOs PhD VTsIK iPhone NATO",
        "pre- and post-war, man-of-war, rock-and-roll, either-or, state-of-the-art",
        "1920-style and 1934–1936",
        "had had, that that, Sirhan Sirhan",
        "the workers’ hall, “a ‘b’ c”, ’tis, the dogs’ “x”",
        "it may be that some one went in to the hall",
        "well... so",
    ],
)
def test_no_hint(quiet: str) -> None:
    """Ordinary writing is not suspicious."""
    prose = (
        "The hall of the town was the best of the halls, and maybe someone went into it for the day to see."
    )
    _, problems = read(f"A Title\n\nby Ada Quill\n\n{prose} {quiet}\n\n{prose}\n")
    assert [problem for problem in problems if problem.code.startswith("scan-")] == []


def test_a_quotation_may_run_on() -> None:
    """A paragraph leaves its quotation open where the next one opens it again."""
    assert "scan-quotes" not in codes(read("A Title\n\n“One.\n\n“Two.”\n")[1])


def test_only_so_many_hints_of_a_kind() -> None:
    """A text that is one great slip is told so, not a thousand times."""
    _, problems = read("A Title\n\n" + "so sa1l.\n" * 1000)
    assert codes(problems).count("scan-digit-in-word") == 101


class Text(HTMLParser):
    """Collects the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        """Collect."""
        self.text += data


def shown(source: str) -> list[str]:
    """Give the words a reader of this Markdown sees."""
    known = ["extra", "admonition", "toc", "sane_lists", "pymdownx.blocks.caption", "pymdownx.blocks.html"]
    page = Text()
    page.feed(markdown.markdown(source, extensions=[*known, maths.syntax()]))
    return page.text.split()


WORDS = st.text("ab1. \n*_`#[]()<>&;:!|~^=+-/\\{}\"'$?%@", min_size=1, max_size=40).map(
    lambda words: words.replace("1)", "1 )")
)
"""Signs that mean something to Markdown; no calls of notes, which are meant to change."""


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4))
@example(["- - -"])
@example(["a | b\n--- | ---\nc | d"])
@example(["[a]: b", "[a][b] [a](b) ![a](b)"])
@example(["*[ab]: c", "ab"])
@example(["a\n: b"])
@example(["!!! a\n    b"])
@example(["/// html | b\na\n///"])
@example(["1. a\n2. b"])
@example(["a\n==="])
@example(["<b>a</b> <!-- b --> <?a?> &lt; <a@b.a>"])
@example(["<1@1>", "<a@b>"])
@example(["<\n@1>", "<=1@1>", "a <= b < c"])
@example(["# a #", "## a {#b}", "a\n{: .b}"])
@example(["[^1]: a", "^[a] [^1] [TOC]"])
@example(["$a$ and $$b$$", "$$\na\n$$", "$a\nb$"])
@example(["&#1", "&#x1 &#X1;", "&amp; &#b"])
def test_nothing_is_read_as_markup(paragraphs: list[str]) -> None:
    """Whatever the characters, the reader sees the words of the source."""
    body = "\n\n".join(["x It begins.", *paragraphs, "It ends."])
    files, _ = read(f"A Title\n\nby Ada Quill\n\n{body}\n")
    seen = [word for chapter in chapters(files) for word in shown(chapter)]
    assert seen == f"A Title {body}".split()


PROSE = st.lists(
    st.lists(
        st.sampled_from(
            [
                "word",
                "Word",
                "the",
                "end.",
                "so(1)",
                "it.(2)",
                "x,(3)",
                "(4)",
                "a11",
                "“so",
                "’s”",
                "\n",
                "Notes",
            ]
        ),
        min_size=1,
        max_size=12,
    ).map(" ".join),
    min_size=1,
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(PROSE, st.lists(st.text(max_size=60), max_size=6)))
@example(["so(1)", "Word Word", "word"])
def test_no_note_is_lost(paragraphs: list[str]) -> None:
    """Reading fails with nothing but BookError, and every number comes out as a note or as it was."""
    source = "\n\n".join(["Title", *paragraphs])
    try:
        files, _ = read(source)
    except BookError:
        return
    numbers = sorted(re.findall(r"\S\((\d+)\)", source))
    made = "\n".join(chapters(files))
    body = re.sub(r"^\[\^\d+\]:", "", made, flags=re.MULTILINE)
    kept = sorted([*re.findall(r"\[\^(\d+)\]", body), *re.findall(r"\S\((\d+)\)", body)])
    assert kept == numbers


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 300_000,
        "[" * 300_000,
        "“" * 150_000 + "”" * 150_000,
        "‘" * 150_000 + "”" * 150_000,
        "a1" * 150_000,
        "aA" * 150_000,
        "a-" * 150_000,
        ". " * 150_000,
        "a " * 150_000,
        "a\n" * 100_000,
        "A\n\n" * 100_000,
        "a(1)" * 100_000,
        "Notes\n\n" * 50_000,
        "Notes\n" + "1. a\n" * 50_000,
        " " * 300_000 + "a",
    ],
    ids=lambda hostile: repr(hostile[:8]),
)
def test_texts_made_to_be_slow(hostile: str) -> None:
    """They are read like any other: nothing here goes over a text again for each of its signs."""
    files, _ = read(f"A Title\n\nx {hostile}\n\nThe end.\n")
    assert files


@pytest.mark.skipif(not ESSAY.exists(), reason="the essay is not on this machine")
def test_the_essay() -> None:
    """34 notes, all without a text; six chapters; and the same words come out that went in."""
    source = ESSAY.read_text(encoding="utf-8")
    files, problems = text.read(File(ESSAY.name, source.encode()), UUID)
    written = {file.path: file.data.decode() for file in files}
    made = chapters(written)
    assert len(made) == 6
    assert codes(problems).count("note-without-text") == 34
    assert codes(problems).count("note-without-call") == codes(problems).count("note-out-of-sequence") == 0
    called = [int(mark[2:-1]) for chapter in made for mark in MARK.findall(chapter.split("\n[^", 1)[0])]
    assert called == list(range(1, 35))
    title, _, _, *paragraphs, _ = [line for line in source.split("\n") if line]
    went_in = re.sub(r"\(\d{1,2}\)", "", " ".join([title, *paragraphs])).split()
    bodies = [re.sub(r"\n\[\^\d+\]: .*", "", chapter).removeprefix("# ") for chapter in made]
    assert MARK.sub("", " ".join(bodies)).split() == went_in
    assert tomllib.loads(written["book.toml"])["book"]["first-published"] == 1986


def test_a_room_knows_only_the_rooms_before_it() -> None:
    """The order stands in the docstring of the package; so imports have no circles."""
    told = (text.__doc__ or "").split("the rooms before it:", 1)[1].split(".", 1)[0]
    order = re.findall(r"`(\w+)`", told)
    folder = Path(text.__file__).parent
    assert sorted(order) == sorted(path.stem for path in folder.glob("[!_]*.py"))
    for at, room in enumerate(order):
        source = (folder / f"{room}.py").read_text(encoding="utf-8")
        known = re.findall(r"^from diptych\.importers\.text\.(\w+) import", source, re.MULTILINE)
        assert set(known) <= set(order[:at])
        assert not re.search(r"^(?:from diptych\.importers import|import diptych)", source, re.MULTILINE)


def test_the_starter_is_whole() -> None:
    """Every file it names is there, and the same arguments give the same bytes."""
    files = {file.path: file.data.decode() for file in starter.files(UUID, 'A "Book"')}
    assert starter.files(UUID, 'A "Book"') == starter.files(UUID, 'A "Book"')
    book = tomllib.loads(files["book.toml"])
    assert book["book"]["title"] == 'A "Book"'
    assert book["identifier"]["uuid"] == f"urn:uuid:{UUID}"
    named = [*book["chapters"]["front"], *book["chapters"]["body"]]
    targets = re.findall(r"\]\(([^)#]+)", "".join(files[path] for path in named))
    assert {"book.toml", *named, *targets} == set(files)
    ET.fromstring(files["images/diptych.svg"])


def test_the_starters_sleeping_lines_are_right() -> None:
    """Every commented-out table and key is TOML once its # is taken away."""
    files = {file.path: file.data.decode() for file in starter.files(UUID)}
    asleep = re.compile(r"^# (?=\[[a-z.-]+\]$|[a-z.-]+ = )", re.MULTILINE)
    book = tomllib.loads(asleep.sub("", files["book.toml"]))
    assert set(book) == {
        "book",
        "contributor",
        "identifier",
        "chapters",
        "subjects",
        "series",
        "notes",
        "numbering",
        "edition",
        "accessibility",
    }
    assert book["identifier"]["isbn"].keys() == {"epub", "print"}
