"""Published vectors without secrets: tree arithmetic, lengths, encodings of every message."""

from collections.abc import Callable

import pytest

from cordiale.crypto.suite import suite_of
from cordiale.errors import Malformed
from cordiale.mls import tree_math
from cordiale.mls.commit import Commit
from cordiale.mls.content import AuthenticatedContent
from cordiale.mls.framing import PrivateMessage, PublicMessage
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.leaf_node import read_leaf_node
from cordiale.mls.proposal import (
    ProposalType,
    read_proposal,
)
from cordiale.mls.syntax import Reader, parse, u16, varint
from cordiale.mls.transcript import confirmed_hash, interim_hash
from cordiale.mls.tree import RatchetTree
from cordiale.mls.welcome import GroupSecrets, Welcome
from cordiale.mls.wire_format import WireFormat
from vectors.mls import every_suite, load, of_suite, raw

BIG = 1 << 30


def test_tree_math() -> None:
    def given(function: Callable[..., int], *arguments: int) -> int | None:
        try:
            return function(*arguments)
        except ValueError:
            return None

    for case in load("tree-math"):
        leaves = case["n_leaves"]
        assert case["n_nodes"] == tree_math.node_width(leaves)
        assert case["root"] == tree_math.root(leaves)
        nodes = range(case["n_nodes"])
        assert case["left"] == [given(tree_math.left, node) for node in nodes]
        assert case["right"] == [given(tree_math.right, node) for node in nodes]
        assert case["parent"] == [given(tree_math.parent, node, leaves) for node in nodes]
        assert case["sibling"] == [given(tree_math.sibling, node, leaves) for node in nodes]


def test_lengths() -> None:
    for case in load("deserialization"):
        header = raw(case["vlbytes_header"])
        reader = Reader(header, "length")
        assert reader.varint() == case["length"]
        assert reader.at_end()
        assert varint(case["length"]) == header


PROPOSALS = {
    "add_proposal": ProposalType.ADD,
    "update_proposal": ProposalType.UPDATE,
    "remove_proposal": ProposalType.REMOVE,
    "pre_shared_key_proposal": ProposalType.PSK,
    "re_init_proposal": ProposalType.REINIT,
    "external_init_proposal": ProposalType.EXTERNAL_INIT,
    "group_context_extensions_proposal": ProposalType.GROUP_CONTEXT_EXTENSIONS,
}
MESSAGES = {
    "mls_welcome": Welcome,
    "mls_group_info": GroupInfo,
    "mls_key_package": KeyPackage,
    "public_message_proposal": PublicMessage,
    "public_message_commit": PublicMessage,
    "private_message": PrivateMessage,
}


@pytest.mark.parametrize("name", [*MESSAGES])
def test_messages_round_trip(name: str) -> None:
    for case in load("messages"):
        message = raw(case[name])
        assert MESSAGES[name].decode(message).encode() == message


@pytest.mark.parametrize("name", [*PROPOSALS])
def test_proposals_round_trip(name: str) -> None:
    for case in load("messages"):
        data = u16(PROPOSALS[name]) + raw(case[name])
        assert parse(data, read_proposal, "proposal", limit=BIG).encode() == data


def test_inner_structures_round_trip() -> None:
    for case in load("messages"):
        commit, secrets, tree = raw(case["commit"]), raw(case["group_secrets"]), raw(case["ratchet_tree"])
        assert parse(commit, Commit.read, "commit", limit=BIG).encode() == commit
        assert parse(secrets, GroupSecrets.read, "group secrets", limit=BIG).encode() == secrets
        assert RatchetTree.decode(tree, suite_of(1)).encode() == tree


def test_application_data_in_the_clear_is_refused() -> None:
    """The vectors have such a message for its encoding; RFC 9420 §6.2 forbids to send or take it."""
    for case in load("messages"):
        with pytest.raises(Malformed, match="application data"):
            PublicMessage.decode(raw(case["public_message_application"]))


@every_suite
def test_transcript_hashes(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("transcript-hashes", suite_id):
        content = parse(raw(case["authenticated_content"]), AuthenticatedContent.read, "content", limit=BIG)
        confirmed = confirmed_hash(suite, raw(case["interim_transcript_hash_before"]), content)
        assert confirmed == raw(case["confirmed_transcript_hash_after"])
        assert interim_hash(suite, confirmed, content.confirmation_tag) == raw(case["interim_transcript_hash_after"])
        assert content.wire_format in WireFormat


def test_leaf_of_a_key_package_round_trips() -> None:
    for case in load("messages")[:50]:
        leaf = KeyPackage.decode(raw(case["mls_key_package"])).leaf_node
        assert parse(leaf.encoded, read_leaf_node, "leaf", limit=BIG) == leaf
