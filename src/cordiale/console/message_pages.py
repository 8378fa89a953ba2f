"""One message at a time: sending, changing, reacting, previews and files, its proof, and what a node sees of it."""

import base64
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.agent.content import PRECEDENCE
from cordiale.console.message_parts import MessageParts
from cordiale.console.page import Pages, text_of
from cordiale.console.preview import picture_type, preview
from cordiale.errors import NotFound, WrongUsage

_SENT_WITHIN: Final = 2.0
_INERT: Final = {"content-security-policy": "default-src 'none'; sandbox"}
"""Beside the policy of every answer: whoever opens a received file by its address gets something that can do nothing."""


class MessagePages:
    """Handlers; `routes` says where they are."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._parts = pages, MessageParts(pages)
        of_message = "/rooms/{room}/messages/{message}"
        self.routes = [
            Route("/rooms/{room}/send", self.send, methods=["POST"]),
            Route("/rooms/{room}/check", self.check),
            Route(of_message, self.message),
            Route(f"{of_message}/edit", self.editing),
            Route(f"{of_message}/edit", self.edit, methods=["POST"]),
            Route(f"{of_message}/react", self.react, methods=["POST"]),
            Route(f"{of_message}/node", self.node),
            Route(f"{of_message}/bundle", self.bundle),
            Route(f"{of_message}/file", self.file),
            Route(f"{of_message}/preview", self.preview),
            Route(f"{of_message}/picture", self.picture),
        ]

    async def message(self, request: Request) -> HTMLResponse:
        """One message, as it stands now."""
        return await self._shown(request, await self._one(request))

    async def send(self, request: Request) -> Response:
        """Send a text or a file; what was sent comes back as its own part of the page."""
        form = await request.form(max_files=1)
        room, upload = request.path_params["room"], form.get("file")
        priority = text_of(form, "priority") or PRECEDENCE[0]
        params: dict[str, Any] = {name: text_of(form, name) for name in ("text", "label", "reply")}
        params |= {"room": room, "topic": text_of(form, "topic"), "priority": priority, "wait_seconds": _SENT_WITHIN}
        with tempfile.TemporaryDirectory(prefix="cordiale-") as folder:
            if isinstance(upload, UploadFile) and upload.filename:
                path = Path(folder) / "upload"
                await run_in_threadpool(_keep, upload, path)
                params["file"] = {"name": upload.filename, "path": str(path)}
            sent = await self._pages.ask(request, "send", params, wait=30)
        await self._pages.ask(request, "draft.keep", room=room, draft={})
        if "hx-request" not in request.headers:
            return RedirectResponse(f"/rooms/{room}", 303)
        return await self._shown(request, sent["message"])

    async def editing(self, request: Request) -> HTMLResponse:
        """The form to change one's own message."""
        found = await self._one(request)
        labels = await self._pages.ask(request, "label.choices", room=found["room"])
        return self._pages.part(request, "_edit.html", message=found, labels=labels)

    async def edit(self, request: Request) -> HTMLResponse:
        """Change one's own message."""
        form, where = await request.form(), request.path_params
        params = {"text": text_of(form, "text"), "label": text_of(form, "label"), "wait_seconds": _SENT_WITHIN}
        if not params["text"]:
            raise WrongUsage("there is no new text")
        found = await self._pages.ask(request, "edit", {**where, **params}, wait=30)
        return await self._shown(request, found["target"])

    async def react(self, request: Request) -> HTMLResponse:
        """Give a reaction, or take it back."""
        form, where = await request.form(), request.path_params
        params = {"reaction": text_of(form, "reaction"), "off": text_of(form, "off") == "1", "wait_seconds": 0}
        found = await self._pages.ask(request, "react", {**where, **params})
        return await self._shown(request, found["target"])

    async def check(self, request: Request) -> HTMLResponse:
        """Who would read it, and what the border says, while the marking is chosen."""
        label = request.query_params.get("label", "").strip()
        if not label:
            raise WrongUsage("no marking is given")
        found = await self._pages.ask(request, "label.check", room=request.path_params["room"], label=label)
        return self._pages.part(request, "_check.html", check=found)

    async def node(self, request: Request) -> HTMLResponse:
        """What the node sees of a message beside what only this agent has."""
        where = request.path_params
        found = await self._pages.ask(request, "stored", room=where["room"], message=where["message"])
        return self._pages.part(request, "_node.html", found)

    async def bundle(self, request: Request) -> Response:
        """The proof of a message's crossing, as a file."""
        where = request.path_params
        found = await self._pages.ask(request, "bundle", room=where["room"], message=where["message"])
        return download(base64.b64decode(found["bundle"]), f"message-{found['message'][:8]}.bundle")

    async def file(self, request: Request) -> Response:
        """A received file, always as a download and never as something to show."""
        name, data = await self._bytes(request)
        return download(data, name)

    async def preview(self, request: Request) -> HTMLResponse:
        """What can safely be shown of a file, because the reader asked."""
        name, data = await self._bytes(request)
        where = request.path_params
        found = await run_in_threadpool(preview, data)
        return self._pages.part(
            request, "_preview.html", found=found, name=name, room=where["room"], id=where["message"]
        )

    async def picture(self, request: Request) -> Response:
        """A picture of a kind that is shown, with that kind's type and no other."""
        _, data = await self._bytes(request)
        kind = picture_type(data)
        if not kind:
            raise NotFound("it is not shown here", what="picture")
        return Response(data, media_type=kind, headers={"content-disposition": "inline", **_INERT})

    async def _bytes(self, request: Request) -> tuple[str, bytes]:
        where = request.path_params
        with tempfile.TemporaryDirectory(prefix="cordiale-") as folder:
            found = await self._pages.ask(request, "save", {**where, "directory": folder})
            return found["name"], await run_in_threadpool(Path(found["path"]).read_bytes)

    async def _one(self, request: Request) -> dict[str, Any]:
        where = request.path_params
        return (await self._pages.ask(request, "message", room=where["room"], message=where["message"]))["message"]

    async def _shown(self, request: Request, message: dict[str, Any]) -> HTMLResponse:
        context = await self._parts.context(request, message["room"], [message])
        return self._pages.part(request, "_message.html", context, message=message)


def _keep(upload: UploadFile, path: Path) -> None:
    """Where the agent reads it, for as long as the request lasts; only this user can."""
    with path.open("xb") as file:
        shutil.copyfileobj(upload.file, file)


def download(data: bytes, name: str) -> Response:
    """A file to save, under a name that cannot leave its header (RFC 6266): in ASCII, and whole for browsers of today."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name) or "file"
    headers = {
        **_INERT,
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name or plain, safe='')}",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)
