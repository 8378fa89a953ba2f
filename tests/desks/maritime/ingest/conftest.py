"""Kernels are compiled before any test runs: Hypothesis watches every line that a test executes, the compiler's too."""

import pytest

from cordiale.desks.maritime.ingest.nmea import Decoder
from cordiale.desks.maritime.ingest.tally import Tally
from cordiale.vocab.moment import Moment


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """One line through the decoder."""
    decoder = Decoder(Tally(), Moment(1_720_396_800_000))
    decoder.decode(b"!AIVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*40\n")
    decoder.finish()
