"""The node's three listeners: for its own agents, for other nations' nodes, and for its operator.

They are separate applications, to be bound to separate addresses. The first two are a `Door` with endpoints behind it
and no middleware; the third is read-only and belongs on loopback.
"""

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cordiale.adapters.agent_endpoints import AgentEndpoints
from cordiale.adapters.door import Door
from cordiale.adapters.node_context import NodeContext
from cordiale.adapters.peer_endpoints import PeerEndpoints
from cordiale.adapters.puller import LinkHealth, Puller, Replication
from cordiale.errors import CordialeError
from cordiale.federation.session import border_log
from cordiale.ledger import checkpoint
from cordiale.node.ports import Device, Transaction
from cordiale.vocab.party import Nation
from cordiale.wire import limits


def agent_app(context: NodeContext) -> Door[Device]:
    """What a nation's own devices call."""
    endpoints = AgentEndpoints(context)
    return Door(context, endpoints.identify, endpoints.table(), rate=limits.DEVICE_REQUESTS_PER_SECOND)


def peer_app(context: NodeContext) -> Door[Nation]:
    """What other nations' nodes call."""
    endpoints = PeerEndpoints(context)
    return Door(context, endpoints.identify, endpoints.table(), rate=limits.PEER_REQUESTS_PER_SECOND)


def ops_app(context: NodeContext, puller: Puller) -> Starlette:
    """`/healthz` and `/metrics`."""

    async def healthz(_request: Request) -> Response:
        nation, links = context.authority().nation, puller.health()
        try:
            unread = await context.read(lambda tx: [_unread(tx, nation, link.nation) for link in links])
        except CordialeError as error:
            return JSONResponse({"status": "failed", "nation": nation, "code": error.code}, status_code=503)
        known = [{**msgspec.to_builtins(link), "unread": count} for link, count in zip(links, unread, strict=True)]
        return JSONResponse({"status": _status(links), "nation": nation, "links": known})

    async def metrics(_request: Request) -> Response:
        context.metrics.queue.set(context.commits.depth)
        return Response(context.metrics.text(), media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])


def _status(links: list[LinkHealth]) -> str:
    states = {link.state for link in links}
    if Replication.STOPPED in states:
        return "stopped"
    return "degraded" if states & {Replication.UNREACHABLE, Replication.REFUSED} else "ok"


def _unread(tx: Transaction, own: Nation, nation: Nation) -> int:
    """Entries released to that nation which it has not cosigned yet."""
    log = border_log(own, nation)
    note = tx.logs.cosigned(log)
    return tx.logs.state(log).size - (checkpoint.parse(note).checkpoint.size if note else 0)
