"""The daemon speaks one language everywhere, and reads a finished session once."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.host.daemon.conftest import HandSource
from tests.host.daemon.stage import Play, Stage

from distal import keeping, review
from distal.daemon import daemon as daemon_module
from distal.daemon.config import Server
from distal.daemon.source import Refused
from distal.daemon.web import make_app
from distal.keeping import open_people
from distal.report.words import LANGUAGES, words

SAME = r"[Ss]ession-[\d-]+|\bDistal\b|/sessions|juggling|MB|\bmin\b"  # names, units and addresses


def english(text: str) -> list[str]:
    """Words of three letters that did not pass through the table."""
    return re.findall(r"[A-Za-z]{3,}", re.sub(SAME, "", text))


def refused(stage: Stage, *terms: Any) -> str:
    with pytest.raises(Refused) as refusal:
        stage.daemon.start("command", *terms)
    return str(refusal.value)


def test_every_message_of_the_daemon_comes_from_the_table(play: Play) -> None:
    said: list[str] = []

    async def act(stage: Stage) -> None:
        said.append(refused(stage))
        await stage.linked()
        said.append(refused(stage, "juggling"))
        stage.daemon.start("command")
        said.append(refused(stage))
        await asyncio.sleep(3)
        stage.daemon.stop("command")
        await stage.phase("ready")
        said.extend(stage.texts())

    stage = play(act, server={"lang": "pseudo"})
    assert len(said) >= 7
    for text in said:
        assert english(text) == [], text
    (path,) = stage.recordings()
    assert 'lang="x-pseudo"' in path.with_suffix(".html").read_text(encoding="utf-8")


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


def test_finished_session_is_analysed_once_for_report_and_history(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISTAL_PEOPLE", str(tmp_path / "people.sqlite"))
    with open_people() as people:
        people.add("Ann", height_m=1.68)
    read: list[Path] = []

    def count(path: Path, *terms: Any) -> review.Loaded:
        read.append(path)
        return review.load_report(path, *terms)

    for module in (daemon_module, keeping):
        monkeypatch.setattr(module, "load_report", count)

    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(3)
        stage.daemon.stop("command")
        await stage.phase("ready")

    stage = play(act, ("left",), wearer={"person": "Ann"})
    assert read == stage.recordings()
    with open_people() as people:
        (kept,) = people.sessions(people.person("Ann"))
    assert kept["recording"] == str(read[0].resolve())
