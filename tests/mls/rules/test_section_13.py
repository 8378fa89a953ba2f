"""RFC 9420 §13, extensibility: what is unknown is ignored where it may be, and refused where it may not."""

from cordiale.mls.extension import ROOM_PARAMETERS, ROOM_TITLE, Extension
from cordiale.mls.group_info import GroupInfo
from cordiale.mls.proposal import Add, GroupContextExtensions
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.syntax import opaque, u16
from mls.people import NOW, Person, anybody, founder, group_of, join, person
from mls.rules.forging import (
    UNKNOWN,
    able,
    listed,
    package_of,
    proposed,
    replace,
    rewelcomed,
    update_of,
    with_path_leaf,
)
from mls.rules.refusal import refused, refuses

GREASE = tuple(0x0A0A + 0x1010 * step for step in range(15))


def test_credentials_of_an_unknown_type() -> None:
    group, eve = group_of(["bob"])[0], person("eve")
    honest = opaque(eve.package.leaf_node.signature_key) + u16(1) + opaque(b"eve")
    message = eve.package.encode()
    assert message.count(honest) == 1
    for kind in (0, 3, GREASE[0]):
        forged = opaque(eve.package.leaf_node.signature_key) + u16(kind) + opaque(b"eve")
        with refused("13.3-1"):
            group.propose_add(message.replace(honest, forged), authenticate=anybody, now=NOW)


def test_an_extension_twice() -> None:
    first, *others = group_of(["bob", "carol"])
    twice = (Extension(ROOM_TITLE, b"one"), Extension(ROOM_TITLE, b"two"))
    eve = person("eve")
    refuses("13.4-1", others, proposed(first, GroupContextExtensions(twice)))
    refuses("13.4-1", others, proposed(first, Add(package_of(eve, extensions=twice))))
    refuses("13.4-1", others, proposed(first, Add(package_of(eve, leaf={"extensions": twice}))))
    refuses("13.4-1", others, with_path_leaf(first, extensions=twice))
    info = GroupInfo.decode(first.group_info())
    forged = replace(info, extensions=(*info.extensions, *twice)).signed(first.signer)
    with refused("13.4-1"):
        PublicGroup.from_group_info(forged.encode(), authenticate=anybody, now=NOW)


def test_extensions_that_somebody_does_not_support() -> None:
    bob, eve = person("bob"), person("eve")
    result = founder(extensions=(Extension(ROOM_TITLE, b"title"),)).commit(
        add=[bob.package], authenticate=anybody, now=NOW
    )
    first, second = result.pending, join(result.welcome, bob)
    poorer = able(eve, extensions=(ROOM_PARAMETERS,))
    refuses("13.4-2", [second], proposed(first, Add(package_of(eve, leaf={"capabilities": poorer}))))
    refuses("13.4-2", [second], proposed(first, update_of(first, eve.package.init_key, capabilities=poorer)))
    refuses("13.4-2", [second], with_path_leaf(first, capabilities=poorer))
    refuses("13.4-2", [second], listed(first, GroupContextExtensions((Extension(UNKNOWN, b""),))))
    with refused("13.4-2"):
        first.commit(extensions=(Extension(UNKNOWN, b""),), authenticate=anybody, now=NOW)


def test_somebody_enters_a_group_that_it_does_not_support() -> None:
    """An extension nobody lists, in a GroupInfo that a member signed and that is right in all else."""
    first, eve = group_of(["bob"])[0], person("eve")
    result = first.commit(add=[eve.package], authenticate=anybody, now=NOW)

    def with_unknown(info: GroupInfo) -> GroupInfo:
        return replace(info, context=replace(info.context, extensions=(Extension(UNKNOWN, b""),)))

    with refused("13.4-2"):
        join(rewelcomed(result.pending, result.welcome, eve, info=with_unknown), eve)
    join(rewelcomed(result.pending, result.welcome, eve), eve)


def test_unknown_values_of_a_key_package_are_ignored() -> None:
    first, second, _ = group_of(["bob", "carol"])
    eve = person("eve")
    greased = able(
        eve,
        versions=(1, GREASE[0]),
        suites=GREASE,
        extensions=(*GREASE, UNKNOWN, ROOM_TITLE),
        proposals=GREASE,
        credentials=(1, 2, *GREASE),
    )
    unknown = (Extension(GREASE[1], b"anything"), Extension(UNKNOWN, b""))
    package = package_of(eve, leaf={"capabilities": greased, "extensions": unknown}, extensions=unknown)
    result = first.commit(add=[package.encode()], authenticate=anybody, now=NOW)
    second.process(result.message, authenticate=anybody, now=NOW)
    assert join(result.welcome, Person(eve.signer, package, eve.secrets)).epoch == result.pending.epoch


def test_unknown_extensions_of_a_group_info_are_ignored() -> None:
    first, eve = group_of(["bob"])[0], person("eve")
    unknown = (Extension(GREASE[2], b"anything"), Extension(UNKNOWN, b""))
    result = first.commit(add=[eve.package], group_info_extensions=unknown, authenticate=anybody, now=NOW)
    assert join(result.welcome, eve).epoch == result.pending.epoch
    info = result.pending.group_info(extensions=unknown)
    assert PublicGroup.from_group_info(info, authenticate=anybody, now=NOW).epoch == result.pending.epoch
