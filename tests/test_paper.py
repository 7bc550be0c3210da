"""Blocks on pages, as PDFium reads them: code, verse, lists, scene breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from printed import Printed, read

from diptych import tree
from diptych.checks import ledger
from diptych.features import lineation
from diptych.model import Edition
from diptych.tree import make

SAMPLES = Path(__file__).parent / "samples"
TOML = '[book]\ntitle = "x"\nlanguage = "en"\n[edition.print]\n'
PROSE = "The council sat until the lamps were lit and nobody could say who had called it. "


def printed(bench, text: str, **changes) -> Printed:
    made = bench.build({"book.toml": TOML, "a.md": f"# A\n\n{text}\n"}, "print", **changes)
    assert made.problems == ()
    return Printed(made)


def body(pdf: Printed) -> str:
    return "\n".join(pdf.texts)


# --- code -------------------------------------------------------------------------------------------------------------


def test_code_in_a_note_is_read_where_it_stands(bench):
    files = {
        "book.toml": TOML,
        "a.md": "# A\n\nA call.[^1]\n\n[^1]: Written so:\n\n    ```\n    one\n    two\n    ```\n\n    And on.\n",
    }
    made = bench.build(files, "print")
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()
    foot = [line.box.bottom for page in read(made.data) for line in page.lines if line.text in {"one", "two"}]
    assert foot[1] - foot[0] < 14, "there is an empty line between two lines of code"


def test_code_keeps_its_words_when_its_lines_turn_over(bench):
    code = (
        "if long_enough(to_turn_over, because_it_names_what_it_does) and still_longer(than_any_page_is_wide):"
    )
    pdf = printed(bench, f"```\n{code}\n    then = 1\n```")
    assert code.replace(" ", "") in "".join(body(pdf).split())
    page = next(n for n, text in enumerate(pdf.texts) if "then" in text)
    assert pdf.box(page, "then")[0] > pdf.box(page, "if long")[0] + 15  # indented as it was


def test_a_turned_line_bears_a_sign_and_another_does_not(bench):
    long, short = (printed(bench, f"```\n{'word ' * count}\n```") for count in (30, 3))
    assert long.texts != short.texts
    assert drawn(long) > drawn(short) == 0


def drawn(pdf: Printed) -> int:
    """Count the dark points left of turned lines, in the column where the sign stands."""
    page = next(n for n, text in enumerate(pdf.texts) if "word" in text)
    left, bottom, _, _ = pdf.box(page, "word")
    text = pdf.document[page].get_textpage()
    lowest = min(text.get_charbox(n)[1] for n in range(text.count_chars()) if text.get_charbox(n)[1] > 60)
    if bottom - 3 <= lowest:
        return 0
    scale = 4
    picture = pdf.document[page].render(scale=scale).to_pil().convert("L")
    column = (
        left * scale - 2,
        picture.height - (bottom - 3) * scale,
        (left + 7) * scale,
        picture.height - lowest * scale,
    )
    return sum(picture.crop(tuple(map(int, column))).histogram()[:128])


def test_code_never_leaves_the_text_block(bench):
    pdf = printed(bench, f"```\n{'x' * 400}\n```\n\nInline `{'y' * 200}`.")
    for page in pdf.document:
        text = page.get_textpage()
        assert all(text.get_charbox(n)[2] < page.get_width() - 30 for n in range(text.count_chars()))


def test_code_has_no_ligature_and_no_hyphen(bench):
    pdf = printed(bench, "```\n" + "office flow fi fl ffi incomprehensibilities " * 6 + "\n```")
    text = body(pdf)
    assert "ffi" in text
    assert not re.search("[‐\ufffe]", text)


def shifted(bench, block: str) -> Printed:
    """Print a block behind texts of many lengths, so that it comes to stand at every height of a page."""
    chapters = {f"{n}.md": f"# {n}\n\n{PROSE * (19 + n)}\n\n{block}\n" for n in range(1, 9)}
    return Printed(bench.build({"book.toml": TOML, **chapters}, "print"))


def test_short_code_is_never_parted(bench):
    pdf = shifted(bench, "```\nfirst = 1\nsecond = 2\nthird = 3\n```")
    counts = [[text.count(word) for word in ("first =", "second =", "third =")] for text in pdf.texts]
    assert all(len(set(each)) == 1 for each in counts)
    assert sum(each[0] for each in counts) == 8
    assert any(each[0] and len(text) < 200 for each, text in zip(counts, pdf.texts, strict=True))  # one moved


def test_tokens_of_several_lines_are_parted_and_lose_nothing():
    pre = make(
        "pre", "", None, make("code", "", None, make("span", 'a\n  b\n\n"', {"class": "s", "id": "x"}))
    )
    pre[0][0].tail = " c\n"
    lineation.resolve(make("section", "", None, pre), Edition("print", "pdf"))
    lines = [e for e in pre.iter("span") if "line" in tree.classes(e)]
    assert ["".join(line.itertext()) for line in lines] == ["a", "  b", "\u00a0", '" c']
    assert [line.get("style") for line in lines] == [f"--indent: {n}ch" for n in (0, 2, 0, 0)]
    assert sum(e.get("id") == "x" for e in pre.iter()) == 1


def test_an_epub_keeps_its_code_as_it_is():
    pre = make("pre", "a\nb\n")
    lineation.resolve(make("section", "", None, pre), Edition("epub", "epub"))
    assert (pre.text, len(pre)) == ("a\nb\n", 0)


# --- verse ------------------------------------------------------------------------------------------------------------

VERSE = "/// verse\nA line of verse,\n    and one within\n{}\nthe last.\n///"


def test_verse_keeps_its_lines_and_their_indents(bench):
    pdf = printed(bench, VERSE.format("a third"))
    page = next(n for n, text in enumerate(pdf.texts) if "within" in text)
    first, second, third = (pdf.box(page, words)[0] for words in ("A line", "and one", "a third"))
    assert second - first == pytest.approx(2 * 10.4, abs=1.5)
    assert third == pytest.approx(first, abs=1.5)


def test_a_line_of_verse_that_is_too_long_turns_over_with_an_indent(bench):
    pdf = printed(bench, VERSE.format("long " * 20 + "enough"))
    page = next(n for n, text in enumerate(pdf.texts) if "enough" in text)
    left = pdf.box(page, "A line")[0]
    turned = pdf.box(page, "enough")
    first = next(
        pdf.box(page, "long", n)[0]
        for n in range(20)
        if pdf.box(page, "long", n)[1] == pytest.approx(turned[1], abs=3)
    )
    assert first > left + 25


def test_a_note_in_verse_is_told_and_links_of_several_lines_are_not_doubled(bench):
    pdf = printed(bench, "/// verse\nOne[^1] *and\nmore*\n///\n\n[^1]: A note in verse.")
    assert body(pdf).count("A note in verse.") == 1
    assert re.search(r"One\s*1\s+and\s+more", body(pdf))


# --- scene breaks -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_scene_break_is_never_at_the_edge_of_a_page(bench):
    pdf = shifted(bench, f"* * *\n\n{PROSE * 9}")
    parts = [re.sub(r"\s+", " ", text).split("* * *") for text in pdf.texts if "*" in text]
    assert len(parts) == 8
    assert all(len(before) > 60 and len(after) > 60 for before, after in parts)


# --- drop caps --------------------------------------------------------------------------------------------------------


def test_a_drop_cap_is_two_lines_high_and_its_feet_stand_on_the_second(bench):
    pdf = printed(bench, f"Once upon a time. {PROSE * 4}", drop_caps=True)
    page = next(n for n, text in enumerate(pdf.texts) if "upon" in text)
    letters = pdf.document[page].get_textpage()
    boxes = [letters.get_charbox(n) for n in range(letters.count_chars())]
    _, bottom, right, top = max((box for box in boxes if box[1] > 100), key=lambda box: box[3] - box[1])
    upon = pdf.box(page, "upon")
    lines = sorted(
        {round(box[1]) for box in boxes if abs(box[0] - right) < 6 and box[3] < top + 2}, reverse=True
    )
    assert top - bottom > 18
    assert upon[0] > right
    assert sum(bottom - 1 <= line <= top for line in lines) == 2


@pytest.mark.parametrize(
    "text", ['"Once," he said.', "1917 was long.", "- A list", "> Quoted.", "שלום", "![x](x.svg)"]
)
def test_no_drop_cap_where_a_chapter_begins_with_something_else(text):
    from diptych.features import dropcaps

    body = make(
        "section",
        "",
        None,
        make("h1", "A"),
        make("p" if text[0] not in "->!" else "div", text.replace('"', "“") + PROSE * 2),
    )
    dropcaps.resolve(body, Edition("print", "pdf", drop_caps=True))
    assert not list(body.iter("span"))


def test_the_first_line_beside_a_drop_cap_ends_where_the_others_do(bench):
    """The sentinel would tell of one in the margin; some of these lines would rather be squeezed than spread."""
    openings = ("A", "The", "Whoever", "Mills", "Nobody there", "It was", "Once upon a time", "Two")
    chapters = {f"{n}.md": f"# A\n\n{words} {PROSE.lower() * 3}\n" for n, words in enumerate(openings)}
    made = bench.build({"book.toml": TOML, **chapters}, "print", drop_caps=True, theme="modern")
    assert made.problems == ()


def test_paragraphs_below_a_drop_cap_are_set_as_without_it(bench):
    """A line that is rather squeezed stays so."""
    text = "\n\n".join(
        [PROSE * 3, *(f"{word} {PROSE * 4}" for word in ("A", "The", "Two", "Mills", "Nobody"))]
    )
    lines = []
    for asked in (True, False):
        pdf = printed(bench, text, drop_caps=asked)
        page = next(text for text in pdf.texts if "Nobody" in text)
        lines.append(re.split(r"[\r\n]+", page.partition("Two The")[2]))
    assert len(lines[0]) > 10
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    ("role", "text"), [("part", PROSE * 2), ("colophon", PROSE * 2), ("chapter", "Too short.")]
)
def test_no_drop_cap_on_a_display_page_or_before_hardly_any_text(role, text):
    from diptych.features import dropcaps

    body = make("section", "", {"class": role}, make("h1", "A"), make("p", text))
    dropcaps.resolve(body, Edition("print", "pdf", drop_caps=True))
    assert not list(body.iter("span"))


def test_a_drop_cap_comes_below_an_epigraph_and_only_where_it_is_asked_for():
    from diptych.features import dropcaps

    def body():
        return make(
            "section",
            "",
            None,
            make("h1", "A"),
            make("blockquote", "E", {"class": "epigraph"}),
            make("p", f"Once upon {PROSE * 2}"),
        )

    asked, plain = body(), body()
    dropcaps.resolve(asked, Edition("print", "pdf", drop_caps=True))
    dropcaps.resolve(plain, Edition("print", "pdf"))
    assert [(e.text, e.get("class")) for e in asked.iter("span")] == [("O", "drop-cap"), ("nce", "smallcaps")]
    assert "".join(asked.itertext()) == "".join(plain.itertext())
    assert not list(plain.iter("span"))


# --- figures ----------------------------------------------------------------------------------------------------------


def test_a_figure_stays_with_its_caption_and_within_the_text(bench, picture):
    figures = "\n\n".join(
        f"{PROSE * (n % 4)}\n\n![x](a.png)\n\n/// caption\nCaption {n}.\n///" for n in range(12)
    )
    files = {"book.toml": TOML, "a.md": f"# A\n\n{figures}\n", "a.png": picture(900, 700)}
    pdf = Printed(bench.build(files, "print"))
    for page, text in zip(pdf.document, pdf.texts, strict=True):
        images = [thing for thing in page.get_objects() if thing.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        assert len(images) == text.count("Caption")
        assert all(image.get_bounds()[2] < page.get_width() - 30 for image in images)


def test_a_figure_with_a_page_for_itself_has_one(bench, picture):
    text = f"{PROSE}\n\n![x](a.png){{.page}}\n\n/// caption\nA caption.\n///\n\n{PROSE}"
    pdf = Printed(
        bench.build({"book.toml": TOML, "a.md": f"# A\n\n{text}\n", "a.png": picture(600, 900)}, "print")
    )
    (alone,) = [text for text in pdf.texts if "A caption." in text]
    assert "council" not in alone


@pytest.mark.slow
def test_five_hundred_figures(bench, picture):
    figures = "\n\n".join(
        f"{PROSE * (n % 5)}\n\n![x](a.png)\n\n/// caption\nCaption {n}.\n///" for n in range(500)
    )
    files = {"book.toml": TOML, "a.md": f"# A\n\n{figures}\n", "a.png": picture(900, 600)}
    text = "\n".join(Printed(bench.build(files, "print")).texts)
    assert [n for n in range(500) if f"Caption {n}." not in text] == []
