"""A nation's folder: its files, its database, and what the node and the agents act by, verified.

nation.json           listeners and addresses
root.pem  root.der    the root key and certificate; `root.pem` belongs offline, only enrolment and revocation need it
border.pem  border.cbor   the border key and its chain
policy.cbor  table.cbor  shared-*.cbor     sealed by the root
node.db               everything the node stores
"""

from pathlib import Path
from typing import Final, Self

from cordiale.adapters.node_store import SqliteNodeStore
from cordiale.crypto import keyfile, statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, root_key, verify_chain
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import NotFound, PolicyInvalid
from cordiale.federation import peering
from cordiale.federation.api import Trust
from cordiale.federation.peering import LinkState, Peer, partner_policy
from cordiale.labels.equivalence import parse_table
from cordiale.labels.policy import Policy, parse_policy
from cordiale.node.authority import Authority
from cordiale.node.ports import LinkRow
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation, parse_nation
from cordiale.wire import canonical
from cordiale.wiring import settings
from cordiale.wiring.settings import NATION_FILE, NationSettings


class NationFolder:
    """One nation's folder, opened: what every other module of the administration starts from."""

    def __init__(self, directory: Path) -> None:
        self.directory: Final = directory
        self.settings: Final = settings.read(directory / NATION_FILE, NationSettings)
        self.nation: Final[Nation] = parse_nation(self.settings.nation)
        self.root: Final = self.bytes_of("root.der")

    @classmethod
    def open(cls, directory: Path) -> Self:
        """An existing nation's folder, or `NotFound`."""
        return cls(directory)

    def store(self) -> SqliteNodeStore:
        """The node's database."""
        return SqliteNodeStore(self.directory / "node.db", self.nation)

    def bytes_of(self, name: str) -> bytes:
        """A file of the folder, or `NotFound`."""
        try:
            return (self.directory / name).read_bytes()
        except OSError as fault:
            raise NotFound(f"{self.directory / name} ({fault.strerror})", what="file") from None

    def root_signer(self, passphrase: str = "") -> SigningKey:
        """The root key: needed for enrolment and revocation only."""
        return keyfile.from_pem(self.bytes_of("root.pem"), passphrase)

    def border_signer(self) -> SigningKey:
        """The border key, which the node holds."""
        return keyfile.from_pem(self.bytes_of("border.pem"))

    def border_chain(self) -> Chain:
        """The border's certificate chain."""
        return Chain.decode(self.bytes_of("border.cbor"))

    # --- what the node and the agents act by ----------------------------------------------------------------------

    def sealed_policies(self) -> list[bytes]:
        """The nation's own policy first, then those that it shares."""
        shared = sorted(path.name for path in self.directory.glob("shared-*.cbor"))
        return [self.bytes_of("policy.cbor"), *map(self.bytes_of, shared)]

    def own_policies(self) -> list[Policy]:
        """The same, verified and read."""
        signer = root_key(self.root)
        return [parse_policy(statement.unseal(signer, statement.POLICY, sealed)) for sealed in self.sealed_policies()]

    def table_bytes(self) -> bytes:
        """The equivalence table, its seal verified."""
        return statement.unseal(root_key(self.root), statement.TABLE, self.bytes_of("table.cbor"))

    def authority(self, links: list[LinkRow], now: Moment) -> Authority:
        """Everything verified that the node acts by, with the links that are complete."""
        own = self.own_policies()
        table_bytes = self.table_bytes()
        peers = self._peers(links, sha256(table_bytes), now)
        policies = {policy.id: policy for policy in own}
        table = parse_table(table_bytes)
        for peer in peers.values():
            theirs = partner_policy(peer, table, policies)
            policies[theirs.id] = theirs
        table.check(policies)
        chain = self.border_chain()
        identity = verify_chain(chain, self.root, now)
        key = self.border_signer()
        if identity.public_key != key.public or identity.grant.role != ROLE_BORDER:
            raise PolicyInvalid("the border key and its certificate do not belong together")
        return Authority(
            nation=self.nation,
            root=self.root,
            border=identity,
            policy=own[0],
            policies=policies,
            table=table,
            peers=peers,
            key=key,
            chain=chain,
        )

    def _peers(self, links: list[LinkRow], table: bytes, now: Moment) -> dict[Nation, Peer]:
        linked = [row for row in links if row.state == LinkState.LINKED]
        peers = {row.nation: peering.open_sealed(row.sealed, self.root, now) for row in linked}
        for peer in peers.values():
            if peer.table != table:
                raise PolicyInvalid(f"{peer.nation} was linked under another equivalence table")
        return peers

    def trust(self, links: list[LinkRow]) -> bytes:
        """The sealed statement that agents act by."""
        cards = tuple(row.sealed for row in links if row.state == LinkState.LINKED)
        trust = Trust(self.bytes_of("border.cbor"), tuple(self.sealed_policies()), self.bytes_of("table.cbor"), cards)
        return statement.seal(self.border_signer(), statement.TRUST, canonical.encode(trust))
