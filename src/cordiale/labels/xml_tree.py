"""Small XML documents as a tree, by expat, with everything dangerous refused.

A document type declaration is refused at its first character: without one there are no entities to expand, nothing
external to fetch and no default attributes. Size, depth and the number of elements are bounded.
"""

from typing import Final
from xml.parsers import expat

from cordiale.errors import LimitExceeded, Malformed
from cordiale.wire import limits

XML_BYTES: Final = 8 * limits.LABEL_BYTES
DEPTH: Final = 8
ELEMENTS: Final = 2048

_SEPARATOR: Final = " "
_UNIVERSAL: Final = "http://www.w3.org/XML/1998/namespace"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"


class Element:
    """An element: namespace, local name, attributes by local name (without `xsi:` and `xml:` ones), text, children."""

    __slots__ = ("attributes", "children", "name", "namespace", "text")

    def __init__(self, namespace: str, name: str, attributes: dict[str, str]) -> None:
        self.namespace, self.name, self.attributes = namespace, name, attributes
        self.text = ""
        self.children: list[Element] = []


def read_xml(data: bytes, *, what: str, limit: int = XML_BYTES) -> Element:
    """The root element, or `Malformed` / `LimitExceeded`. (Expat itself refuses a document without a root, or with text
    or a second element beside it.)"""
    if len(data) > limit:
        raise LimitExceeded(f"{what}: {len(data)} bytes, {limit} allowed")
    builder = _Builder(what)
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.doctype
    parser.ProcessingInstructionHandler = builder.instruction
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as fault:
        raise Malformed(str(fault)[:120], what=what) from None
    return builder.roots[0]


class _Builder:
    def __init__(self, what: str) -> None:
        self.what = what
        self.roots: list[Element] = []
        self.open: list[Element] = []
        self.elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) >= DEPTH or self.elements > ELEMENTS:
            raise LimitExceeded(f"{self.what}: more than {DEPTH} levels or {ELEMENTS} elements")
        namespace, _, local = name.rpartition(_SEPARATOR)
        element = Element(namespace, local, dict(_attributes(attributes)))
        (self.open[-1].children if self.open else self.roots).append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        element = self.open.pop()
        if element.children and element.text.strip():
            raise Malformed(f"text beside the elements of {element.name[:40]}", what=self.what)

    def characters(self, text: str) -> None:
        self.open[-1].text += text

    def doctype(self, *_declaration: object) -> None:
        raise Malformed("document types and entities are refused", what=self.what)

    def instruction(self, _target: str, _data: str) -> None:
        raise Malformed("processing instructions are refused", what=self.what)


def _attributes(attributes: dict[str, str]) -> list[tuple[str, str]]:
    plain: list[tuple[str, str]] = []
    for name, value in attributes.items():
        namespace, _, local = name.rpartition(_SEPARATOR)
        if namespace not in (_UNIVERSAL, _INSTANCE):
            plain.append((local if not namespace else name, value))
    return plain
