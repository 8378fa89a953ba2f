"""The story of the demonstration. Each step reads back what really happened on the other side, and fails if it didn't.

All persons and texts are EXERCISE.
"""

import base64
import hashlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from cordiale.adapters.clock import system_clock
from cordiale.errors import CordialeError, NotReleasable, ProofInvalid
from cordiale.federation.bundle import verify_bundle
from cordiale.wiring.decision import joint_decision
from cordiale.wiring.encounter import activities_meet
from cordiale.wiring.sea_watch import SeaWatch, watch_at_sea
from cordiale.wiring.stage import (
    ALICE,
    BOB,
    CLAIRE,
    DENIS,
    ELISE,
    TO_FRANCE,
    TO_UK,
    Stage,
    StepFailed,
    expect,
    refusal,
    until,
)
from cordiale.wiring.switches import tamper

UK_ONLY: Final = "OFFICIAL-SENSITIVE UK EYES ONLY"
FR_ONLY: Final = "SECRET SPÉCIAL FRANCE"
ROOM: Final = "EXERCISE Channel watch"
GENERATED_ROWS: Final = 12_000

Detail = dict[str, Any]


class Step(msgspec.Struct, frozen=True):
    """One step: its key in the JSON, its title in both languages, and what plays it."""

    key: str
    en: str
    fr: str
    play: "Callable[[Story], Detail]"


class Story:
    """What the steps share."""

    def __init__(self, stage: Stage, file: Path | None, day: Path | None = None) -> None:
        self.stage, self.file, self.room, self.message = stage, file, "", ""
        self.watch = SeaWatch(stage, day)

    def say(self, who: str, text: str, label: str, **more: Any) -> Detail:
        """Send a text and wait for the node's answer."""
        return self.stage.call(who, "send", room=self.room, text=text, label=label, wait_seconds=20, **more)["message"]

    def read(self, who: str) -> list[Detail]:
        """All that a person can read in the room."""
        return self.stage.call(who, "read", room=self.room, limit=1000)["messages"]

    def sees(self, who: str, text: str, marking: str = "") -> Detail:
        """Wait until a person reads this text."""
        found = until(lambda: [m for m in self.read(who) if m["text"] == text], f"{who} reads {text[:40]!r}")
        expect(len(found) == 1, f"{who} has {len(found)} copies of {text[:40]!r}")
        shown = str(found[0]["marking"]["text"])
        expect(marking in shown, f"{who} sees {shown!r} where {marking!r} was expected")
        return found[0]

    def border_log(self, of: str, author: str, reader: str) -> list[Detail]:
        """A border log as stored by one of its two nations."""
        return self.stage.homes[of].log_entries(f"border/{author}-{reader}", 0, 10_000)


def set_up(story: Story) -> Detail:
    """Two nations, peered by comparing words; five people; two nodes; four agents; one room."""
    words = found_nations(story)
    return {"nations": ["uk", "fr"], "words": words, **gather(story)}


def found_nations(story: Story) -> list[str]:
    """Two nations whose nodes start, and their people; the words that both compared."""
    stage = story.stage
    uk, fr = stage.found("uk"), stage.found("fr")
    answer = fr.accept(uk.invite("fr"), None)
    seen = uk.accept(answer["card"], None)
    expect(seen["words"] == answer["words"], "both sides show the same words")
    invitation = fr.link_card("uk")
    expect(uk.accept(answer["card"], " ".join(answer["words"]))["linked"], "the UK's link is complete")
    expect(fr.accept(invitation, " ".join(seen["words"]))["linked"], "France's link is complete")
    for code in ("uk", "fr"):
        stage.start_node(code)
    for code, name, clearance in (
        ("uk", "alice", "top-secret"),
        ("uk", "bob", "secret"),
        ("fr", "claire", "tres-secret"),
        ("fr", "denis", "secret"),
        ("fr", "elise", "secret"),
    ):
        stage.enrol(code, name, clearance)
    return seen["words"]


def gather(story: Story) -> Detail:
    """Four of the people, in one room."""
    stage, people = story.stage, (ALICE, BOB, CLAIRE, DENIS)
    for code in ("uk", "fr"):
        until(lambda which=code: stage.healthy(which), f"the node of {code} answers")
    for address in people:
        stage.start_agent(address)
    stage.ready(*people)
    made = stage.call(ALICE, "room.create", **{"title": ROOM, "with": ["fr"], "ceiling": TO_FRANCE})
    story.room = made["room"]["id"]
    stage.call(ALICE, "room.invite", room=story.room, people=[BOB, CLAIRE, DENIS])
    for address in people:
        until(lambda who=address: _has_room(story, who, 4), f"{address} is in the room")
    return {"people": list(people), "room": story.room}


def _has_room(story: Story, who: str, members: int) -> bool:
    rooms = story.stage.call(who, "room.list")["rooms"]
    return any(room["id"] == story.room and len(room["members"]) == members for room in rooms)


def uk_writes(story: Story) -> Detail:
    """Both French members read it, marked in their own scheme."""
    text = "EXERCISE: three coasters loiter off Varne; can Cross Gris-Nez see them?"
    sent = story.say(ALICE, text, TO_FRANCE)
    story.message = sent["id"]
    shown = {who: story.sees(who, text, marking="DIFFUSION RESTREINTE")["marking"]["text"] for who in (CLAIRE, DENIS)}
    own = story.sees(BOB, text, marking="OFFICIAL-SENSITIVE")["marking"]["text"]
    return {"sent_as": own, "read_as": shown}


def france_answers(story: Story) -> Detail:
    """The UK reads it as its equivalent."""
    text = "EXERCICE : vus, deux cargos et un caboteur, 6 nœuds vers le sud."
    story.say(CLAIRE, text, TO_UK)
    shown = {who: story.sees(who, text, marking="OFFICIAL-SENSITIVE")["marking"]["text"] for who in (ALICE, BOB)}
    own = story.sees(DENIS, text, marking="DIFFUSION RESTREINTE")["marking"]["text"]
    return {"sent_as": own, "read_as": shown}


def file_crosses(story: Story) -> Detail:
    """A file, received byte for byte."""
    path = story.file or generated(story.stage.directory)
    data = path.read_bytes()
    sent = story.say(ALICE, "EXERCISE: AIS log", TO_FRANCE, file={"path": str(path.resolve())})
    folder = story.stage.directory / "received"
    folder.mkdir(exist_ok=True)
    wanted = hashlib.sha256(data).hexdigest()
    for who in (CLAIRE, DENIS):
        until(lambda reader=who: _complete(story, reader, sent["id"]), f"{who} has the whole file", 90)
        (folder / who).mkdir(exist_ok=True)
        saved = story.stage.call(who, "save", room=story.room, message=sent["id"], directory=str(folder / who))
        got = hashlib.sha256(Path(saved["path"]).read_bytes()).hexdigest()
        expect(got == wanted, f"{who} received {got}, {wanted} was sent")
    return {"file": path.name, "bytes": len(data), "sha256": wanted, "received_by": [CLAIRE, DENIS]}


def _complete(story: Story, who: str, message: str) -> bool:
    found = [m for m in story.read(who) if m["id"] == message]
    return bool(found) and found[0]["file"]["have"] == found[0]["file"]["parts"]


def generated(directory: Path) -> Path:
    """An AIS-like log, the same each time, where no real one is at hand."""
    draw = random.Random(20260707)  # noqa: S311 - traffic for an exercise, nothing secret
    rows = ["timestamp,mmsi,lat,lon,sog,cog  (EXERCISE)"]
    for number in range(GENERATED_ROWS):
        lat, lon = 50.9 + draw.random() * 0.3, 1.2 + draw.random() * 0.5
        speed, course = draw.random() * 18, draw.random() * 360
        rows.append(f"{number},{200000000 + number % 140},{lat:.5f},{lon:.5f},{speed:.1f},{course:.1f}")
    path = directory / "exercise-ais.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def borders_refuse(story: Story) -> Detail:
    """Each nation's own border stops what its policy keeps at home; nothing of it reaches the other side."""
    found: Detail = {}
    for who, label, code, other in ((ALICE, UK_ONLY, "uk", "fr"), (CLAIRE, FR_ONLY, "fr", "uk")):
        before = len(story.border_log(other, code, other))
        at_agent = refusal(lambda w=who, m=label: story.say(w, "EXERCISE: not for abroad", m))
        expect(isinstance(at_agent, NotReleasable), f"{who}'s agent refuses, not {at_agent.code}")
        text = f"EXERCISE: the agent of {who} does not look"
        answer = story.say(who, text, label, precheck=False)
        expect(answer["state"] == "refused" and answer["rule"], f"the border of {code} refuses and names its rule")
        verdicts = [v for v in story.stage.homes[code].log_entries("guard", 0, 100_000) if not v["release"]]
        verdict = verdicts[-1]
        expect(verdict["rule"] == answer["rule"] and verdict["direction"] == "out", "the guard logged the same rule")
        traces = traces_of(story, code, other, verdict["envelope"], verdict["label"])
        expect(not traces, f"something of it is on the other side: {traces}")
        expect(len(story.border_log(other, code, other)) == before, "the border log has not grown")
        found[code] = {
            "marking": label,
            "rule": answer["rule"],
            "reason": answer["detail"],
            "agent_rule": at_agent.rule,
        }
    return {"refusals": found}


def traces_of(story: Story, code: str, other: str, envelope: str, label: str) -> list[str]:
    """Where the other nation's database, or the own border log, holds anything of a refused message."""
    found: list[str] = []
    for folder in (code, other):
        database = sqlite3.connect(f"file:{story.stage.directory / folder / 'node.db'}?mode=ro", uri=True)
        try:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names from the schema itself
                    blob = b"\x00".join(value for value in row if isinstance(value, bytes))
                    if bytes.fromhex(envelope) in blob and folder == other:
                        found.append(f"{folder}.{table}")
                    if folder == other and label and bytes.fromhex(label) in blob:
                        found.append(f"{folder}.{table}")
        finally:
            database.close()
    return found


def what_the_node_sees(story: Story) -> Detail:
    """The stored ciphertext row beside the plaintext that only the agent has."""
    plain = story.sees(CLAIRE, next(m["text"] for m in story.read(CLAIRE) if m["id"] == story.message))
    stored = story.stage.call(CLAIRE, "stored", room=story.room, message=story.message)
    for code in ("uk", "fr"):
        hits = plaintext_in(story.stage.directory / code, plain["text"])
        expect(not hits, f"the plaintext is in {hits}")
    return {"agent": plain["text"], "node": stored["node"]}


def plaintext_in(folder: Path, text: str) -> list[str]:
    """Files of a node's folder that hold these words."""
    needle = text.encode()
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def outage(story: Story) -> Detail:
    """France's node stops, the UK goes on writing, France starts again: everything arrives, in order, once."""
    story.stage.stop("fr")
    until(lambda: not story.stage.healthy("fr"), "France's node is down")
    texts = [f"EXERCISE: written while Paris was away, {number} of 8" for number in range(1, 9)]
    for number, text in enumerate(texts):
        sent = story.say((ALICE, BOB)[number % 2], text, TO_FRANCE)
        expect(sent["state"] in ("sent", "stored"), f"the UK's node took it: {sent['state']}")
    story.stage.start_node("fr")
    until(lambda: story.stage.healthy("fr"), "France's node is back")
    for who in (CLAIRE, DENIS):
        got = until(lambda reader=who: _all_of(story, reader, texts), f"{who} has all eight")
        expect(got == texts, f"{who} reads them in another order: {got}")
    return {"written_during_the_outage": len(texts), "arrived": len(texts), "in_order": True, "once": True}


def _all_of(story: Story, who: str, texts: list[str]) -> list[str] | None:
    got = [m["text"] for m in story.read(who) if m["text"] in texts]
    return got if len(got) >= len(texts) else None


def members_change(story: Story) -> Detail:
    """Who leaves reads nothing more; who comes reads from then on."""
    stage = story.stage
    stage.call(DENIS, "room.leave", room=story.room)
    until(lambda: _has_room(story, ALICE, 3) and _has_room(story, CLAIRE, 3), "denis is out")
    after = "EXERCISE: after denis left"
    story.say(ALICE, after, TO_FRANCE)
    story.sees(CLAIRE, after)
    stage.start_agent(ELISE)
    stage.ready(ELISE)
    stage.call(ALICE, "room.invite", room=story.room, people=[ELISE])
    until(lambda: _has_room(story, ELISE, 4), "elise is in the room")
    welcome = "EXERCISE: welcome, elise"
    story.say(BOB, welcome, TO_FRANCE)
    story.sees(ELISE, welcome)
    story.sees(CLAIRE, welcome)
    left = [m["text"] for m in story.read(DENIS)]
    expect(after not in left and welcome not in left, "denis reads what was written after he left")
    joined = [m["text"] for m in story.read(ELISE)]
    expect(after not in joined, "elise reads what was written before she came")
    refused = refusal(lambda: story.say(DENIS, "EXERCISE: still here?", TO_UK))
    return {"left": DENIS, "reads_on": False, "joined": ELISE, "reads_from": welcome, "writing_refused": refused.code}


def proofs(story: Story) -> Detail:
    """A bundle proves a message offline; one altered byte of a stored log is found and named."""
    uk, fr = story.stage.homes["uk"], story.stage.homes["fr"]
    pinned = {uk.nation: uk.root, fr.nation: fr.root}
    path = story.stage.directory / "message.bundle"
    until(lambda: _save_bundle(story, path), "France has cosigned the message")
    data = path.read_bytes()
    proven = verify_bundle(data, pinned, system_clock())
    expect(proven.message.hex() == story.message, "the bundle is about the chosen message")
    altered = bytearray(data)
    altered[len(altered) // 2] ^= 1
    try:
        verify_bundle(bytes(altered), pinned, system_clock())
    except CordialeError as error:
        spoiled = error.code
    else:
        raise StepFailed("an altered bundle verifies")
    sound = fr.verify_log("border/uk-fr")
    entry = tamper(story.stage.directory / "fr" / "node.db", "border/uk-fr")
    try:
        fr.verify_log("border/uk-fr")
    except ProofInvalid as error:
        expect(f"entry {entry}" in str(error), f"verification names entry {entry}: {error}")
        named = str(error)
    else:
        raise StepFailed("an altered log verifies")
    return {
        "bundle": str(path),
        "bytes": len(data),
        "author": str(proven.author),
        "log": proven.log,
        "index": proven.index,
        "size": proven.size,
        "altered_bundle": spoiled,
        "log_before": sound[0]["entries"],
        "altered_entry": entry,
        "found": named,
    }


def _save_bundle(story: Story, path: Path) -> bool:
    try:
        answer = story.stage.call(ALICE, "bundle", room=story.room, message=story.message)
    except CordialeError:
        return False
    path.write_bytes(base64.b64decode(answer["bundle"]))
    return True


STEPS: Final = (
    Step(
        "set_up",
        "Two nations, peered; four people; a room",
        "Deux nations reliées ; quatre personnes ; un salon",
        set_up,
    ),
    Step("uk_writes", "The UK writes, France reads", "Le Royaume-Uni écrit, la France lit", uk_writes),
    Step("france_answers", "France answers, the UK reads", "La France répond, le Royaume-Uni lit", france_answers),
    Step("file_crosses", "A file crosses, byte for byte", "Un fichier passe, octet pour octet", file_crosses),
    Step("borders_refuse", "Both borders refuse what stays at home", "Les deux frontières retiennent", borders_refuse),
    Step("node_sees", "What the node sees", "Ce que voit le nœud", what_the_node_sees),
    Step("outage", "France's node stops and returns", "Le nœud français s'arrête et revient", outage),
    Step(
        "joint_decision",
        "A decision binds with two keys",
        "Une décision engage avec deux clés",
        lambda story: joint_decision(story.stage, story.room),
    ),
    Step(
        "activities_meet",
        "Two activities meet, in sight of each other",
        "Deux activités se rencontrent, en connaissance de cause",
        lambda story: activities_meet(story.stage, story.room),
    ),
    Step(
        "watch_at_sea",
        "A day of AIS: one alert, released, in both pictures",
        "Une journée d'AIS : une alerte, diffusée, dans les deux situations",
        lambda story: watch_at_sea(story.stage, story.room, story.watch),
    ),
    Step("members_change", "One leaves, one comes", "Un départ, une arrivée", members_change),
    Step("proofs", "Proof offline, tampering named", "Preuve hors ligne, altération nommée", proofs),
)
