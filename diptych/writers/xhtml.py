"""An element tree becomes XHTML bytes, or an XML fragment.

Not `xml.etree`'s own writer: it would write `<p/>` for an empty paragraph, which readers that parse XHTML as HTML take
for an opening tag. Source lines and other marks of ours are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from diptych.tree import BLOCKS, VOID

_NAMESPACES = {"http://www.w3.org/2000/svg": "svg", "http://www.w3.org/1998/Math/MathML": "math"}
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"


def fragment(element: Element) -> str:
    """Write one element and what is in it, without its tail."""
    pieces: list[str] = []
    _write(element, "", pieces.append)
    return "".join(pieces)


def _write(element: Element, namespace: str, put: Callable[[str], None]) -> None:
    own, _, name = element.tag.removeprefix("{").rpartition("}")
    put(f"<{name}")
    if own != namespace and own in _NAMESPACES:
        put(f' xmlns="{own}"')
        if any(key.startswith(_XLINK) for each in element.iter() for key in each.attrib):
            put(f' xmlns:xlink="{_XLINK[1:-1]}"')
    for key, value in element.attrib.items():
        if not key.startswith("data-"):
            put(f' {key.replace(_XLINK, "xlink:").replace(_XML, "xml:")}="{_attribute(value)}"')
    if name in VOID and not own:
        put("/>")
        return
    put(">" + escape(element.text or ""))
    for child in element:
        _write(child, own, put)
        # A block on a line of its own: white space there means nothing, and people and checkers name lines.
        put(escape(child.tail or ("\n" if child.tag in BLOCKS else "")))
    put(f"</{name}>")


def _attribute(value: str) -> str:
    return escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def document(title: str, body: Element, language: str, direction: str, stylesheets: tuple[str, ...]) -> bytes:
    """Write a whole XHTML document; `xmlns:epub` stands on `html`, where Apple Books looks for it."""
    links = "".join(
        f'<link rel="stylesheet" type="text/css" href="{_attribute(href)}"/>' for href in stylesheets
    )
    lang = f'lang="{_attribute(language)}" xml:lang="{_attribute(language)}"' + (
        ' dir="rtl"' if direction == "rtl" else ""
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" {lang}>\n'
        f'<head><meta charset="utf-8"/><title>{escape(title)}</title>{links}</head>\n'
        f"{fragment(body)}\n</html>\n"
    ).encode()
