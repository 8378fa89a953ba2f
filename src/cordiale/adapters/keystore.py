"""The passphrase's side file: salt and cost, from which the store's key is derived again. Nothing in it is secret."""

import os
from pathlib import Path
from typing import Final

import msgspec

from cordiale.crypto.entropy import Entropy, fresh
from cordiale.crypto.passphrase import SALT_BYTES, Cost, derive_key
from cordiale.errors import AlreadyExists, NotFound, StorageFailed, StoreLocked
from cordiale.wire import typed
from cordiale.wire.canonical import Record

_VERSION: Final = 1
_BYTES_MOST: Final = 4096


class _SaltFile(Record, frozen=True):
    version: int
    function: str
    salt: str
    cost: Cost


def create(path: Path, passphrase: str, *, cost: Cost | None = None, entropy: Entropy = fresh) -> bytes:
    """Write a new salt to `path`; the 32-byte key that it makes of the passphrase."""
    cost = cost or Cost()
    salt = entropy(SALT_BYTES)
    content = msgspec.json.encode(_SaltFile(_VERSION, "argon2id", salt.hex(), cost))
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise AlreadyExists(str(path), what="passphrase file") from None
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    return derive_key(passphrase, salt, cost)


def unlock(path: Path, passphrase: str) -> bytes:
    """The key again. Whether the passphrase was right shows when the store is opened with it."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MOST + 1)
        known = typed.decode_json(content, _SaltFile)
        salt = bytes.fromhex(known.salt)
    except FileNotFoundError:
        raise NotFound(str(path), what="passphrase file") from None
    except OSError as fault:
        raise StorageFailed(f"{path}: {fault.strerror}") from None
    except (msgspec.MsgspecError, ValueError):
        raise StoreLocked(f"{path} is not readable as a passphrase file") from None
    sound = known.version == _VERSION and known.function == "argon2id" and known.cost.sound
    if not sound or len(salt) != SALT_BYTES:
        raise StoreLocked(f"{path} asks for a derivation that this program does not make")
    return derive_key(passphrase, salt, known.cost)
