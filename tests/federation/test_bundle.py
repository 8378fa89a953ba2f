"""cordiale.federation.bundle: altered at every field, a bundle proves nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from cordiale.adapters.clock import system_clock
from cordiale.crypto.certificate import create_root
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadCertificate, CordialeError, LimitExceeded, Malformed, PeerViolation, ProofInvalid
from cordiale.federation.bundle import Bundle, parse_bundle, verify_bundle
from cordiale.ledger import checkpoint, witness
from cordiale.ledger.log import LogState
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation
from cordiale.wire import limits
from forge.border import Border
from forge.device import Device
from forge.scene import Scene, staged
from forge.verdict import refused

Pinned = dict[Nation, bytes]


@pytest.fixture(scope="module")
def proof() -> Iterator[tuple[Scene, Bundle, Pinned]]:
    """A message of Britain's that France cosigned, with messages around it."""
    with staged() as scene:
        for text in ("EXERCISE one", "EXERCISE two", "EXERCISE three"):
            scene.say("alice@uk", text)
            scene.settle(1)
        scene.settle()
        alice = scene.agent("alice@uk").engine
        message = alice.messages(scene.room, "en")[1].row.id
        pinned = {node.nation: node.home.root for node in scene.world.nodes.values()}
        yield scene, parse_bundle(alice.bundle(scene.room, message)), pinned


def test_an_honest_bundle_proves_its_message(proof: tuple[Scene, Bundle, Pinned]) -> None:
    _, bundle, pinned = proof
    proven = verify_bundle(bundle.encode(), pinned, system_clock())
    assert (str(proven.author), proven.log, proven.index) == ("alice@uk", "border/uk-fr", bundle.index)
    assert proven.rule.startswith("uk")
    assert verify_bundle(bundle.encode(), {}, system_clock()).roots == proven.roots
    years = Moment(system_clock() + 20 * 365 * DAY)
    assert verify_bundle(bundle.encode(), pinned, years) == proven


def _first_flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def _last_flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _middle_flipped(data: bytes) -> bytes:
    half = len(data) // 2
    return data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :]


CHANGES: dict[str, Callable[[Bundle], dict[str, Any]]] = {
    "version": lambda b: {"version": 2},
    "log": lambda b: {"log": "border/fr-uk"},
    "log of nobody": lambda b: {"log": ""},
    "index before": lambda b: {"index": b.index - 1},
    "index after": lambda b: {"index": b.index + 1},
    "index below zero": lambda b: {"index": -1},
    "index past 64 bits": lambda b: {"index": 2**70},
    "proof emptied": lambda b: {"proof": ()},
    "proof reversed": lambda b: {"proof": (*b.proof[::-1], b.proof[0])},
    "proof of short hashes": lambda b: {"proof": tuple(part[:31] for part in b.proof)},
    "proof of 65 hashes": lambda b: {"proof": (bytes(32),) * 65},
    "envelope emptied": lambda b: {"envelope": b""},
    "leaf emptied": lambda b: {"leaf": b""},
    "checkpoint without the witness": lambda b: {"checkpoint": b"\n".join(b.checkpoint.split(b"\n")[:-2]) + b"\n"},
    "borders exchanged": lambda b: {"border": b.witness, "witness": b.border},
    "the author as border": lambda b: {"border": b.author},
    "the author as witness": lambda b: {"witness": b.author},
    "the border as author": lambda b: {"author": b.border},
    "roots exchanged": lambda b: {"roots": b.roots[::-1]},
    "one root twice": lambda b: {"roots": (b.roots[0], b.roots[0])},
    **{
        f"{field} {flip.__name__}": lambda b, field=field, flip=flip: {field: flip(getattr(b, field))}
        for field in ("leaf", "envelope", "checkpoint", "author", "border", "witness")
        for flip in (_first_flipped, _middle_flipped, _last_flipped)
    },
    **{
        f"proof {place} flipped": lambda b, place=place: {
            "proof": tuple(_last_flipped(part) if n == place else part for n, part in enumerate(b.proof))
        }
        for place in range(2)
    },
    **{
        f"root {place} flipped": lambda b, place=place: {
            "roots": tuple(_middle_flipped(root) if n == place else root for n, root in enumerate(b.roots))
        }
        for place in range(2)
    },
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("knows", [True, False], ids=["roots known", "roots unknown"])
def test_an_altered_bundle_proves_nothing(proof: tuple[Scene, Bundle, Pinned], name: str, knows: bool) -> None:
    _, bundle, pinned = proof
    altered = msgspec.structs.replace(bundle, **CHANGES[name](bundle))
    with refused(PeerViolation):
        verify_bundle(altered.encode(), pinned if knows else {}, system_clock())


def test_a_root_that_is_not_the_pinned_one(proof: tuple[Scene, Bundle, Pinned]) -> None:
    _, bundle, pinned = proof
    other = create_root(SigningKey.generate(), Nation("uk"), system_clock())
    with refused(BadCertificate):
        verify_bundle(bundle.encode(), {**pinned, Nation("uk"): other}, system_clock())


def test_a_bundle_of_tomorrow(proof: tuple[Scene, Bundle, Pinned]) -> None:
    _, bundle, pinned = proof
    with refused(ProofInvalid):
        verify_bundle(bundle.encode(), pinned, Moment(system_clock() - DAY))


def test_a_log_of_ones_own_invention(proof: tuple[Scene, Bundle, Pinned]) -> None:
    """Britain signs another history for the same entry; France never cosigned it."""
    scene, bundle, pinned = proof
    border = Border(scene.node("uk"), scene.node("fr"))
    state, _ = LogState.empty("cordiale/uk/border/uk-fr").append([bundle.leaf])
    note = checkpoint.sign(state.checkpoint(), "border@uk", border.key)
    alone = msgspec.structs.replace(bundle, index=0, proof=(), checkpoint=note)
    with refused(ProofInvalid):
        verify_bundle(alone.encode(), pinned, system_clock())
    self_cosigned = witness.cosign(note, "border@fr", border.key, system_clock())
    with refused(PeerViolation):
        verify_bundle(msgspec.structs.replace(alone, checkpoint=self_cosigned).encode(), pinned, system_clock())


def test_a_nation_does_not_witness_for_itself(proof: tuple[Scene, Bundle, Pinned]) -> None:
    scene, bundle, pinned = proof
    border = Border(scene.node("uk"), scene.node("uk"))
    data = Device(scene.agent("alice@uk"), scene.room).letter()
    leaf = border.leaf(data)
    state, _ = LogState.empty("cordiale/uk/border/uk-uk").append([leaf])
    note = checkpoint.sign(state.checkpoint(), "border@uk", border.key)
    alone = msgspec.structs.replace(
        bundle,
        log="border/uk-uk",
        index=0,
        leaf=leaf,
        envelope=data,
        proof=(),
        checkpoint=witness.cosign(note, "border@uk", border.key, system_clock()),
        witness=bundle.border,
        roots=(bundle.roots[0], bundle.roots[0]),
    )
    with refused(PeerViolation):
        verify_bundle(alone.encode(), pinned, system_clock())


@pytest.mark.parametrize(
    ("data", "kind"), [(b"", Malformed), (b"\x81" * 50, Malformed), (bytes(limits.BUNDLE_BYTES + 1), LimitExceeded)]
)
def test_what_is_no_bundle(data: bytes, kind: type[CordialeError]) -> None:
    with refused(kind):
        verify_bundle(data, {}, system_clock())
