"""TeX becomes presentation MathML that reading systems draw alike.

latex2mathml reads the TeX of LaTeX's mathematics. What it lets pass is refused here (unknown commands, open braces,
arguments that are missing), and what it writes is brought to MathML Core (https://www.w3.org/TR/mathml-core/): letters
of other alphabets as the characters that Unicode has for them, words such as `sin` with their space, limits below in
displays, accents and fences said to be such.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

from PIL import ImageColor

from diptych import tree

LONGEST = 3000
"""Characters that one formula may have: drawing it takes a few seconds then."""

DEEPEST = 60
"""Elements of a formula's tree that may stand in each other."""


class FormulaError(ValueError):
    """This is no formula. The message says why, to stand behind a colon."""


def mathml(tex: str, *, display: bool) -> Element:
    """Give a formula's `math` element, without namespace, for the caller to change. Raises FormulaError."""
    return tree.duplicate(_read(tex, display=display))


@functools.lru_cache(maxsize=4096)
def _read(tex: str, *, display: bool) -> Element:
    source = _prepared(tex)
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415 - only books with formulas need it

    try:
        root = convert_to_element(source)
        root.attrib = {"display": "block" if display else "inline"}
        _tidy(root, display=display)
    except FormulaError:
        raise
    except RecursionError:
        raise FormulaError("it is nested too deeply") from None
    except Exception as wrong:  # it has a dozen kinds of its own, and stumbles in other ways too
        raise FormulaError(_SAID.get(type(wrong).__name__, "it cannot be read")) from wrong
    return root


_SAID = {
    "NumeratorNotFoundError": "a fraction has nothing above its line",
    "DenominatorNotFoundError": "a fraction has nothing below its line",
    "ExtraLeftOrMissingRightError": r"\left and \right do not stand in pairs",
    "MissingSuperScriptOrSubscriptError": "nothing stands behind ^ or _",
    "DoubleSubscriptsError": "two indices stand below one thing; put braces round one of them",
    "DoubleSuperscriptsError": "two indices stand above one thing; put braces round one of them",
    "NoAvailableTokensError": "something is missing at its end",
    "MissingEndError": r"a \begin has no \end",
    "InvalidAlignmentError": "the columns of an array are l, c and r",
    "LimitsMustFollowMathOperatorError": r"\limits does not stand behind an operator",
}

# --- Before latex2mathml ----------------------------------------------------------------------------------------------

_REFUSED = re.compile(
    r"\\(?:def|newcommand|newenvironment|DeclareMathOperator|href|style|class|unicode|colorbox|fcolorbox|verb|sideset)"
    r"(?![A-Za-z])"
)
"""What latex2mathml knows and a book cannot keep: macros, which may grow without end, links, styles, boxes."""

_ENVIRONMENTS = frozenset(
    "matrix matrix* pmatrix pmatrix* bmatrix bmatrix* Bmatrix Bmatrix* vmatrix vmatrix* Vmatrix Vmatrix* smallmatrix "
    "array cases split align*".split()
)
_LIKE = {
    **dict.fromkeys("align aligned alignat alignat* alignedat flalign flalign*".split(), "align*"),
    **dict.fromkeys("equation equation* math displaymath".split(), ""),
    **dict.fromkeys("gather gather* gathered multline multline* multlined".split(), "matrix"),
    **dict.fromkeys(("eqnarray", "eqnarray*"), "array"),
    "dcases": "cases",
}
"""Environments by the one that does the same; nothing is numbered here, so `align` is `align*`."""

_SAME = {
    "colon": r"\mathpunct{:}",
    "arg": r"\operatorname{arg}",
    "dag": r"\dagger",
    "ddag": r"\ddagger",
    "lbrace": r"\{",
    "rbrace": r"\}",
    "P": "¶",
    "copyright": "©",
}
"""Commands by what says the same."""

_IN_DISPLAY = re.compile(r"\\begin\{(?:gather|multline|eqnarray|dcases)")
_BEGIN = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}(\s*\{\d*\})?")
_TEXT = re.compile(r"\\(text\w*|mbox|hbox)\s*\{([^{}]*)\}")
_STACK = re.compile(r"(\\substack\s*\{(?:[^{}]|\{[^{}]*\})*\})")
_OPERATOR = re.compile(r"\\operatorname(\*?)\s*\{([^{}]*[^A-Za-z{}][^{}]*)\}")


def _prepared(tex: str) -> str:
    """Refuse what latex2mathml would swallow, and say what it does not know in words that it does."""
    if len(tex) > LONGEST:
        raise FormulaError(f"it has more than {LONGEST} characters")
    tex = _without_comments(tex)
    if refused := _REFUSED.search(tex):
        raise FormulaError(f"{refused[0]} cannot be used in a book")
    _balanced(tex)
    tex = re.sub(r"\\([A-Za-z]+|.)", lambda m: _SAME.get(m[1], m[0]), tex, flags=re.DOTALL)
    tex = re.sub(r"\\not\s*=", r"\\ne ", tex)
    tex = _STACK.sub(r"{\1}", tex)  # else it would take in all that follows
    in_display = r"\displaystyle " if _IN_DISPLAY.search(tex) else ""
    tex = re.sub(r"\\(?:nonumber|notag)(?![A-Za-z])", "", tex)
    tex = re.sub(r"\\tag\*?\s*\{([^{}]*)\}", r"\\qquad\\text{(\1)}", tex)
    tex = _BEGIN.sub(_environment, tex)
    tex = _TEXT.sub(_with_formulas, tex)
    tex = _OPERATOR.sub(lambda m: ("\\mathop" if m[1] else "") + rf"{{\mathrm{{{m[2]}}}}}", tex)
    # Without the space it takes an upright letter for any letter, and those are slanted.
    return in_display + tex.replace(r"\mathrm{", r"\mathrm {")


def _without_comments(tex: str) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*%[^\n]*\Z", tex):
        raise FormulaError(r"what stands behind a % is lost; write \% for the sign")
    return re.sub(r"((?<!\\)(?:\\\\)*)%[^\n]*", r"\1", tex)


def _balanced(tex: str) -> None:
    depth = 0
    for mark in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth < 0:
            raise FormulaError("a } closes what no { opens")
    if depth:
        raise FormulaError("a { is never closed")


def _environment(match: re.Match[str]) -> str:
    name, number = match[2], match[3] or ""
    if name not in _ENVIRONMENTS and name not in _LIKE:
        raise FormulaError(rf"\{match[1]}{{{name[:40]}}} is not known here")
    like = _LIKE.get(name, name)
    if not like:
        return ("{" if match[1] == "begin" else "}") + number
    if "alignat" in name or name == "alignedat":
        number = ""  # of columns, which nobody needs
    columns = "{rcl}" if name.startswith("eqnarray") and match[1] == "begin" else ""
    return rf"\{match[1]}{{{like}}}{columns}{number}"


def _with_formulas(match: re.Match[str]) -> str:
    r"""Take formulas out of a text: `\text{if $x$}`."""
    parts = re.split(r"(?<!\\)\$", match[2])
    if len(parts) % 2 == 0:
        raise FormulaError("a $ in its text is never closed")
    return "".join(
        f"{{{part}}}" if n % 2 else rf"\{match[1]}{{{part}}}" for n, part in enumerate(parts) if part
    )


# --- Behind it --------------------------------------------------------------------------------------------------------

TOKENS = frozenset(("mi", "mn", "mo", "mtext"))
"""Elements that hold text; all others hold elements."""

_ARITY = {**dict.fromkeys("mfrac msub msup munder mover mroot".split(), 2), "msubsup": 3, "munderover": 3}
_ELEMENTS = TOKENS | {*_ARITY} | {"mspace", "mtable", "mtr"}
_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines depth display displaystyle fence form height linethickness lspace "
    "mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines rspace scriptlevel "
    "stretchy voffset width".split()
)
ROWS = frozenset("math mrow mtd msqrt mstyle mphantom menclose mpadded".split())
"""Elements that hold any number of others side by side."""

_SCRIPTS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_ACCENTS = "^~¯´`˙¨\u20db\u20dc˘ˇ˚→←↔―"
_BAR = "―"
SIGNS = frozenset("∑∏∐⋀⋁⋂⋃⨀⨁⨂⨃⨄⨅⨆")
THINGS = frozenset("∞∅∂∇⊤⊥∠△□∀∃∄¬")
"""Signs that latex2mathml takes for operators, which would give them space."""

_FENCES = frozenset("⟨⟩⌈⌉⌊⌋")
_NAMED_SPACES = {"thin": "0.167em", "medium": "0.222em", "thick": "0.278em"}
_WORD = re.compile(r"[^\W\d_]{2,}(?:[\u2006\u2009\u00a0][^\W\d_]+)*")


def _tidy(root: Element, *, display: bool) -> None:
    if _depth(root) > DEEPEST:
        raise FormulaError("it is nested too deeply")
    for settle in _STEPS:
        for element in list(root.iter()):
            settle(element)
    _unwrap(root)
    _limits(root, display=display)
    for element in list(root.iter()):
        if element.tag in ROWS:
            element[:] = _merged(_spaced(list(element)))
            _signed(element)
    for element in root.iter():
        element.attrib = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    if not any(element.text or element.get("width", "0em") != "0em" for element in root.iter()):
        raise FormulaError("there is nothing in it")


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _decode(element: Element) -> None:
    r"""Refuse what latex2mathml passed through unknown; write characters for its `&#x003B1;` and for `\%`."""
    text = element.text or ""
    if unknown := re.search(r"\\(?![%$&#_{}])(?:[A-Za-z]{1,40}|.?)", text):
        raise FormulaError(f"{unknown[0]} is not known here")
    if element.tag == "mi" and text == "&":
        raise FormulaError("an & stands outside of a table")
    if element.tag == "mi" and text in ("{", "}"):
        raise FormulaError("braces inside a text are not understood")
    text = re.sub(r"&#x([0-9A-Fa-f]{1,5});", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\([%$&#_{}])", r"\1", text)
    element.text = re.sub(r"\s", "\u00a0", text) if element.tag == "mtext" else text


def _join(element: Element) -> None:
    r"""Make `\mathop{\mathrm{arg\,max}}` one word; an operator that is more than a word is a row."""
    if element.tag not in TOKENS or not len(element):
        return
    inner = [each for each in element.iter() if each is not element]
    if any(each.tag not in ("mrow", "mspace", *TOKENS) for each in inner):
        element.tag = "mrow"
        return
    element.text = "".join("\u2009" if each.tag == "mspace" else each.text or "" for each in inner)
    element[:] = []
    if element.tag == "mo" and _WORD.fullmatch(element.text):
        element.set("movablelimits", "true")


def _check(element: Element) -> None:
    """Find arguments that are missing, lines that nothing holds, characters that XML cannot hold."""
    if "linebreak" in element.attrib:
        raise FormulaError(r"a \\ stands outside of a table; write \begin{aligned} round the lines")
    if len(element) != _ARITY.get(element.tag, len(element)) or element.tag not in _ELEMENTS | ROWS:
        raise FormulaError("something is missing behind a command")
    if re.search(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", element.text or ""):
        raise FormulaError("it has a character that cannot be shown")


def _colour(element: Element) -> None:
    colour = element.get("mathcolor", "black")
    if colour.lower() not in ImageColor.colormap and not re.fullmatch("#(?:[0-9A-Fa-f]{3}){1,2}", colour):
        raise FormulaError(f"{colour[:40]} is no colour")


def _letters(element: Element) -> None:
    """Write letters of another alphabet as characters: Core knows no other `mathvariant` than `normal`."""
    variant, text = element.get("mathvariant", ""), element.text or ""
    if element.tag == "mtext":
        return
    if variant not in ("", "normal"):
        del element.attrib["mathvariant"]
        if variant != "italic" or len(text) > 1:  # one letter is slanted without it
            element.text = "".join(_styled(character, variant) for character in text)
    if element.tag == "mi" and re.fullmatch("[Α-Ω∇]", text):
        element.set("mathvariant", "normal")  # TeX's capitals stand upright


_GREEK = {
    letter: f"{name} SYMBOL"
    for letter, name in zip("ϵϑϰϕϱ", "EPSILON THETA KAPPA PHI RHO".split(), strict=True)
}


def _styled(character: str, variant: str) -> str:
    """Give the character of a mathematical alphabet: R in `double-struck` is ℝ, x in `bold-italic` is 𝒙."""
    alphabet = variant.upper().replace("-ITALIC", " ITALIC")
    name = _GREEK.get(character, unicodedata.name(character, ""))
    letter = re.sub(r"^(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER (?=\S+$)", r"\1 ", name)
    # Some had a place of their own before Unicode 3.1 brought the alphabets.
    older = f"{alphabet} {letter}".replace("FRAKTUR", "BLACK-LETTER")
    for known in (f"MATHEMATICAL {alphabet} {letter}", older.replace("ITALIC SMALL H", "PLANCK CONSTANT")):
        try:
            return unicodedata.lookup(known)
        except KeyError:
            continue
    return character


def _sign(element: Element) -> None:
    """Tell operators, things and words from each other; words get their space later."""
    text = element.text or ""
    if element.tag == "mi" and (text in (*_FENCES, ":", ";") or _is_operator(text)):
        element.tag = "mo"
    if element.tag == "mo" and text == "*":
        element.text = "∗"
    if element.tag == "mo" and text in _FENCES:
        element.attrib.setdefault("stretchy", "false")
    if element.tag == "mo" and text in THINGS:
        element.tag, element.attrib = "mi", {}
    elif element.tag == "mo" and text in ("|", "‖") and not _is_sized(element):
        element.tag, element.attrib = "mi", {}  # whether it opens, closes or relates nobody can tell
    elif element.tag == "mo" and text in ("mod", ":") and "lspace" not in element.attrib:
        width = "0.222em" if text == "mod" else "0.278em"
        element.attrib |= {"lspace": width, "rspace": width}
    elif element.tag in ("mi", "mo") and _WORD.fullmatch(text) and text != "mod":
        movable = "movablelimits" in element.attrib or text in ("lim", "max", "min", "sup", "inf")
        element.tag, element.attrib = "mi", {"word": "with limits" if movable else "plain"}


def _is_sized(fence: Element) -> bool:
    return "minsize" in fence.attrib or fence.get("stretchy") == "true"


def _is_operator(text: str) -> bool:
    """Whether this is a sign of mathematics that the author typed as such: ≤, →, ×."""
    return len(text) == 1 and unicodedata.category(text) == "Sm" and text not in THINGS


def _blank(element: Element) -> None:
    """Make space of a text that is nothing else."""
    if element.tag in TOKENS and not (element.text or "").strip():
        width = 0.25 * len(element.text or "")
        element.tag, element.attrib, element.text = "mspace", {"width": f"{width:g}em"}, None


def _space(element: Element) -> None:
    """Give named spaces, which Core does not know, their width."""
    if named := re.fullmatch(r"(negative)?(\w+)mathspace", element.get("width", "")):
        element.set("width", ("-" if named[1] else "") + _NAMED_SPACES.get(named[2], "0em"))


def _accent(element: Element) -> None:
    """Say of accents that they are, and which stretch; latex2mathml says so of a few, and of some the contrary."""
    if element.tag not in ("mover", "munder") or element[1].tag != "mo":
        return
    mark = element[1]
    said, text = mark.attrib.pop("stretchy", ""), mark.text or ""
    if text not in _ACCENTS or not text:
        return
    stretches = {
        "^": element.get("accent") != "true",
        "~": said != "false",
        "ˇ": said == "true",
        "→": said != "true",
        **dict.fromkeys("←↔" + _BAR, True),
    }
    said = str(stretches.get(text, False)).lower()
    mark.text = {_BAR: "‾"}.get(text, text) if said == "true" else {"^": "ˆ", "~": "˜"}.get(text, text)
    mark.attrib = {"stretchy": said}
    element.set("accent" if element.tag == "mover" else "accentunder", "true")


def _arrow(element: Element) -> None:
    r"""Give the words on an arrow (`\xrightarrow`) room by spaces; Core knows no width that says `+`."""
    if element.tag == "mpadded" and element.get("width", "").startswith("+"):
        element.tag, element.attrib = "mrow", {}
        space = Element("mspace", {"width": "0.4em"})
        element[:] = [space, *(each for each in element if each.tag != "mspace"), tree.duplicate(space)]
    elif element.tag in _SCRIPTS.values() and element[0].tag == "mstyle" and len(element[0]) == 1:
        element[0] = element[0][0]
        element[0].set("stretchy", "true")


def _cell(element: Element) -> None:
    """Say that the relation with which a cell of `align` begins has something before it."""
    if element.tag == "mtd" and len(element) and element[0].tag == "mi" and not element[0].text:
        del element[0]
        if len(element) and element[0].tag == "mo":
            element[0].set("form", "infix")


def _unwrap(element: Element) -> None:
    """Take away rows that hold one thing; what stands alone in braces has no space of an operator."""
    for n, child in enumerate(element):
        _unwrap(child)
        if child.tag == "mrow" and len(child) == 1:
            element[n] = child[0]
            if child[0].tag == "mo" and element.tag in ROWS and element.tag != "math":
                child[0].attrib |= {"lspace": "0em", "rspace": "0em"}
        elif child.tag == "mstyle" and len(child) != 1:
            child[:] = [tree.make("mrow", "", None, *child)]


def _limits(element: Element, *, display: bool) -> None:
    """Put limits below and above in displays, beside elsewhere, whatever `movablelimits` would do."""
    if element.tag in _SCRIPTS and display and _has_limits(element[0]):
        element.tag = _SCRIPTS[element.tag]
    if element.tag in _SCRIPTS.values() and element[0].text in SIGNS:
        element[0].set("movablelimits", "false")
    if element.tag in ("mstyle", "mtable"):
        display = (
            element.get("displaystyle", "false" if element.tag == "mtable" else str(display).lower())
            == "true"
        )
    for n, child in enumerate(element):
        inner = display and element.tag != "mfrac" and (n == 0 or element.tag not in _ARITY)
        _limits(child, display=inner)


def _has_limits(base: Element) -> bool:
    return (base.tag == "mo" and base.text in SIGNS) or base.get("word") == "with limits"


def _fenced(row: Element) -> None:
    """Put the fences of a table, and those round what is above each other, into a row with it, which they fit then."""
    n = 1
    while n + 1 < len(row):
        fences, inner = (row[n - 1], row[n + 1]), row[n]
        bare = inner.tag == "mtable" and not any(fence.attrib for fence in fences)
        binomial = inner.get("linethickness") == "0" and all("minsize" in fence.attrib for fence in fences)
        if (bare or binomial) and all(fence.tag == "mo" for fence in fences):
            for fence, form in zip(fences, ("prefix", "postfix"), strict=True):
                fence.attrib = {"stretchy": "true", "fence": "true", "form": form}
            row[n - 1 : n + 2] = [tree.make("mrow", "", None, *row[n - 1 : n + 2])]
        n += 1


def core(element: Element) -> Element:
    """Give what stands in the middle of indices and accents."""
    while element.tag in _ARITY and element.tag not in ("mfrac", "mroot"):
        element = element[0]
    return element


def _is_word(element: Element) -> bool:
    inner = core(element)
    many = inner.tag == "mrow" and len(inner) > 0
    return "word" in inner.attrib or (many and all(each.tag == "mspace" or _is_word(each) for each in inner))


def _spaced(children: Iterable[Element]) -> Iterator[Element]:
    """Put a thin space between a word and what stands beside it, as TeX does: not before a fence or an operator."""
    apart = ("mo", "mspace", "mtext")
    before: Element | None = None
    for child in children:
        if before is not None and child.tag not in apart:
            inner = core(before)
            closed = inner.tag not in apart or inner.text in (")", "]", "}")
            if closed and (_is_word(before) or _is_word(child)):
                yield Element("mspace", {"width": "0.167em"})
        before = child
        yield child


def _signed(row: Element) -> None:
    """Say that a sign behind an operator belongs to what follows: x = −1."""
    for before, sign in pairwise(row):
        if (
            sign.tag == "mo"
            and sign.text in {*"+−±∓"}
            and before.tag == "mo"
            and before.text not in {*")]}⟩⌉⌋|‖!′⋯…"}
        ):
            sign.attrib.setdefault("form", "prefix")


def _merged(children: Iterable[Element]) -> list[Element]:
    r"""Make one word of the upright letters of `\mathrm{max}`."""
    merged: list[Element] = []
    for child in children:
        if merged and _upright(child) and _upright(merged[-1]):
            merged[-1].text = (merged[-1].text or "") + (child.text or "")
        else:
            merged.append(child)
    return merged


def _upright(element: Element) -> bool:
    return element.tag == "mi" and element.get("mathvariant") == "normal" and (element.text or "").isalpha()


_STEPS = (_decode, _join, _check, _colour, _letters, _cell, _blank, _space, _accent, _arrow, _fenced, _sign)
"""What is done to every element, step by step, before the tree changes its shape."""
