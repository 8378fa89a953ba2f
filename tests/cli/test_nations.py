"""What an administrator does, for real: found, link, enrol, revoke, look."""

import json
from pathlib import Path

import pytest

from cli.kit import Cordiale
from cordiale.cli import passphrase
from cordiale.cli.passphrase import read
from cordiale.errors import NotFound, WrongUsage


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("EXERCISE only\n")
    return path


def test_founding_and_showing(cordiale: Cordiale) -> None:
    founded = cordiale("nation", "init", "uk", "--nation", "uk")
    assert (founded.status, founded.err) == (0, "")
    shown = cordiale("nation", "show", "--nation", "uk", "--json")
    summary = json.loads(shown.out)
    assert summary["nation"] == "uk"
    assert summary["root"] in founded.out
    assert "Racine" in cordiale("nation", "show", "--nation", "uk", "--lang", "fr").out
    again = cordiale("nation", "init", "uk", "--nation", "uk")
    assert again.status == 1
    assert cordiale("nation", "init", "UK!", "--nation", "other").status == 1
    assert cordiale("nation", "show", "--nation", "nowhere").status == 1


def test_linking_by_cards_and_words(cordiale: Cordiale, tmp_path: Path) -> None:
    for code in ("uk", "fr"):
        assert cordiale("nation", "init", code, "--nation", code).status == 0
    assert "No links yet" in cordiale("peer", "list", "--nation", "uk").out
    invited = cordiale("peer", "invite", "fr", "--nation", "uk", "--out", "invitation.card")
    assert "cordiale peer accept invitation.card" in invited.out
    answered = json.loads(cordiale("peer", "accept", "invitation.card", "--nation", "fr", "--json").out)
    assert answered["state"] == "answered"
    assert Path(answered["card"]) == tmp_path / "fr-for-uk.card"
    seen = cordiale("peer", "accept", "fr-for-uk.card", "--nation", "uk")
    words = " ".join(answered["words"])
    assert words in seen.out
    wrong = cordiale("peer", "accept", "uk", "--words", "six other words than these ones", "--nation", "fr")
    assert wrong.status == 1
    assert "words" in wrong.err
    assert cordiale("peer", "accept", "fr", "--words", words, "--nation", "uk").out == "Linked with fr.\n"
    assert cordiale("peer", "accept", "uk", "--words", words, "--nation", "fr", "--lang", "fr").out == (
        "Lien établi avec uk.\n"
    )
    (link,) = json.loads(cordiale("peer", "list", "--nation", "uk", "--json").out)["links"]
    assert (link["nation"], link["state"]) == ("fr", "linked")
    assert "linked" in cordiale("peer", "list", "--nation", "uk").out


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"not a card", b"\xa3" * 5000])
def test_a_card_that_is_none(data: bytes, cordiale: Cordiale, tmp_path: Path) -> None:
    cordiale("nation", "init", "uk", "--nation", "uk")
    (tmp_path / "bad.card").write_bytes(data)
    found = cordiale("peer", "accept", "bad.card", "--nation", "uk")
    assert found.status == 1
    assert len(found.err.splitlines()) == 3
    assert cordiale("peer", "accept", "nowhere.card", "--nation", "uk").status == 1
    assert cordiale("peer", "accept", "fr", "--nation", "uk").status == 1


def test_people_and_logs(cordiale: Cordiale, secret: Path, tmp_path: Path) -> None:
    cordiale("nation", "init", "uk", "--nation", "uk")
    who = ("person", "enrol", "alice", "--clearance", "secret", "--nation", "uk", "--passphrase-file", secret)
    enrolled = cordiale(*who, "--agent", "alice", "--json")
    assert json.loads(enrolled.out)["address"] == "alice@uk"
    assert cordiale(*who, "--agent", "alice").status == 1
    assert cordiale(*who[:4], "no-such-level", *who[5:], "--agent", "b").status == 2
    assert "Nobody yet" in cordiale("person", "list", "--nation", "uk").out
    assert cordiale("person", "revoke", "nobody", "--nation", "uk").status in (0, 1)
    assert json.loads(cordiale("log", "show", "--nation", "uk", "--json").out).keys() == {"logs"}
    assert cordiale("log", "show", "guard", "--nation", "uk").out == "No entries.\n"
    assert cordiale("log", "verify", "border/uk-fr", "--nation", "uk").status == 1
    assert cordiale("log", "verify", "--nation", "uk").status == 0
    away = cordiale("room", "list", "--agent", "alice", "--passphrase-file", secret, "--json")
    assert away.status == 1
    assert json.loads(away.out)["error"]["code"] == "unreachable"
    (tmp_path / "other").write_text("another passphrase")
    locked = cordiale("room", "list", "--agent", "alice", "--passphrase-file", "other", "--json")
    assert json.loads(locked.out)["error"]["code"] == "store-locked"


def test_a_root_key_with_a_passphrase(cordiale: Cordiale, secret: Path) -> None:
    founded = cordiale("nation", "init", "uk", "--nation", "uk", "--root-passphrase-file", secret)
    assert founded.status == 0
    who = ("person", "enrol", "bob", "--clearance", "secret", "--nation", "uk", "--passphrase-file", secret)
    assert cordiale(*who, "--agent", "bob").status == 1
    assert cordiale(*who, "--agent", "bob", "--root-passphrase-file", secret).status == 0


def test_the_doctor(cordiale: Cordiale, tmp_path: Path) -> None:
    assert cordiale("doctor").status == 0
    cordiale("nation", "init", "uk", "--nation", "uk")
    (tmp_path / "uk" / "border.pem").chmod(0o644)
    found = cordiale("doctor", "--nation", "uk", "--lang", "fr")
    assert found.status == 1
    assert "défaut" in found.out
    assert "chmod 600" in found.out
    assert "Lancez-le\u00a0: cordiale node run" in found.out
    checks = json.loads(cordiale("doctor", "--agent", tmp_path, "--json").out)
    assert checks["ok"] is False


def test_a_passphrase_comes_from_a_file_or_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p"
    for data in (b"", b"\n", b"\xff\xfe\n", b"x" * (passphrase.BYTES + 1)):
        path.write_bytes(data)
        with pytest.raises(WrongUsage):
            read(path)
    with pytest.raises(NotFound):
        read(tmp_path / "nowhere")
    path.write_text("an  EXERCISE \r\n")
    assert read(path) == passphrase.optional(path) == "an  EXERCISE "
    assert passphrase.optional(None) == ""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(WrongUsage):
        read(None)


def test_a_new_passphrase_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    typed = iter(["one", "one", "one", "two", "", ""])
    monkeypatch.setattr(passphrase, "getpass", lambda _: next(typed))
    assert read(None, twice=True) == "one"
    for _ in range(2):
        with pytest.raises(WrongUsage):
            read(None, twice=True)


def test_an_end_of_input_is_no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(passphrase, "getpass", ended)
    with pytest.raises(WrongUsage):
        read(None)
