"""Two administrators and a hostile card between them: the link's table row stays as it was, and honest cards go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordiale.adapters.clock import system_clock
from cordiale.crypto import statement
from cordiale.crypto.digest import sha256
from cordiale.errors import BadSignature, IllegalStep, PolicyInvalid, PolicyRefusal
from cordiale.federation.peering import LinkState, make_card
from cordiale.labels.shipped import shipped
from cordiale.vocab.party import Nation
from cordiale.wiring import nation as nations
from cordiale.wiring.nation import NationHome
from forge import dump
from forge.scene import quickly
from forge.verdict import refused
from worlds.world import NodeSim, World


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[NodeSim, NodeSim]]:
    """Britain and France, not linked yet."""
    with quickly():
        world = World(tmp_path)
        yield world.add_nation("uk"), world.add_nation("fr")
        world.close()


def _honest_link(uk: NationHome, fr: NationHome) -> None:
    answer = fr.accept(uk.invite("fr"), None)
    words = " ".join(answer["words"])
    assert uk.accept(answer["card"], words)["linked"]
    with fr.store().read() as tx:
        link = tx.links.link(Nation("uk"))
    assert link is not None
    assert fr.accept(link.theirs, words)["linked"]


def _card(home: NationHome, *, policy: bytes | None = None, table: bytes | None = None, answers: bytes = b"") -> bytes:
    """A card that the nation's border signs and its own program would not make."""
    sealed = (
        home.bytes_of("policy.cbor") if policy is None else statement.seal(home.root_signer(), statement.POLICY, policy)
    )
    digest = sha256(home.table_bytes()) if table is None else table
    return make_card(
        home.border_signer(),
        home.nation,
        home.root,
        home.border_chain(),
        "http://127.0.0.1:1",
        sealed,
        digest,
        answers=answers,
        nonce=bytes(32),
        now=system_clock(),
    )


def _policy(name: str, *changes: tuple[str, str]) -> bytes:
    text = shipped(name).decode()  # type: ignore[arg-type]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


AS_FRANCE = ('nation = "uk"', 'nation = "fr"')


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"table": bytes(32)}, PolicyInvalid),
        ({"policy": _policy("uk")}, PolicyInvalid),
        ({"policy": b"junk"}, PolicyInvalid),
        ({"policy": _policy("uk", AS_FRANCE)}, PolicyInvalid),
        ({"policy": _policy("nato", ('nation = "nato"', 'nation = "fr"'))}, PolicyInvalid),
        ({"policy": _policy("fr", ('nation = "fr"', 'nation = "fr"\nmembers = ["uk", "fr"]'))}, PolicyInvalid),
        ({"policy": _policy("fr", ('id = "fr"', 'id = "francia"'))}, PolicyInvalid),
        ({"answers": bytes(32)}, IllegalStep),
    ],
    ids=[
        "another table",
        "our own policy",
        "a policy that is none",
        "a policy with our id",
        "a policy with a shared id",
        "a policy with members",
        "a policy with an id of its own",
        "an answer to nothing",
    ],
)
def test_a_card_that_says_something_else_changes_nothing(
    homes: tuple[NodeSim, NodeSim], changes: dict[str, bytes], kind: type[Exception]
) -> None:
    uk, fr = homes
    before = dump.of_node(uk, but=())
    with refused(kind):  # type: ignore[arg-type]
        uk.home.accept(_card(fr.home, **changes), None)
    assert dump.of_node(uk, but=()) == before
    _honest_link(uk.home, fr.home)


def test_wrong_words_link_nobody(homes: tuple[NodeSim, NodeSim]) -> None:
    uk, fr = homes
    answer = fr.home.accept(uk.home.invite("fr"), None)
    before = dump.of_node(uk, but=())
    with refused(BadSignature):
        uk.home.accept(answer["card"], "abandon ability able about above absent")
    assert dump.of_node(uk, but=()) == before
    assert uk.home.accept(answer["card"], " ".join(answer["words"]))["linked"]


def test_a_linked_nation_is_not_linked_anew(homes: tuple[NodeSim, NodeSim], tmp_path: Path) -> None:
    uk, fr = homes
    _honest_link(uk.home, fr.home)
    other = nations.init(tmp_path / "other", "fr")
    before = dump.of_node(uk, but=())
    for card in (_card(other), _card(fr.home), _card(other, answers=sha256(uk.home.link_card("fr")))):
        with refused(IllegalStep):
            uk.home.accept(card, None)
    with refused(IllegalStep):
        uk.home.invite("fr")
    assert dump.of_node(uk, but=()) == before
    assert [link["state"] for link in uk.home.links()] == [LinkState.LINKED]


def test_a_man_in_the_middle_changes_the_words(homes: tuple[NodeSim, NodeSim], tmp_path: Path) -> None:
    """Each side is given a card of the middle's; both can be accepted, the words read aloud then differ."""
    uk, fr = homes
    middle_fr, middle_uk = nations.init(tmp_path / "mfr", "fr"), nations.init(tmp_path / "muk", "uk")
    invitation = uk.home.invite("fr")
    seen_by_france = fr.home.accept(middle_uk.invite("fr"), None)
    answer = middle_fr.accept(invitation, None)
    seen_by_britain = uk.home.accept(answer["card"], None)
    assert seen_by_britain["words"] != seen_by_france["words"]
    with refused(BadSignature):
        uk.home.accept(answer["card"], " ".join(seen_by_france["words"]))


def test_a_nation_is_not_peered_with_itself(homes: tuple[NodeSim, NodeSim]) -> None:
    uk, _ = homes
    before = dump.of_node(uk, but=())
    with refused(IllegalStep):
        uk.home.accept(_card(uk.home), None)
    with refused(IllegalStep):
        uk.home.invite("uk")
    assert dump.of_node(uk, but=()) == before
    assert issubclass(PolicyInvalid, PolicyRefusal)
