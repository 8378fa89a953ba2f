"""What an agent judges by: roots, borders, policies and the equivalence table, all verified up to its own nation's root.

The node hands them over, but can't make them up: the statement is sealed by the border; the policies, the table and each
linked nation's card by the root, the card when the administrators had compared the words.
"""

from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_BORDER, Chain, root_key, verify_chain
from cordiale.crypto.digest import sha256
from cordiale.errors import BadCertificate, PolicyInvalid
from cordiale.federation.api import Trust
from cordiale.federation.domain import Domain
from cordiale.federation.peering import open_sealed, partner_policy
from cordiale.labels.equivalence import parse_table
from cordiale.labels.policy import parse_policy
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits


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
    return Domain(nation=nation, root=root, border=border, policy=own[0], policies=by_id, table=table, peers=peers)
