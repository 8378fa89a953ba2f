"""cordiale.agent.talk: what is said about messages comes to the same for everybody, and nobody speaks for another."""

import time
from concurrent.futures import ThreadPoolExecutor

from cordiale.agent import content
from cordiale.agent.content import Content
from cordiale.agent.reading import MessageView
from cordiale.vocab.identifier import MessageId
from forge.device import Device
from forge.scene import PEOPLE, TO_FRANCE, TO_UK, Scene

READERS = ("alice@uk", "bob@uk", "claire@fr")
"""All but Denis, whose own agent knows nothing of what his device slipped in."""


def begun(scene: Scene, text: str = "EXERCISE: two coasters") -> MessageId:
    """A message of Alice's that everybody has."""
    alice = scene.agent("alice@uk").engine
    message = alice.send_text(scene.room, text, alice.label(TO_FRANCE))
    scene.settle()
    return message


def view(scene: Scene, who: str, message: MessageId) -> MessageView:
    return scene.agent(who).engine.view(scene.room, message, "en")


def slip(scene: Scene, made: Content, label: str = "") -> None:
    """Denis's device sends what an honest agent would not."""
    device = Device(scene.agent("denis@fr"), scene.room)
    header = device.header(device.label(label) if label else None)
    scene.node("fr").submit(device.own.digest, device.letter(header=header, plaintext=made.encode()))
    scene.settle()


def test_an_edit_is_read_in_place_of_the_text_and_the_former_text_stays(scene: Scene) -> None:
    message, alice = begun(scene), scene.agent("alice@uk").engine
    alice.edit(scene.room, message, "EXERCISE: three coasters")
    assert view(scene, "alice@uk", message).talk.text == "EXERCISE: three coasters", "at once in one's own view"
    scene.settle()
    for who in PEOPLE:
        seen = view(scene, who, message)
        assert seen.talk.text == "EXERCISE: three coasters"
        assert seen.row.text == "EXERCISE: two coasters"
        assert [edit.refused for edit in seen.talk.edits] == [""]
        assert len(scene.agent(who).engine.messages(scene.room, "en")) == 1, "an edit has no row of its own"


def test_nobody_edits_what_another_wrote(scene: Scene) -> None:
    message = begun(scene)
    slip(scene, content.edit(message, "EXERCISE forged"))
    for who in READERS:
        seen = view(scene, who, message)
        assert seen.talk.text == "EXERCISE: two coasters"
        assert [edit.refused for edit in seen.talk.edits] == ["not-the-author"]


def test_the_marking_never_goes_down_by_an_edit(scene: Scene) -> None:
    denis = scene.agent("denis@fr").engine
    message = denis.send_text(scene.room, "EXERCICE : haut", denis.label(TO_UK))
    scene.settle()
    slip(scene, content.edit(message, "EXERCICE : bas"), "NON PROTÉGÉ REL GBR")
    for who in READERS:
        seen = view(scene, who, message)
        assert (seen.talk.text, seen.talk.label) == ("EXERCICE : haut", seen.row.label)
        assert [edit.refused for edit in seen.talk.edits] == ["marking-lower"]


def test_an_edit_before_its_message_and_an_edit_of_nothing_are_harmless(scene: Scene) -> None:
    slip(scene, content.edit(bytes(16), "EXERCISE: of nothing"))
    slip(scene, content.reaction(bytes(16), "agree"))
    message = begun(scene)
    assert view(scene, "claire@fr", message).talk.edits == ()
    scene.require_alive()


def test_an_edit_cannot_be_edited(scene: Scene) -> None:
    message, alice = begun(scene), scene.agent("alice@uk").engine
    first = alice.edit(scene.room, message, "EXERCISE: three")
    scene.settle()
    slip(scene, content.edit(first, "EXERCISE: forged"))
    assert view(scene, "claire@fr", message).talk.text == "EXERCISE: three"


def test_reactions_count_once_a_person_and_can_be_taken_back(scene: Scene) -> None:
    message = begun(scene)
    for who in ("claire@fr", "bob@uk", "claire@fr"):
        scene.agent(who).engine.react(scene.room, message, "agree")
        scene.settle()
    for who in PEOPLE:
        assert {each.name: set(each.who) for each in view(scene, who, message).talk.reactions} == {
            "agree": {"bob@uk", "claire@fr"}
        }
    scene.agent("bob@uk").engine.react(scene.room, message, "agree", off=True)
    scene.settle()
    for who in PEOPLE:
        assert [each.who for each in view(scene, who, message).talk.reactions] == [("claire@fr",)]


def test_a_reply_shows_what_it_answers_and_keeps_its_topic(scene: Scene) -> None:
    alice, claire = scene.agent("alice@uk").engine, scene.agent("claire@fr").engine
    about = alice.about(scene.room, "EXERCISE", topic="Dover")
    asked = alice.send_text(scene.room, "EXERCISE: seen?", alice.label(TO_FRANCE), about)
    scene.settle()
    answer = claire.about(scene.room, "EXERCICE : oui @alice", reply=asked.hex()[:8])
    said = claire.send_text(scene.room, "EXERCICE : oui @alice", claire.label(TO_UK), answer)
    scene.settle()
    seen = view(scene, "alice@uk", said)
    assert seen.talk.reply is not None
    assert seen.talk.reply.id == asked
    assert (seen.row.topic, seen.row.mentions.split()) == ("Dover", ["alice@uk"])
    assert scene.agent("bob@uk").engine.topics(scene.room) == ["Dover"]
    assert [each.row.id for each in alice.messages(scene.room, "en", topic="Dover")] == [asked, said]


def test_what_waits_counts_mentions_and_the_highest_precedence(scene: Scene) -> None:
    alice, claire = scene.agent("alice@uk").engine, scene.agent("claire@fr").engine
    for text, priority in (("EXERCISE: @claire look", content.FLASH), ("EXERCISE: plain", content.ROUTINE)):
        about = alice.about(scene.room, text, priority=priority)
        alice.send_text(scene.room, text, alice.label(TO_FRANCE), about)
    scene.settle()
    waits = claire.waiting()[scene.room]
    assert (waits.unread, waits.mentions, waits.priority) == (2, 1, content.FLASH)
    assert scene.agent("denis@fr").engine.waiting()[scene.room].mentions == 0
    claire.seen(scene.room, claire.latest())
    waits = claire.waiting()[scene.room]
    assert (waits.unread, waits.mentions, waits.priority) == (0, 0, 0)


def test_reading_is_told_once_all_was_seen_and_only_if_wished(scene: Scene) -> None:
    begun(scene)
    alice, claire, denis = (scene.agent(who).engine for who in ("alice@uk", "claire@fr", "denis@fr"))
    denis.receipts(wanted=False)
    for engine in (claire, denis):
        engine.seen(scene.room, engine.latest())
        engine._to_tell = dict.fromkeys(engine._to_tell, engine._clock())
    scene.settle()
    found = alice.delivery(scene.room)
    assert found.theirs == {"fr": 1}
    assert set(found.read) == {"claire@fr"}
    assert scene.texts("alice@uk") == ["EXERCISE: two coasters"], "a receipt is no message"
    assert alice.waiting()[scene.room].unread == 0


def test_who_flushes_at_the_same_time_tells_once_what_was_read(scene: Scene) -> None:
    """The agent's own thread and a caller's; both have seen that it is time before either has its turn."""
    begun(scene)
    claire = scene.agent("claire@fr").engine
    claire.seen(scene.room, claire.latest())
    claire._to_tell = dict.fromkeys(claire._to_tell, claire._clock())
    assert claire._to_tell
    with ThreadPoolExecutor(2) as both:
        with claire._lock:
            told = [both.submit(claire.tell_read) for _ in range(2)]
            time.sleep(0.3)  # until both wait for the lock
        assert [each.result(timeout=30) for each in told] == [None, None]
    scene.settle()
    assert set(scene.agent("alice@uk").engine.delivery(scene.room).read) == {"claire@fr"}


def test_at_theirs_is_proven_by_their_cosignature(scene: Scene) -> None:
    alice = scene.agent("alice@uk").engine
    alice.send_text(scene.room, "EXERCISE: one", alice.label(TO_FRANCE))
    alice.flush()
    alice.sync_all()
    assert alice.delivery(scene.room, prove=True).theirs == {}, "Paris has not fetched it"
    scene.settle()
    assert alice.delivery(scene.room).theirs == {}, "nobody there has written since"
    assert alice.delivery(scene.room, prove=True).theirs == {"fr": 1}


def test_a_later_versions_message_is_shown_as_such(scene: Scene) -> None:
    slip(scene, Content("poll", "EXERCISE?"))
    for who in ("alice@uk", "claire@fr"):
        (found,) = scene.agent(who).engine.messages(scene.room, "en")
        assert (found.row.kind, found.row.topic, found.row.state) == ("unknown", "poll", "received")
    scene.require_alive()


def test_search_finds_the_new_text_at_the_message(scene: Scene) -> None:
    message, alice = begun(scene), scene.agent("alice@uk").engine
    alice.edit(scene.room, message, "EXERCISE: trawlers")
    scene.settle()
    (found,) = scene.agent("claire@fr").engine.search("trawlers", "en")
    assert found.row.id == message
    assert found.talk.text == "EXERCISE: trawlers"
