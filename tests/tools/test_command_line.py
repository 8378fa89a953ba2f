"""The real parser decides whether a shown command can be given."""

import pytest
from tools.command_line import wrong_with


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["demo", "--once", "--json"],
        ["--lang", "fr", "room", "list", "--agent", "alice"],
        ["send", "Channel watch", "text", "--agent", "alice", "--label", "OFFICIAL"],
    ],
)
def test_what_can_be_given(arguments: list[str]) -> None:
    assert wrong_with(arguments) == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rooms"], "rooms"),
        (["room", "destroy", "x", "--agent", "alice"], "destroy"),
        (["send", "a", "b", "--agent", "alice", "--loud"], "--loud"),
        (["send", "--agent", "alice"], "ROOM"),
        (["room", "list", "--lang", "xx"], "--lang"),
    ],
)
def test_what_cannot(arguments: list[str], said: str) -> None:
    assert said in wrong_with(arguments)
