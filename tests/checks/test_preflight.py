"""The checks of finished PDFs, proved on files that were broken afterwards: each fault is found, and named."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms

from diptych.checks import pdf as pdf_check
from diptych.checks.pdf import ink, press, standards
from diptych.model import Metadata

TOML = '[book]\ntitle = "T"\nlanguage = "en"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
TEXT = (
    "# One\n\nWords.[^1] A [link](https://example.org/).\n\n## Two\n\n![A picture](a.png)\n\n| A | B |\n|---|---|\n"
    "| 1 | 2 |\n\n[^1]: A note.\n"
)


LABELS = {"x": "x-1a:2001", "x3": "x-3:2002", "x4": "x-4"}


class About:
    metadata = Metadata("T", "u")


@pytest.fixture(scope="module")
def whole(bench, picture):
    """Give a sound file of each kind, with its edition."""
    keys = "[edition.screen]\n[edition.print]\n"
    for name, standard in LABELS.items():
        keys += f'[edition.{name}]\nlike = "print"\npdf = "{standard}"\ncondition = "FOGRA39"\nprofile = "press.icc"\n'
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = {"book.toml": TOML + keys, "1.md": TEXT, "a.png": picture(300, 200), "press.icc": profile}
    book = bench.read(files)
    return {name: bench.make(book, name) for name in ("screen", "print", *LABELS)}


def said(data, edition):
    return [problem.sentence for problem in pdf_check.check(data, "x.pdf", edition, About)]


def broken(made, change):
    """Change a finished file; give what the check says of it."""
    return said(mutated(made, change), made.edition)


def mutated(made, change):
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        change(pdf)
        out = io.BytesIO()
        old = pdf.pdf_version == "1.3"
        objects = pikepdf.ObjectStreamMode.disable if old else pikepdf.ObjectStreamMode.generate
        pdf.save(out, object_stream_mode=objects, force_version="1.3" if old else "")
    return out.getvalue()


@pytest.mark.parametrize("name", ["screen", "print", *LABELS])
def test_a_sound_file_has_no_faults(whole, name):
    assert said(whole[name].data, whole[name].edition) == []
    assert broken(whole[name], lambda _: None) == []


# --- For the press ----------------------------------------------------------------------------------------------------


def draw(operators, **resources):
    """Let a page draw something more."""

    def change(pdf):
        page = pdf.pages[2]
        page.obj.Resources = pdf.make_indirect(Dictionary(page.obj.Resources))
        for kind, shelf in resources.items():
            page.obj.Resources[f"/{kind}"] = Dictionary(
                {f"/{name}": thing for name, thing in shelf(pdf).items()}
            )
        page.contents_add(operators.encode())

    return change


def image(pdf, **entries):
    return pdf.make_stream(
        bytes(3), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8, **entries
    )


def form(pdf, content, **entries):
    return pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], **entries)


def put(name, value):
    def change(pdf):
        pdf.Root[name] = value

    return change


def on_page(**entries):
    def change(pdf):
        for name, value in entries.items():
            pdf.pages[2].obj[f"/{name}"] = value

    return change


def font_lost(pdf):
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and "/FontFile2" in thing:
            del thing["/FontFile2"]


FAULTS = {
    "an RGB operator": (draw("1 0 0 rg"), "There is RGB colour on page 3"),
    "a CMYK operator": (draw("0 0 0 1 K"), "There is CMYK colour on page 3"),
    "RGB in a form": (
        draw("/F Do", XObject=lambda pdf: {"F": form(pdf, b"1 0 0 RG")}),
        "There is RGB colour on page 3",
    ),
    "an RGB picture": (
        draw("/I Do", XObject=lambda pdf: {"I": image(pdf, ColorSpace=Name.DeviceRGB)}),
        "There is RGB colour on page 3",
    ),
    "an ICC colour": (
        draw("/C cs", ColorSpace=lambda pdf: {"C": Array([Name.ICCBased, pdf.make_stream(b"", N=3)])}),
        "There is calibrated colour on page 3",
    ),
    "a gradient in RGB": (
        draw("/S sh", Shading=lambda _: {"S": Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB)}),
        "There is RGB colour on page 3",
    ),
    "an opacity": (
        draw("/G gs", ExtGState=lambda _: {"G": Dictionary(ca=0.5)}),
        "Something shines through on page 3: an opacity.",
    ),
    "a soft mask": (
        draw("/G gs", ExtGState=lambda _: {"G": Dictionary(SMask=Dictionary(S=Name.Luminosity))}),
        "Something shines through on page 3: a soft mask.",
    ),
    "a blend mode": (
        draw("/G gs", ExtGState=lambda _: {"G": Dictionary(BM=Name.Multiply)}),
        "Something shines through on page 3: a blend mode.",
    ),
    "a transparency group": (
        draw("/F Do", XObject=lambda pdf: {"F": form(pdf, b"", Group=Dictionary(S=Name.Transparency))}),
        "Something shines through on page 3: a group.",
    ),
    "a picture that shines through": (
        draw("/I Do", XObject=lambda pdf: {"I": image(pdf, ColorSpace=Name.DeviceGray, SMask=image(pdf))}),
        "Something shines through on page 3: a picture's soft mask.",
    ),
    "small type": (draw("BT /F 5 Tf (x) Tj ET"), "Type on page 3 is 5.0 pt"),
    "type made small": (draw("q .5 0 0 .5 0 0 cm BT /F 10 Tf (x) Tj ET Q"), "Type on page 3 is 5.0 pt"),
    "a hair": (draw("q .5 0 0 .5 0 0 cm .2 w 0 0 m 9 9 l S Q"), "Lines on page 3 are 0.10 pt wide"),
    "a page that begins below 0": (on_page(MediaBox=Array([-9, -9, 432, 648])), "The boxes of page 3"),
    "a page without a trim": (lambda pdf: pdf.pages[2].obj.__delitem__("/TrimBox"), "The boxes of page 3"),
    "a trim outside the bleed": (on_page(BleedBox=Array([9, 9, 300, 300])), "The boxes of page 3"),
    "a page of another size": (on_page(MediaBox=Array([0, 0, 450, 650])), "Not all pages are of one size."),
    "a link": (on_page(Annots=Array([])), "There are links or remarks on page 3."),
    "bookmarks": (put("/Outlines", Dictionary()), "The file has bookmarks."),
    "a script": (
        put("/OpenAction", Dictionary(S=Name.JavaScript)),
        "The file has things that no press takes",
    ),
    "a font left out": (font_lost, "The font "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_printed_file_is_found(whole, fault):
    change, sentence = FAULTS[fault]
    assert any(each.startswith(sentence) for each in broken(whole["print"], change)), broken(
        whole["print"], change
    )


def unsaid(name):
    return lambda pdf: pdf.docinfo.__delitem__(name)


def packed(pdf):
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image":
            thing.write(bytes(9), filter=Name.JPXDecode)


LABEL_FAULTS = {
    "no label": (unsaid("/GTS_PDFXVersion"), "The file calls itself nothing instead of PDF/X-1:2001."),
    "no word of trapping": (unsaid("/Trapped"), "The file does not say what PDF/X asks for: /Trapped."),
    "no date": (unsaid("/ModDate"), "The file does not say what PDF/X asks for: /ModDate."),
    "no condition": (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "The file does not say how it is to be printed."),
    "JPEG 2000": (packed, "The file has a picture that is packed"),
    "an RGB operator": (draw("1 0 0 rg"), "There is RGB colour on page 3."),
    "an opacity": FAULTS["an opacity"],
}  # fmt: skip


@pytest.mark.parametrize("fault", LABEL_FAULTS)
def test_a_fault_of_a_labelled_file_is_found(whole, fault):
    change, sentence = LABEL_FAULTS[fault]
    assert any(each.startswith(sentence) for each in broken(whole["x"], change)), broken(whole["x"], change)


def mislabelled(pdf):
    pdf.docinfo["/GTS_PDFXVersion"] = String("PDF/X-1:2001")


def unlabelled(pdf):
    meta = pdf.Root.Metadata
    meta.write(meta.read_bytes().replace(b"PDF/X-4", b"PDF/Y-4"))


def without_profile(pdf):
    del pdf.Root.OutputIntents[0]["/DestOutputProfile"]


def opentype(pdf):
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and "/FontFile2" in thing:
            thing.FontFile3 = pdf.make_stream(b"", Subtype=Name.OpenType)


RGB = (draw("1 0 0 rg"), "There is RGB colour on page 3.")
OTHER_LABEL_FAULTS = {
    "x3": {
        "another label": (mislabelled, "The file calls itself PDF/X-1:2001 instead of PDF/X-3:2002."),
        "RGB": RGB,
        "an opacity": FAULTS["an opacity"],
        "JPEG 2000": LABEL_FAULTS["JPEG 2000"],
        "no word of trapping": LABEL_FAULTS["no word of trapping"],
        "no condition": LABEL_FAULTS["no condition"],
        "a young face": (opentype, "The font "),
    },
    "x4": {
        "no label": (unlabelled, "The file does not call itself PDF/X-4."),
        "no profile": (without_profile, "The printer's colour profile is not in the file."),
        "RGB": RGB,
        "no date": LABEL_FAULTS["no date"],
        "no condition": LABEL_FAULTS["no condition"],
    },
}


@pytest.mark.parametrize(
    ("name", "fault"), [(name, f) for name, faults in OTHER_LABEL_FAULTS.items() for f in faults]
)
def test_a_fault_of_a_file_with_a_younger_label_is_found(whole, name, fault):
    change, sentence = OTHER_LABEL_FAULTS[name][fault]
    assert any(each.startswith(sentence) for each in broken(whole[name], change)), broken(whole[name], change)


def test_x_4_takes_what_shines_through(whole):
    found = pdf_check.check(
        mutated(whole["x4"], FAULTS["an opacity"][0]), "x.pdf", whole["x4"].edition, About
    )
    assert {problem.severity for problem in found} == {"warning"}


def test_a_younger_file_is_no_pdf_x_of_2001(whole):
    with pikepdf.open(io.BytesIO(whole["x"].data)) as pdf:
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, force_version="1.5")
    found = said(out.getvalue(), whole["x"].edition)
    assert [each for each in found if "PDF 1.3" in each] == [
        "The file is PDF-1.5, and PDF/X of 2001 and 2002 is PDF 1.3.",
        "The file is packed as PDF 1.3 cannot be.",
    ]


def test_every_rule_can_fail(whole):
    """Each is tripped by a file that was broken on purpose, and by no sound one."""
    faults = [("print", change) for change, _ in FAULTS.values()] + [
        ("x", change) for change, _ in LABEL_FAULTS.values()
    ]
    faults += [(name, change) for name, them in OTHER_LABEL_FAULTS.items() for change, _ in them.values()]
    tripped = {rule for name, change in faults for rule in trips(whole[name], mutated(whole[name], change))}
    with pikepdf.open(io.BytesIO(whole["x"].data)) as pdf:
        out = io.BytesIO()
        pdf.save(out, force_version="1.5")
    tripped |= trips(whole["x"], out.getvalue())
    assert tripped == {rule.find.__name__ for rule in press.RULES}
    assert not any(trips(whole[name], whole[name].data) for name in ("print", *LABELS))


def trips(made, data):
    """Name the rules that speak over a file."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        opened = press.Opened(pdf, data, ink.read(pdf), made.edition)
        return {rule.find.__name__ for rule in press.rules(made.edition) if [*rule.find(opened)]}


# --- For those who have it read to them -------------------------------------------------------------------------------


def parts(pdf, *kinds):
    return [o for o in pdf.objects if isinstance(o, Dictionary) and str(o.get("/S", ""))[1:] in kinds]


def without(kind, *names):
    def change(pdf):
        for part in parts(pdf, kind):
            for name in names:
                del part[name]

    return change


def renamed(kind, to):
    def change(pdf):
        for part in parts(pdf, kind):
            part.S = Name(f"/{to}")

    return change


def untagged(pdf):
    del pdf.Root.StructTreeRoot


def unlinked(pdf):
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            del annotation["/Contents"]


def nameless(pdf):
    pdf.docinfo["/Title"] = String("Another")


SCREEN_FAULTS = {
    "no tags": (untagged, "The file does not say what its parts are."),
    "a picture without words": (without("Figure", "/Alt"), "1 picture has no words"),
    "a note without a name": (without("Note", "/ID"), "A note has no name of its own."),
    "a note that nobody calls": (renamed("Reference", "Span"), "Nothing leads to the note fn-c1-1."),
    "a level left out": (renamed("H2", "H3"), "A heading of level 3 stands under one of level 1."),
    "a head that is none": (renamed("TH", "TD"), "The head of a table heads nothing."),
    "a head that does not say of what": (without("TH", "/A"), "The head of a column or row does not say"),
    "a link without words": (unlinked, "A link on page"),
    "another title": (nameless, "The file does not carry the book's title."),
    "another language": (put("/Lang", String("fr")), "The file does not name the book's language."),
    "no bookmarks": (lambda pdf: pdf.Root.__delitem__("/Outlines"), "The file has no bookmarks."),
}


@pytest.mark.parametrize("fault", SCREEN_FAULTS)
def test_a_fault_of_a_screen_file_is_found(whole, fault):
    change, sentence = SCREEN_FAULTS[fault]
    assert any(each.startswith(sentence) for each in broken(whole["screen"], change)), broken(
        whole["screen"], change
    )


def test_a_standard_that_is_broken_is_told(whole):
    pytest.importorskip("page", reason="`build.py test` installs it")
    with pikepdf.open(io.BytesIO(whole["screen"].data)) as pdf:
        del pdf.Root.ViewerPreferences
        out = io.BytesIO()
        pdf.save(out)
    (standard,) = standards.STANDARDS[:1]
    (problem,) = standards.check(out.getvalue(), "x.pdf", standard)
    assert problem.sentence.startswith("PDF/UA-1, rule ")
    assert "DisplayDocTitle" in problem.sentence


def test_a_checker_that_is_not_there_has_passed_nothing(whole, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "page", None)
    with pytest.raises(standards.MissingProgramError, match="was not checked"):
        standards.check(whole["screen"].data, "x.pdf", standards.STANDARDS[0])
