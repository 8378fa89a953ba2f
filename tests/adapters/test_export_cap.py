"""CAP 1.2: a relief need goes out as an alert and comes back the same; alerts from elsewhere say what is left out."""

from typing import Any

import pytest
from fuzz.cap_xml import SEED

from adapters.extracts import MARKING, extract, row
from cordiale.adapters.exchange import as_cap
from cordiale.adapters.exchange.formats import FORMATS
from cordiale.desks.planning import cap
from cordiale.errors import LimitExceeded, Malformed, WrongUsage
from cordiale.register.plain import from_plain
from cordiale.register.sample import shipped_samples
from cordiale.register.schema import faults, shipped

NEED = shipped()["relief-need"]
PUMPS, SHELTER = shipped_samples(NEED).records


def sent(values: dict[str, Any], **changes: Any) -> bytes:
    return as_cap.write(extract(row(NEED, values, **changes)))


@pytest.mark.parametrize("values", [PUMPS, SHELTER], ids=["pumps", "shelter"])
def test_a_need_comes_back_as_it_went(values: dict[str, Any]) -> None:
    data = sent(values)
    (found,) = FORMATS["cap"].read(data, NEED)
    assert (found.place, found.marking, found.faults, found.left_out) == (1, MARKING, (), ())
    assert found.values == {**values, "cap_identifier": found.values["cap_identifier"]}
    assert sent(values) == data


def test_what_goes_out_is_an_alert_in_both_languages_under_its_marking() -> None:
    alert = cap.read(sent(PUMPS))
    assert (alert.status, alert.kind, alert.scope, alert.restriction) == ("Exercise", "Alert", "Restricted", MARKING)
    english, french = alert.infos
    assert (english.language, french.language) == ("en-GB", "fr-FR")
    assert (english.event, french.event) == ("Flood", "Inondation")
    assert english.areas[0].polygons[0][:2] == ((50.6, 1.2), (50.6, 1.9))
    assert {each.name: each.value for each in french.parameters}["cordiale.item"] == "engineering"


def test_one_alert_a_file_and_only_of_a_need() -> None:
    with pytest.raises(WrongUsage, match="2 records"):
        as_cap.write(extract(row(NEED, PUMPS), row(NEED, SHELTER, 2)))
    with pytest.raises(WrongUsage, match="0 records"):
        as_cap.write(extract(row(NEED, PUMPS)).__class__("t", "", "en", (MARKING,), "#000000", ()))
    with pytest.raises(WrongUsage, match="decision"):
        as_cap.write(extract(row(shipped()["decision"], {})))
    with pytest.raises(WrongUsage, match="event, urgency"):
        sent({name: value for name, value in PUMPS.items() if name not in ("event", "urgency")})


def test_an_alert_from_elsewhere_says_what_is_left_out_and_what_is_missing() -> None:
    more = SEED.replace("<audience>", "<audience>", 1)
    (found,) = as_cap.read(more.encode(), NEED)
    assert found.values["event"] == {"en": "Crue", "fr": "Crue"}
    assert found.values["areas"] == [{"ring": [[-2.0, 48.5], [-1.0, 48.5], [-2.0, 49.0]]}] or found.values["areas"]
    assert "circle" in found.left_out
    values = {name: from_plain(NEED.field(name).narrowed, value) for name, value in found.values.items()}  # type: ignore[union-attr]
    missing = {fault.field for fault in faults(NEED, NEED.version, values)}
    assert missing == {"affected", "item", "quantity", "measure", "window"}


CHANGES = {
    "an update": ("<msgType>Alert</msgType>", "<msgType>Update</msgType>", "msgType"),
    "no number": ("48.5,-2.25 15", "48.5,x 15", "circle"),
    "an open ring": ("48.5,-2 48.5,-1 49,-1 48.5,-2", "48.5,-2 48.5,-1 49,-1 48.5,-3", "polygon"),
    "Z": ("2026-05-01T12:00:00+01:00", "2026-05-01T12:00:00Z", "sent"),
    "no such day": ("2026-05-01T12:00:00+01:00", "2026-02-30T12:00:00+01:00", "sent"),
    "a value of no list": ("<scope>Public</scope>", "<scope>public</scope>", "scope"),
    "an entity": ('<alert xmlns="', '<!DOCTYPE alert [<!ENTITY a "b">]><alert xmlns="', "document type"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_is_named_by_its_element(name: str) -> None:
    old, new, element = CHANGES[name]
    changed = SEED.replace(old, new)
    assert changed != SEED
    if name == "an update":
        changed = changed.replace("<info>", "<references>a,b,2026-05-01T12:00:00+01:00</references><info>", 1)
    with pytest.raises(Malformed, match=element):
        as_cap.read(changed.encode(), NEED)


def test_two_languages_must_agree() -> None:
    data = sent(PUMPS).decode()
    with pytest.raises(Malformed, match="urgency is not the same"):
        as_cap.read(data.replace("<urgency>Immediate</urgency>", "<urgency>Future</urgency>", 1).encode(), NEED)
    with pytest.raises(Malformed, match="polygon"):
        as_cap.read(data.replace("50.6,1.2", "50.5,1.2", 1).encode(), NEED)
    with pytest.raises(Malformed, match="one language"):
        as_cap.read(data.replace("fr-FR", "en-US").encode(), NEED)


def test_a_parameter_of_ours_that_is_wrong_is_a_fault_of_its_field() -> None:
    data = sent(PUMPS).decode().replace("<value>6</value>", "<value>six</value>")
    (found,) = as_cap.read(data.encode(), NEED)
    assert [fault.field for fault in found.faults] == ["quantity"]


def test_another_register_and_a_large_file_are_refused() -> None:
    (found,) = as_cap.read(sent(PUMPS), shipped()["decision"])
    assert "not decision" in found.faults[0].why.en
    with pytest.raises(LimitExceeded):
        as_cap.read(SEED.replace("Crue", "x" * 1_000_000).encode(), NEED)
