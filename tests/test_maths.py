"""Formulas: which dollars make one, what it says on every medium, and what an author is told of a wrong one."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from xml.etree.ElementTree import fromstring, tostring

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from diptych import markup, tree
from diptych.checks import ledger
from diptych.features import maths
from diptych.formulas import drawing, reading
from diptych.formulas.tex import LONGEST, FormulaError, mathml
from diptych.model import Edition, File, Reading
from diptych.problems import BookError

M = "{http://www.w3.org/1998/Math/MathML}"


def parsed(text: str):
    return markup.parse(File("a.md", f"# A\n\n{text}\n".encode()), Reading("a.md", "body"), "a", "en", "book")


def formulas(text: str) -> list[tuple[str, str, str]]:
    """Give (tag, TeX, text) of each formula."""
    return [
        (e.tag, e.get("data-tex", ""), e.text or "") for e in parsed(text).body.iter() if maths.is_formula(e)
    ]


def drawn(tex: str, *, display: bool = False) -> str:
    """Give a formula's MathML without the outermost element."""
    return "".join(tostring(child, encoding="unicode") for child in mathml(tex, display=display))


# --- Dollars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It cost $5 and $10.",
        "It cost $5-$10.",
        "It cost $5/$10.",
        "It cost US$ 3.",
        "$20,000 and USD$30",
        "5$ or 6$, too",
        "$10, or 3 US$",
        "$5 million in 1917 and 6 million A$",
        r"\$x\$",
        r"\$\$x\$\$",
        "`$x$`",
        "$HOME and $PATH",
        "a $ b $ c",
        "$$$",
        "<!-- $x$ -->",
    ],
)
def test_dollars_that_are_no_formula_stay_dollars(text):
    chapter = parsed(text)
    assert not [e for e in chapter.body.iter() if maths.is_formula(e)]
    assert chapter.problems == ()
    assert "".join(chapter.body.itertext()).count("$") == text.count("$") * ("<!--" not in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x$", ["x"]),
        ("$5 = x$", ["5 = x"]),
        ("$3 x$", ["3 x"]),
        ("$n$th", ["n"]),
        ("($x$)", ["x"]),
        ("$a_1$ and $b_2$", ["a_1", "b_2"]),
        ("$a$, $5 and $b$", ["a", "b"]),
        (r"$a\$b$", [r"a\$b"]),
        ("$a < b$ and $c > d$", ["a < b", "c > d"]),
        ("$a<b$ and $c>d$", ["a<b", "c>d"]),
        (r"$\text{a \& b}$", [r"\text{a \& b}"]),
        (r"$\{x\}\_$", [r"\{x\}\_"]),
        ("$x[1](2)^[3]$", ["x[1](2)^[3]"]),
        ("$a *b* c$", ["a *b* c"]),
        ("$x~y~$", ["x~y~"]),
    ],
)
def test_tex_in_a_line_comes_through_as_it_was_written(text, expected):
    assert formulas(text) == [("span", tex, "") for tex in expected]


def test_a_display_keeps_its_lines_and_knows_its_own():
    chapter = parsed(
        "Words\n$$\na &= b \\\\\n> c\n$$\nmore.".replace("a &= b", r"\begin{aligned} a &= b").replace(
            "> c", r"> c \end{aligned}"
        )
    )
    display = next(e for e in chapter.body.iter() if maths.is_formula(e))
    assert (display.tag, display.get("data-line"), display.text) == ("div", "4", None)
    assert display.get("data-tex") == "\\begin{aligned} a &= b \\\\\n> c \\end{aligned}"
    assert [(e.tag, e.get("data-line")) for e in chapter.body] == [
        ("h1", "1"),
        ("p", "3"),
        ("div", "4"),
        ("p", "8"),
    ]


def test_what_looks_like_an_entity_stays_tex():
    tex = r"\begin{matrix} a&lt;b \end{matrix}"
    assert formulas(f"$${tex}$$") == [("div", tex, "")]
    assert formulas(f"So ${tex}$.") == [("span", tex, "")]


def test_an_authors_own_mark_makes_no_formula():
    chapter = parsed('<span data-tex="x">words</span> and <p data-tex="x">more</p>')
    assert not [e for e in chapter.body.iter() if maths.is_formula(e)]
    assert "words" in tree.text_of(chapter.body)


def test_a_note_may_be_a_formula_alone():
    (note,) = parsed("Words.[^1]\n\n[^1]: $x$").notes
    assert note.body is not None
    assert note.body.find(".//span[@data-tex]") is not None


def test_brackets_in_a_formula_call_no_note():
    assert parsed("$A[^T]$").problems == ()


def test_a_chapter_may_be_a_formula_alone():
    assert "chapter-empty" not in {p.code for p in parsed("$$x$$").problems}


# --- What it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("E = mc^2", "E = mc²"),
        (r"\alpha", "α"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a+1}{b}", "(a + 1)/b"),
        (r"\sqrt{x+1}", "√(x + 1)"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"x_i^2", "x_i²"),
        (r"\mathrm{H}_2\mathrm{O}", "H₂O"),
        (r"\sin x", "sin x"),
        (r"\hat{x}", "x"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a, b; c, d)"),
        (r"\underbrace{a}_{n}", "a_n"),
        (r"\unknown", r"\unknown"),
    ],
)
def test_headings_say_a_formula_in_words(tex, expected):
    assert reading.words(tex) == expected


def test_contents_and_ids_are_made_of_the_words():
    (heading,) = [h for h in parsed("## The law $E = mc^2$ of $\\alpha$-decay").headings if h.level == 2]
    assert (heading.text, heading.id) == ("The law E = mc² of α-decay", "the-law-e-mc2-of-decay")


# --- MathML -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\mathbb{RC}", "<mi>ℝ</mi><mi>ℂ</mi>"),
        (r"\mathbf{ab}", "<mi>𝐚</mi><mi>𝐛</mi>"),
        (r"\mathfrak{gC}", "<mi>𝔤</mi><mi>ℭ</mi>"),
        (r"\mathcal{LAB}", "<mi>ℒ</mi><mi>𝒜</mi><mi>ℬ</mi>"),
        (r"\boldsymbol{\alpha h}", "<mi>𝜶</mi><mi>𝒉</mi>"),
        (r"\mathit{ha}", "<mi>h</mi><mi>a</mi>"),
        (r"\Gamma", '<mi mathvariant="normal">Γ</mi>'),
        (r"\mathrm{d}", '<mi mathvariant="normal">d</mi>'),
        (r"\mathrm{max}", "max</mi>"),
        (r"\infty", "<mi>∞</mi>"),
        ("a ≤ b", "<mo>≤</mo>"),
        (r"2\sin x", '<mn>2</mn><mspace width="0.167em" /><mi>sin</mi><mspace width="0.167em" /><mi>x</mi>'),
        (r"\sin(x)", "<mi>sin</mi><mo"),
        (r"\operatorname*{arg\,max}", "<mi>arg\u2009max</mi>"),
        (r"\hat{x}", '<mover accent="true"><mi>x</mi><mo stretchy="false">ˆ</mo></mover>'),
        (r"\widehat{ab}", '<mo stretchy="true">^</mo></mover>'),
        (r"\vec{x}", '<mo stretchy="false">→</mo>'),
        (r"\overrightarrow{AB}", '<mo stretchy="true">→</mo>'),
        (r"\overline{AB}", '<mo stretchy="true">‾</mo>'),
        ("x = -1", '<mo form="prefix">−</mo>'),
        ("3{,}14", '<mo lspace="0em" rspace="0em">,</mo>'),
        ("|x|", "<mi>|</mi><mi>x</mi><mi>|</mi>"),
        (r"f\colon A", '<mo lspace="0em" rspace="0.17em">:</mo>'),
        (r"a\!b", '<mspace width="-0.167em" />'),
        (r"\text{if $x$ then}", "<mtext>if\u00a0</mtext><mi>x</mi><mtext>\u00a0then</mtext>"),
        (r"\text{50\%}", "<mtext>50%</mtext>"),
        (r"a \tag{1}", "<mtext>(1)</mtext>"),
        (r"\arg z", "<mi>arg</mi>"),
        (r"\mathop{x \frac{a}{b}}", "<mfrac>"),
        ("a % comment\n+ b", "<mo>+</mo><mi>b</mi>"),
        (r"\begin{gather} a \\ b \end{gather}", '<mstyle displaystyle="true" scriptlevel="0"><mtable>'),
        (r"\begin{align} a &= b \end{align}", '<mo form="infix">=</mo><mi>b</mi>'),
    ],
)  # fmt: skip
def test_tex_becomes_mathml_that_core_knows(tex, expected):
    assert expected in drawn(tex)


def test_align_is_not_numbered():
    assert "mtext" not in drawn(r"\begin{align} a &= b \\ c &= d \end{align}")


@pytest.mark.parametrize("sign", [r"\sum", r"\bigcup", r"\lim", r"\max", r"\operatorname*{ess}", r"\prod"])
def test_limits_stand_below_in_displays_and_beside_in_lines(sign):
    assert "<munder>" in drawn(sign + "_{i} x", display=True)
    assert "<msub>" in drawn(sign + "_{i} x")
    assert "<msub>" in drawn(rf"\frac{{{sign}_i x}}{{2}}", display=True)
    assert "<munder>" in drawn(rf"\displaystyle {sign}_i x")
    assert "<msubsup>" in drawn(r"\int_0^1", display=True)


def test_the_fences_of_a_matrix_fit_the_matrix_alone():
    assert drawn(r"\begin{pmatrix} a \end{pmatrix} = b").startswith('<mrow><mrow><mo stretchy="true"')


def test_for_reading_systems_everything_is_said():
    found = reading.mathml("x\n= \\begin{array}{r|l} a & b \\\\ \\hline c & d \\end{array}", display=True)
    assert {element.tag.startswith(M) for element in found.iter()} == {True}
    assert found.get("alttext") == r"x = \begin{array}{r|l} a & b \\ \hline c & d \end{array}"
    assert (found.get("class"), found.get("display")) == ("math", "block")
    styles = [cell.get("style") for cell in found.iter(f"{M}mtd")]
    assert "text-align: right" in styles[0]
    assert "border-right: 1px solid; border-bottom: 1px solid" in styles[0]
    assert "border" not in styles[3]
    assert reading.mathml(r"\textbf{a}", display=False)[0].get("style") == "font-weight: bold"
    assert "mathvariant" not in tostring(
        reading.mathml(r"\mathbb{ABC} \textit{a} \mathsf{b}", display=False), encoding="unicode"
    )


# --- What is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "why"),
    [
        (r"\unknown{x}", r"\unknown is not known"),
        (r"\begin{tikzcd} a \end{tikzcd}", r"\begin{tikzcd} is not known"),
        ("{a", "never closed"),
        ("a}", "no { opens"),
        (r"\frac{a}", "missing"),
        (r"\frac", "missing"),
        ("x^", "nothing stands behind"),
        ("x^2^3", "two indices"),
        ("x_2_3", "two indices"),
        (r"\left( x", r"\left and \right"),
        (r"x \right)", r"\left and \right"),
        (r"\begin{matrix} a", r"no \end"),
        (r"a \end{matrix}", "not known"),
        ("a & b", "& stands outside"),
        (r"a \\ b", r"\\ stands outside"),
        ("50%", "% is lost"),
        (r"\text{a $x}", "never closed"),
        (r"\text{a {b} c}", "braces"),
        (r"\color{nocolour} x", "no colour"),
        (r"\def\a{\a\a}\a", r"\def cannot"),
        (r"\newcommand{\a}{b}", r"\newcommand cannot"),
        (r"\href{javascript:x}{y}", r"\href cannot"),
        (r"\unicode{0}", r"\unicode cannot"),
        (r"\text{}", "missing"),
        ("", "missing"),
        (" ", "missing"),
        ("%", "lost"),
        ("x" * (LONGEST + 1), "more than"),
        ("{" * 1000 + "x" + "}" * 1000, "nested too deeply"),
        (r"\sqrt" * 400 + " x", "nested too deeply"),
        ("x_" * 400 + "x", "two indices"),
    ],
)
def test_a_wrong_formula_is_told_in_words(tex, why):
    with pytest.raises(FormulaError) as wrong:
        mathml(tex, display=True)
    assert why in str(wrong.value)


def test_a_wrong_formula_is_told_with_its_line_and_its_beginning():
    (problem,) = parsed("One.\n\nTwo $x$ and\nthree $\\unknown + a + b + c + d + e + f + g$.").problems
    assert (problem.severity, problem.code, problem.place.line) == ("error", "formula-wrong", 6)
    assert problem.sentence.startswith(
        "The formula \\unknown + a + b + c + d + e +... cannot be shown: \\unknown is"
    )


def test_a_wrong_formula_in_a_note_has_the_notes_line():
    (problem,) = parsed("Words.[^1]\n\n[^1]: Here.\n\n    There $\\unknown$.").problems
    assert (problem.code, problem.place.line) == ("formula-wrong", 7)


def test_a_formula_never_closed_is_told_and_stays():
    chapter = parsed("Words\n\n$$ x = 1")
    (problem,) = chapter.problems
    assert (problem.severity, problem.code, problem.place.line) == ("warning", "formula-unclosed", 5)
    assert "$$ x = 1" in tree.text_of(chapter.body)


def test_a_character_that_the_face_lacks_is_told_where_it_is_drawn():
    chapter = parsed(r"So $\text{中}$.")
    assert chapter.problems == ()
    with pytest.raises(BookError, match=r"book/a\.md:3: error: The formula .* has no 中"):
        maths.resolve(tree.duplicate(chapter.body), Edition("screen", "pdf"), chapter.source)
    maths.resolve(tree.duplicate(chapter.body), Edition("epub", "epub"), chapter.source)


def nested(tex: str, times: int) -> str:
    """Put a formula into itself, where the X stands."""
    made = "x"
    for _ in range(times):
        made = tex.replace("X", made)
    return made


@pytest.mark.parametrize(
    "tex",
    [
        nested(r"\frac{1}{1+X}", 18),
        nested(r"\left(X\right)", 25),
        nested(r"\sqrt[X]{X}", 5),
        nested(r"\begin{pmatrix}X&X\\X&1\end{pmatrix}", 3),
        nested("{a+X}", 25),
        nested(r"\phantom{a+X}", 25),
        r"\text{" + "word " * 100 + "}",
    ],
)
def test_what_is_nested_deeply_takes_no_long_time(tex):
    """ziamath measured each row twice: a fraction in twenty fractions took a million times as long as one."""
    started = time.process_time()
    drawing.draw(tex, display=True)
    assert time.process_time() - started < 4


PIECES = st.sampled_from(
    r"x 1 + = ( ) [ ] { } & ^ _ ' | ~ # % \\ , \alpha \sum \int \lim \sin \max \frac \sqrt \hat \vec \overline \mathbf "
    r"\mathbb \mathrm \text{a} \text{} \left( \right) \left. \right] \middle| \begin{matrix} \end{matrix} \begin{cases} "
    r"\end{cases} \begin{align} \end{align} \begin{array}{c|c} \end{array} \hline \over \choose \binom \not \limits \, \quad "
    r"\displaystyle \color{red} \underbrace \xrightarrow \substack \stackrel \operatorname \mathop \big \Bigl \tag{1} \rule "
    r"\kern \hspace{1em} \phantom \cancel \boxed \pmod \medspace \substack{a\\b} \mathrel \genfrac \sqrt[3] \dots ∑ é 中".split()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=9).map(" ".join), st.booleans())
def test_whatever_is_written_is_a_formula_or_told(tex, display):
    try:
        found = reading.mathml(tex, display=display)
        fromstring(tostring(found))
        shape = drawing.draw(tex, display=display)
    except FormulaError:
        pass
    else:
        assert 0 < shape.width < 200_000
        assert 0 < shape.height < 200_000
        etree.fromstring(drawing.svg(shape))
        assert drawing.read(drawing.svg(shape)) == shape


# --- Pictures ---------------------------------------------------------------------------------------------------------


def test_a_drawing_stands_on_the_line_and_has_the_size_of_the_text():
    x, fraction, index = (drawing.draw(tex, display=False) for tex in ("x", r"\frac{a}{b}", "x_i"))
    assert 450 < x.height - x.depth < 550  # the x-height of Source Serif is 0.475
    assert 0 <= x.depth < 50
    assert 200 < fraction.depth < 600
    assert fraction.height < 1400
    assert 100 < index.depth < 400


def test_a_display_is_drawn_larger_than_a_line():
    small, large = (drawing.draw(r"\sum_{i=1}^n \frac{a}{b}", display=display) for display in (False, True))
    assert large.height > 1.5 * small.height
    assert drawing.draw(r"\int_0^1", display=False).height < 1900


def test_a_table_has_its_lines_and_a_box_its_frame():
    def boxes(tex):
        return sum(path.count("M") for _, path in drawing.draw(tex, display=True).paths)

    plain, ruled = (
        r"\begin{array}{cc} a & b \\ c & d \end{array}",
        r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
    )
    assert boxes(ruled) == boxes(plain) + 2
    assert boxes(r"\boxed{l}") == boxes("l") + 2
    assert boxes(r"\cancel{l}") == boxes("l") + 1


def test_svg_is_one_path_without_ids():
    root = etree.fromstring(drawing.svg(drawing.draw(r"\sqrt{x} + \frac{a}{b}", display=True)))
    assert [child.tag for child in root] == ["{http://www.w3.org/2000/svg}path"]
    assert root.xpath("//@id") == []
    assert root[0].get("fill") == "black"
    assert [colour for colour, _ in drawing.draw(r"a\color{red}b", display=True).paths] == ["black", "red"]


def test_a_drawing_of_somebody_else_is_none_of_ours():
    svg = drawing.svg(drawing.draw("x", display=False))
    assert drawing.read(svg.replace(b"<path", b"<path id='a'")) is None
    assert drawing.read(b"\xff") is None


def test_png_is_grey_on_white_and_sharp():
    shape = drawing.draw(r"\frac{a}{b}", display=True)
    with Image.open(io.BytesIO(drawing.png(shape))) as picture:
        assert picture.mode == "P"
        assert abs(picture.height - 0.08 * shape.height) < 2
        assert abs(picture.width - 0.08 * shape.width) < 2
        assert picture.convert("L").getpixel((0, 0)) == 255
        assert picture.convert("L").getextrema() == (0, 255)
        assert len(picture.convert("L").getcolors()) == 16
    with Image.open(io.BytesIO(drawing.png(drawing.draw(r"\color{red}x", display=True)))) as picture:
        assert picture.mode == "RGB"


BOTH = """
import hashlib, sys
from diptych.formulas import drawing
for tex in sys.argv[1:]:
    try:
        shape = drawing.draw(tex, display=True)
        print(tex, hashlib.sha256(drawing.svg(shape) + drawing.png(shape)).hexdigest())
    except ValueError:
        pass
"""


def test_the_bytes_depend_on_nothing_that_was_drawn_before():
    texs = [
        r"\text{AV} x'^2",
        r"\sum_i^n x_i",
        r"\begin{cases} a & \text{if} \\ b \end{cases}",
        r"\arg z",
        r"\text{中}",
    ]
    found = [
        sorted(
            subprocess.run(
                [sys.executable, "-c", BOTH, *order], capture_output=True, check=True, text=True
            ).stdout.splitlines()
        )
        for order in (texs, texs[::-1])
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 4


def test_a_book_without_formulas_never_wakes_their_libraries():
    words = (
        "import sys; from diptych import pipeline, markup; from diptych.model import File, Reading;"
        "markup.parse(File('a.md', b'# A\\n\\nIt cost $5.'), Reading('a.md', 'body'), 'a', 'en', 'book');"
        "print({'latex2mathml', 'ziamath', 'ziafont'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", words], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == "set()"


# --- Editions ---------------------------------------------------------------------------------------------------------

BOOK = {
    "book.toml": '[book]\ntitle = "One"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    '[edition.epub]\n[edition.kindle]\nlike = "epub"\nmath = "image"\n[edition.screen]\nwriter = "pdf"\n',
    "01-one.md": "# The law $E = mc^2$\n\nWords $x$ and again $x$, the $n$th.[^1]\n\n$$\\sum_{i=1}^n i$$\n\nMore.\n\n"
    "[^1]: A note that has $\\frac{a}{b}$ in it and\n\n    $$y = \\sin z$$\n\n    words behind it, so that letters count.\n",
    "02-two.md": "# Two\n\nNo formula.\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def book(bench):
    return bench.read(BOOK)


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist()}


def test_an_epub_shows_mathml_and_says_so(bench, book):
    made = bench.make(book, "epub", plain=True)
    files = unzipped(made.data)
    chapter = etree.fromstring(
        next(data for name, data in files.items() if "one" in name and name.endswith(".xhtml"))
    )
    assert [e.get("alttext") for e in chapter.iter(f"{M}math")] == [
        "E = mc^2", "x", "x", "n", r"\sum_{i=1}^n i", r"\frac{a}{b}", r"y = \sin z",
    ]  # fmt: skip
    package = next(data for name, data in files.items() if name.endswith(".opf")).decode()
    assert package.count('properties="mathml"') == 1
    assert not [name for name in files if name.endswith(".png") and len(name) == 20]
    assert ledger.of_epub(made.data, made.wanted).problems == ()
    assert "The law E = mc²" in files["nav.xhtml"].decode()


def test_an_epub_for_kindle_shows_pictures(bench, book):
    made = bench.make(book, "kindle", plain=True)
    files = unzipped(made.data)
    chapter = next(data for name, data in files.items() if "one" in name and name.endswith(".xhtml")).decode()
    pictures = list(etree.fromstring(chapter.encode()).iter("{http://www.w3.org/1999/xhtml}img"))
    assert [e.get("alt") for e in pictures[:3]] == ["E = mc^2", "x", "x"]
    assert {e.get("class") for e in pictures} == {"math"}
    assert pictures[1].get("src") == pictures[2].get("src")
    assert "vertical-align: -" in pictures[0].get("style")
    assert "vertical-align" not in pictures[4].get("style")
    assert all(files[e.get("src").rsplit("/", 1)[-1]].startswith(b"\x89PNG") for e in pictures)
    assert len({e.get("src") for e in pictures}) == 6
    package = next(data for name, data in files.items() if name.endswith(".opf")).decode()
    assert "mathml" not in package.lower()
    assert ledger.of_epub(made.data, made.wanted).problems == ()
    assert bench.make(book, "kindle", plain=True).data == made.data


def test_an_epub_with_mathml_brings_a_face_for_it_and_no_other_does(bench, book):
    none = bench.build({**BOOK, "01-one.md": "# One\n\nWords.\n"}, "epub", plain=True)
    made = [
        unzipped(one.data)
        for one in (bench.make(book, "epub", plain=True), bench.make(book, "kindle", plain=True), none)
    ]
    assert ["STIXTwoMath-Regular.ttf" in files for files in made] == [True, False, False]
    assert [b'math { font-family: "STIX Two Math"' in files["book.css"] for files in made] == [
        True,
        False,
        False,
    ]
    assert [b"STIX" in files["book.css"] for files in made] == [True, False, False]


def test_the_face_is_cut_and_can_still_grow():
    from diptych.files import read_faces
    from diptych.writers.epub import fonts

    data = fonts._cut(read_faces()["STIXTwoMath-Regular.ttf"], fonts._IMPLIED + "x=∑()").data
    assert len(data) < 80_000
    with TTFont(io.BytesIO(data)) as face:
        assert {"MATH", "GSUB"} <= set(face.keys())
        assert {ord("√"), ord("∑"), ord("ℎ"), 0x1D465} <= set(face.getBestCmap())
        assert face["maxp"].numGlyphs > 2 * len(face.getBestCmap())  # brackets and roots of every size


def test_a_pdf_draws_formulas_and_loses_no_words(bench, book):
    made = bench.make(book, "screen")
    assert made.problems == ()
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()
    with pypdfium2.PdfDocument(made.data) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
        shapes = [each for page in document for each in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_PATH])]
    assert len(shapes) >= 7
    assert "\\" not in text
    assert "$" not in text
    assert "Words and again , the th." in " ".join(text.split())
    with pikepdf.open(io.BytesIO(made.data)) as pdf, pdf.open_outline() as outline:
        assert "The law E = mc²" in [entry.title for entry in outline.root]
    assert bench.make(book, "screen").data == made.data


@pytest.mark.parametrize("writer", ["epub", "pdf"])
def test_a_formula_stays_with_what_stands_close_to_it(writer):
    text = "The $n$th, 2$x$ and ($y$); $z$ alone, $a$.[^1] So $b$[^1] and *$c$*.\n\n$$d$$\n\n[^1]: Words."
    body = tree.duplicate(parsed(text).body)
    maths.resolve(body, Edition("one", writer), "book/a.md")
    bound = [
        [e.text or "", *[child.tail or "" for child in e]]
        for e in body.iter("span")
        if "unbroken" in tree.classes(e)
    ]
    assert bound == [["", "th,"], ["2", ""], ["(", ");"], ["", ".", ""], ["", "", ""]]
    assert [tree.classes(e)[0] for e in body.iter() if e.get("data-note")] == ["noteref", "noteref"]
    assert tree.text_of(body[1], lambda e: "math" in tree.classes(e)) == "The th, 2 and (); alone, . So and ."


def test_a_long_note_of_formulas_is_cut_like_one_of_words(bench):
    displays = "\n\n    ".join(f"$$x_{{{n}}}$$" for n in range(40))
    toml = '[book]\ntitle = "Notes"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    text = f"# One\n\nWords.[^1]\n\n[^1]: Words.\n\n    {displays}\n"
    made = bench.build({"book.toml": f'{toml}[edition.print]\ntrim = "105x148mm"\n', "1.md": text})
    spots = ledger.read_places(made.data)[0]
    assert (
        spots["fn-c1-1"].page
        == spots["fnref-c1-1"].page
        < max(spot.page for name, spot in spots.items() if name.startswith("fn-c1-1_"))
    )
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["epub", "kindle"])
def test_epubcheck_finds_nothing(bench, edition):
    from diptych import tools

    everything = "\n\n".join(f"$${tex}$$" for tex in EVERYTHING)
    lines = " ".join(f"${tex}$" for tex in EVERYTHING if "begin" not in tex)
    made = bench.build({**BOOK, "02-two.md": f"# Two\n\n{everything}\n\n{lines}\n"}, edition)
    assert tools.epubcheck(made.data) == ()


EVERYTHING = [
    r"\frac{a}{b} \tfrac12 \cfrac{1}{x} \binom{n}{k} \sqrt{x} \sqrt[3]{x}",
    r"\hat x \widehat{ab} \vec v \overline{AB} \underline{AB} \dot x \ddot x \overrightarrow{AB} \underbrace{a}_n \overbrace{a}^n",
    r"\sum_{i=1}^n \prod \int_0^1 \oint \lim_{x \to 0} \max_x \operatorname*{arg\,max}_\theta \sum_{\substack{i<n \\ j<m}}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \begin{vmatrix} a \end{vmatrix} \begin{array}{c|c} a & b \\ \hline c & d \end{array}",
    r"\begin{cases} a & \text{if } x \\ b \end{cases}",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\begin{gather} a \\ b \end{gather}",
    r"\mathbb{R} \mathcal{L} \mathfrak{g} \mathbf{AB} \mathrm{kg} \mathsf{A} \mathtt{A} \boldsymbol{\alpha} \textbf{a} \textit{b} \texttt{c}",
    r"\left( \frac{a}{b} \middle| c \right] \big( \Bigl[ \bigg\{ \|x\| |y| \langle z \rangle \lfloor x \rfloor",
    r"\xrightarrow[a]{b} \xleftarrow{abc} \overset{!}{=} \underset{x}{y} \stackrel{a}{b} a \not\in b",
    r"\cancel{x} \boxed{y} \phantom{z} \smash{a} \color{red} b \quad \hspace{1cm} \rule{1em}{1em} \, \! \;",
    r"a \bmod n \pmod n \mathop{a} \mathrel{R} \mathbin{B} x' y'' \dots \cdots \ddots \tag{1}",
]
