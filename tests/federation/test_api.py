"""cordiale.federation.api: an error arrives as the same error, and a hostile problem as an error of the hierarchy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale import errors
from cordiale.errors import CordialeError, PeerViolation
from cordiale.federation.api import Problem, error_of, parse_problem, problem_of
from cordiale.wire import canonical
from forge.verdict import refused

FAMILIES = (errors.LocalMisuse, errors.PeerViolation, errors.PolicyRefusal, errors.Unavailable)
LEAVES = [leaf for family in FAMILIES for leaf in family.__subclasses__()]


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.code)
def test_an_error_arrives_as_itself(kind: type[CordialeError]) -> None:
    sent = kind("EXERCISE detail", rule="cordiale 1", what="thing", nation="uk", destination="fr")
    got = error_of(parse_problem(canonical.encode(problem_of(sent))))
    assert type(got) is kind
    assert (got.detail, got.rule, str(got)) == (sent.detail, sent.rule, str(sent))


@given(
    st.text(max_size=40),
    st.text(max_size=200),
    st.dictionaries(st.text(max_size=12), st.text(max_size=1_200), max_size=5),
)
def test_any_problem_is_an_error_of_the_hierarchy(code: str, rule: str, facts: dict[str, str]) -> None:
    error = error_of(Problem(code, rule, facts))
    assert isinstance(error, CordialeError)
    assert len(error.rule) <= 80
    assert len(error.detail) <= 1_000
    assert all(len(str(value)) <= 1_000 for value in error.facts.values())
    assert isinstance(str(error), str)


@pytest.mark.parametrize("name", ["self", "detail", "rule", "facts", "code", "__class__", "{0}", "{detail.__class__}"])
def test_no_name_of_a_fact_is_special(name: str) -> None:
    error = error_of(Problem("malformed", "r", {name: "{detail}{x!r}"}))
    assert error.code == "malformed"
    assert isinstance(str(error), str)


def test_an_unknown_code_is_the_senders_violation() -> None:
    assert isinstance(error_of(Problem("no-such-code", "", {})), PeerViolation)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xa0", bytes(9000), b"\x81" * 40])
def test_what_is_no_problem(data: bytes) -> None:
    with refused(PeerViolation):
        parse_problem(data)
