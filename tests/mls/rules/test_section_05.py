"""RFC 9420 §5.3, credentials: what the engine demands of them, and when it asks the application."""

from collections.abc import Callable

import pytest

from cordiale.errors import BadCertificate
from cordiale.mls.credential import BasicCredential, Credential, X509Credential
from cordiale.mls.extension import Extension
from cordiale.mls.external_sender import ExternalSender, external_senders_extension
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import Add, GroupContextExtensions
from cordiale.mls.public_group import PublicGroup
from cordiale.wire import limits
from mls.people import NOW, anybody, fresh_signer, group_of, join, person
from mls.rules.forging import listed, package_of, proposed, update_of, with_path_leaf
from mls.rules.refusal import refused

STRANGER = BasicCredential(b"stranger")


def all_but(refused_one: Credential) -> Callable[[Credential, bytes], None]:
    """An application that knows everyone but one."""

    def authenticate(credential: Credential, signature_key: bytes) -> None:
        if credential == refused_one:
            raise BadCertificate("a stranger")

    return authenticate


def anybody_else(known: Credential, presented: Credential) -> bool:
    """An application that lets people change their names."""
    return True


def stranger_is_refused(groups: list[MemberGroup], message: bytes) -> None:
    """Members and node take the application's refusal for their own; without it, the node takes the message."""
    for group in (*groups, groups[0].public):
        before = group.encode()
        with pytest.raises(BadCertificate, match="a stranger"):
            group.process(message, authenticate=all_but(STRANGER), now=NOW, same=anybody_else)
        assert group.encode() == before
    groups[0].public.process(message, authenticate=anybody, now=NOW, same=anybody_else)


@pytest.mark.parametrize("length", [0, limits.MLS_CHAIN_CERTIFICATES + 1])
def test_a_chain_has_its_first_certificate_and_an_end(length: int) -> None:
    chain = package_of(person("eve"), leaf={"credential": X509Credential((b"certificate",) * length)})
    with refused("5.3-2"):
        group_of(["bob"])[0].propose_add(chain.encode(), authenticate=anybody, now=NOW)


def test_the_application_is_asked_about_who_is_added() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("stranger")
    stranger_is_refused(others, proposed(first, Add(eve.package)))
    stranger_is_refused(others, listed(first, Add(eve.package)))
    for make in (first.propose_add, lambda package, **named: first.commit(add=[package], **named)):
        with pytest.raises(BadCertificate):
            make(eve.package, authenticate=all_but(STRANGER), now=NOW)


def test_the_application_is_asked_about_every_leaf_of_a_new_tree() -> None:
    first = group_of(["stranger", "bob"])[0]
    carol = person("carol")
    result = first.commit(add=[carol.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    with pytest.raises(BadCertificate):
        MemberGroup.join(
            result.welcome, carol.package, carol.secrets, carol.signer, authenticate=all_but(STRANGER), now=NOW
        )
    with pytest.raises(BadCertificate):
        PublicGroup.from_group_info(first.group_info(), authenticate=all_but(STRANGER), now=NOW)
    assert join(result.welcome, carol).epoch == result.pending.epoch


def test_the_application_is_asked_about_an_update() -> None:
    first, *others = group_of(["bob", "carol"])
    update = update_of(first, person("other").package.init_key, credential=STRANGER)
    stranger_is_refused(others, proposed(first, update))


def test_the_application_is_asked_about_a_path() -> None:
    first, *others = group_of(["bob", "carol"])
    stranger_is_refused(others, with_path_leaf(first, credential=STRANGER))


def test_the_application_is_asked_about_external_senders() -> None:
    first, *others = group_of(["bob", "carol"])
    senders = external_senders_extension([ExternalSender(fresh_signer().public, STRANGER)])
    stranger_is_refused(others, proposed(first, GroupContextExtensions((senders,))))
    with_senders = first.commit(extensions=(senders,), authenticate=anybody, now=NOW).message
    stranger_is_refused(others, with_senders)
    result = first.commit(extensions=(senders,), authenticate=anybody, now=NOW)
    with pytest.raises(BadCertificate):
        PublicGroup.from_group_info(result.pending.group_info(), authenticate=all_but(STRANGER), now=NOW)


def test_external_senders_that_stay_are_not_asked_about_again() -> None:
    """Whose credential has expired since would otherwise keep the room from every change."""
    first = group_of(["bob"])[0]
    senders = external_senders_extension([ExternalSender(fresh_signer().public, STRANGER)])
    group = first.commit(extensions=(senders,), authenticate=anybody, now=NOW).pending
    again = GroupContextExtensions((senders, Extension(0xF0A1, b"")))
    seen, _ = group.public.process(proposed(group, again), authenticate=all_but(STRANGER), now=NOW)
    assert len(seen.waiting) == 1


def test_a_credential_follows_its_own() -> None:
    first, *others = group_of(["bob", "carol"])
    update = update_of(first, person("other").package.init_key, credential=BasicCredential(b"another"))
    for group in (*others, others[0].public):
        with refused("5.3.1-6"):
            group.process(proposed(first, update), authenticate=anybody, now=NOW)
        with refused("5.3.1-6"):
            group.process(with_path_leaf(first, credential=BasicCredential(b"another")), authenticate=anybody, now=NOW)
