"""Which column of a file means what: headers of publishers, and any other by the words that people use for a field.

Known by heart: Danish Maritime Authority (`# Timestamp,Type of mobile,MMSI,…`, day first), NOAA MarineCadastre (`BaseDateTime`
before 2025, `base_date_time` since), aisstream as flattened to CSV, the Solent sample of Stone Soup (`Latitude_degrees`), and
OMTAD (`CRAFT_ID`, which is no MMSI). A header is compared without case, blanks and punctuation.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        "timeutc", "basedatetime", "datetimeutc", "timestamputc", "utctime", "utctimestamp", "utcdatetime",
        "timestampexternal", "timestamp", "tstamp", "datetime",
        "dateandtime", "time", "dttmutc", "dtposutc", "eventtime", "msgtime", "receivedtime", "receivetime", "received",
        "receivedat", "reporttime", "positiontime", "postime", "lastposition", "t", "ts", "epoch", "unixtime",
        "unixtimestamp", "epochms", "epochseconds", "epochtime", "movementdatetime", "recordtime", "datetimestamp", "dt",
        "timems", "times", "timesec", "utc", "tagblocktimestamp", "datetimeofposition", "horodatage", "heure", "date",
        "servertimestamp",
    ),
    "mmsi": ("mmsi", "mmsinumber", "mmsino", "shipmmsi", "vesselmmsi", "sourcemmsi", "userid", "mmsiid", "idmmsi",
             "shipmmsinumber", "vesselmmsinumber", "ssvid"),
    "craft": ("craftid", "vesselid", "shipid", "trackid", "objectid", "id"),
    "lat": ("lat", "latitude", "latitudedegrees", "latdegrees", "latitudedeg", "latdeg", "latdd", "positionlatitude", "poslat",
            "y", "ycoord", "laty"),
    "lon": ("lon", "long", "lng", "longitude", "longitudedegrees", "londegrees", "longitudedeg", "londeg", "londd",
            "positionlongitude", "poslon", "x", "xcoord", "lonx"),
    "sog": ("sog", "sogknots", "sogkn", "sogkt", "sogkts", "speedoverground", "speedovergroundknots", "speed", "speedknots",
            "speedkn", "speedkts", "speedsog", "vitesse"),
    "cog": ("cog", "cogdegrees", "cogdeg", "courseoverground", "courseovergrounddegrees", "course", "coursedegrees",
            "coursedeg", "cap"),
    "heading": ("heading", "trueheading", "headingdegrees", "headingdeg", "hdg", "th", "hdt"),
    "status": ("status", "navstatus", "navigationalstatus", "navigationstatus", "navstat", "navstatuscode", "navigational"),
    "kind": ("msgid", "messageid", "messagetype", "msgtype", "messagenr",
             "messagenumber", "typeofmobile", "transceiverclass", "transceiver",
             "aistype", "msg", "classofais", "aisclass"),
    "imo": ("imo", "imonumber", "imono", "shipimo"),
    "call_sign": ("callsign", "ircs"),
    "name": ("name", "shipname", "vesselname", "nameofship"),
    "ship_type": ("shiptype", "vesseltype", "shipandcargotype", "typeofshipandcargo", "typeandcargo", "typeofship",
                  "shipcargotype", "shiptypecode"),
    "to_bow": ("a", "tobow", "dimensiontobow", "dima", "dimensiona", "bow"),
    "to_stern": ("b", "tostern", "dimensiontostern", "dimb", "dimensionb", "stern"),
    "to_port": ("c", "toport", "dimensiontoport", "dimc", "dimensionc", "port"),
    "to_starboard": ("d", "tostarboard", "dimensiontostarboard", "dimd", "dimensiond", "starboard"),
    "length": ("length", "lengthm", "loa", "shiplength"),
    "width": ("width", "widthm", "beam", "breadth", "shipwidth"),
    "draught": ("draught", "draft", "draughtm", "draftm", "maximumstaticdraught", "maxdraught"),
    "destination": ("destination", "dest"),
    "eta": ("eta", "estimatedtimeofarrival"),
}  # fmt: skip
"""Normalised names of each field, the surest first."""
_CUT: Final = re.compile(r"[^a-z0-9]+")


def normalised(name: str) -> str:
    """A header's name as it is compared."""
    return _CUT.sub("", name.lower())


def is_header(cells: Sequence[str]) -> bool:
    """Whether cells name a time, or a vessel, and a place."""
    found = candidates(cells)
    return "lat" in found and "lon" in found and ("mmsi" in found or "craft" in found or "time" in found)


def candidates(cells: Sequence[str]) -> dict[str, list[int]]:
    """For each field the columns that may hold it, the surest first."""
    names = [normalised(cell) for cell in cells]
    found = {field: [names.index(name) for name in synonyms if name in names] for field, synonyms in FIELDS.items()}
    return {field: columns for field, columns in found.items() if columns}
