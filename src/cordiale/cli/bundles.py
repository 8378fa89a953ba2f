"""`bundle`: the proof of a message's crossing, or of a record, as a file that anyone with the roots can verify."""

import base64
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cordiale.cli import files, output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _
from cordiale.cli.letters import SHORT
from cordiale.cli.reach import ask
from cordiale.cli.terminal import safe

bundle = single("bundle")


@bundle.default
def _bundle(
    room: Annotated[str, Parameter(help="The room's title, or the beginning of its id.")],
    message: Annotated[
        str, Parameter(help="The beginning of the message's id, or last; with --record the record's name or id.")
    ],
    /,
    *,
    record: Annotated[
        bool, Parameter(help="Prove a record: its acts, the keys turned, and the crossing of each.")
    ] = False,
    out: Annotated[Path | None, Parameter(help="Where to write it; without it, in this folder.")] = None,
    access: AgentAccess,
) -> None:
    """Save the proof of one message's crossing, or of a record, as a file.

    A message's proof holds the ciphertext, never the text: whoever verifies it learns the label, the author, the times, and
    that both borders signed for it. A record's proof holds what the record says, and is as sensitive as the record.

    For example:

      cordiale bundle "Channel watch" last --out crossing.bundle
      cordiale bundle "Channel watch" "Cable patrols" --record --out decision.bundle
    """
    what = "record" if record else "message"
    answer = ask(access, "register.bundle" if record else "bundle", {"room": room, what: message})
    data = base64.b64decode(answer.pop("bundle"))
    path = files.write(out or Path(f"{str(answer[what])[:SHORT]}.bundle"), data)
    answer["bundle"] = str(path)
    text = _("Saved as {path}. Anyone can check it: cordiale verify {name}")
    shown = text.format(path=safe(path), name=safe(path.name))
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))
