"""MLS credentials, those of several bindings among them: what decodes re-encodes to the same bytes, or a `CordialeError`."""

from functools import cache

from cordiale.crypto.signing import SigningKey
from cordiale.crypto.suite import HYBRID_ID
from cordiale.errors import CordialeError
from cordiale.mls.credential import BasicCredential, MultiCredential, X509Credential, read_credential
from cordiale.mls.multi_credential import bind, presented
from cordiale.mls.syntax import parse
from cordiale.wire import limits

_KEY = SigningKey.from_seed(bytes(32))


@cache
def seeds() -> list[bytes]:
    """One of each type."""
    singles = (BasicCredential(b"somebody"), X509Credential((b"device", b"person")))
    multi = MultiCredential(tuple(bind(HYBRID_ID, _KEY, each, _KEY.public) for each in singles))
    return [each.encode() for each in (*singles, multi)]


def TestOneInput(data: bytes) -> None:
    """One input."""
    try:
        credential = parse(data, read_credential, "credential", limit=limits.KEY_PACKAGE_BYTES)
    except CordialeError:
        return
    if credential.encode() != data:
        raise AssertionError("two byte strings for one credential")
    try:
        presented(credential, _KEY.public)
    except CordialeError:
        return
