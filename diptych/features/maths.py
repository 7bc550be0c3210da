r"""Formulas: `$…$` in a line, `$$…$$` as a display, in the TeX of LaTeX's mathematics.

In a chapter's tree a formula is an empty `span.math` or `div.math` with its TeX in `data-tex`: no text, so that nobody
who counts letters or sets punctuation meets it. An edition shows it as MathML or as a picture.

A dollar opens a formula where no space follows it, and closes one where no space stands before it and no digit behind:
so prices stay prices (https://pandoc.org/MANUAL.html#math). `\$` is always a dollar.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AMP_SUBSTITUTE, STX, AtomicString

from diptych import tree
from diptych.formulas import drawing, reading
from diptych.formulas.tex import FormulaError
from diptych.lines import Blocks
from diptych.model import Edition, File
from diptych.problems import BookError, Place, Problem, error, warning

if TYPE_CHECKING:
    from markdown import Markdown

_IN_LINE = r"\$(?<![\\$]\$)(?![\s$])((?:\\.|[^\\$])+?)(?<!\s)\$(?![\d$])"
_DISPLAY = r"\$\$(?<![\\$]\$\$)(?!\$)((?:\\[\s\S]|[^\\$]|\$(?!\$))+?)\$\$(?!\$)"
_ALONE = re.compile(rf"^ {{0,3}}{_DISPLAY}[ \t]*(?:\{{#([^\s{{}}]+)\}})?[ \t]*$", re.MULTILINE)
_NOT_CLOSED = r"\$\$(?<![\\$]\$\$)(?!\$)"
"""Each begins with its own mark and looks behind it afterwards: so most of a text is passed over at once."""

_AS_WRITTEN = "data-formula"
"""What the parser knows a formula by until the tree is whole; an author's own `data-tex` is none."""


class _Formulas(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Stand before escapes, which TeX has too, and behind code; displays behind named blocks and indented code."""
        md.ESCAPED_CHARS.append("$")
        md.parser.blockprocessors.register(_Display(md.parser), "formulas", 78)
        md.parser.blockprocessors.register(_InTable(md.parser), "formulas-in-tables", 76)
        md.inlinePatterns.register(_InLine(_DISPLAY, md), "formulas-displayed-in-lines", 187)
        md.inlinePatterns.register(_InLine(_IN_LINE, md), "formulas-in-lines", 186)
        md.inlinePatterns.register(_NotClosed(_NOT_CLOSED, md), "formulas-not-closed", 185)


def syntax() -> Extension:
    """Give the extension that reads formulas."""
    return _Formulas()


def _written(tag: str, tex: str) -> Element:
    # Of what looks like an entity Python-Markdown would leave the ampersand as it is.
    kept = tex.strip().replace("&", f"{AMP_SUBSTITUTE}amp;")
    formula = Element(tag, {"class": "math", _AS_WRITTEN: kept})
    if tag == "span":
        formula.text = AtomicString(kept)  # for the words of a picture, which take no more than text
    return formula


class _InLine(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | None, int | None, int | None]:  # type: ignore[override]  # noqa: ARG002, N802
        if STX in m[1] or _is_prose(m[1]):  # code stands in it, or it lies between two prices
            return None, None, None
        style = r"\displaystyle " if m[0].startswith("$$") else ""
        return _written("span", style + m[1].strip()), m.start(0), m.end(0)


def _is_prose(tex: str) -> bool:
    """Whether this begins with a figure, goes on in words and has no sign of TeX: `10, or 3 US` of "$10, or 3 US$"."""
    plain = tex[0].isdigit() and " " in tex and not set(tex) & set("\\^_{}=<>")
    return plain and re.search(r"\b[A-Za-z]{2,}\b", tex) is not None


class _InTable(BlockProcessor):
    r"""A bar in a formula ends no cell: `$|x|$` becomes `$\vert x\vert $` before the row is cut up."""

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return "$" in block and bool(re.match(r".*\|.*\n[\s|:-]*-[\s|:-]*(?:\n|\Z)", block.lstrip("\n")))

    def run(self, parent: Element, blocks: list[str]) -> bool:  # noqa: ARG002
        blocks[0] = re.sub(_IN_LINE, self._without_bars, blocks[0])
        return False  # the next processor is to read it

    def _without_bars(self, formula: re.Match[str]) -> str:
        bars = len(re.findall(r"(?<!\\)\|", formula[1]))
        if bars % 2 and "|" in (formula[1][0], formula[1][-1]):  # two cells, with a dollar in each
            return formula[0]
        return re.sub(r"(?<!\\)\|", r"\\vert ", formula[0]).replace(" $", "$")


class _NotClosed(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: ARG002, N802
        return tree.make("span", AtomicString("$$"), {_AS_WRITTEN: ""}), m.start(0), m.end(0)


class _Display(BlockProcessor):
    """`$$…$$` on lines of its own, between paragraphs or in the middle of one, with `{#id}` behind it.

    One in a list or a quotation waits until these have been taken apart.
    """

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return bool(_ALONE.search(block)) and not re.match(r"\n* {0,3}(?:[*+-]|\d+\.|>)\s", block)

    def run(self, parent: Element, blocks: list[str]) -> None:
        numbers = blocks.numbers[0] if isinstance(blocks, Blocks) else [0]
        block = blocks.pop(0)
        found = _ALONE.search(block)
        if found is None:  # which test() has ruled out
            return
        if (before := block[: found.start()].rstrip("\n")).strip():
            self.parser.parseBlocks(parent, [before])
        formula = _written("div", found[1])
        formula.set("data-line", str(numbers[min(block.count("\n", 0, found.start()), len(numbers) - 1)]))
        if found[2]:
            formula.set("id", found[2])
        parent.append(formula)
        if (after := block[found.end() :].lstrip("\n")).strip():
            blocks.insert(0, after)


# --- The chapter ------------------------------------------------------------------------------------------------------


def is_formula(element: Element) -> bool:
    """Whether this element of a chapter's tree is a formula."""
    return "data-tex" in element.attrib


def shape(body: Element, source: str, first_line: int = 0) -> tuple[Problem, ...]:
    """Make formulas of what the parser found, in a tree that nobody else holds; returns what is wrong with them."""
    problems: list[Problem] = []
    parents = dict(tree.with_parents(body))
    for element, line in list(tree.with_lines(body, first_line)):
        element.attrib.pop("data-tex", None)
        tex = element.attrib.pop(_AS_WRITTEN, None)
        if tex == "" and element.text == "$$":
            element.tail = "$$" + (element.tail or "")
            tree.remove(parents[element], element)
            problems.append(_not_closed(Place(source, line)))
        elif tex is not None and "math" in tree.classes(element) and not len(element):
            problems.extend(_shaped(element, tex, Place(source, line)))
    for heading in (element for element in body.iter() if re.fullmatch("h[1-6]", element.tag)):
        for formula in filter(is_formula, heading.iter()):
            formula.set("data-words", reading.words(formula.get("data-tex", "")))
    return tuple(problems)


def _shaped(element: Element, tex: str, place: Place) -> Iterator[Problem]:
    """Empty a formula, and keep its TeX; one that is none stays in the text."""
    try:
        reading.mathml(tex, display=element.tag == "div")
    except FormulaError as wrong:
        element.text = tex
        element.set("class", "missing")
        yield _wrong(tex, wrong, place)
    else:
        element.text = None
        element.set("data-tex", tex)


def _wrong(tex: str, wrong: FormulaError, place: Place) -> Problem:
    beginning = reading.source(tex)
    beginning = f"{beginning[:30]}..." if len(beginning) > 30 else beginning
    return error(
        "formula-wrong",
        place,
        f"The formula {beginning} cannot be shown: {wrong}.",
        r"Write it as in LaTeX; if no formula is meant, write \$ for each dollar.",
    )


def _not_closed(place: Place) -> Problem:
    return warning(
        "formula-unclosed",
        place,
        "A formula begins here with $$ and never ends; it stands in the text as it is.",
        r"Close it with $$ before the next empty line; write \$ for each dollar if no formula is meant.",
    )


# --- An edition -------------------------------------------------------------------------------------------------------


def resolve(holder: Element, edition: Edition, source: str, first_line: int = 0) -> tuple[File, ...]:
    """Show the formulas as the edition wants them, in a tree that nobody else holds; returns their pictures.

    Raises BookError where one cannot be drawn.
    """
    if not any(is_formula(each) or "math" in each.get("class", "") for each in holder.iter()):
        return ()
    files: dict[str, File] = {}
    problems: list[Problem] = []
    for element, line in list(tree.with_lines(holder, first_line)):
        if not is_formula(element):
            continue
        tex, display = element.get("data-tex", ""), element.tag == "div"
        try:
            if edition.paged or edition.math == "image":
                shown, file = _picture(tex, edition, display=display)
                files[file.path] = file
            else:
                shown = reading.mathml(tex, display=display)
        except FormulaError as wrong:
            problems.append(_wrong(tex, wrong, Place(source, line)))
            continue
        _show(element, shown)
    if problems:
        raise BookError(problems)
    _keep_words_together(holder)
    return tuple(files.values())


def _show(formula: Element, shown: Element) -> None:
    """Put what an edition shows in the formula's place, a display in a block of its own."""
    kept = {name: formula.get(name, "") for name in ("id", "data-line") if formula.get(name)}
    if formula.tag == "div":
        formula.attrib = {**kept, "class": "formula"}
        formula.append(shown)
    else:
        formula.tag, formula.attrib = shown.tag, {**kept, **shown.attrib}
        formula[:] = list(shown)


def _picture(tex: str, edition: Edition, *, display: bool) -> tuple[Element, File]:
    """Draw a formula: outlines on pages, a painted picture for e-readers, of which Kindle's take few drawings.

    Lengths are in ems, so that it grows with the text.
    """
    drawn = drawing.draw(tex, display=display)
    kind = "svg" if edition.paged else "png"
    name = hashlib.sha256(f"{'display' if display else 'inline'} {tex}".encode()).hexdigest()[:16]
    style = f"width: {drawn.width / 1000}em"
    if not display:
        style += f"; vertical-align: {-drawn.depth / 1000}em"
    data = drawing.svg(drawn) if edition.paged else drawing.png(drawn)
    image = Element(
        "img", {"class": "math", "src": f"math/{name}.{kind}", "alt": reading.source(tex), "style": style}
    )
    return image, File(f"math/{name}.{kind}", data)


def _keep_words_together(holder: Element) -> None:
    r"""Let no line end between a formula and what stands close to it: the `$n$th`, `($x$,`, `2$\pi$`."""
    for parent in [each for each in holder.iter() if "formula" not in tree.classes(each)]:
        for formula in [each for each in parent if "math" in tree.classes(each)]:
            _bind(parent, formula)


def _bind(parent: Element, formula: Element) -> None:
    """Put a formula into a span with the letters and marks that touch it, and with the call of a note behind them."""
    at = list(parent).index(formula)
    text, tail = (parent[at - 1].tail if at else parent.text) or "", formula.tail or ""
    before, after = re.split(r"[ \t\n]", text)[-1], re.split(r"[ \t\n]", tail, maxsplit=1)[0]
    call = parent[at + 1 : at + 2] if after == tail else []
    if not before and not after and not (call and "noteref" in tree.classes(call[0])):
        return
    bound = tree.make("span", before, {"class": "unbroken"}, formula)
    formula.tail, bound.tail = after or None, tail[len(after) :]
    parent[at] = bound
    if call and "noteref" in tree.classes(call[0]):
        tree.remove(parent, call[0])
        call[0].tail = None
        bound.append(call[0])
    if at:
        parent[at - 1].tail = text[: len(text) - len(before)]
    else:
        parent.text = text[: len(text) - len(before)]
