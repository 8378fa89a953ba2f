"""Identities as people meet them: what `detect` finds in a file, `watch` finds late, out of order and after a kill."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cordiale.desks.maritime.archive import Archive
from cordiale.desks.maritime.exercise.make import exercise
from cordiale.desks.maritime.schema import DEGREE

pytestmark = pytest.mark.timeout(600)  # the first run compiles the kernels
IDENTITY = ("imo-invalid", "flag-mismatch", "identity-change", "identity-shared")


def answered(*arguments: str) -> Any:
    ran = subprocess.run([sys.executable, "-m", "cordiale", "maritime", *arguments], capture_output=True, check=True)
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Positions, each with what its vessel last said, some of them five minutes late."""
    folder = tmp_path_factory.mktemp("sea")
    exercise(folder, seed=11, days=1, vessels=4)
    archive = Archive(folder)
    positions, statics = (
        pl.concat([part for day in archive.days(kind) for part in archive.tables(day, kind)]).sort("time")
        for kind in ("positions", "statics")
    )
    said = statics.select(
        "time", "mmsi", "name", "imo", callsign="call_sign", length=pl.col("to_bow") + pl.col("to_stern")
    )
    rows = positions.join_asof(said, on="time", by="mmsi").with_row_index()
    late = pl.col("time") + (pl.col("index") * 7919 % 300) * 1000
    table = rows.sort(late).select(
        pl.from_epoch("time", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"), "mmsi",
        lat=pl.col("lat") / DEGREE, lon=pl.col("lon") / DEGREE, sog=pl.col("sog") / 10, status="status",
        name="name", imo="imo", callsign="callsign", length="length",
    )  # fmt: skip
    path = folder / "feed.csv"
    table.write_csv(path)
    return path


def test_the_watch_ends_as_the_batch_also_after_a_kill(feed: Path, tmp_path: Path) -> None:
    answered("ingest", str(feed), "--store", str(tmp_path / "batch"), "--json")
    batch = answered("detect", "--store", str(tmp_path / "batch"), "--json")
    wanted = [alert for alert in batch["alerts"] if alert["detector"] in IDENTITY]
    assert {alert["detector"] for alert in wanted} == set(IDENTITY)
    watch = [sys.executable, "-m", "cordiale", "maritime", "watch", "--replay", str(feed)]
    with subprocess.Popen([*watch, "--store", str(tmp_path / "killed"), "--json-lines"], stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        while b"identity-" not in ran.stdout.readline():
            pass
        ran.kill()
    for name in ("live", "killed"):
        live = answered("watch", "--replay", str(feed), "--store", str(tmp_path / name), "--json")
        assert [alert for alert in live["alerts"] if alert["detector"] in IDENTITY] == wanted


def test_an_alert_shows_what_was_said_and_since_when_it_is_known(feed: Path, tmp_path: Path) -> None:
    answered("ingest", str(feed), "--store", str(tmp_path), "--json")
    answered("detect", "--store", str(tmp_path), "--json")
    found = answered("alerts", "--store", str(tmp_path), "--detector", "identity-change", "--json")["alerts"]
    renamed = next(alert for alert in found if "name EXERCISE" in alert["explanation"])
    told = answered("alerts", "show", renamed["id"], "--store", str(tmp_path), "--json")["alert"]
    sentences = " ".join(each["what"] for each in told["evidence"])
    assert "Known since" in sentences
    assert "name EXERCISE" in sentences
    assert "→" in told["explanation"]


def test_a_vessels_history_by_either_number(feed: Path, tmp_path: Path) -> None:
    answered("ingest", str(feed), "--store", str(tmp_path), "--json")
    answered("detect", "--store", str(tmp_path), "--json")
    shared = answered("alerts", "--store", str(tmp_path), "--detector", "identity-shared", "--json")["alerts"]
    imo = next(each["imo"] for alert in shared for each in alert["vessels"] if each["imo"])
    found = answered("identity", str(imo), "--store", str(tmp_path), "--json")["vessels"]
    assert all(str(imo) in [spell["value"] for spell in vessel["said"]["imo"]] for vessel in found)
    one = answered("identity", str(found[0]["mmsi"]), "--store", str(tmp_path), "--json")["vessels"]
    assert one == found[:1]
    spell = one[0]["said"]["name"][0]
    assert spell["first"] <= (spell["confirmed"] or spell["last"]) <= spell["last"]
    command = [sys.executable, "-m", "cordiale", "maritime", "identity", "1", "--store", str(tmp_path), "--json"]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (1, "not-found")
