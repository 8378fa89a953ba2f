"""The init secret of somebody who joins by an external commit (RFC 9420 §8.3), and the group's key for it (§8).

external_secret ── DeriveKeyPair ──> external key pair; its public half is in a GroupInfo (ExternalPub, §12.4.3.2)
joiner:  (kem_output, init_secret) = SetupBaseS(external_pub, "").export("MLS 1.0 external init secret", Nh)
members: init_secret = SetupBaseR(kem_output, external_priv, "").export(the same)
"""

from collections.abc import Sequence
from typing import Final

from cordiale.crypto import hpke
from cordiale.crypto.suite import Suite
from cordiale.errors import ProtocolViolation
from cordiale.mls.extension import EXTERNAL_PUB, Extension, find
from cordiale.mls.schedule import EpochSecrets
from cordiale.mls.syntax import Reader, opaque, parse
from cordiale.wire import limits

_LABEL: Final = b"MLS 1.0 external init secret"


def external_pub_extension(suite: Suite, secrets: EpochSecrets) -> Extension:
    """For a GroupInfo of the secrets' epoch."""
    return Extension(EXTERNAL_PUB, opaque(hpke.derive_key_pair(suite, secrets.external).public))


def external_pub(extensions: Sequence[Extension]) -> bytes:
    """The group's key out of a GroupInfo, or `ProtocolViolation` where it invites nobody to join by themselves."""
    data = find(extensions, EXTERNAL_PUB)
    if data is None:
        raise ProtocolViolation("the group info has no external key", rule="RFC 9420 §12.4.3.2 (6)")
    return parse(data, Reader.opaque, "external key", limit=limits.MLS_EXTENSION_BYTES)


def send_init(suite: Suite, public: bytes) -> tuple[bytes, bytes]:
    """A joiner's KEM output and init secret; `Malformed` if the key is none of the suite's."""
    return hpke.setup_export(suite, public, _LABEL, suite.hash_bytes)


def receive_init(suite: Suite, secrets: EpochSecrets, kem_output: bytes) -> bytes:
    """The same init secret as a member finds it; `CannotDecrypt` if the KEM output is none."""
    pair = hpke.derive_key_pair(suite, secrets.external)
    return hpke.open_export(suite, pair.private, kem_output, _LABEL, suite.hash_bytes)
