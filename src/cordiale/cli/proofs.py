"""`verify`: a proof bundle, checked offline against the roots that the reader knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from cordiale.adapters.clock import system_clock
from cordiale.cli import files, output
from cordiale.cli.command import Json, single
from cordiale.cli.language import _
from cordiale.cli.letters import moment
from cordiale.cli.record_text import STATUS, value
from cordiale.cli.terminal import facts
from cordiale.crypto.certificate import root_nation
from cordiale.federation.bundle import Proven, verify_bundle
from cordiale.federation.record_bundle import ProvenRecord, is_record_bundle, verify_record_bundle
from cordiale.register.act import VerifiedAct
from cordiale.register.plain import unknown_to_plain
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Nation
from cordiale.wire import limits

verify = single("verify")


@verify.default
def _verify(
    bundle: Annotated[Path, Parameter(help="The bundle's file.")],
    /,
    *,
    root: Annotated[
        list[Path] | None, Parameter(negative=(), help="A root certificate that you know (root.der); may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Verify a proof bundle offline.

    It proves that the message is in the border log, that both borders signed for the log, that the label belongs to the
    ciphertext, and that all certificates lead to the two roots. A record's bundle proves the same of every act, and what they
    make of the record: whether it binds, and by whose keys. Compare the fingerprints of the roots that you did not give
    yourself.

    For example:

      cordiale verify crossing.bundle --root uk/root.der --root fr/root.der
    """
    pinned = roots_from(root or [])
    data = files.read(bundle, limits.BUNDLE_BYTES, what="bundle")
    if is_record_bundle(data):
        found = record_as_document(verify_record_bundle(data, pinned, system_clock()), pinned)
        output.show(json, found, lambda console: _record(console, found))
        return
    answer = as_document(verify_bundle(data, pinned, system_clock()), pinned)
    output.show(json, answer, lambda console: _proven(console, answer))


def roots_from(paths: Sequence[Path]) -> dict[Nation, bytes]:
    """The roots that the reader knows, by nation."""
    found = [files.read(path, limits.CERTIFICATE_BYTES, what="root certificate") for path in paths]
    return {root_nation(data): data for data in found}


def as_document(proven: Proven, pinned: Mapping[Nation, bytes]) -> dict[str, Any]:
    """What is proven, as JSON."""
    label = proven.label
    return {
        "proven": True,
        "author": str(proven.author),
        "device": proven.device,
        "room": proven.room.hex(),
        "message": proven.message.hex(),
        "label": {
            "policy": label.policy,
            "classification": label.classification,
            "categories": {category.tag_set: list(category.values) for category in label.categories},
        },
        "ciphertext": proven.ciphertext.hex(),
        "log": proven.log,
        "index": proven.index,
        "size": proven.size,
        "rule": proven.rule,
        "sent": iso(proven.sent),
        "released": iso(proven.released),
        "cosigned": iso(proven.cosigned),
        "roots": {
            nation: {"sha256": digest.hex(), "pinned": nation in pinned} for nation, digest in proven.roots.items()
        },
    }


def record_as_document(proven: ProvenRecord, pinned: Mapping[Nation, bytes]) -> dict[str, Any]:
    """What a record's bundle proves, as JSON."""
    state, roots = proven.state, dict[Nation, Digest]()
    for crossing in proven.crossings.values():
        roots.update(crossing.roots)
    keys = state.bound[state.hash].keys if state.bound else tuple(state.keys.get(state.hash, {}).values())
    return {
        "proven": True,
        "record": proven.record.hex(),
        "type": state.head.type if state.head else "",
        "hash": state.hash.hex(),
        "status": state.status.value,
        "binding": bool(state.bound),
        "keys": [_key(proven, turned) for turned in keys],
        "values": {name: unknown_to_plain(opening.value) for name, opening in state.shown().items()},
        "withheld": sorted(set(state.fields) - set(state.shown())),
        "acts": len(state.acts),
        "roots": {nation: {"sha256": digest.hex(), "pinned": nation in pinned} for nation, digest in roots.items()},
    }


def _key(proven: ProvenRecord, turned: VerifiedAct) -> dict[str, Any]:
    crossing = proven.crossings[turned.digest]
    return {
        "nation": turned.nation,
        "person": str(turned.author.address),
        "released": iso(crossing.released),
        "log": crossing.log,
        "index": crossing.index,
    }


def _record(console: Console, found: Mapping[str, Any]) -> None:
    title = (
        _("The proof holds: the record binds.") if found["binding"] else _("The proof holds; the record does not bind.")
    )
    console.print(Text(title, style="bold"))
    pairs = [
        (_("Register"), found["type"]),
        (_("Id"), found["record"]),
        (_("Hash"), found["hash"]),
        (_("Status"), _(STATUS[found["status"]])),
    ]
    for key in found["keys"]:
        place = _("entry {index} in {log}").format(index=key["index"], log=key["log"])
        pairs.append(
            (_("Key of {nation}").format(nation=key["nation"]), f"{key['person']}  {moment(key['released'])}  {place}")
        )
    pairs += [(name, value(shown)) for name, shown in found["values"].items()]
    pairs += [(name, _("withheld by its owner")) for name in found["withheld"]]
    pairs += root_rows(found["roots"])
    console.print(facts(pairs))


def root_rows(roots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The roots, and which of them the reader has to compare."""
    rows: list[tuple[str, str]] = []
    for nation, root in roots.items():
        known = _("as you gave it") if root["pinned"] else _("compare this fingerprint")
        rows.append((_("Root of {nation}").format(nation=nation), f"{root['sha256']} ({known})"))
    return rows


def _proven(console: Console, found: Mapping[str, Any]) -> None:
    console.print(Text(_("The proof holds."), style="bold"))
    label: Mapping[str, Any] = found["label"]
    categories = "; ".join(f"{name}: {', '.join(values)}" for name, values in label["categories"].items())
    place = _("entry {index} of {size} in {log}").format(index=found["index"], size=found["size"], log=found["log"])
    pairs = [
        (_("Message"), found["message"]),
        (_("Author"), found["author"]),
        (_("Label"), f"{label['policy']} {label['classification']} {categories}".strip()),
        (_("Place"), place),
        (_("Released by rule"), found["rule"]),
        (_("Sent"), moment(found["sent"])),
        (_("Released"), moment(found["released"])),
        (_("Cosigned"), moment(found["cosigned"])),
        (_("Ciphertext"), found["ciphertext"]),
    ]
    console.print(facts([*pairs, *root_rows(found["roots"])]))
