"""STANAG 4774 XML: out, in, and everything that must not come in."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.errors import CordialeError, LimitExceeded, Malformed
from cordiale.labels.label import make_label
from cordiale.labels.marking import marking
from cordiale.labels.stanag4774 import NAMESPACE, from_xml, to_xml
from cordiale.labels.xml_tree import DEPTH, ELEMENTS, XML_BYTES, read_xml
from cordiale.vocab.moment import Moment
from labels.lattice import FR, NATO, POLICIES, UK, label

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "labels"
"""Labels of ADatP-4774 Table 17, as published with the Spiffing test suite; not part of the project."""


def test_a_label_goes_out_as_the_standard_writes_it() -> None:
    found = make_label(
        "uk", "official-sensitive", {"releasable-to": ["fra"]}, created=Moment(1_751_932_800_123), originator="anne@uk"
    )
    assert to_xml(found, UK, review=Moment(1_800_000_000_000)).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<slab:originatorConfidentialityLabel xmlns:slab="{NAMESPACE}" ReviewDateTime="2027-01-15T08:00:00.000Z">\n'
        "<slab:ConfidentialityInformation>\n"
        "<slab:PolicyIdentifier>UK</slab:PolicyIdentifier>\n"
        "<slab:Classification>OFFICIAL-SENSITIVE</slab:Classification>\n"
        '<slab:Category Type="PERMISSIVE" TagName="Releasable To">\n'
        "<slab:GenericValue>FRA</slab:GenericValue>\n"
        "</slab:Category>\n"
        "</slab:ConfidentialityInformation>\n"
        '<slab:OriginatorID IDType="rfc822Name">anne@uk</slab:OriginatorID>\n'
        "<slab:CreationDateTime>2025-07-08T00:00:00.123Z</slab:CreationDateTime>\n"
        "</slab:originatorConfidentialityLabel>"
    )
    assert from_xml(to_xml(found, UK), POLICIES) == found


def test_only_a_label_of_the_policy_goes_out() -> None:
    with pytest.raises(Malformed):
        to_xml(label(FR, "SECRET"), UK)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample labels are not on this machine")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nato-4774-17-1.nato", "NATO UNCLASSIFIED – RELEASABLE TO ISAF, KFOR, RESOLUTE SUPPORT, NATO"),
        ("nato-4774-17-2.nato", "NATO UNCLASSIFIED"),
        ("nato-4774-17-3.nato", "NATO UNCLASSIFIED – STAFF"),
        ("nato-4774-17-4.nato", "NATO RESTRICTED – RELEASABLE TO SWITZERLAND, JAPAN, UKRAINE, NATO"),
    ],
)
def test_published_labels_come_in(name: str, shown: str) -> None:
    found = from_xml((SAMPLES / name).read_bytes(), POLICIES)
    assert sorted(marking(found, NATO, "en").replace(",", "").split()) == sorted(shown.replace(",", "").split())
    assert (found.created, found.originator) == (0, "nato")


INFORMATION = "<PolicyIdentifier>UK</PolicyIdentifier><Classification>SECRET</Classification>"
WHO = '<OriginatorID IDType="dNSName">uk</OriginatorID>'
WHEN = "<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>"


def document(information: str = INFORMATION, after: str = WHO + WHEN, *, head: str = "", root: str = "") -> bytes:
    name = "originatorConfidentialityLabel"
    inner = f"<ConfidentialityInformation>{information}</ConfidentialityInformation>{after}"
    return f'{head}<{name} xmlns="{NAMESPACE}"{root}>{inner}</{name}>'.encode()


def category(value: str = "<GenericValue>FRA</GenericValue>", attributes: str = "") -> str:
    attributes = attributes or 'Type="PERMISSIVE" TagName="Releasable To"'
    return f"{INFORMATION}<Category {attributes}>{value}</Category>"


@pytest.mark.parametrize(
    "data",
    [
        document(),
        document(after=WHEN),
        document(after=WHO),
        document(after=""),
        document(category()),
        document(category(attributes='Type="PERMISSIVE" TagName="releasable to" URI="urn:oid:1.2"')),
        document(INFORMATION.replace("SECRET", " secret ")),
        document(root=' ReviewDateTime="2030-01-01T00:00:00Z" Id="a"'),
        document(root=' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'),
        document(head='<?xml version="1.0" encoding="UTF-8"?><!-- a comment -->\n'),
    ],
)
def test_what_the_standard_allows_comes_in(data: bytes) -> None:
    assert from_xml(data, POLICIES).classification == "secret"


@pytest.mark.parametrize(
    ("written", "created"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T01:00:00.123456789+01:00", 123),
        ("1970-01-01T00:00:00", 0),
    ],
)
def test_times_of_any_zone_are_utc(written: str, created: int) -> None:
    data = document(after=f"<CreationDateTime>{written}</CreationDateTime>")
    assert from_xml(data, POLICIES).created == created


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a",
        b"<a/>",
        b"\xff\xfe",
        document(head=BOMB),
        document(head='<!DOCTYPE a SYSTEM "file:///etc/passwd">'),
        document(head="<?run me?>"),
        document(head='<?xml version="1.0" encoding="nonsense"?>'),
        document(INFORMATION.replace("SECRET", "&b;")),
        document(root=' evil="1"'),
        document(root=f' xmlns:n="{NAMESPACE}" n:Id="1"'),
        document().replace(NAMESPACE.encode(), b"urn:other"),
        document().replace(b"originatorConf", b"alternativeConf"),
        document("<Classification>SECRET</Classification>"),
        document(INFORMATION + "<PrivacyMark>x</PrivacyMark>"),
        document(INFORMATION.replace("UK", "DE")),
        document(INFORMATION.replace("<PolicyIdentifier>", '<PolicyIdentifier URI="urn:oid:1.2">')),
        document(INFORMATION.replace("SECRET", "RESTRICTED")),
        document(INFORMATION.replace("SECRET", "<b/>")),
        document(INFORMATION.replace("<Classification>", '<Classification URI="urn:x">')),
        document(INFORMATION + "text"),
        document(after=WHEN + WHO),
        document(after=WHEN + WHEN),
        document(after=WHEN + "<SuccessionHandling/>"),
        document(after=WHO.replace("dNSName", "rfc822Name")),
        document(after=WHO.replace(">uk<", ">Uk<")),
        document(after=WHO.replace("dNSName", "rfc822Name").replace(">uk<", ">Anne@uk<")),
        document(after="<CreationDateTime>yesterday</CreationDateTime>"),
        document(after="<CreationDateTime>2026-02-30T00:00:00Z</CreationDateTime>"),
        document(after="<CreationDateTime>1969-12-31T00:00:00Z</CreationDateTime>"),
        document(after="<CreationDateTime>0001-01-01T00:00:00+14:00</CreationDateTime>"),
        document(category("")),
        document(category("text")),
        document(category("<IntegerValue>1</IntegerValue>")),
        document(category("<GenericValue>XYZ</GenericValue>")),
        document(category(attributes='Type="RESTRICTIVE" TagName="Releasable To"')),
        document(category(attributes='Type="permissive" TagName="Releasable To"')),
        document(category(attributes='Type="PERMISSIVE" TagName="Unheard Of"')),
        document(category(attributes='Type="PERMISSIVE" TagName="Releasable To" more="1"')),
        document(category("<GenericValue>USA</GenericValue>", attributes='Type="PERMISSIVE" TagName="Eyes Only"')),
    ],
)
def test_everything_else_stays_out(data: bytes) -> None:
    with pytest.raises(Malformed):
        from_xml(data, POLICIES)


def test_size_depth_and_number_are_bounded() -> None:
    for data in (b" " * (XML_BYTES + 1), b"<a>" * (DEPTH + 1), b"<a>" + b"<b/>" * ELEMENTS):
        with pytest.raises(LimitExceeded):
            read_xml(data, what="test")
    assert read_xml(b"<a>" * DEPTH + b"</a>" * DEPTH, what="test").name == "a"


@given(st.text(alphabet="<>&/!?[]=\"' abUKSECRT", max_size=80))
def test_nothing_but_known_errors(text: str) -> None:
    for data in (text.encode(), document(text), document(after=text)):
        with suppress(CordialeError):
            from_xml(data, POLICIES)
