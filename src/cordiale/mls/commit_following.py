"""Following another's commit (RFC 9420 §12.4.2): what only a member can check and derive."""

import msgspec

from cordiale.crypto.hpke import KeyPair
from cordiale.mls.external_init import receive_init
from cordiale.mls.member_state import MemberState
from cordiale.mls.psk import PskLookup, psk_secret
from cordiale.mls.public_group import StagedCommit
from cordiale.mls.schedule import EpochSecrets, check_confirmation, epoch_secrets, joiner_secret, no_commit_secret
from cordiale.mls.tree_kem import PrivateKeys, open_path, still_valid
from cordiale.mls.tree_math import NodeIndex, node_of


class Followed(msgspec.Struct, frozen=True):
    """The next epoch's secrets; its confirmation tag held."""

    keys: dict[NodeIndex, KeyPair]
    secrets: EpochSecrets
    encryption_secret: bytes

    def __repr__(self) -> str:
        return "Followed(…)"


def follow(state: MemberState, staged: StagedCommit, psks: PskLookup) -> Followed:
    """The private side of a commit whose public side holds. The confirmation tag decides last."""
    suite, context, applied = state.suite, staged.group.context, staged.applied
    keys, commit_secret = _keys_after(state, staged), no_commit_secret(suite)
    if staged.path is not None:
        path = open_path(applied, staged.event.sender, staged.path, state.own_leaf, keys, staged.provisional)
        keys, commit_secret = {**keys, **path.keys()}, path.commit_secret
    joiner = joiner_secret(context, _init_secret(state, staged), commit_secret)
    secrets, encryption_secret = epoch_secrets(
        context, joiner, psk_secret(suite, applied.psks, psks, rule="RFC 9420 §12.4.2 (2)")
    )
    check_confirmation(context, secrets, staged.group.confirmation_tag, rule="RFC 9420 §12.4.2 (5)")
    return Followed(keys, secrets, encryption_secret)


def _init_secret(state: MemberState, staged: StagedCommit) -> bytes:
    """RFC 9420 §8, or §8.3 where the commit is external."""
    sent = staged.applied.kem_output
    return state.secrets.init if sent is None else receive_init(state.suite, state.secrets, sent)


def _keys_after(state: MemberState, staged: StagedCommit) -> dict[NodeIndex, KeyPair]:
    """Our key pairs that are in the new tree, our own committed update among them."""
    own = node_of(state.own_leaf)
    candidates: list[PrivateKeys] = [state.keys, *({own: pair} for pair in state.updates)]
    return {node: pair for keys in candidates for node, pair in still_valid(keys, staged.group.tree).items()}
