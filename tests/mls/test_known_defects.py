"""Defects that MLS engines were found to have: each test says which class it is of, and fails if this engine had it.

The messages are forged in `mls.rules.forging`: signed and tagged by a member, so that only the check in question can
refuse them.
"""

import hashlib
import hmac
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from cordiale.errors import BadSignature, CannotDecrypt, CordialeError, NotFound
from cordiale.mls.commit import Commit
from cordiale.mls.content import FramedContent, sign
from cordiale.mls.framing import PrivateMessage, PublicMessage, peek
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.key_package import KeyPackage
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.private_message import seal_message
from cordiale.mls.proposal import Add, ExternalPsk, PreSharedKey, PskId, Remove
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.schedule import confirmation_tag, epoch_secrets, joiner_secret, no_commit_secret, no_psk
from cordiale.mls.syntax import opaque, u8, u16, u64
from cordiale.mls.transcript import confirmed_hash
from cordiale.mls.tree import ParentNode
from cordiale.mls.tree_edit import TreeEdit
from cordiale.mls.welcome import Welcome
from cordiale.mls.wire_format import WireFormat, header
from cordiale.vocab.identifier import Epoch, LeafIndex
from mls.people import NOW, Person, anybody, founder, group_of, join, person
from mls.rules.forging import (
    framed,
    of_tree,
    proposed,
    put,
    replace,
    rewelcomed,
    said,
    with_path_leaf,
)
from mls.rules.refusal import refused, refuses


def welcomed(*names: str) -> tuple[MemberGroup, bytes, Person]:
    """A group, a Welcome to it, and who is welcome."""
    group, eve = group_of(names or ["bob", "carol"])[0], person("eve")
    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    return result.pending, result.welcome, eve


# Signatures


def test_an_unsigned_leaf_in_an_update_path() -> None:
    """The signature of a commit covers the leaf in its path, so an engine may forget that the leaf has its own."""
    first, *others = group_of(["bob", "carol"])
    refuses("7.3-2", others, with_path_leaf(first, sign_again=False, signature=b""))
    refuses("7.3-2", others, with_path_leaf(first, sign_again=False, signature=bytes(64)))


def test_a_group_info_signed_by_the_wrong_leaf() -> None:
    """Verified with the key of the sender of the Welcome, or of leaf 0, instead of that of the leaf that it names."""
    group, welcome, eve = welcomed()
    forget_path = {"secrets": lambda secrets: replace(secrets, path_secret=None)}
    for wrong in (1, 2):
        forged = rewelcomed(
            group, welcome, eve, info=lambda info, wrong=wrong: replace(info, signer=LeafIndex(wrong)), **forget_path
        )
        with refused("12.4.3.1-6"):
            join(forged, eve)
    info = GroupInfo.decode(group.group_info())
    with refused("12.4.3.1-6"):
        PublicGroup.from_group_info(
            replace(info, signer=LeafIndex(1)).signed(group.signer).encode(), authenticate=anybody, now=NOW
        )


# Keys


def test_a_commit_with_a_key_that_we_lack() -> None:
    """A pre-shared key that is not found taken for zeros: whoever has no key at all could then make the commit."""
    groups = group_of(["bob", "carol"])
    agreed = proposed(groups[0], PreSharedKey(ExternalPsk(b"agreed", bytes(32))))
    groups = [group.process(agreed, authenticate=anybody, now=NOW)[0] for group in groups]

    def lacking(psk: PskId) -> bytes:
        raise NotFound("agreed", what="pre-shared key")

    for secret in (b"key", bytes(32), b""):
        result = groups[0].commit(authenticate=anybody, now=NOW, psks=lambda psk, secret=secret: secret)
        refuses("12.4.2-2", groups[1:], result.message, blind=False, psks=lacking)
        refuses("12.4.2-5", groups[1:], result.message, blind=False, psks=lambda psk: b"another")


# What a commit and a Welcome confirm


def committed_without_path(group: MemberGroup, added: KeyPackage, *, tree_hash: bytes | None = None) -> bytes:
    """A commit that adds somebody and is right in all, its confirmation tag too, for the tree hash given."""
    edit = TreeEdit(group.public.tree)
    edit.add(added.leaf_node)
    content = framed(group, Commit((Add(added),), None))
    signed = sign(group.signer, WireFormat.PUBLIC_MESSAGE, content, group.public.context.encoded)
    context = replace(
        group.public.context,
        epoch=Epoch(group.epoch + 1),
        tree_hash=edit.frozen().tree_hash() if tree_hash is None else tree_hash,
        confirmed_transcript_hash=confirmed_hash(group.suite, group.public.interim_transcript_hash, signed),
    )
    joiner = joiner_secret(context, group.secrets.init, no_commit_secret(group.suite))
    secrets, _ = epoch_secrets(context, joiner, no_psk(group.suite))
    return said(group, content, tag=confirmation_tag(group.suite, secrets, context.confirmed_transcript_hash))


def test_an_unchecked_tree_hash_in_a_commit() -> None:
    """The committer confirms another tree than the one that its own proposals make: the group would split."""
    first, *others = group_of(["bob", "carol"])
    eve = person("eve").package
    others[0].process(committed_without_path(first, eve), authenticate=anybody, now=NOW)
    for wrong in (bytes(32), b"", first.public.context.tree_hash):
        refuses("12.4.2-5", others, committed_without_path(first, eve, tree_hash=wrong), blind=False)


def test_an_unchecked_tree_hash_in_a_welcome() -> None:
    """The tree came beside the signed context, and was believed: anybody on the way could give the newcomer another."""
    group, welcome, eve = welcomed()
    bare = rewelcomed(group, welcome, eve, info=lambda info: replace(info, extensions=()))
    tree = group.public.tree
    stranger = put(tree, {2: person("mallory").package.leaf_node})
    for data in (stranger.encode(), group_of(["bob"])[0].public.tree.encode()):
        with refused("12.4.3.1-8"):
            MemberGroup.join(
                bare, eve.package, eve.secrets, eve.signer, authenticate=anybody, now=NOW, ratchet_tree=data
            )


def test_an_unchecked_confirmation_tag_in_a_commit() -> None:
    """Whoever knows a member's signature and membership keys, but not the secrets of the epoch, makes a commit."""
    first, *others = group_of(["bob", "carol"])
    honest = PublicMessage.decode(committed_without_path(first, person("eve").package)).content
    for wrong in (b"", bytes(32), honest.confirmation_tag[::-1]):
        refuses("12.4.2-5", others, said(first, honest.framed, tag=wrong), blind=False)


def test_an_unchecked_confirmation_tag_in_a_welcome() -> None:
    """The newcomer's keys are those of no epoch that the group ever had."""
    group, welcome, eve = welcomed()
    for wrong in (b"", bytes(32)):
        forged = rewelcomed(
            group, welcome, eve, info=lambda info, wrong=wrong: replace(info, confirmation_tag=wrong), retag=False
        )
        with refused("12.4.3.1-14"):
            join(forged, eve)


def test_an_unchecked_parent_hash_in_a_commit() -> None:
    """The leaf does not vouch for the path: later newcomers would find parents that nobody put there, or refuse all."""
    first, *others = group_of(["bob", "carol"])
    refuses("7.9.2-2", others, with_path_leaf(first, parent_hash=bytes(32)))


def test_an_unchecked_parent_hash_in_a_welcome() -> None:
    """A parent whose key the attacker has, while the attacker has no leaf below it: it would read for ever."""
    group, welcome, eve = welcomed()
    tree, attackers = group.public.tree, person("mallory").package.init_key
    parents = [index for index, node in enumerate(tree.nodes) if isinstance(node, ParentNode)]
    assert parents
    for index in parents:
        forged = put(tree, {index: replace(tree.nodes[index], encryption_key=attackers)})  # type: ignore[type-var]
        with refused("7.9.2-1"):
            join(rewelcomed(group, welcome, eve, info=of_tree(forged)), eve)


# State


def refused_inputs(first: MemberGroup) -> dict[str, tuple[str, bytes]]:
    """Messages that are wrong in their last check, by the step that reads them."""
    commit = first.commit(add=[person("eve").package], authenticate=anybody, now=NOW).message
    parsed = PublicMessage.decode(commit).content
    _, message = first.encrypt(b"hello", b"header")
    sealed = PrivateMessage.decode(message)
    return {
        "commit, confirmation tag": ("process", said(first, parsed.framed, tag=bytes(32))),
        "encrypted commit, confirmation tag": ("process", _sealed(first, parsed.framed, bytes(32))),
        "encrypted commit, tag": ("process", _flipped(_sealed(first, parsed.framed, parsed.confirmation_tag))),
        "commit, membership tag": ("process", commit[:-1] + bytes([commit[-1] ^ 1])),
        "proposal, membership tag": ("process", _flipped(proposed(first, Remove(LeafIndex(1))))),
        "message, tag": ("decrypt", _flipped(message)),
        "message, header": ("decrypt", replace(sealed, authenticated_data=b"other").encode()),
        "message, sender": (
            "decrypt",
            replace(sealed, encrypted_sender_data=_flipped(sealed.encrypted_sender_data)).encode(),
        ),
    }


def _sealed(group: MemberGroup, content: FramedContent, tag: bytes) -> bytes:
    """A commit as a PrivateMessage, which spends a key of its sender's."""
    signed = sign(group.signer, WireFormat.PRIVATE_MESSAGE, content, group.public.context.encoded)
    signed = replace(signed, confirmation_tag=tag)
    return seal_message(signed, group.secrets.sender_data, group.secret_tree, group.suite)[0]


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_state_that_changes_before_the_tag_is_checked() -> None:
    """A ratchet moved on, a proposal kept, an epoch begun by a message that is then refused: the honest one comes too
    late, and whoever sends noise keeps members from each other."""
    first, second, _ = group_of(["bob", "carol"])
    honest = {
        "process": first.commit(authenticate=anybody, now=NOW).message,
        "decrypt": first.encrypt(b"hello", b"")[1],
    }
    before = second.encode()
    steps: dict[str, Callable[[bytes], Any]] = {
        "process": lambda message: second.process(message, authenticate=anybody, now=NOW),
        "decrypt": second.decrypt,
    }
    for name, (step, message) in refused_inputs(first).items():
        with pytest.raises(CordialeError):
            steps[step](message)
        assert second.encode() == before, name
    for step, message in honest.items():
        steps[step](message)


def test_a_welcome_that_uses_up_the_key_package() -> None:
    """The init key is thrown away although the Welcome was refused: the true Welcome can no longer be read."""
    group, welcome, eve = welcomed()
    secrets = eve.secrets.encode()
    with refused("12.4.3.1-14"):
        join(rewelcomed(group, welcome, eve, info=lambda info: replace(info, confirmation_tag=b""), retag=False), eve)
    assert eve.secrets.encode() == secrets
    assert join(welcome, eve).epoch_authenticator == group.epoch_authenticator


# Derivations


def test_an_exporter_that_does_not_hash_its_context() -> None:
    """ExpandWithLabel(DeriveSecret(exporter, label), "exported", Hash(context), length): the hash was left out."""
    group = founder()
    derived = _expand(group.secrets.exporter, b"purpose", b"")
    for context in (b"", b"context", bytes(32), bytes(1000)):
        exported = group.export("purpose", context, 32)
        assert exported == _expand(derived, b"exported", hashlib.sha256(context).digest())
        assert exported != _expand(derived, b"exported", context)


def _expand(secret: bytes, label: bytes, context: bytes) -> bytes:
    """ExpandWithLabel of one block of SHA-256, with nothing but HMAC (RFC 5869 §2.3)."""
    return hmac.digest(secret, u16(32) + opaque(b"MLS 1.0 " + label) + opaque(context) + b"\x01", "sha256")


# Lengths of tags


def of_other_lengths(tag: bytes) -> list[bytes]:
    """Parts of a tag, and the tag with more behind it."""
    return [tag[:length] for length in range(len(tag))] + [tag + b"\x00", tag * 2]


def test_the_length_of_a_confirmation_tag() -> None:
    """Compared as far as the shorter of two tags goes: an empty one then equals every other."""
    first, *others = group_of(["bob"])
    content = PublicMessage.decode(committed_without_path(first, person("eve").package)).content
    others[0].process(said(first, content.framed, tag=content.confirmation_tag), authenticate=anybody, now=NOW)
    for wrong in of_other_lengths(content.confirmation_tag):
        refuses("12.4.2-5", others, said(first, content.framed, tag=wrong), blind=False)


def test_the_length_of_a_membership_tag() -> None:
    """As above, of the tag that keeps non-members from speaking."""
    first, *others = group_of(["bob"])
    honest = PublicMessage.decode(proposed(first, Remove(LeafIndex(1))))
    for wrong in of_other_lengths(honest.membership_tag):
        refuses("6.2-1", others, PublicMessage(honest.content, wrong).encode(), blind=False)


def test_the_length_of_an_aead_tag() -> None:
    """A library that takes shortened tags, or reads past the end: each ciphertext cut and extended."""
    first, second = group_of(["bob"])
    sealed = PrivateMessage.decode(first.encrypt(b"hello", b"")[1])
    before = second.encode()
    for field in ("ciphertext", "encrypted_sender_data"):
        whole: bytes = getattr(sealed, field)
        for wrong in (
            b"",
            whole[:15],
            whole[:16],
            whole[:-16],
            *(whole[:-cut] for cut in range(1, 16)),
            whole + b"\x00",
        ):
            with pytest.raises(CannotDecrypt):
                second.decrypt(replace(sealed, **{field: wrong}).encode())
            assert second.encode() == before
    second.decrypt(sealed.encode())


# Bytes


MESSAGES: dict[str, Callable[[], bytes]] = {
    "key package": lambda: person("eve").package.encode(),
    "group info": lambda: group_of(["bob"])[0].group_info(),
    "welcome": lambda: welcomed("bob")[1],
    "commit": lambda: group_of(["bob"])[0].commit(authenticate=anybody, now=NOW).message,
    "proposal": lambda: proposed(group_of(["bob"])[0], Add(person("eve").package)),
    "message": lambda: group_of(["bob"])[0].encrypt(b"hello", b"")[1],
}
DECODERS: tuple[Callable[[bytes], object], ...] = (
    KeyPackage.decode,
    GroupInfo.decode,
    Welcome.decode,
    PublicMessage.decode,
    PrivateMessage.decode,
    peek,
)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_decoder_that_falls_over(name: str) -> None:
    """An index error, an overflow, memory taken for a length that is only claimed: anything but a refusal."""
    message = MESSAGES[name]()
    readers = [decode for decode in DECODERS if _reads(decode, message)]
    assert len(readers) == (1 if name in {"key package", "group info", "welcome"} else 2)
    for decode in readers:
        for end in range(len(message)):
            _is_refused_or_read(decode, message[:end])
        for place in range(4, len(message), 3):
            for huge in (b"\xff" * 8, b"\xbf\xff\xff\xff", b"\x7f\xff", b"\x80\x00\x00\x00"):
                _is_refused_or_read(decode, message[:place] + huge + message[place + len(huge) :])


def _reads(decode: Callable[[bytes], object], message: bytes) -> bool:
    try:
        decode(message)
    except CordialeError:
        return False
    return True


def _is_refused_or_read(decode: Callable[[bytes], object], data: bytes) -> None:
    """Any other error than ours fails the test by itself; `peek` alone does not read to the end."""
    read = _reads(decode, data)
    assert not read or decode is peek or len(data) > 4


def test_a_length_that_is_only_claimed() -> None:
    """A gigabyte is announced in a message of a few bytes."""
    tracemalloc.start()
    for decode in DECODERS:
        for wire_format in WireFormat:
            assert not _reads(decode, header(wire_format) + b"\xbf\xff\xff\xff")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_vectors_within_vectors() -> None:
    """Lists in lists, as deep as bytes can say it: no structure of MLS holds itself, so depth costs nothing."""
    nested = b""
    for _ in range(2_000):
        nested = opaque(nested)
    commit = opaque(b"room") + u64(0) + u8(1) + bytes(4) + opaque(b"") + u8(3) + opaque(nested)
    for body in (nested, commit, u16(1) + nested):
        for wire_format in WireFormat:
            for decode in DECODERS:
                _is_refused_or_read(decode, header(wire_format) + body)


def test_the_forge_is_faithful() -> None:
    """What is forged here is refused for one reason, and taken without it."""
    first, second, _ = group_of(["bob", "carol"])
    second.process(with_path_leaf(first), authenticate=anybody, now=NOW)
    group, welcome, eve = welcomed()
    join(rewelcomed(group, welcome, eve), eve)
    with pytest.raises(BadSignature):
        second.process(
            said(first, framed(first, Remove(LeafIndex(1))), signer=eve.signer), authenticate=anybody, now=NOW
        )
