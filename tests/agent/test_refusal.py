"""A refusal is kept as its error and worded for whoever reads it."""

import pytest

from cordiale.agent.refusal import kept, restored
from cordiale.errors import ActRefused, NotReleasable, SightMissing
from cordiale.wiring.problem import tell
from cordiale.wiring.refused import reason

CAVEAT = NotReleasable(
    "An EYES ONLY caveat does not name the destination.",
    rule="uk-eyes-only",
    nation="uk",
    destination="fr",
    detail_fr="La mention EYES ONLY n’autorise pas le destinataire.",
)


@pytest.mark.parametrize("error", [CAVEAT, ActRefused("x", detail_fr="y"), SightMissing("a", options="--sight b")])
def test_what_was_kept_is_the_error(error: Exception) -> None:
    found = restored(kept(error))
    assert type(found) is type(error)
    assert (str(found), found.rule) == (str(error), error.rule)
    for language in ("en", "fr"):
        assert tell(found, language) == tell(error, language)


def test_a_french_reader_reads_french() -> None:
    stored = kept(CAVEAT)
    assert reason(stored, "en") == str(CAVEAT)
    shown = reason(stored, "fr")
    assert "n’autorise pas le destinataire" in shown
    assert "does not" not in shown


def test_nothing_kept_is_nothing_told() -> None:
    assert reason("", "fr") == ""
    assert restored("not a refusal") is None
