"""cordiale.register.causality: one order for every reader, in which nothing comes before what it had seen."""

from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from cordiale.register.causality import advance, position
from cordiale.vocab.party import Nation

NATIONS = tuple(map(Nation, ("uk", "fr", "de")))
people = st.tuples(st.sampled_from(NATIONS), st.integers(0, 1))


@dataclass
class Letter:
    """A message, and every message that its author had read."""

    nation: Nation
    sequence: int
    heads: dict[Nation, int]
    seen: frozenset[int]

    @property
    def position(self) -> tuple[int, Nation, int]:
        return position(self.heads, self.nation, self.sequence)


@dataclass
class Reader:
    """A person: what they read so far, and the heads that their agent keeps."""

    heads: dict[Nation, int] = field(default_factory=dict[Nation, int])
    read: set[int] = field(default_factory=set[int])


def history(script: list[tuple[str, tuple[Nation, int], int]]) -> list[Letter]:
    """Letters written by people who read one another's as a script says: per nation in its order, nations in any."""
    letters: list[Letter] = []
    readers: dict[tuple[Nation, int], Reader] = defaultdict(Reader)
    taken: dict[tuple[tuple[Nation, int], Nation], int] = defaultdict(int)
    for act, who, choice in script:
        reader, nation = readers[who], who[0]
        if act == "write":
            sequence = 1 + sum(letter.nation == nation for letter in letters)
            seen = frozenset(reader.read | {old for number in reader.read for old in letters[number].seen})
            letters.append(Letter(nation, sequence, dict(reader.heads), seen))
            continue
        origin = NATIONS[choice % len(NATIONS)]
        unread = [n for n, letter in enumerate(letters) if letter.nation == origin][taken[who, origin] :]
        for number in unread[:1]:
            taken[who, origin] += 1
            letter = letters[number]
            reader.heads = advance(reader.heads, letter.heads, letter.nation, letter.sequence)
            reader.read.add(number)
    return letters


scripts = st.lists(st.tuples(st.sampled_from(["write", "read", "read"]), people, st.integers(0, 2)), max_size=60)


@given(scripts)
def test_nothing_comes_before_what_it_had_seen(script: list[tuple[str, tuple[Nation, int], int]]) -> None:
    letters = history(script)
    for letter in letters:
        for number in letter.seen:
            assert letters[number].position < letter.position


@given(scripts, st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_arrival(
    script: list[tuple[str, tuple[Nation, int], int]], random: object
) -> None:
    letters = history(script)
    shuffled = list(letters)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(shuffled, key=lambda letter: letter.position) == sorted(letters, key=lambda letter: letter.position)
    assert len({letter.position for letter in letters}) == len(letters)


@given(scripts)
def test_a_nations_letters_keep_the_order_in_which_it_released_them(
    script: list[tuple[str, tuple[Nation, int], int]],
) -> None:
    """Where each had seen the one before; a nation's own agents read its log in that order."""
    for letter, later in zip(letters := history(script), letters[1:], strict=False):
        if letter.nation == later.nation and set(letter.seen) <= set(later.seen) and letter.heads == later.heads:
            assert letter.position < later.position


counts = st.dictionaries(st.sampled_from(NATIONS), st.integers(0, 2**40))


@given(counts, counts, st.sampled_from(NATIONS), st.integers(1, 2**40))
def test_advancing_never_forgets_and_is_repeatable(
    heads: dict[Nation, int], seen: dict[Nation, int], nation: Nation, sequence: int
) -> None:
    after = advance(heads, seen, nation, sequence)
    for name, count in [*heads.items(), *seen.items(), (nation, sequence)]:
        assert after[name] >= count
    assert advance(after, seen, nation, sequence) == after
    assert set(after) == {*heads, *seen, nation}
