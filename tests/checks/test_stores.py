"""The rules of the shops: each speaks over a file that breaks it, and is silent over one that just does not."""

from __future__ import annotations

import functools
import io
import shutil
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
import pytest
from PIL import Image

from diptych import cli, pipeline
from diptych.checks import opened, stores
from diptych.model import File
from diptych.problems import Place

ROOT = Path(__file__).resolve().parent.parent.parent
ISBN = "9783161484100"
LONG = "Words enough to fill a page of a book, and then some more of them for the next. " * 40


# --- A small EPUB, made by hand ---------------------------------------------------------------------------------------


@functools.cache
def painted(kind="JPEG", size=(600, 800), mode="RGB"):
    out = io.BytesIO()
    Image.new("RGB", size, "#876").convert(mode).save(out, kind)
    return out.getvalue()


@functools.cache
def see_through():
    out = io.BytesIO()
    Image.new("RGBA", (600, 800), (1, 2, 3, 0)).save(out, "PNG")
    return out.getvalue()


@functools.cache
def moving():
    out = io.BytesIO()
    frames = [Image.new("P", (600, 800), n) for n in (1, 2)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


@functools.cache
def from_a_telephone():
    out = io.BytesIO()
    frames = [Image.new("RGB", (600, 800), n) for n in (1, 2)]
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    return out.getvalue()


COVER = "cover.jpg"
COVER_PAGE = f'<section epub:type="cover"><img src="{COVER}" alt="Cover"/></section>'
FACES = "".join(
    f'@font-face {{ font-family: "A"; font-weight: {weight}; font-style: {style}; src: url(fonts/a.ttf) }}\n'
    for weight in ("normal", "bold")
    for style in ("normal", "italic")
)
OPTIONS = b'<display_options><platform name="*"><option name="specified-fonts">true</option></platform></display_options>'
APPLE = "META-INF/com.apple.ibooks.display-options.xml"
TYPES = {"xhtml": "application/xhtml+xml", "css": "text/css", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif",
         "webp": "image/webp", "tiff": "image/tiff", "svg": "image/svg+xml", "ttf": "font/ttf", "woff": "font/woff",
         "woff2": "font/woff2"}  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """What the EPUB is made of; each test changes one of them."""

    text: str = "<p>Words.</p>"
    css: str = "body { font-family: serif; margin: 0 } .quote { margin: 1em 5% } img { max-width: 100% }"
    toc: str = '<ol><li><a href="one.xhtml">One</a></li><li><a href="two.xhtml">Two</a></li></ol>'
    pages: str = '<ol><li><a href="one.xhtml">iv</a></li><li><a href="two.xhtml">1</a></li></ol>'
    start: str = "one.xhtml"
    nav_in_spine: bool = True
    nav_late: bool = False
    ncx: str = ISBN
    cover: bytes | None = b""
    cover_page: str | None = COVER_PAGE
    identifier: str = ISBN
    title: str = "<dc:title>A</dc:title>"
    specified: str = "true"
    declaration: str = '<?xml version="1.0" encoding="utf-8"?>'
    files: dict = field(default_factory=dict)
    name: str = f"{ISBN}.epub"
    size: int = 0


def document(parts, body):
    return (
        f'{parts.declaration}\n<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f'<head><title>A</title><link rel="stylesheet" href="book.css"/></head>\n<body>\n{body}\n</body></html>'
    ).encode()


def nav(parts):
    start = f'<ol><li><a epub:type="bodymatter" href="{parts.start}">Begin</a></li>'
    start += '<li><a epub:type="cover" href="cover.xhtml">Cover</a></li></ol>'
    kinds = {"toc": parts.toc, "page-list": parts.pages, "landmarks": start}
    return document(
        parts, "".join(f'<nav epub:type="{kind}">{inner}</nav>' for kind, inner in kinds.items() if inner)
    )


def contents_of(parts):
    """Give the files below EPUB/, in the order of the manifest."""
    found = {"cover.xhtml": document(parts, parts.cover_page)} if parts.cover_page else {}
    if parts.cover is not None:
        found[COVER] = parts.cover or painted("JPEG", (1600, 2400))
    found |= {
        "nav.xhtml": nav(parts),
        "one.xhtml": document(parts, parts.text),
        "two.xhtml": document(parts, f"<p>{LONG}</p>"),
    }
    return {**found, "book.css": parts.css.encode(), **parts.files}


def package(parts, files):
    spine = [
        name for name in files if name.endswith(".xhtml") and (name != "nav.xhtml" or parts.nav_in_spine)
    ]
    if parts.nav_late:
        spine = [*(name for name in spine if name != "nav.xhtml"), "nav.xhtml"]
    properties = {COVER: ' properties="cover-image"', "nav.xhtml": ' properties="nav"'}
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="{TYPES[name.rsplit(".", 1)[-1]]}"{properties.get(name, "")}/>'
        for n, name in enumerate(files)
        if name != APPLE
    )
    refs = "".join(f'<itemref idref="i{list(files).index(name)}"/>' for name in spine)
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="key">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="key">{parts.identifier}</dc:identifier>{parts.title}<dc:language>en</dc:language>'
        f'<meta property="ibooks:specified-fonts">{parts.specified}</meta></metadata>'
        f'<manifest>{items}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f'<spine toc="ncx">{refs}</spine></package>'
    )


def epub(parts):
    files = contents_of(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="EPUB/a.opf"/></rootfiles></container>',
        )
        archive.writestr("EPUB/a.opf", package(parts, files))
        point = '<navPoint><content src="one.xhtml"/></navPoint>' if parts.toc else ""
        archive.writestr(
            "EPUB/toc.ncx",
            f'<ncx><head><meta name="dtb:uid" content="{parts.ncx}"/></head><navMap>{point}</navMap></ncx>',
        )
        archive.writestr(APPLE, files.pop(APPLE, OPTIONS))
        for name, data in files.items():
            archive.writestr(f"EPUB/{name}", data)
    return out.getvalue()


NOWHERE = stores.Sources()


def told(shop, sources=NOWHERE, **changes):
    """Give what a shop would find in the small EPUB with these changes; Kindle gets it without a page for the cover."""
    parts = Parts(**({"cover_page": None} if shop == "kindle" else {}) | changes)
    with pytest.MonkeyPatch.context() as patch:
        if parts.size:
            patch.setattr(
                stores, "read", lambda data, name: replace(opened.read(data, name), size=parts.size)
            )
        return stores.check(epub(parts), parts.name, shop, sources)


@pytest.mark.parametrize("shop", stores.STORES)
def test_a_sound_file_is_passed_over(shop):
    assert told(shop) == ()


# --- Each rule --------------------------------------------------------------------------------------------------------


def image(name, data, markup='<p><img src="{}" alt="It"/></p>'):
    return {"text": markup.format(name), "files": {name: data}}


def svg(inner="", attributes='viewBox="0 0 9 9"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inner}</svg>'


def drawing(*given):
    return {"files": {"a.svg": svg(*given).encode()}}


def table(rows, columns, head=True):
    row = f"<tr>{'<td>x</td>' * columns}</tr>"
    return {
        "text": f"<table>{f'<thead>{row}</thead>' if head else ''}<tbody>{row * (rows - head)}</tbody></table>"
    }


def css(text):
    return {"css": Parts.css + text}


def links(one, other, role=""):
    return {
        "text": f'<p id="a"><a href="#b"{role}>{one}</a></p><ul><li><a id="b" href="{other}"{role}>back</a></li></ul>'
    }


BIG = b"x" * 10_000_001
DEEP = '<ol><li><a href="one.xhtml">One</a>{}</li></ol>'
THREE = DEEP.format(DEEP.format(DEEP.format("")))
FOUR = DEEP.format(THREE)
WITHOUT_TWO = {"two.xhtml": b""}
WIDE = 'viewBox="0 0 9 9" width="{}" height="9"'
ONE_PIXEL = '<g transform="scale(9)"><image width="1" height="{}" href="a.jpg"/></g>'
NO_ITALIC = '@font-face { font-family: "A"; font-weight: 400; src: url(a.ttf) } @font-face { font-family: A; font-weight: 700 }'

CASES = {
    # what: (shops, a file that breaks the rule, one that just does not)
    "file-size": [("kindle", {"size": 650_600_000}, {"size": 650_000_000}), ("apple play", {"size": 2_000_600_000}, {"size": 2_000_000_000}),
                  ("kobo", {"size": 1_000_600_000}, {"size": 1_000_000_000})],
    "file-large": [("apple", {"size": 500_600_000}, {"size": 500_000_000})],
    "document-size": [("kobo apple", image("a.jpg", BIG), image("a.jpg", BIG[:9_000_000]))],
    "few-pages": [("play", {"files": WITHOUT_TWO, "cover_page": None, "text": ""}, {"files": WITHOUT_TWO, "text": f"<p>{LONG}</p>"})],
    "file-names": [("kobo", {"files": {"é.jpg": b""}}, {"files": {"e-1_b.jpg": b""}})],
    "isbn": [("kobo", {"identifier": "urn:uuid:1", "ncx": "urn:uuid:1", "name": "a.epub"}, {"name": "a.epub"})],
    "file-name": [("play", {"name": "a.epub"}, {"name": "GGKEY_ABC.epub"})],
    "identifier": [("kobo", {"ncx": "urn:uuid:1"}, {})],
    "metadata": [("kindle", {"title": ""}, {})],
    "contents": [("kindle apple", {"toc": ""}, {}), ("kobo", {"toc": ""}, {})],
    "contents-page": [("kindle", {"nav_in_spine": False}, {})],
    "contents-late": [("kindle", {"nav_late": True}, {"nav_late": True, "start": "nav.xhtml"})],
    "contents-deep": [("kindle", {"toc": THREE}, {"toc": DEEP.format(DEEP.format(""))}), ("kobo", {"toc": FOUR}, {"toc": THREE})],
    "contents-order": [("kindle", {"toc": '<ol><li><a href="two.xhtml">Two</a></li><li><a href="one.xhtml">One</a></li></ol>'},
                        {"toc": '<ol><li><a href="one.xhtml#x">One</a></li><li><a href="nowhere.xhtml">No</a></li></ol>'})],
    "page-name": [("kindle", {"pages": '<ol><li><a href="one.xhtml">Page 1</a></li></ol>'},
                   {"pages": '<ol><li><a href="one.xhtml">XIV</a></li></ol>'})],
    "page-twice": [("kindle", {"pages": '<ol><li><a href="one.xhtml">1</a></li><li><a href="two.xhtml">1</a></li></ol>'}, {})],
    "cover": [("kindle apple kobo play", {"cover": None}, {})],
    "cover-size": [("kindle", {"cover": painted(size=(620, 1000))}, {"cover": painted(size=(625, 1000))}),
                   ("play", {"cover": painted(size=(400, 639))}, {"cover": painted(size=(400, 640))})],
    "cover-heavy": [("kindle", {"cover": b"x" * 50_000_001}, {})],
    "cover-small": [("kindle", {"cover": painted(size=(1199, 1799))}, {"cover": painted(size=(1125, 1800))}),
                    ("apple", {"cover": painted(size=(1399, 2240))}, {"cover": painted(size=(1400, 2240))})],
    "cover-shape": [("kindle", {"cover": painted(size=(1800, 2400))}, {"cover": painted(size=(1600, 2560))}),
                    ("kobo", {"cover": painted(size=(1000, 1000))}, {"cover": painted(size=(1600, 2560))})],
    "cover-png": [("apple", {"cover": painted("PNG", (1400, 2240))}, {})],
    "cover-kind": [("apple kobo", {"cover": painted("GIF", (1400, 2240), "L")}, {})],
    "cover-page": [("kindle", {"cover_page": COVER_PAGE}, {}), ("apple kobo", {"cover_page": None}, {})],
    "cover-link": [("kobo", {"cover_page": f'<a href="one.xhtml">{COVER_PAGE}</a>'}, {})],
    "cover-text": [("kobo", {"cover_page": f"{COVER_PAGE}<p>A title</p>"}, {})],
    "image-kind": [("kindle", image("a.tiff", painted("TIFF")), image("a.gif", painted("GIF", mode="L"))),
                   ("kindle play", image("a.webp", painted("WEBP")), image("a.png", painted("PNG")))],
    "image-colours": [("kindle apple kobo", image("a.jpg", painted(mode="CMYK")), image("a.jpg", painted(mode="L")))],
    "image-transparent": [("kindle kobo", image("a.png", see_through()), image("a.png", painted("PNG", mode="RGBA")))],
    "image-moving": [("kindle", image("a.gif", moving()), image("a.gif", painted("GIF", mode="L")))],
    "image-small": [("kindle", image("a.jpg", painted(size=(299, 400))), image("a.jpg", painted(size=(400, 300)))),
                    ("kindle", image("a.jpg", painted(size=(90, 20))), image("a.jpg", painted(size=(90, 20)), '<p>A <img src="{}"/> word</p>'))],
    "image-large": [("apple", image("a.jpg", painted(size=(2400, 2400))), image("a.jpg", painted(size=(2400, 2300))))],
    "image-in-pixels": [("kobo", image("a.jpg", painted(), '<p><img src="{}" width="300"/></p>'),
                         image("a.jpg", painted(), '<p><img src="{}" width="50%"/></p>'))],
    "svg-box": [("kindle", drawing("", ""), drawing()), ("kindle", drawing("", 'viewBox="0 0 9.5 9"'), {"text": svg()}),
                ("kindle", {"text": svg("", 'viewBox="1 0 9 9"')}, {})],
    "svg-text": [("kindle", drawing("<text>A</text>"), drawing("<title>A</title>"))],
    "svg-many": [("kindle", {"text": svg() * 26}, {"text": svg() * 25})],
    "svg-pixel": [("kobo", drawing(ONE_PIXEL.format(1)), drawing(ONE_PIXEL.format(9)))],
    "svg-large": [("play", drawing("", WIDE.format(3201)), drawing("", WIDE.format("3200px")))],
    "svg-image": [("apple", drawing('<image href="a.jpg"/>'), drawing("<path/>"))],
    "css-position": [("kindle", css("p.a { position: absolute }"), css("p.a { position: static }"))],
    "css-line-height": [("kindle", css("h1 { line-height: -1 }"), css("h1 { line-height: 1 }"))],
    "css-size": [("kindle", css("body { font-size: 12pt }"), css("body { font-size: 1em } li > p { font-size: .9em }")),
                 ("kindle", css("p { line-height: 1.5 }"), css("p.a { line-height: 1.5 }"))],
    "css-colour": [("kindle", css("section p { color: #000 !important }"), css("h1 { color: #000 } p { color: inherit }")),
                   ("kindle", css("body { background: white }"), css("aside { background: white }"))],
    "css-margin": [("kindle", css("p { margin: 0 1em }"), css("p { margin: 1em 0 }")), ("kindle", css("body { padding-left: 5% }"), {}),
                   ("kobo", css("blockquote { margin: 0 1em 0 3em }"), css("blockquote { margin: 3em 2em } h1 { margin-left: 9% }"))],
    "css-margin-unit": [("kindle", css("blockquote { margin: 1em 2em }"), css("blockquote { margin: 1em 5% } p { margin: 0 9em }"))],
    "css-height": [("kindle", css("div.a { height: 3em }"), css("div.a img, hr { height: 3em }"))],
    "css-face": [("kindle", css("p { font-family: serif }"), css("h1 { font-family: serif }"))],
    "css-variables": [("kindle kobo", css("p.a { --ink: red }"), css("p.a { color: red }")), ("kobo", css("p.a { color: var(--ink) }"), {})],
    "css-flex": [("kindle kobo", css("div.a { display: flex }"), css("div.a { display: table }")), ("kobo", css("nav { display: grid }"), {})],
    "css-inline": [("kindle kobo", {"text": '<p style="margin-top: 1em">A</p>'}, {"text": '<p class="a">A</p>'})],
    "css-selector": [("kobo", css("h1, span { color: red }"), css("h1 span, span.a { color: red }"))],
    "css-name": [("kobo", css("p { margin: 0 }"), css("body p { margin: 0 }"))],
    "css-background": [("kobo", css("pre { background-color: #eee }"), css("pre { background: url(a.png) }"))],
    "css-percent": [("kobo", css("body { font-size: 110% }"), css("h1 { font-size: 110% }"))],
    "css-page-break": [("kobo", css("h2 { page-break-before: always }"), css("h2 { page-break-after: avoid }"))],
    "font-kind": [("kindle kobo", {"files": {"a.woff2": b"wOF2..."}}, {"files": {"a.ttf": b"\0\1\0\0"}}),
                  ("kindle", {"files": {"a.woff": b"wOFF..."}}, {})],
    "font-faces": [("apple", css(NO_ITALIC), css(FACES))],
    "font-options": [("apple", css(FACES) | {"files": {APPLE: b"<display_options/>"}}, {"files": {APPLE: b"<display_options/>"}}),
                     ("apple", css(FACES) | {"specified": "false"}, css(FACES))],
    "text-space": [("kindle", {"text": "<p>a\u202f!</p>"}, {"text": "<p>a\u00a0! \u200c</p>"})],
    "text-format": [("kindle", {"text": "<p>a\u00adb\u200dc</p>"}, {"text": "<p>a\u0301b\u200cc</p>"})],
    "text-encoding": [("kindle", {"declaration": '<?xml version="1.0"?>'}, {"declaration": "<?xml version='1.0' encoding='UTF-8'?>"})],
    "script": [("kindle", {"text": "<script>1</script>"}, {"text": "<p>script</p>"})],
    "comment": [("kindle apple kobo play", {"text": "<!-- a -- b -->"}, {"text": "<!-- a - b --><!-- c -->"}),
                ("kindle", {"text": "<!-- a --->"}, {})],
    "table-large": [("kindle", table(101, 2), table(100, 10)), ("kindle", table(2, 11), {})],
    "table-nested": [("kindle", {"text": f"<table><thead><tr><td>{table(1, 1)['text']}</td></tr></thead></table>"}, table(2, 2))],
    "table-head": [("kindle", table(2, 2, head=False), table(1, 2, head=False))],
    "table-wide": [("kobo", table(2, 5), table(2, 4)), ("kobo", {"text": '<table><tr><td colspan="5">x</td></tr></table>'}, {})],
    "link-mutual": [("kindle", links("there", "#a"), links("there", "two.xhtml#a")),
                    ("kindle", links("there", "one.xhtml#a"), links("there", "#a", ' role="doc-backlink"'))],
}  # fmt: skip

ROWS = [
    pytest.param(shop, what, breaks, keeps, id=f"{shop}-{what}-{n}")
    for what, cases in CASES.items()
    for n, (shops, breaks, keeps) in enumerate(cases)
    for shop in shops.split()
]


@pytest.mark.parametrize(("shop", "what", "breaks", "keeps"), ROWS)
def test_a_rule_speaks_when_it_is_broken_and_only_then(shop, what, breaks, keeps):
    assert f"{shop}-{what}" in {problem.code for problem in told(shop, **breaks)}
    assert f"{shop}-{what}" not in {problem.code for problem in told(shop, **keeps)}


def test_every_rule_is_tested():
    rules = [(shop, rule.what) for rule in stores.RULES for shop in rule.shops.split()]
    assert sorted(rules) == sorted({row.values[:2] for row in ROWS})


@pytest.mark.parametrize("shop", ["kindle", "play"])
def test_a_photograph_of_a_telephone_is_a_jpeg(shop):
    assert told(shop, **image("a.jpg", from_a_telephone())) == ()


@pytest.mark.parametrize(
    "changes",
    [
        drawing("", 'viewBox="a b" width="." height="..px"'),
        {"files": {"a.svg": b"", "b.svg": b"<svg", "a.jpg": b"x", "three.xhtml": b"<p>"}},
        css("blockquote { margin: . .em auto; padding: ; : x } @media { p {"),
        {
            "text": '<img/><table><tr><td colspan="x"/></tr></table><a href="#">x</a><a href="%zz#é"/>',
            "toc": "<ol><li><a/></li></ol>",
        },
    ],
)
@pytest.mark.parametrize("shop", stores.STORES)
def test_a_broken_file_is_no_traceback(shop, changes):
    told(shop, **changes)


@pytest.mark.parametrize("rule", stores.RULES, ids=lambda rule: f"{rule.shops}-{rule.what}")
def test_a_rule_is_one_plain_sentence_and_what_to_do(rule):
    assert set(rule.shops.split()) <= set(stores.STORES)
    sentence, advice = (text.format("it", shop="Kobo") for text in (rule.sentence, rule.advice))
    assert [
        text for text in (sentence, advice) if text and not (text[0].isupper() and text.endswith("."))
    ] == []


@pytest.mark.parametrize(
    ("shop", "changes", "said"),
    [
        ("kindle", {"size": 651_000_000}, f"{ISBN}.epub: error: The file has 651 MB; Kindle takes 650 MB. Make its pictures smaller: image-size in book.toml. [kindle-file-size]"),
        ("apple", image("a.jpg", painted(size=(2400, 2400))), f"{ISBN}.epub:a.jpg: error: This picture has 2400 x 2400, JPEG; Apple Books takes 5.6 million pixels at most. Set image-size = 2300 for this edition in book.toml. [apple-image-large]"),
        ("kindle", {"text": "<p>a\u202f!</p>"}, f"{ISBN}.epub:one.xhtml: warning: Kindle does not know this kind of space: narrow no-break space (U+202F). Write a common one, or a no-break space (&nbsp;). [kindle-text-space]"),
        ("kobo", css("".join(f"div.a{n} {{ display: flex }}" for n in range(7))), f"{ISBN}.epub:book.css: error: Kobo shows blank pages for flex and grid: div.a0, div.a1, div.a2, div.a3, div.a4 and 2 more. Use blocks or a table. [kobo-css-flex]"),
        ("kobo", {"text": '<p style="margin-left: 1em">A</p>'}, f'{ISBN}.epub:one.xhtml: warning: A style stands on an element itself, which Kobo may not keep: <p style="margin-left: 1em">. Give what you mean a class of its own. [kobo-css-inline]'),
        ("play", {"name": "a.epub"}, "a.epub: hint: Google Play knows a file by its name, which is to be the ISBN or GGKEY. Call it so when you upload it. [play-file-name]"),
    ],
)  # fmt: skip
def test_a_finding_in_words(shop, changes, said):
    assert [str(problem) for problem in told(shop, **changes)] == [said]


# --- The author's place -----------------------------------------------------------------------------------------------


SOURCES = stores.Sources(
    {
        "one.xhtml": File("book/one.md", b"# One\n\nWords.\n\na\xe2\x80\xaf!\n"),
        "two.xhtml": File("book/two.md", b"Other\nwords.\xe2\x80\x8d\n"),
        "images/a.svg": File("book/images/A.svg", b"<svg>\n<text>A</text>\n</svg>"),
        "styles/book.css": File("book/styles/book.css", b"p {}\n\ndiv.a { display: flex }\n"),
    }
)
ODD = {"text": "<p>Words.</p>\n<p>a\u202f!</p>"}


@pytest.mark.parametrize(
    ("sources", "changes", "place"),
    [
        (SOURCES, ODD, Place("book/one.md", 5)),
        (replace(SOURCES, lines={"one.xhtml": ((4, 3), (5, 44))}), ODD, Place("book/one.md", 44)),
        (SOURCES, {"text": "<p>a\u2003!</p>"}, Place("book/one.md")),
        (
            SOURCES,
            {
                "files": {
                    "endnotes.xhtml": b'<?xml version="1.0" encoding="utf-8"?><html><p>a\xe2\x80\x8d</p></html>'
                }
            },
            Place("book/two.md", 2),
        ),
        (SOURCES, {"files": {"images/a.svg": svg("<text>A</text>").encode()}}, Place("book/images/A.svg", 2)),
        (SOURCES, css("div.a { display: flex }"), Place("book/styles/book.css", 3)),
        (SOURCES, css("div.b { display: flex }"), Place(f"{ISBN}.epub:book.css")),
        (SOURCES, {"title": ""}, Place(f"{ISBN}.epub")),
    ],
)
def test_a_finding_has_the_authors_place(sources, changes, place):
    assert [problem.place for problem in told("kindle", sources, **changes)] == [place]


def test_findings_of_one_place_are_one_sentence():
    (one, other) = told("kindle", SOURCES, text="<p>a\u202f!\u2003</p>\n<p>b\u202f!</p>")
    assert "narrow no-break space (U+202F)" in one.sentence
    assert "em space (U+2003)" in other.sentence


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, built, plain_fonts, monkeypatch):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr("diptych.tools.epubcheck", lambda _: ())
    return tmp_path


def test_the_command_holds_every_epub_to_the_rules(home, capsys):
    assert cli.main(["check", "--for", "kindle", "--for", "play"], home=home) == 0
    out, err = capsys.readouterr()
    verdicts = [line for line in out.splitlines() if line.startswith(("Kindle", "Apple", "Kobo", "Google"))]
    assert verdicts == [
        "Kindle: 0 errors, 1 warning: one.epub",
        "Google Play: 0 errors, 0 warnings: one.epub",
        "Kindle: 0 errors, 1 warning: one-two.epub",
        "Google Play: 0 errors, 0 warnings: one-two.epub",
    ]
    assert "one.epub: warning: The book has a page for its cover, which Kindle would show twice." in err


def test_all_means_every_shop_once(home, capsys):
    assert cli.main(["check", "--for", "all", "--for", "kobo", "--edition", "epub"], home=home) == 0
    found = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert found[2:-1] == ["EPUBCheck", "Pop-up notes", *stores.STORES.values()]


def test_without_a_wish_no_shop_is_asked_but_readers_are(home, capsys):
    assert cli.main(["check", "--edition", "epub"], home=home) == 0
    out, err = capsys.readouterr()
    assert "Pop-up notes: 1 of 1 on Kobo, Kindle, Thorium, Apple Books: one.epub" in out
    assert "Kindle: " not in out
    assert err == ""


def test_a_short_note_is_told_whenever_a_book_is_checked(home, capsys):
    (home / "book" / "01-one.md").write_text("# One\n\nWords.[^1]\n\n[^1]: Ibid.\n", encoding="utf-8")
    assert cli.main(["check", "--edition", "epub"], home=home) == 0
    out, err = capsys.readouterr()
    assert "Pop-up notes: 0 of 1 on Kobo" in out
    assert "book/01-one.md:3: hint: The note 1 does not pop up on Kobo" in err


def test_an_unknown_shop_is_wrong_use(home, capsys):
    assert cli.main(["check", "--for", "smashwords"], home=home) == 2
    assert "'kindle', 'apple', 'kobo', 'play', 'all'" in capsys.readouterr().err


def test_the_command_knows_the_shops():
    (option,) = (p for p in cli._diptych.commands["check"].params if p.name == "stores")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == [*stores.STORES, "all"]


def test_a_finding_in_a_chapter_in_a_style_or_in_a_picture_has_its_place(home, capsys):
    (home / "book" / "01-one.md").write_text(
        "# One\n\nWords.\n\nA\u2003gap.[^1]\n\n[^1]: A note.\n", encoding="utf-8"
    )
    with (home / "book" / "01-one.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\n![A thread](images/Rotér Faden.webp)\n")
    (home / "book" / "images").mkdir()
    (home / "book" / "images" / "Rotér Faden.webp").write_bytes(painted("WEBP", (300, 200)))
    (home / "book" / "styles").mkdir()
    (home / "book" / "styles" / "book.css").write_text("\nbody { color: black }\n", encoding="utf-8")
    with (home / "book" / "book.toml").open("a", encoding="utf-8") as toml:
        toml.write("[edition.kindle]\n")
    assert cli.main(["check", "--for", "kindle", "--edition", "kindle"], home=home) == 0
    err = capsys.readouterr().err
    assert (
        "book/images/Rotér Faden.webp: warning: This picture has 300 x 200, JPEG; below 300 x 400 pixels"
        in err
    )
    assert "book/01-one.md:5: warning: Kindle does not know this kind of space: em space (U+2003)." in err
    assert (
        "book/styles/book.css:2: warning: The colour or the background of the text itself is set: body."
        in err
    )


# --- Our own book -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def companion(tmp_path_factory):
    """Give our own book with an edition for each shop that has one."""
    folder = tmp_path_factory.mktemp("own") / "book"
    shutil.copytree(ROOT / "book", folder)
    text = (folder / "book.toml").read_text(encoding="utf-8")
    (folder / "book.toml").write_text(f"{text}\n[edition.kindle]\n[edition.kobo]\n", encoding="utf-8")
    return pipeline.read(folder, "book", pipeline.Wishes(("epub", "kindle", "kobo")))


@pytest.mark.parametrize(
    ("name", "shop"),
    [("epub", "apple"), ("epub", "play"), ("kindle", "kindle"), ("kobo", "kobo")],
)
def test_our_own_book_is_fit_for_the_shop(bench, companion, plain_fonts, name, shop):
    made = bench.make(companion, name, pages="")
    found = stores.check(made.data, f"{name}.epub", shop, stores.Sources())
    assert [str(problem) for problem in found if problem.severity != "hint"] == []
