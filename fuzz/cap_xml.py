"""CAP 1.2: any input gives an alert that goes out and comes in again unchanged, or a `CordialeError`."""

from cordiale.desks.planning import cap
from cordiale.errors import CordialeError

SEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{cap.NAMESPACE}"><identifier>EXERCISE-1</identifier><sender>desk@uk</sender>
<sent>2026-05-01T12:00:00+01:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>
<info><language>fr-FR</language><category>Met</category><event>Crue</event><urgency>Expected</urgency>
<severity>Severe</severity><certainty>Likely</certainty><expires>2026-05-02T12:00:00+01:00</expires>
<area><areaDesc>Vallée</areaDesc><polygon>48.5,-2 48.5,-1 49,-1 48.5,-2</polygon><circle>48.5,-2.25 15</circle>
<geocode><valueName>NUTS</valueName><value>FRH0</value></geocode><altitude>0</altitude></area></info></alert>"""


def seeds() -> list[bytes]:
    """An alert with something of everything."""
    return [SEED.encode()]


def TestOneInput(data: bytes) -> None:
    """One input."""
    try:
        alert = cap.read(data)
    except CordialeError:
        return
    if cap.read(cap.write(alert)) != alert:
        raise AssertionError("the alert changed on its way out and in")
