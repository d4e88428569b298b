"""What stands beside a report: limits that a recording keeps."""

from typing import Any

import pytest

from distal.model import SessionReport
from distal.report.words import words
from distal.review import _limit_notices

REPORT = SessionReport(
    {"left": 1.0, "right": 1.0}, None, {"left": (), "right": ()}, (), {}, (), {"left": 3.0}
)


def test_a_limit_that_was_passed_is_a_notice() -> None:
    (one,) = _limit_notices({"mass_kg": 2.0, "forbidden": []}, REPORT)
    assert (one.code, "your limit is 2" in words().notice(one)) == ("limit", True)
    assert _limit_notices(None, REPORT) == []


@pytest.mark.parametrize(
    "stored", [{"mass_kg": "2"}, {"speed": 1}, {"forbidden": ["x"]}, [1], 7, {"mass_kg": []}]
)
def test_limits_that_cannot_be_read_are_told_and_the_report_stands(stored: Any) -> None:
    (one,) = _limit_notices(stored, REPORT)
    assert one.code == "limits_unread"
    assert "were not checked" in one.text
