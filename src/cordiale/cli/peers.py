"""`peer invite|accept|list`: linking two nations by two cards and six words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import files, output, passphrase
from cordiale.cli.command import NationAccess, RootPassphrase, group
from cordiale.cli.language import _, mark
from cordiale.cli.terminal import safe, table
from cordiale.wire import limits
from cordiale.wiring.nation import NationHome

app = group("peer")

Out = Annotated[Path | None, Parameter(help="Where to write the card; without it, in this folder.")]
STATES: Final[Mapping[str, str]] = {
    "none": mark("no link"),
    "invited": mark("invited"),
    "answered": mark("answered, words not compared yet"),
    "linked": mark("linked"),
}


@app.command
def invite(
    nation: Annotated[str, Parameter(help="The other nation's code.")], /, *, out: Out = None, access: NationAccess
) -> None:
    """Write this nation's card for another one. Hand it over by any way; the words make it safe.

    For example:

      cordiale peer invite fr --nation ./uk --out uk-for-fr.card
    """
    home = NationHome.open(access.nation)
    card = home.invite(nation)
    path = files.write(out or Path(f"{home.nation}-for-{nation}.card"), card)
    answer = {"nation": nation, "card": str(path), "size": len(card)}
    text = _("Hand {path} to {nation}; they run: cordiale peer accept {name}")
    shown = text.format(path=safe(path), nation=safe(nation), name=safe(path.name))
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))


@app.command
def accept(
    card: Annotated[str, Parameter(help="The other nation's card, or its code once the card was taken in.")],
    /,
    *,
    words: Annotated[str | None, Parameter(help="The six words that the other side read aloud.")] = None,
    out: Out = None,
    root_passphrase_file: RootPassphrase = None,
    access: NationAccess,
) -> None:
    """Take in another nation's card: an invitation, or the answer to one.

    Both sides then see the same six words. Compare them by telephone, and let each side type what the other one read
    aloud; only that makes the link, and the root then seals it.

    For example:

      cordiale peer accept uk-for-fr.card --nation ./fr

      cordiale peer accept uk --words "one two three four five six" --nation ./fr
    """
    home = NationHome.open(access.nation)
    data = home.link_card(card) if _is_code(card) else files.read(Path(card), limits.CARD_BYTES * 64, what="card")
    found = dict(home.accept(data, words, root_passphrase=passphrase.optional(root_passphrase_file)))
    answer: bytes | None = found.pop("card")
    found["card"] = None
    if answer is not None and not found["linked"]:
        path = files.write(out or Path(f"{home.nation}-for-{found['nation']}.card"), answer)
        found["card"] = str(path)
    output.show(access.json, found, lambda console: _accepted(console, found))


def _is_code(text: str) -> bool:
    return text.isascii() and text.isalpha() and text.islower() and len(text) <= 8 and not Path(text).is_file()


def _accepted(console: Console, found: Mapping[str, Any]) -> None:
    nation = safe(found["nation"])
    if found["linked"]:
        console.print(_("Linked with {nation}.").format(nation=nation))
        return
    console.print(_("The words of this link:"))
    console.print(Text("  " + safe(" ".join(found["words"])), style="bold"))
    if found["card"]:
        text = _("Hand {path} back to {nation}.")
        console.print(text.format(path=safe(found["card"]), nation=nation), soft_wrap=True)
    text = _('Compare them by telephone, then: cordiale peer accept {nation} --words "…"')
    console.print(text.format(nation=nation), soft_wrap=True)


@app.command(name="list")
def list_(*, access: NationAccess) -> None:
    """List the links to other nations.

    For example:

      cordiale peer list --nation ./uk
    """
    answer = {"links": NationHome.open(access.nation).links()}
    output.show(access.json, answer, lambda console: _table(console, answer["links"]))


def _table(console: Console, links: list[dict[str, Any]]) -> None:
    if not links:
        console.print(_("No links yet: cordiale peer invite makes the first card."))
        return
    headings = (_("Nation"), _("State"), _("Words"), _("Address"), _("Policy"))
    rows = [
        (
            link["nation"],
            _(STATES.get(str(link["state"]), "")) or link["state"],
            " ".join(link["words"]),
            link.get("url", "–"),
            link.get("policy", "–"),
        )
        for link in links
    ]
    console.print(table(headings, rows))
