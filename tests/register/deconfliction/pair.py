"""Two people at one run, in one process: the United Kingdom invites, France is asked."""

from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np
from msgspec.structs import replace

from cordiale.crypto.signing import SigningKey
from cordiale.register.deconfliction import seat as seats
from cordiale.register.deconfliction.grid import Codes, Grid
from cordiale.register.deconfliction.log import Admitted
from cordiale.register.deconfliction.run import Secret
from cordiale.register.deconfliction.seat import Event, Seat
from cordiale.register.deconfliction.terms import Budget, Terms
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation

UK, FR = Nation("uk"), Nation("fr")
NOW: Final = Moment(1_780_000_000_000)
KEYS: Final = {UK: SigningKey.from_seed(bytes([1] * 32)), FR: SigningKey.from_seed(bytes([2] * 32))}
PUBLIC: Final = {nation: key.public for nation, key in KEYS.items()}
BUDGET: Final = Budget(12, 10**7, 30)
ONE_PASS: Final = (Grid(5, 1),)
TWO_PASSES: Final = (Grid(3, 7), Grid(5, 1))

Message = Callable[[bytes], bytes]


def codes(*values: int) -> Codes:
    return np.array(sorted(set(values)), dtype=np.int64)


def terms(grids: tuple[Grid, ...] = ONE_PASS, *, most: int = 256, run: bytes = b"run 1".ljust(16, b".")) -> Terms:
    people, until = ("alice@uk", "claire@fr"), Moment(NOW + DAY)
    return Terms(
        run, UK, FR, "EXERCISE North Sea", b"activities", grids, 20_000, 20_365, most, BUDGET, NOW, people, until
    )


def admitted(nation: Nation, agreed: Terms) -> Admitted:
    return Admitted(agreed, nation, (), BUDGET, NOW)


class Pair:
    """Both seats; `other` may lie by changing what it sends."""

    def __init__(self, agreed: Terms, uk: Codes, fr: Codes, seed: int = 0) -> None:
        random = Random(seed)
        self.terms = agreed
        self.secrets = {UK: Secret(random.randbytes(32), uk), FR: Secret(random.randbytes(32), fr)}
        self.wire: list[bytes] = []
        self.events: dict[Nation, list[Event]] = {UK: [], FR: []}
        inviting = seats.invite(admitted(UK, agreed), self.secrets[UK], KEYS[UK], PUBLIC[FR])
        inviting, invitation, _ = inviting.send()
        self.wire.append(invitation)
        asked = seats.asked(invitation, FR, KEYS[FR], PUBLIC[UK])
        self.seats: dict[Nation, Seat] = {UK: inviting, FR: asked.accept(admitted(FR, agreed), self.secrets[FR])}

    def step(self, nation: Nation, altered: Message = lambda data: data) -> None:
        """What `nation` has to send, sent and taken in."""
        other = self.terms.counterpart(nation)
        self.seats[nation], data, said = self.seats[nation].send()
        data = altered(data)
        self.wire.append(data)
        self.events[nation] += said
        self.seats[other], heard = self.seats[other].receive(data)
        self.events[other] += heard

    def run(self, *, first: Nation = UK) -> None:
        """To the end, each side in turn as something is due."""
        order = (first, self.terms.counterpart(first))
        while any(seat.is_due for seat in self.seats.values()):
            for nation in order:
                if self.seats[nation].is_due:
                    self.step(nation)

    def until(self, nation: Nation, phase: str) -> None:
        """Until `nation` is in this phase; it sends before the other wherever both may."""
        order = (nation, self.terms.counterpart(nation))
        while self.seats[nation].run.phase != phase:
            self.step(next(each for each in order if self.seats[each].is_due))

    def dishonest(self, secret: Secret) -> None:
        """From now on France works with another secret than it committed to."""
        self.seats[FR] = replace(self.seats[FR], run=replace(self.seats[FR].run, secret=secret, now=None))

    def met(self, nation: Nation) -> list[int]:
        return self.seats[nation].run.found[-1].codes.tolist()
