"""Settings files and an agent's own rows: what parses strictly is used, all else is a `CordialeError`."""

import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from cordiale.agent import identity
from cordiale.agent.identity import IdentityRow
from cordiale.crypto import keyfile
from cordiale.errors import CordialeError
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical
from cordiale.wiring import settings
from cordiale.wiring.settings import AgentSettings, NationSettings

_FILE = Path(tempfile.mkdtemp(prefix="cordiale-fuzz-")) / "settings.json"


def seeds() -> list[bytes]:
    """One of each file."""
    nation = NationSettings(Nation("uk"), "127.0.0.1", 1, 2, 3, "http://a", "http://p")
    row = IdentityRow("alice@uk", "ab", bytes(32), bytes(32), (b"c",), b"root", "http://a")
    agent = AgentSettings("alice@uk", "http://a")
    return [msgspec.json.encode(nation), msgspec.json.encode(agent), canonical.encode(row)]


def TestOneInput(data: bytes) -> None:
    """One input as each of them."""
    _FILE.write_bytes(data)
    for kind in (NationSettings, AgentSettings):
        with suppress(CordialeError):
            settings.read(_FILE, kind)
    with suppress(CordialeError):
        assert isinstance(identity.decode(data).address, Address)
    with suppress(CordialeError):
        keyfile.from_pem(data)
