"""Numbers and records -> plain types for JSON: no NaN, null for unknown.

Rounding: times to 0.1 ms, the rest to 6 significant digits.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from distal.model import Estimate

TIME_DIGITS = 4


def number(value: float | None) -> float | None:
    """A plain float of 6 significant digits; not finite is unknown."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def plain(record: Any) -> Any:
    """A record, mapping or number as JSON: names ending in `_s` of a record's own are times."""
    if isinstance(record, Estimate):
        return estimate(record)
    if isinstance(record, Mapping):
        return {key: plain(value) for key, value in record.items()}
    if is_dataclass(record):
        values = {one.name: getattr(record, one.name) for one in fields(record)}
        return {
            key: seconds(value) if key.endswith("_s") and isinstance(value, float) else plain(value)
            for key, value in values.items()
        }
    return number(record) if isinstance(record, float) else record


def seconds(value: float | None) -> float | None:
    """A time to 0.1 ms."""
    return None if value is None or not math.isfinite(value) else round(float(value), TIME_DIGITS)


def estimate(found: Estimate | None) -> dict[str, float | int | None] | None:
    """`value`, `low`, `high`, `n`."""
    if found is None:
        return None
    low, high = number(found.low), number(found.high)
    return {"value": number(found.value), "low": low, "high": high, "n": found.n}
