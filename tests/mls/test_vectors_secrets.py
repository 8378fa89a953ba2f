"""Published vectors of derivations: labels, key schedule, secret tree, pre-shared keys, message protection."""

from cordiale.crypto import kdf
from cordiale.crypto.hpke import public_of
from cordiale.crypto.sealed import Sealed
from cordiale.crypto.signature import signer_from_seed
from cordiale.crypto.suite import Suite, suite_of
from cordiale.mls.commit import Commit
from cordiale.mls.content import FramedContent, encode_content, member, sign
from cordiale.mls.credential import BasicCredential
from cordiale.mls.derivation import (
    MessageKey,
    decrypt_with_label,
    derive_secret,
    derive_tree_secret,
    encrypt_with_label,
    expand_with_label,
)
from cordiale.mls.epoch_keys import EpochKeys
from cordiale.mls.events import Member
from cordiale.mls.framing import PrivateMessage, PublicMessage
from cordiale.mls.group_context import GroupContext
from cordiale.mls.labelled import reference, sign_with_label, verify_with_label
from cordiale.mls.private_message import open_message, seal_message
from cordiale.mls.proposal import ExternalPsk, PskId, read_proposal
from cordiale.mls.psk import psk_secret
from cordiale.mls.roster import StoredRoster
from cordiale.mls.schedule import (
    EpochSecrets,
    check_membership,
    epoch_secrets,
    export,
    joiner_secret,
    membership_tag,
    welcome_secret,
)
from cordiale.mls.secret_tree import RatchetKind, SecretTree
from cordiale.mls.sender_data import SenderDataSecret
from cordiale.mls.syntax import parse
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import Epoch, LeafIndex
from vectors.mls import Case, every_suite, of_suite, raw

BIG = 1 << 30


@every_suite
def test_crypto_basics(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("crypto-basics", suite_id):
        _check_derivations(suite, case)
        ref, signed, sealed = case["ref_hash"], case["sign_with_label"], case["encrypt_with_label"]
        assert reference(suite, ref["label"], raw(ref["value"])) == raw(ref["out"])
        public, content = raw(signed["pub"]), raw(signed["content"])
        verify_with_label(suite, public, signed["label"], content, raw(signed["signature"]), what="vector")
        signer = signer_from_seed(suite.scheme, raw(signed["priv"]))
        assert signer.public == public
        again = sign_with_label(signer, signed["label"], content)
        verify_with_label(suite, public, signed["label"], content, again, what="vector")
        private, label, context = raw(sealed["priv"]), sealed["label"], raw(sealed["context"])
        given = Sealed(raw(sealed["kem_output"]), raw(sealed["ciphertext"]))
        assert decrypt_with_label(suite, private, label, context, given) == raw(sealed["plaintext"])
        assert public_of(suite, private) == raw(sealed["pub"])
        made = encrypt_with_label(suite, raw(sealed["pub"]), label, context, b"again")
        assert decrypt_with_label(suite, private, label, context, made) == b"again"


def _check_derivations(suite: Suite, case: Case) -> None:
    given = case["expand_with_label"]
    assert expand_with_label(
        suite, raw(given["secret"]), given["label"].encode(), raw(given["context"]), given["length"]
    ) == raw(given["out"])
    given = case["derive_secret"]
    assert derive_secret(suite, raw(given["secret"]), given["label"].encode()) == raw(given["out"])
    given = case["derive_tree_secret"]
    assert derive_tree_secret(
        suite, raw(given["secret"]), given["label"].encode(), given["generation"], given["length"]
    ) == raw(given["out"])


@every_suite
def test_key_schedule(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("key-schedule", suite_id):
        init = raw(case["initial_init_secret"])
        for number, epoch in enumerate(case["epochs"]):
            context = GroupContext(
                suite_id,
                raw(case["group_id"]),
                Epoch(number),
                raw(epoch["tree_hash"]),
                raw(epoch["confirmed_transcript_hash"]),
                (),
            )
            assert context.encoded == raw(epoch["group_context"])
            joiner = joiner_secret(context, init, raw(epoch["commit_secret"]))
            assert joiner == raw(epoch["joiner_secret"])
            assert welcome_secret(suite, joiner, raw(epoch["psk_secret"])) == raw(epoch["welcome_secret"])
            secrets, encryption = epoch_secrets(context, joiner, raw(epoch["psk_secret"]))
            assert encryption == raw(epoch["encryption_secret"])
            assert secrets == EpochSecrets.of(
                suite,
                raw(epoch["init_secret"]),
                raw(epoch["sender_data_secret"]),
                raw(epoch["exporter_secret"]),
                raw(epoch["external_secret"]),
                raw(epoch["confirmation_key"]),
                raw(epoch["membership_key"]),
                raw(epoch["resumption_psk"]),
                raw(epoch["epoch_authenticator"]),
            )
            wanted = epoch["exporter"]
            exported = export(suite, secrets, wanted["label"], raw(wanted["context"]), wanted["length"])
            assert exported == raw(wanted["secret"])
            init = secrets.init


@every_suite
def test_psk_secret(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("psk_secret", suite_id):
        keys = {raw(psk["psk_id"]): raw(psk["psk"]) for psk in case["psks"]}
        ids = [ExternalPsk(raw(psk["psk_id"]), raw(psk["psk_nonce"])) for psk in case["psks"]]

        def look_up(psk: PskId, keys: dict[bytes, bytes] = keys) -> bytes:
            assert isinstance(psk, ExternalPsk)
            return keys[psk.psk_id]

        assert psk_secret(suite, ids, look_up) == raw(case["psk_secret"])


@every_suite
def test_secret_tree(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("secret-tree", suite_id):
        sender = case["sender_data"]
        outer = SenderDataSecret(suite, raw(sender["sender_data_secret"])).key(raw(sender["ciphertext"]))
        assert outer == MessageKey(raw(sender["key"]), raw(sender["nonce"]))
        tree = SecretTree.plant(len(case["leaves"]), raw(case["encryption_secret"]))
        for index, generations in enumerate(case["leaves"]):
            for wanted in generations:
                for kind in RatchetKind:
                    name = kind.name.lower()
                    key, tree = tree.at(suite, LeafIndex(index), kind, wanted["generation"])
                    assert key == MessageKey(raw(wanted[f"{name}_key"]), raw(wanted[f"{name}_nonce"]))


@every_suite
def test_message_protection(suite_id: int) -> None:
    suite = suite_of(suite_id)
    for case in of_suite("message-protection", suite_id):
        context = GroupContext(
            suite_id,
            raw(case["group_id"]),
            Epoch(case["epoch"]),
            raw(case["tree_hash"]),
            raw(case["confirmed_transcript_hash"]),
            (),
        )
        signer = signer_from_seed(suite.scheme, raw(case["signature_priv"]))
        assert signer.public == raw(case["signature_pub"])
        tree = SecretTree.plant(2, raw(case["encryption_secret"]))
        them = Member(LeafIndex(1), BasicCredential(b"them"), signer.public)
        sender_data = SenderDataSecret(suite, raw(case["sender_data_secret"]))
        keys = EpochKeys(context, StoredRoster((them,)), sender_data, tree, b"")
        proposal = parse(raw(case["proposal"]), read_proposal, "proposal", limit=BIG)
        commit = parse(raw(case["commit"]), Commit.read, "commit", limit=BIG)
        wanted = {"proposal": proposal, "commit": commit, "application": raw(case["application"])}
        for name, content in wanted.items():
            opened, _ = open_message(PrivateMessage.decode(raw(case[f"{name}_priv"])), keys, LeafIndex(0))
            assert opened.content.framed.content == content
            framed = FramedContent(context.group_id, context.epoch, member(LeafIndex(1)), b"seen", content)
            signed = sign(signer, WireFormat.PRIVATE_MESSAGE, framed, context.encoded)
            sealed, _ = seal_message(signed, keys.sender_data, tree, suite)
            again, _ = open_message(PrivateMessage.decode(sealed), keys, LeafIndex(0))
            assert encode_content(again.content.framed.content) == encode_content(content)
        _check_public(case, context, {"proposal": proposal, "commit": commit})


def _check_public(case: Case, context: GroupContext, wanted: dict[str, object]) -> None:
    secrets = EpochSecrets.of(context.suite, b"", b"", b"", b"", b"", raw(case["membership_key"]), b"", b"")
    for name, content in wanted.items():
        message = PublicMessage.decode(raw(case[f"{name}_pub"]))
        assert message.content.framed.content == content
        check_membership(context, secrets, message.content, message.membership_tag)
        message.content.verify(context.suite, raw(case["signature_pub"]), context.encoded)
        assert membership_tag(context, secrets, message.content) == message.membership_tag


def test_mac_is_the_suites() -> None:
    assert len(kdf.mac(suite_of(7), b"key", b"message")) == 48
