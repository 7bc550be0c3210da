"""The edition for an archive: PDF/A, held to the standard, with the sources in it where they are asked for."""

from __future__ import annotations

import io

import pikepdf
import pytest

from diptych.checks.pdf import standards

IDENTIFIER = '[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
TOML = f"""[book]
title = "One & Two"
subtitle = "A Book"
language = "de"
date = 2026-03-01
description = "Kurz <gesagt>."
rights = "Free"
[[contributor]]
name = "Ada Ames"
[[contributor]]
name = "Cy Cole"
role = "translator"
[subjects]
keywords = ["history"]
{IDENTIFIER}[edition.archive]
"""
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><defs><linearGradient id="g"><stop stop-color="#a00"/>'
    '<stop offset="1" stop-color="#00a" stop-opacity=".3"/></linearGradient></defs>'
    '<rect width="90" height="60" fill="url(#g)" opacity=".5"/></svg>'
)
CHAPTER = "# One\n\nWords.[^1]\n\n![A picture](a.png)\n\n![A drawing](b.svg)\n\n[^1]: A *note*.\n"


@pytest.fixture(scope="module")
def files(picture):
    return {
        "book.toml": TOML,
        "1.md": CHAPTER,
        "a.png": picture(90, 60),
        "b.svg": DRAWING,
        "unused.png": b"?",
    }


def opened(data):
    return pikepdf.open(io.BytesIO(data))


def broken(data):
    pytest.importorskip("page", reason="`build.py test` installs it")
    return [
        fault.sentence for each in standards.claimed(data) for fault in standards.check(data, "x.pdf", each)
    ]


def test_it_keeps_both_standards(bench, files):
    data = bench.build(files).data
    assert [standard.name for standard in standards.claimed(data)] == ["PDF/UA-1", "PDF/A-2u"]
    assert broken(data) == []


def test_it_says_what_the_book_is(bench, files):
    with opened(bench.build(files).data) as pdf, pdf.open_metadata() as said:
        assert said["dc:title"] == "One & Two: A Book"
        assert said["dc:creator"] == ["Ada Ames"]
        assert said["dc:contributor"] == {"Cy Cole"}
        assert said["dc:language"] == {"de"}
        assert said["dc:description"] == "Kurz <gesagt>."
        assert said["dc:identifier"] == "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
        assert said["xmp:CreateDate"] == said["xmp:ModifyDate"] == "2026-03-01T00:00:00Z"
        assert said["pdf:Producer"] == str(pdf.docinfo["/Producer"])
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260301000000Z"


def test_colours_have_a_meaning(bench, files):
    with opened(bench.build(files).data) as pdf:
        intent = pdf.Root.OutputIntents[0]
        assert intent.S == "/GTS_PDFA1"
        assert b"sRGB" in intent.DestOutputProfile.read_bytes()[:4000]


def test_sources_go_into_it(bench, files):
    data = bench.build(files | {"book.toml": f'{TOML}attach = "sources"\n'}).data
    assert [standard.name for standard in standards.claimed(data)] == ["PDF/UA-1", "PDF/A-3u"]
    assert broken(data) == []
    with opened(data) as pdf:
        assert list(pdf.attachments) == ["1.md", "a.png", "b.svg", "book.toml"]
        assert pdf.attachments["1.md"].get_file().read_bytes() == CHAPTER.encode()
        for specification in pdf.Root.AF:
            assert specification.AFRelationship == "/Source"
            assert str(specification.EF.F.Params.ModDate) == "D:20260301000000Z"
        assert pdf.attachments["1.md"].get_file().mime_type == "text/markdown"


def test_links_still_lead_somewhere(bench, files):
    with opened(bench.build(files | {"book.toml": f'{TOML}attach = "sources"\n'}).data) as pdf:
        assert "fn-c1-1" in [str(name) for name in pdf.Root.Names.Dests.Names[::2]]


def test_the_same_book_gives_the_same_archive(bench, files):
    asking = files | {"book.toml": f'{TOML}attach = "sources"\n'}
    assert bench.build(asking).data == bench.build(dict(reversed(asking.items()))).data


def test_a_book_without_a_date_has_one_all_the_same(bench, files):
    asking = files | {"book.toml": TOML.replace("date = 2026-03-01\n", "")}
    with opened(bench.build(asking).data) as pdf:
        assert str(pdf.docinfo["/ModDate"]) == "D:19800101000000Z"
