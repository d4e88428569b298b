"""What a recording notes of itself: JSON by key. A note of the wrong shape is left out, and named."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any


def read(rows: Iterable[tuple[Any, Any]]) -> tuple[dict[str, Any], list[str]]:
    """(key, text) of a file -> notes whose shape is right, and the keys of the others."""
    good: dict[str, Any] = {}
    damaged = []
    for key, text in rows:
        try:
            value = json.loads(text)
            is_right = SHAPES.get(key, _anything)(value)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            is_right = False
        if is_right:
            good[str(key)] = value
        else:
            damaged.append(str(key))
    return good, damaged


# ---- what a shape asks: False, AttributeError, TypeError or ValueError when a value has another one


def _anything(_value: Any) -> bool:
    return True


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    return value is None or bool(datetime.fromisoformat(value))


def _are_trips(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(cuff, str) and _is_number(sent_s) and _is_number(came_s) and _is_whole(clock)
        for cuff, sent_s, came_s, clock in value
    )


def _are_gone(value: Any) -> bool:
    return all(
        int(boot) >= 0 and all(_is_whole(low) and _is_whole(high) and low < high for low, high in ranges)
        for boots in value.values()
        for boot, ranges in boots.items()
    )


def _is_kept(value: Any) -> bool:
    slope = value["slope"]
    return _is_whole(value["zero"]) and (slope is None or (_is_number(slope) and slope > 0))


def _are_placed(value: Any) -> bool:
    return all(
        int(boot) >= 0
        and all(_is_whole(one[name]) for name in ("zero", "ticks"))
        and (one["crystal_us"] is None or _is_whole(one["crystal_us"]))
        and all(_is_number(one[name]) for name in _PLACED)
        and one["pace"] > 0
        for boots in value.values()
        for boot, one in boots.items()
    )


def _is_tap(value: Any) -> bool:
    later = value["right_later_ms"]
    return later is None or (
        all(_is_number(later[name]) for name in ("value", "low", "high"))
        and all(_is_number(one["at_s"]) for one in value["knocks"])
    )


_PLACED = ("at_s", "error_s", "pace", "pace_error", "rate", "rate_error", "offset_s", "t_host")

SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "started": _is_time,  # None: nobody knows when
    "round_trips": _are_trips,  # [[cuff, sent s, answered s, cuff clock], ...]
    "truth": _is_object,
    "kept": _is_kept,  # these five: see shelf.py
    "placed": _are_placed,
    "joined": _are_objects,
    "tap": _is_tap,
    "gone": _are_gone,
    "filled": _are_objects,
    "ended": _is_number,
}
