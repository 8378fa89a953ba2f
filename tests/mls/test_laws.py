"""Laws of a room: whatever its members do and in whatever order messages arrive, all who are in it agree.

Handshakes are ordered by a hub; application messages arrive late, out of order, and from the epoch before.
"""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.crypto.suite import HYBRID_ID
from cordiale.errors import Replayed
from cordiale.mls.credential import BasicCredential
from cordiale.mls.events import Evicted, ProposalSeen
from cordiale.mls.external_commit import JoinWish
from cordiale.mls.member_group import MemberGroup
from cordiale.mls.parent_hash import check_parent_hashes
from cordiale.mls.proposal import SelfRemove
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.tree_validation import check_whole_tree
from mls.people import FAST, NOW, Person, anybody, founder, fresh_signer, join, person

MOST = 6


@dataclass
class Room:
    """Members by name, what is under way to each, and what the blind hub knows."""

    suite_id: int
    members: dict[str, MemberGroup]
    hub: PublicGroup
    under_way: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=dict)
    people: int = 0
    leaving: tuple[bytes, ...] = ()

    @classmethod
    def open(cls, suite_id: int) -> "Room":
        """A founder alone."""
        group = founder(suite_id)
        hub = PublicGroup.from_group_info(group.group_info(), authenticate=anybody, now=NOW)
        return cls(suite_id, {"founder": group}, hub)

    def pick(self, number: int) -> str:
        """Any member."""
        names = sorted(self.members)
        return names[number % len(names)]

    def handshake(self, message: bytes, but: str) -> None:
        """The hub takes a handshake, then all but its maker."""
        self.hub, _ = self.hub.process(message, authenticate=anybody, now=NOW)
        for name in sorted(set(self.members) - {but}):
            self.deliver(name, len(self.under_way.get(name, [])))
            group, event = self.members[name].process(message, authenticate=anybody, now=NOW)
            if not isinstance(event, ProposalSeen):
                self.leaving = ()
            self.members[name] = group
            if isinstance(event, Evicted):
                del self.members[name]
                self.under_way.pop(name, None)

    def commit(self, who: str, *, enter: bool, leave: int | None) -> None:
        """A commit with everything that waits."""
        newcomers: dict[str, Person] = {}
        if enter and len(self.members) < MOST:
            self.people += 1
            newcomers[f"person {self.people}"] = person(f"person {self.people}", self.suite_id)
        out = [] if leave is None else [self.members[self.pick(leave)].own_leaf]
        group = self.members[who]
        result = group.commit(
            add=[new.package for new in newcomers.values()],
            remove=[leaf for leaf in out if leaf != group.own_leaf],
            authenticate=anybody,
            now=NOW,
        )
        self.handshake(result.message, who)
        self.members[who] = result.pending
        for name, new in newcomers.items():
            self.members[name] = join(result.welcome, new)

    def propose(self, who: str, *, leave: bool) -> None:
        """An update, or one's own leaving."""
        group = self.members[who]
        after, message = group.propose_remove(group.own_leaf) if leave else group.propose_update()
        if after is not group:
            self.handshake(message, who)
            self.members[who] = after

    def join(self, by: str, *, back: bool) -> None:
        """Somebody enters by an external commit, by what a member published; or a member comes back by one."""
        self.people += 0 if back else 1
        name = by if back else f"person {self.people}"
        if len(self.members) >= MOST and not back:
            return
        own = self.members[by]
        others = [group for other, group in self.members.items() if other != by]
        inviting = others[0] if back and others else own
        made = MemberGroup.join_external(
            inviting.group_info(with_external_pub=True),
            own.signer if back else fresh_signer(self.suite_id),
            own.credential if back else BasicCredential(name.encode()),
            authenticate=anybody,
            now=NOW,
            wish=JoinWish(remove=own.own_leaf if back else None, leaving=() if back else self.leaving),
        )
        self.handshake(made.message, name if back else "")
        self.members[name] = made.pending
        self.under_way.pop(name, None)

    def leave(self, who: str) -> None:
        """By SelfRemove."""
        group = self.members[who]
        if any(isinstance(item.proposal, SelfRemove) for item in group.public.waiting) or len(self.members) == 1:
            return
        after, message = group.propose_self_remove()
        self.handshake(message, who)
        self.members[who], self.leaving = after, (message,)

    def say(self, who: str) -> None:
        """A message is under way to all others."""
        self.members[who], message = self.members[who].encrypt(who.encode(), b"label")
        for name in set(self.members) - {who}:
            self.under_way.setdefault(name, []).append((who.encode(), message))

    def deliver(self, who: str, count: int, *, start: int = 0) -> None:
        """Some of what is under way arrives, not in order; and once more, which is refused."""
        waiting = self.under_way.get(who, [])
        for _ in range(min(count, len(waiting))):
            sender, message = waiting.pop(start % len(waiting))
            self.members[who], received = self.members[who].decrypt(message)
            assert received.plaintext == sender
            try:
                self.members[who].decrypt(message)
            except Replayed:
                continue
            raise AssertionError("a message opened twice")

    def check(self) -> None:
        """All agree, with each other and with the hub; the tree is what a newcomer would accept."""
        groups = list(self.members.values())
        assert {group.public.encode() for group in groups} == {self.hub.encode()}
        assert len({group.epoch_authenticator for group in groups}) == 1
        assert len({group.export("x", b"", 16) for group in groups}) == 1
        check_parent_hashes(self.hub.tree)
        check_whole_tree(self.hub.tree, self.hub.group_id, self.hub.extensions, anybody)
        for name, group in self.members.items():
            self.members[name] = MemberGroup.decode(group.encode())


numbers = st.integers(0, MOST)
steps = st.one_of(
    st.tuples(st.just("commit"), numbers, st.booleans(), st.none() | numbers),
    st.tuples(st.just("propose"), numbers, st.booleans()),
    st.tuples(st.just("join"), numbers, st.booleans()),
    st.tuples(st.just("leave"), numbers),
    st.tuples(st.just("say"), numbers),
    st.tuples(st.just("deliver"), numbers, numbers, numbers),
)


def live(room: Room, plan: list[tuple[object, ...]]) -> None:
    """Do all steps."""
    for kind, number, *rest in plan:
        assert isinstance(number, int)
        who = room.pick(number)
        match kind, rest:
            case "commit", [bool(enter), leave]:
                assert leave is None or isinstance(leave, int)
                room.commit(who, enter=enter, leave=leave)
            case "propose", [bool(leave)]:
                room.propose(who, leave=leave and len(room.members) > 1)
            case "join", [bool(back)]:
                room.join(who, back=back)
            case "leave", []:
                room.leave(who)
            case "deliver", [int(count), int(start)]:
                room.deliver(who, count, start=start)
            case _:
                room.say(who)
        room.check()


@given(st.lists(steps, min_size=4, max_size=20))
@settings(max_examples=60)
def test_members_converge(plan: list[tuple[object, ...]]) -> None:
    live(Room.open(FAST), plan)


@given(st.lists(steps, max_size=8))
@settings(max_examples=6)
def test_members_converge_with_the_hybrid_suite(plan: list[tuple[object, ...]]) -> None:
    live(Room.open(HYBRID_ID), plan)
