"""What a node acts by: its nation's domain, and the border key with which it signs."""

from cordiale.crypto.certificate import Chain
from cordiale.crypto.signing import SigningKey
from cordiale.federation.domain import Domain


class Authority(Domain, frozen=True, kw_only=True):
    """`key` is the border's, `chain` its certificates. Built by wiring, which verified every signature first."""

    key: SigningKey
    chain: Chain

    def __repr__(self) -> str:
        return f"Authority({self.nation})"
