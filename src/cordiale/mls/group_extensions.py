"""What a group context's extensions must satisfy by themselves (RFC 9420 §11.1, §12.1.8.1, §5.3.1).

That every member supports them is asked of the members (`tree_validation`); that a list names no type twice, of the
bytes (`extension`).
"""

from collections.abc import Sequence

from cordiale.mls.credential import Authenticate
from cordiale.mls.extension import Extension, required_capabilities
from cordiale.mls.external_sender import external_senders
from cordiale.mls.multi_credential import check_demand, presented


def check_group_extensions(
    extensions: Sequence[Extension], known: Sequence[Extension], authenticate: Authenticate
) -> None:
    """Those that this engine reads must be well formed; `known` are the extensions that these replace.

    §5.3.1: external senders that were not there before are validated like members.
    """
    required_capabilities(extensions)
    check_demand(extensions, known)
    before = frozenset(external_senders(known))
    for sender in external_senders(extensions):
        if sender not in before:
            presented(sender.credential, sender.signature_key)
            authenticate(sender.credential, sender.signature_key)
