"""Whether two credentials present one client (RFC 9420 §5.3.1, §5.3.3): a credential that takes another's place, a
member who comes back, a member of the group that another group continues. The application knows; the engine asks."""

from collections.abc import Callable

from cordiale.errors import ProtocolViolation
from cordiale.mls.credential import Credential

SameClient = Callable[[Credential, Credential], bool]
"""(the known credential, the presented one): whether the second is acceptable for the client of the first."""


def same_credential(known: Credential, presented: Credential) -> bool:
    """The strict answer, used where the application gives none: the credential is unchanged."""
    return known == presented


def check_successor(known: Credential, presented: Credential, same: SameClient, *, rule: str) -> None:
    """RFC 9420 §5.3.1: a credential that replaces another must be valid as its successor, or `ProtocolViolation`."""
    if not same(known, presented):
        raise ProtocolViolation("a credential that cannot take the other's place", rule=rule)
