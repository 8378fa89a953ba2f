"""Where a passphrase comes from: a file, or a prompt on a terminal; never an argument, which every process can read."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Final

from cordiale.cli.language import _
from cordiale.errors import NotFound, WrongUsage

BYTES: Final = 4096


def read(file: Path | None, *, prompt: str = "", twice: bool = False) -> str:
    """The passphrase; asked `twice` where it is new."""
    if file is not None:
        return _from_file(file)
    if not sys.stdin.isatty():
        raise WrongUsage(_("no passphrase is given: name a file with --passphrase-file"))
    first = _ask(prompt or _("Passphrase of the agent's store: "))
    if twice and _ask(_("The same again: ")) != first:
        raise WrongUsage(_("the two passphrases differ"))
    if not first:
        raise WrongUsage(_("the passphrase is empty"))
    return first


def _ask(prompt: str) -> str:
    try:
        return getpass(prompt)
    except EOFError:
        return ""


def optional(file: Path | None) -> str:
    """The passphrase in a file, or an empty one where none is named."""
    return "" if file is None else _from_file(file)


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except OSError as fault:
        raise NotFound(f"{path} ({fault.strerror})", what="passphrase file") from None
    try:
        text = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise WrongUsage(_("{path} is no text").format(path=path)) from None
    if not text or len(data) > BYTES:
        raise WrongUsage(_("{path} is empty or too long").format(path=path))
    return text
