"""`log …` and `person list` on a nation where something happened."""

import json
import shutil
from pathlib import Path

import pytest

from cli.kit import Cordiale
from cordiale.vocab.party import Address, Nation
from cordiale.wiring.switches import tamper
from worlds.world import World


@pytest.fixture(scope="module")
def crossed(two: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder of a nation from which something crossed and something was refused."""
    alice = two.agents["alice@uk"].engine
    label = alice.label("OFFICIAL-SENSITIVE REL FRA")
    room = alice.create_room("EXERCISE logs", {Nation("fr")}, label)
    alice.invite(room, [Address.parse("claire@fr")])
    alice.send_text(room, "EXERCISE: hello", label)
    alice.send_text(room, "EXERCISE: no", alice.label("OFFICIAL-SENSITIVE UK EYES ONLY"), precheck=False)
    two.settle(3)
    return Path(shutil.copytree(two.directory / "uk", tmp_path_factory.mktemp("copy") / "uk"))


@pytest.fixture
def nation(crossed: Path, tmp_path: Path) -> Path:
    """That folder for one test, which may alter it."""
    return Path(shutil.copytree(crossed, tmp_path / "uk"))


def test_the_logs_are_listed(cordiale: Cordiale, nation: Path) -> None:
    sizes = {
        log["name"]: log["size"]
        for log in json.loads(cordiale("log", "show", "--nation", nation, "--json").out)["logs"]
    }
    assert sizes["border/uk-fr"] >= 3
    assert "border/uk-fr" in cordiale("log", "show", "--nation", nation).out


def test_entries_for_people_and_for_machines(cordiale: Cordiale, nation: Path) -> None:
    english = cordiale("log", "show", "border/uk-fr", "--nation", nation).out
    assert english.splitlines()[0].split() == ["#", "Kind", "Room", "Message", "Marking", "Rules", "Time"]
    assert "fr: uk-releasable" in english
    guard = cordiale("log", "show", "guard", "--nation", nation, "--lang", "fr").out
    assert "non" in guard.split()
    assert "uk-eyes-only" in guard
    entries = json.loads(cordiale("log", "show", "border/uk-fr", "--nation", nation, "--json").out)["entries"]
    assert len(entries[0]["envelope"]) == 64
    some = cordiale("log", "show", "border/uk-fr", "--start", "1", "--count", "1", "--nation", nation, "--json")
    assert json.loads(some.out)["entries"] == entries[1:2]
    assert cordiale("log", "show", "enrolment", "--nation", nation).status == 0


def test_people_are_listed(cordiale: Cordiale, nation: Path) -> None:
    shown = cordiale("person", "list", "--nation", nation).out
    assert "alice@uk" in shown
    assert "top-secret" in shown
    assert cordiale("person", "revoke", "bob", "--nation", nation).out == "bob@uk is revoked, with 1 device(s).\n"
    assert "revoked" in cordiale("person", "list", "--nation", nation).out


def test_logs_hold_until_a_byte_is_altered(cordiale: Cordiale, nation: Path) -> None:
    sound = cordiale("log", "verify", "--nation", nation)
    assert sound.status == 0
    assert "border/uk-fr: " in sound.out
    entry = tamper(nation / "node.db", "border/uk-fr")
    altered = cordiale("log", "verify", "border/uk-fr", "--nation", nation, "--json")
    assert altered.status == 1
    assert f"entry {entry}" in json.loads(altered.out)["error"]["happened"]
