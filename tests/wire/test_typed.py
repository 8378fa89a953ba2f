"""First use of a type from many threads at once must not crash the interpreter."""

import subprocess
import sys

import msgspec
import pytest

from cordiale.wire import typed

RACE = """
import sys, threading
sys.setswitchinterval(1e-6)
from cordiale.labels.policy import parse_policy
from cordiale.labels.shipped import shipped
start = threading.Barrier(4)
def run(name):
    start.wait()
    parse_policy(shipped(name))
threads = [threading.Thread(target=run, args=(name,)) for name in ("uk", "fr", "nato", "uk")]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("done")
"""


@pytest.mark.parametrize("attempt", range(4))
def test_four_threads_may_be_the_first_to_use_a_type(attempt: int) -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), (attempt, done.stderr[-400:])


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    left: int
    right: bytes


def test_bytes_stay_bytes_from_cbor_and_are_base64_in_text() -> None:
    assert typed.convert({"left": 1, "right": b"\x00"}, Pair) == Pair(1, b"\x00")
    assert typed.decode_json(b'{"left": 1, "right": "AA=="}', Pair) == Pair(1, b"\x00")
    with pytest.raises(msgspec.ValidationError):
        typed.convert({"left": "1", "right": b""}, Pair)
