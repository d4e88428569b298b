"""The daemon speaks one language everywhere, and reads a finished session once."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.host.daemon.conftest import HandSource, play_on
from tests.host.daemon.stage import Stage

from distal import keeping, review
from distal.daemon import daemon as daemon_module
from distal.daemon.config import Server
from distal.daemon.source import Refused
from distal.daemon.web import make_app
from distal.keeping import open_people
from distal.report.words import LANGUAGES, words


@dataclass
class Told:
    """What was said, what was recorded, what was analysed."""

    said: list[str]
    recordings: list[Path]
    read: list[Path]


SAME = r"[Ss]ession-[\d-]+|\bDistal\b|/sessions|juggling|MB|\bmin\b"  # names, units and addresses


def english(text: str) -> list[str]:
    """Words of three letters that did not pass through the table."""
    return re.findall(r"[A-Za-z]{3,}", re.sub(SAME, "", text))


def refused(stage: Stage, *terms: Any) -> str:
    with pytest.raises(Refused) as refusal:
        stage.daemon.start("command", *terms)
    return str(refusal.value)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One session of Ann's, by a daemon that speaks the language nobody speaks."""
    folder = tmp_path_factory.mktemp("daemon")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISTAL_PEOPLE", str(folder / "people.sqlite"))
        with open_people() as people:
            people.add("Ann", height_m=1.68)
        read: list[Path] = []

        def count(path: Path, *terms: Any) -> review.Loaded:
            read.append(path)
            return review.load_report(path, *terms)

        for module in (daemon_module, keeping):
            patch.setattr(module, "load_report", count)
        said: list[str] = []

        async def act(stage: Stage) -> None:
            said.append(refused(stage))
            await stage.linked()
            said.append(refused(stage, "juggling"))
            stage.daemon.start("command")
            said.append(refused(stage))
            await asyncio.sleep(2)
            stage.daemon.stop("command")
            await stage.phase("ready")
            said.extend(stage.texts())

        stage = play_on(folder)(act, ("left",), server={"lang": "pseudo"}, wearer={"person": "Ann"})
        yield Told(said, stage.recordings(), read)


def test_every_message_of_the_daemon_comes_from_the_table(told: Told) -> None:
    assert len(told.said) >= 6
    for text in told.said:
        assert english(text) == [], text
    (path,) = told.recordings
    assert 'lang="x-pseudo"' in path.with_suffix(".html").read_text(encoding="utf-8")


def test_finished_session_is_analysed_once_for_report_and_history(told: Told) -> None:
    assert told.read == told.recordings
    with open_people() as people:
        (kept,) = people.sessions(people.person("Ann"))
    assert kept["recording"] == str(told.read[0].resolve())


def test_refusals_of_the_web_side_come_from_the_table(source: HandSource) -> None:
    async def go() -> list[str]:
        transport = httpx.ASGITransport(make_app(source, "pseudo"))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8377") as client:
            answers = [
                await client.get("/state", headers={"host": "evil.example"}),
                await client.post("/stop", headers={"origin": "http://evil.example"}),
                await client.get("/sessions/0"),
            ]
            return [one.text for one in answers]

    for text in asyncio.run(go()):
        assert english(text.replace("127.0.0.1", "").replace('"detail"', "").replace("http", "")) == [], text


def test_daemon_offers_every_language_that_there_is() -> None:
    for lang in LANGUAGES:
        assert Server(lang=lang).lang == words(lang).lang
