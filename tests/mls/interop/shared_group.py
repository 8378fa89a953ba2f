"""One group of several implementations' members, in which nobody may ever come to another state than the others.

All that a member makes goes to all others at once, in one order, as through a room's hub. A `PublicGroup` without
secrets follows the handshakes that it can read and must come out where our members do. `exchanged` counts, for each
side, what it made and the *other* side consumed.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pytest

from cordiale.mls.commit import Commit
from cordiale.mls.content import SenderType
from cordiale.mls.credential import BasicCredential
from cordiale.mls.framing import PublicMessage, peek
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.wire_format import WireFormat
from mls.interop.member import Ability, Made, Member, Peer, Question, Side, Target, Wish
from mls.interop.ours import OurMember, Ours, now
from mls.people import anybody

GROUP_ID: Final = b"interoperation" * 2


class SharedGroup:
    """Its members, by name, and those invited whom no commit has added yet."""

    def __init__(self, ours: Ours, theirs: Peer, founder: Side) -> None:
        self.peers: dict[Side, Peer] = {Side.OURS: ours, Side.THEIRS: theirs}
        self.exchanged: Counter[tuple[Side, str]] = Counter()
        self.invited: dict[str, Member] = {}
        self.waiting: set[str] = set()
        """The kinds of proposals that wait for a commit, and (`touched`) the leaves that they change."""
        self.touched: set[int] = set()
        self._names = 0
        first, second = self.newcomer(founder), self.newcomer(Side.OURS)
        first.found(GROUP_ID)
        made = first.commit(Wish(add=[second.key_package()]))
        first.adopt(made.message)
        assert made.welcome is not None
        second.join(made.welcome, made.tree)
        self.inside = {first.name: first, second.name: second}
        self.public = PublicGroup.from_group_info(second.group_info(), authenticate=anybody, now=now())

    # Who is there

    def newcomer(self, side: Side) -> Member:
        """Somebody outside, of a name that nobody had."""
        self._names += 1
        return self.peers[side].member(f"{side.name.lower()}-{self._names}")

    def invite(self, side: Side) -> bytes:
        """A key package of somebody whom a commit may add."""
        who = self.newcomer(side)
        self.invited[who.name] = who
        return who.key_package()

    def of(self, side: Side) -> list[Member]:
        """A side's members."""
        return [member for member in self.inside.values() if member.side is side]

    def others(self, member: Member) -> list[Member]:
        """All but one."""
        return [other for other in self.inside.values() if other is not member]

    def all_can(self, ability: Ability) -> bool:
        """Whether nobody lacks it, who is in or may come."""
        return all(ability in peer.can for peer in self.peers.values())

    def target(self, member: Member) -> Target:
        """A member by its place."""
        return _leaves(self.public)[member.name]

    def count(self, maker: Member, kind: str, consumers: Sequence[Member]) -> None:
        """One thing made, if the other side consumed it."""
        if any(consumer.side is not maker.side for consumer in consumers):
            self.exchanged[maker.side, kind] += 1

    # Agreeing

    def compare(self, question: Question) -> None:
        """All members in the same epoch of the same group, as far as they show it."""
        views = [(member.name, member.view(question)) for member in self.inside.values()]
        tree, context = self.public.tree.encode(), self.public.context.encoded
        leaves = _leaves(self.public)
        names = tuple((target.leaf, name) for name, target in leaves.items())
        assert leaves.keys() == self.inside.keys()
        for name, view in views:
            assert view.tree == tree, f"{name} has another tree"
            assert view.epoch in (None, self.public.epoch), f"{name} is in another epoch"
            assert view.context in (None, context), f"{name} has another group context"
            assert view.members in (None, names), f"{name} sees other members"
        assert len({view.exported for _, view in views}) == 1, "the exported secrets differ"
        assert len({view.authenticator for _, view in views} - {None}) == 1, "the epoch authenticators differ"

    def _follow(self, message: bytes) -> None:
        """Where our members are now, the public group must be, too, if it could read the message."""
        witness = next(member for member in self.inside.values() if isinstance(member, OurMember) and not member.is_out)
        if not _is_private(message):
            followed, _ = self.public.process(message, authenticate=anybody, now=now())
            assert followed.encode() == witness.group.public.encode()
        self.public = witness.group.public

    # Handshakes

    def propose(self, proposer: Member, kind: str, message: bytes, leaf: int | None = None) -> None:
        """A proposal reaches everybody, and waits; `leaf` is the one that it would change."""
        self.waiting.add(kind)
        if leaf is not None:
            self.touched.add(leaf)
        for member in self.others(proposer):
            member.process(message)
        self._follow(message)
        self.count(proposer, _named(message, f"proposal: {kind}"), self.others(proposer))

    def commit(self, committer: Member, wish: Wish) -> None:
        """A commit that the hub takes: everybody follows, leaves or enters."""
        self._hand_over(committer, committer.commit(wish))

    def join_from_outside(self, host: Member, newcomer: Member, authenticated_data: bytes) -> None:
        """An external commit, by a GroupInfo of the host's."""
        info, peer = host.group_info(), self.peers[newcomer.side]
        if not peer.admits(self.public.tree):
            with pytest.raises(peer.refusal):
                newcomer.join_from_outside(info, authenticated_data)
            return
        message = newcomer.join_from_outside(info, authenticated_data)
        self.count(host, "group info", [newcomer])
        self.invited[newcomer.name] = newcomer
        self._hand_over(newcomer, Made(message, None, None))

    def look_from_outside(self, host: Member) -> None:
        """The public group out of a member's GroupInfo is the one that was followed, but for what waits."""
        found = PublicGroup.from_group_info(host.group_info(), authenticate=anybody, now=now())
        assert (found.context, found.tree) == (self.public.context, self.public.tree)
        assert found.confirmation_tag == self.public.confirmation_tag
        if host.side is Side.THEIRS:
            self.exchanged[host.side, "group info"] += 1

    def _hand_over(self, committer: Member, made: Made) -> None:
        before, others = _leaves(self.public), self.others(committer)
        committer.adopt(made.message)
        for member in others:
            if member.side is Side.OURS:
                member.process(made.message)
        self._follow(made.message)
        after = _leaves(self.public)
        for member in others:
            if member.side is Side.THEIRS and member.name in after:
                member.process(made.message)
        self.count(committer, _commit_name(made.message), others)
        reused = {target.leaf for target in after.values()}
        for gone in [member for member in others if member.name not in after]:
            self._leave(gone, made.message, replaced=before[gone.name].leaf in reused)
        self._admit(committer, made, [self.invited[name] for name in after if name not in before])

    def _leave(self, member: Member, message: bytes, *, replaced: bool) -> None:
        del self.inside[member.name]
        if replaced and Ability.SEES_ITSELF_REPLACED not in member.can:
            with pytest.raises(self.peers[member.side].refusal):
                member.process(message)
            return
        if member.side is Side.THEIRS:
            member.process(message)
        assert member.is_out

    def _admit(self, committer: Member, made: Made, added: Sequence[Member]) -> None:
        entered = [newcomer for newcomer in added if newcomer is committer or self._enter(newcomer, made)]
        for newcomer in entered:
            self.inside[newcomer.name] = newcomer
        welcomed = [newcomer for newcomer in entered if newcomer is not committer]
        for newcomer in welcomed:
            self.count(newcomer, "key package", [committer])
        self.count(committer, "welcome", welcomed)
        self.invited.clear()
        self.touched.clear()
        self.waiting.clear()
        if absent := [newcomer for newcomer in added if newcomer not in entered]:
            self.commit(self.of(Side.OURS)[0], Wish(remove=list(map(self.target, absent))))

    def _enter(self, newcomer: Member, made: Made) -> bool:
        assert made.welcome is not None
        peer = self.peers[newcomer.side]
        if peer.admits(self.public.tree):
            newcomer.join(made.welcome, made.tree)
            return True
        with pytest.raises(peer.refusal):
            newcomer.join(made.welcome, made.tree)
        return False


def identity(credential: object) -> str:
    """A basic credential's name."""
    assert isinstance(credential, BasicCredential)
    return credential.identity.decode()


def _leaves(group: PublicGroup) -> dict[str, Target]:
    named = ((identity(member.credential), member.leaf_index) for member in group.members)
    return {name: Target(name, leaf) for name, leaf in named}


def _is_private(message: bytes) -> bool:
    return peek(message).wire_format is WireFormat.PRIVATE_MESSAGE


def _named(message: bytes, kind: str) -> str:
    return f"{kind}, private" if _is_private(message) else kind


def _commit_name(message: bytes) -> str:
    if _is_private(message):
        return "commit, private"
    content = PublicMessage.decode(message).content
    commit = content.framed.content
    assert isinstance(commit, Commit)
    if content.framed.sender.type is SenderType.NEW_MEMBER_COMMIT:
        return "commit from outside"
    return "commit" if commit.path is not None else "commit without path"
