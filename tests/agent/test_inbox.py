"""cordiale.agent.inbox: what a hostile member or node sends is kept apart unread, and what follows is read."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from cordiale.agent import content
from cordiale.agent.content import EDIT, FILE, PART, REACTION, READ, TEXT, Content, file_contents
from cordiale.crypto.signing import SigningKey
from cordiale.errors import PeerViolation
from cordiale.federation.api import SyncAnswer
from cordiale.federation.room import CommitBody
from cordiale.federation.session import Batch, inbox_log
from cordiale.labels import binding as kinds
from cordiale.ledger.log import LogState
from cordiale.mls.credential import X509Credential
from cordiale.mls.extension import ROOM_PARAMETERS, Extension
from cordiale.mls.framing import PrivateMessage
from cordiale.vocab.party import Address, Nation
from cordiale.wire import limits
from forge import certificates, dump, handshakes
from forge.border import Border
from forge.device import Device
from forge.home import Home, answering
from forge.scene import TO_FRANCE, Scene
from forge.verdict import kind_of, refused

Forge = Callable[[Scene, Home, Device], object]
UNREAD = ("alarm/", "log/", "heads/")


def _letter(**changes: Any) -> Forge:
    return lambda scene, home, device: home.publish(device.letter(**changes))


def _entry(**changes: Any) -> Forge:
    return lambda scene, home, device: home.publish(device.letter(), **changes)


def _lowered(scene: Scene, home: Home, device: Device) -> None:
    inner = device.header(device.label("SECRET REL GBR"))
    home.publish(device.letter(inner=inner, header=msgspec.structs.replace(inner, label=device.header().label)))


def _ciphertext(**changes: Any) -> Forge:
    """A well-bound body whose inside is not what MLS sealed."""

    def forge(scene: Scene, home: Home, device: Device) -> None:
        header = device.header()
        body, _ = device.seal(b"EXERCISE", header)
        altered = msgspec.structs.replace(PrivateMessage.decode(body), **changes)
        home.publish(device.envelope(header, altered.encode()))

    return forge


def _by_another_member(scene: Scene, home: Home, device: Device) -> None:
    """Denis's ciphertext under the label binding of Claire."""
    claire, header = Device(scene.agent("claire@fr"), scene.room), device.header()
    body, epoch = device.seal(b"EXERCISE", header)
    home.publish(claire.envelope(header, body, epoch=epoch))


def _generation_again(scene: Scene, home: Home, device: Device) -> None:
    """One ciphertext in two envelopes: its key was spent on the first."""
    header = device.header()
    body, epoch = device.seal(Content(TEXT, "EXERCISE once").encode(), header)
    home.publish(device.envelope(header, body, epoch=epoch))
    scene.agent("alice@uk").engine.sync_all()
    other = msgspec.structs.replace(header, id=device.header().id)
    home.publish(device.envelope(other, body, epoch=epoch))


def _impostor(scene: Scene, home: Home, device: Device) -> None:
    impostor = certificates.of_another_root(device)
    home.publish(impostor.letter(), chain=impostor.chain)


APART: dict[str, Forge] = {
    "label lowered outside": _lowered,
    "bound by another key": _letter(key=SigningKey.generate()),
    "released by another key": _entry(key=SigningKey.generate()),
    "released in an unknown name": _entry(border="zz"),
    "released by the reader's border": _entry(border="uk"),
    "a chain of another root": _impostor,
    "an unlisted chain": _letter(signer=bytes(32)),
    "ciphertext altered": _ciphertext(ciphertext=bytes(400)),
    "sender altered": _ciphertext(encrypted_sender_data=bytes(28)),
    "authenticated data emptied": _ciphertext(authenticated_data=b""),
    "of another group": _ciphertext(group_id=bytes(32)),
    "ciphertext of another member": _by_another_member,
    "one ciphertext twice": _generation_again,
    "an epoch far ahead": _letter(epoch=2**40),
}
"""Each is published in the log of the UK's agents. France's border signs unless something else is said."""


def _home(scene: Scene) -> Home:
    """Britain's node in hostile hands, with entries that France's border released."""
    home = Home(scene.node("uk"), scene.room)
    home.border.node = scene.node("fr")
    return home


@pytest.mark.parametrize("name", APART)
def test_a_wrong_entry_is_kept_apart_and_stops_nothing(scene: Scene, name: str) -> None:
    alice, device = scene.agent("alice@uk"), Device(scene.agent("denis@fr"), scene.room)
    APART[name](scene, _home(scene), device)
    before, group, read = dump.of_agent(alice, but=UNREAD), dump.group(alice, scene.room), scene.texts("alice@uk")
    alice.engine.sync_all()
    row = alice.engine.messages(scene.room, "en")[-1].row
    assert (row.state, row.text) == ("withheld", ""), row
    assert issubclass(kind_of(row.rule), PeerViolation), row
    assert dump.group(alice, scene.room) == group
    assert scene.texts("alice@uk") == read
    after = dump.of_agent(alice, but=UNREAD)
    assert after["value"] == before["value"]
    assert [after[name] for name in ("file", "part", "queued")] == [before[name] for name in ("file", "part", "queued")]
    scene.require_alive()


@pytest.mark.parametrize("kind", [kinds.COMMIT, kinds.PROPOSAL, kinds.NOTICE])
def test_a_handshake_that_is_none_raises_an_alarm_only(scene: Scene, kind: str) -> None:
    alice, device = scene.agent("alice@uk"), Device(scene.agent("denis@fr"), scene.room)
    before, group = dump.of_agent(alice), dump.group(alice, scene.room)
    _home(scene).publish(device.letter(kind=kind))
    alice.engine.sync_all()
    assert dump.alarms(alice)
    assert dump.of_agent(alice) == before
    assert dump.group(alice, scene.room) == group
    scene.require_alive()


def test_a_commit_that_its_hub_would_refuse_does_not_move_the_agent(scene: Scene) -> None:
    """A hostile node hands it on; the agent judges the newcomer's certificate itself."""
    alice, device = scene.agent("alice@uk"), Device(scene.agent("denis@fr"), scene.room)
    stranger = certificates.of_an_unknown_nation(device)
    package = handshakes.package_of(stranger.key, X509Credential(stranger.chain.certificates))
    before, group = dump.of_agent(alice), dump.group(alice, scene.room)
    _home(scene).publish(handshakes.committed(device, add=[package]))
    alice.engine.sync_all()
    assert dump.alarms(alice)
    assert (dump.of_agent(alice), dump.group(alice, scene.room)) == (before, group)
    scene.require_alive()


HOSTILE_CONTENT: dict[str, bytes] = {
    "nothing": b" ",
    "no name for a kind": Content("<b>", "EXERCISE").encode(),
    "a version before the first": Content(TEXT, "EXERCISE", version=0).encode(),
    "a topic of two lines": Content(TEXT, "EXERCISE", topic="a\nb").encode(),
    "a precedence above flash": Content(TEXT, "EXERCISE", priority=4).encode(),
    "a mention of nobody that can be": Content(TEXT, "EXERCISE", mentions=("Claire",)).encode(),
    "mentions out of order": Content(TEXT, "EXERCISE", mentions=("b@uk", "a@uk")).encode(),
    "an edit of nothing": Content(EDIT, "EXERCISE").encode(),
    "an edit to nothing": Content(EDIT, target=bytes(16)).encode(),
    "a reaction of one's own making": Content(REACTION, "EXERCISE", target=bytes(16)).encode(),
    "reading that goes back": Content(READ, seen={Nation("uk"): 0}).encode(),
    "reading with words": Content(READ, "EXERCISE", seen={Nation("uk"): 1}).encode(),
    "an empty text": Content(TEXT).encode(),
    "a text with a file": Content(TEXT, "EXERCISE", bytes(16)).encode(),
    "a file without a digest": Content(FILE, file=bytes(16), name="a", size=1, parts=1).encode(),
    "a path for a name": Content(FILE, file=bytes(16), name="../../etc/passwd", digest=bytes(32), parts=1).encode(),
    "a hidden name": Content(FILE, file=bytes(16), name=".ssh", digest=bytes(32), parts=1).encode(),
    "a name that turns the line": Content(FILE, file=bytes(16), name="a\u202eb", digest=bytes(32), parts=1).encode(),
    "a billion parts": Content(FILE, file=bytes(16), name="a", digest=bytes(32), parts=10**9).encode(),
    "more parts than 64 bits": Content(FILE, file=bytes(16), name="a", digest=bytes(32), parts=2**70).encode(),
    "a petabyte": Content(FILE, file=bytes(16), name="a", digest=bytes(32), parts=1, size=10**15).encode(),
    "a negative size": Content(FILE, file=bytes(16), name="a", digest=bytes(32), parts=1, size=-1).encode(),
    "a part beyond the last": Content(PART, file=bytes(16), parts=1, index=1).encode(),
    "a negative part": Content(PART, file=bytes(16), parts=1, index=-1).encode(),
    "a part that is too long": Content(PART, file=bytes(16), parts=1, data=bytes(limits.FILE_CHUNK_BYTES + 1)).encode(),
    "a short file id": Content(PART, file=b"1", parts=1).encode(),
    "a byte too many": Content(TEXT, "EXERCISE").encode() + b"\x00",
    "deep": b"\x81" * 64 + b"\x00",
}


@pytest.mark.parametrize("name", HOSTILE_CONTENT)
def test_hostile_content_is_withheld(scene: Scene, name: str) -> None:
    device, alice = Device(scene.agent("denis@fr"), scene.room), scene.agent("alice@uk")
    before = dump.of_agent(alice)
    scene.node("fr").submit(device.own.digest, device.letter(plaintext=HOSTILE_CONTENT[name]))
    scene.settle()
    row = alice.engine.messages(scene.room, "en")[-1].row
    assert (row.state, row.text, row.file) == ("withheld", "", b"")
    assert issubclass(kind_of(row.rule), PeerViolation)
    after = dump.of_agent(alice)
    assert [after[table] for table in ("file", "part", "queued")] == [
        before[table] for table in ("file", "part", "queued")
    ]
    scene.require_alive()


def _queued(scene: Scene, data: bytes) -> tuple[bytes, bytes]:
    """A file of Alice's that waits to be sent: its message id, and its file id as members see it."""
    alice = scene.agent("alice@uk").engine
    with patch.object(content, "file_contents", wraps=content.file_contents) as made:
        message = alice.send_file(scene.room, "plan.txt", data, "EXERCISE plan", alice.label(TO_FRANCE))
    return message, made.call_args.args[0]


def test_a_member_cannot_replace_another_members_file(scene: Scene) -> None:
    message, file = _queued(scene, b"EXERCISE true" * 9)
    scene.settle()
    device = Device(scene.agent("denis@fr"), scene.room)
    for part in file_contents(file, "evil.txt", b"EXERCISE false" * 5, "EXERCISE"):
        scene.node("fr").submit(device.own.digest, device.letter(plaintext=part.encode()))
    scene.settle()
    for reader in ("alice@uk", "bob@uk", "claire@fr"):
        assert scene.agent(reader).engine.file(scene.room, message) == ("plan.txt", b"EXERCISE true" * 9), reader


def test_a_member_cannot_put_parts_into_another_members_file(scene: Scene) -> None:
    device = Device(scene.agent("denis@fr"), scene.room)
    message, file = _queued(scene, b"EXERCISE true")
    false = Content(PART, file=file, parts=1, index=0, data=b"EXERCISE false")
    scene.node("fr").submit(device.own.digest, device.letter(plaintext=false.encode()))
    scene.settle()
    for reader in ("alice@uk", "bob@uk", "claire@fr", "denis@fr"):
        assert scene.agent(reader).engine.file(scene.room, message) == ("plan.txt", b"EXERCISE true"), reader


def test_a_member_cannot_suppress_a_message_by_its_id(scene: Scene) -> None:
    alice, device = scene.agent("alice@uk").engine, Device(scene.agent("denis@fr"), scene.room)
    message = alice.send_text(scene.room, "EXERCISE true", alice.label(TO_FRANCE))
    alice.flush()
    false = device.letter("EXERCISE false", header=device.header(id=message))
    scene.node("fr").submit(device.own.digest, false)
    scene.settle()
    for reader in ("bob@uk", "claire@fr"):
        assert "EXERCISE true" in scene.texts(reader), reader
    scene.require_alive()


def test_an_unknown_heads_count_does_not_reorder_the_room(scene: Scene) -> None:
    device = Device(scene.agent("denis@fr"), scene.room)
    before = dump.of_agent(scene.agent("alice@uk"))
    _home(scene).publish(device.letter(header=device.header(heads={"uk": 2**39, "fr": 2**39})))
    scene.agent("alice@uk").engine.sync_all()
    heads = [row for row in dump.of_agent(scene.agent("alice@uk"))["value"] if row[0].startswith("heads/")]
    assert heads == [row for row in before["value"] if row[0].startswith("heads/")]
    scene.require_alive()


def _welcome(scene: Scene, make: Callable[[Device, bytes], bytes]) -> None:
    """Élise is ready to be invited; a hostile member makes the commit body that reaches her inbox."""
    scene.world.enrol("elise@fr", "secret")
    package = scene.agent("elise@fr").client.take("elise@fr")[0]
    device = Device(scene.agent("denis@fr"), scene.room)
    home = Home(scene.node("fr"), scene.room)
    data = handshakes.envelope(device, make(device, package), kinds.COMMIT)
    home.publish(data, log=inbox_log(Address.parse("elise@fr")), chain=device.own.chain)


def _body(device: Device, package: bytes, **wanted: object) -> tuple[bytes, bytes]:
    made = handshakes.commit(device, add=[package], **wanted)
    return made.message, made.welcome or b""


def _for_another_room(device: Device, package: bytes) -> bytes:
    engine = device.agent.engine
    other = engine.create_room("EXERCISE other", set(), device.label())
    commit, welcome = _body(Device(device.agent, other), package)
    return CommitBody(commit, welcome).encode()


def _into_another_state(device: Device, package: bytes) -> bytes:
    """The commit is for the room as it is, the Welcome for one with parameters that do not parse."""
    honest, _ = _body(device, package)
    _, forked = _body(device, package, extensions=(Extension(ROOM_PARAMETERS, b"nonsense"),))
    return CommitBody(honest, forked).encode()


@pytest.mark.parametrize(
    "make",
    [
        _for_another_room,
        _into_another_state,
        lambda device, package: CommitBody(_body(device, package)[0], b"junk").encode(),
        lambda device, package: CommitBody(_body(device, package)[0], _body(device, package)[1][:-1]).encode(),
        lambda device, package: b"junk",
    ],
    ids=["of another room", "of another state", "junk", "truncated", "no commit"],
)
def test_a_wrong_welcome_lets_nobody_in(scene: Scene, make: Callable[[Device, bytes], bytes]) -> None:
    _welcome(scene, make)
    elise = scene.agent("elise@fr")
    before = dump.of_agent(elise)
    elise.engine.sync_all()
    assert elise.engine.rooms() == []
    assert dump.of_agent(elise) == before
    assert dump.alarms(elise)
    scene.agent("claire@fr").engine.invite(scene.room, [Address.parse("elise@fr")])
    scene.settle(3)
    scene.say("alice@uk", "EXERCISE welcome")
    scene.settle()
    assert scene.texts("elise@fr") == ["EXERCISE welcome"]


def _batches(change: Callable[[Batch], Batch]) -> Callable[[SyncAnswer], SyncAnswer]:
    return lambda answer: SyncAnswer(tuple(map(change, answer.batches)), answer.key_packages)


def _replaced(**changes: Any) -> Callable[[Batch], Batch]:
    return lambda batch: msgspec.structs.replace(
        batch, **{name: make(getattr(batch, name)) for name, make in changes.items()}
    )


ALTERED: dict[str, Callable[[Batch], Batch]] = {
    "the last entry missing": _replaced(leaves=lambda leaves: leaves[:-1]),
    "the first entry missing": _replaced(leaves=lambda leaves: leaves[1:]),
    "entries exchanged": _replaced(leaves=lambda leaves: leaves[::-1]),
    "an entry twice": _replaced(leaves=lambda leaves: (*leaves, leaves[-1])),
    "an entry altered": _replaced(leaves=lambda leaves: (leaves[0][:-1] + bytes([leaves[0][-1] ^ 1]), *leaves[1:])),
    "no envelopes": _replaced(envelopes=lambda _: ()),
    "no checkpoint": _replaced(checkpoint=lambda _: b""),
    "checkpoint altered": _replaced(checkpoint=lambda note: note.replace(b"cordiale/", b"cordiale/x")),
    "checkpoint unsigned": _replaced(checkpoint=lambda note: note.partition(b"\n\n")[0] + b"\n"),
    "from further on": _replaced(start=lambda start: start + 1),
    "another log": _replaced(log=lambda log: "home/" + "00" * 32),
    "chains that are none": _replaced(chains=lambda _: (b"junk",)),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_batch_is_refused_whole(scene: Scene, name: str) -> None:
    alice = scene.agent("alice@uk")
    for text in ("EXERCISE one", "EXERCISE two"):
        scene.say("claire@fr", text)
    scene.node("uk").replicate(scene.node("fr"))
    before = dump.of_agent(alice, but=("alarm/",))
    restore = answering(alice, _batches(ALTERED[name]))
    with refused(PeerViolation):
        alice.engine.sync()
    assert dump.of_agent(alice, but=("alarm/",)) == before
    restore()
    alice.engine.sync_all()
    assert scene.texts("alice@uk") == ["EXERCISE one", "EXERCISE two"]
    scene.require_alive()


def test_a_batch_from_before_is_nothing_new(scene: Scene) -> None:
    alice, seen = scene.agent("alice@uk"), []
    restore = answering(alice, lambda answer: (seen.append(answer), answer)[1])
    scene.say("claire@fr", "EXERCISE once")
    scene.settle()
    restore()
    old = next(answer for answer in seen if answer.batches)
    before = dump.of_agent(alice, but=())
    restore = answering(alice, lambda answer: old)
    assert alice.engine.sync() == 0
    restore()
    assert dump.of_agent(alice, but=()) == before
    scene.require_alive()


def test_a_forked_log_is_refused(scene: Scene) -> None:
    """The node rewrites what it already showed: the checkpoint is its border's, the history is another one."""
    scene.say("alice@uk", "EXERCISE one")
    scene.settle()
    alice, node = scene.agent("alice@uk"), scene.node("uk")
    log = f"home/{scene.room.hex()}"
    leaves = node.leaves(log)
    data = Device(scene.agent("bob@uk"), scene.room).letter()
    forged = Border(node, node).leaf(data)
    state = LogState.empty(f"cordiale/uk/{log}").append([*leaves[:-1], forged])[0]
    chain = scene.agent("bob@uk").engine.own.chain.encode()
    empty = Batch(log, len(leaves), (), b"", (data,), (chain,))
    forked = Border(node, node).over(state, empty, [forged])
    before = dump.of_agent(alice, but=("alarm/",))
    restore = answering(alice, lambda answer: SyncAnswer((forked,), answer.key_packages))
    with refused(PeerViolation):
        alice.engine.sync()
    restore()
    assert dump.of_agent(alice, but=("alarm/",)) == before
    scene.require_alive()
