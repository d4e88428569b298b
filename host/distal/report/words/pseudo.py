"""A language nobody speaks: accents show which letters passed through the table, length what layouts bear."""

import re

LONGER = 0.4
_ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéƒğĥíĵķłɱñóƥɋŕšţúṽŵẋýžÅƁÇÐÉƑĞĤÎĴĶŁṀÑÖƤɊŔŠŢÛṼŴẊÝŽ",
)


def stretch(text: str) -> str:
    """Accented and 40 % longer; what stands in braces is left for the values."""
    parts = re.split(r"(\{[^}]*\})", text)
    out = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    letters = sum(len(part) for part in parts if not part.startswith("{"))
    return out + "·" * round(LONGER * letters)
