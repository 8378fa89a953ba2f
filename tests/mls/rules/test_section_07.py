"""RFC 9420 §7, the ratchet tree: its leaves, its paths, and the hashes that hold it together."""

from typing import Any

import pytest

from cordiale.crypto import hpke
from cordiale.crypto.suite import suite_of
from cordiale.mls import commit_making
from cordiale.mls.commit import PathNode, UpdatePath
from cordiale.mls.credential import BASIC, X509, X509Credential
from cordiale.mls.extension import (
    DEFAULT_TYPES,
    REQUIRED_CAPABILITIES,
    ROOM_PARAMETERS,
    ROOM_TITLE,
    Extension,
    RequiredCapabilities,
)
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.leaf_node import DEFAULT_PROPOSALS, Source, default_capabilities
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.proposal import Add, GroupContextExtensions
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.syntax import opaque, u32, vector
from cordiale.mls.tree import ParentNode
from cordiale.mls.tree_math import root
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits
from mls.people import FAST, LIFETIME, NOW, Person, anybody, founder, group_of, join, person
from mls.rules.forging import (
    UNKNOWN,
    able,
    leaf_of,
    listed,
    of_tree,
    package_of,
    proposed,
    put,
    put_leaf,
    put_path,
    replace,
    rewelcomed,
    update_of,
    with_path,
    with_path_keys,
    with_path_leaf,
)
from mls.rules.refusal import refused, refuses


def new_key() -> bytes:
    """A public key that nobody has."""
    return hpke.generate(suite_of(FAST)).public


def entering(names: list[str]) -> tuple[MemberGroup, bytes, Person]:
    """A group of several with a parent above all, a Welcome to it, and who is welcome."""
    group, eve = group_of(names)[0], person("eve")
    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    assert result.welcome is not None
    return result.pending, result.welcome, eve


def public_info(group: MemberGroup, tree: bytes) -> bytes:
    """A GroupInfo for the node, with any tree."""
    return of_tree(tree)(GroupInfo.decode(group.group_info())).signed(group.signer).encode()


def test_the_forge_is_faithful() -> None:
    first, *others = group_of(["bob", "carol"])
    others[0].process(with_path(first, lambda path: path), authenticate=anybody, now=NOW)
    others[0].process(proposed(first, update_of(first, new_key())), authenticate=anybody, now=NOW)
    others[0].process(proposed(first, Add(package_of(person("eve")))), authenticate=anybody, now=NOW)
    group, welcome, eve = entering(["bob", "carol"])
    join(rewelcomed(group, welcome, eve), eve)
    own_path = put_path(group, [new_key() for _ in group.public.tree.filtered_path(group.own_leaf)])
    forget_path = {"secrets": lambda secrets: replace(secrets, path_secret=None)}
    join(rewelcomed(group, welcome, eve, info=of_tree(own_path), **forget_path), eve)
    join(rewelcomed(group, welcome, eve, info=of_tree(put_leaf(group, 0, group.signer)), **forget_path), eve)


def test_unmerged_leaves_ascend() -> None:
    group, *_ = entering(["bob", "carol"])
    tree = group.public.tree
    top = tree.parent(root(tree.leaves))
    assert top is not None
    honest, wrong = (
        ParentNode(top.encryption_key, top.parent_hash, tuple(map(LeafIndex, leaves))).encoded
        for leaves in ((), (3, 2))
    )
    for bad in (wrong, honest[:-1] + vector([u32(2), u32(2)])):
        with refused("7.1-1"):
            PublicGroup.from_group_info(
                public_info(group, _with_bytes(group, top.encoded, bad)), authenticate=anybody, now=NOW
            )


def _with_bytes(group: MemberGroup, old: bytes, new: bytes) -> bytes:
    """The encoded tree with the bytes of one node changed."""
    nodes = group.public.tree.encode()
    bare = nodes[len(nodes) - len(_without_length(nodes)) :]
    assert bare.count(old) == 1
    return opaque(bare.replace(old, new))


def _without_length(data: bytes) -> bytes:
    return data[{0: 1, 1: 2, 2: 4}[data[0] >> 6] :]


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_keys_of_parents(key: bytes) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("7.1-2", others, with_path_keys(first, lambda keys: [*keys[:-1], key]))
    group, welcome, eve = entering(["bob", "carol"])
    path = [new_key() for _ in group.public.tree.filtered_path(group.own_leaf)]
    forged = rewelcomed(
        group,
        welcome,
        eve,
        info=of_tree(put_path(group, [*path[:-1], key])),
        secrets=lambda secrets: replace(secrets, path_secret=None),
    )
    with refused("7.1-2"):
        join(forged, eve)


def test_a_lifetime_without_end() -> None:
    start = LIFETIME[0]
    eve = person("eve", lifetime=(start, start + limits.MLS_LIFETIME_SECONDS + 1))
    group = founder()
    with refused("7.2-1"):
        group.propose_add(eve.package, authenticate=anybody, now=NOW)
    with refused("7.2-1"):
        group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    longest = person("eve", lifetime=(start, start + limits.MLS_LIFETIME_SECONDS))
    group.propose_add(longest.package, authenticate=anybody, now=NOW)


def test_our_own_capabilities() -> None:
    able_to = default_capabilities((ROOM_PARAMETERS, *DEFAULT_TYPES))
    assert not DEFAULT_TYPES.intersection(able_to.extensions)
    assert not DEFAULT_PROPOSALS.intersection(able_to.proposals)
    assert {ROOM_PARAMETERS, ROOM_TITLE} <= set(able_to.extensions)
    assert {BASIC, X509} <= set(able_to.credentials)
    assert able_to.versions == (1,) and FAST in able_to.suites


# §7.3


def test_signatures_of_leaves() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("7.3-2", others, with_path_leaf(first, sign_again=False, signature=b""))
    refuses("7.3-2", others, with_path(first, lambda path: _signed_for(first, path, first.group_id, 1)))
    refuses("7.3-2", others, with_path(first, lambda path: _signed_for(first, path, b"another group", 0)))
    refuses("7.3-2", others, proposed(first, update_of(first, new_key(), sign_again=False)))
    eve = person("eve")
    unsigned = replace(eve.package.leaf_node, signature=bytes(64))
    refuses("7.3-2", others, proposed(first, Add(replace(eve.package, leaf_node=unsigned).signed(eve.signer))))


def _signed_for(group: MemberGroup, path: UpdatePath, group_id: bytes, leaf: int) -> UpdatePath:
    return UpdatePath(path.leaf_node.signed(group.signer, group_id, LeafIndex(leaf)), path.nodes)


def test_signatures_of_leaves_in_a_tree() -> None:
    group, welcome, eve = entering(["bob", "carol"])
    forged = put_leaf(group, 1, group.signer, encryption_key=new_key())
    with refused("7.3-2"):
        join(rewelcomed(group, welcome, eve, info=of_tree(forged)), eve)


def requiring(**required: Any) -> tuple[Extension, ...]:
    """Group context extensions that require something."""
    return (Extension(REQUIRED_CAPABILITIES, RequiredCapabilities(**required).encode()),)


REQUIREMENTS = [{"extensions": (UNKNOWN,)}, {"proposals": (UNKNOWN,)}, {"credentials": (UNKNOWN,)}]


@pytest.mark.parametrize("required", REQUIREMENTS)
def test_what_a_new_context_requires(required: dict[str, tuple[int, ...]]) -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("7.3-3", others, listed(first, GroupContextExtensions(requiring(**required))))
    with refused("7.3-3"):
        first.commit(extensions=requiring(**required), authenticate=anybody, now=NOW)


def test_what_the_context_requires_of_who_is_added() -> None:
    extensions = requiring(extensions=(ROOM_TITLE,), credentials=(BASIC,))
    bob, eve = person("bob"), person("eve")
    first = founder(extensions=extensions)
    result = first.commit(add=[bob.package], authenticate=anybody, now=NOW)
    second = join(result.welcome, bob)
    lacking = package_of(eve, leaf={"capabilities": able(eve, extensions=(ROOM_PARAMETERS,))})
    refuses("7.3-3", [second], proposed(result.pending, Add(lacking)))
    refuses("7.3-3", [second], listed(result.pending, Add(lacking)))


def test_what_the_context_requires_of_who_changes_its_leaf() -> None:
    extensions = requiring(extensions=(ROOM_TITLE,))
    bob = person("bob")
    result = founder(extensions=extensions).commit(add=[bob.package], authenticate=anybody, now=NOW)
    second = join(result.welcome, bob)
    poorer = able(bob, extensions=(ROOM_PARAMETERS,))
    refuses("7.3-3", [second], proposed(result.pending, update_of(result.pending, new_key(), capabilities=poorer)))
    refuses("7.3-3", [second], with_path_leaf(result.pending, capabilities=poorer))


def test_what_the_context_requires_of_a_tree() -> None:
    extensions = requiring(extensions=(ROOM_TITLE,))
    bob, eve = person("bob"), person("eve")
    group = founder(extensions=extensions).commit(add=[bob.package], authenticate=anybody, now=NOW).pending
    result = group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    poorer = put_leaf(result.pending, 1, bob.signer, capabilities=able(bob, extensions=(ROOM_PARAMETERS,)))
    with refused("7.3-3"):
        join(rewelcomed(result.pending, result.welcome, eve, info=of_tree(poorer)), eve)


def test_credential_types() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    blind_to_others = package_of(eve, leaf={"capabilities": able(eve, credentials=(X509,))})
    refuses("7.3-4", others, listed(first, Add(blind_to_others)))
    only_basic = able(eve, credentials=(BASIC,))
    bob = person("bob")
    simple = package_of(bob, leaf={"capabilities": only_basic})
    result = founder().commit(add=[simple], authenticate=anybody, now=NOW)
    second = join(result.welcome, Person(bob.signer, simple, bob.secrets))
    other_type = package_of(eve, leaf={"credential": X509Credential((b"certificate",))})
    refuses("7.3-4", [second], listed(result.pending, Add(other_type)))
    refuses("7.3-4", [second], with_path_leaf(result.pending, capabilities=able(eve, credentials=(X509,))))


@pytest.mark.parametrize("lifetime", [(0, LIFETIME[0]), (LIFETIME[1], LIFETIME[1] + 1)])
def test_lifetimes(lifetime: tuple[int, int]) -> None:
    eve, group = person("eve", lifetime=lifetime), founder()
    with refused("7.3-5"):
        group.commit(add=[eve.package], authenticate=anybody, now=NOW)
    with refused("7.3-5"):
        group.propose_add(eve.package, authenticate=anybody, now=NOW)


def test_extensions_of_leaves() -> None:
    first, *others = group_of(["bob", "carol"])
    eve, unlisted = person("eve"), (Extension(UNKNOWN, b""),)
    refuses("7.3-7", others, proposed(first, Add(package_of(eve, leaf={"extensions": unlisted}))))
    refuses("7.3-7", others, proposed(first, update_of(first, new_key(), extensions=unlisted)))
    refuses("7.3-7", others, with_path_leaf(first, extensions=unlisted))
    group, welcome, eve = entering(["bob", "carol"])
    with refused("7.3-7"):
        join(rewelcomed(group, welcome, eve, info=of_tree(put_leaf(group, 0, group.signer, extensions=unlisted))), eve)


@pytest.mark.parametrize("source", [Source.UPDATE, Source.COMMIT])
def test_the_leaf_of_a_key_package(source: Source) -> None:
    first, *others = group_of(["bob", "carol"])
    other = package_of(person("eve"), leaf={"source": source, "lifetime": None})
    refuses("7.3-8", others, proposed(first, Add(other)))


@pytest.mark.parametrize("source", [Source.KEY_PACKAGE, Source.COMMIT])
def test_the_leaf_of_an_update(source: Source) -> None:
    first, *others = group_of(["bob", "carol"])
    lifetime = leaf_of(first, 1).lifetime if source is Source.KEY_PACKAGE else None
    refuses("7.3-9", others, proposed(first, update_of(first, new_key(), source=source, lifetime=lifetime)))


def test_an_update_without_a_new_key() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("7.3-10", others, proposed(first, update_of(first, leaf_of(first).encryption_key)))


def test_a_path_without_a_new_key_for_the_leaf() -> None:
    first, *others = group_of(["bob", "carol"])
    refuses("7.3-10", others, with_path_leaf(first, encryption_key=leaf_of(first).encryption_key))


@pytest.mark.parametrize("source", [Source.KEY_PACKAGE, Source.UPDATE])
def test_the_leaf_of_a_path(source: Source) -> None:
    first, *others = group_of(["bob", "carol"])
    lifetime = leaf_of(first, 1).lifetime if source is Source.KEY_PACKAGE else None
    assert source is Source.UPDATE or lifetime is not None
    refuses("7.3-11", others, with_path_leaf(first, source=source, lifetime=lifetime, parent_hash=b""))


def test_signature_keys_are_unique() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    twin = Person(eve.signer, person("twin").package, eve.secrets)
    second_self = package_of(twin, leaf={"signature_key": eve.signer.public})
    refuses("7.3-12", others, listed(first, Add(eve.package), Add(second_self)))
    again = package_of(
        Person(first.signer, person("again").package, eve.secrets), leaf={"signature_key": first.signer.public}
    )
    refuses("7.3-12", others, listed(first, Add(again)))
    with refused("7.3-12"):
        first.commit(add=[eve.package, second_self], authenticate=anybody, now=NOW)


def test_somebody_is_removed_and_added_anew() -> None:
    bob = person("bob")
    first = founder().commit(add=[bob.package], authenticate=anybody, now=NOW).pending
    anew = package_of(Person(bob.signer, person("bob").package, bob.secrets), leaf={"signature_key": bob.signer.public})
    result = first.commit(remove=[LeafIndex(1)], add=[anew], authenticate=anybody, now=NOW)
    assert [member.leaf_index for member in result.added] == [1]


def test_encryption_keys_are_unique() -> None:
    first, *others = group_of(["bob", "carol"])
    eve = person("eve")
    refuses(
        "7.3-13", others, listed(first, Add(package_of(eve, leaf={"encryption_key": leaf_of(first, 1).encryption_key})))
    )
    group, welcome, eve = entering(["bob", "carol"])
    forged = put_leaf(group, 0, group.signer, encryption_key=leaf_of(group, 1).encryption_key)
    with refused("7.3-13"):
        join(rewelcomed(group, welcome, eve, info=of_tree(forged)), eve)


# §7.5 to §7.9


def test_path_secrets_that_give_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = group_of(["bob", "carol"])
    honest = commit_making.seal_path

    def forged(applied: Any, committer: Any, path: Any, context: Any) -> Any:
        return honest(applied, committer, replace(path, secrets=tuple(bytes(32) for _ in path.secrets)), context)

    monkeypatch.setattr(commit_making, "seal_path", forged)
    message = first.commit(authenticate=anybody, now=NOW).message
    refuses("7.5-1", others, message, blind=False)


def test_replaced_keys_are_forgotten() -> None:
    first, second, third = group_of(["bob", "carol"])
    second, update = second.propose_update()
    first, _ = first.process(update, authenticate=anybody, now=NOW)
    before = {pair.private for group in (first, second) for pair in group.keys.values()}
    result = first.commit(authenticate=anybody, now=NOW)
    after, _ = second.process(result.message, authenticate=anybody, now=NOW)
    assert before.isdisjoint(pair.private for group in (after, result.pending) for pair in group.keys.values())
    assert after.updates == () and not any(private in after.encode() for private in before)
    assert third.keys


@pytest.mark.parametrize("nodes", ["none", "one less", "one more"])
def test_the_length_of_a_path(nodes: str) -> None:
    first, *others = group_of(["bob", "carol"])

    def alter(path: UpdatePath) -> UpdatePath:
        changed = {"none": (), "one less": path.nodes[:-1], "one more": (*path.nodes, path.nodes[0])}[nodes]
        return UpdatePath(path.leaf_node, changed)

    refuses("7.6-1", others, with_path(first, alter))


@pytest.mark.parametrize("change", ["fewer", "more"])
def test_the_ciphertexts_of_a_path(change: str) -> None:
    first, *others = group_of(["bob", "carol"])

    def alter(path: UpdatePath) -> UpdatePath:
        head, *rest = path.nodes
        secrets = head.secrets[1:] if change == "fewer" else head.secrets * 2
        return UpdatePath(path.leaf_node, (PathNode(head.encryption_key, secrets), *rest))

    refuses("7.6-2", others, with_path(first, alter))


def test_a_ciphertext_for_somebody_who_enters() -> None:
    """Whoever is added reads the Welcome; a path secret beside it would be one too many."""
    first, *others = group_of(["bob", "carol"])

    def alter(path: UpdatePath) -> UpdatePath:
        *rest, top = path.nodes
        return UpdatePath(path.leaf_node, (*rest, PathNode(top.encryption_key, (*top.secrets, top.secrets[0]))))

    refuses("7.6-2", others, with_path(first, alter, add=[person("eve").package]))


def test_parents_that_nobody_vouches_for() -> None:
    group, welcome, eve = entering(["bob", "carol"])
    tree = group.public.tree
    for index in range(1, len(tree.nodes), 2):
        parent = tree.nodes[index]
        if isinstance(parent, ParentNode):
            forged = put(tree, {index: replace(parent, encryption_key=new_key())})
            with refused("7.9.2-1"):
                join(rewelcomed(group, welcome, eve, info=of_tree(forged)), eve)
            with refused("7.9.2-1"):
                PublicGroup.from_group_info(
                    of_tree(forged)(GroupInfo.decode(group.group_info())).signed(group.signer).encode(),
                    authenticate=anybody,
                    now=NOW,
                )


def test_a_parent_with_another_parent_hash() -> None:
    group, welcome, eve = entering(["bob", "carol"])
    tree = group.public.tree
    top = tree.parent(root(tree.leaves))
    assert top is not None
    forged = put(tree, {int(root(tree.leaves)): replace(top, parent_hash=bytes(32))})
    with refused("7.9.2-1"):
        join(rewelcomed(group, welcome, eve, info=of_tree(forged)), eve)


def test_the_parent_hash_of_a_path() -> None:
    first, *others = group_of(["bob", "carol"])
    for wrong in (bytes(32), b"", leaf_of(first).parent_hash):
        refuses("7.9.2-2", others, with_path_leaf(first, parent_hash=wrong))
