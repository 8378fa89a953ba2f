"""What a nation's administrator does: found the nation, link it to others, enrol and revoke people, read the logs."""

from pathlib import Path
from typing import Any, Final

from cordiale.adapters.clock import system_clock
from cordiale.analysis import whole_file
from cordiale.crypto import keyfile, statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Grant, create_root, issue
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import AlreadyExists, Malformed, NotFound, PolicyInvalid
from cordiale.labels.equivalence import parse_table
from cordiale.labels.policy import parse_policy
from cordiale.labels.shipped import NAMES, shipped
from cordiale.vocab.party import Address, parse_nation
from cordiale.wire import limits
from cordiale.wiring import checkup, links, logbooks, people, settings
from cordiale.wiring.folder import NationFolder
from cordiale.wiring.settings import NATION_FILE, NationSettings

TABLE: Final = "table"


class NationHome(NationFolder):
    """A nation's folder with everything that is done in it."""

    def invite(self, nation: str) -> bytes:
        """This nation's card for another one."""
        return links.invite(self, nation)

    def accept(self, card: bytes, words: str | None, *, root_passphrase: str = "") -> dict[str, Any]:
        """Take in the other nation's card, and the words that the counterpart read aloud, which the root then seals."""
        return links.accept(self, card, words, root_passphrase=root_passphrase)

    def link_card(self, nation: str) -> bytes:
        """The card that the other nation sent."""
        return links.card_of(self, nation)

    def links(self) -> list[dict[str, Any]]:
        """Every link and where it stands."""
        return links.views(self)

    def enrol(
        self, name: str, agent_directory: Path, passphrase: str, *, clearance: str, role: str = "person"
    ) -> dict[str, Any]:
        """Certify a person and make their agent's folder."""
        return people.enrol(self, name, agent_directory, passphrase, clearance=clearance, role=role)

    def people(self) -> list[dict[str, Any]]:
        """Everyone whose device is enrolled."""
        return people.people(self)

    def revoke(self, address: str) -> dict[str, Any]:
        """End a person's access."""
        return people.revoke(self, address)

    def logs(self) -> list[dict[str, Any]]:
        """Every log and its size."""
        with self.store().read() as tx:
            return [{"name": name, "size": size} for name, size in tx.logs.names()]

    def log_entries(self, name: str, start: int, count: int) -> list[dict[str, Any]]:
        """Entries of a log as people read them."""
        with self.store().read() as tx:
            return logbooks.entries(self.authority(tx.links.links(), system_clock()), tx, name, start, count)

    def verify_log(self, name: str | None) -> list[dict[str, Any]]:
        """Recompute a log, or all; `ProofInvalid` names the first entry that is wrong."""
        with self.store().read() as tx:
            authority = self.authority(tx.links.links(), system_clock())
            names = [name] if name else [found for found, size in tx.logs.names() if size]
            return [logbooks.verify(authority, tx, found) for found in names]

    def doctor(self) -> list[dict[str, Any]]:
        """What can be checked about a nation's folder and node."""
        return checkup.nation(self)

    def summary(self) -> dict[str, Any]:
        """The nation at a glance."""
        with self.store().read() as tx:
            links = tx.links.links()
            people = {str(device.address) for device in tx.registry.devices()}
        authority = self.authority(links, system_clock())
        where = self.settings
        return {
            "nation": self.nation,
            "root": sha256(self.root).hex(),
            "border": authority.border.public_key.hex(),
            "policy": authority.policy.edition,
            "table": authority.table.edition,
            "urls": {
                "agent": where.agent_url,
                "peer": where.peer_url,
                "ops": f"http://{where.host}:{where.ops_port}",
            },
            "people": len(people),
            "links": [{"nation": row.nation, "state": row.state} for row in links],
        }


def init(
    directory: Path,
    nation: str,
    *,
    host: str = "127.0.0.1",
    agent_port: int = 0,
    peer_port: int = 0,
    ops_port: int = 0,
    policy: Path | None = None,
    table: Path | None = None,
    passphrase: str = "",
) -> NationHome:
    """Make a nation: root, border, signed policy and table, settings. `policy` defaults to the shipped example."""
    code = parse_nation(nation)
    if (directory / NATION_FILE).exists():
        raise AlreadyExists(str(directory), what="nation")
    policy_bytes, table_bytes = _data(policy, code), _data(table, TABLE)
    parsed = parse_policy(policy_bytes)
    if parsed.nation != code:
        raise PolicyInvalid(f"{parsed.edition} is a policy of {parsed.nation or 'no nation'}, not of {code}")
    parse_table(table_bytes)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = system_clock()
    root_signer, border_signer = SigningKey.generate(), SigningKey.generate()
    root = create_root(root_signer, code, now)
    address = Address("border", code)
    border = Chain((issue(root_signer, root, border_signer.public, address, Grant(ROLE_BORDER), now),))
    files = {
        "root.pem": keyfile.to_pem(root_signer, passphrase),
        "root.der": root,
        "border.pem": keyfile.to_pem(border_signer),
        "border.cbor": border.encode(),
        "policy.cbor": statement.seal(root_signer, statement.POLICY, policy_bytes),
        "shared-nato.cbor": statement.seal(root_signer, statement.POLICY, shipped("nato")),
        "table.cbor": statement.seal(root_signer, statement.TABLE, table_bytes),
    }
    for name, data in files.items():
        whole_file.replace(directory / name, data)
    free = settings.free_ports(host, 3)
    ports = [given or found for given, found in zip((agent_port, peer_port, ops_port), free, strict=True)]
    urls = [f"http://{host}:{port}" for port in ports]
    settings.write(directory / NATION_FILE, NationSettings(code, host, *ports, agent_url=urls[0], peer_url=urls[1]))
    home = NationHome.open(directory)
    with home.store().write():
        pass
    return home


def _data(path: Path | None, name: str) -> bytes:
    if path is None:
        if name not in NAMES:
            raise NotFound(f"no example policy is shipped for {name}; give one with --policy", what="policy")
        return shipped(name)
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="file") from None
    if len(data) > limits.POLICY_BYTES:
        raise Malformed(f"{path} is larger than {limits.POLICY_BYTES} bytes", what="policy")
    return data
