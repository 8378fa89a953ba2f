"""What one message costs the store: its sender's ratchet, however many people are in the room."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest

from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.agent.workspace import unit
from cordiale.mls.member_group import MemberGroup
from cordiale.vocab.identifier import RoomId
from mls.people import GROUP_ID, NOW, anybody, founder, join, person

ROOM = RoomId(GROUP_ID)
FRAME = 4096 + 24
"""One page in the write-ahead log."""
FRAMES_MOST = 6
LARGE = 600


class Desk:
    """One member's store, and what each unit of work adds to its write-ahead log."""

    def __init__(self, path: Path, group: MemberGroup) -> None:
        self.path, self.groups = path, dict[RoomId, MemberGroup]()
        self.store = EncryptedAgentStore.create(path, bytes(32))
        self.do(lambda _none: group)
        self.store._empty_log()

    def do(self, change: Callable[[MemberGroup], MemberGroup]) -> int:
        """Change the group; how many bytes were written."""
        before = self._log_bytes()
        with (
            patch.object(EncryptedAgentStore, "_empty_log", lambda _store: None),
            unit(self.store, None, None, self.groups, NOW) as work,  # type: ignore[arg-type]
        ):
            work.put_group(ROOM, change(self.groups.get(ROOM)))  # type: ignore[arg-type]
        return self._log_bytes() - before

    def _log_bytes(self) -> int:
        log = self.path.with_name(self.path.name + "-wal")
        return log.stat().st_size if log.exists() else 0

    def again(self) -> MemberGroup:
        """What a restart finds."""
        with unit(self.store, None, None, {}, NOW) as work:  # type: ignore[arg-type]
            return work.group(ROOM)


@cache
def _two_of(members: int) -> tuple[MemberGroup, MemberGroup]:
    people = [person(str(number)) for number in range(members - 1)]
    made = founder().commit(add=[who.package for who in people], authenticate=anybody, now=NOW)
    return made.pending, join(made.welcome, people[0])


@pytest.mark.parametrize("members", [2, LARGE])
def test_a_message_costs_the_same_in_a_small_room_and_a_large_one(tmp_path: Path, members: int) -> None:
    alice, bob = _two_of(members)
    messages = []
    for _ in range(12):
        alice, message = alice.encrypt(b"EXERCISE", b"")
        messages.append(message)
    desk = Desk(tmp_path / "store.db", bob)
    written = [desk.do(lambda group, m=message: group.decrypt(m)[0]) for message in messages[:4]]  # type: ignore[misc]
    written += [desk.do(lambda group, m=messages[at]: group.decrypt(m)[0]) for at in (9, 6, 11)]  # type: ignore[misc]
    written += [desk.do(lambda group: group.encrypt(b"EXERCISE", b"")[0]) for _ in range(3)]
    assert all(0 < count <= FRAMES_MOST * FRAME for count in written), written
    assert desk.again().encode() == desk.groups[ROOM].encode()
    desk.store.close()


def test_a_large_rooms_state_is_much_larger_than_that(tmp_path: Path) -> None:
    """So that the bound above says something."""
    alice, _ = _two_of(LARGE)
    assert len(alice.encode()) > 2 * FRAMES_MOST * FRAME
    desk = Desk(tmp_path / "store.db", alice)
    assert desk.do(lambda group: group.commit(authenticate=anybody, now=NOW).pending) > 2 * FRAMES_MOST * FRAME
    desk.store.close()
