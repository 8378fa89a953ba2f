"""Proposals from outside (RFC 9420 §12.1.8): by a service whose key the group context names, or by a newcomer for itself.

Both are PublicMessages without membership tag, signed without the group context (§6.1): whoever makes them needs to
know no more of the group than its id and epoch.
"""

import msgspec

from cordiale.crypto.signature import Signer
from cordiale.errors import IllegalStep
from cordiale.mls.content import FramedContent, Sender, SenderType, sign
from cordiale.mls.framing import PublicMessage
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.proposal import Add, Proposal
from cordiale.mls.proposal_check import check_kind
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch


class Place(msgspec.Struct, frozen=True):
    """The group and the epoch in which a proposal is to wait."""

    group_id: bytes
    epoch: Epoch


def propose_as_service(place: Place, proposal: Proposal, index: int, signer: Signer) -> bytes:
    """A proposal of the external sender at `index` of the group's list (§12.1.8.1); `ProtocolViolation` for a type that
    none may send."""
    return _message(place, proposal, Sender(SenderType.EXTERNAL, index), signer)


def propose_oneself(place: Place, package: KeyPackage, signer: Signer) -> bytes:
    """A newcomer's proposal to be added by its own key package; whether it may is each member's decision."""
    if package.leaf_node.signature_key != signer.public:
        raise IllegalStep("the signing key is that of another key package")
    return _message(place, Add(package), Sender(SenderType.NEW_MEMBER_PROPOSAL), signer)


def _message(place: Place, proposal: Proposal, sender: Sender, signer: Signer) -> bytes:
    check_kind(sender, proposal)
    framed = FramedContent(place.group_id, place.epoch, sender, b"", proposal)
    return PublicMessage(sign(signer, WireFormat.PUBLIC_MESSAGE, framed, b""), b"").encode()
