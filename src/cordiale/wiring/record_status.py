"""Where a record stands, in words for people."""

from collections.abc import Mapping
from typing import Final

from cordiale.wiring.catalogue import mark

STATUS: Final[Mapping[str, str]] = {
    "proposed": mark("proposed"),
    "part-keyed": mark("waits for a key"),
    "objected": mark("objected to"),
    "withdrawn": mark("withdrawn"),
    "binding": mark("binding"),
    "fulfilled": mark("fulfilled"),
}
