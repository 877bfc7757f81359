"""What the transport says of a run that goes on."""

import pytest

from gradlab.shell.status import _rate


@pytest.mark.parametrize(
    ("rate", "text"), [(0.46, "0.46"), (3.14, "3.1"), (9.96, "10"), (59.7, "60"), (12_345.6, "12\u202f346")]
)
def test_a_slow_run_is_not_said_to_stand_still(rate: float, text: str) -> None:
    assert _rate(rate) == text
