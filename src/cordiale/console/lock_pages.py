"""The lock's pages: what stands in a page's place while it is locked, opening it again, and the settings of this console."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cordiale.console.lock import LEAST, MINUTES, MOST, Attempt
from cordiale.console.page import Pages, text_of, way_back
from cordiale.console.session import Sessions
from cordiale.errors import WrongUsage
from cordiale.wiring.catalogue import mark

SAID: Final = {
    Attempt.WRONG: mark("This is not the passphrase."),
    Attempt.TOO_SOON: mark("Too many attempts. Try again in {seconds} s."),
}
_DIGITS: Final = 4


class LockPages:
    """Handlers; `routes` says where they are. The guard sends whoever is locked or has no session to the first two."""

    def __init__(self, pages: Pages, sessions: Sessions, cookie: str) -> None:
        self._pages, self._sessions, self._cookie = pages, sessions, cookie
        self.routes = [
            Route("/locked", self.locked),
            Route("/ended", self.ended),
            Route("/lock", self.lock, methods=["POST"]),
            Route("/unlock", self.unlock, methods=["POST"]),
            Route("/awake", self.awake, methods=["POST"]),
            Route("/settings", self.settings),
            Route("/settings/lock", self.change, methods=["POST"]),
        ]

    async def locked(self, request: Request) -> HTMLResponse:
        """In the place of a page, at its address."""
        return self._asking(request, request.scope["raw_path"].decode("ascii", "replace"), "")

    async def ended(self, request: Request) -> HTMLResponse:
        """In the place of a page where there is no session."""
        return self._pages.part(request, "ended.html", status=401)

    async def lock(self, request: Request) -> Response:
        """Lock now."""
        self._sessions.close(self._session(request))
        return Response(status_code=204)

    async def awake(self, request: Request) -> Response:
        """Somebody is there; the guard has noted it."""
        return Response(status_code=204)

    async def unlock(self, request: Request) -> Response:
        """Back to where one was, or why not."""
        form = await request.form()
        passphrase = str(form.get("passphrase", ""))
        outcome = await run_in_threadpool(self._sessions.open, self._session(request), passphrase)
        if outcome is Attempt.OPENED:
            return way_back(form)
        if outcome is Attempt.ENDED:
            return self._pages.part(request, "ended.html", status=401)
        return self._asking(request, text_of(form, "back"), SAID[outcome])

    async def settings(self, request: Request) -> HTMLResponse:
        """The lock, keys, quiet hours."""
        return await self._settings(request)

    async def change(self, request: Request) -> Response:
        """Set a passphrase, or another, or another time; the old passphrase is asked for first."""
        form, lock = await request.form(), self._sessions.lock
        old, new = str(form.get("old", "")), str(form.get("new", ""))
        minutes = text_of(form, "minutes") or str(MINUTES)
        if not minutes.isdecimal() or len(minutes) > _DIGITS:
            raise WrongUsage("the minutes are no number")
        if new != str(form.get("again", "")):
            return await self._settings(request, problem=mark("The two new passphrases are not the same."))
        if lock.is_set:
            outcome = await run_in_threadpool(self._sessions.open, self._session(request), old)
            if outcome is Attempt.ENDED:
                return self._pages.part(request, "ended.html", status=401)
            if outcome is not Attempt.OPENED:
                return await self._settings(request, problem=SAID[outcome])
        if new:
            await run_in_threadpool(lock.set, new, int(minutes))
        else:
            lock.set_minutes(int(minutes))
        return RedirectResponse("/settings?saved=yes", 303)

    async def _settings(self, request: Request, *, problem: str = "") -> HTMLResponse:
        lock = self._sessions.lock
        return await self._pages.whole(
            request,
            "settings.html",
            status=400 if problem else 200,
            lock={"set": lock.is_set, "minutes": lock.minutes or MINUTES, "never": lock.minutes == 0},
            sizes={"least": LEAST, "most": MOST},
            problem=problem,
            seconds=lock.wait(),
            saved=request.query_params.get("saved") == "yes",
        )

    def _asking(self, request: Request, back: str, problem: str) -> HTMLResponse:
        seconds = self._sessions.lock.wait()
        return self._pages.part(request, "locked.html", status=423, back=back, problem=problem, seconds=seconds)

    def _session(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")
