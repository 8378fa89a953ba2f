"""`maritime watch`: AIS as it arrives, from the network or a file, to alerts that are raised, revised, retracted."""

import math
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from cyclopts import Parameter
from rich.console import Console

from cordiale.adapters.nmea_feed import Counters, Feed
from cordiale.analysis.finding import Change, FindingId
from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, spoken
from cordiale.cli.letters import moment
from cordiale.cli.maritime_detect import Anchorages, Cables, Zones, act, alert, drawings
from cordiale.cli.maritime_ingest import Store
from cordiale.cli.maritime_options import tell_compiling, tell_left_out
from cordiale.cli.terminal import console as screen
from cordiale.cli.terminal import facts, safe
from cordiale.desks.maritime.detect.findings import GOES_ON
from cordiale.desks.maritime.ingest.batch import Batch
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.errors import WrongUsage
from cordiale.vocab.moment import Moment, iso
from cordiale.wiring.maritime_batch import Order
from cordiale.wiring.maritime_replay import replay as recorded
from cordiale.wiring.maritime_watch import Watching

watch = single("watch")
_PORTS: Final = range(1, 65_536)
_AGAIN_MS: Final = 3_600_000
"""How soon people are told that an alert goes on; afterwards after twice as long each time."""


@watch.default
def _watch(
    *,
    store: Store,
    replay: Annotated[
        list[Path] | None, Parameter(help="Recorded files, or stores, to be heard again as if live.", negative=())
    ] = None,
    speed: Annotated[float, Parameter(help="With --replay: so many times as fast as it was heard; 0: at once.")] = 0.0,
    udp: Annotated[int, Parameter(help="A port on which receivers send NMEA sentences.")] = 0,
    tcp: Annotated[str, Parameter(help="A server of NMEA sentences, as HOST:PORT.")] = "",
    host: Annotated[str, Parameter(help="The address on which --udp listens.")] = "127.0.0.1",
    profile: Annotated[str, Parameter(help="Whose thresholds: ours, gfw or rtec.")] = "ours",
    cables: Cables = None,
    zones: Zones = None,
    anchorages: Anchorages = None,
    json_lines: Annotated[bool, Parameter(name="--json-lines", help="Print each change as one line of JSON.")] = False,
    json: Json = False,
) -> None:
    """Watch AIS as it arrives. Each alert is told when it is raised, revised, or retracted because later reports deny it.

    Reports may come in any order, up to two days late: what stands in the end is what `maritime detect` finds in the same
    reports. All of them go into the archive within some seconds, so that picture, track and report know them. Ctrl-C ends it;
    started again, it goes on from where it was. That an alert goes on is told after an hour, then ever more rarely;
    --json-lines tells each change.

    --replay takes a file in its own order, or a store by time, and looks at nothing ahead; it ends by itself.

    For example:

      cordiale maritime watch --store ./sea --udp 10110

      cordiale maritime watch --store ./sea --replay feed.nmea --cables cables.geojson --json-lines

      cordiale maritime watch --store ./again --replay ./sea --speed 600
    """
    if sum((bool(replay), bool(udp), bool(tcp))) != 1:
        raise WrongUsage(_("give one of --replay, --udp and --tcp"))
    if speed < 0 or not math.isfinite(speed) or (speed and not replay):
        raise WrongUsage(_("--speed goes with --replay and is 0 or more"))
    if json and json_lines:
        raise WrongUsage(_("--json prints one document, --json-lines a line for each change: choose one"))
    tell_compiling(quiet=json or json_lines)
    watching = Watching(Order(store, profile, anchorages=anchorages or (), drawings=drawings(cables, zones)))
    if not json:
        tell_left_out(screen(errors=True), watching.left_out)
    told, said = Counter[str](), dict[FindingId, _Said]()
    try:
        with _recorded(replay, speed) if replay else _source(udp, tcp, host) as (batches, tally, counters):
            for changes in _changes(watching, batches):
                told.update(act(change) for change in changes)
                if json_lines:
                    _lines(changes)
                elif not json:
                    _tell(changes, said, watching.watch.live.now)
    finally:
        watching.close()
    answer = _document(watching, told, tally, counters)
    if not json_lines:
        output.show(json, answer, lambda console: _show(console, answer, counters or Counters()))


def _changes(watching: Watching, batches: Iterator[Batch]) -> Iterator[list[Change]]:
    """What each batch changes, and at the end, also an interrupted one, what the whole sea does."""
    try:
        for batch in batches:
            yield watching.take(batch)
    except KeyboardInterrupt:
        pass
    yield watching.settle()


@contextmanager
def _recorded(paths: Sequence[Path], speed: float) -> Generator[tuple[Iterator[Batch], Tally, None]]:
    tally = Tally()
    yield recorded(paths, tally, speed), tally, None


@contextmanager
def _source(udp: int, tcp: str, host: str) -> Generator[tuple[Iterator[Batch], Tally, Counters]]:
    name, _colon, port = tcp.rpartition(":")
    number = udp or (int(port) if port.isdecimal() else 0)
    if number not in _PORTS or (tcp and not name):
        raise WrongUsage(_("a server is HOST:PORT, a port is 1 to 65535"))
    feed = Feed("connect", name, number) if tcp else Feed("udp", host, number)
    try:
        yield feed.batches(), feed.tally, feed.counters
    finally:
        feed.close()


def _lines(changes: Sequence[Change]) -> None:
    for change in changes:
        output.print_document({"act": act(change), **alert(change.finding)}, line=True)


class _Said(NamedTuple):
    """When an alert was told last, in the reports' time, and how long that it goes on is kept back."""

    at: int
    pause: int


def _tell(changes: Sequence[Change], said: dict[FindingId, _Said], now: int) -> None:
    """For people: what goes on is revised every minute, and told again after an hour, after two more, after four more."""
    heads = {
        "raised": ("bold", _("Raised")),
        "revised": ("", _("Revised")),
        "retracted": ("dim", _("Retracted")),
    }
    for change in changes:
        finding, what = change.finding, act(change)
        before = said.get(finding.id, _Said(0, _AGAIN_MS))
        if what == "revised":
            if now - before.at < before.pause:
                continue
            said[finding.id] = _Said(now, 2 * before.pause)
        else:
            said[finding.id] = _Said(now, _AGAIN_MS)
        style, head = heads[what]
        text = finding.why.text(spoken())
        if what == "retracted":
            text = text.removesuffix(GOES_ON.text(spoken()))
        line = safe(f"{moment(iso(Moment(now)))} {head}: {text}")
        screen().print(line, soft_wrap=True, style=style)


def _document(watching: Watching, told: Counter[str], tally: Tally, counters: Counters | None) -> dict[str, Any]:
    live = watching.watch.live
    return {
        "through": iso(Moment(live.now)),
        "reports": live.counted._asdict(),
        "horizon_hours": live.horizon / 3_600_000,
        "added": watching.recording.added,
        "repeated": watching.recording.repeated,
        "refused": {reason: each.count for reason, each in tally.refused.items()},
        "feed": None if counters is None else asdict(counters),
        "changes": dict(told),
        "left_out": list(watching.left_out),
        "alerts": [alert(each) for each in sorted(watching.findings().values(), key=lambda f: (f.begin, f.id))],
    }


def _show(console: Console, answer: dict[str, Any], feed: Counters) -> None:
    reports = answer["reports"]
    console.print(facts([
        (_("Through"), moment(answer["through"])),
        (_("Reports taken"), reports["taken"]),
        (_("of these late"), reports["late"]),
        (_("Repeated"), reports["repeated"]),
        (_("Too late to be placed"), reports["too_late"]),
        (_("New in the store"), answer["added"]),
        (_("There already"), answer["repeated"]),
        (_("Lines that can't be read"), sum(answer["refused"].values())),
        *([(_("Bytes dropped, for want of room"), feed.dropped)] if feed.dropped else []),
        *([(_("Datagrams the system dropped, for want of room"), feed.overflowed)] if feed.overflowed else []),
        *([(_("Connections lost"), feed.lost)] if feed.lost else []),
        (_("Alerts that stand"), len(answer["alerts"])),
    ]))  # fmt: skip
