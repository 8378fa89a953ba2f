"""Published vectors of whole groups: Welcomes, and passive members that follow commits."""

from cordiale.crypto.signature import signer_from_seed
from cordiale.crypto.suite import suite_of
from cordiale.errors import NotFound
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.key_package_secrets import KeyPackageSecrets
from cordiale.mls.labelled import verify_with_label
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import ExternalPsk, PskId
from cordiale.mls.psk import PskLookup, no_psks
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.schedule import check_confirmation, epoch_secrets
from cordiale.mls.welcome import OpenedWelcome, Welcome, make_welcome, open_welcome
from mls.people import NOW, anybody
from vectors.mls import Case, every_suite, of_suite, raw


@every_suite
def test_welcome(suite_id: int) -> None:
    for case in of_suite("welcome", suite_id):
        package = KeyPackage.decode(raw(case["key_package"]))
        secrets = KeyPackageSecrets(raw(case["init_priv"]), b"")
        opened = open_welcome(Welcome.decode(raw(case["welcome"])), package, secrets, no_psks)
        info = opened.info
        suite = suite_of(suite_id)
        verify_with_label(suite, raw(case["signer_pub"]), "GroupInfoTBS", info._unsigned, info.signature, what="info")
        epoch, _ = epoch_secrets(info.context, opened.secrets.joiner_secret, opened.psk_secret)
        check_confirmation(info.context, epoch, info.confirmation_tag, rule="vector")
        _make_and_open(package, secrets, opened)


def _make_and_open(package: KeyPackage, secrets: KeyPackageSecrets, given: OpenedWelcome) -> None:
    """A Welcome of our own making, to the vector's key package, opens to what it was made of."""
    joiner, path_secret = given.secrets.joiner_secret, b"\x07" * package.suite.hash_bytes
    made = make_welcome(given.info, [(package, path_secret)], joiner, given.secrets.psks, given.psk_secret)
    again = open_welcome(Welcome.decode(made.encode()), package, secrets, no_psks)
    assert again.info == given.info
    assert again.secrets.joiner_secret == joiner
    assert again.secrets.path_secret == path_secret


def _psks(case: Case) -> PskLookup:
    keys = {raw(psk["psk_id"]): raw(psk["psk"]) for psk in case["external_psks"]}

    def look_up(psk: PskId) -> bytes:
        if isinstance(psk, ExternalPsk) and psk.psk_id in keys:
            return keys[psk.psk_id]
        raise NotFound(repr(psk), what="pre-shared key")

    return look_up


def _join(case: Case) -> MemberGroup:
    package = KeyPackage.decode(raw(case["key_package"]))
    secrets = KeyPackageSecrets(raw(case["init_priv"]), raw(case["encryption_priv"]))
    signer = signer_from_seed(package.suite.scheme, raw(case["signature_priv"]))
    tree = case["ratchet_tree"]
    group, _ = MemberGroup.join(
        raw(case["welcome"]),
        package,
        secrets,
        signer,
        authenticate=anybody,
        now=NOW,
        ratchet_tree=raw(tree) if tree else None,
        psks=_psks(case),
    )
    assert group.epoch_authenticator == raw(case["initial_epoch_authenticator"])
    return group


def _follow(case: Case) -> None:
    group, psks = _join(case), _psks(case)
    seen = PublicGroup.decode(group.public.encode())
    for epoch in case["epochs"]:
        for message in (*epoch["proposals"], epoch["commit"]):
            group, _ = group.process(raw(message), authenticate=anybody, now=NOW, psks=psks)
            seen, _ = seen.process(raw(message), authenticate=anybody, now=NOW)
        assert group.epoch_authenticator == raw(epoch["epoch_authenticator"])
        assert seen.encode() == group.public.encode()
        stored = group.encode()
        group = MemberGroup.decode(stored)
        assert group.encode() == stored


@every_suite
def test_passive_client_welcome(suite_id: int) -> None:
    for case in of_suite("passive-client-welcome", suite_id):
        _follow(case)


@every_suite
def test_passive_client_handling_commit(suite_id: int) -> None:
    for case in of_suite("passive-client-handling-commit", suite_id):
        _follow(case)
