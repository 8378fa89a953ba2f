"""The live watch, joined: what arrives, the journal that survives a kill, the archive, and what then stands in the store.

Arriving rows are appended to a journal before they are looked at, and recorded in the archive soon after. Now and then everything
carried is laid down and a new journal begun. Whoever starts again takes up the last state and its journal, and stands where the
stopped one stood. A state that another version of the detectors has laid down is refused and left as it is.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from cordiale.adapters.clock import system_clock
from cordiale.analysis.finding import Change, Finding, FindingId
from cordiale.crypto.digest import sha256
from cordiale.desks.maritime.alerts import Alerts
from cordiale.desks.maritime.detect.areas import drawn
from cordiale.desks.maritime.detect.findings import findings
from cordiale.desks.maritime.detect.heard import HEARD
from cordiale.desks.maritime.detect.live import SWEEP
from cordiale.desks.maritime.detect.profile import Profile, shipped
from cordiale.desks.maritime.detect.vessel import VESSEL
from cordiale.desks.maritime.identity.place import Fix
from cordiale.desks.maritime.identity.spell import CONTENT
from cordiale.desks.maritime.identity.watch import IdentityWatch
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.journal import Journal, heard_since
from cordiale.desks.maritime.recording import Recording
from cordiale.desks.maritime.rules import rules, sections
from cordiale.desks.maritime.schema import EVENT, POSITION, TICK, Positions
from cordiale.desks.maritime.shard import load, save
from cordiale.desks.maritime.table import rows
from cordiale.desks.maritime.watch import Watch
from cordiale.errors import IllegalStep, Malformed, StorageFailed, StoreLocked
from cordiale.vocab.moment import Moment
from cordiale.wiring.maritime_batch import Order, area_names, called, given, mark_service, told

LAID_DOWN: Final = 1_000_000
"""Rows after which everything carried is laid down: half a second's work; to take so many up again takes some ten seconds."""
_AT_ONCE: Final = 100_000
"""Rows of the journal taken up at once."""
_NEVER: Final = 1 << 62
STAND_MS: Final = 1_000
"""How often at most the findings in the store are replaced."""


_LAYOUT: Final = 3
"""Of a state's files; to be raised where they change otherwise than in the types below."""


def _shape(profile: Profile) -> str:
    """What a state depends on beside the reports and the options."""
    kinds = (kind.descr for kind in (VESSEL, POSITION, EVENT, TICK, HEARD))
    return sha256(repr((_LAYOUT, *kinds, CONTENT, profile.thresholds.tobytes())).encode()).hex()[:32]


class Watching:
    """A watch over a store. Close it."""

    def __init__(self, order: Order) -> None:
        """Raises `StoreLocked` where another process watches with the same options, `IllegalStep` where another version did."""
        profile = shipped(order.profile)
        key = sha256(repr((order.profile, order.drawings.digest())).encode()).hex()[:16]
        self._folder = order.store / "state" / "watch" / key
        self._profile, self._alerts = profile, Alerts(order.store)
        self._areas = area_names(drawn(order.drawings))
        self._thresholds = {**profile.sections, **sections(profile.id)}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(self._folder / "lock", timeout=0)
            self._lock.acquire()
        except Timeout:
            raise StoreLocked(str(order.store)) from None
        except OSError as fault:
            raise StorageFailed(f"{self._folder}: {fault.strerror}") from None
        self._scratch = Path(tempfile.mkdtemp(prefix="run-", dir=self._folder))
        points, self.left_out = given(order)
        self.watch = Watch(profile, self._tell, self._scratch, drawn(order.drawings), points)
        self._who = IdentityWatch(profile.id, rules(profile).identity, self._where)
        self._dirty, self._stood, self._since, self._looked = False, Moment(0), 0, 0
        self._from = _NEVER
        """ms: the earliest report heard; what stands of earlier times is not this watch's to retract"""
        try:
            number, since = self._resume()
            self._journal = Journal(self._folder, number)
            self.recording = Recording(order.store, self._scratch)
            self.recording.take(since)
        except BaseException:
            self._leave()
            raise

    def take(self, batch: Batch) -> list[Change]:
        """What arrived, and what it changes. Raises `StorageFailed` where the disk doesn't take it."""
        self.recording.take(batch)
        self._journal.write(batch)
        found = self._take(rows(batch.positions)) + self._identities(batch.statics)
        if self._since >= LAID_DOWN:  # not before all of the batch is in the state: its journal goes
            self._lay_down()
        self._stand()
        return found

    def settle(self) -> list[Change]:
        """Look at the whole sea, and let it stand in the store."""
        try:
            found = self.watch.settle() + self._settle_identities()
        except OSError as fault:
            raise StorageFailed(f"{self._folder}: {fault.strerror}") from None
        self._dirty = True
        self._stand(at_once=True)
        return found

    def close(self) -> None:
        """Lay everything down, and merge it into the archive."""
        self._lay_down()
        self.recording.close()
        self._journal.close()
        self._leave()

    def _leave(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._lock.release()

    def _take(self, new: Positions) -> list[Change]:
        self._heard(new)
        try:
            found = self.watch.take(new)
        except OSError as fault:
            raise StorageFailed(f"{self._folder}: {fault.strerror}") from None
        if self.watch.live.now - self._looked >= SWEEP:
            found += self._settle_identities()
        self._dirty |= bool(found)
        self._since += len(new)
        return found

    def _heard(self, new: Positions) -> None:
        self._from = min(self._from, int(new["time"].min(initial=_NEVER)))

    def _identities(self, new: pl.DataFrame) -> list[Change]:
        """What vessels say of themselves."""
        if not len(new):
            return []
        found = self._who.take(new.select("time", "mmsi", *CONTENT))
        self._dirty |= bool(found)
        return found

    def _settle_identities(self) -> list[Change]:
        self._looked = self.watch.live.now
        return self._who.settle(self._looked - self.watch.live.horizon)

    def _where(self, mmsi: int, time: int, within: int) -> Fix | None:
        row = self.watch.live.last(mmsi, time, within)
        return Fix(*(int(row[name][0]) for name in Fix._fields)) if len(row) else None

    def _resume(self) -> tuple[int, Batch]:
        """Take up the last state and its journal: its number, and what the journal holds."""
        for left in self._folder.glob("run-*"):
            if left != self._scratch:
                shutil.rmtree(left, ignore_errors=True)
        self._same_shape()
        states = sorted(int(path.stem) for path in self._folder.glob("*.npz"))
        number = states[-1] if states else 0
        if states:
            self._restore(self._folder / f"{number}.npz")
        heard = heard_since(self._folder, number)
        since = rows(heard.positions)
        self._heard(since)
        for first in range(0, len(since), _AT_ONCE):
            self.watch.take(since[first : first + _AT_ONCE])
        self._who.take(heard.statics.select("time", "mmsi", *CONTENT))
        self._settle_identities()
        self._since = len(since)
        self._dirty = bool(len(since))
        return number, heard

    def _restore(self, path: Path) -> None:
        kept = load(path)
        try:
            self._who.restore(kept.pop("identities").tobytes())
            self._from = int(kept.pop("from")[0])
            self.watch.restore(kept)
        except (KeyError, IndexError, ValueError, msgspec.MsgspecError) as fault:
            raise Malformed(f"{path}: {fault}", what="state of the maritime desk") from None

    def _same_shape(self) -> None:
        """Refuse what another version has laid down: its records are others, or were judged by other thresholds."""
        shape = _shape(self._profile)
        path = self._folder / "shape"
        begun = any(next(self._folder.glob(pattern), None) for pattern in ("*.npz", "*.rows"))
        try:
            if begun and (not path.exists() or path.read_text() != shape):
                raise IllegalStep(
                    f"{self._folder} holds the state of a watch by another version of the detectors. It is kept. Go on with "
                    "that version, or move the folder away and begin anew; what was recorded can be heard again with --replay",
                    detail_fr=f"{self._folder} contient l'état d'une veille menée par une autre version des détecteurs. Il est "
                    "conservé. Poursuivez avec cette version, ou déplacez le dossier et recommencez ; ce qui a été "
                    "enregistré peut être réentendu avec --replay",
                )
            path.write_text(shape)
        except OSError as fault:
            raise StorageFailed(f"{path}: {fault.strerror}") from None

    def _lay_down(self) -> None:
        """What is to be recorded; the state under the next number, and an empty journal for it; then the former ones go."""
        self.recording.lay_down()
        former, following = self._journal, self._journal.number + 1
        temporary = self._folder / f"{following}.new"
        try:
            identities = np.frombuffer(self._who.checkpoint(), np.uint8)
            save(temporary, {**self.watch.checkpoint(), "identities": identities, "from": np.array([self._from])})
            temporary.replace(self._folder / f"{following}.npz")
        except OSError as fault:
            raise StorageFailed(f"{self._folder}: {fault.strerror}") from None
        self._journal, self._since = Journal(self._folder, following), 0
        (self._folder / f"{former.number}.npz").unlink(missing_ok=True)
        former.remove()

    def _stand(self, *, at_once: bool = False) -> None:
        now = system_clock()
        if self._dirty and (at_once or now - self._stood >= STAND_MS):
            through, own = Moment(self.watch.live.now), self.findings().values()
            self._alerts.replace(self._profile.id, own, through=through, at=now, since=self._from)
            self._dirty, self._stood = False, now

    def findings(self) -> dict[FindingId, Finding]:
        """All that stands: of behaviour and of identity."""
        return {**self.watch.findings(), **self._who.findings()}

    def _tell(self, events: NDArray[np.void]) -> Sequence[Finding]:
        subjects = set(np.unique(np.concatenate([events["mmsi"], events["other"]])).tolist()) - {0}
        named = {mmsi: called(self._who.roll.history(mmsi)) for mmsi in subjects}
        mark_service(events, named)
        return findings(told(events, named), self._profile.id, self._thresholds, named=named, areas=self._areas)
