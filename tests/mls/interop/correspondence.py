"""Application messages on their way: read by everybody, in another order, or epochs late, and once only."""

from dataclasses import dataclass
from random import Random
from typing import Final

import pytest

from mls.interop.member import Ability, Member, Side
from mls.interop.shared_group import SharedGroup

LATEST: Final = 2
"""Epochs after which the last messages are delivered. mls-rs keeps three past ones, ts-mls four, we five."""


@dataclass
class Letter:
    """An application message and those who have not read it."""

    message: bytes
    plaintext: bytes
    authenticated_data: bytes
    sender: Member
    epoch: int
    unread: list[Member]


class Correspondence:
    """All messages of the last epochs."""

    def __init__(self, group: SharedGroup, random: Random) -> None:
        self._group = group
        self._random = random
        self._letters: list[Letter] = []
        self.refused = 0
        """Messages of one side that the other rightly did not open."""

    def say(self, sender: Member, size: int, authenticated_data: bytes) -> Letter:
        """A message that nobody has read yet."""
        plaintext = self._random.randbytes(size)
        message = sender.encrypt(plaintext, authenticated_data)
        others = self._group.others(sender)
        letter = Letter(message, plaintext, authenticated_data, sender, self._group.public.epoch, others)
        self._letters.append(letter)
        return letter

    def deliver(self, late: float) -> None:
        """Everybody reads in an order of their own; a part of it, `late`, waits, into later epochs even."""
        self._random.shuffle(self._letters)
        for letter in self._letters:
            is_last = self._group.public.epoch - letter.epoch >= LATEST
            for member in list(letter.unread):
                if not self._may_read(letter, member):
                    letter.unread.remove(member)
                elif is_last or self._random.random() >= late:
                    self._open(letter, member)
        self._letters = [letter for letter in self._letters if self._group.public.epoch - letter.epoch < LATEST]

    def _may_read(self, letter: Letter, member: Member) -> bool:
        inside = self._group.inside
        return member.name in inside and (letter.sender.name in inside or Ability.READS_THE_DEPARTED in member.can)

    def _open(self, letter: Letter, member: Member) -> None:
        plaintext, data, sender = member.decrypt(letter.message)
        assert plaintext == letter.plaintext, f"{member.name} reads something else"
        assert data in (None, letter.authenticated_data), f"{member.name} sees other authenticated data"
        assert sender in (None, letter.sender.name), f"{member.name} takes it for another's"
        if member.side is not letter.sender.side and not any(
            reader.side is member.side for reader in self._readers(letter)
        ):
            self._group.exchanged[letter.sender.side, "application message"] += 1
        letter.unread.remove(member)

    def _readers(self, letter: Letter) -> list[Member]:
        return [member for member in self._group.others(letter.sender) if member not in letter.unread]

    def replay(self) -> None:
        """What was read is refused the second time."""
        present = [letter for letter in self._letters if letter.epoch == self._group.public.epoch]
        for letter in present:
            for member in self._readers(letter):
                self._refuse(letter, member, letter.message)

    def alter(self, sender: Member, authenticated_data: bytes) -> None:
        """A message with one bit turned is refused by everybody, and does nothing to the true one."""
        letter = self.say(sender, 60, authenticated_data)
        altered = bytearray(letter.message)
        altered[-self._random.randint(1, 100)] ^= 1 << self._random.randrange(8)
        for member in self._group.others(sender):
            if Ability.OUTLIVES_FORGERY not in member.can:
                self._open(letter, member)
            self._refuse(letter, member, bytes(altered))

    def _refuse(self, letter: Letter, member: Member, message: bytes) -> None:
        with pytest.raises(self._group.peers[member.side].refusal):
            member.decrypt(message)
        self.refused += letter.sender.side is not member.side


def talkers(group: SharedGroup) -> list[Member]:
    """Those who may send now."""
    needed = {Ability.TALKS_WHILE_PROPOSALS_WAIT} if group.waiting else set[Ability]()
    return [member for member in group.of(Side.OURS) + group.of(Side.THEIRS) if member.can >= needed]
