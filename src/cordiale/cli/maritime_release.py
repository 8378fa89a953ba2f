"""`maritime release`: a person reads what the desk drafted, chooses the marking, and releases it into a room."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.analysis.draft import Draft
from cordiale.cli import output
from cordiale.cli.command import AgentAccess, single
from cordiale.cli.language import _, mark, spoken
from cordiale.cli.letters import span
from cordiale.cli.maritime_options import Profile, Store, there
from cordiale.cli.reach import Session, ask, session
from cordiale.cli.terminal import facts, marking, safe
from cordiale.desks.maritime.picture.scene import Shared
from cordiale.labels.phrase import Phrase
from cordiale.register.query import moment
from cordiale.wiring.maritime_desk import drafted, found

release = single("release")

ACTS: Final[Mapping[str, str]] = {
    "none": mark("It stands already as it is: nothing was released."),
    "raise": mark("Released."),
    "raised": mark("Released again, in the place of what stood."),
    "revised": mark("Released as a revision, in the place of what stood."),
    "retracted": mark("Released as a retraction, in the place of what stood."),
    "draft": mark("Nothing was released. Read the draft, then give --yes."),
}


@release.default
def _release(
    alert_: Annotated[str, Parameter(name="ALERT", help="The beginning of the alert's id.")],
    /,
    *,
    room: Annotated[str, Parameter(help="The room's title, or the beginning of its id.")],
    store: Store,
    label: Annotated[str, Parameter(help="The marking; without it, the room's ceiling.")] = "",
    yes: Annotated[bool, Parameter(help="You have read the draft: release it.")] = False,
    retract: Annotated[bool, Parameter(help="Take back what was released, though the alert still stands.")] = False,
    profile: Profile = "ours",
    access: AgentAccess,
) -> None:
    """Release an alert into a room as a record of your nation, with its track. Without --yes, show the draft only.

    What was released and has changed since takes the place of the former record; an alert that no longer stands is
    released as a retraction. To release what stands already does nothing.

    For example:

      cordiale maritime release 3f2a --room Watch --store ./sea --agent ./alice

      cordiale maritime release 3f2a --room Watch --store ./sea --agent ./alice --yes
    """
    there(store)
    with session(access) as agent:
        finding, _gone = found(store, profile, alert_)
        stands = agent.call("maritime.released", {"room": room, "finding": finding.id})["record"]
        made = drafted(store, profile, finding.id, released=stands is not None, retract=retract)
        answer: dict[str, Any] = {"act": "draft", "draft": made.values, "stands": stands}
        if yes:
            answer = _sent(agent, room, made, label)
        output.show(access.json, answer, lambda console: _show(console, answer, made))


def _sent(agent: Session, room: str, made: Draft, label: str) -> dict[str, Any]:
    params: dict[str, Any] = {"room": room, "values": made.values, "label": label}
    if made.attachment is not None:
        file = made.attachment
        params["file"] = {"field": file.field, "name": file.name, "data": base64.b64encode(file.data).decode()}
    return agent.call("maritime.release", params, wait=60)


def _show(console: Console, answer: Mapping[str, Any], made: Draft) -> None:
    values, language = made.values, spoken()
    console.print(Text(safe(values["title"][language]), style="bold"))
    console.print(safe(values["explanation"][language]), soft_wrap=True)
    pairs: list[tuple[str, object]] = [
        (_("Time"), span(values["begin"], values["end"])),
        (_("Score"), values["score"]),
    ]
    pairs += [(_("Vessel"), vessel) for vessel in values["vessels"]]
    pairs += [(_("Evidence"), each[language]) for each in values.get("evidence", ())]
    if made.attachment is not None:
        size = _("{name}, {bytes} bytes").format(name=made.attachment.name, bytes=len(made.attachment.data))
        pairs.append((_("With the file"), size))
    record = answer.get("record")
    if record:
        pairs += [(_("Record"), record["id"]), (_("Marking"), marking(record["marking"]))]
    console.print(facts(pairs))
    console.print(_(ACTS[answer["act"]]), style="bold")


def shared_in(room: str, access: AgentAccess) -> tuple[tuple[Shared, ...], str]:
    """What a room's members have released and not retracted, and the room's ceiling."""
    answer = ask(access, "maritime.shared", {"room": room})
    found = [_shared(record) for record in answer["records"] if record["values"].get("state") != "retracted"]
    return tuple(found), str(answer["ceiling"])


def _shared(record: Mapping[str, Any]) -> Shared:
    values = record["values"]
    lon, lat = values.get("position", (0.0, 0.0))
    tracks = values.get("tracks") or ({"line": ()},)
    return Shared(
        record["id"],
        record["owner"],
        record["marking"]["text"],
        values.get("finding", ""),
        values.get("detector", ""),
        values.get("state", ""),
        tuple(values.get("vessels", ())),
        moment(values["begin"]),
        moment(values["end"]),
        lon,
        lat,
        float(values.get("score", 0)),
        Phrase(values["explanation"]["en"][:600], values["explanation"]["fr"][:600]),
        tuple((point[0], point[1]) for point in tracks[0]["line"]),
    )
