"""The manifest names what there is, and nothing else."""

from cordiale.desks.maritime.desk import DESK
from cordiale.desks.maritime.detect.detectors import BY_NAME
from cordiale.desks.maritime.picture.forms import FORMS
from cordiale.register.schema import shipped


def test_the_manifest_is_of_this_desk() -> None:
    assert set(DESK.registers) <= shipped().keys()
    assert [part.name for part in DESK.detectors] == list(BY_NAME)
    assert [part.name for part in DESK.exports] == list(FORMS)
