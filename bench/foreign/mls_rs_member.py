"""A member of a group whose MLS is mls-rs: reads questions, answers each with what was asked and the CPU time it took.

Runs in the peers' own environment (`bench.mls_members`), so it imports nothing of this project. Lines are JSON objects, bytes
are hexadecimal; `do` names a function below. Parsing a message counts as part of using it.
"""

import json
import sys
import time
from pathlib import Path

from mls_rs_uniffi.mls_rs_uniffi import (
    CipherSuite,
    Client,
    Message,
    client_config_default,
    generate_signature_keypair,
)

state = {"clients": []}


def _client():
    pair = generate_signature_keypair(CipherSuite.CURVE25519_AES128)
    return Client(id=b"mls-rs", signature_keypair=pair, client_config=client_config_default())


def _peak_kib():
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def package():
    """A key package to be added by: of a new client, whose turn to join comes after those before it."""
    state["clients"].append(_client())
    return {"package": state["clients"][-1].generate_key_package_message().to_bytes().hex()}


def join(welcome):
    """Enter by a Welcome; from now on this is the group."""
    data, client, begun = bytes.fromhex(welcome), state["clients"].pop(0), time.process_time()
    state["group"] = client.join_group(None, Message.from_bytes(data)).group
    return {"cpu": time.process_time() - begun}


def process(message):
    """Take another's commit, or adopt one's own."""
    data, begun = bytes.fromhex(message), time.process_time()
    state["group"].process_incoming_message(Message.from_bytes(data))
    return {"cpu": time.process_time() - begun}


def commit():
    """An empty commit: fresh keys from one's leaf up."""
    begun = time.process_time()
    message = state["group"].commit().commit_message.to_bytes()
    return {"cpu": time.process_time() - begun, "message": message.hex()}


def add(package):
    """Commit the entry of one more; mls-rs makes no path for that."""
    data, begun = bytes.fromhex(package), time.process_time()
    made = state["group"].add_members([Message.from_bytes(data)])
    message, welcome = made.commit_message.to_bytes(), made.welcome_message.to_bytes()
    return {"cpu": time.process_time() - begun, "message": message.hex(), "welcome_bytes": len(welcome)}


def found(packages):
    """A group of one, and everybody added in one commit."""
    data, begun = [bytes.fromhex(each) for each in packages], time.process_time()
    made = _client().create_group(None).add_members([Message.from_bytes(each) for each in data])
    size = len(made.welcome_message.to_bytes())
    spent = time.process_time() - begun
    return {"cpu": spent, "peak_kib": _peak_kib(), "welcome_bytes": size}


def encrypt(size, count):
    """Application messages of `size` bytes."""
    group, text, begun = state["group"], bytes(size), time.process_time()
    for _ in range(count):
        group.encrypt_application_message(text).to_bytes()
    return {"cpu": time.process_time() - begun}


def decrypt(messages):
    """Read application messages."""
    group, data, begun = state["group"], [bytes.fromhex(each) for each in messages], time.process_time()
    for each in data:
        group.process_incoming_message(Message.from_bytes(each))
    return {"cpu": time.process_time() - begun}


WORK = {work.__name__: work for work in (package, join, process, commit, add, found, encrypt, decrypt)}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(WORK[asked.pop("do")](**asked)), flush=True)
