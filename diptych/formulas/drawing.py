"""A formula becomes a picture: outlines of the face STIX Two Math, as SVG or as PNG, the same bytes each time.

ziamath places the glyphs; everything that it draws is made a filled outline, so that one path holds a formula. Lengths
are ems of the text that the formula stands in: the face has the x-height of Source Serif.
"""

from __future__ import annotations

import functools
import io
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from PIL import Image, ImageColor

from diptych.formulas import tex as formulas
from diptych.formulas.tex import FormulaError

_SIZE = 24.0
"""The size of the type while ziamath works: its own, with which its smallest size is reckoned."""

_EDGE = 20
"""Thousandths of an em round a formula, for the edges of letters that stand out of their boxes."""

_PIXELS = 80
"""Pixels of an em in a PNG: type of 19 points at the 300 dots per inch of an e-reader."""


@dataclass(frozen=True)
class Drawing:
    """A formula's outlines by colour, and the box that they stand in, in thousandths of an em.

    Outlines are SVG path data: `M`, `L`, `C` and `Z` with whole numbers, y growing downwards from the line of the text.
    `depth` is what hangs below that line.
    """

    paths: tuple[tuple[str, str], ...]
    left: int
    width: int
    height: int
    depth: int


@functools.lru_cache(maxsize=4096)
def draw(tex: str, *, display: bool) -> Drawing:
    """Draw a formula. Raises FormulaError where it is none, or holds a character that the face has not."""
    root = formulas.mathml(tex, display=display)
    _prepare(root)
    zmath = _ziamath()
    face = zmath.loadedfonts["default"]
    _in_face(root, face)
    canvas = Element("svg")
    try:
        drawn = zmath.Math(root, size=_SIZE)
        drawn.drawon(canvas)
    except Exception as wrong:
        raise FormulaError("it cannot be drawn") from wrong
    finally:
        face.language("math", "")  # as a text leaves it, unless it stumbles there
    box = drawn.node.bbox
    left, right = _whole(min(box.xmin, 0)) - _EDGE, _whole(max(box.xmax, drawn.node.xadvance())) + _EDGE
    top, bottom = _whole(box.ymax) + _EDGE, _whole(box.ymin) - _EDGE
    return Drawing(tuple(_paths(canvas)), left, right - left, top - bottom, -bottom)


def _whole(length: float) -> int:
    """Give thousandths of an em for ziamath's units."""
    return round(length * 1000 / _SIZE)


def _ziamath() -> Any:
    """Wake ziamath, which only books with formulas on paper need, and have it write every outline out."""
    with warnings.catch_warnings(
        action="ignore", category=DeprecationWarning
    ):  # it asks for its face in an old way
        from ziamath import config, zmath  # noqa: PLC0415

        from diptych.formulas import cures  # noqa: PLC0415
    cures.install()
    config.svg2, config.precision = False, 3
    return zmath


# --- For ziamath ------------------------------------------------------------------------------------------------------

_FENCES = frozenset(")]}|‖⟩⌉⌋")
_BINARY = frozenset("+−±∓×÷·⋅∗⋆∘∙•⊕⊖⊗⊘⊙∪∩⊔⊓∨∧∖≀⋄†‡⊎⨿∔⊞⊠⋉⋊△▽◁▷")
_NO_SPACE = frozenset("/|‖√∠!.'′″‴()[]{}⟨⟩⌈⌉⌊⌋⋮⋱")
_BIG = formulas.SIGNS | {*"∫∬∭⨌∮∯∰⋯…"}
"""Signs that stand apart from what is no operator."""

_LONG = str.maketrans("→←↔⇒⇐⇔↦", "⟶⟵⟷⟹⟸⟺⟼")
_OVER = {("^", True): "\u0302", ("~", True): "\u0303", ("‾", True): "―", ("→", False): "\u20d7"}
"""Accents that the face knows by another character, when they stretch and when they do not."""


def _prepare(root: Element) -> None:
    """Say things in ziamath's way."""
    for element in list(root.iter()):
        if element.tag in formulas.ROWS:
            element[:] = list(_with_space(element))
        _token(element)
        if element.tag in ("mover", "munder", "munderover"):
            _mark(element)
        if element.tag == "mtable":
            pairs = element.get("displaystyle") == "true"
            element.set("rowspacing", "0.6em" if pairs else "0.4em")
            element.set("columnspacing", "0em 1.5em" if pairs else "0.8em")
        if element.tag == "mfrac":
            for part in element:
                part.attrib.setdefault("displaystyle", "false")


def _token(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mi" and len(text) > 1:
        element.tag = "mtext"  # it would put spaces round the word
    if element.tag == "mtext":
        element.text = text.replace("-", "‐").replace("\u2009", "\u00a0")  # for hyphens it draws lines
    if element.tag == "mi" and text in (*formulas.THINGS, "|", "‖"):
        element.tag = "mn"  # some of them it takes for operators
    if element.tag in ("msub", "msup", "msubsup") and element[0].text in _FENCES:
        element[0].tag = "mn"  # it would hang an index from the fence's foot
    if element.tag == "mo" and text in _BIG:
        element.attrib |= {"stretchy": "false", "lspace": "0em", "rspace": "0em"}


def _mark(element: Element) -> None:
    mark = element[1]
    if element.get("accent") == "true" or element.get("accentunder") == "true":
        stretches = mark.get("stretchy") == "true"
        mark.text = _OVER.get((mark.text or "", stretches), mark.text)
        mark.tag = "mo" if stretches else "mtext"  # operators it stretches, asked or not
    elif element[0].get("stretchy") == "true":
        # It stretches marks over things, but not what words stand on.
        element[0].text = (element[0].text or "").translate(_LONG)


def _with_space(row: Element) -> Iterator[Element]:
    """Put space round the operators of a row as TeX does: the dictionary of ziamath knows few of them."""
    if not len(row):
        yield Element("mspace", {"width": "0em"})  # nothing it takes for something very large
    before: Element | None = None
    for child in row:
        if before is not None and (_is_big(before) or _is_big(child)) and not _is_apart(before, child):
            yield Element("mspace", {"width": "0.167em"})
        if child.tag == "mo" and "lspace" not in child.attrib and not _is_big(child):
            left, right = _sides(child)
            first, last = before is None and child.get("form") != "infix", child is row[-1]
            alone = (first or child.get("form") == "prefix") and child.text in _BINARY
            child.set("lspace", "0em" if first or alone else left)
            child.set("rspace", "0em" if last or alone else right)
        before = child
        yield child


def _is_big(element: Element) -> bool:
    return formulas.core(element).text in _BIG


def _is_apart(before: Element, after: Element) -> bool:
    return any(each.tag in ("mo", "mspace", "mtext") and not _is_big(each) for each in (before, after))


def _sides(operator: Element) -> tuple[str, str]:
    """Give the space before and behind an operator: none, a thin one, that of a sum's sign, that of a relation."""
    text = operator.text or ""
    if text in (",", ";"):
        return "0em", "0.167em"
    if text in _NO_SPACE or "fence" in operator.attrib or "minsize" in operator.attrib:
        return "0em", "0em"
    width = "0.222em" if text in _BINARY else "0.278em"
    return width, width


def _in_face(root: Element, face: Any) -> None:
    for character in "".join(root.itertext()):
        if not face.glyphindex(character) and not character.isspace():
            raise FormulaError(
                f"the face of formulas has no {character}; can it stand outside of the formula?"
            )


# --- Outlines ---------------------------------------------------------------------------------------------------------


def _paths(canvas: Element) -> Iterator[tuple[str, str]]:
    """Give what was drawn as filled outlines, neighbours of one colour together."""
    drawn = [
        (_colour(element), _outline(element)) for element in canvas.iter() if element.tag in ("path", "rect")
    ]
    for colour, group in groupby(drawn, key=lambda each: each[0]):
        yield colour, "".join(path for _, path in group)


def _colour(element: Element) -> str:
    return element.get("stroke") or element.get("fill") or "black"


def _outline(element: Element) -> str:
    """Give the outline of a shape; of one that is a line, or that has one round it, the outline of that."""
    thick = float(element.get("stroke-width", "0"))
    if element.tag == "path" and not thick:
        return _glyph(element.get("d", ""))
    if element.tag == "path":
        x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", element.get("d", "")))
        length = math.hypot(x1 - x0, y1 - y0) or 1
        dx, dy = thick / 2 * (y1 - y0) / length, thick / 2 * (x0 - x1) / length
        return _polygon((x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy))
    x, y, width, height = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
    right, bottom, half = x + width, y + height, thick / 2
    outer = _box(x - half, y - half, right + half, bottom + half)
    # The inner one runs the other way round, so that it is left out of the outer.
    return outer + (_box(right - half, y + half, x + half, bottom - half) if thick else "")


def _glyph(path: str) -> str:
    """Write the curves of a glyph, which are quadratic, as cubic ones: PDF knows no others."""
    x = y = 0.0
    written: list[str] = []
    for command, numbers in re.findall(r"([MLQZ])([^MLQZ]*)", path):
        points = [float(number) for number in numbers.split()]
        if command == "Q":
            cx, cy, x1, y1 = points
            points = [
                x + (cx - x) / 1.5,
                y + (cy - y) / 1.5,
                x1 + (cx - x1) / 1.5,
                y1 + (cy - y1) / 1.5,
                x1,
                y1,
            ]
        x, y = points[-2:] or (x, y)
        written.append(command.replace("Q", "C") + " ".join(str(_whole(number)) for number in points))
    return "".join(written)


def _box(x0: float, y0: float, x1: float, y1: float) -> str:
    return _polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def _polygon(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{_whole(x)} {_whole(y)}" for x, y in points) + "Z"


# --- Files ------------------------------------------------------------------------------------------------------------

_PATH = re.compile(r'<path fill="([#\w]+)" d="([MLCZ\d -]*)"/>')
_SVG = re.compile(
    rf'<svg xmlns="http://www.w3.org/2000/svg" viewBox="(-?\d+) (-?\d+) (\d+) (\d+)">((?:{_PATH.pattern})*)</svg>\n'
)


def svg(drawing: Drawing) -> bytes:
    """Write a drawing as SVG, an em being 1000 units."""
    box = f"{drawing.left} {drawing.depth - drawing.height} {drawing.width} {drawing.height}"
    paths = "".join(f'<path fill="{colour}" d="{path}"/>' for colour, path in drawing.paths)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{paths}</svg>\n'.encode()


def read(data: bytes) -> Drawing | None:
    """Read back what `svg` wrote; None for any other."""
    found = _SVG.fullmatch(data.decode("utf-8", "replace"))
    if found is None:
        return None
    left, top, width, height = map(int, found.groups()[:4])
    return Drawing(tuple(_PATH.findall(found[5])), left, width, height, top + height)


def png(drawing: Drawing) -> bytes:
    """Paint a drawing on white, an em being 80 pixels."""
    import pypdfium2  # noqa: PLC0415 - only editions with painted formulas need it here
    from pypdfium2 import raw  # noqa: PLC0415

    with pypdfium2.PdfDocument.new() as document:
        page = document.new_page(drawing.width / 10, drawing.height / 10)
        for colour, path in drawing.paths:
            shape = raw.FPDFPageObj_CreateNewPath(0, 0)
            _trace(raw, shape, path, drawing)
            raw.FPDFPageObj_SetFillColor(shape, *ImageColor.getrgb(colour)[:3], 255)
            raw.FPDFPath_SetDrawMode(shape, raw.FPDF_FILLMODE_WINDING, 0)
            raw.FPDFPage_InsertObject(page, shape)
        raw.FPDFPage_GenerateContent(page)
        painted = page.render(scale=_PIXELS / 100).to_pil()
    black = all(colour == "black" for colour, _ in drawing.paths)
    out = io.BytesIO()
    (_in_greys(painted) if black else painted.convert("RGB")).save(out, "PNG")
    return out.getvalue()


def _in_greys(painted: Image.Image) -> Image.Image:
    """Keep 16 greys, which take two thirds of the space and are as many as electronic paper shows."""
    levels = painted.convert("L").point([round(level / 17) for level in range(256)])
    greys = Image.frombytes("P", levels.size, levels.tobytes())
    greys.putpalette([part for level in range(16) for part in (level * 17,) * 3])
    return greys


def _trace(raw: Any, shape: Any, path: str, drawing: Drawing) -> None:
    """Draw path data into a path of PDFium, where a point is a tenth of an em and y grows upwards."""
    draw_to = {"M": raw.FPDFPath_MoveTo, "L": raw.FPDFPath_LineTo, "C": raw.FPDFPath_BezierTo}
    for command, numbers in re.findall(r"([MLCZ])([^MLCZ]*)", path):
        points = [int(number) for number in numbers.split()]
        points[::2] = [x - drawing.left for x in points[::2]]
        points[1::2] = [drawing.depth - y for y in points[1::2]]
        if command == "Z":
            raw.FPDFPath_Close(shape)
        else:
            draw_to[command](shape, *(number / 10 for number in points))
