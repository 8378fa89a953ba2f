"""Files that pages load beside themselves: our own and those of others, under an address that changes when any of them does.

So a browser may keep them and never asks again, and modules of ours name each other relatively. They hold nothing of a person.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from cordiale.analysis.asset import asset_path
from cordiale.crypto.digest import sha256

ASSETS: Final = (
    "htmx.mjs",
    "maplibre-gl.mjs",
    "maplibre-gl-worker.mjs",
    "maplibre-gl.css",
    "pmtiles.js",
    "world.pmtiles",
)
"""Files of others."""
_TYPES: Final = {".css": "text/css", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".js": "text/javascript"}
_OTHER: Final = "application/octet-stream"


@cache
def _known() -> dict[str, Path]:
    own = Path(str(files("cordiale.console") / "static"))
    return {path.name: path for path in sorted(own.iterdir())} | {name: asset_path(name) for name in ASSETS}


def _version() -> str:
    """The beginning of a digest over all names and contents."""
    told = (sha256(name.encode()) + sha256(path.read_bytes()) for name, path in _known().items())
    return sha256(b"".join(told)).hex()[:12]


STATIC: Final = f"/static/{_version()}/"
"""Where they are. Nobody needs a session for them, so that the lock has them, too."""


async def static_file(request: Request) -> Response:
    """One of them, or a part of it; what is not there has no page of its own, which would show who one is."""
    path = _known().get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type=_TYPES.get(path.suffix, _OTHER))
