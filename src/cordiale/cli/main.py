"""The entry point: chooses the language, finds the command, and turns every ending into an exit status.

    0 done    1 refused or failed    2 wrong usage    130 interrupted    141 the reader of our output went away

Nothing ends in a traceback; with --json an error is a document too. Command groups are imported when they are called.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from cyclopts import CycloptsError

from cordiale import __version__
from cordiale.cli import crash, output, problem
from cordiale.cli.command import QUIET, Command, HelpPage
from cordiale.cli.language import _, choose, mark, speak, take_option
from cordiale.cli.terminal import console
from cordiale.cli.usage import wrong_usage
from cordiale.errors import CordialeError, StorageFailed, WrongUsage

SIGNALLED: Final = 128
"""Added to a signal's number, as shells do."""
INTERRUPTED: Final = SIGNALLED + signal.SIGINT
PIPE_BROKEN: Final = 141

COMMANDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("nation", "nations:app", mark("A nation: found it, show it.")),
    ("node", "nodes:app", mark("The nation's server.")),
    ("peer", "peers:app", mark("Links to other nations.")),
    ("person", "people:app", mark("People and services of the nation.")),
    ("log", "logs:app", mark("What stands in the nation's logs, and whether it holds.")),
    ("agent", "agents:app", mark("A person's own process, which alone holds keys and plaintext.")),
    ("room", "rooms:app", mark("Rooms and who is in them.")),
    ("border", "border:app", mark("What crossed your nation's border in your rooms, and whether its logs stand.")),
    ("send", "messages:send", mark("Send a text or a file to a room.")),
    ("edit", "talk:edit", mark("Change the text of a message of your own.")),
    ("react", "talk:react", mark("React to a message.")),
    ("read", "messages:read", mark("Read a room.")),
    ("register", "registers:app", mark("What both nations keep and decide together, with one key of each.")),
    ("maritime", "maritime:app", mark("The picture at sea, from AIS: read, follow, detect, assess.")),
    ("deconflict", "deconflicting:app", mark("Learn where two nations' plans meet, before either is shown.")),
    ("console", "console:console", mark("The console in a browser: rooms, messages, registers.")),
    ("plan", "planning:app", mark("Requirements and offers: who could serve what.")),
    ("search", "messages:search", mark("Search everything that you may read, on this machine only.")),
    ("bundle", "bundles:bundle", mark("Save the proof of one message's crossing as a file.")),
    ("verify", "proofs:verify", mark("Verify a proof bundle offline.")),
    ("doctor", "checkups:doctor", mark("Look for what is wrong, and say what to do.")),
    ("demo", "demonstration:demo", mark("Play the whole story with two nations on this machine.")),
)


def build() -> Command:
    """The command tree; groups are imported on first use."""
    app = Command(
        name="cordiale",
        help=ROOT_HELP,
        version=f"cordiale {__version__}",
        help_format="plaintext",
        version_format="plaintext",
        help_formatter=HelpPage(),
        default_parameter=QUIET,
        result_action="return_value",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    for place, (name, target, summary) in enumerate(COMMANDS):
        app.command(f"cordiale.cli.{target}", name=name, help=summary, sort_key=place)
    return app


ROOT_HELP: Final = """Sovereign nations talk, share and decide together: labelled, end-to-end encrypted, provable.

Every command takes --lang en or --lang fr; without it the language is that of CORDIALE_LANG or the locale. Every
command that prints data takes --json. The exit status is 1 for a refusal or a failure and 2 for wrong usage.

For example:

  cordiale demo
  cordiale nation init uk --nation ./uk
  cordiale send "Channel watch" "Two vessels off Dover" --agent ./alice
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit status."""
    as_json = "--json" in arguments
    speak(choose(os.environ))
    try:
        _check_text(arguments)
        language, rest = take_option(arguments)
        if language:
            speak(language)
        status = _run(rest)
        sys.stdout.flush()
    except CordialeError as error:
        status = _told(error, as_json)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = PIPE_BROKEN
    except OSError as fault:
        status = _told(StorageFailed(f"{fault.filename or ''}: {fault.strerror}".lstrip(": ")), as_json)
    except Exception as error:
        status = _told(crash.report(error, _command(arguments)), as_json)
    return status


def _check_text(arguments: Sequence[str]) -> None:
    try:
        "".join(arguments).encode()
    except UnicodeEncodeError:
        raise WrongUsage(_("an argument is not valid UTF-8")) from None


def _run(arguments: Sequence[str]) -> int:
    try:
        result = build()(list(arguments), console=console(), error_console=console(errors=True))
    except CycloptsError as error:
        raise wrong_usage(error) from None
    return int(result or 0)


def _told(error: CordialeError, as_json: bool) -> int:
    told = problem.tell(error)
    if as_json:
        output.print_document(problem.as_document(told))
    problem.show(told, console(errors=True))
    return error.exit_status


def _command(arguments: Sequence[str]) -> str:
    """The command's own words, without what the person gave it."""
    known = {name for name, _, _ in COMMANDS}
    return next((word for word in arguments if word in known), "?")


def run() -> NoReturn:
    """For the installed script and `python -m cordiale`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main(sys.argv[1:]))


def _terminated(number: int, _frame: object) -> NoReturn:
    """Told to end, a command ends as it does at Ctrl-C: what it started is stopped, what it made for a moment is removed."""
    sys.exit(SIGNALLED + number)
