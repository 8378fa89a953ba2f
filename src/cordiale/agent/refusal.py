"""A refusal as it is kept beside what was refused: the error itself, to be worded for whoever reads it."""

from typing import Final

import msgspec

from cordiale.errors import CordialeError
from cordiale.federation.api import Problem, error_of, problem_of

_FORM: Final = msgspec.json.Decoder(Problem)


def kept(error: CordialeError) -> str:
    """An error as text to store: its leaf, its rule and its facts."""
    return msgspec.json.encode(problem_of(error)).decode()


def restored(stored: str) -> CordialeError | None:
    """The error that was kept; None where there is none."""
    try:
        return error_of(_FORM.decode(stored)) if stored else None
    except msgspec.DecodeError:
        return None
