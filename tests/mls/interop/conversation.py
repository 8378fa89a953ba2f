"""A random conversation between our engine and another implementation of RFC 9420.

An operation is one thing that a member makes and others consume: a message, a proposal, a commit, a Welcome, a key
package, a GroupInfo. After every act all members are compared. The seed decides everything but keys, so that a failure
comes again with its seed.
"""

from collections.abc import Callable, Mapping, Set
from random import Random
from typing import Final

from cordiale.crypto import signature
from cordiale.mls.credential import BASIC, BasicCredential
from cordiale.mls.extension import REQUIRED_CAPABILITIES, ROOM_PARAMETERS, Extension, RequiredCapabilities
from cordiale.mls.external_sender import ExternalSender, external_senders_extension
from cordiale.mls.proposal import ExternalPsk, PskId, ResumptionPsk, ResumptionUsage
from cordiale.vocab.identifier import Epoch
from mls.interop.correspondence import Correspondence, talkers
from mls.interop.member import Ability, Manner, Member, Peer, Question, Side, Wish
from mls.interop.ours import OurMember, Ours
from mls.interop.shared_group import GROUP_ID, SharedGroup

FEWEST: Final = 2
"""Members of a side that stay in the group."""
SIZES: Final = (0, 1, 31, 32, 33, 255, 256, 257, 1_000, 4_095, 4_096, 16_384, 65_536)


class Conversation:
    """The group, its post, and chance."""

    def __init__(self, seed: int, ours: Ours, theirs: Peer, founder: Side, most: int = 4) -> None:
        self.random = Random(seed)
        self.most = most
        """Members of a side that may be in the group."""
        self.group = SharedGroup(ours, theirs, founder)
        self.post = Correspondence(self.group, self.random)
        for side in Side:
            while len(self.group.of(side)) < FEWEST:
                self.group.commit(self._committer(), Wish(add=[self.group.invite(side)]))
        acts: dict[Callable[[], None], int] = {
            self._talk: 34,
            self._burst: 8,
            self._add: 8,
            self._remove: 6,
            self._update: 8,
            self._swap: 6,
            self._commit_psk: 5,
            self._commit_extensions: 3,
            self._race: 5,
            self._join_from_outside: 7,
            self._look_from_outside: 2,
            self._propose_add: 8,
            self._propose_remove: 5,
            self._propose_update: 8,
            self._propose_psk: 7,
            self._propose_extensions: 7,
            self._replay: 3,
            self._alter: 3,
            self._reload: 3,
        }
        self._acts, self._weights = list(acts), list(acts.values())

    def made(self, side: Side) -> int:
        """How many things of that side the other one consumed."""
        return sum(count for (maker, _), count in self.group.exchanged.items() if maker is side)

    def kinds(self, side: Side) -> set[str]:
        """What kinds of things these were."""
        return {kind for maker, kind in self.group.exchanged if maker is side}

    def run(self, operations: int, kinds: Mapping[Side, Set[str]] | None = None) -> None:
        """On until each side made that many things that the other consumed, of all `kinds` that it can make."""
        wanted = kinds or {}
        while any(self.made(side) < operations or wanted.get(side, set()) - self.kinds(side) for side in Side):
            if self.group.waiting and self.random.random() < 0.4:
                self._update()
            else:
                self.random.choices(self._acts, self._weights)[0]()
            self.post.deliver(late=0.3)
            self._compare()
        self.post.deliver(late=0.0)
        self._compare()

    def _compare(self) -> None:
        label = f"interop {self.random.randrange(1000)}"
        context = self.random.randbytes(self.random.randrange(40))
        self.group.compare(Question(label, context, self.random.randrange(1, 80)))

    # Choosing

    def _any(self, *abilities: Ability) -> Member | None:
        able = [member for member in self.group.inside.values() if member.can.issuperset(abilities)]
        return self.random.choice(able) if able else None

    def _committer(self, *abilities: Ability) -> Member:
        """Somebody who can commit what waits; some of ours always can."""
        able = [member for member in self.group.inside.values() if self._may_commit(member)]
        return self.random.choice([member for member in able if member.can.issuperset(abilities)])

    def _may_commit(self, member: Member) -> bool:
        if "extensions" in self.group.waiting and Ability.COMMIT_EXTENSIONS not in member.can:
            return False
        return Ability.LEAVES_OUT in member.can or self.group.target(member).leaf not in self.group.touched

    def _leaver(self, committer: Member | None) -> Member | None:
        """Somebody whose going leaves enough of both sides, whatever waits."""
        staying = [who for who in self.group.inside.values() if self.group.target(who).leaf not in self.group.touched]
        able = [
            who for who in staying if who is not committer and sum(other.side is who.side for other in staying) > FEWEST
        ]
        return self.random.choice(able) if able else None

    def _room(self, side: Side) -> int:
        coming = sum(who.side is side for who in self.group.invited.values())
        return self.most - len(self.group.of(side)) - coming

    def _guests(self, most: int) -> list[bytes]:
        sides = [side for side in Side for _ in range(self._room(side))]
        self.random.shuffle(sides)
        return [self.group.invite(side) for side in sides[: self.random.randint(1, most)]]

    def _data(self, member: Member) -> bytes:
        if Ability.AUTHENTICATED_DATA not in member.can:
            return b""
        return self.random.randbytes(self.random.choice((0, 1, 40, 700)))

    def _manner(self, member: Member) -> Manner:
        in_private = Ability.PRIVATE_HANDSHAKES in member.can and self.random.random() < 0.4
        return Manner(self._data(member), in_private)

    def _extensions(self) -> tuple[Extension, ...]:
        required = Extension(REQUIRED_CAPABILITIES, RequiredCapabilities(credentials=(BASIC,)).encode())
        if self.group.all_can(Ability.PRIVATE_EXTENSIONS):
            own = Extension(ROOM_PARAMETERS, self.random.randbytes(20))
        else:
            service = ExternalSender(
                signature.generate(self.group.public.suite.scheme).public, BasicCredential(b"service")
            )
            own = external_senders_extension([service])
        return (required, own) if self.random.random() < 0.5 else (own,)

    def _shared_key(self) -> PskId:
        """An external pre-shared key that all hold from now on."""
        psk_id, secret = self.random.randbytes(12), self.random.randbytes(self.random.choice((16, 32, 64)))
        for peer in self.group.peers.values():
            peer.psk(psk_id, secret)
        return ExternalPsk(psk_id, self._nonce())

    def _nonce(self) -> bytes:
        return self.random.randbytes(self.group.public.suite.hash_bytes)

    # Committing

    def _commit(self, committer: Member, **wanted: object) -> None:
        inside, manner = self.random.random() < 0.5, self._manner(committer)
        self.group.commit(committer, Wish(tree_inside=inside, manner=manner, **wanted))  # type: ignore[arg-type]

    def _update(self) -> None:
        self._commit(self._committer())

    def _add(self) -> None:
        if guests := self._guests(3):
            self._commit(self._committer(), add=guests)

    def _remove(self) -> None:
        committer = self._committer()
        if (leaver := self._leaver(committer)) is not None:
            self._commit(committer, remove=[self.group.target(leaver)])

    def _swap(self) -> None:
        """Somebody leaves and others enter, in one commit."""
        committer = self._committer(Ability.MIXED_COMMIT)
        leaver = self._leaver(committer)
        if leaver is not None and (guests := self._guests(2)):
            self._commit(committer, add=guests, remove=[self.group.target(leaver)])

    def _commit_psk(self) -> None:
        """An external key, or this epoch's own for resumption, which no newcomer could know."""
        if not self.group.all_can(Ability.PRE_SHARED_KEYS):
            return
        if self.random.random() < 0.5 or "add" in self.group.waiting:
            self._commit(self._committer(), psks=[self._shared_key()])
        else:
            epoch = Epoch(self.group.public.epoch)
            resumed = ResumptionPsk(ResumptionUsage.APPLICATION, GROUP_ID, epoch, self._nonce())
            self._commit(self._committer(), psks=[resumed])

    def _commit_extensions(self) -> None:
        if "extensions" not in self.group.waiting:
            self._commit(self._committer(Ability.COMMIT_EXTENSIONS), extensions=self._extensions())

    def _race(self) -> None:
        """Two commit at once; the hub takes one."""
        winner, loser = self._committer(), self._committer()
        if loser is not winner:
            loser.commit(Wish(manner=self._manner(loser)))
        self._commit(winner)

    def _join_from_outside(self) -> None:
        sides = [side for side, peer in self.group.peers.items() if Ability.JOIN_FROM_OUTSIDE in peer.can]
        side, host = self.random.choice(sides), self._any(Ability.JOIN_FROM_OUTSIDE)
        if host is not None and self._room(side) > 0:
            newcomer = self.group.newcomer(side)
            self.group.join_from_outside(host, newcomer, self._data(newcomer))

    def _look_from_outside(self) -> None:
        if (host := self._any(Ability.JOIN_FROM_OUTSIDE)) is not None:
            self.group.look_from_outside(host)

    # Proposing

    def _propose_add(self) -> None:
        sides, proposer = [side for side in Side if self._room(side) > 0], self._any()
        if sides and proposer is not None:
            package = self.group.invite(self.random.choice(sides))
            self.group.propose(proposer, "add", proposer.propose_add(package, self._manner(proposer)))

    def _propose_remove(self) -> None:
        leaver, proposer = self._leaver(None), self._any()
        if leaver is not None and proposer is not None:
            target = self.group.target(leaver)
            message = proposer.propose_remove(target, self._manner(proposer))
            self.group.propose(proposer, "remove", message, target.leaf)

    def _propose_update(self) -> None:
        proposer = self._any(Ability.PROPOSE_UPDATE)
        if proposer is not None and (leaf := self.group.target(proposer).leaf) not in self.group.touched:
            self.group.propose(proposer, "update", proposer.propose_update(self._manner(proposer)), leaf)

    def _propose_psk(self) -> None:
        proposer = self._any(Ability.PRE_SHARED_KEYS)
        if proposer is not None and self.group.all_can(Ability.PRE_SHARED_KEYS):
            message = proposer.propose_psk(self._shared_key(), self._manner(proposer))
            self.group.propose(proposer, "psk", message)

    def _propose_extensions(self) -> None:
        proposer = self._any(Ability.PROPOSE_EXTENSIONS)
        if proposer is not None and "extensions" not in self.group.waiting:
            message = proposer.propose_extensions(self._extensions(), self._manner(proposer))
            self.group.propose(proposer, "extensions", message)

    # Talking

    def _talk(self) -> None:
        if able := talkers(self.group):
            sender = self.random.choice(able)
            self.post.say(sender, self.random.choice(SIZES), self._data(sender))

    def _burst(self) -> None:
        """Several messages of one sender, which everybody reads in another order."""
        if able := talkers(self.group):
            sender = self.random.choice(able)
            for _ in range(self.random.randint(2, 6)):
                self.post.say(sender, self.random.randrange(200), self._data(sender))

    def _replay(self) -> None:
        self.post.replay()

    def _alter(self) -> None:
        if able := talkers(self.group):
            sender = self.random.choice(able)
            self.post.alter(sender, self._data(sender))

    def _reload(self) -> None:
        """Ours, from their store."""
        for member in self.group.of(Side.OURS):
            assert isinstance(member, OurMember)
            member.reload()
