"""The person's engine: everything that a command line or a console asks for, over the ports.

Synchronous and safe to call from several threads: what touches state is under one lock and in one unit of work; what waits
for the network is not. Killing the process at any moment loses nothing that was queued and repeats nothing that was taken.
"""

import secrets
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import identity, inbox, membership, outbox, packages, release, runs, trust
from cordiale.agent.border import Border
from cordiale.agent.content import PLAIN, About
from cordiale.agent.leases import Leases
from cordiale.agent.ports import AgentStore, FileRow, Finder, NodeClient
from cordiale.agent.talking import Talker
from cordiale.agent.workspace import Pending, Workspace
from cordiale.crypto.suite import DEFAULT_ID
from cordiale.errors import CordialeError, IllegalStep, NotFound, StaleEpoch, StoreLocked, Unavailable, WrongUsage
from cordiale.federation.api import FROM_ADMISSION, Outcome
from cordiale.federation.domain import Domain
from cordiale.federation.session import Batch, home_log, inbox_log, origin
from cordiale.labels.label import Label
from cordiale.register.sight import Ground
from cordiale.vocab.identifier import MESSAGE_ID_BYTES, Digest, MessageId, RoomId
from cordiale.vocab.moment import MINUTE, Clock, Moment
from cordiale.vocab.party import Address, Nation

if TYPE_CHECKING:
    from cordiale.agent.deconflicting import Deconflictor

TRUST: Final = "trust"
ENROLLED: Final = "enrolled"
PACKAGES_LOW: Final = 4
PACKAGES_MADE: Final = 8
ATTEMPTS: Final = 4
TRUST_EVERY: Final = MINUTE
"""How often the trust statement is fetched again: new links, new policies."""


class Engine(Talker):
    """One person's agent on one device."""

    def __init__(
        self,
        store: AgentStore,
        client: NodeClient,
        finder: Finder,
        clock: Clock,
        *,
        suite: int = DEFAULT_ID,
        ground: Ground | None = None,
    ) -> None:
        """`ground` judges which activities overlap, the same for every agent of a room."""
        with store.read() as state:
            row = state.value(identity.KEY)
        if row is None:
            raise StoreLocked("the store holds no identity: enrol the person first")
        super().__init__(store, finder, clock, identity.decode(row), ground)
        self._client, self._suite = client, suite
        self._sending, self._connecting = threading.Lock(), threading.Lock()
        self._leases, self._to_tell = Leases(), {}
        self._domain: Domain | None = None
        self._trusted = Moment(0)
        self._deconflictor: Deconflictor | None = None

    # --- joining the nation -------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Enrol this device if need be, and learn whom to trust. `Unreachable` if the node is away and nothing is known."""
        with self._connecting:
            self._connect()

    def _connect(self) -> None:
        with self._lock, self._store.read() as state:
            enrolled, known = state.value(ENROLLED), state.value(TRUST)
        try:
            if enrolled is None:
                self._client.enrol(self.own.chain.encode())
            sealed = self._client.trust()
        except Unavailable:
            if known is None:
                raise
            sealed = known
        now = self._clock()
        domain = trust.open_trust(sealed, self.own.nation, self.own.row.root, now)
        with self._lock:
            with self._store.write() as state:
                state.put_value(ENROLLED, b"1")
                state.put_value(TRUST, sealed)
            self._domain, self._trusted = domain, now
        if enrolled is None:
            self._publish()
            self._renew_last_resort()

    @property
    def domain(self) -> Domain:
        """Whom to believe; connects first if that wasn't done."""
        if self._domain is None:
            self.connect()
        if self._domain is None:
            raise IllegalStep("not connected")
        return self._domain

    def _publish(self) -> None:
        """Make key packages, keep their secrets, then hand them out."""
        now = self._clock()
        with self._lock, self._store.write() as state:
            made = [packages.make(state, self.own, self._suite, now) for _ in range(PACKAGES_MADE)]
        self._client.publish([package for _, package in made])

    def _renew_last_resort(self) -> None:
        """Hand out a package of last resort, where the node has none of ours that is unused and new enough."""
        now = self._clock()
        with self._lock, self._store.read() as state:
            if not packages.last_resort_is_due(state, now):
                return
        with self._lock, self._store.write() as state:
            package = packages.due_last_resort(state, self.own, self._suite, now)
        self._client.publish([package])
        with self._lock, self._store.write() as state:
            packages.published(state, package)

    # --- reading on ---------------------------------------------------------------------------------------------

    def sync(self, wait: int = 0) -> int:
        """Fetch and apply what is new, waiting up to `wait` seconds for something; how many entries."""
        if self._clock() - self._trusted > TRUST_EVERY:
            self.connect()
        with self._unit() as work:
            positions = self._positions(work)
        answer = self._client.sync(positions, wait)
        count = 0
        for batch in answer.batches:
            count += self._apply(batch)
        if answer.key_packages < PACKAGES_LOW:
            self._publish()
        self._renew_last_resort()
        self._tick()
        return count

    def sync_all(self) -> int:
        """Fetch until there is nothing new."""
        total = 0
        while count := self.sync():
            total += count
        return total

    def _apply(self, batch: Batch) -> int:
        with self._lock:
            try:
                with self._unit() as work:
                    return inbox.apply(work, batch)
            except CordialeError as error:
                with self._store.write() as state:
                    state.put_value(f"alarm/{batch.log}", f"{error.code}: {error}".encode()[:500])
                raise

    def _positions(self, work: Workspace) -> dict[str, int]:
        names = [inbox_log(self.own.address)]
        names += [home_log(room) for room, info in work.rooms().items() if not info.left]
        positions: dict[str, int] = {}
        for name in names:
            state = work.log(name, origin(self.own.nation, name))
            unread = 0 if name == inbox_log(self.own.address) else FROM_ADMISSION
            positions[name] = unread if state is None else state.size
        return positions

    def _tick(self) -> None:
        """Do what is this device's turn to do: commits that others asked for, and our own that have to be made again."""
        self._give_receipts()
        with self._unit() as work:
            made = membership.due_changes(work)
        for room, envelope in made:
            self._do_duty(room, envelope)
        with self._unit() as work:
            again = [(room, work.pending(room)) for room in work.rooms()]
        for room, pending in again:
            if pending is not None and not pending.envelope:
                self._remake(room, pending)
            elif pending is not None and not pending.answered:
                self._submit_change(room, pending.data)

    def _do_duty(self, room: RoomId, envelope: bytes) -> None:
        """Submit what others asked for. If it is refused, it waits: another member may be allowed what this one is not."""
        try:
            self._submit_change(room, envelope)
        except Unavailable:
            raise
        except CordialeError as error:
            with self._unit() as work:
                membership.postpone_duties(work, room)
                work.state.put_value(f"alarm/duty/{room.hex()}", f"{error.code}: {error}".encode()[:500])

    def _remake(self, room: RoomId, pending: Pending) -> None:
        with self._unit() as work:
            work.put_pending(room, None)
            present = {membership.address_of(work, member) for member in work.group(room).members}
            remove = [address for address in pending.remove if address in present]
            if not pending.add and not remove:
                return
            envelope = membership.change(work, room, pending.add, remove)
        self._submit_change(room, envelope)

    # --- writing ------------------------------------------------------------------------------------------------

    def label(self, text: str) -> Label:
        """The label that a person means by `text`, in their own nation's scheme."""
        return self.domain.policy.parse_marking(text, created=self._clock(), originator=str(self.own.address))

    def send_text(
        self, room: RoomId, text: str, label: Label, about: About = PLAIN, *, precheck: bool = True
    ) -> MessageId:
        """Queue a text. With `precheck` the agent refuses first what the border would refuse."""
        with self._unit() as work:
            if precheck:
                release.check_release(work, room, label)
            return outbox.enqueue(work, room, label, [contents.text(text, about)])

    def send_file(
        self, room: RoomId, name: str, data: bytes, caption: str, label: Label, about: About = PLAIN
    ) -> MessageId:
        """Queue a file: its announcement and its parts."""
        file_id = secrets.token_bytes(MESSAGE_ID_BYTES)
        parts = list(contents.file_contents(file_id, name, data, caption, about))
        key, head = contents.file_key(str(self.own.address), file_id), parts[0]
        with self._unit() as work:
            release.check_release(work, room, label)
            for part in parts[1:]:
                work.state.put_part(key, part.index, part.data)
            work.state.put_file(FileRow(key, head.name, head.size, Digest(head.digest), head.parts, head.parts))
            return outbox.enqueue(work, room, label, parts)

    def flush(self) -> int:
        """Submit what is queued until nothing is left or the node is away; how many were answered."""
        total = 0
        self.tell_read()
        with self._sending:
            while True:
                with self._unit() as work:
                    batch, claims = outbox.next_batch(work, self._leases)
                if not batch and not claims:
                    return total
                outcomes = self._client.submit([item.envelope for item in (*claims, *batch)])
                answers = outcomes[len(claims) :]
                with self._unit() as work:
                    outbox.granted(work, self._leases, claims, outcomes[: len(claims)])
                    outbox.settle(work, batch, answers)
                total += sum(not isinstance(outcome, Unavailable | StaleEpoch) for outcome in answers)
                sent = zip((*claims, *batch), outcomes, strict=True)
                stale = {item.room for item, outcome in sent if isinstance(outcome, StaleEpoch)}
                if any(isinstance(outcome, Unavailable) for outcome in outcomes) or not self._caught_up(stale):
                    return total

    def _caught_up(self, rooms: set[RoomId]) -> bool:
        """After a refusal as stale: whether reading on has brought each of these rooms into another epoch."""
        if not rooms:
            return True
        with self._unit() as work:
            before = {room: work.group(room).epoch for room in rooms}
        self.sync_all()
        with self._unit() as work:
            return all(work.group(room).epoch != epoch for room, epoch in before.items())

    # --- rooms --------------------------------------------------------------------------------------------------

    def create_room(self, title: str, nations: set[Nation], ceiling: Label) -> RoomId:
        """Found a room; the nation of the founder is its hub."""
        if not title or len(title) > 200:
            raise WrongUsage("a room's title has 1 to 200 characters")
        with self._unit() as work:
            room, envelope = membership.found(work, self._suite, title, nations, ceiling)
            release.check_release(work, room, ceiling)
            outcome = self._client.submit([envelope])[0]
            if not isinstance(outcome, Outcome):
                raise outcome
        self.sync()
        return room

    def invite(self, room: RoomId, addresses: Sequence[Address]) -> None:
        """Add every device of these people."""
        self._change(room, membership.take_packages(self._client, addresses), ())

    def invited(self, room: RoomId) -> list[str]:
        """Whom this device has invited while the room's hub has not let them in yet."""
        with self._unit() as work:
            return membership.invited(work, room)

    def remove(self, room: RoomId, address: Address) -> None:
        """Put a person out."""
        self._change(room, (), [str(address)])

    def leave(self, room: RoomId) -> None:
        """Ask to be put out; another member's agent does it."""
        with self._unit() as work:
            membership.check_free(work, room)
            envelope = membership.propose_leaving(work, room)
        outcome = self._client.submit([envelope])[0]
        if not isinstance(outcome, Outcome):
            raise outcome

    def _change(self, room: RoomId, add: Sequence[bytes], remove: Sequence[str]) -> None:
        for attempt in range(ATTEMPTS):
            self.sync_all()
            with self._unit() as work:
                membership.check_free(work, room)
                for address in remove:
                    membership.check_member(work, work.group(room), address)
                envelope = membership.change(work, room, add, remove)
            try:
                self._submit_change(room, envelope)
            except StaleEpoch:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            self.sync_all()
            return

    def _submit_change(self, room: RoomId, envelope: bytes) -> None:
        """Submit a commit; refused, its pending state is dropped. Unanswered it stays, and the same bytes are sent again."""
        outcome = self._client.submit([envelope])[0]
        if isinstance(outcome, Unavailable):
            raise outcome
        if not isinstance(outcome, Outcome):
            with self._unit() as work:
                work.put_pending(room, None)
            raise outcome
        with self._unit() as work:
            pending = work.pending(room)
            if pending is not None:
                work.put_pending(room, msgspec.structs.replace(pending, answered=True))

    # --- private deconfliction ------------------------------------------------------------------------------------

    @property
    def deconflictor(self) -> "Deconflictor":
        """What this person does about private deconfliction; loaded when it is first needed, for it takes half a second."""
        with self._lock:
            if self._deconflictor is None:
                made = import_module("cordiale.agent.deconflicting").Deconflictor(
                    self, self._unit, self._book, self._clock
                )
                self._deconflictor = cast("Deconflictor", made)
            return self._deconflictor

    def drive(self) -> int:
        """Carry on the runs that have something to do; how many steps were taken."""
        with self._lock, self._store.read() as state:
            if not runs.due(state):
                return 0
        return self.deconflictor.drive()

    # --- the border ---------------------------------------------------------------------------------------------

    @property
    def border(self) -> Border:
        """What this person may see of their nation's borders."""
        return Border(self.domain, self._client, self._unit)

    # --- asking the node ----------------------------------------------------------------------------------------

    def bundle(self, room: RoomId, message: bytes) -> bytes:
        """The proof bundle of a message that crossed."""
        with self._lock, self._store.read() as state:
            row = state.message(room, message)
        if row is None or not row.envelope:
            raise NotFound(message[:6].hex(), what="sent message")
        return self._client.prove(room, Digest(row.envelope))

    def stored(self, envelope: Digest) -> bytes:
        """What the node holds of a message."""
        return self._client.stored(envelope)
