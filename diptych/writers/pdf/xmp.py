"""What a PDF says of itself, in XMP (ISO 16684-1): the book's metadata, and which standards the file keeps.

A PDF/A file may only use what it explains; that it also keeps PDF/UA has to be explained (ISO 19005-2, 6.6.2.3.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from diptych.model import Metadata

_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfxid": "http://www.npes.org/pdfx/ns/id/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}

_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF{}>\n'
_FOOT = '</rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'

_EXPLAINED = """<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"""


def packet(metadata: Metadata, title: str, said: Mapping[str, str]) -> bytes:
    """Write the packet; `said` are further properties by their qualified name, as `pdfaid:part`."""
    language = escape(metadata.language)
    people = [person.name for person in metadata.authors]
    others = [person.name for person in metadata.contributors if "aut" not in person.roles]
    identifier = next((f"urn:isbn:{isbn}" for _, isbn in sorted(metadata.isbn.items())), metadata.uuid)
    properties = [
        _alternatives("dc:title", title),
        _listed("dc:creator", "Seq", people),
        _listed("dc:contributor", "Bag", others),
        _alternatives("dc:description", metadata.description),
        _listed("dc:subject", "Bag", metadata.keywords),
        _listed("dc:language", "Bag", [language]),
        _listed("dc:publisher", "Bag", [metadata.publisher]),
        _listed("dc:date", "Seq", [metadata.date]),
        _alternatives("dc:rights", metadata.rights or metadata.licence),
        _simple("dc:identifier", identifier),
        _simple("pdf:Keywords", ", ".join(metadata.keywords)),
        *(_simple(name, value) for name, value in said.items()),
    ]
    if "pdfaid:part" in said and "pdfuaid:part" in said:
        properties.append(_EXPLAINED)
    names = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items())
    body = "\n".join(each for each in properties if each)
    return (
        f'{_HEAD.format(names)}<rdf:Description rdf:about="">\n{body}\n</rdf:Description>\n{_FOOT}'.encode()
    )


def _simple(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def _alternatives(name: str, value: str) -> str:
    return (
        f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(value)}</rdf:li></rdf:Alt></{name}>'
        if value
        else ""
    )


def _listed(name: str, kind: str, values: Iterable[str]) -> str:
    items = "".join(f"<rdf:li>{escape(value)}</rdf:li>" for value in values if value)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>" if items else ""
