"""A console's process: it says where it opens, answers there, and ends with the block."""

import socket
from pathlib import Path

import pytest

from cordiale.errors import CordialeError
from cordiale.wiring import settings
from cordiale.wiring.console_process import console_process
from cordiale.wiring.settings import AGENT_FILE, AgentSettings


def test_it_listens_while_the_block_lasts(tmp_path: Path) -> None:
    settings.write(tmp_path / AGENT_FILE, AgentSettings("alice@uk", "http://127.0.0.1:1"))
    with console_process(tmp_path, "fr") as console:
        found = console.opened()
        assert found == console.opened()
        assert found["url"].startswith(f"http://{found['host']}/launch?token=")
        assert found["host"].startswith("uk.cordiale.localhost:")
        port = int(found["host"].rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_one_that_cannot_start_is_said(tmp_path: Path) -> None:
    with console_process(tmp_path / "nowhere", "en") as console, pytest.raises(CordialeError, match="did not start"):
        console.opened()
