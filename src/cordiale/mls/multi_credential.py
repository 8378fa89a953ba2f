"""Multi-credentials (draft-ietf-mls-extensions-09 §6.5), and rooms that demand certain signatures.

    leaf ── signature_key (signs everything in the group)
      └─ MultiCredential
           ├─ binding: Ed25519 credential, its key ── signs ──┐
           └─ binding: ML-DSA-65 credential, its key ─ signs ─┴─> {suite, credential, key, the leaf's signature_key}

Whoever enters a room under a false name must then forge both. A binding is made once for a leaf's signature key; what is
signed with that key afterwards bears one signature (`docs/adr/0017-second-signature-key.md`).
Invariants: every binding of a leaf holds, no two use one scheme; a demand once made by a room is never taken back.
"""

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from cordiale.crypto.signature import Signer
from cordiale.crypto.suite import Scheme, Suite, suite_of
from cordiale.errors import ProtocolViolation
from cordiale.mls.credential import Credential, CredentialBinding, MultiCredential, SingleCredential
from cordiale.mls.extension import REQUIRED_SIGNATURES, Extension, find
from cordiale.mls.labelled import sign_with_label, verify_with_label
from cordiale.mls.syntax import Reader, parse, u16, vector
from cordiale.wire import limits

DEMAND_RULE: Final = "cordiale room 13"
_LABEL: Final = "CredentialBindingTBS"
_SCHEMES: Final = MappingProxyType({scheme.value: scheme for scheme in Scheme})


def bind(suite_id: int, signer: Signer, credential: SingleCredential, signature_key: bytes) -> CredentialBinding:
    """The statement of `signer`, a key of the suite's scheme, that a leaf's `signature_key` belongs to `credential`."""
    unsigned = CredentialBinding(suite_id, credential, signer.public, b"")
    signature = sign_with_label(signer, _LABEL, unsigned.content(signature_key))
    return CredentialBinding(suite_id, credential, signer.public, signature)


def presented(credential: Credential, signature_key: bytes) -> tuple[tuple[SingleCredential, bytes], ...]:
    """What a leaf's credential presents: each single credential with its own key, all bound to `signature_key`.

    Raises `BadSignature` for a binding that does not hold, `ProtocolViolation` for a suite that is not supported and for
    two bindings of one scheme: the second would add nothing.
    """
    if not isinstance(credential, MultiCredential):
        return ((credential, signature_key),)
    schemes = [suite_of(binding.suite_id).scheme for binding in credential.bindings]
    if len(set(schemes)) != len(schemes):
        raise ProtocolViolation("two bindings use one signature scheme", rule="draft-ietf-mls-extensions §6.5.2 (1)")
    for binding in credential.bindings:
        verify_with_label(
            suite_of(binding.suite_id),
            binding.public,
            _LABEL,
            binding.content(signature_key),
            binding.signature,
            what="credential binding",
            rule="draft-ietf-mls-extensions §6.5.2 (2)",
        )
    return tuple((binding.credential, binding.public) for binding in credential.bindings)


def types_in_use(credential: Credential) -> frozenset[int]:
    """The credential types that every member must support for this one to be in the tree."""
    if isinstance(credential, MultiCredential):
        return frozenset((credential.type, *(binding.credential.type for binding in credential.bindings)))
    return frozenset((credential.type,))


def suites_in_use(credential: Credential) -> frozenset[int]:
    """The cipher suites that every member must support to verify this one's bindings."""
    if isinstance(credential, MultiCredential):
        return frozenset(binding.suite_id for binding in credential.bindings)
    return frozenset()


# A room's demand


def demand(schemes: Iterable[Scheme]) -> Extension:
    """The group context extension by which a room asks every member for a key of each of these schemes."""
    return Extension(REQUIRED_SIGNATURES, vector(u16(code) for code in sorted(scheme.value for scheme in schemes)))


def demanded(extensions: Sequence[Extension]) -> frozenset[Scheme]:
    """The schemes that a group context demands; none if it has no such extension."""
    data = find(extensions, REQUIRED_SIGNATURES)
    if data is None:
        return frozenset()
    return parse(data, _read_schemes, "required signatures", limit=limits.MLS_EXTENSION_BYTES)


def check_signatures(credential: Credential, extensions: Sequence[Extension], suite: Suite) -> None:
    """Raise `ProtocolViolation` unless a leaf's credential holds a key of every scheme that the group demands.

    A single credential's key is the leaf's signature key, of the group's own scheme. In a multi-credential it is the
    bindings' keys that count: the leaf's signature key is certified by nobody there, only vouched for by them.
    """
    held = {suite.scheme}
    if isinstance(credential, MultiCredential):
        held = {suite_of(binding.suite_id).scheme for binding in credential.bindings}
    if lacking := demanded(extensions) - held:
        names = ", ".join(sorted(scheme.name for scheme in lacking))
        raise ProtocolViolation(f"a member has no {names} key", rule=DEMAND_RULE)


def check_demand(extensions: Sequence[Extension], known: Sequence[Extension]) -> None:
    """Raise `ProtocolViolation` if extensions that replace the `known` ones demand less than these did."""
    if not demanded(known) <= demanded(extensions):
        raise ProtocolViolation("a demand for signatures is taken back", rule=DEMAND_RULE)


def _read_schemes(reader: Reader) -> frozenset[Scheme]:
    """Ascending and unique, so that one demand has one form. What cannot be verified cannot be demanded."""
    codes = reader.many(Reader.u16)
    if not codes or list(codes) != sorted(set(codes)):
        reader.fail("schemes that are not sorted and unique")
    if not set(codes) <= set(_SCHEMES):
        reader.fail("a signature scheme that is not supported")
    return frozenset(_SCHEMES[code] for code in codes)
