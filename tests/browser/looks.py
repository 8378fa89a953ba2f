"""How a page is looked at: by axe's rules, for what does not fit or is cut, for where the keyboard's focus is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Every rule of WCAG 2.2 A and AA that axe knows, the size of targets included."""
COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules whose answer hangs on colours: what is looked at again in the other theme."""
SIDEWAYS: Final = ".table, .board, .month-scroll, .sheet-body, .map, pre"
"""What may scroll sideways by itself: its meaning needs two dimensions."""
STOPS: Final = 250
"""No page here has more places to which Tab goes."""
_UNFIT: Final = (Path(__file__).parent / "unfit.js").read_text()
_FOCUS: Final = (Path(__file__).parent / "focus.js").read_text()


def themed(page: Page, theme: str) -> None:
    """Show the page in a theme. What moves is at rest at once, so that colours are judged as they stay."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def broken(page: Page, *, rules: Sequence[str] = RULES) -> list[str]:
    """The rules of axe's that the page breaks, each with where it does; `rules` are tags or names of rules."""
    found = Axe().run(page, options={"runOnly": list(rules), "resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found.response["violations"]
        for node in rule["nodes"][:3]
    ]


def unfit(page: Page) -> list[str]:
    """What lies beside the window, scrolls sideways or is cut, but for tables, boards and maps (WCAG 2.2, 1.4.4 and 1.4.10)."""
    found: list[str] = page.evaluate(_UNFIT, SIDEWAYS)
    return found[:6]


def focused(page: Page, wanted: str = "*", words: str = "") -> bool:
    """Whether the focus is on what is wanted; wherever it is, it is seen (2.4.7) and not covered (2.4.11)."""
    told: dict[str, Any] | None = page.evaluate(_FOCUS, [wanted, words])
    if told is None:
        return False
    assert told["ringed"], f"no ring around {told['what']}"
    assert told["seen"], f"covered or outside: {told['what']}"
    return bool(told["there"])


def tab_to(page: Page, wanted: str, words: str = "", *, key: str = "Tab") -> None:
    """Press a key until the focus is there; it is visible at every stop on the way."""
    for _ in range(STOPS):
        page.keyboard.press(key)
        if focused(page, wanted, words):
            return
    raise AssertionError(f"{key} does not lead to {wanted} {words}")
