"""Whose fault an error is, from the error itself or from the code that a node writes down."""

from collections.abc import Iterator
from contextlib import contextmanager

from cordiale import errors
from cordiale.errors import CordialeError

_KINDS = {
    kind.code: kind
    for family in (errors.LocalMisuse, errors.PeerViolation, errors.PolicyRefusal, errors.Unavailable)
    for kind in family.__subclasses__()
}


def kind_of(code: str) -> type[CordialeError]:
    """The leaf of the hierarchy that has this code."""
    assert code in _KINDS, f"{code!r} is no leaf's code: nobody can tell whose fault it is"
    return _KINDS[code]


@contextmanager
def refused(*kinds: type[CordialeError]) -> Iterator[None]:
    """The block raises one of these, and of the hierarchy's leaves, so that its code is stable."""
    try:
        yield
    except CordialeError as error:
        assert isinstance(error, kinds), f"{type(error).__name__}: {error}"
        kind_of(error.code)
        return
    raise AssertionError("nothing was refused")
