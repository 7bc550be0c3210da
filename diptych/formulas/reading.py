"""A formula for those who read it: as MathML for reading systems, as plain words for contents and bookmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from xml.etree.ElementTree import Element

from diptych.formulas import tex as formulas

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"

_FACES = {
    "bold": "font-weight: bold",
    "italic": "font-style: italic",
    "sans-serif": "font-family: sans-serif",
    "monospace": "font-family: monospace",
}


def source(tex: str) -> str:
    """Give the TeX in one line, for those who do not see the formula."""
    return " ".join(tex.removeprefix(r"\displaystyle ").split())


def mathml(tex: str, *, display: bool) -> Element:
    """Give the formula for an XHTML document, with its TeX as `alttext`. Raises FormulaError.

    What MathML Core has no attribute for is said in CSS.
    """
    root = formulas.mathml(tex, display=display)
    for element in list(root.iter()):
        if element.tag == "mtable":
            _table(element)
        elif element.tag == "mtext" and (face := element.attrib.pop("mathvariant", "")):
            element.set("style", _FACES.get(face, _FACES["bold"]))
        elif element.tag == "menclose" and element.get("notation") == "box":
            element.tag, element.attrib = "mrow", {"style": "border: 1px solid; padding: 0.2em"}
    for element in root.iter():
        element.tag = NAMESPACE + element.tag
    root.attrib |= {"class": "math", "alttext": source(tex)}
    return root


def _table(table: Element) -> None:
    """Align and rule a table, and let relations stand close to what they relate in `align`."""
    down, across = (table.attrib.pop(name, "").split() for name in ("columnlines", "rowlines"))
    pairs = table.get("displaystyle") == "true"
    for row, below in zip_longest(table, across[: len(table) - 1]):
        for cell, beside in zip_longest(row, down[: len(row) - 1]):
            side = cell.get("columnalign", "")
            styles = [f"text-align: {side}; text-align: -webkit-{side}"] if side else []
            if pairs and side:
                styles.append(f"padding-{'right' if side == 'right' else 'left'}: 0")
            styles += ["border-right: 1px solid"] if beside not in (None, "none") else []
            styles += ["border-bottom: 1px solid"] if below not in (None, "none") else []
            if styles:
                cell.set("style", "; ".join(styles))


# --- Words ------------------------------------------------------------------------------------------------------------

_ABOVE = str.maketrans("0123456789+−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_BELOW = str.maketrans("0123456789+−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_RELATIONS = frozenset("=<>≤≥≠≈≡∼≃≅∝∈∉⊂⊆⊃→←↔⇒⇐⇔↦+−±×·∪∩∧∨")


def words(tex: str) -> str:
    """Write a formula in one line: E = mc², a/b, √(x + 1). Gives the TeX where it is no formula."""
    try:
        return " ".join(_said(formulas.mathml(tex, display=False)).split())
    except formulas.FormulaError:
        return tex


def _said(element: Element) -> str:
    if element.tag in formulas.TOKENS:
        return _token(element)
    parts = [_said(child) for child in element]
    if "true" in (element.get("accent"), element.get("accentunder")):
        return parts[0]
    return _JOINED.get(element.tag, "".join)(parts)


def _token(element: Element) -> str:
    text = (element.text or "").replace("\u00a0", " ")
    if element.tag == "mo" and text in _RELATIONS:
        return f" {text} "
    return "" if text in ("⏞", "⏟") else text


def _one(text: str) -> str:
    """Put round brackets round what is more than one thing."""
    text = text.strip()
    return text if text.isalnum() or len(text) == 1 else f"({text})"


def _index(text: str, marks: dict[int, int], sign: str) -> str:
    text = text.strip()
    if text in ("", "′", "″", "‴"):
        return text
    return text.translate(marks) if all(ord(character) in marks for character in text) else sign + _one(text)


def _both(parts: Sequence[str]) -> str:
    return parts[0] + _index(parts[1], _BELOW, "_") + _index(parts[2], _ABOVE, "^")


_JOINED: dict[str, Callable[[Sequence[str]], str]] = {
    "mspace": lambda _: " ",
    "mfrac": lambda parts: f"{_one(parts[0])}/{_one(parts[1])}",
    "msqrt": lambda parts: f"√{_one(''.join(parts))}",
    "mroot": lambda parts: f"{_index(parts[1], _ABOVE, '^')}√{_one(parts[0])}",
    **dict.fromkeys(("msup", "mover"), lambda parts: parts[0] + _index(parts[1], _ABOVE, "^")),
    **dict.fromkeys(("msub", "munder"), lambda parts: parts[0] + _index(parts[1], _BELOW, "_")),
    **dict.fromkeys(("msubsup", "munderover"), _both),
    "mtable": "; ".join,
    "mtr": ", ".join,
}
"""How the parts of an element are said together."""
