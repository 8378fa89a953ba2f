"""Files of sanctions lists, of whatever form; each is read, or refused as a whole, and a broken row is named."""

import tempfile
from pathlib import Path

from cordiale.desks.maritime.risk.load import load
from cordiale.errors import CordialeError

LISTS = Path(__file__).resolve().parent.parent / "tests" / "desks" / "maritime" / "risk" / "lists"
_FILE = Path(tempfile.mkdtemp(prefix="cordiale-fuzz-")) / "list"


def TestOneInput(data: bytes) -> None:
    """Nothing but our own errors may come out; a listing has a name or a number."""
    _FILE.write_bytes(data)
    try:
        read = load(_FILE)
    except CordialeError:
        return
    assert all(each.names or each.imo or each.mmsi for each in read.listings)
    assert len({each.row for each in read.listings}) <= read.rows


def seeds() -> list[bytes]:
    """A small list of each form."""
    return [path.read_bytes() for path in sorted(LISTS.iterdir())]
