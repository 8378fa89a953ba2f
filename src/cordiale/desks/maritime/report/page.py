"""The page: what is known of an alert, set by typst with `report.typ`. Data reach it as JSON and are never markup.

Typst's own fonts are used, and no date of today is written: one alert gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import resources
from itertools import accumulate
from typing import Any, Final, Literal

import msgspec
import numpy as np
import typst

from cordiale.analysis.finding import Finding, Place
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.line import Line
from cordiale.desks.maritime.picture import measure
from cordiale.desks.maritime.picture.alert import mmsi_of
from cordiale.desks.maritime.picture.state import Identity
from cordiale.desks.maritime.report import chart, plot
from cordiale.desks.maritime.schema import SOG_UNAVAILABLE, Positions
from cordiale.desks.maritime.sighting import line_of, physical, span
from cordiale.labels.phrase import Phrase
from cordiale.vocab.moment import Moment, iso

Form = Literal["pdf", "png"]
DOTS: Final = 160
"""Per inch, of a PNG."""
EVIDENCE: Final = 40
_WORDS: Final = {
    "alert": Phrase("Maritime alert", "Alerte maritime"),
    "speed": Phrase(
        "Speed over ground in knots, time in UTC; shaded: the alert",
        "Vitesse fond en nœuds, heure UTC ; fond ombré : l'alerte",
    ),
    "why": Phrase("Why", "Pourquoi"),
    "evidence": Phrase("Evidence", "Éléments"),
    "time": Phrase("Time (UTC)", "Heure (UTC)"),
    "what": Phrase("What", "Constat"),
    "source": Phrase("Source", "Source"),
    "page": Phrase("Page", "Page"),
    "of": Phrase("of", "sur"),
    "sources": Phrase(
        "Positions as vessels sent them by AIS. Coast: Natural Earth 1:10m. Borders, dashed: Natural Earth as modified by "
        "Visionscarto; no judgement on any claim. Not for navigation.",
        "Positions telles que les navires les ont émises par AIS. Côtes : Natural Earth 1:10m. Frontières, en tirets : Natural "
        "Earth modifié par Visionscarto, sans préjudice d'aucune revendication. Ne pas utiliser pour la navigation.",
    ),
}
_LEGEND: Final = {
    "begin": Phrase("begin of the alert", "début de l'alerte"),
    "end": Phrase("its end", "sa fin"),
    "silence": Phrase("nothing heard for 30 min and more", "rien entendu pendant 30 min et plus"),
    "cable": Phrase("cable or pipeline", "câble ou conduite"),
    "zone": Phrase("zone or lane", "zone ou voie"),
}
_PROFILES: Final = {
    "ours": Phrase("own", "propres"),
    "gfw": Phrase("Global Fishing Watch", "Global Fishing Watch"),
    "rtec": Phrase("RTEC / Brest", "RTEC / Brest"),
}
_SCORE: Final = Phrase("Score", "Indice")
_BEGIN: Final = Phrase("Begin", "Début")
_END: Final = Phrase("End", "Fin")
_PLACE: Final = Phrase("Position", "Position")
_PROFILE: Final = Phrase("Thresholds", "Seuils")


class Case(msgspec.Struct, frozen=True):
    """All that a report shows: the alert, who its vessels are, their reports, and what lies there. Lines are degrees."""

    finding: Finding
    known: Mapping[int, Identity]
    tracks: Mapping[int, Positions]
    marking: str
    language: str
    cables: tuple[Line, ...] = ()
    zones: tuple[Line, ...] = ()


def write(case: Case, form: Form) -> bytes:
    """The report as PDF, or its first page as a picture."""
    data = msgspec.json.encode(_data(case)).decode()
    template = (resources.files("cordiale.desks.maritime.report") / "report.typ").read_bytes()
    with suppress(typst.TypstError):
        return _drawn(template, data, form, system_fonts=False)
    return _drawn(template, data, form, system_fonts=True)


def _drawn(template: bytes, data: str, form: Form, *, system_fonts: bool) -> bytes:
    fonts = typst.Fonts(include_system_fonts=system_fonts)
    compiler = typst.Compiler(font_paths=fonts, sys_inputs={"data": data})
    if form == "png":
        found = compiler.compile(template, format="png", ppi=DOTS)
        return (found[0] if isinstance(found, list) else found) or b""
    found = compiler.compile(template, format="pdf", timestamp=0)
    return (found[0] if isinstance(found, list) else found) or b""


def _data(case: Case) -> dict[str, Any]:
    finding, language = case.finding, case.language
    vessels = {mmsi: physical(rows) for mmsi, rows in case.tracks.items()}
    parts = [part for each in vessels.values() for part in each]
    paths = [_path(finding, rows) for rows in parts]
    frame = chart.frame_of(paths, (finding.place.lon, finding.place.lat))
    begin, end = span(finding)
    series = [_series(rows) for rows in parts]
    cables, zones = _near(frame, case.cables), _near(frame, case.zones)
    detector = BY_NAME.get(finding.detector)
    return {
        "language": language,
        "marking": case.marking,
        "id": finding.id,
        "title": detector.title.text(language) if detector else finding.detector,
        "span": f"{_time(finding.begin)} – {_time(finding.end)} UTC",
        "vessels": [_vessel(case, mmsi, tracks) for mmsi, tracks in _numbered(mmsi_of(finding), vessels)],
        "hues": list(chart.TRACKS),
        "map": chart.draw(frame, paths, cables, zones),
        "map_words": chart.words(frame, paths, *(("O", "M") if language == "fr" else ("W", "NM"))),
        "map_height": chart.HEIGHT,
        "legend": _legend(paths, cables, zones, language),
        "colours": {"cable": chart.CABLE, "zone": chart.ZONE},
        "plot": plot.draw(series, begin, end, (finding.begin, finding.end)),
        "plot_words": plot.words(series, begin, end),
        "plot_height": plot.HEIGHT,
        "why": finding.why.text(language),
        "facts": _facts(case),
        "evidence": [
            (_time(each.at) if each.at is not None else "", each.what.text(language), each.source)
            for each in finding.evidence[:EVIDENCE]
        ],
        "words": {name: phrase.text(language) for name, phrase in _WORDS.items()},
    }


def _path(finding: Finding, rows: Positions) -> chart.Path:
    time = rows["time"].astype(np.int64)
    return chart.Path(line_of(rows), time, (time >= finding.begin) & (time <= finding.end))


def _series(rows: Positions) -> plot.Series:
    sog = rows["sog"].astype(float)
    return rows["time"].astype(np.int64), np.where(sog == SOG_UNAVAILABLE, np.nan, sog / 10)


def _near(frame: chart.Frame, lines: Iterable[Line]) -> list[Line]:
    return chart.lines_near(tuple(lines), *frame.box)


def _numbered(mmsi: Iterable[int], vessels: Mapping[int, Sequence[Positions]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each MMSI with the numbers of its tracks: several where it is shared."""
    first = dict(zip(vessels, accumulate([0, *map(len, vessels.values())]), strict=False))
    for each in mmsi:
        yield each, tuple(range(first[each], first[each] + len(vessels[each]))) if each in first else ()


def _legend(
    paths: Sequence[chart.Path], cables: Sequence[Line], zones: Sequence[Line], language: str
) -> list[tuple[str, str]]:
    """What is on the map, for those who have never seen one."""
    silent = any((np.diff(path.time) > chart.GAP).any() for path in paths)
    there = {
        "begin": any(path.inside.any() for path in paths),
        "end": any(path.inside.any() for path in paths),
        "silence": silent,
        "cable": bool(cables),
        "zone": bool(zones),
    }
    return [(name, _LEGEND[name].text(language)) for name, shown in there.items() if shown]


def _vessel(case: Case, mmsi: int, tracks: Sequence[int]) -> dict[str, Any]:
    identity = case.known.get(mmsi, Identity())
    told = [
        f"MMSI {mmsi:09}",
        f"{'OMI' if case.language == 'fr' else 'IMO'} {identity.imo}" if identity.imo else "",
        identity.call_sign,
    ]
    told.append(f"{identity.length} m" if identity.length else "")
    return {
        "name": identity.name or f"MMSI {mmsi:09}",
        "told": " · ".join(part for part in (told if identity.name else told[1:]) if part),
        "tracks": tracks[: len(chart.TRACKS)],
    }


def _facts(case: Case) -> list[tuple[str, str]]:
    finding, language = case.finding, case.language
    detector = BY_NAME.get(finding.detector)
    units = dict(detector.values) if detector else {}
    found = [
        (_BEGIN.text(language), _time(finding.begin)),
        (_END.text(language), _time(finding.end)),
        (_PLACE.text(language), _position(finding.place, language)),
        (_SCORE.text(language), measure.amount(finding.score, "", language, 2)),
    ]
    for name, value in finding.values.items():
        found.append((measure.name(name, language), measure.said(name, value, units.get(name, ""), language)))
    return [*found, (_PROFILE.text(language), _whose(finding.profile, language))]


def _whose(profile: str, language: str) -> str:
    return _PROFILES[profile].text(language) if profile in _PROFILES else profile


def _position(place: Place, language: str) -> str:
    """Degrees and decimal minutes, as mariners write them."""
    west = "O" if language == "fr" else "W"
    told = f"{_minutes(place.lat, 'N', 'S')}  {_minutes(place.lon, 'E', west)}"
    return told.replace(".", ",") if language == "fr" else told


def _minutes(degrees: float, positive: str, negative: str) -> str:
    hundredths = round(abs(degrees) * 6000)
    return f"{hundredths // 6000}°{hundredths % 6000 / 100:05.2f}′ {positive if degrees >= 0 else negative}"


def _time(at: Moment) -> str:
    return iso(at)[:16].replace("T", " ")
