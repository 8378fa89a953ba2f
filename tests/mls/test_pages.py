"""Messages that are read or written together are read and written as one by one, whichever of them are bad."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordiale.errors import BadSignature, CordialeError, IllegalStep, LimitExceeded, Replayed
from cordiale.mls.content import FramedContent, member, sign
from cordiale.mls.member_group import MemberGroup, Received
from cordiale.mls.private_message import seal_message
from cordiale.mls.proposal import Remove
from cordiale.mls.wire_format import WireFormat
from cordiale.vocab.identifier import LeafIndex
from cordiale.wire import limits
from mls.people import NOW, anybody, group_of

Outcomes = list[Received | CordialeError]


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def forged(writer: MemberGroup, signer: MemberGroup, said: bytes | Remove = b"forged") -> bytes:
    """Under the writer's next key, signed by another: every member could make it."""
    framed = FramedContent(writer.group_id, writer.epoch, member(writer.own_leaf), b"", said)
    content = sign(signer.signer, WireFormat.PRIVATE_MESSAGE, framed, writer.public.context.encoded)
    return seal_message(content, writer.secrets.sender_data, writer.secret_tree, writer.suite)[0]


def letters() -> tuple[MemberGroup, list[bytes]]:
    """A reader, and what two writers sent and others forged, over two epochs."""
    first, second, third = group_of(["bob", "carol"])
    made: list[bytes] = []
    for number in range(2):
        for writer, other in ((first, second), (second, first)):
            made.append(forged(writer, other))
            made.append(forged(writer, writer, Remove(LeafIndex(0))))
            after, message = writer.encrypt(f"text {number}".encode(), b"label")
            made += [message, message[:-1] + bytes([message[-1] ^ 1]), forged(after, after, b"ahead")]
            if writer is first:
                first = after
            else:
                second = after
        result = first.commit(authenticate=anybody, now=NOW)
        first = result.pending
        second, _ = second.process(result.message, authenticate=anybody, now=NOW)
        third, _ = third.process(result.message, authenticate=anybody, now=NOW)
    return third, [*made, b"", b"noise", third.encrypt(b"own", b"")[1]]


READER, LETTERS = letters()


def one_by_one(group: MemberGroup, messages: list[bytes]) -> tuple[MemberGroup, Outcomes]:
    outcomes: Outcomes = []
    for message in messages:
        try:
            group, outcome = group.decrypt(message)
        except CordialeError as error:
            outcome = error
        outcomes.append(outcome)
    return group, outcomes


def shown(outcomes: Outcomes) -> list[object]:
    """Errors by what they say; they have no equality of their own."""
    return [(type(each), str(each), each.rule) if isinstance(each, CordialeError) else each for each in outcomes]


@settings(deadline=None)
@given(st.lists(st.sampled_from(range(len(LETTERS))), max_size=14))
def test_together_is_one_by_one(places: list[int]) -> None:
    messages = [LETTERS[place] for place in places]
    with ThreadPoolExecutor(1) as made:
        group, outcomes = READER.decrypt_each(messages, made)
    alone, expected = one_by_one(READER, messages)
    assert shown(outcomes) == shown(expected)
    assert group.encode() == alone.encode()


def test_a_forged_message_does_not_take_the_real_ones_key(pool: Executor) -> None:
    first, second, third = group_of(["bob", "carol"])
    bad = forged(first, second)
    _, real = first.encrypt(b"text", b"")
    after, (refused, read, again) = third.decrypt_each([bad, real, real], pool)
    assert isinstance(refused, BadSignature)
    assert isinstance(read, Received)
    assert read.plaintext == b"text"
    assert isinstance(again, Replayed)
    assert after.encode() == third.decrypt(real)[0].encode()


def test_a_refused_page_changes_nothing(pool: Executor) -> None:
    first, second, third = group_of(["bob", "carol"])
    after, outcomes = third.decrypt_each([forged(first, second), b"", forged(second, first)], pool)
    assert all(isinstance(each, CordialeError) for each in outcomes)
    assert after.encode() == third.encode()
    assert third.decrypt_each([], pool) == (third, [])


def test_keys_that_were_used_are_gone(pool: Executor) -> None:
    first, _, third = group_of(["bob", "carol"])
    messages: list[bytes] = []
    for _ in range(5):
        first, message = first.encrypt(b"text", b"")
        messages.append(message)
    after, _ = third.decrypt_each(messages[::-1], pool)
    (ratchet,) = (found for slot, found in after.secret_tree.ratchets.items() if slot == (0, 2))
    assert ratchet.generation == 5
    assert not ratchet.kept


def texts(outcomes: Outcomes) -> list[tuple[bytes, bytes]]:
    assert all(isinstance(each, Received) for each in outcomes)
    return [(each.plaintext, each.authenticated_data) for each in outcomes if isinstance(each, Received)]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=80)), max_size=9), st.none() | st.integers(0, 40))
def test_written_together_is_written_one_by_one(page: list[tuple[bytes, bytes]], generation: int | None) -> None:
    first, second = group_of(["bob"])
    alone = first
    for number, (text, data) in enumerate(page):
        given = None if generation is None else generation + number
        alone, _ = alone.encrypt(text, data, generation=given)
    with ThreadPoolExecutor(1) as made:
        after, sealed = first.encrypt_each(page, made, generation=generation if page else None)
        _, outcomes = second.decrypt_each(sealed, made)
    assert after.encode() == alone.encode()
    assert texts(outcomes) == page
    found = [each.generation for each in outcomes if isinstance(each, Received)]
    assert found == list(range(generation or 0, (generation or 0) + len(page)))


def test_a_page_with_one_message_too_many_bytes_is_refused_whole(pool: Executor) -> None:
    first, _ = group_of(["bob"])
    long = bytes(limits.MESSAGE_BYTES)
    for place in range(3):  # on the pool's thread and on this one
        page = [(b"text", b"")] * 3
        page[place] = (long, b"")
        with pytest.raises(LimitExceeded, match="allowed with framing"):
            first.encrypt_each(page, pool)


def test_a_page_never_goes_back_to_a_used_number(pool: Executor) -> None:
    first, _ = group_of(["bob"])
    after, _ = first.encrypt_each([(b"text", b"")] * 3, pool)
    assert after.generation == 3
    with pytest.raises(IllegalStep, match="generation 2 was used already"):
        after.encrypt_each([(b"text", b"")], pool, generation=2)


def test_who_has_left_writes_no_page(pool: Executor) -> None:
    first, _ = group_of(["bob"])
    with pytest.raises(IllegalStep):
        first.forgotten().encrypt_each([(b"text", b"")], pool)
