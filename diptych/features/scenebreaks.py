"""Scene breaks: a rule between paragraphs is a pause in the telling, and stays visible as three stars."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from diptych import tree


def shape(body: Element) -> None:
    """Mark every rule as a scene break."""
    for rule in body.iter("hr"):
        tree.add_class(rule, "scene-break")
