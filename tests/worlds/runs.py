"""Two people and a run between them: plans off Brittany (EXERCISE), terms, and how each step is asked for."""

from typing import Any

from cordiale.register.deconfliction.grid import Grid
from cordiale.register.deconfliction.plan import Plan, item, planned
from cordiale.register.deconfliction.terms import Budget, Terms
from cordiale.register.query import parse
from cordiale.vocab.identifier import RoomId
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Nation
from worlds.test_two_nations import TO_FRANCE, TO_UK, room_of_four
from worlds.world import World

ALLOWED = (1000, 10**9, 30)
GRIDS = (Grid(3, 7), Grid(4, 1))
FIRST = 20_800


def activity(name: str, longitude: float, day: int, days: int = 1) -> Any:
    """A disc-like corridor off Brittany."""
    line = [(round(longitude * 1e7), 485_000_000), (round(longitude * 1e7) + 10, 485_000_000)]
    span = ((FIRST + day) * DAY, (FIRST + day + days) * DAY)
    found = item(f"EXERCISE {name}", {"span": span, "corridors": [{"line": line, "half_width": 2_000}]})
    assert found is not None
    return found


UK_PLAN = planned([activity("patrol", -8.0, 3), activity("trial", -9.5, 40), activity("far", -20.0, 3)])
FR_PLAN = planned([activity("patrouille", -8.05, 3, 2), activity("essai", -9.5, 60)])


def terms(world: World, room: RoomId, run: bytes = b"run 1", **more: Any) -> Terms:
    now = clock(world)
    given: dict[str, Any] = {
        "run": run.ljust(16, b"."),
        "initiator": Nation("uk"),
        "responder": Nation("fr"),
        "purpose": "EXERCISE summer",
        "register": room,
        "grids": GRIDS,
        "first_day": FIRST,
        "last_day": FIRST + 365,
        "most": 1024,
        "budget": Budget(*ALLOWED),
        "created": now,
        "people": ("alice@uk", "claire@fr"),
        "until": Moment(now + DAY),
        **more,
    }
    return Terms(**given)


def clock(world: World) -> Moment:
    return world.agents["alice@uk"].engine._clock()  # pyright: ignore[reportPrivateUsage]


def propose(world: World, agreed: Terms, given: Plan = UK_PLAN) -> bytes:
    alice = world.agents["alice@uk"].engine
    return alice.deconflictor.propose(agreed, given, alice.label(TO_FRANCE), ALLOWED)


def accept(world: World, run: bytes, given: Plan = FR_PLAN, allowed: tuple[int, int, int] = ALLOWED) -> None:
    claire = world.agents["claire@fr"].engine
    claire.deconflictor.accept(run, given, claire.label(TO_UK), allowed)


def settle(world: World) -> None:
    """Until no run moves in any agent, however often messages are passed on."""
    quiet = 0
    while quiet < 3:
        moved = sum(agent.engine.drive() for agent in world.agents.values())
        world.settle(1)
        quiet = 0 if moved else quiet + 1


def row(world: World, who: str, room: RoomId, run: bytes) -> Any:
    return world.agents[who].engine.deconflictor.find(room, run.hex()).row


def logs(world: World, who: str, room: RoomId) -> list[dict[str, Any]]:
    found = world.agents[who].engine.records(room, parse("type=deconfliction-run"), "en")
    return [
        {"owner": view.state.head.owner, "status": view.state.status.value, **view.values()}
        for view in found
        if view.state.head
    ]


def begun(world: World, run: bytes, *, uk: Plan = UK_PLAN, fr: Plan = FR_PLAN, **more: Any) -> tuple[RoomId, bytes]:
    """A room in which a run was proposed and consented to, not carried on yet."""
    room = room_of_four(world)
    number = propose(world, terms(world, room, run, **more), uk)
    settle(world)
    accept(world, number, fr)
    return room, number


def endings(world: World, room: RoomId, run: bytes) -> tuple[str, str]:
    return row(world, "alice@uk", room, run).ended, row(world, "claire@fr", room, run).ended


def restart(world: World, who: str) -> None:
    """As after a kill: nothing but the store is left."""
    world.agents[who].store.close()
    world.start(who)
