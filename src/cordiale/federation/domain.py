"""Whom to believe about what: the roots, borders, policies and table that a nation's node and its agents judge by.

Frozen, and built only from what was verified up to the own nation's root; a new one is made when a link or a policy changes.
"""

from collections.abc import Mapping

import msgspec

from cordiale.crypto.certificate import Chain, Identity, claimed_nation, verify_chain
from cordiale.errors import BadCertificate, NotFound, PolicyInvalid
from cordiale.federation.peering import Peer
from cordiale.labels.equivalence import EquivalenceTable
from cordiale.labels.policy import Policy
from cordiale.mls.credential import Authenticate, Credential, X509Credential
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """`border` is the own nation's; `peers` are linked nations only; `policies` holds all of them by policy id."""

    nation: Nation
    root: bytes
    border: Identity
    policy: Policy
    policies: Mapping[str, Policy]
    table: EquivalenceTable
    peers: Mapping[Nation, Peer]

    def root_of(self, nation: Nation) -> bytes:
        """The pinned root of this nation or a linked one, else `BadCertificate`."""
        if nation == self.nation:
            return self.root
        if nation not in self.peers:
            raise BadCertificate(f"no link to {nation}, so nothing that it certifies is known")
        return self.peers[nation].root

    def border_key_of(self, nation: Nation) -> bytes:
        """The key with which this nation's border or a linked one's signs, else `BadCertificate`."""
        self.root_of(nation)
        return self.border.public_key if nation == self.nation else self.peers[nation].border.public_key

    def peer(self, nation: Nation) -> Peer:
        """A linked nation, else `NotFound`."""
        if nation not in self.peers:
            raise NotFound(nation, what="linked nation")
        return self.peers[nation]

    def policy_of(self, nation: Nation) -> Policy:
        """The policy by which a nation clears its people, else `PolicyInvalid`."""
        for policy in self.policies.values():
            if policy.nation == nation:
                return policy
        raise PolicyInvalid(f"no policy of {nation} is known")

    def identify(self, chain: Chain, now: Moment) -> Identity:
        """Verify a chain under the root of the nation that it names."""
        return verify_chain(chain, self.root_of(claimed_nation(chain)), now)

    def authenticate(self, now: Moment) -> Authenticate:
        """How the credentials in a room's tree are judged: X.509, to a pinned root, key matching."""

        def check(credential: Credential, signature_key: bytes) -> None:
            identity = self.identify(chain_of(credential), now)
            if identity.public_key != signature_key or not identity.device:
                raise BadCertificate("a leaf's signature key is not the one certified for its device")

        return check


def chain_of(credential: Credential) -> Chain:
    """The certificate chain in an MLS credential, or `BadCertificate`."""
    if not isinstance(credential, X509Credential):
        raise BadCertificate("only X.509 credentials enter a room")
    return Chain(credential.certificates)
