"""A finished PDF, asked of page-validation, which knows the rules of PDF/UA-1 and PDF/A (ISO 14289-1, ISO 19005).

What a file does not claim, it is not held to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diptych.problems import MissingProgramError, Place, Problem, error

_FAULT = "This is a fault of diptych."


@dataclass(frozen=True)
class Standard:
    """A standard that a file may claim: `profile` is page-validation's name for it, `sign` what the file's XMP says."""

    name: str
    profile: str
    sign: str


STANDARDS = (
    Standard("PDF/UA-1", "ua1", r"<pdfuaid:part>1<"),
    Standard("PDF/A-2u", "2u", r"<pdfaid:part>2<(?s:.*)<pdfaid:conformance>U<"),
    Standard("PDF/A-3u", "3u", r"<pdfaid:part>3<(?s:.*)<pdfaid:conformance>U<"),
)


def claimed(data: bytes) -> tuple[Standard, ...]:
    """Give the standards that a file says it keeps; its XMP is not compressed."""
    at = data.find(b"<x:xmpmeta")
    packet = data[at : data.find(b"</x:xmpmeta>", at)].decode("utf-8", "replace") if at >= 0 else ""
    return tuple(standard for standard in STANDARDS if re.search(standard.sign, packet))


def check(data: bytes, name: str, standard: Standard) -> Sequence[Problem]:
    """Tell each rule that the file breaks. Raises MissingProgramError where the checker is not there."""
    try:
        import page  # noqa: PLC0415 - `check` brings it; a build does without
    except ImportError:
        raise MissingProgramError(
            [
                error(
                    "no-page-validation",
                    Place(standard.name),
                    "page-validation is not installed here, so the PDF was not checked.",
                    "Run `python3 build.py check`, which installs it, or `pip install diptych[check]`.",
                )
            ]
        ) from None
    broken: dict[str, list[str]] = {}
    for failure in page.validate_pdf_bytes(data, profile=standard.profile).failures:
        broken.setdefault(failure.rule_id, []).append(failure.message)
    return [
        error(
            "pdf-standard",
            Place(name),
            f"{standard.name}, rule {rule}, is broken in {len(said)} place{'s' if len(said) > 1 else ''}: "
            f"{said[0].rstrip('.')}.",
            _FAULT,
        )
        for rule, said in sorted(broken.items())
    ]
