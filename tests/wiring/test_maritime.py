"""What a nation releases of its maritime findings: once, then again only as something new, and seen by the partner as theirs."""

import base64
from pathlib import Path
from typing import Any

import pytest

from cordiale.crypto.digest import sha256
from cordiale.desks.maritime.draft import draft
from cordiale.desks.maritime.picture.state import identities
from cordiale.desks.maritime.sighting import reports
from cordiale.errors import Malformed, NotFound, NotReleasable
from cordiale.wiring.commands import call
from desks.maritime import sea
from worlds.test_two_nations import TO_FRANCE, room_of_four
from worlds.world import World

ALICE, BOB, CLAIRE = "alice@uk", "bob@uk", "claire@fr"


class Desk:
    """A store, a room, and the people in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.room = world, room_of_four(world).hex()
        self.store, self.finding = sea.store(folder), sea.finding()

    def __call__(self, who: str, method: str, **params: Any) -> dict[str, Any]:
        answer = call(self.world.agents[who].engine, method, {"room": self.room, **params})
        self.world.settle(2)
        return answer

    def release(
        self, who: str = ALICE, status: Any = "raised", label: str = TO_FRANCE, why: str = ""
    ) -> dict[str, Any]:
        finding = sea.finding(why=why) if why else self.finding
        made = draft(finding, identities(self.store), status, reports(self.store, finding))
        file = made.attachment
        params: dict[str, Any] = {"values": made.values, "label": label}
        if file is not None:
            params["file"] = {"field": file.field, "name": file.name, "data": base64.b64encode(file.data).decode()}
        return self(who, "maritime.release", **params)

    def shared(self, who: str) -> list[dict[str, Any]]:
        return self(who, "maritime.shared")["records"]


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, tmp_path / "sea")


def test_a_released_finding_stands_at_the_partner(desk: Desk) -> None:
    """Bound by the one nation's key, under its label, with its track and the file of all positions."""
    made = desk.release()
    assert (made["act"], made["record"]["status"]) == ("raise", "binding")
    (seen,) = desk.shared(CLAIRE)
    assert (seen["owner"], seen["type"], seen["status"]) == ("uk", "maritime", "binding")
    assert seen["marking"]["text"].startswith("DIFFUSION RESTREINTE")
    values = seen["values"]
    assert values["finding"] == desk.finding.id
    assert values["vessels"] == ["MMSI 227000001, IMO 9074729, EXERCISE PETREL", "MMSI 232000002, EXERCISE HERON"]
    assert values["title"]["fr"] == "Rencontre en mer : EXERCISE PETREL, EXERCISE HERON"
    assert [len(track["line"]) for track in values["tracks"]] == [2, 2]
    assert values["evidence"][0]["en"].startswith("EXERCISE silence before, 2027-12-31T02:30Z (EXERCISE feed)")
    (file,) = [each for each in desk(CLAIRE, "read", limit=100)["messages"] if each["file"]]
    assert file["file"]["sha256"] == values["positions"]


def test_releasing_twice_does_nothing(desk: Desk) -> None:
    """Nor does another person of the same nation, nor a status that only says that it was said before."""
    first = desk.release()
    again, colleague = desk.release(status="revised"), desk.release(BOB)
    assert [again["act"], colleague["act"]] == ["none", "none"]
    assert {each["record"]["id"] for each in (first, again, colleague)} == {first["record"]["id"]}
    assert len(desk.shared(CLAIRE)) == 1
    assert len([each for each in desk(CLAIRE, "read", limit=100)["messages"] if each["file"]]) == 1


def test_a_revision_takes_the_place_and_a_retraction_too(desk: Desk) -> None:
    first = desk.release()["record"]["id"]
    revised = desk.release(BOB, "revised", why="300 m apart")
    assert revised["act"] == "revised"
    assert desk(CLAIRE, "register.show", record=first)["record"]["superseded_by"] == revised["record"]["id"]
    (seen,) = desk.shared(CLAIRE)
    assert seen["values"]["explanation"]["en"] == "EXERCISE: 300 m apart"
    gone = desk.release(ALICE, "retracted", why="300 m apart")
    assert gone["act"] == "retracted"
    (seen,) = desk.shared(CLAIRE)
    assert (seen["values"]["state"], seen["status"], "tracks" in seen["values"]) == ("retracted", "binding", False)
    assert desk.release(ALICE, "retracted", why="300 m apart")["act"] == "none"
    assert desk.release(ALICE, "raised", why="300 m apart")["act"] == "raised"


def test_each_nation_has_its_own_record_of_one_finding(desk: Desk) -> None:
    desk.release()
    desk.release(CLAIRE, label="DIFFUSION RESTREINTE REL GBR")
    assert sorted(each["owner"] for each in desk.shared(BOB)) == ["fr", "uk"]
    assert desk(ALICE, "maritime.released", finding=desk.finding.id)["record"]["owner"] == "uk"
    assert desk(ALICE, "maritime.released", finding="0" * 32)["record"] is None


def test_what_is_refused_leaves_nothing(desk: Desk) -> None:
    """A label that France may not have, a retraction of nothing, a draft that is none."""
    with pytest.raises(NotReleasable):
        desk.release(label="OFFICIAL-SENSITIVE UK EYES ONLY")
    with pytest.raises(NotFound):
        desk.release(status="retracted")
    with pytest.raises(Malformed):
        desk(ALICE, "maritime.release", values={"finding": "x", "target": "y"})
    with pytest.raises(Malformed):
        desk(ALICE, "maritime.release", values={"finding": "x"}, label=TO_FRANCE)
    assert desk.shared(ALICE) == desk.shared(CLAIRE) == []
    assert [each for each in desk(CLAIRE, "read", limit=100)["messages"] if each["file"]] == []


def test_a_draft_says_the_same_of_the_same(desk: Desk) -> None:
    one, other = (
        draft(desk.finding, identities(desk.store), "raised", reports(desk.store, desk.finding)) for _ in range(2)
    )
    assert one == other
    assert one.attachment is not None
    assert sha256(one.attachment.data) == sha256(other.attachment.data if other.attachment else b"")
