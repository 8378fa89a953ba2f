"""The French catalogue: which sentences it must hold, what is wrong with it, and bringing it up to date.

    python tools/catalogue.py            say what is wrong; exit status 1 if anything is
    python tools/catalogue.py --update   write the catalogue again: new sentences empty, those no longer used gone

Sentences come from `_("…")` and `mark("…")` in the command line, the console and its pages, from the help of every
command and parameter, from the templates in `errors.py`, and from the `what="…"` that they name. A translation that is
rightly the same as the English has a translator's comment that begins with `identical`.
"""

import ast
import inspect
import io
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from cyclopts import App
from jinja2.ext import babel_extract

from cordiale import errors
from cordiale.cli import main
from cordiale.cli.command import Command, paragraphs
from cordiale.errors import CordialeError

SOURCE: Final = Path(__file__).resolve().parent.parent / "src" / "cordiale"
FRENCH: Final = SOURCE / "locale" / "fr" / "LC_MESSAGES" / "cordiale.po"
IDENTICAL: Final = "identical"
SPEAKING: Final = ("cli", "console", "wiring")
"""Folders whose code says sentences."""
PANELS: Final = ("Commands", "Parameters", "Arguments")
_FIELD: Final = re.compile(r"\{(\w+)\}")
_NOUN: Final = re.compile(r"[a-z ]+")


@cache
def wanted() -> dict[str, str]:
    """Every sentence that must be there, and where it is said."""
    found: dict[str, str] = {}
    for where, message in (
        *_literals(),
        *_templates(),
        *_nouns(),
        *_help(),
        *_errors(),
        *(("help", panel) for panel in PANELS),
    ):
        if _FIELD.sub("", message).strip(" :."):
            found.setdefault(message, where)
    return found


def _literals() -> Iterator[tuple[str, str]]:
    for folder in SPEAKING:
        for path, call in _calls(SOURCE / folder):
            if isinstance(call.func, ast.Name) and call.func.id in ("_", "mark") and call.args:
                yield from ((path.name, text) for text in _strings(call.args[0]))


def _templates() -> Iterator[tuple[str, str]]:
    """`_("…")` in the console's pages."""
    for path in sorted((SOURCE / "console" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _line, _function, message, _comments in babel_extract(file, ("_",), (), {}):
                yield from (
                    (path.name, text) for text in ([message] if isinstance(message, str) else message or ()) if text
                )


def _nouns() -> Iterator[tuple[str, str]]:
    """What `{what}` stands for. Names of records, in capitals, are the same in every language."""
    for path, call in _calls(SOURCE):
        for keyword in call.keywords:
            if keyword.arg == "what":
                yield from ((path.name, text) for text in _strings(keyword.value) if _NOUN.fullmatch(text))


def _calls(folder: Path) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield path, node


def _strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def commands() -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command with its words, groups included."""
    yield from _below((), main.build())


def _below(words: tuple[str, ...], app: App) -> Iterator[tuple[tuple[str, ...], App]]:
    yield words, app
    for name, each in app.resolved_commands().items():
        if not name.startswith("-"):
            yield from _below((*words, name), each)


def _help() -> Iterator[tuple[str, str]]:
    for words, app in commands():
        where = " ".join(words) or "cordiale"
        text = inspect.getattr_static(App, "help").fget(app) if isinstance(app, Command) else app.help
        yield from ((where, part) for part in paragraphs(text) if not part.startswith("  "))
        for flag in ("--help", "--version"):
            yield from ((where, part) for part in paragraphs(inspect.getattr_static(App, "help").fget(app[flag]))[:1])
        if app.default_command is not None:
            arguments = app.assemble_argument_collection()
            yield from ((where, each.parameter.help) for each in arguments if each.parameter.help)


def _errors() -> Iterator[tuple[str, str]]:
    for kind in _kinds(CordialeError):
        if kind.__module__ == errors.__name__ or kind.__module__.startswith("cordiale.cli."):
            yield kind.__name__, kind.happened
            yield kind.__name__, kind.next_step


def _kinds(kind: type[CordialeError]) -> Iterator[type[CordialeError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


def faults() -> list[str]:
    """What is wrong with the French catalogue."""
    found = [f"missing: {message!r} ({where})" for message, where in wanted().items() if not _has(message)]
    known = wanted()
    for entry in _present():
        if not entry.id:
            continue
        message, text = str(entry.id), str(entry.string)
        if message not in known:
            found.append(f"not used any more: {message!r}")
        if entry.fuzzy:
            found.append(f"fuzzy: {message!r}")
        if text == message and not any(comment.startswith(IDENTICAL) for comment in entry.user_comments):
            found.append(f"the same in both languages: {message!r}")
        if text and sorted(_FIELD.findall(text)) != sorted(_FIELD.findall(message)):
            found.append(f"other fields in braces: {message!r}")
    return found


def _has(message: str) -> bool:
    entry = _present().get(message)
    return entry is not None and bool(entry.string)


_READ: dict[str, Any] = {}


def _present() -> Catalog:
    text = FRENCH.read_text()
    if _READ.get("text") != text:
        _READ.update(text=text, catalogue=read_po(io.StringIO(text), locale="fr"))
    return _READ["catalogue"]


def update() -> None:
    """Write the catalogue again with exactly the sentences that are wanted."""
    before = _present() if FRENCH.exists() else Catalog(locale="fr")
    after = Catalog(locale="fr", project="cordiale", version="1", charset="utf-8", fuzzy=False)
    after.header_comment = "# French. See tools/catalogue.py."
    for message in sorted(wanted()):
        entry = before.get(message)
        after.add(message, str(entry.string) if entry else "", user_comments=entry.user_comments if entry else ())
    out = io.BytesIO()
    write_po(out, after, width=110, no_location=True, omit_header=False)
    FRENCH.write_bytes(_undated(out.getvalue()))


def _undated(data: bytes) -> bytes:
    """Without the dates and tool versions that would change with every run."""
    dropped = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Last-Translator', b'"Report-Msgid')
    return b"".join(line for line in data.splitlines(keepends=True) if not line.startswith(dropped))


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    wrong = faults()
    sys.stdout.write("".join(f"{fault}\n" for fault in wrong))
    sys.exit(1 if wrong else 0)
