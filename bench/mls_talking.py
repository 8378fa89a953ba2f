"""What the MLS benchmark measures of messages: one by one on one thread, and by pages on two; in the suite whose signatures are
Ed25519, which is what the goals are for, and in the one that signs with ECDSA on P-256, to show what a signature costs.

The floors are the bare signatures, made and verified with the same library.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from bench.mls_members import Member, shared
from bench.mls_room import Room
from bench.mls_work import ENCRYPT, JOIN, MEMBERS, TEXT_BYTES, Spent
from bench.table import Work
from cordiale.crypto import signature
from cordiale.crypto.suite import Scheme
from cordiale.mls.member_group import MemberGroup, Received

T = TypeVar("T")

AAD_BYTES: Final = 120
SIGNED_BYTES: Final = 1400
"""What an application message's signature covers: text, additional data, framing, group context."""
LEAF_BYTES: Final = 300
"""What a leaf's signature covers."""
PAGE: Final = 64
P256_ID: Final = 2


@dataclass(frozen=True)
class Talk:
    """The works of one direction: one by one, then by pages on two threads."""

    alone: Work
    elapsed: Work
    busier: Work


ENCRYPTING: Final = Talk(
    ENCRYPT,
    Work("encrypt it by pages of 64 on two threads, elapsed", "messages/s", goal=ENCRYPT.goal),
    Work("the same encryption, by the CPU time of the busier thread", "messages/s"),
)
DECRYPTING: Final = Talk(
    Work("decrypt it", "messages/s", goal=10_000),
    Work("decrypt it by pages of 64 on two threads, elapsed", "messages/s", goal=10_000),
    Work("the same decryption, by the CPU time of the busier thread", "messages/s"),
)
P256_ENCRYPT: Final = Work("encrypt it in suite 2, which signs with ECDSA on P-256", "messages/s")
P256_DECRYPT: Final = Work("decrypt it in suite 2", "messages/s")


def talking(
    ours: Spent, theirs: Spent, groups: tuple[MemberGroup, MemberGroup], rust: Member | None, count: int
) -> tuple[MemberGroup, MemberGroup]:
    """Application messages from the first to the second: page by page on one thread, then on two; mls-rs reads the same ones."""
    (first, second), letters = groups, [(bytes(TEXT_BYTES), bytes(AAD_BYTES))] * PAGE
    sealed = list[list[bytes]]()
    for _ in range(pages(count)):
        first, page = written(ours, ENCRYPT, first)
        second = read(ours, DECRYPTING.alone, second, page)
        sealed.append(page)
    for _ in sealed:  # the same numbers each time: mls-rs reads none of these, and follows no sender who is far ahead
        _, page = together(ours, ENCRYPTING, partial(first.encrypt_each, letters))
        _, outcomes = together(ours, DECRYPTING, partial(second.decrypt_each, page))
        if not all(isinstance(each, Received) for each in outcomes):
            raise RuntimeError("a message was not read")
    if rust is not None:
        for page in sealed:
            theirs.add(DECRYPTING.alone, rust.ask("decrypt", messages=[one.hex() for one in page])["cpu"] / PAGE)
        theirs.add(ENCRYPT, rust.ask("encrypt", size=TEXT_BYTES, count=count // 2)["cpu"] / (count // 2))
    return first, second


def talking_p256(ours: Spent, count: int) -> None:
    """The same one by one, in a room of the suite that signs with ECDSA on P-256."""
    room = Room(P256_ID, MEMBERS)
    first, second = room.member(0), room.member(MEMBERS // 2)
    for _ in range(pages(count)):
        first, sealed = written(ours, P256_ENCRYPT, first)
        second = read(ours, P256_DECRYPT, second, sealed)


def pages(count: int) -> int:
    """How many pages so many messages fill."""
    return max(1, count // PAGE)


def written(ours: Spent, work: Work, writer: MemberGroup) -> tuple[MemberGroup, list[bytes]]:
    """A page encrypted one by one."""
    sealed, text, authenticated = list[bytes](), bytes(TEXT_BYTES), bytes(AAD_BYTES)
    begun = time.process_time()
    for _ in range(PAGE):
        writer, message = writer.encrypt(text, authenticated)
        sealed.append(message)
    ours.add(work, (time.process_time() - begun) / PAGE)
    return writer, sealed


def read(ours: Spent, work: Work, reader: MemberGroup, sealed: Sequence[bytes]) -> MemberGroup:
    """A page decrypted one by one."""
    begun = time.process_time()
    for message in sealed:
        reader, _ = reader.decrypt(message)
    ours.add(work, (time.process_time() - begun) / PAGE)
    return reader


def together(ours: Spent, talk: Talk, job: Callable[[Executor], T]) -> T:
    """A page with the help of a second thread."""
    done, elapsed, busier = shared(job)
    ours.add(talk.elapsed, elapsed / PAGE)
    ours.add(talk.busier, busier / PAGE)
    return done


def floors(count: int) -> Spent:
    """What the signatures alone cost: of a tree's leaves, and of as many messages."""
    spent = Spent()
    signer, leaf = signature.generate(Scheme.ED25519), bytes(LEAF_BYTES)
    signed = signer.sign(leaf)
    spent.take(JOIN, lambda: [_verify(Scheme.ED25519, signer.public, signed, leaf) for _ in range(MEMBERS)])
    _bare(spent, Scheme.ED25519, (ENCRYPT, DECRYPTING.alone), count)
    _bare(spent, Scheme.ECDSA_P256_SHA256, (P256_ENCRYPT, P256_DECRYPT), count)
    return spent


def _bare(spent: Spent, scheme: Scheme, works: tuple[Work, Work], count: int) -> None:
    signer, message = signature.generate(scheme), bytes(SIGNED_BYTES)
    signed = signer.sign(message)
    jobs = (partial(signer.sign, message), partial(_verify, scheme, signer.public, signed, message))
    for _ in range(pages(count)):
        for work, job in zip(works, jobs, strict=True):
            begun = time.process_time()
            for _ in range(PAGE):
                job()
            spent.add(work, (time.process_time() - begun) / PAGE)


def _verify(scheme: Scheme, public: bytes, signed: bytes, content: bytes) -> None:
    signature.verify(scheme, public, signed, content, what="floor")
