"""Every sentence people read, by key: a language is one table; English is the one that is whole."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from distal.report.words import en, en_daemon, en_live, en_load, en_text, en_warn, pseudo

if TYPE_CHECKING:
    from distal.model import Notice

_ENGLISH = {**en.TABLE, **en_daemon.TABLE, **en_live.TABLE, **en_load.TABLE, **en_text.TABLE, **en_warn.TABLE}

# a language is a table of its own: sentences that it lacks are said in English
TABLES: dict[str, Mapping[str, str]] = {"en": _ENGLISH}
LANGUAGES = (*TABLES, "pseudo")


class Words:
    """One language's table. `say` fills a sentence; `count` takes the form for one or for many."""

    def __init__(self, lang: str, table: Mapping[str, str]) -> None:
        self.lang = lang
        self._table = table

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key. raises KeyError for a key that no table has"""
        return self._table[key].format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The sentence for n things: `key.one` or `key.many`."""
        return self.say(f"{key}.one" if n == 1 else f"{key}.many", n=n, **values)

    def notice(self, one: "Notice") -> str:
        """The sentence of a warning; its own where it brings one."""
        form = one.values.get("form")
        key = f"warn.{one.code}.{form}" if form else f"warn.{one.code}"
        if one.text:
            return one.text
        values = {**one.values}
        side, why, n = values.get("side"), f"fault.{values.get('why')}", values.get("n")
        if side:
            values |= {"side": self.say(f"side.{side}"), "Side": self.say(f"side.{str(side).capitalize()}")}
        if "exercise" in values:
            values["exercise"] = self.say(f"exercise.{values['exercise'] or 'any'}")
        if self.has(why):
            values["why"] = self.say(why)
        number = "" if self.has(key) else ".one" if n == 1 else ".many"
        return self.say(key + number, **values)

    def part(self, *starts: str) -> dict[str, str]:
        """The sentences whose keys begin so, unfilled: for a page that fills them itself."""
        return {key: text for key, text in self._table.items() if key.startswith(starts)}

    def has(self, key: str) -> bool:
        """Whether the table knows the key."""
        return key in self._table


@cache
def words(lang: str = "en") -> Words:
    """The words of a language; `pseudo` shows what is not yet in the table and bears 40 % more letters."""
    if lang == "pseudo":
        return Words(lang, {key: pseudo.stretch(text) for key, text in _ENGLISH.items()})
    return Words(lang, {**_ENGLISH, **TABLES[lang]})
