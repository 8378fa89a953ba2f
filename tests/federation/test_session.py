"""cordiale.federation.session: a batch is taken where it continues the replica and leads to the signed root, or not at all."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError, LimitExceeded, Malformed, PeerViolation, ProofInvalid, SplitView
from cordiale.federation import session
from cordiale.federation.session import Batch, Pull, parse_batch, parse_pull
from cordiale.ledger import checkpoint
from cordiale.ledger.log import LogState
from cordiale.wire import canonical, limits
from forge import dump
from forge.border import Border
from forge.device import Device
from forge.scene import Scene
from forge.verdict import refused

Alter = Callable[[Scene, Border, Batch], Batch]


def _first_altered(found: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The first with its last bit turned."""
    return (found[0][:-1] + bytes([found[0][-1] ^ 1]), *found[1:])


def _replaced(**changes: Callable[[Any], Any]) -> Alter:
    return lambda scene, border, batch: msgspec.structs.replace(
        batch, **{name: make(getattr(batch, name)) for name, make in changes.items()}
    )


def _forked(scene: Scene, border: Border, batch: Batch) -> Batch:
    """France shows Britain another history than the one that it confirmed; the border signs both."""
    log = border.node.leaves(border.log)
    data = Device(scene.agent("denis@fr"), scene.room).letter()
    other = border.leaf(data)
    state, _ = LogState.empty(f"cordiale/fr/{border.log}").append([other, *log[1 : batch.start]])
    return border.over(state, batch, list(batch.leaves))


def _shrunk(scene: Scene, border: Border, batch: Batch) -> Batch:
    """An older checkpoint, properly signed, after a newer one was confirmed."""
    state, _ = LogState.empty(f"cordiale/fr/{border.log}").append(border.node.leaves(border.log)[:1])
    return border.over(state, batch, [], envelopes=())


def _one_size_two_roots(scene: Scene, border: Border, batch: Batch) -> Batch:
    state = LogState.empty(f"cordiale/fr/{border.log}").append([b"x"] * batch.start)[0]
    return border.over(state, batch, [], envelopes=())


def _by_another_border(scene: Scene, border: Border, batch: Batch) -> Batch:
    return border.signed(batch, list(batch.leaves), key=SigningKey.generate())


def _of_another_log(scene: Scene, border: Border, batch: Batch) -> Batch:
    return msgspec.structs.replace(batch, checkpoint=_other_checkpoint(border))


def _other_checkpoint(border: Border) -> bytes:
    with border.node.store.read() as tx:
        return tx.logs.checkpoint("enrolment")


def _beyond(scene: Scene, border: Border, batch: Batch) -> Batch:
    """More leaves than the checkpoint covers."""
    return msgspec.structs.replace(batch, leaves=(*batch.leaves, border.leaf(batch.envelopes[0])))


ALTERED: dict[str, tuple[Alter, tuple[type[CordialeError], ...]]] = {
    "the last entry missing": (_replaced(leaves=lambda found: found[:-1]), (ProofInvalid,)),
    "the first entry missing": (_replaced(leaves=lambda found: found[1:]), (ProofInvalid,)),
    "no entries": (_replaced(leaves=lambda found: ()), (PeerViolation,)),
    "entries exchanged": (_replaced(leaves=lambda found: found[::-1]), (ProofInvalid,)),
    "an entry twice": (_replaced(leaves=lambda found: (*found, found[-1])), (ProofInvalid,)),
    "an entry altered": (
        _replaced(leaves=lambda found: _first_altered(found)),
        (PeerViolation,),
    ),
    "an entry too many": (_beyond, (ProofInvalid,)),
    "from earlier": (_replaced(start=lambda start: start - 1), (PeerViolation,)),
    "from later": (_replaced(start=lambda start: start + 1), (PeerViolation,)),
    "another log": (_replaced(log=lambda log: "border/uk-fr"), (PeerViolation,)),
    "envelopes missing": (_replaced(envelopes=lambda found: found[:1]), (Malformed,)),
    "an envelope altered": (
        _replaced(envelopes=lambda found: _first_altered(found)),
        (PeerViolation,),
    ),
    "a chain that is none": (_replaced(chains=lambda found: (b"junk",)), (Malformed,)),
    "a proof that is none": (_replaced(consistency=lambda found: (bytes(32),)), (ProofInvalid,)),
    "a proof of short hashes": (_replaced(consistency=lambda found: (b"1",)), (PeerViolation,)),
    "no checkpoint": (_replaced(checkpoint=lambda note: b""), (PeerViolation,)),
    "a checkpoint altered": (_replaced(checkpoint=lambda note: note.replace(b"\n4\n", b"\n5\n")), (PeerViolation,)),
    "a checkpoint unsigned": (_replaced(checkpoint=lambda note: note.partition(b"\n\n")[0] + b"\n\n"), (Malformed,)),
    "a checkpoint by another key": (_by_another_border, (PeerViolation,)),
    "a checkpoint of another log": (_of_another_log, (PeerViolation,)),
    "a forked history": (_forked, (SplitView, ProofInvalid)),
    "a log that shrank": (_shrunk, (SplitView,)),
    "one size, two roots": (_one_size_two_roots, (SplitView,)),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_batch_changes_nothing_and_the_honest_one_is_taken_after_it(scene: Scene, name: str) -> None:
    alter, kinds = ALTERED[name]
    for text in ("EXERCICE un", "EXERCICE deux"):
        scene.say("claire@fr", text)
        scene.settle(1)
    for text in ("EXERCICE trois", "EXERCICE quatre"):
        scene.say("claire@fr", text)
    border = Border(scene.node("fr"), scene.node("uk"))
    honest = border.batch()
    assert (honest.start, len(honest.leaves)) == (2, 2)
    altered = alter(scene, border, honest)
    before = dump.of_node(scene.node("uk"), but=())
    with refused(*kinds):
        border.offer(altered)
    assert dump.of_node(scene.node("uk"), but=()) == before
    assert border.offer(honest) == []
    scene.settle()
    assert scene.texts("alice@uk") == ["EXERCICE un", "EXERCICE deux", "EXERCICE trois", "EXERCICE quatre"]
    scene.require_alive()


def test_the_same_batch_again_is_refused_and_changes_nothing(scene: Scene) -> None:
    scene.say("claire@fr", "EXERCICE")
    border = Border(scene.node("fr"), scene.node("uk"))
    batch = border.batch()
    assert border.offer(batch) == []
    before = dump.of_node(scene.node("uk"), but=())
    with refused(PeerViolation):
        border.offer(batch)
    assert dump.of_node(scene.node("uk"), but=()) == before
    scene.require_alive()


def test_what_more_a_batch_brings_is_not_kept(scene: Scene) -> None:
    scene.say("claire@fr", "EXERCICE")
    border = Border(scene.node("fr"), scene.node("uk"))
    batch = border.batch()
    extra = Device(scene.agent("denis@fr"), scene.room).letter()
    assert border.offer(msgspec.structs.replace(batch, envelopes=(*batch.envelopes, extra))) == []
    assert all(extra not in row for row in dump.of_node(scene.node("uk"))["envelope"])
    scene.require_alive()


def test_a_long_outage_is_caught_up_in_pages(scene: Scene) -> None:
    for number in range(5):
        scene.say("claire@fr", f"EXERCICE {number}")
    border = Border(scene.node("fr"), scene.node("uk"))
    whole = limits.BATCH_ENTRIES
    try:
        limits.BATCH_ENTRIES = 2  # type: ignore[misc]
        sizes = [len((border.batch()).leaves) for _ in range(4) if border.offer(border.batch()) == []]
    finally:
        limits.BATCH_ENTRIES = whole  # type: ignore[misc]
    assert len(sizes) == 4
    assert scene.node("uk").leaves(border.log) == scene.node("fr").leaves(border.log)
    scene.require_alive()


def test_a_hostile_pull_learns_and_changes_nothing(scene: Scene) -> None:
    node, before = scene.node("uk"), dump.of_node(scene.node("uk"), but=())
    for log in ("border/uk-de", "guard", "enrolment", f"home/{scene.room.hex()}", "inbox/alice@uk", "border/fr-uk", ""):
        with refused(PeerViolation):
            node.answer(scene.node("fr").nation, Pull(log, 0))
    with refused(PeerViolation):
        node.answer(scene.node("fr").nation, Pull("border/uk-fr", 10**9))
    for cosigned in (
        b"junk",
        _other_checkpoint(Border(node, node)),
        checkpoint.sign(
            LogState.empty("cordiale/uk/border/uk-fr").append([b"x"])[0].checkpoint(),
            "border@uk",
            SigningKey.generate(),
        ),
    ):
        with refused(PeerViolation):
            node.answer(scene.node("fr").nation, Pull("border/uk-fr", 0, cosigned))
    assert dump.of_node(node, but=()) == before
    scene.require_alive()


@pytest.mark.parametrize(
    "changes",
    [{"size": -1}, {"wait": -1}, {"wait": limits.LONG_POLL_SECONDS + 1}, {"log": "x" * 257}],
)
def test_a_pull_outside_its_ranges(changes: dict[str, Any]) -> None:
    pull = msgspec.structs.replace(Pull("border/uk-fr", 0), **changes)
    with refused(PeerViolation):
        parse_pull(canonical.encode(pull))


def test_a_batch_outside_its_ranges() -> None:
    batch = Batch("border/uk-fr", 0, (), b"", (), ())
    with refused(Malformed):
        parse_batch(msgspec.structs.replace(batch, start=-1).encode())
    with refused(LimitExceeded):
        parse_batch(msgspec.structs.replace(batch, leaves=(b"",) * (limits.BATCH_ENTRIES + 1)).encode())
    with refused(LimitExceeded):
        parse_batch(bytes(limits.REQUEST_BYTES + 1))
    assert parse_batch(batch.encode()) == batch
    assert session.home_log(b"\x01") == "home/01"
