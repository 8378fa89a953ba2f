"""Private deconfliction runs as an agent keeps them: their rows, and the statements that arrive for them, part by part.

Nothing here looks into a statement: that takes the whole of `cordiale.register.deconfliction`, which is loaded once somebody
takes part in a run (`cordiale.agent.deconflicting`). What is no business of this person's is dropped: statements of a run that
this device has no part in, and all but the first small one of a run that is not known yet. How much a counterpart may send is
bounded.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from cordiale.agent import content as contents
from cordiale.agent import refusal
from cordiale.agent.content import Content
from cordiale.agent.ports import FileRow, QueuedRow, State
from cordiale.agent.workspace import Workspace
from cordiale.crypto.certificate import Identity
from cordiale.errors import CordialeError
from cordiale.vocab.identifier import Digest, RoomId
from cordiale.vocab.moment import Moment
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

STATEMENTS: Final = 12
"""From one side in one run: an invitation or its acceptance, two in each of four passes, an outcome, an end."""
STRANGERS: Final = 32
"""Invitations that wait to be looked at, and runs that wait for an answer here."""
ROW_BYTES: Final = 64 * limits.KIB

ASKED, ACTIVE, OVER = "asked", "active", "over"
BROKEN_OFF: Final = "broken-off"
_ROW: Final = "run/"
_DUE: Final = "run-due/"
_IN: Final = "run-in/"
_PLAN: Final = "run-plan/"
_CODES: Final = "run-codes/"


class Said(Record, frozen=True):
    """A statement that was said in a run: by whom, and where its parts are."""

    nation: str
    statement: bytes


class Arrived(Record, frozen=True):
    """A complete statement that was not taken in yet: whose, the public key of whose device, and where its parts are."""

    room: RoomId
    author: str
    device: bytes
    statement: bytes


class RunRow(Record, frozen=True, kw_only=True):
    """One run. `terms` are canonical bytes, `key` the counterpart's device, `seed` this side's secret; `wish` is how this person
    wants it to end, `ended` how it did. `reached` and `cells` are the result: a grid, and codes on it."""

    room: RoomId
    terms: bytes
    nation: str
    other: str
    stage: str
    label: bytes = b""
    key: bytes = b""
    seed: bytes = b""
    said: tuple[Said, ...] = ()
    begun: int = 0
    wish: str = ""
    ended: str = ""
    detail: str = ""
    rule: str = ""
    since: Moment = Moment(0)
    at: str = ""
    sizes: tuple[tuple[int, int], ...] = ()
    met: tuple[int, ...] = ()
    reached: int = -1
    cells: bytes = b""
    logged: bool = False

    def __repr__(self) -> str:
        return f"RunRow({self.stage})"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a person asks for it. `grids` as `4/7`, days as 2026-06-01 (without them, from today for a year), `budget` as
    runs,
    elements and days, `hours` until the deadline."""

    room: RoomId
    person: str
    purpose: str
    grids: Sequence[str]
    first_day: str
    last_day: str
    most: int
    budget: tuple[int, int, int]
    hours: int


def load(state: State, run: bytes) -> RunRow | None:
    """A run that is known here."""
    stored = state.value(_ROW + run.hex())
    return canonical.decode(stored, RunRow, limit=limits.MLS_STATE_BYTES) if stored else None


def every(state: State) -> dict[bytes, RunRow]:
    """All runs that are known here."""
    return {
        bytes.fromhex(key.removeprefix(_ROW)): canonical.decode(data, RunRow, limit=limits.MLS_STATE_BYTES)
        for key, data in state.values(_ROW).items()
    }


def put(state: State, run: bytes, row: RunRow) -> None:
    """Keep a run; it is looked after until it is over and logged."""
    state.put_value(_ROW + run.hex(), canonical.encode(row))
    if row.logged or row.stage == ASKED:
        state.drop_value(_DUE + run.hex())
    else:
        state.put_value(_DUE + run.hex(), b"1")


def due(state: State) -> list[bytes]:
    """Runs that may have something to do."""
    return [bytes.fromhex(key.removeprefix(_DUE)) for key in state.values(_DUE)]


def put_inputs(state: State, run: bytes, plan: bytes, codes: bytes) -> None:
    """What this side compares: the plan and its codes."""
    state.put_value(_PLAN + run.hex(), plan)
    state.put_value(_CODES + run.hex(), codes)


def inputs(state: State, run: bytes) -> tuple[bytes, bytes]:
    """The plan and its codes; empty before this person consented."""
    return state.value(_PLAN + run.hex()) or b"", state.value(_CODES + run.hex()) or b""


# --- statements ---------------------------------------------------------------------------------------------------


def keep_own(work: Workspace, run: bytes, statement: bytes) -> tuple[Said, list[Content]]:
    """One's own statement, kept and in parts to be queued."""
    parts = contents.statement_parts(run, statement)
    key = contents.file_key(str(work.own.address), parts[0].digest)
    for part in parts:
        work.state.put_part(key, part.index, part.data)
    return Said(work.own.nation, key), parts


def statement(state: State, key: bytes) -> bytes:
    """A statement that is complete."""
    return b"".join(state.parts(key))


def take(work: Workspace, room: RoomId, author: Identity, content: Content) -> None:
    """A part that arrived. Complete statements wait for `deconflicting`, in their order."""
    state, run, row = work.state, content.file, load(work.state, content.file)
    if not (_is_awaited(row, room, author) if row else _may_invite(work, author, content)):
        return
    key = contents.file_key(str(author.address), content.digest)
    if state.file(key) is None:
        if row is not None and row.begun >= STATEMENTS:
            return
        if row is not None:
            put(state, run, msgspec.structs.replace(row, begun=row.begun + 1))
        state.put_file(FileRow(key, "", 0, Digest(content.digest), content.parts, 0))
    known = state.file(key)
    if known is None or not state.put_part(key, content.index, content.data) or known.have + 1 < known.parts:
        return
    arrived = Arrived(room, str(author.address), author.public_key, key)
    waiting = sorted(state.values(_in(run)))
    number = int(waiting[-1].rpartition("/")[2]) + 1 if waiting else 0
    state.put_value(f"{_in(run)}{number:06d}", canonical.encode(arrived))
    state.put_value(_DUE + run.hex(), b"1")


def _is_awaited(row: RunRow, room: RoomId, author: Identity) -> bool:
    is_counterpart = str(author.address) == row.other and row.key in (b"", author.public_key)
    return row.stage != OVER and row.room == room and is_counterpart


def _may_invite(work: Workspace, author: Identity, content: Content) -> bool:
    waiting = work.state.values(_IN)
    is_new = not any(key.startswith(_in(content.file)) for key in waiting)
    return author.nation != work.own.nation and content.parts == 1 and is_new and len(waiting) < STRANGERS


def _in(run: bytes) -> str:
    return f"{_IN}{run.hex()}/"


def first_arrived(state: State, run: bytes) -> tuple[str, Arrived] | None:
    """The first statement that waits to be taken in, by the key to `taken`."""
    waiting = state.values(_in(run))
    if not waiting:
        return None
    key = min(waiting)
    return key, canonical.decode(waiting[key], Arrived, limit=limits.BINDING_BYTES)


def taken(state: State, key: str) -> None:
    """It was taken in, or dropped."""
    state.drop_value(key)


def settled(state: State, run: bytes) -> None:
    """Nothing is to be done about it."""
    state.drop_value(_DUE + run.hex())


def refused(work: Workspace, queued: QueuedRow, error: CordialeError) -> None:
    """A part of one's own statement was turned down on its way: the run can't go on."""
    content = contents.parse(queued.content)
    row = load(work.state, content.file) if content.kind == contents.RUN else None
    if row is not None and row.stage != OVER:
        rule = error.rule or error.code
        put(
            work.state,
            content.file,
            msgspec.structs.replace(row, wish=BROKEN_OFF, detail=refusal.kept(error), rule=rule),
        )
