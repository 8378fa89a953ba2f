"""`bundle`: the proof of one message's crossing, as a file that anyone with the two roots can verify."""

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
    message: Annotated[str, Parameter(help="The beginning of the message's id, or last.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Where to write it; without it, in this folder.")] = None,
    access: AgentAccess,
) -> None:
    """Save the proof of one message's crossing as a file.

    It holds the ciphertext, never the text: whoever verifies it learns the label, the author, the times, and that both
    borders signed for it.

    For example:

      cordiale bundle "Channel watch" last --out crossing.bundle
    """
    answer = ask(access, "bundle", {"room": room, "message": message})
    data = base64.b64decode(answer.pop("bundle"))
    path = files.write(out or Path(f"{str(answer['message'])[:SHORT]}.bundle"), data)
    answer["bundle"] = str(path)
    text = _("Saved as {path}. Anyone can check it: cordiale verify {name}")
    shown = text.format(path=safe(path), name=safe(path.name))
    output.show(access.json, answer, lambda console: console.print(shown, soft_wrap=True))
