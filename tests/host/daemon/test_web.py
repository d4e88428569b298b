"""The HTTP side with a source turned by hand: routes, refusals, who may ask."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from tests.host.daemon.conftest import Ask, HandSource, run

from distal.daemon.serve import open_door, serving, url_of
from distal.daemon.state import State
from distal.daemon.web import make_app
from distal.errors import DaemonError

OWN = "http://127.0.0.1:8377"


def test_state_has_the_keys_that_the_page_was_promised(ask: Ask) -> None:
    state = ask("GET", "/state").json()
    assert list(state) == ["phase", "session", "live", "cuffs", "messages", "reports"]
    cuff = ["cuff", "name", "side", "link", "battery_pct", "coverage", "rssi", "mass_g", "kept_s", "fetching"]
    cuff += ["kept_sessions"]
    assert list(state["cuffs"][0]) == cuff
    live = ask("POST", "/start", json={"exercise": "squat"}).json()["live"]
    left = {"reps": 2, "angle": [[0.5, -90.0]], "set": [], "load_nms": None, "moment_nm": None}
    assert left.items() <= live.pop("legs")["left"].items()
    assert {"t": 1.5, "cadence_spm": None, "exercise": "squat"}.items() <= live.items()


def test_start_needs_no_body_and_stop_no_words(ask: Ask, source: HandSource) -> None:
    assert ask("POST", "/start").json()["phase"] == "recording"
    assert source.asked == [("command", None)]
    assert ask("POST", "/stop").json()["phase"] == "saving"


def test_command_at_the_wrong_time_is_refused_in_words(ask: Ask) -> None:
    answer = ask("POST", "/stop")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "No session runs."


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8377", "127.0.0.1.evil.example", "", "a]b["])
def test_foreign_host_name_is_refused(ask: Ask, host: str) -> None:
    assert ask("GET", "/state", {"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8377", "[::1]:8377", "127.0.0.1:9000"])
def test_own_names_are_let_in(ask: Ask, host: str) -> None:
    assert ask("GET", "/state", {"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_page_cannot_start_a_session(ask: Ask, source: HandSource, headers: dict[str, str]) -> None:
    assert ask("POST", "/start", headers).status_code == 403
    assert source.asked == []


def test_own_page_may_start_a_session(ask: Ask, source: HandSource) -> None:
    own = {"origin": OWN, "sec-fetch-site": "same-origin"}
    assert ask("POST", "/start", own).status_code == 200
    assert len(source.asked) == 1


def test_answers_forbid_being_shown_in_another_page(ask: Ask) -> None:
    headers = ask("GET", "/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("body", ['{"exercise": 5}', '{"speed": 1}', "[1]", "{"])
def test_bad_body_is_refused(ask: Ask, source: HandSource, body: str) -> None:
    answer = ask("POST", "/start", {"content-type": "application/json"}, content=body)
    assert answer.status_code == 422
    assert source.asked == []


@pytest.mark.usefixtures("stored")
def test_sessions_are_listed_and_their_reports_served(ask: Ask) -> None:
    listed = ask("GET", "/sessions").json()
    assert [(one["name"], one["report"]) for one in listed] == [("two", False), ("one", True)]
    assert ask("GET", "/sessions/one").text == "<h1>report</h1>"
    assert ask("GET", "/sessions/one.json").json() == {"sets": []}
    assert ask("GET", "/sessions/two").status_code == 404


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    "path", ["/sessions/..%2f..%2fetc%2fpasswd", "/sessions/%2e%2e", "/sessions/one.html"]
)
def test_no_other_file_is_reached(ask: Ask, path: str) -> None:
    assert ask("GET", path).status_code == 404


def test_health_gives_its_reasons(ask: Ask, source: HandSource) -> None:
    assert ask("GET", "/healthz").status_code == 200
    source.reasons = ("no Bluetooth",)
    answer = ask("GET", "/healthz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["no Bluetooth"])


def test_interface_describes_itself_and_loads_nothing_from_elsewhere(ask: Ask) -> None:
    paths = ask("GET", "/openapi.json").json()["paths"]
    wanted = {"/", "/state", "/events", "/start", "/stop", "/sessions", "/healthz", "/metrics"}
    assert wanted <= set(paths)
    assert ask("GET", "/docs").status_code == 404


async def _read_events(source: HandSource, count: int, change: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with (
        serving(make_app(source)) as url,
        httpx.AsyncClient() as client,
        client.stream("GET", url + "events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line[6:]))
                change(len(events))
            if len(events) == count:
                return events
    raise AssertionError("the stream ended")


def test_event_comes_at_once_and_on_change(source: HandSource) -> None:
    def change(n: int) -> None:
        if n == 1:
            asyncio.get_running_loop().call_later(0.02, source.change, State("waiting"))

    begin = time.monotonic()
    events = run(_read_events(source, 2, change))
    assert [event["phase"] for event in events] == ["ready", "waiting"]
    assert time.monotonic() - begin < 0.9  # sooner than the beat of a second


def test_taken_port_is_told_with_the_way_out() -> None:
    with open_door("127.0.0.1", 0) as door:
        door.listen()
        with pytest.raises(DaemonError, match="--port"):
            open_door("127.0.0.1", int(url_of(door).rstrip("/").rsplit(":")[-1]))
