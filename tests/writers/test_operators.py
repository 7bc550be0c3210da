"""Content streams read line by line, or by pikepdf: what comes out is the same."""

from __future__ import annotations

import pikepdf
import pydyf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import ContentStreamInstruction

from diptych.writers.pdf import operators

NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(-(10**6), 10**6)).map(pydyf._to_bytes)
GLYPHS = st.lists(st.integers(0, 0xFFFF).map("{:04x}".format), max_size=4).map(
    lambda ids: f"<{''.join(ids)}>"
)
MOVED = st.one_of(st.just(""), st.integers(-999, 999).map(str), st.floats(-99, 99).map("{:.5f}".format))
WORDS = st.lists(st.tuples(GLYPHS, MOVED).map("".join)).map(lambda parts: f"[{''.join(parts)}] TJ".encode())
PLAIN = {
    "cm": 6,
    "Tm": 6,
    "re": 4,
    "rg": 3,
    "k": 4,
    "g": 1,
    "w": 1,
    "m": 2,
    "c": 6,
    "q": 0,
    "BT": 0,
    "W*": 0,
    "f": 0,
}


@st.composite
def lines(draw):
    """Draw a line as WeasyPrint writes one, or something that nobody takes for one."""
    sign = draw(st.sampled_from(sorted(PLAIN)))
    plain = b" ".join([*(draw(NUMBERS) for _ in range(PLAIN[sign])), sign.encode()])
    named = draw(
        st.sampled_from([b"/a1.0 gs", b"/x12 Do", b"/DeviceCMYK cs", b"/AB-C %b Tf" % draw(NUMBERS)])
    )
    odd = draw(
        st.sampled_from(
            [b"(words) Tj", b"/Span <</MCID 1>> BDC", b"q Q", b"[1 2.] 0 d", b"", b"007 w", b"/A#20 gs"]
        )
    )
    return draw(st.one_of(st.just(plain), st.just(named), WORDS, st.just(odd)))


def by_pikepdf(stream):
    """What pikepdf makes of a stream whose operators are all written anew."""
    read = pikepdf.parse_content_stream(stream)
    return pikepdf.unparse_content_stream(
        [ContentStreamInstruction(list(each.operands), each.operator) for each in read]
    )


@given(st.lists(lines()))
def test_what_is_written_is_what_pikepdf_would_write(found):
    with pikepdf.new() as pdf:
        stream = pdf.make_stream(b"\n".join(found))
        assert b"\n".join(each.written for each in operators.of(stream)) == by_pikepdf(stream)


def test_a_page_of_words_is_read_without_pikepdf(monkeypatch):
    monkeypatch.setattr(pikepdf, "parse_content_stream", pytest.fail)
    drawn = b"q\n0.75 0 0 0.75 0 648. cm\n/a1.0 gs\n0 0 0 rg\nBT\n/ABC 9.5 Tf\n1 0 0 -1 3.5 7 Tm\n[<0012>-3<00ab00cd>] TJ\n[<>0.0] TJ\nET\nQ"
    with pikepdf.new() as pdf:
        read = operators.of(pdf.make_stream(drawn))
    assert [each.sign for each in read] == "q cm gs rg BT Tf Tm TJ TJ ET Q".split()
    assert list(map(float, read[1].operands)) == [0.75, 0, 0, 0.75, 0, 648]
    assert read[5].operands[0] == pikepdf.Name.ABC
    assert [read[n].written for n in (1, 7)] == [b"0.75 0 0 0.75 0 648 cm", b"[ <0012> -3 <00ab00cd> ] TJ"]
