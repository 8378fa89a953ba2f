"""What `cordiale doctor` looks at: is every file there and private, does everything verify, does the node answer."""

import json
from collections.abc import Callable
from typing import Any

import httpx2

from cordiale.adapters.clock import system_clock
from cordiale.errors import CordialeError
from cordiale.wiring.folder import NationFolder

SECRETS = ("root.pem", "border.pem")


def nation(home: NationFolder) -> list[dict[str, Any]]:
    """Checks of a nation's folder and node, each with what to do if it fails."""
    return [
        *(_private(home, name) for name in SECRETS),
        _try("policies", lambda: _policies(home), "Install the signed policy and table again."),
        _try("node", lambda: _node(home), f"Start it: cordiale node run --nation {home.directory}"),
    ]


def _private(home: NationFolder, name: str) -> dict[str, Any]:
    path = home.directory / name
    if name == "root.pem" and not path.exists():
        return _row(f"{name} is offline", ok=True, detail="", next_step="")
    ok = path.exists() and not path.stat().st_mode & 0o077
    return _row(f"{name} is private", ok=ok, detail=str(path), next_step=f"chmod 600 {path}")


def _policies(home: NationFolder) -> str:
    with home.store().read() as tx:
        authority = home.authority(tx.links.links(), system_clock())
    return f"{authority.policy.edition}, {authority.table.edition}, {len(authority.peers)} linked"


def _node(home: NationFolder) -> str:
    found = health(home)
    if found is None:
        raise CordialeError("no answer")
    return str(found.get("status", ""))


def health(home: NationFolder) -> dict[str, Any] | None:
    """The node's health page, or None while it isn't there."""
    url = f"http://{home.settings.host}:{home.settings.ops_port}/healthz"
    try:
        return dict(json.loads(httpx2.get(url, timeout=2).content))
    except (httpx2.HTTPError, ValueError):
        return None


def _try(check: str, look: Callable[[], str], next_step: str) -> dict[str, Any]:
    try:
        return _row(check, ok=True, detail=look(), next_step="")
    except CordialeError as error:
        return _row(check, ok=False, detail=str(error), next_step=next_step)


def _row(check: str, *, ok: bool, detail: str, next_step: str) -> dict[str, Any]:
    return {"check": check, "ok": ok, "detail": detail, "next_step": "" if ok else next_step}
