"""Fuzz signed requests: hostile headers and targets are refused; what is accepted is written back the same."""

from contextlib import suppress

from cordiale.errors import CordialeError
from cordiale.wire.http_signature import parse_request, sign_request

NOW = 1_800_000_000


def TestOneInput(data: bytes) -> None:
    """Fields are separated by zero bytes: method, target, signature-input, signature, then the body."""
    fields = data.split(b"\0", 4)
    if len(fields) != 5:
        return
    method, target, inputs, signature = (field.decode("latin-1") for field in fields[:4])
    with suppress(CordialeError):
        _round_trip(method, target, inputs, signature, fields[4])


def _round_trip(method: str, target: str, inputs: str, signature: str, body: bytes) -> None:
    written = sign_request(
        "POST" if method == "" else method,
        target,
        body,
        authority="node.fr",
        key_id="border@uk",
        created=NOW,
        nonce="A" * 22,
        sign=lambda base: base[:64],
    )
    mine = parse_request(method or "POST", target, body, written, authority="node.fr", now=NOW)
    assert mine.key_id == "border@uk"
    hostile = {**written, "signature-input": inputs, "signature": signature}
    request = parse_request(method or "POST", target, body, hostile, authority="node.fr", now=NOW)
    assert request.base.decode().count("\n") == 5
    assert request.base.decode().endswith(inputs.removeprefix("cordiale="))
