"""A member's device in hostile hands: it signs and seals whatever it likes, label binding by label binding."""

from typing import Any

from cordiale.adapters.clock import system_clock
from cordiale.agent.content import text
from cordiale.crypto import statement
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.federation.envelope import Envelope, authenticated_data
from cordiale.labels import binding as bindings
from cordiale.labels.binding import Binding, Header
from cordiale.labels.label import Label, encode_label
from cordiale.mls.member_group import MemberGroup
from cordiale.vocab.identifier import Epoch, MessageId, RoomId
from cordiale.vocab.party import Nation
from forge.scene import TO_FRANCE, TO_UK
from worlds.world import Agent

_serial = iter(range(1, 2**32))


def fresh_id() -> MessageId:
    """A message id that no other message of this process has."""
    return MessageId(b"forged" + next(_serial).to_bytes(10, "big"))


class Device:
    """The keys of an agent, used without its engine's care."""

    def __init__(self, agent: Agent, room: RoomId) -> None:
        self.agent, self.room, self.own = agent, room, agent.engine.own

    @property
    def group(self) -> MemberGroup:
        with self.agent.engine._unit() as work:
            return work.group(self.room)

    def label(self, marking: str = "") -> Label:
        """A label of the device's own nation."""
        ordinary = TO_FRANCE if self.own.nation == "uk" else TO_UK
        return self.agent.engine.label(marking or ordinary)

    def heads(self) -> dict[Nation, int]:
        with self.agent.engine._unit() as work:
            return work.heads(self.room)

    def header(self, label: Label | bytes | None = None, **changes: Any) -> Header:
        """What an honest agent would write, or something else in its fields."""
        found = label if isinstance(label, bytes) else encode_label(label or self.label())
        fields: dict[str, Any] = {"id": fresh_id(), "label": found, "heads": self.heads(), "sent": system_clock()}
        return Header(**{**fields, **changes})

    def seal(self, plaintext: bytes, header: Header) -> tuple[bytes, Epoch]:
        """An MLS message, its generation spent as an engine would."""
        with self.agent.engine._unit() as work:
            group = work.group(self.room)
            after, body = group.encrypt(plaintext, authenticated_data(header))
            work.put_group(self.room, after)
        return body, group.epoch

    def letter(self, words: str = "EXERCISE forged", *, inner: Header | None = None, **changes: Any) -> bytes:
        """An application message; `inner` is what MLS authenticates, `changes` are those of `envelope`."""
        outer = changes.pop("header", None) or inner or self.header()
        plaintext = changes.pop("plaintext", None) or text(words).encode()
        body, epoch = self.seal(plaintext, inner or outer)
        return self.envelope(outer, body, **{"epoch": epoch, **changes})

    def envelope(
        self,
        header: Header,
        body: bytes,
        *,
        kind: str = bindings.APPLICATION,
        room: bytes | None = None,
        epoch: int | None = None,
        key: SigningKey | None = None,
        **changes: Any,
    ) -> bytes:
        """An envelope whose binding says what the caller wants, signed by `key` (the device's own)."""
        at = self.group.epoch if epoch is None else epoch
        fields: dict[str, Any] = {
            "version": 1,
            "kind": kind,
            "room": RoomId(room or self.room),
            "epoch": Epoch(at),
            "header": header.encode(),
            "digest": sha256(body),
            "signer": self.own.digest,
        }
        binding = Binding(**{**fields, **changes}).encode()
        signature = statement.sign(key or self.own.key, statement.BINDING, binding)
        return Envelope(binding, signature, body).encode()
