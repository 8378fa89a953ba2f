"""A member's life in a group: entering, talking, changing, leaving; and its stored form."""

import pytest

from cordiale.crypto.suite import SUITES
from cordiale.errors import (
    CannotDecrypt,
    IllegalStep,
    LimitExceeded,
    Malformed,
    NotFound,
    ProtocolViolation,
    Replayed,
    StaleEpoch,
)
from cordiale.mls.content import ContentType
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import CommitSeen, Evicted, ProposalSeen
from cordiale.mls.extension import ROOM_PARAMETERS, ROOM_TITLE, Extension, find
from cordiale.mls.framing import peek
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import Remove, Update
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from cordiale.wire import limits
from mls.people import (
    GROUP_ID,
    LIFETIME,
    NOW,
    SUITE_IDS,
    agree,
    anybody,
    follow,
    founder,
    group_of,
    join,
    nobody,
    person,
)

every_suite = pytest.mark.parametrize("suite_id", SUITES, ids=lambda suite_id: SUITES[suite_id].name)
both_suites = pytest.mark.parametrize("suite_id", SUITE_IDS)


# Entering


@every_suite
def test_everybody_talks_to_everybody(suite_id: int) -> None:
    groups = group_of(["bob", "carol"], suite_id)
    agree(groups)
    for sender in range(3):
        groups[sender], message = groups[sender].encrypt(b"bonjour", b"label")
        for reader in range(3):
            if reader != sender:
                groups[reader], received = groups[reader].decrypt(message)
                assert (received.plaintext, received.authenticated_data) == (b"bonjour", b"label")
                assert (received.sender, received.epoch, received.generation) == (sender, 1, 0)
                assert received.sender_signature_key == groups[sender].signer.public
                assert received.sender_credential == groups[sender].credential


def test_a_founder_is_alone() -> None:
    parameters = Extension(ROOM_PARAMETERS, b"parameters")
    group = founder(extensions=(parameters,))
    assert (group.group_id, group.epoch, group.own_leaf) == (GROUP_ID, 0, 0)
    assert [member.credential for member in group.members] == [BasicCredential(b"founder")]
    assert group.public.extensions == (parameters,)
    assert group.public.confirmed_transcript_hash == b""


def test_a_welcome_tells_title_and_signer() -> None:
    bob, title = person("bob"), Extension(ROOM_TITLE, b"title")
    result = founder().commit(add=[bob.package], group_info_extensions=(title,), authenticate=anybody, now=NOW)
    assert result.welcome is not None
    _, seen = MemberGroup.join(result.welcome, bob.package, bob.secrets, bob.signer, authenticate=anybody, now=NOW)
    assert find(seen.extensions, ROOM_TITLE) == b"title"
    assert seen.signer == 0
    assert b"title" not in result.welcome


def test_a_welcome_is_for_its_key_package_only() -> None:
    bob, carol = person("bob"), person("carol")
    result = founder().commit(add=[bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(NotFound, match="for others"):
        join(result.welcome, carol)


def test_keys_of_another_key_package_are_local_misuse() -> None:
    bob, carol = person("bob"), person("carol")
    result = founder().commit(add=[bob.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    for secrets, signer in ((carol.secrets, bob.signer), (bob.secrets, carol.signer)):
        with pytest.raises(IllegalStep, match="another key package"):
            MemberGroup.join(result.welcome, bob.package, secrets, signer, authenticate=anybody, now=NOW)


def test_whoever_joins_authenticates_everybody() -> None:
    bob = person("bob")
    result = founder().commit(add=[bob.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    asked: list[object] = []
    MemberGroup.join(
        result.welcome,
        bob.package,
        bob.secrets,
        bob.signer,
        authenticate=lambda credential, key: asked.append((credential, key)),
        now=NOW,
    )
    assert asked == [(member.credential, member.signature_key) for member in result.pending.members]


@pytest.mark.parametrize("lifetime", [(0, LIFETIME[0]), (LIFETIME[1], LIFETIME[1] + 1)])
def test_a_key_package_is_used_within_its_lifetime(lifetime: tuple[int, int]) -> None:
    bob, group = person("bob", lifetime=lifetime), founder()
    with pytest.raises(ProtocolViolation, match="not valid now"):
        group.commit(add=[bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(ProtocolViolation, match="not valid now"):
        group.propose_add(bob.package.encode(), authenticate=anybody, now=NOW)


def test_nobody_is_added_whom_the_application_refuses() -> None:
    bob, groups = person("bob"), group_of(["carol"])
    with pytest.raises(Exception, match="refused by the test"):
        groups[0].commit(add=[bob.package], authenticate=nobody, now=NOW)
    result = groups[0].commit(add=[bob.package], authenticate=anybody, now=NOW)
    with pytest.raises(Exception, match="refused by the test"):
        groups[1].process(result.message, authenticate=nobody, now=NOW)


# Changing


@both_suites
def test_members_come_go_and_heal(suite_id: int) -> None:
    groups = group_of(["bob", "carol", "dave"], suite_id)
    eve = person("eve", suite_id)
    result = groups[1].commit(add=[eve.package.encode()], remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    assert [member.credential for member in result.added] == [BasicCredential(b"eve")]
    assert [member.leaf_index for member in result.removed] == [2]
    others = follow([groups[0], groups[3]], result.message)
    groups = [others[0], result.pending, join(result.welcome, eve), others[1]]
    agree(groups)
    for committer in (2, 3, 0):
        result = groups[committer].commit(authenticate=anybody, now=NOW)
        assert result.welcome is None
        groups = [
            result.pending if place == committer else follow([group], result.message)[0]
            for place, group in enumerate(groups)
        ]
        agree(groups)


def test_a_commit_tells_what_it_did() -> None:
    first, second = group_of(["bob"])
    carol = person("carol")
    parameters = (Extension(ROOM_PARAMETERS, b"new"),)
    result = first.commit(add=[carol.package], extensions=parameters, authenticate=anybody, now=NOW)
    after, event = second.process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, CommitSeen)
    assert (event.sender, event.epoch, event.group_context_changed) == (0, 2, True)
    assert event.added == result.added
    assert event.removed == event.updated == ()
    assert after.public.extensions == parameters


@both_suites
def test_proposals_wait_for_a_commit(suite_id: int) -> None:
    groups = group_of(["bob", "carol", "dave"], suite_id)
    groups[1], update = groups[1].propose_update()
    groups[3], leave = groups[3].propose_remove(groups[3].own_leaf)
    eve = person("eve", suite_id)
    groups[2], enter = groups[2].propose_add(eve.package, authenticate=anybody, now=NOW)
    for message, kind, proposer in ((update, Update, 1), (leave, Remove, 3), (enter, object, 2)):
        for place, group in enumerate(groups):
            groups[place], event = group.process(message, authenticate=anybody, now=NOW)
            assert isinstance(event, ProposalSeen)
            assert isinstance(event.proposal, kind)
            if place == proposer:
                assert groups[place].encode() == group.encode()
    result = groups[0].commit(authenticate=anybody, now=NOW)
    gone, event = groups[3].process(result.message, authenticate=anybody, now=NOW)
    assert event == Evicted(LeafIndex(0), Epoch(2))
    groups = [result.pending, *follow(groups[1:3], result.message), join(result.welcome, eve)]
    agree(groups)
    assert gone.epoch == 1
    assert [member.credential for member in groups[0].members][3] == BasicCredential(b"eve")


def test_a_proposal_is_seen_once() -> None:
    first, second = group_of(["bob"])
    _, message = second.propose_update()
    first, _ = first.process(message, authenticate=anybody, now=NOW)
    with pytest.raises(Replayed):
        first.process(message, authenticate=anybody, now=NOW)
    once, message = second.propose_remove(second.own_leaf)
    assert once.propose_remove(second.own_leaf) == (once, message)


def test_a_committer_leaves_out_what_cannot_stand() -> None:
    """Its own update, its own removal, an update of somebody removed, and a second addition of one key."""
    groups = group_of(["bob", "carol"])
    eve = person("eve")
    messages: list[bytes] = []
    groups[0], own = groups[0].propose_update()
    groups[1], out = groups[1].propose_remove(LeafIndex(0))
    groups[2], update = groups[2].propose_update()
    groups[1], out_too = groups[1].propose_remove(LeafIndex(2))
    groups[1], add = groups[1].propose_add(eve.package, authenticate=anybody, now=NOW)
    groups[2], again = groups[2].propose_add(eve.package, authenticate=anybody, now=NOW)
    messages = [own, out, update, out_too, add, again]
    for place, group in enumerate(groups):
        for message in messages:
            group, _ = group.process(message, authenticate=anybody, now=NOW)
        groups[place] = group
    result = groups[0].commit(authenticate=anybody, now=NOW)
    assert [member.leaf_index for member in result.removed] == [2]
    assert len(result.added) == 1
    agree([result.pending, *follow([groups[1]], result.message), join(result.welcome, eve)])


def test_ones_own_commit_is_adopted_not_processed() -> None:
    first, second = group_of(["bob"])
    result = first.commit(authenticate=anybody, now=NOW)
    with pytest.raises(IllegalStep, match="adopt its pending state"):
        first.process(result.message, authenticate=anybody, now=NOW)
    agree([result.pending, *follow([second], result.message)])


def test_of_two_commits_one_is_stale() -> None:
    first, second, third = group_of(["bob", "carol"])
    one = first.commit(authenticate=anybody, now=NOW)
    other = second.commit(authenticate=anybody, now=NOW)
    third, _ = third.process(one.message, authenticate=anybody, now=NOW)
    with pytest.raises(StaleEpoch):
        third.process(other.message, authenticate=anybody, now=NOW)


def test_whoever_is_removed_only_reads() -> None:
    groups = group_of(["bob", "carol"])
    groups[0], early = groups[0].encrypt(b"before", b"")
    result = groups[0].commit(remove=[LeafIndex(1)], authenticate=anybody, now=NOW)
    gone, event = groups[1].process(result.message, authenticate=anybody, now=NOW)
    assert isinstance(event, Evicted)
    _, late = result.pending.encrypt(b"after", b"")
    gone, received = gone.decrypt(early)
    assert received.plaintext == b"before"
    with pytest.raises(ProtocolViolation, match="ahead"):
        gone.decrypt(late)
    for step in (
        lambda: gone.encrypt(b"", b""),
        lambda: gone.commit(authenticate=anybody, now=NOW),
        lambda: gone.propose_update(),
        lambda: gone.group_info(),
        lambda: gone.process(result.message, authenticate=anybody, now=NOW),
    ):
        with pytest.raises(IllegalStep, match="removed"):
            step()
    assert MemberGroup.decode(gone.encode()).evicted


# Talking


def test_messages_come_in_any_order_and_once() -> None:
    first, second = group_of(["bob"])
    messages: list[bytes] = []
    for number in range(6):
        first, message = first.encrypt(b"%d" % number, b"")
        messages.append(message)
    for number in (3, 0, 5, 1, 4, 2):
        second, received = second.decrypt(messages[number])
        assert (received.plaintext, received.generation) == (b"%d" % number, number)
    for message in messages:
        with pytest.raises(Replayed):
            second.decrypt(message)


def test_ones_own_message_is_a_replay() -> None:
    first, _ = group_of(["bob"])
    older = first
    first, message = first.encrypt(b"", b"")
    with pytest.raises(Replayed):
        first.decrypt(message)
    with pytest.raises(CannotDecrypt, match="one's own"):
        older.decrypt(message)


def test_past_epochs_are_read_for_a_while() -> None:
    first, second = group_of(["bob"])
    messages: list[bytes] = []
    for _ in range(limits.PAST_EPOCHS + 1):
        first, message = first.encrypt(b"late", b"")
        messages.append(message)
        result = first.commit(authenticate=anybody, now=NOW)
        second, _ = second.process(result.message, authenticate=anybody, now=NOW)
        first = result.pending
    with pytest.raises(CannotDecrypt, match="erased"):
        second.decrypt(messages[0])
    for message in messages[1:]:
        second, received = second.decrypt(message)
        assert received.plaintext == b"late"
        with pytest.raises(Replayed):
            second.decrypt(message)


def test_a_message_is_read_by_the_member_who_left_a_name_behind() -> None:
    """A past epoch's sender may be gone; its signature still verifies."""
    first, second, third = group_of(["bob", "carol"])
    third, message = third.encrypt(b"farewell", b"")
    result = first.commit(remove=[LeafIndex(2)], authenticate=anybody, now=NOW)
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    _, received = second.decrypt(message)
    assert received.sender_credential == BasicCredential(b"carol")


def test_generations_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MLS_FORWARD_GENERATIONS", 6)
    monkeypatch.setattr(limits, "MLS_KEPT_GENERATIONS", 3)
    first, second = group_of(["bob"])
    messages: list[bytes] = []
    for _ in range(9):
        first, message = first.encrypt(b"", b"")
        messages.append(message)
    with pytest.raises(LimitExceeded, match="generations ahead"):
        second.decrypt(messages[7])
    second, _ = second.decrypt(messages[6])
    with pytest.raises(CannotDecrypt, match="generation 3 is erased"):
        second.decrypt(messages[3])
    for number in (4, 5, 7):
        second, received = second.decrypt(messages[number])
        assert received.generation == number


def test_lengths_are_hidden_in_buckets() -> None:
    group, _ = group_of(["bob"])
    sizes = {len(group.encrypt(bytes(length), b"")[1]) for length in range(0, 150, 10)}
    assert len(sizes) == 1
    assert len(group.encrypt(bytes(300), b"")[1]) > max(sizes)


def test_sizes_have_bounds() -> None:
    first, second = group_of(["bob"])
    longest = limits.MESSAGE_BYTES - limits.MLS_PADDING_STEP
    first, message = first.encrypt(bytes(longest - 1000), bytes(1000))
    assert len(message) <= limits.MESSAGE_BYTES
    assert len(second.decrypt(message)[1].plaintext) == longest - 1000
    with pytest.raises(LimitExceeded):
        first.encrypt(bytes(longest + 1), b"")
    with pytest.raises(LimitExceeded):
        second.decrypt(bytes(limits.MESSAGE_BYTES + 1))


def test_a_message_says_where_it_belongs() -> None:
    first, second = group_of(["bob"])
    _, message = first.encrypt(b"secret", b"label")
    head = peek(message)
    assert (head.group_id, head.epoch, head.authenticated_data) == (GROUP_ID, 1, b"label")
    assert (head.wire_format, head.content_type) == (WireFormat.PRIVATE_MESSAGE, ContentType.APPLICATION)
    result = second.commit(authenticated_data=b"seen", authenticate=anybody, now=NOW)
    head = peek(result.message)
    assert (head.wire_format, head.content_type) == (WireFormat.PUBLIC_MESSAGE, ContentType.COMMIT)
    assert head.authenticated_data == b"seen"
    with pytest.raises(Malformed, match="no epoch"):
        peek(first.group_info())
    with pytest.raises(LimitExceeded):
        peek(bytes(limits.BODY_BYTES + 1))


# Keeping


@both_suites
def test_a_stored_state_goes_on(suite_id: int) -> None:
    first, second = group_of(["bob"], suite_id)
    second, update = second.propose_update()
    first, _ = first.process(update, authenticate=anybody, now=NOW)
    first, one = first.encrypt(b"one", b"")
    first, two = first.encrypt(b"two", b"")
    second, _ = second.decrypt(two)
    result = first.commit(authenticate=anybody, now=NOW)
    stored = second.encode()
    second = MemberGroup.decode(stored)
    assert second.encode() == stored
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    agree([result.pending, second])
    second = MemberGroup.decode(second.encode())
    _, received = second.decrypt(one)
    assert received.plaintext == b"one"


def test_no_secret_shows() -> None:
    first, second = group_of(["bob"])
    second, _ = second.propose_update()
    first, message = first.encrypt(b"", b"")
    result = first.commit(add=[person("carol").package], authenticate=anybody, now=NOW)
    second, _ = second.decrypt(message)
    second, _ = second.process(result.message, authenticate=anybody, now=NOW)
    shown = "".join(map(repr, (second, second.secrets, second.secret_tree, second.past, second.keys, result)))
    secrets = [*second.secrets.__struct_fields__]
    hidden = [getattr(second.secrets, name) for name in secrets if name != "sender_data"]
    hidden.append(second.secrets.sender_data.secret)
    hidden += [pair.private for pair in second.keys.values()] + [second.signer.seed()]
    for secret in hidden:
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x02" + bytes(40)])
def test_what_is_no_state_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        MemberGroup.decode(data)
