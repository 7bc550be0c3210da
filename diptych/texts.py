"""The text in a file of the author's: UTF-8 with plain line ends, or a problem with its place."""

from __future__ import annotations

import re

from diptych.model import File
from diptych.problems import BookError, Place, error

_LONGEST_LINE = 1_000_000


def decode(file: File, source: str) -> str:
    """Give a file's text with plain line ends. Raises BookError, with byte and line, where it is not UTF-8."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = file.data.count(b"\n", 0, wrong.start) + 1
        raise BookError(
            [
                error(
                    "encoding",
                    Place(source, line),
                    f"This is not UTF-8 text: byte {wrong.start + 1} of the file is 0x{file.data[wrong.start]:02X}.",
                    "Open it in your editor and save it with the encoding UTF-8.",
                )
            ]
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, row in enumerate(text.split("\n"), 1):
        if stray := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", row):
            raise BookError(
                [
                    error(
                        "control-character",
                        Place(source, number),
                        f"There is a control character (U+{ord(stray[0]):04X}) in this line.",
                        "Delete it; it often comes from copying out of a PDF.",
                    )
                ]
            )
        if len(row) > _LONGEST_LINE:
            raise BookError(
                [
                    error(
                        "line-too-long",
                        Place(source, number),
                        "This line has over a million characters.",
                        "Is this really text? Break it into paragraphs.",
                    )
                ]
            )
    return text
