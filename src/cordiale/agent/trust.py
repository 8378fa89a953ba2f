"""What an agent judges by: roots, borders, policies and the equivalence table, all verified up to its own nation's root.

The node hands them over, but can't make them up: the statement is sealed by the border; the policies, the table and each
linked nation's card by the root, the card when the administrators had compared the words.
"""

from collections.abc import Mapping

import msgspec

from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, Identity, claimed_nation, root_key, verify_chain
from cordiale.crypto.digest import sha256
from cordiale.errors import BadCertificate, PolicyInvalid
from cordiale.federation.api import Trust
from cordiale.federation.peering import Peer, open_sealed, partner_policy
from cordiale.labels.equivalence import EquivalenceTable, parse_table
from cordiale.labels.policy import Policy, parse_policy
from cordiale.mls.credential import Authenticate, Credential, X509Credential
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits


class Domain(msgspec.Struct, frozen=True):
    """Verified: whom to believe about what."""

    nation: Nation
    root: bytes
    border: Identity
    policy: Policy
    policies: Mapping[str, Policy]
    table: EquivalenceTable
    peers: Mapping[Nation, Peer]

    def root_of(self, nation: Nation) -> bytes:
        """The pinned root of a nation, or `BadCertificate`."""
        if nation == self.nation:
            return self.root
        if nation not in self.peers:
            raise BadCertificate(f"{nation} is not linked to {self.nation}")
        return self.peers[nation].root

    def border_key_of(self, nation: Nation) -> bytes:
        """The key with which a nation's border signs."""
        if nation == self.nation:
            return self.border.public_key
        if nation not in self.peers:
            raise BadCertificate(f"{nation} is not linked to {self.nation}")
        return self.peers[nation].border.public_key

    def identify(self, chain: Chain, now: Moment) -> Identity:
        """Verify a chain under the root of the nation that it names."""
        return verify_chain(chain, self.root_of(claimed_nation(chain)), now)

    def authenticate(self, now: Moment) -> Authenticate:
        """How this agent judges the credentials in a room's tree."""

        def check(credential: Credential, signature_key: bytes) -> None:
            identity = self.identify(chain_of(credential), now)
            if identity.public_key != signature_key or not identity.device:
                raise BadCertificate("a leaf's signature key is not the one certified for its device")

        return check


def chain_of(credential: Credential) -> Chain:
    """The certificate chain in an MLS credential."""
    if not isinstance(credential, X509Credential):
        raise BadCertificate("only X.509 credentials enter a room")
    return Chain(credential.certificates)


def open_trust(sealed: bytes, nation: Nation, root: bytes, now: Moment) -> Domain:
    """Verify what the node handed over against the agent's own root."""
    found = statement.peek(statement.TRUST, sealed, limit=limits.REQUEST_BYTES)
    trust = canonical.decode(found.payload, Trust, limit=limits.REQUEST_BYTES)
    border = verify_chain(Chain.decode(trust.border), root, now)
    if border.grant.role != ROLE_BORDER:
        raise BadCertificate("the trust statement is not sealed by the border")
    statement.verify(border.public_key, statement.TRUST, found.payload, found.signature)
    signer = root_key(root)
    table_bytes = statement.unseal(signer, statement.TABLE, trust.table)
    policies = [parse_policy(statement.unseal(signer, statement.POLICY, policy)) for policy in trust.policies]
    own = [policy for policy in policies if policy.nation == nation]
    if len(own) != 1:
        raise PolicyInvalid(f"{len(own)} policies of {nation}")
    peers = {peer.nation: peer for peer in (open_sealed(card, root, now) for card in trust.cards)}
    table, by_id = parse_table(table_bytes), {policy.id: policy for policy in policies}
    for peer in peers.values():
        if peer.table != sha256(table_bytes):
            raise PolicyInvalid(f"{peer.nation} uses another equivalence table")
        theirs = partner_policy(peer, table, by_id)
        by_id[theirs.id] = theirs
    return Domain(nation, root, border, own[0], by_id, table, peers)
