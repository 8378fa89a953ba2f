"""A founder whose MLS is `rfc9420`, a pure-Python library: as `mls_rs_member`, with what that library can do of it.

It refuses our Welcome, so it has a group of its own; and it wants a member to list even those proposal
types that everybody supports, so the key packages it is given do.
"""

import json
import sys
import time

from rfc9420 import DefaultCryptoProvider, GroupConfig, MemoryStorageProvider
from rfc9420.api.session import MLSGroupSession
from rfc9420.messages.key_packages import KeyPackage

MESSAGE_HEADER = 4
MYSELF = 0
state = {}


def _package(data):
    return KeyPackage.deserialize(bytes.fromhex(data)[MESSAGE_HEADER:])


def _propose(package):
    state["group"].process_proposal(state["group"].add_member(_package(package), state["seed"]), MYSELF)


def found(packages, seed):
    """A group of the first, and all others added in one commit."""
    config = GroupConfig(crypto_provider=DefaultCryptoProvider(), storage_provider=MemoryStorageProvider())
    state["seed"], begun = bytes.fromhex(seed), time.process_time()
    state["group"] = MLSGroupSession.create_with_config(config, b"group", _package(packages[0]))
    for each in packages[1:]:
        _propose(each)
    state["group"].commit(state["seed"])
    return {"cpu": time.process_time() - begun, "members": state["group"].member_count}


def add(package):
    """Commit the entry of one more."""
    begun = time.process_time()
    _propose(package)
    state["group"].commit(state["seed"])
    return {"cpu": time.process_time() - begun}


def encrypt(size, count):
    """Application messages of `size` bytes."""
    text, begun = bytes(size), time.process_time()
    for _ in range(count):
        state["group"].protect_application(text, state["seed"])
    return {"cpu": time.process_time() - begun}


WORK = {work.__name__: work for work in (found, add, encrypt)}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(WORK[asked.pop("do")](**asked)), flush=True)
