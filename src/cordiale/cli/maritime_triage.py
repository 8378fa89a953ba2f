"""`maritime triage`: what people make of an alert, written down beside the store; as in the console."""

import getpass
from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.cli import output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _, spoken
from cordiale.cli.letters import moment
from cordiale.cli.maritime_options import Profile, Store, there
from cordiale.cli.terminal import table
from cordiale.desks.maritime.triage import Act
from cordiale.wiring.maritime_desk import call
from cordiale.wiring.triage_words import STATES, STEPS

triage = single("triage")


@triage.default
def _triage(
    alert_: Annotated[str, Parameter(name="ALERT", help="The beginning of the alert's id.")],
    act: Annotated[Act, Parameter(name="ACT", help="What you do with it.")],
    text: Annotated[str, Parameter(name="TEXT", help="Why it is set aside, or to whom it is assigned.")] = "",
    /,
    *,
    store: Store,
    by: Annotated[str, Parameter(help="Who does it; without it, the name of this machine's user.")] = "",
    profile: Profile = "ours",
    json: Json = False,
) -> None:
    """Acknowledge an alert, set it aside with a reason, assign it, take it up again, or undo what was done last.

    Nothing of it leaves this machine. What is undone stays to be seen.

    For example:

      cordiale maritime triage 3f2a acknowledge --store ./sea

      cordiale maritime triage 3f2a dismiss "a survey vessel" --store ./sea

      cordiale maritime triage 3f2a undo --store ./sea
    """
    params = {"alert": alert_, "act": act, "text": text, "by": by or getpass.getuser(), "profile": profile}
    answer = call(there(store), "triage", {**params, "language": spoken()})
    output.show(json, answer, lambda console: _show(console, answer["triage"]))


def _show(console: Console, told: Mapping[str, Any]) -> None:
    console.print(Text(_(STATES[told["state"]]), style="bold"))
    rows = [(moment(each["at"]), each["by"], _(STEPS[each["act"]]), each["text"]) for each in told["steps"]]
    console.print(table((_("Time"), _("Who"), _("Step"), _("Words")), rows, whole=(0,)))
