"""`bundle` and `verify`: a real proof holds, and no garbage does."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.kit import Agent, Cordiale
from cordiale.cli import main
from cordiale.vocab.party import Address, Nation
from cordiale.wire import limits
from worlds.world import World


@pytest.fixture(scope="module")
def bundle(two: World) -> bytes:
    """The proof of a message that crossed from the UK to France."""
    alice = two.agents["alice@uk"].engine
    label = alice.label("OFFICIAL-SENSITIVE REL FRA")
    room = alice.create_room("EXERCISE", {Nation("fr")}, label)
    alice.invite(room, [Address.parse("claire@fr")])
    message = alice.send_text(room, "EXERCISE: proof", label)
    two.settle(3)
    return alice.bundle(room, message)


def roots(two: World) -> list[str]:
    return [part for code in ("uk", "fr") for part in ("--root", str(two.directory / code / "root.der"))]


def test_a_proof_holds(cordiale: Cordiale, two: World, bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(bundle)
    proven = json.loads(cordiale("verify", "b", *roots(two), "--json").out)
    assert proven["proven"] is True
    assert proven["author"] == "alice@uk"
    assert proven["log"] == "border/uk-fr"
    assert {root["pinned"] for root in proven["roots"].values()} == {True}
    english = cordiale("verify", "b", *roots(two)[:2])
    assert "as you gave it" in english.out
    assert "compare this fingerprint" in english.out
    assert "La preuve tient." in cordiale("verify", "b", "--lang", "fr").out


def test_another_root_is_refused(cordiale: Cordiale, bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(bundle)
    cordiale("nation", "init", "uk", "--nation", "impostor")
    found = cordiale("verify", "b", "--root", "impostor/root.der", "--json")
    assert found.status == 1
    assert json.loads(found.out)["error"]["code"] == "bad-certificate"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_altered_proof_proves_nothing_else(
    bundle: bytes, data: st.DataObject, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Almost every altered byte ends in a refusal; those that don't matter change nothing but a root's fingerprint."""
    place, flip = data.draw(st.integers(0, len(bundle) - 1)), data.draw(st.integers(1, 255))
    capsys.readouterr()
    found = [_verified(changed, tmp_path, capsys) for changed in (bundle, _flipped(bundle, place, flip))]
    assert found[1] is None or found[1] == found[0]


def _flipped(data: bytes, place: int, flip: int) -> bytes:
    return data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]


def _verified(data: bytes, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object] | None:
    (folder / "bundle").write_bytes(data)
    status = main.main(["verify", str(folder / "bundle"), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (status == 0) == ("proven" in document)
    document.pop("roots", None)
    return document if status == 0 else None


@pytest.mark.parametrize("data", [b"", b"garbage", b"\x00" * 1000, b"\xbf" * 1000, b"\x9f" * 100_000, b"{}"])
def test_garbage_is_malformed(data: bytes, cordiale: Cordiale, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(data)
    found = cordiale("verify", "b")
    assert found.status == 1
    assert found.out == ""
    assert len(found.err.splitlines()) == 3
    assert json.loads(cordiale("verify", "b", "--json").out)["error"]["code"] == "malformed"


def test_a_file_too_large_and_one_that_is_not_there(cordiale: Cordiale, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(limits.BUNDLE_BYTES + 1)
    assert json.loads(cordiale("verify", "large", "--json").out)["error"]["code"] == "limit-exceeded"
    assert json.loads(cordiale("verify", "nowhere", "--json").out)["error"]["code"] == "not-found"
    assert cordiale("verify", tmp_path).status == 1


def test_a_root_that_is_none(cordiale: Cordiale, bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(bundle)
    (tmp_path / "root").write_bytes(b"no certificate")
    found = cordiale("verify", "b", "--root", "root")
    assert found.status == 1
    assert "Traceback" not in found.err


def test_saving_a_proof(cordiale: Cordiale, agent: Agent, bundle: bytes, tmp_path: Path) -> None:
    answer = {"room": "cd" * 32, "message": "ab" * 16, "size": 3, "bundle": base64.b64encode(b"abc").decode()}
    agent.answers["bundle"] = [answer]
    assert "abababababab.bundle" in cordiale("bundle", "r", "last", "--agent", agent.folder).out
    assert (tmp_path / "abababababab.bundle").read_bytes() == b"abc"
    saved = json.loads(cordiale("bundle", "r", "last", "--out", "x", "--agent", agent.folder, "--json").out)
    assert saved["bundle"] == str(tmp_path / "x")
    assert cordiale("bundle", "r", "last", "--out", "no/such/folder/x", "--agent", agent.folder).status == 1
