"""TOML 1.0 (the standard library's reader) into records, strictly: unknown keys and wrong types are `PolicyInvalid`.

The bytes were signed by a nation and verified by the caller; they're still bounded before they are read, because a file
signed by mistake must not stop the node.
"""

import tomllib
from typing import Final, TypeVar

import msgspec

from cordiale.errors import PolicyInvalid
from cordiale.wire import limits, typed

LINE_CHARACTERS: Final = 2048
"""A dotted key of a million parts is legal TOML and would take hours to read; no honest line is this long."""

R = TypeVar("R", bound=msgspec.Struct)


def read_toml(payload: bytes, kind: type[R], *, what: str) -> R:
    """`payload` as `kind`; the error names the line or the field that is wrong."""
    if len(payload) > limits.POLICY_BYTES:
        raise PolicyInvalid(f"{what}: {len(payload)} bytes, {limits.POLICY_BYTES} allowed")
    try:
        text = payload.decode("utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_CHARACTERS:
                raise PolicyInvalid(f"{what}: line {number} is longer than {LINE_CHARACTERS} characters")
        return typed.convert_text(tomllib.loads(text), kind)
    except RecursionError:
        raise PolicyInvalid(f"{what}: nested too deep") from None
    except (ValueError, msgspec.ValidationError) as fault:
        raise PolicyInvalid(f"{what}: {str(fault)[:200] or type(fault).__name__}") from None
