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
from cordiale.cli.terminal import facts
from cordiale.crypto.certificate import root_nation
from cordiale.federation.bundle import Proven, verify_bundle
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
    ciphertext, and that all certificates lead to the two roots. Compare the fingerprints of the roots that you did not
    give yourself.

    For example:

      cordiale verify crossing.bundle --root uk/root.der --root fr/root.der
    """
    pinned = _roots(root or [])
    proven = verify_bundle(files.read(bundle, limits.BUNDLE_BYTES, what="bundle"), pinned, system_clock())
    answer = as_document(proven, pinned)
    output.show(json, answer, lambda console: _proven(console, answer))


def _roots(paths: Sequence[Path]) -> dict[Nation, bytes]:
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
    for nation, root in found["roots"].items():
        known = _("as you gave it") if root["pinned"] else _("compare this fingerprint")
        pairs.append((_("Root of {nation}").format(nation=nation), f"{root['sha256']} ({known})"))
    console.print(facts(pairs))
