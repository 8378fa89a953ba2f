"""Hundreds of operations each way between our engine and mls-rs in one group, without a divergence."""

import pytest

from mls.interop.member import Side
from mls.interop.ours import Ours

mls_rs = pytest.importorskip("mls_rs_uniffi", reason="agentvault-mls-rs-uniffi has no wheel for this platform")

from mls.interop.conversation import Conversation  # noqa: E402
from mls.interop.mls_rs import SUITE_ID, MlsRs  # noqa: E402

HUNDREDS = 200
EVERY_KIND = {
    Side.OURS: {
        "application message",
        "commit",
        "commit, private",
        "commit from outside",
        "welcome",
        "key package",
        "proposal: add",
        "proposal: remove",
        "proposal: update",
        "proposal: extensions",
    },
    Side.THEIRS: {
        "application message",
        "commit",
        "commit without path",
        "welcome",
        "key package",
        "proposal: add",
        "proposal: remove",
    },
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "founder"), [(0, Side.OURS), (1, Side.THEIRS)])
def test_hundreds_of_operations_each_way(seed: int, founder: Side) -> None:
    conversation = Conversation(seed, Ours(SUITE_ID), MlsRs(), founder)
    conversation.run(HUNDREDS, EVERY_KIND)
    assert conversation.made(Side.OURS) >= HUNDREDS
    assert conversation.made(Side.THEIRS) >= HUNDREDS
    assert conversation.post.refused > 0


def test_a_larger_group() -> None:
    conversation = Conversation(2, Ours(SUITE_ID), MlsRs(), Side.OURS, most=10)
    conversation.run(50)
    assert conversation.group.public.tree.leaves >= 16
