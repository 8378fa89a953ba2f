"""Two federated Synapse homeservers as a target: the most used federated messenger, loaded as Cordiale's nodes are.

matrix-synapse comes from PyPI into a throw-away environment (`install`) or from one that is there already. Both servers run
on loopback, one process each, federating over TLS with self-signed certificates, as Synapse leaves no way without; SQLite as it
sets it (write-ahead log; synchronous is left at SQLite's own default), rate limits lifted, presence off, only warnings in the
log. Messages are 1 KB of plain text: what Synapse does not do (end-to-end encryption is the clients', labels and proofs
are nobody's) it is not charged for.
"""

import datetime
import json
import secrets
import sqlite3
import subprocess
import threading
import urllib.parse
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench.load import OK, Answer, Heard, Shot, digest, request
from bench.peers import HOST, MESSAGE_BYTES, environment, free_port, release, wait_for

PACKAGE: Final = "matrix-synapse"
CLIENT: Final = "/_matrix/client/v3"
_WAIT_MS: Final = 20_000
_DAY: Final = datetime.timedelta(days=1)
_LIFTED: Final = {"per_second": 1e6, "burst_count": 1_000_000}
_TEXTS: Final = "SELECT json FROM event_json JOIN events USING (event_id) WHERE type = 'm.room.message'"


def install(folder: Path) -> Path | None:
    """An interpreter with matrix-synapse in a new environment, or None if it could not be had from wheels in time."""
    return environment(folder, PACKAGE)


def version(python: Path) -> str:
    """Which Synapse it is."""
    return release(python, PACKAGE)


class SynapsePair:
    """The writer's homeserver and the reader's, with one room that both users are in."""

    def __init__(self, folder: Path, ports: tuple[int, int], pids: tuple[int, int], tokens: tuple[str, str], room: str):
        self._database, self._ports, self.pids = folder / "far" / "homeserver.db", ports, pids
        self._tokens, self._room = tokens, room
        self.address: Final = (HOST, ports[0])

    def shots(self, messages: int, batch: int) -> list[Shot]:
        """`batch` is always one: a Matrix client sends an event per request."""
        return [self._shot(secrets.token_hex(MESSAGE_BYTES // 2)) for _ in range(messages)]

    def _shot(self, text: str) -> Shot:
        path = f"{CLIENT}/rooms/{urllib.parse.quote(self._room)}/send/m.room.message/{text[:32]}"
        body = json.dumps({"msgtype": "m.text", "body": text}).encode()
        headers = (("authorization", f"Bearer {self._tokens[0]}"), ("content-type", "application/json"))
        wire = request("PUT", path, f"{HOST}:{self._ports[0]}", body, headers)
        return Shot(wire, (digest(text.encode()),))

    def accepted(self, shot: Shot, answer: Answer) -> list[bytes]:
        return list(shot.messages) if answer.status == OK else []

    def arrived(self) -> int:
        with closing(self._far()) as database:
            counted = database.execute("SELECT count(*) FROM events WHERE type = 'm.room.message'").fetchone()
        return int(counted[0])

    def missing(self, digests: Iterable[bytes]) -> int:
        with closing(self._far()) as database:
            held = {digest(json.loads(row[0])["content"]["body"].encode()) for row in database.execute(_TEXTS)}
        return len(set(digests) - held)

    def _far(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)

    @contextmanager
    def listening(self, heard: Heard) -> Generator[None]:
        stop, client = threading.Event(), _client(self._ports[1], self._tokens[1])
        wanted = json.dumps({"room": {"timeline": {"limit": 1000}}, "presence": {"types": []}})
        since = client.get(f"{CLIENT}/sync", params={"timeout": 0, "filter": wanted}).json()["next_batch"]

        def read() -> None:
            position = since
            while not stop.is_set():
                asked = {"timeout": _WAIT_MS, "since": position, "filter": wanted}
                try:
                    answer = client.get(f"{CLIENT}/sync", params=asked).json()
                except httpx2.TransportError:  # hung up: the benchmark is over
                    return
                position = answer["next_batch"]
                for event in _events(answer, self._room):
                    heard(digest(event["content"].get("body", "").encode()))

        threading.Thread(target=read, daemon=True).start()
        try:
            yield
        finally:
            stop.set()


def _events(answer: dict[str, Any], room: str) -> list[dict[str, Any]]:
    joined = answer.get("rooms", {}).get("join", {}).get(room, {})
    return [event for event in joined.get("timeline", {}).get("events", []) if event["type"] == "m.room.message"]


@contextmanager
def synapse_pair(folder: Path, python: Path) -> Generator[SynapsePair]:
    """Both servers, federating; stopped at the end by their own ids."""
    ports = (free_port(), free_port())
    with ExitStack() as stack:
        started: list[subprocess.Popen[bytes]] = []
        names: list[str] = []
        for side, port in zip(("near", "far"), ports, strict=True):
            home = folder / side
            home.mkdir(parents=True)
            names.append(_configure(home, port, free_port()))
            started.append(stack.enter_context(_process(home, python)))
        for port in ports:
            wait_for(port)
        tokens = (_register(ports[0], "alice"), _register(ports[1], "claire"))
        near, far = _client(ports[0], tokens[0]), _client(ports[1], tokens[1])
        made = _good(near.post(f"{CLIENT}/createRoom", json={"preset": "public_chat", "room_alias_name": "bench"}))
        alias = urllib.parse.quote(f"#bench:{names[0]}")
        _good(far.post(f"{CLIENT}/join/{alias}", json={}))
        yield SynapsePair(folder, ports, (started[0].pid, started[1].pid), tokens, made["room_id"])


def _configure(home: Path, port: int, federation: int) -> str:
    """Write certificate and settings; the server's name."""
    name = f"localhost:{federation}"
    _certificate(home)
    rates = ("rc_message", "rc_registration")
    listener: dict[str, Any] = {"type": "http", "bind_addresses": [HOST]}
    logged = {"version": 1, "handlers": {"out": {"class": "logging.StreamHandler"}}}
    (home / "log.yaml").write_text(json.dumps({**logged, "root": {"level": "WARNING", "handlers": ["out"]}}))
    settings = {
        "server_name": name,
        "report_stats": False,
        "log_config": str(home / "log.yaml"),
        "pid_file": str(home / "homeserver.pid"),
        "signing_key_path": str(home / "signing.key"),
        "media_store_path": str(home / "media"),
        "tls_certificate_path": str(home / "certificate.pem"),
        "tls_private_key_path": str(home / "key.pem"),
        "federation_verify_certificates": False,
        "ip_range_blacklist": [],
        "federation_ip_range_blacklist": [],
        "trusted_key_servers": [],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        **{key: secrets.token_hex() for key in ("registration_shared_secret", "macaroon_secret_key", "form_secret")},
        **dict.fromkeys(rates, _LIFTED),
        "rc_joins": {"local": _LIFTED, "remote": _LIFTED},
        "rc_federation": {"window_size": 1000, "sleep_limit": 100_000, "reject_limit": 100_000, "concurrent": 100},
        "presence": {"enabled": False},
        "database": {"name": "sqlite3", "args": {"database": str(home / "homeserver.db")}},
        "listeners": [
            {**listener, "port": port, "tls": False, "resources": [{"names": ["client"]}]},
            {**listener, "port": federation, "tls": True, "resources": [{"names": ["federation"]}]},
        ],
    }
    (home / "homeserver.yaml").write_text(json.dumps(settings))
    return name


def _certificate(home: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (home / "key.pem").write_bytes(key.private_bytes(*form))


@contextmanager
def _process(home: Path, python: Path) -> Generator[subprocess.Popen[bytes]]:
    command = [str(python), "-m", "synapse.app.homeserver", "-c", str(home / "homeserver.yaml")]
    subprocess.run([*command, "--generate-keys"], check=True, capture_output=True, cwd=home)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _register(port: int, name: str) -> str:
    body = {"username": name, "password": secrets.token_hex(), "auth": {"type": "m.login.dummy"}}
    return str(_good(_client(port).post(f"{CLIENT}/register", json=body))["access_token"])


def _client(port: int, token: str = "") -> httpx2.Client:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(base_url=f"http://{HOST}:{port}", headers=headers, trust_env=False, timeout=60)


def _good(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.raise_for_status().json()
    return found
