"""Numbers as people read them: interval first, then only the digits it leaves."""

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"  # not known


def digits_for(half: float) -> int:
    """Decimals of a value whose interval has this half width: one digit of it, two after a leading 1 or 2.

    Below zero: tens, hundreds.
    """
    if not math.isfinite(half) or half <= 0:
        return 1
    power = math.floor(math.log10(half))
    lead = half / 10.0**power
    return min(max(-power + (1 if lead < 3 else 0), -3), 3)


def number(value: float | None, digits: int = 1) -> str:
    """The value with a real minus sign; a dash when it is not known."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{round(value, digits):.{max(digits, 0)}f}"
    return text.replace("-", MINUS) if float(text) != 0 else text.lstrip("-")


def given(value: float) -> str:
    """A number that somebody said: three significant digits, one decimal at least: `1.0`, `1.25`."""
    text = f"{float(f'{value:.3g}'):.3f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def percent(share: float) -> str:
    """`92 %`, `5 %`, `0.3 %`: one significant digit below 10 %, two after a leading 1 or 2."""
    if share >= 0.095:
        return f"{100 * share:.0f} %"
    return f"{100 * share:.{1 if f'{share:e}'[0] in '3456789' else 2}g} %"


def interval(value: float, low: float, high: float, most_digits: int = 3, to: str = "to") -> str:
    """`7.0 (6.5 to 7.5)`."""
    digits = min(digits_for((high - low) / 2.0), most_digits)
    return f"{number(value, digits)} ({number(low, digits)} {to} {number(high, digits)})"


def mean_interval(
    values: Sequence[float],
    least_half: float = 0.0,
    most_digits: int = 3,
    shared_half: float = 0.0,
    to: str = "to",
) -> str:
    """Mean and its 95 % interval from the spread between reps; never narrower than `least_half`.

    shared_half  what all values have in common (mass, lever, sensor): it does not shrink with their number
    """
    if not values:
        return NONE
    mean = sum(values) / len(values)
    spread = 0.0
    if len(values) > 1:
        variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        spread = 1.96 * math.sqrt(variance / len(values))
    if len(values) < 2 and shared_half == 0.0:
        return number(mean, min(digits_for(least_half), most_digits))
    half = max(math.hypot(spread, shared_half), least_half)
    return interval(mean, mean - half, mean + half, most_digits, to)


def bars(values: Sequence[float]) -> str:
    """One block per value, the largest full: `▇▅▆`."""
    blocks = "▁▂▃▄▅▆▇"
    most = max(values, default=0.0)
    if most <= 0:
        return ""
    return "".join(blocks[min(int(7 * max(value, 0.0) / most), 6)] for value in values)
