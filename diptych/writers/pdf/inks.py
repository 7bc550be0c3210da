"""What a press prints with: colours of a finished PDF become the inks that there are, and nothing shines through.

Black alone: every colour becomes the grey that is as light (Rec. ITU-R BT.601, as Pillow's). With colours: what has no
hue becomes black or grey all the same, because black mixed of four inks blurs small type. What is half transparent is
painted as it looks on white paper. Soft masks cannot be turned into that; they stay, and are told.

Streams are read from the finished file (ISO 32000-1, 8.4 to 8.7), with all that they draw; each gets resources of its
own that name nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name

from diptych.model import Colour
from diptych.writers.pdf import halftones, operators
from diptych.writers.pdf.operators import Operator

Shade = tuple[float, ...]
"""A colour by its parts: grey, RGB or CMYK, from 0 to 1."""

_SETTING = {"g": (1, 0), "G": (1, 1), "rg": (3, 0), "RG": (3, 1), "k": (4, 0), "K": (4, 1)}
_OPERATOR = {1: ("g", "G"), 3: ("rg", "RG"), 4: ("k", "K")}
_SPACES = {"/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/DeviceCMYK": 4,
           "/CMYK": 4}  # fmt: skip
_UNFILLED = {"f": "n", "F": "n", "f*": "n", "B": "S", "B*": "S", "b": "s", "b*": "s"}
_UNSTROKED = {"S": "n", "s": "n", "B": "f", "B*": "f*", "b": "f", "b*": "f*"}
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_OPAQUE = {"/Normal", "/Compatible"}


@dataclass(frozen=True)
class Placement:
    """A picture on a page: its pixels, and the matrix that takes the unit square to the page, in points."""

    page: int
    width: int
    height: int
    matrix: tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class _State:
    """What a stream has set: for filling and for stroking a colour (None for a pattern) and how opaque it is."""

    matrix: pikepdf.Matrix
    shades: tuple[Shade | None, Shade | None] = (None, None)
    spaces: tuple[Any, Any] = (Name.DeviceGray, Name.DeviceGray)
    alphas: tuple[float, float] = (1.0, 1.0)


class _Setting(NamedTuple):
    """What a stream sets by a name: how opaque filling and stroking are, if it says so, and all that has to stay."""

    alphas: tuple[float | None, float | None]
    other: Any

    @classmethod
    def of(cls, given: Any) -> _Setting:
        """Read one."""
        alphas = [float(given[name]) if name in given else None for name in ("/ca", "/CA")]
        other = Dictionary({name: each for name, each in given.items() if name not in ("/ca", "/CA", "/AIS")})
        masked = isinstance(other.get("/SMask"), Dictionary)
        nothing = other.get("/BM") in (Name.Normal, Name.Compatible) or not set(other.keys()) - {"/Type"}
        return cls((alphas[0], alphas[1]), other if masked or not nothing else None)


@dataclass
class Inks:
    """Goes through a PDF, page by page. `flattened` and `masked` are the pages, from 1, where that was to be done."""

    pdf: pikepdf.Pdf
    colour: Colour
    placements: list[Placement] = field(default_factory=list)
    flattened: set[int] = field(default_factory=set)
    masked: set[int] = field(default_factory=set)
    _page: int = 0
    _shaded: bool = False
    _made: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _settings: dict[tuple[Any, ...], _Setting] = field(default_factory=dict)

    def page(self, number: int, page: pikepdf.Page, by: tuple[float, float] = (0, 0)) -> None:
        """Write a page's stream anew, moved to the right and up by so many points; the first page is number 1."""
        self._page = number
        stream = _Stream(self, page.obj.get("/Resources", Dictionary()), pikepdf.Matrix(), 1.0, by)
        moving = [operators.write([1, 0, 0, 1, *by], "cm")] if any(by) else []
        content = stream.through([*moving, *operators.of(page)])
        page.obj.Contents = self.pdf.make_stream(content)
        page.obj.Resources = stream.used

    def place(self, image: Any, matrix: pikepdf.Matrix) -> None:
        """Note where an image stands."""
        size = int(image.Width), int(image.Height)
        self.placements.append(Placement(self._page, *size, matrix.shorthand))

    def ink(self, shade: Shade, alpha: float = 1.0) -> Shade:
        """Give the inks for a colour, as it looks on white."""
        if alpha < 1:
            self.flattened.add(self._page)
        if len(shade) == 4:
            mixed: Shade = tuple(part * alpha for part in shade)
        else:
            mixed = tuple(1 - alpha * (1 - part) for part in shade)
        return mixed if self.colour == "colour" and _has_hue(mixed) else (grey(mixed),)

    def drawn(self, thing: Any, matrix: pikepdf.Matrix, alpha: float) -> Any:
        """Give the counterpart of a form, an image, a pattern or a shading."""
        key = (thing.objgen, alpha)
        if thing.objgen == (0, 0) or key not in self._made:
            self._made[key] = self.pdf.make_indirect(self._copy(thing, matrix, alpha))
        return self._made[key]

    def pattern(self, thing: Any, alpha: float, by: tuple[float, float]) -> Any:
        """Give the counterpart of a pattern. It lies on the page, not on what it fills (ISO 32000-1, 8.7.3.1)."""
        key = (thing.objgen, alpha, by)
        if thing.objgen == (0, 0) or key not in self._made:
            self._made[key] = self.pdf.make_indirect(self._copy(thing, pikepdf.Matrix(), alpha))
            *turn, right, up = thing.get("/Matrix", [1, 0, 0, 1, 0, 0])
            self._made[key].Matrix = Array([*turn, float(right) + by[0], float(up) + by[1]])
        return self._made[key]

    def _copy(self, thing: Any, matrix: pikepdf.Matrix, alpha: float) -> Any:
        made: Any
        if thing.get("/Subtype") == Name.Image:
            return halftones.printed(self.pdf, thing, self.colour, alpha)
        if "/ShadingType" in thing:
            return self._shading(thing, alpha)
        if not isinstance(thing, pikepdf.Stream):  # a pattern that is a shading
            made = Dictionary(thing)
            made.Shading = self._shading(thing.Shading, alpha)
            return made
        self._shaded = False
        own = pikepdf.Matrix(thing.get("/Matrix", Array([1, 0, 0, 1, 0, 0])))
        stream = _Stream(self, thing.get("/Resources", Dictionary()), own @ matrix, alpha)
        made = self.pdf.make_stream(stream.through(operators.of(thing)))
        for name, value in thing.items():
            if name not in ("/Length", "/Filter", "/DecodeParms", "/Resources", "/Group"):
                made[name] = value
        made.Resources = stream.used
        if (
            made.get("/PatternType") == 1 and self._shaded
        ):  # a gradient is no tile: its neighbours would peep in
            made.XStep, made.YStep = 2 * made.XStep, 2 * made.YStep
        return made

    def _shading(self, shading: Any, alpha: float) -> Any:
        self._shaded = True
        made = Dictionary(shading)
        if made.get("/ShadingType") not in (2, 3):
            return made
        parts = _parts(shading.ColorSpace)
        ends = [self.ink(end, alpha) for end in _ends(shading.Function, parts)]
        widest = max(map(len, ends))
        if widest == 1:
            made.ColorSpace = Name.DeviceGray
        made.Function = self._function(shading.Function, parts, alpha, widest)
        return made

    def _function(self, function: Any, parts: int, alpha: float, widest: int) -> Any:
        made = Dictionary(function)
        if function.FunctionType == 3:
            made.Functions = Array([self._function(f, parts, alpha, widest) for f in function.Functions])
        else:
            for name, default in (("/C0", 0), ("/C1", 1)):
                inked = self.ink(_shade(function.get(name, [default] * parts), parts), alpha)
                made[name] = Array(list(inked * widest if len(inked) == 1 else inked))
        return made

    def setting(self, resources: Any, name: Any) -> _Setting:
        """Give what a name of some resources sets; those of a page serve most of the others."""
        key = (resources.objgen, str(name))
        if resources.objgen == (0, 0):
            return _Setting.of(resources.ExtGState[str(name)])
        if key not in self._settings:
            self._settings[key] = _Setting.of(resources.ExtGState[str(name)])
        return self._settings[key]

    def masks(self, state: Any) -> Any:
        """Note a soft mask, and let it have no colours itself."""
        self.masked.add(self._page)
        made = Dictionary(state)
        made.SMask = Dictionary(state.SMask)
        group = state.SMask.G
        made.SMask.G = self.drawn(group, pikepdf.Matrix(), 1.0)
        made.SMask.G.Group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceGray, I=True)
        return made


class _Stream:
    """Goes through one content stream. `used` is what it needs of its resources, in their new form."""

    def __init__(
        self,
        inks: Inks,
        resources: Any,
        matrix: pikepdf.Matrix,
        alpha: float,
        by: tuple[float, float] = (0, 0),
    ) -> None:
        self.by = by
        self.inks = inks
        self.resources = resources
        self.alpha = alpha
        self.used = Dictionary()
        self.states = [_State(matrix)]
        self.out: list[bytes] = []

    def through(self, instructions: Iterable[Operator]) -> bytes:
        """Give the stream's new content."""
        acts = {sign: getattr(self, f"_on_{act}") for sign, act in _ACTS.items()}
        for each in instructions:
            acts.get(each.sign, self._keep)(each)
        return b"\n".join(self.out)

    @property
    def state(self) -> _State:
        return self.states[-1]

    def _set(self, **changes: Any) -> None:
        self.states[-1] = replace(self.state, **changes)

    def _keep(self, each: Operator) -> None:
        self.out.append(each.written)

    def _emit(self, operands: Sequence[Any], sign: str) -> None:
        self.out.append(operators.write(operands, sign).written)

    def _name(self, each: Operator, kind: str, thing: Any) -> None:
        """Name a thing of the resources, and what stands behind its name."""
        name = self._use(kind, each.operands[0], thing)
        if name == each.operands[0]:
            self._keep(each)
        else:
            self._emit([name, *each.operands[1:]], each.sign)

    def _use(self, kind: str, name: Any, thing: Any) -> Any:
        """Put something into the resources, under its own name or, if that is taken, another."""
        if kind not in self.used:
            self.used[kind] = Dictionary()
        shelf = self.used[kind]
        free, n = str(name), 1
        while free in shelf and shelf[free] != thing:
            free, n = f"{name}-{n}", n + 1
        shelf[free] = thing
        return Name(free)

    def _on_push(self, each: Operator) -> None:
        self.states.append(self.state)
        self._keep(each)

    def _on_pop(self, each: Operator) -> None:
        self.states.pop()
        self._keep(each)

    def _on_matrix(self, each: Operator) -> None:
        self._set(matrix=pikepdf.Matrix(*map(float, each.operands)) @ self.state.matrix)
        self._keep(each)

    def _on_colour(self, each: Operator) -> None:
        _, stroke = _SETTING[each.sign]
        self._colour(tuple(map(float, each.operands)), stroke)

    def _colour(self, shade: Shade | None, stroke: int) -> None:
        self._set(shades=_with(self.state.shades, stroke, shade))
        if shade is not None:
            inks = self.inks.ink(shade, self._opacity(stroke) or 1.0)
            self._emit(inks, _OPERATOR[len(inks)][stroke])

    def _opacity(self, stroke: int) -> float:
        return self.alpha * self.state.alphas[stroke]

    def _on_space(self, each: Operator) -> None:
        stroke = int(each.sign == "CS")
        name = each.operands[0]
        space = self.resources.get("/ColorSpace", Dictionary()).get(str(name), name)
        self._set(spaces=_with(self.state.spaces, stroke, space))
        if space == Name.Pattern:
            self._keep(each)

    def _on_special(self, each: Operator) -> None:
        stroke, operands = int(each.sign.isupper()), each.operands
        if operands and isinstance(operands[-1], Name):
            pattern = self.resources.Pattern[str(operands[-1])]
            made = self.inks.pattern(pattern, self._opacity(stroke), self.by)
            self._emit([self._use("/Pattern", operands[-1], made)], each.sign)
            self._set(shades=_with(self.state.shades, stroke, None))
        else:
            space = self.state.spaces[stroke]
            self._colour(_shade(operands, _parts(space), space), stroke)

    def _on_state(self, each: Operator) -> None:
        given = self.inks.setting(self.resources, each.operands[0])
        alphas = tuple(
            before if now is None else now
            for now, before in zip(given.alphas, self.state.alphas, strict=True)
        )
        changed = alphas != self.state.alphas
        self._set(alphas=alphas)
        if changed:
            for stroke in (0, 1):
                if self.state.shades[stroke] is not None:
                    self._colour(self.state.shades[stroke], stroke)
        if given.other is not None:
            masked = isinstance(given.other.get("/SMask"), Dictionary)
            self._name(each, "/ExtGState", self.inks.masks(given.other) if masked else given.other)

    def _on_draw(self, each: Operator) -> None:
        thing = self.resources.XObject[str(each.operands[0])]
        alpha = self._opacity(0)
        if alpha == 0:
            return
        if thing.get("/Subtype") == Name.Image:
            self.inks.place(thing, self.state.matrix)
        self._name(each, "/XObject", self.inks.drawn(thing, self.state.matrix, alpha))

    def _on_shade(self, each: Operator) -> None:
        shading = self.resources.Shading[str(each.operands[0])]
        if alpha := self._opacity(0):
            self._name(each, "/Shading", self.inks.drawn(shading, self.state.matrix, alpha))

    def _on_paint(self, each: Operator) -> None:
        sign = each.sign
        if self._opacity(0) == 0:
            sign = _UNFILLED.get(sign, sign)
        if self._opacity(1) == 0:
            sign = _UNSTROKED.get(sign, sign)
        self._emit((), sign)

    def _on_show(self, each: Operator) -> None:
        unseen = self._opacity(0) == 0
        if unseen:
            self._emit([3], "Tr")
        self._keep(each)
        if unseen:
            self._emit([0], "Tr")

    def _on_font(self, each: Operator) -> None:
        self._name(each, "/Font", self.resources.Font[str(each.operands[0])])


_ACTS = {
    "q": "push", "Q": "pop", "cm": "matrix", "cs": "space", "CS": "space", "sc": "special", "scn": "special",
    "SC": "special", "SCN": "special", "gs": "state", "Do": "draw", "sh": "shade", "Tf": "font",
    **dict.fromkeys(_SETTING, "colour"), **dict.fromkeys({*_UNFILLED, *_UNSTROKED}, "paint"),
    **dict.fromkeys(_SHOWING, "show"),
}  # fmt: skip


def _with(pair: tuple[Any, Any], index: int, value: Any) -> tuple[Any, Any]:
    return (value, pair[1]) if index == 0 else (pair[0], value)


def grey(shade: Shade) -> float:
    """Give the grey that is as light as a colour."""
    match shade:
        case (level,):
            return level
        case (red, green, blue):
            return 0.299 * red + 0.587 * green + 0.114 * blue
        case (cyan, magenta, yellow, black):
            return max(0.0, 1 - (0.299 * cyan + 0.587 * magenta + 0.114 * yellow + black))
    raise ValueError(f"a colour of {len(shade)} parts")


def _has_hue(shade: Shade) -> bool:
    return len(shade) > 1 and max(shade[:3]) - min(shade[:3]) > 1 / 512


def _parts(space: Any) -> int:
    """Count the parts of a colour in a space."""
    if isinstance(space, Array):
        kind = str(space[0])
        return int(space[1].N) if kind == "/ICCBased" else _SPACES.get(kind, 3)
    return _SPACES.get(str(space), 3)


def _shade(numbers: Any, parts: int, space: Any = None) -> Shade:
    found = tuple(float(number) for number in numbers)[:parts]
    if isinstance(space, Array) and space[0] == Name.Lab:
        return (_light(found[0]),)
    return found


def _light(lightness: float) -> float:
    """Give the grey of a lightness in CIE Lab, in the measure of sRGB (IEC 61966-2-1)."""
    linear = ((lightness + 16) / 116) ** 3 if lightness > 8 else lightness / 903.3
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _ends(function: Any, parts: int) -> list[Shade]:
    """Give the colours between which a shading runs."""
    if function.FunctionType == 3:
        return [end for each in function.Functions for end in _ends(each, parts)]
    return [_shade(function.get(name, [n] * parts), parts) for n, name in enumerate(("/C0", "/C1"))]
