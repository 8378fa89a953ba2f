"""The demonstration's joint decision: proposed and keyed in London, waiting in Paris, keyed there, binding, proven offline;
and one that Paris objects to. All persons and texts are EXERCISE."""

import base64
from typing import Any

from cordiale.adapters.clock import system_clock
from cordiale.errors import CordialeError
from cordiale.federation.record_bundle import ProvenRecord, verify_record_bundle
from cordiale.wiring.stage import ALICE, BOB, CLAIRE, TO_FRANCE, Stage, expect, refusal, until

Detail = dict[str, Any]


def _values(title_en: str, title_fr: str) -> dict[str, Any]:
    return {
        "title": {"en": f"EXERCISE {title_en}", "fr": f"EXERCICE {title_fr}"},
        "text": {"en": "Patrols alternate weekly.", "fr": "Les patrouilles alternent chaque semaine."},
        "body": "EXERCISE steering group",
        "met": "2026-03-02",
    }


def proposed(stage: Stage, room: str, title_en: str, title_fr: str, *, by: str = ALICE, label: str = TO_FRANCE) -> str:
    """A decision that somebody proposes; its record's id."""
    values = _values(title_en, title_fr)
    made = stage.call(by, "register.new", room=room, type="decision", values=values, label=label)
    return str(made["record"]["id"])


def joint_decision(stage: Stage, room: str) -> Detail:
    """Play it, and read back what really happened on the other side."""

    def act(who: str, record: str, act: str, text: str = "") -> Detail:
        return stage.call(who, "register.act", room=room, record=record, act=act, text=text)

    def stands(who: str, record: str, status: str) -> Detail:
        def look() -> Detail | None:
            try:
                found = stage.call(who, "register.show", room=room, record=record)["record"]
            except CordialeError:
                return None
            return found if found["status"] == status else None

        return until(look, f"{who} sees the record as {status}")

    record = proposed(stage, room, "Cable patrols", "Patrouilles câbles")
    act(ALICE, record, "key")
    stands(BOB, record, "part-keyed")
    second = refusal(lambda: act(BOB, record, "key"))
    waiting = stands(CLAIRE, record, "part-keyed")
    act(CLAIRE, record, "key")
    binding = stands(ALICE, record, "binding")
    expect({key["nation"] for key in binding["keys"]} == {"uk", "fr"}, "a key of each nation is turned")
    expect(binding["hash"] == waiting["hash"], "both keyed the same version")
    proven, size = _proven(stage, room, record)
    expect(
        {key.nation for key in proven.state.bound[proven.state.hash].keys} == {"uk", "fr"}, "the bundle shows both keys"
    )
    other = proposed(stage, room, "Night patrols", "Patrouilles de nuit")
    stands(CLAIRE, other, "proposed")
    act(CLAIRE, other, "object", "EXERCICE : pas avant l'été")
    objected = stands(ALICE, other, "objected")
    stuck = refusal(lambda: act(ALICE, other, "key"))
    return {
        "record": record,
        "title": binding["values"]["title"],
        "waiting_marking": waiting["marking"]["text"],
        "keys": [key["person"] for key in binding["keys"]],
        "second_key_of_one_nation": second.code,
        "binding_hash": binding["hash"],
        "bundle_bytes": size,
        "proven_offline": proven.state.status.value,
        "objected": objected["values"]["title"],
        "key_after_objection": stuck.code,
    }


def _proven(stage: Stage, room: str, record: str) -> tuple[ProvenRecord, int]:
    """The bundle, once both borders have cosigned every act, verified against the two roots and nothing else."""
    pinned = {home.nation: home.root for home in stage.homes.values()}

    def look() -> tuple[ProvenRecord, int] | None:
        try:
            answer = stage.call(BOB, "register.bundle", room=room, record=record)
        except CordialeError:
            return None
        data = base64.b64decode(answer["bundle"])
        proven = verify_record_bundle(data, pinned, system_clock())
        return (proven, len(data)) if proven.state.bound else None

    return until(look, "both borders have cosigned the decision")
