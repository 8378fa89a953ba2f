"""The matrix as data: what ships is sound, what is wrong is refused, what is unknown is not assumed harmless."""

import re
from pathlib import Path

import pytest

from cordiale.desks.activity import kernel
from cordiale.desks.activity.rules import read, shipped
from cordiale.errors import PolicyInvalid

SMALL = """
version = 1
unknown = { id = "unknown-kind", en = "unknown", fr = "inconnu", source = "caution" }
kind = [{ id = "a", en = "a", fr = "a" }, { id = "b", en = "b", fr = "b" }]
rule = [{ id = "apart", kinds = ["a"], with = ["a", "b"], between = "nations", en = "x", fr = "y", source = "s" }]
exclusive = [{ class = "range", en = "x", fr = "y" }]
"""


def test_the_matrix_is_symmetrical_and_every_rule_is_used() -> None:
    rules = shipped()
    assert (rules.matrix == rules.matrix.transpose(0, 2, 1)).all()
    assert set(rules.matrix.ravel().tolist()) == {-1, *range(len(rules.reasons))}
    assert all(reason.source and reason.phrase().fr != reason.phrase().en for reason in rules.reasons)


def test_a_rule_between_nations_leaves_one_nation_alone() -> None:
    rules = read(SMALL.encode())
    reason = rules.against("a", "b", same_nation=False)
    assert reason is not None
    assert reason.id == "apart"
    assert rules.against("b", "a", same_nation=False) == reason
    assert rules.against("a", "b", same_nation=True) is None
    assert rules.against("b", "b", same_nation=False) is None


def test_what_is_unknown_is_incompatible_with_everything() -> None:
    rules = read(SMALL.encode())
    for other in ("a", "new", "newer"):
        reason = rules.against("new", other, same_nation=True)
        assert reason is not None
        assert reason.id == "unknown-kind"
    assert rules.name("new").fr == "new"


def test_only_listed_classes_are_exclusive() -> None:
    rules = read(SMALL.encode())
    assert rules.claims("range:x")
    assert not rules.claims("hall:x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", "version = 2"),
        ('with = ["a", "b"]', 'with = ["c"]'),
        ('id = "b", en', 'id = "a", en'),
        ('id = "apart"', 'id = "unknown-kind"'),
        ('between = "nations"', 'between = "friends"'),
        ('source = "s"', 'source = ""'),
        ("exclusive", "exclusively"),
    ],
)
def test_wrong_rules_are_refused(old: str, new: str) -> None:
    assert old in SMALL
    with pytest.raises(PolicyInvalid):
        read(SMALL.replace(old, new).encode())


def test_compiled_code_belongs_to_its_sources() -> None:
    """A kernel's name on disk changes with any file that has kernels."""
    folder = Path(kernel.__file__).parent
    with_kernels = [path for path in folder.glob("*.py") if b"@kernel" in path.read_bytes()]
    assert {"sphere.py", "overlap.py", "judge.py", "sweep.py"} <= {path.name for path in with_kernels}
    made = kernel.Kernel(lambda: 0)
    assert made.compiled() == made.interpreted() == 0
    assert re.fullmatch(r".*_[0-9a-f]{12}", made.__wrapped__.__qualname__)
