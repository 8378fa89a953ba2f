"""Hundreds of operations each way between our engine and ts-mls in one group, without a divergence; every suite of both."""

from collections.abc import Sequence
from types import MappingProxyType

import pytest

from cordiale.crypto import suite as suites
from cordiale.crypto.suite import Aead, Kem, Scheme, Suite
from cordiale.errors import ProtocolViolation
from cordiale.mls import leaf_node
from cordiale.mls.extension import ROOM_PARAMETERS, Extension
from mls.interop.conversation import Conversation
from mls.interop.member import Manner, Question, Side, Wish
from mls.interop.ours import OurMember, Ours
from mls.interop.shared_group import SharedGroup
from mls.interop.ts_mls import Driver, TsMember, TsMls

HUNDREDS = 200
SOME = 10
PROPOSALS = ("proposal: add", "proposal: remove", "proposal: update", "proposal: psk", "proposal: extensions")
BOTH_FORMS = {f"{kind}{form}" for kind in ("commit", *PROPOSALS) for form in ("", ", private")}
BOTH = BOTH_FORMS | {"application message", "welcome", "key package", "group info", "commit from outside"}
EVERY_KIND = {Side.OURS: BOTH, Side.THEIRS: BOTH | {"commit without path"}}
XWING = Suite(83, "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
              Kem.MLKEM768_X25519, Aead.AES_256_GCM, "sha512", 64, 32, Scheme.ED25519)  # fmt: skip
"""ts-mls's own suite of the KEM of our hybrid default; the default itself (AES-256-GCM, SHA-384) ts-mls does not have."""


@pytest.mark.timeout(600)
def test_hundreds_of_operations_each_way(ts_driver: Driver) -> None:
    conversation = Conversation(0, Ours(1), TsMls(ts_driver, 1), Side.OURS)
    conversation.run(HUNDREDS, EVERY_KIND)
    assert conversation.made(Side.OURS) >= HUNDREDS
    assert conversation.made(Side.THEIRS) >= HUNDREDS
    assert conversation.post.refused > 0


@pytest.mark.parametrize("suite_id", [1, 2, 3, 4, 5, 6, 7])
def test_every_suite_of_the_standard(ts_driver: Driver, suite_id: int) -> None:
    conversation = Conversation(suite_id, Ours(suite_id), TsMls(ts_driver, suite_id), Side.THEIRS)
    conversation.run(SOME)


def test_the_hybrid_kem(ts_driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    known = MappingProxyType({**suites.SUITES, XWING.id: XWING})
    monkeypatch.setattr(suites, "SUITES", known)
    monkeypatch.setattr(leaf_node, "SUITES", known)
    conversation = Conversation(83, Ours(XWING.id), TsMls(ts_driver, XWING.id), Side.OURS)
    conversation.run(SOME)


def test_their_commit_that_lacks_its_path_is_refused(ts_driver: Driver) -> None:
    """RFC 9420 §12.4: GroupContextExtensions ask for an update path, which ts-mls does not give them."""
    group = Conversation(4, Ours(1), TsMls(ts_driver, 1), Side.OURS).group
    theirs, own = group.of(Side.THEIRS)[0], group.of(Side.OURS)[0]
    message = theirs.propose_extensions((Extension(ROOM_PARAMETERS, b""),), Manner())
    group.propose(theirs, "extensions", message)
    with pytest.raises(ProtocolViolation, match="update path"):
        own.process(theirs.commit(Wish()).message)


@pytest.mark.parametrize("founder", Side)
@pytest.mark.parametrize("suite_id", [1, 2])
def test_a_group_goes_on_as_another(ts_driver: Driver, suite_id: int, founder: Side) -> None:
    group = Conversation(4, Ours(1), TsMls(ts_driver, 1), Side.OURS).group
    first, *others = _founder_first(group, founder)
    proposer = others[-1]
    group.propose(proposer, "reinit", proposer.propose_reinit(b"goes on", suite_id, Manner()))
    group.commit(others[0], Wish())
    _go_on(first, others, suite_id, None)


@pytest.mark.parametrize("founder", Side)
def test_a_branch_of_a_group(ts_driver: Driver, founder: Side) -> None:
    group = Conversation(4, Ours(1), TsMls(ts_driver, 1), Side.OURS).group
    first, *others = _founder_first(group, founder)
    _go_on(first, others[1:], 1, b"branch")


def _founder_first(group: SharedGroup, founder: Side) -> list[OurMember | TsMember]:
    everybody = [member for member in group.inside.values() if isinstance(member, OurMember | TsMember)]
    return sorted(everybody, key=lambda member: member.side is not founder)


def _go_on(
    first: OurMember | TsMember, others: Sequence[OurMember | TsMember], suite_id: int, branch: bytes | None
) -> None:
    first.package_in(suite_id)
    made = first.go_on([member.package_in(suite_id) for member in others], branch)
    assert made.welcome is not None
    for member in others:
        member.follow_on(made.welcome, made.tree)
    views = [member.view(Question("interop", b"", 32)) for member in (first, *others)]
    assert len(views) == len(others) + 1
    assert all(view == views[0] for view in views)
    assert views[0].epoch == 1
    assert [name for _, name in views[0].members or ()] == [first.name, *(member.name for member in others)]
