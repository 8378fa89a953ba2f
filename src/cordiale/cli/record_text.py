"""Joint records as people read them: in a line each, or one with its history."""

import json
from collections.abc import Mapping
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from cordiale.cli.language import _
from cordiale.cli.letters import SHORT, moment
from cordiale.cli.terminal import facts, marking, safe, table
from cordiale.wiring.record_status import STATUS

TURNED, MISSING = "●", "○"


def listed(console: Console, records: list[dict[str, Any]]) -> None:
    """Records as a table, a line each."""
    if not records:
        console.print(_("No record answers. Without a question, all records are listed."))
        return
    rows = [(record["id"][:SHORT], record["type"], name(record), status(record), keys(record)) for record in records]
    console.print(table((_("Id"), _("Register"), _("Name"), _("Status"), _("Keys")), rows))


def name(record: Mapping[str, Any]) -> str:
    """What a record is called."""
    return str(record["name"]) or _("withheld")


def status(record: Mapping[str, Any]) -> str:
    """Where it stands, in words."""
    if record["superseded_by"]:
        return _("superseded")
    found = str(record["status"])
    said = _(STATUS[found]) if found in STATUS else safe(found)
    return f"{said}, {_('overdue')}" if record["overdue"] else said


def keys(record: Mapping[str, Any]) -> str:
    """Whose keys are turned: a full circle for each that is, an open one for each that is missing."""
    turned = {key["nation"] for key in record["keys"]}
    return "  ".join(f"{TURNED if nation in turned else MISSING} {nation}" for nation in record["keys_needed"]["of"])


def one(console: Console, record: Mapping[str, Any]) -> None:
    """One record with its history."""
    console.print(marking(record["marking"]), soft_wrap=True)
    turned = [f"{TURNED} {key['nation']}  {key['person']}  {moment(key['at'])}" for key in record["keys"]]
    nations = {key["nation"] for key in record["keys"]}
    missing = [f"{MISSING} {nation}" for nation in record["keys_needed"]["of"] if nation not in nations]
    pairs: list[tuple[str, object]] = [
        (_("Register"), record["type"]),
        (_("Id"), record["id"]),
        (_("Status"), status(record)),
        (_("Keys"), "   ".join((*turned, *missing))),
        (_("Hash"), record["hash"]),
    ]
    if record["deadline"]:
        pairs.append((_("Deadline"), moment(record["deadline"])))
    pairs += [(field, value(shown)) for field, shown in record["values"].items()]
    pairs += [(field, _withheld(record, field)) for field in record["withheld"]]
    pairs += [(field, _("makes no sense: {why}").format(why=safe(why))) for field, why in record["faults"].items()]
    pairs += [
        (field, _("edited at once: {values}").format(values=" | ".join(map(value, values))))
        for field, values in record["conflicts"].items()
    ]
    pairs += [(_("Attached"), f"{file['name']}  {file['sha256']}") for file in record.get("attached", ())]
    pairs += [
        (_("Reserved"), f"{taken['resource']}  {moment(taken['start'])} – {moment(taken['end'])}")
        for taken in record.get("reserved", ())
    ]
    console.print(facts(pairs))
    console.print()
    for event in record.get("history", ()):
        console.print(_event(event), soft_wrap=True)


def _withheld(record: Mapping[str, Any], field: str) -> str:
    own = record["field_markings"].get(field)
    return _("withheld by its owner") + (f" ({safe(own['text'])})" if own else "")


def value(shown: Any) -> str:
    """A field's value in one line; a list of texts without the quotation marks of a machine."""
    items = cast("list[Any]", shown) if isinstance(shown, list) else []
    if items and all(isinstance(item, str) for item in items):
        return "; ".join(items)
    return _text(shown) or json.dumps(shown, ensure_ascii=False)


def _text(value: Any) -> str:
    """A text, or one in both languages; empty for anything else."""
    if isinstance(value, dict):
        words = cast("Mapping[str, Any]", value)
        both = [str(words[language]) for language in ("en", "fr") if language in words]
        return " / ".join(dict.fromkeys(both))
    return value if isinstance(value, str) else ""


def _event(event: Mapping[str, Any]) -> Text:
    line = Text(f"  {moment(event['at'])}  ")
    line.append(safe(event["person"]), style="bold")
    line.append(f"  {safe(event['act'])}")
    if event["text"]:
        line.append(f"  “{safe(event['text'])}”")
    if event["sequence"] is None:
        line.append("  " + _("not yet at the border"))
    if event["refused"]:
        line.append("  " + _("doesn't hold: {why}").format(why=safe(event["refused"])), style="dim")
    return line
