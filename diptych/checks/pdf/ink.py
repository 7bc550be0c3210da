"""What the pages of a finished PDF draw with, read from its content streams (ISO 32000-1, 8 and 9)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name

_COLOURS = {"g": "grey", "G": "grey", "rg": "RGB", "RG": "RGB", "k": "CMYK", "K": "CMYK"}
_SPACES = {"/DeviceGray": "grey", "/DeviceRGB": "RGB", "/DeviceCMYK": "CMYK", "/Pattern": "", "/CalGray": "calibrated",
           "/CalRGB": "calibrated", "/Lab": "calibrated", "/ICCBased": "calibrated", "/Separation": "spot",
           "/DeviceN": "spot"}  # fmt: skip
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_STROKING = frozenset({"S", "s", "B", "B*", "b", "b*"})


@dataclass
class Drawn:
    """What pages draw with, each thing with the pages, from 1, on which it was seen.

    `colours` are grey, RGB, CMYK, calibrated (ICC, Lab) and spot; `transparent` says how it shines through; `type` and
    `lines` are sizes of type and widths of lines in points.
    """

    colours: dict[str, set[int]] = field(default_factory=dict)
    transparent: dict[str, set[int]] = field(default_factory=dict)
    type: dict[float, set[int]] = field(default_factory=dict)
    lines: dict[float, set[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _State:
    matrix: Matrix = field(default_factory=Matrix)
    width: float = 1.0


def read(pdf: pikepdf.Pdf) -> Drawn:
    """Go through all pages."""
    drawn = Drawn()
    for number, page in enumerate(pdf.pages, 1):
        _Reader(drawn, number).stream(page, page.obj.get("/Resources", Dictionary()), Matrix())
        if _is_group(page.obj):
            drawn.transparent.setdefault("a group", set()).add(number)
    return drawn


def _is_group(thing: Any) -> bool:
    return "/Group" in thing and thing.Group.get("/S") == Name.Transparency


class _Reader:
    """Reads what one page draws, with everything that it draws by name."""

    def __init__(self, drawn: Drawn, page: int) -> None:
        self.drawn, self.page = drawn, page
        self.seen: set[tuple[int, int]] = set()

    def _note(self, shelf: dict[Any, set[int]], what: Any) -> None:
        if what != "":
            shelf.setdefault(what, set()).add(self.page)

    def stream(self, content: Any, resources: Any, matrix: Matrix) -> None:
        """Read a content stream."""
        states, line, size = [_State(matrix)], Matrix(), 0.0
        for instruction in pikepdf.parse_content_stream(content):
            operands, operator, state = instruction.operands, str(instruction.operator), states[-1]
            if operator == "q":
                states.append(state)
            elif operator == "Q":
                states.pop()
            elif operator == "cm":
                states[-1] = _State(Matrix(*map(float, operands)) @ state.matrix, state.width)
            elif operator == "w":
                states[-1] = _State(state.matrix, float(operands[0]))
            elif operator == "Tm":
                line = Matrix(*map(float, operands))
            elif operator == "Tf":
                size = float(operands[1])
            elif operator in _SHOWING:
                self._note(self.drawn.type, round(size * _scale(line @ state.matrix), 2))
            elif operator in _STROKING:
                self._note(self.drawn.lines, round(state.width * _scale(state.matrix), 3))
            else:
                self._other(operator, operands, resources, state.matrix)

    def _other(self, operator: str, operands: Any, resources: Any, matrix: Matrix) -> None:
        if operator in _COLOURS:
            self._note(self.drawn.colours, _COLOURS[operator])
        elif operator in ("cs", "CS"):
            self._space(_named(resources, "/ColorSpace", operands[0]))
        elif operator in ("scn", "SCN") and operands and isinstance(operands[-1], Name):
            self._thing(_named(resources, "/Pattern", operands[-1]), Matrix())
        elif operator == "sh":
            self._thing(_named(resources, "/Shading", operands[0]), matrix)
        elif operator == "Do":
            self._thing(_named(resources, "/XObject", operands[0]), matrix)
        elif operator == "gs":
            self._graphics(_named(resources, "/ExtGState", operands[0]))

    def _space(self, space: Any) -> None:
        kind = str(space[0]) if isinstance(space, Array) else str(space)
        self._note(self.drawn.colours, _SPACES.get(kind, kind))

    def _graphics(self, given: Any) -> None:
        if float(given.get("/ca", 1)) < 1 or float(given.get("/CA", 1)) < 1:
            self._note(self.drawn.transparent, "an opacity")
        if isinstance(given.get("/SMask"), Dictionary):
            self._note(self.drawn.transparent, "a soft mask")
        if given.get("/BM", Name.Normal) not in (Name.Normal, Name.Compatible):
            self._note(self.drawn.transparent, "a blend mode")

    def _thing(self, thing: Any, matrix: Matrix) -> None:
        if thing.get("/Subtype") == Name.Image:
            self._image(thing)
        elif "/ShadingType" in thing:
            self._space(thing.ColorSpace)
        elif "/Shading" in thing:
            self._space(thing.Shading.ColorSpace)
        elif thing.objgen not in self.seen:
            self.seen.add(thing.objgen)
            if _is_group(thing):
                self._note(self.drawn.transparent, "a group")
            own = Matrix(thing.get("/Matrix", Array([1, 0, 0, 1, 0, 0])))
            self.stream(thing, thing.get("/Resources", Dictionary()), own @ matrix)

    def _image(self, image: Any) -> None:
        if not image.get("/ImageMask"):
            self._space(image.ColorSpace)
        if "/SMask" in image:
            self._note(self.drawn.transparent, "a picture's soft mask")


def _named(resources: Any, kind: str, name: Any) -> Any:
    """Look a name up; a colour space that has no entry is one of the device's."""
    shelf = resources.get(kind, Dictionary())
    return shelf.get(str(name), name)


def _scale(matrix: Matrix) -> float:
    return math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))


def fonts(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Give every description of a font."""
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name.FontDescriptor:
            yield thing
