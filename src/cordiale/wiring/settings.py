"""What is configured: one JSON file per nation's node and one per agent, parsed strictly."""

import socket
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from cordiale.analysis import whole_file
from cordiale.errors import Malformed, NotFound
from cordiale.vocab.party import Nation
from cordiale.wire import limits, typed

NATION_FILE: Final = "nation.json"
AGENT_FILE: Final = "agent.json"
STORE_FILE: Final = "store.db"
KEY_FILE: Final = "key.json"

S = TypeVar("S", bound=msgspec.Struct)


class NationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Listeners are on `host`; partners are told `peer_url`, agents `agent_url`. TLS where both files are named."""

    nation: Nation
    host: str
    agent_port: int
    peer_port: int
    ops_port: int
    agent_url: str
    peer_url: str
    tls_certificate: str = ""
    tls_key: str = ""


class AgentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose agent, and where its node is."""

    address: str
    node: str


def read(path: Path, kind: type[S]) -> S:
    """A settings file, or `NotFound` / `Malformed` naming it."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="settings file") from None
    if len(data) > limits.CARD_BYTES:
        raise Malformed(f"{path} is too large", what="settings")
    try:
        return typed.decode_json(data, kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise Malformed(f"{path}: {fault}", what="settings") from None


def write(path: Path, settings: msgspec.Struct) -> None:
    """Write a settings file as people like to read it."""
    whole_file.replace(path, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")


def free_ports(host: str, count: int) -> list[int]:
    """Ports that nobody listens on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = [socket.socket(family) for _ in range(count)]
    try:
        for listener in held:
            listener.bind((host, 0))
        return [listener.getsockname()[1] for listener in held]
    finally:
        for listener in held:
            listener.close()
