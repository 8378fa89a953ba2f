"""draft-ietf-mls-extensions: leaving by oneself (§6.3), and several credentials in one leaf (§6.5)."""

import pytest

from cordiale.mls.content import sign
from cordiale.mls.credential import BasicCredential, CredentialBinding, MultiCredential
from cordiale.mls.multi_credential import bind
from cordiale.mls.private_message import seal_message
from cordiale.mls.proposal import Add, ProposalRef, SelfRemove
from cordiale.mls.wire_format import WireFormat
from mls.people import FAST, NOW, Person, anybody, founder, fresh_signer, group_of, join, person
from mls.rules.forging import able, framed, from_joiner, listed, package_of, proposed, replace
from mls.rules.refusal import refuses

P256 = 2


def test_leaving_is_committed_by_reference() -> None:
    groups = group_of(["bob", "carol"])
    refuses("ext:6.3-1", groups[1:], listed(groups[0], SelfRemove()))


def test_somebody_commits_its_own_leaving() -> None:
    groups = group_of(["bob", "carol"])
    message = proposed(groups[0], SelfRemove())
    groups = [group.process(message, authenticate=anybody, now=NOW)[0] for group in groups]
    reference = groups[0].public.waiting[0].reference
    assert reference is not None
    refuses("ext:6.3-2", groups[1:], listed(groups[0], ProposalRef(reference)))


def test_leaving_is_said_in_the_clear() -> None:
    first, *others = group_of(["bob", "carol"])
    signed = sign(first.signer, WireFormat.PRIVATE_MESSAGE, framed(first, SelfRemove()), first.public.context.encoded)
    message, _ = seal_message(signed, first.secrets.sender_data, first.secret_tree, first.suite)
    refuses("ext:6.3-3", others, message, blind=False)


def binding(who: Person, suite_id: int) -> CredentialBinding:
    """A key of its own that vouches for somebody's leaf."""
    return bind(suite_id, fresh_signer(suite_id), BasicCredential(b"eve"), who.signer.public)


def test_bindings_of_several_schemes() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    several = package_of(eve, leaf={"credential": MultiCredential((binding(eve, FAST), binding(eve, P256)))})
    for group in (*others, others[0].public):
        group.process(proposed(first, Add(several)), authenticate=anybody, now=NOW)
    twice = package_of(eve, leaf={"credential": MultiCredential((binding(eve, FAST), binding(eve, 3)))})
    refuses("ext:6.5.2-1", others, proposed(first, Add(twice)))


@pytest.mark.parametrize("fault", ["of another leaf", "unsigned", "of another key"])
def test_bindings_that_do_not_hold(fault: str) -> None:
    groups, eve = group_of(["bob", "carol"]), person("eve")
    honest = binding(eve, P256)
    wrong = {
        "of another leaf": binding(person("mallory"), P256),
        "unsigned": replace(honest, signature=b""),
        "of another key": replace(honest, public=fresh_signer(P256).public),
    }[fault]
    package = package_of(eve, leaf={"credential": MultiCredential((binding(eve, FAST), wrong))})
    refuses("ext:6.5.2-2", groups[1:], proposed(groups[0], Add(package)))
    refuses("ext:6.5.2-2", groups, from_joiner(groups[0], eve, credential=package.leaf_node.credential))


def test_bindings_that_a_member_cannot_verify() -> None:
    bob, eve = person("bob"), person("eve")
    simple = package_of(bob, leaf={"capabilities": able(bob, suites=(FAST,))})
    result = founder().commit(add=[simple], authenticate=anybody, now=NOW)
    second = join(result.welcome, Person(bob.signer, simple, bob.secrets))
    several = package_of(eve, leaf={"credential": MultiCredential((binding(eve, FAST), binding(eve, P256)))})
    refuses("ext:6.5.2-3", [second], listed(result.pending, Add(several)))
