"""The data of a theme, `theme.toml`, become a Design; a theme may be like another one and say what it changes.

Everything that depends on the size of the page or on the length of the book stands there, with its source where a
printer asks for it, and not in a stylesheet. What its figures mean for a page is for the writer of pages.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from diptych.manifest import did_you_mean
from diptych.model import Design, File, Gutter, Setting
from diptych.problems import BookError, Place, Problem, error


def read(
    name: str, themes: Mapping[str, File], folder: str
) -> tuple[tuple[str, ...], Design, tuple[Problem, ...]]:
    """Give the themes that this one is made of, those that it is like first, and what all of them say together.

    `themes` are the press's by `theme/name`, `folder` is the book's, for the place of a name that nobody has.
    """
    try:
        chain = _chain(name, themes, Place(f"{folder}/book.toml"))
        return tuple(named for named, _ in chain), _design(chain), ()
    except BookError as wrong:
        return (), Design(), tuple(wrong.problems)


_Chain = list[tuple[str, Mapping[str, Any]]]
"""Themes by name with what their files say, that which is like no other first."""


def _chain(name: str, themes: Mapping[str, File], asked: Place) -> _Chain:
    names = sorted({path.split("/")[0] for path in themes})
    chain: _Chain = []
    while name:
        if name not in names:
            sentence = f'There is no theme called "{name}".'
            raise BookError([error("theme-unknown", asked, sentence, did_you_mean(name, names))])
        if name in (named for named, _ in chain):
            sentence = f'The theme "{name}" is like itself.'
            raise BookError([error("theme-broken", asked, sentence, "Let it be like another one, or none.")])
        said = _said(name, themes)
        chain.insert(0, (name, said))
        name, asked = str(said.get("like", "")), Place(f"styles/{name}/theme.toml", 1)
    return chain


def _said(name: str, themes: Mapping[str, File]) -> dict[str, Any]:
    path = f"{name}/theme.toml"
    try:
        return tomllib.loads(themes[path].data.decode()) if path in themes else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        at = re.search(r"at line (\d+)", str(wrong))
        raise _broken(name, str(wrong), int(at[1]) if at else 1) from None


def _design(chain: _Chain) -> Design:
    whole: dict[str, Any] = {}
    for name, said in chain:
        for key, value in said.items():
            whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
        try:
            design = _made(whole)
        except KeyError as missing:
            raise _broken(name, f"{missing.args[0]} is missing") from None
        except (TypeError, ValueError, AttributeError) as wrong:
            raise _broken(name, str(wrong)) from None
    return design


def _made(said: Mapping[str, Any]) -> Design:
    settings = [
        Setting(*(float(row[key]) for key in ("width", "measure", "size", "leading"))) for row in said["type"]
    ]
    gutters = [Gutter(int(row["pages"]), float(row["inner"])) for row in said["gutter"]]
    margins = {key: float(said["margins"][key]) for key in ("inner", "top", "bottom", "head", "foot", "safe")}
    return Design(
        settings=tuple(sorted(settings, key=lambda setting: setting.width)),
        gutters=tuple(sorted(gutters, key=lambda gutter: gutter.pages)),
        notes=float(said["notes"]["most"]),
        **margins,
    )


def _broken(name: str, why: str, line: int = 1) -> BookError:
    place = Place(f"styles/{name}/theme.toml", line)
    sentence = f"This theme's data cannot be used: {why}."
    return BookError([error("theme-broken", place, sentence, "styles/classic/theme.toml shows all of them.")])


def setting(known: Sequence[Setting], width: float) -> Setting:
    """Give the type for a page so wide: between two known widths what lies between, outside of them in proportion."""
    if width <= known[0].width or width >= known[-1].width:
        end = known[0] if width <= known[0].width else known[-1]
        return Setting(width, end.measure * width / end.width, end.size, end.leading)
    low, high = next((a, b) for a, b in itertools.pairwise(known) if width <= b.width)
    part = (width - low.width) / (high.width - low.width)
    return Setting(
        width,
        low.measure + part * (high.measure - low.measure),
        round(low.size + part * (high.size - low.size), 1),
        round(low.leading + part * (high.leading - low.leading), 1),
    )
