"""cordiale.agent.trust: a node hands over whom to believe, and cannot make it up."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cordiale.adapters.clock import system_clock
from cordiale.agent.trust import open_trust
from cordiale.crypto import statement
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadCertificate, BadSignature, CordialeError, Malformed, PeerViolation, PolicyInvalid
from cordiale.federation.api import Trust
from cordiale.federation.peering import make_card
from cordiale.labels.shipped import shipped
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import canonical, limits
from forge import dump
from forge.scene import Scene
from forge.verdict import refused

Changes = Callable[[Scene, Trust], dict[str, Any]]


def _trust(scene: Scene) -> Trust:
    sealed = scene.agent("alice@uk").client.trust()
    return canonical.decode(statement.peek(statement.TRUST, sealed, limit=2**24).payload, Trust, limit=2**24)


def _sealed(scene: Scene, trust: Trust, key: SigningKey | None = None) -> bytes:
    return statement.seal(key or scene.node("uk").home.border_signer(), statement.TRUST, canonical.encode(trust))


def _by_the_border(scene: Scene, name: str, kind: str) -> bytes:
    """Sealed by the border, where only the root's seal counts."""
    return statement.seal(scene.node("uk").home.border_signer(), kind, shipped(name))  # type: ignore[arg-type]


def _laxer(scene: Scene, key: SigningKey) -> bytes:
    return statement.seal(key, statement.POLICY, shipped("uk").replace(b'"refuse"', b'"release"'))


FORGED: dict[str, tuple[Changes, tuple[type[CordialeError], ...]]] = {
    "a policy sealed by the border": (
        lambda s, t: {"policies": (_by_the_border(s, "uk", statement.POLICY), *t.policies[1:])},
        (BadSignature,),
    ),
    "a policy sealed by a stranger": (
        lambda s, t: {"policies": (_laxer(s, SigningKey.generate()), *t.policies[1:])},
        (BadSignature,),
    ),
    "no policy": (lambda s, t: {"policies": ()}, (PolicyInvalid,)),
    "one's own policy twice": (lambda s, t: {"policies": (t.policies[0], *t.policies)}, (PolicyInvalid,)),
    "a table sealed by the border": (
        lambda s, t: {"table": _by_the_border(s, "table", statement.TABLE)},
        (BadSignature,),
    ),
    "a policy for a table": (lambda s, t: {"table": t.policies[0]}, (Malformed,)),
    "no table": (lambda s, t: {"table": b""}, (Malformed,)),
    "a partner's border": (lambda s, t: {"border": s.node("fr").home.bytes_of("border.cbor")}, (BadCertificate,)),
    "a person for a border": (lambda s, t: {"border": s.agent("bob@uk").engine.own.chain.encode()}, (BadCertificate,)),
    "no border": (lambda s, t: {"border": b""}, (Malformed,)),
    "an altered card": (lambda s, t: {"cards": (t.cards[0][:-1] + bytes([t.cards[0][-1] ^ 1]),)}, (PeerViolation,)),
    "a card without the root's seal": (
        lambda s, t: {"cards": (statement.peek(statement.LINK, t.cards[0], limit=2**24).payload,)},
        (Malformed,),
    ),
    "a card under the border's seal": (
        lambda s, t: {
            "cards": (
                statement.seal(
                    s.node("uk").home.border_signer(),
                    statement.LINK,
                    statement.peek(statement.LINK, t.cards[0], limit=2**24).payload,
                ),
            )
        },
        (BadSignature,),
    ),
    "a card that is none": (lambda s, t: {"cards": (b"junk",)}, (Malformed,)),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_trust_changes_nobody(scene: Scene, name: str) -> None:
    changes, kinds = FORGED[name]
    alice, trust = scene.agent("alice@uk"), _trust(scene)
    sealed = _sealed(scene, msgspec.structs.replace(trust, **changes(scene, trust)))
    honest, before, domain = alice.client.trust, dump.of_agent(alice, but=()), alice.engine.domain
    alice.client.trust = lambda: sealed  # type: ignore[method-assign]
    with refused(*kinds):
        alice.engine.connect()
    assert alice.engine.domain == domain
    assert dump.of_agent(alice, but=()) == before
    alice.client.trust = honest  # type: ignore[method-assign]
    alice.engine.connect()
    scene.require_alive()


def test_what_the_border_did_not_seal(scene: Scene) -> None:
    own, trust = scene.agent("alice@uk").engine.own, _trust(scene)
    for key in (SigningKey.generate(), scene.node("uk").home.root_signer(), scene.node("fr").home.border_signer()):
        with refused(BadSignature):
            open_trust(_sealed(scene, trust, key), own.nation, own.row.root, system_clock())
    with refused(PeerViolation):
        open_trust(b"junk", own.nation, own.row.root, system_clock())
    with refused(PeerViolation):
        open_trust(bytes(limits.REQUEST_BYTES + 1), own.nation, own.row.root, system_clock())


def test_under_another_root_or_in_another_time_it_is_nothing(scene: Scene) -> None:
    own, sealed = scene.agent("alice@uk").engine.own, scene.agent("alice@uk").client.trust()
    with refused(BadCertificate):
        open_trust(sealed, own.nation, scene.node("fr").home.root, system_clock())
    with refused(PolicyInvalid):
        open_trust(sealed, Nation("fr"), own.row.root, system_clock())
    with refused(BadCertificate):
        open_trust(sealed, own.nation, own.row.root, Moment(system_clock() + 3000 * DAY))


def test_a_partners_policy_does_not_take_the_place_of_ours(scene: Scene) -> None:
    """Its card carries a policy with our id, sealed by its own root."""
    fr, trust = scene.node("fr").home, _trust(scene)
    for text in (
        shipped("uk").replace(b'nation = "uk"', b'nation = "fr"', 1),
        shipped("nato").replace(b'nation = "nato"', b'nation = "fr"', 1),
    ):
        card = make_card(
            fr.border_signer(),
            fr.nation,
            fr.root,
            fr.border_chain(),
            "http://fr",
            statement.seal(fr.root_signer(), statement.POLICY, text),
            sha256(fr.table_bytes()),
            nonce=bytes(32),
            now=system_clock(),
        )
        link = statement.seal(scene.node("uk").home.root_signer(), statement.LINK, card)
        own, sealed = scene.agent("alice@uk").engine.own, _sealed(scene, msgspec.structs.replace(trust, cards=(link,)))
        with refused(PolicyInvalid):
            open_trust(sealed, own.nation, own.row.root, system_clock())
