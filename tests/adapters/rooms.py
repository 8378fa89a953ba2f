"""A room that stands on nodes by decree, and real encrypted messages for it: what the adapters carry, without an agent."""

import os
from dataclasses import dataclass

from adapters.kit import DeviceKit, RunningNode
from cordiale.adapters.clock import system_clock
from cordiale.crypto.certificate import Chain
from cordiale.crypto.digest import sha256
from cordiale.federation.envelope import Envelope, authenticated_data
from cordiale.federation.room import room_parameters
from cordiale.federation.session import home_log
from cordiale.labels.binding import APPLICATION, Header, bind
from cordiale.labels.label import Label, encode_label
from cordiale.mls.credential import X509Credential
from cordiale.mls.member_group import MemberGroup
from cordiale.node.ports import MemberRow, RoomRow
from cordiale.vocab.identifier import Epoch, MessageId, RoomId
from cordiale.vocab.party import Nation

RELEASABLE = "OFFICIAL-SENSITIVE REL FRA"
NATIONAL = "OFFICIAL-SENSITIVE UK EYES ONLY"
SUITE = 1


@dataclass
class RoomKit:
    """A room of the United Kingdom and France whose only speaker is one device."""

    id: RoomId
    speaker: DeviceKit
    group: MemberGroup
    ceiling: Label

    @property
    def log(self) -> str:
        return home_log(self.id)

    def message(self, node: RunningNode, label: str = RELEASABLE, size: int = 700) -> bytes:
        """The next envelope of the speaker."""
        authority = node.authority
        assert authority is not None
        now = system_clock()
        marked = authority.policy.parse_marking(label, created=now, originator=str(self.speaker.address))
        header = Header(MessageId(os.urandom(16)), encode_label(marked), {}, now)
        self.group, body = self.group.encrypt(os.urandom(size), authenticated_data(header))
        signer = sha256(self.speaker.chain)
        binding, signature = bind(
            self.speaker.key, signer, header, body, kind=APPLICATION, room=self.id, epoch=Epoch(0)
        )
        return Envelope(binding, signature, body).encode()


def make_room(speaker: DeviceKit, *nodes: RunningNode) -> RoomKit:
    """The room, entered on every node. The first is the speaker's own."""
    authority, room, now = nodes[0].authority, RoomId(os.urandom(32)), system_clock()
    assert authority is not None
    ceiling = authority.policy.parse_marking(RELEASABLE, created=now, originator=str(speaker.address))
    credential = X509Credential(Chain.decode(speaker.chain).certificates)
    group = MemberGroup.create(SUITE, room, speaker.key, credential, now=now)
    nations = {Nation("uk"), Nation("fr")}
    parameters = room_parameters(encode_label(ceiling), nations, authority.nation, speaker.address).encode()
    for node in nodes:
        with node.store.write() as tx:
            tx.rooms.put_room(RoomRow(room, parameters, Epoch(0), b"public group"))
            tx.rooms.put_member(MemberRow(room, speaker.key.public, speaker.address, 0))
    return RoomKit(room, speaker, group, ceiling)
