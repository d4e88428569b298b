"""`distal pair`, `cuffs` and `record` as a stranger types them, against virtual cuffs in virtual time."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.system.conftest import Swing

from distal.cli import cli
from distal.device.keys import CuffStore, KnownCuff
from distal.link import ble
from distal.link.base import Keys
from distal.recording import Recording
from distal.virtual import clockloop
from distal.virtual.rig import CuffSetup, VirtualRig

LEFT, RIGHT, THIRD = (f"02d157a1000{number}" for number in range(3))
KEY = bytes(range(32))
Happen = Callable[[VirtualRig], Coroutine[Any, Any, Any]]


def cuff(side: Any, name: str | None = None, key: bytes | None = KEY, distance_m: float = 2.0) -> CuffSetup:
    return CuffSetup(Swing(), side, 1000, name or f"Distal {side}", key, distance_m=distance_m)


class Room:
    """Cuffs in reach of the computer; they boot anew for each command and keep what the last one wrote."""

    def __init__(self, store: CuffStore) -> None:
        self.store = store
        self.setups = [cuff("left"), cuff("right", distance_m=3.0)]
        self.files: dict[int, dict[str, Any]] = {}  # what was in each cuff.json at the end
        self.identified: list[bool] = []

    def know(self, *ids: str, key: bytes = KEY) -> None:
        for number, one in enumerate(ids):
            self.store.put(KnownCuff(one, key.hex(), f"mine {number}"))

    def type(
        self, monkeypatch: pytest.MonkeyPatch, *arguments: str, happen: Happen | None = None, text: str = ""
    ) -> Result:
        """Type a command; `happen(rig)` runs beside it."""

        @asynccontextmanager
        async def open_radio(keys: Keys | None = None) -> AsyncIterator[ble.BleRadio]:
            async with VirtualRig(self.setups) as rig:
                beside = asyncio.ensure_future(happen(rig)) if happen else None
                await asyncio.sleep(1.0)
                try:
                    yield ble.BleRadio(rig.backend, keys)
                finally:
                    if beside:
                        beside.cancel()
                    for number, one in enumerate(rig.cuffs):
                        self.files[number] = json.loads((one.folder / "cuff.json").read_text())
                    rig.check()

        monkeypatch.setattr(ble, "open_radio", open_radio)
        monkeypatch.setattr(asyncio, "run", lambda coro: clockloop.run(coro, math.inf))
        return CliRunner().invoke(cli, list(arguments), input=text)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Room:
    monkeypatch.setenv("DISTAL_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return Room(CuffStore())


def test_pair_of_flashed_cuffs_is_proven_by_the_keys_of_this_computer(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.know(LEFT, RIGHT)
    done = room.type(monkeypatch, "pair", "--left", "mine 1", "--right", LEFT, "--mass", "1.5", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["paired"] == [
        {
            "cuff": one,
            "name": name,
            "side": side,
            "mass_kg": 1.5,
            "address": room.store.addresses()[one],
            "proof": "key",
        }
        for one, name, side in ((RIGHT, "mine 1", "left"), (LEFT, "mine 0", "right"))
    ]
    assert [(room.files[n]["side"], room.files[n]["mass_g"]) for n in (0, 1)] == [
        ("right", 1500),
        ("left", 1500),
    ]
    assert KEY.hex() not in done.output
    assert [(one.side, one.mass_g) for one in room.store.all()] == [("right", 1500), ("left", 1500)]


def test_button_gives_a_new_key_that_is_kept_in_both_places(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold(rig: VirtualRig) -> None:
        await asyncio.sleep(15.0)
        await rig.cuffs[0].press_button(3.5)

    done = room.type(monkeypatch, "pair", LEFT, "--name", "Anna left", happen=hold)
    assert done.exit_code == 0, done.output
    assert "hold the button of Distal left (02d157a10000) for 3 s" in done.stderr
    assert "Paired Anna left (02d157a10000) by its button; it has a new key: left leg, 1 kg." in done.stdout
    known = room.store.get(LEFT)
    assert known is not None
    assert known.key == room.files[0]["key"] != KEY.hex()
    assert room.store.get(RIGHT) is None


def test_locked_cuff_without_key_and_button_is_one_line(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    done = room.type(monkeypatch, "pair", LEFT, "--wait", "2")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(
        "error: the button of Distal left (02d157a10000) was not held."
    )
    assert room.store.all() == []


@pytest.mark.parametrize("given", [["--key", KEY.hex()], ["--key", "-"]], ids=["said", "piped"])
def test_key_can_be_given(given: list[str], room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    done = room.type(monkeypatch, "pair", "0000", *given, text=KEY.hex() + "\n")
    assert done.exit_code == 0, done.output
    known = room.store.get(LEFT)
    assert known
    assert (known.key, known.side, known.mass_g) == (KEY.hex(), "left", 1000)


def test_wrong_key_changes_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    done = room.type(monkeypatch, "pair", LEFT, "--key", "00" * 32)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].endswith(f"distal pair {LEFT} --button")
    assert room.store.all() == []


def test_cuff_without_a_key_is_paired_and_that_is_said(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.setups = [cuff("left", key=None)]
    done = room.type(monkeypatch, "pair", "--side", "right")
    assert done.exit_code == 0, done.output
    assert "anybody near may command it" in done.stdout
    assert room.files[0]["side"] == "right"
    known = room.store.get(LEFT)
    assert known
    assert (known.key, known.side) == (None, "right")


def test_several_cuffs_are_listed_and_one_is_chosen(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.setups.append(cuff("left", "No key", None, 9.0))
    room.know(RIGHT)
    done = room.type(monkeypatch, "pair")
    assert done.exit_code == 2
    assert f"several cuffs were heard ({LEFT}, {RIGHT}, {THIRD})" in done.stderr
    monkeypatch.setattr("distal.cli.pair._is_asked", lambda: True)
    done = room.type(monkeypatch, "pair", text="2\n")
    assert done.exit_code == 0, done.output
    lines = done.stderr.splitlines()
    rows = [line.split("  ") for line in lines[4:8]]
    table = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert table[0] == ["cuff", "name", "leg", "signal"]
    assert table[1][:4] == ["1", LEFT, "Distal left", "left"]
    assert [row[-1] for row in table[1:]] == [
        "locked: needs its key or its button",
        "paired",
        "new, without a key",
    ]
    assert "Paired mine 0 (02d157a10001) by its key: right leg" in done.stdout


MISTAKES = {
    "short key": (["pair", "--key", "12"], "64 digits"),
    "key and button": (["pair", "--key", "00" * 32, "--button"], "one of them"),
    "cuff and left": (["pair", "a", "--left", "b"], "no CUFF"),
    "same twice": (["pair", "--left", "b", "--right", "b"], "the same cuff"),
    "one name for two": (["pair", "--left", "b", "--right", "c", "--name", "x"], "one after the other"),
    "unknown cuff": (["cuffs", "rename", "zz", "x"], "no cuff zz is known here"),
    "forget unknown": (["cuffs", "forget", "zz"], "no cuff zz is known here"),
    "two at once": (["cuffs", "forget", "a1"], "several cuffs"),
    "nothing to set": (["cuffs", "set", "mine 0"], "nothing to set"),
    "name taken": (["cuffs", "rename", "mine 0", "Mine 1"], "already"),
    "empty name": (["cuffs", "rename", "mine 0", " "], "at least one letter"),
    "json too early": (["cuffs", "--json", "rename", "mine 0", "x"], "behind"),
    "ambiguous leg": (["record", "--left", "a1"], "several cuffs"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_and_exit_2(mistake: str, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.know("00a1", "01a1")
    arguments, words = MISTAKES[mistake]
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_list_rename_and_forget(room: Room) -> None:
    room.store.put(KnownCuff(LEFT, KEY.hex(), "Distal left", "left", 1500, "xiao_esp32s3"))
    room.store.put(KnownCuff(RIGHT, None, "Distal right", "right"))
    run = CliRunner().invoke
    assert run(cli, ["cuffs"]).stdout.splitlines() == [
        "cuff          name          leg    mass    board         key",
        "02d157a10000  Distal left   left   1.5 kg  xiao_esp32s3  kept here",
        "02d157a10001  Distal right  right  -       -             none",
    ]
    assert run(cli, ["cuffs", "rename", "0000", "Anna"]).exit_code == 0
    listed = json.loads(run(cli, ["cuffs", "list", "--json"]).stdout)
    assert listed["cuffs"][0] == {
        "cuff": LEFT,
        "name": "Anna",
        "side": "left",
        "mass_kg": 1.5,
        "board": "xiao_esp32s3",
        "address": None,
        "has_key": True,
    }
    assert KEY.hex() not in run(cli, ["cuffs", "--json"]).stdout
    assert run(cli, ["cuffs", "forget", "anna"], input="n\n").exit_code != 0
    assert len(room.store.all()) == 2
    assert run(cli, ["cuffs", "forget", "anna", "--yes"]).exit_code == 0
    assert run(cli, ["cuffs", "forget", "Distal right"]).exit_code == 0
    assert run(cli, ["cuffs"]).stdout.startswith("No cuff is paired")


def test_set_reaches_the_cuff_before_it_is_remembered(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.know(RIGHT)
    done = room.type(monkeypatch, "cuffs", "set", "mine 0", "--side", "left", "--mass", "2")
    assert done.exit_code == 0, done.output
    assert (room.files[1]["side"], room.files[1]["mass_g"]) == ("left", 2000)
    known = room.store.get(RIGHT)
    assert known
    assert (known.side, known.mass_g) == ("left", 2000)
    room.setups = [cuff("left")]
    done = room.type(monkeypatch, "cuffs", "set", "mine 0", "--mass", "3")
    assert done.exit_code == 1
    assert "mine 0 was not heard" in done.stderr
    assert room.store.get(RIGHT) == known


def cuffs_in(path: Path) -> list[tuple[str, str | None]]:
    with Recording(path) as recording:
        return sorted((one.cuff, one.side) for one in recording.cuffs())


def test_record_uses_the_paired_cuffs_and_leaves_strangers_alone(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The strangers are nearer: one is locked, one obeys everybody."""
    room.setups = [
        cuff("left", "locked", bytes(32), 0.5),
        cuff("left", "open", None, 0.6),
        cuff("right", "mine", KEY, 5.0),
    ]
    room.know(THIRD)
    done = room.type(monkeypatch, "record", "--seconds", "3", "--cuffs", "1", "--out", "a.distal")
    assert done.exit_code == 0, done.output
    assert cuffs_in(Path("a.distal")) == [(THIRD, "right")]
    assert f"locked ({LEFT}) is left alone: it obeys another computer" in done.stderr
    assert f"open ({RIGHT}) is left alone: it is not paired with this computer" in done.stderr
    assert room.store.addresses()[THIRD]
    again = room.type(monkeypatch, "record", "--seconds", "3", "--cuffs", "1", "--out", "b.distal")
    assert again.exit_code == 0, again.output
    assert "left alone" not in again.stderr  # heard where it was last time: nobody else is asked
    assert cuffs_in(Path("b.distal")) == [(THIRD, "right")]
    named = room.type(monkeypatch, "record", "--seconds", "3", "--left", "open", "--out", "c.distal")
    assert named.exit_code == 0, named.output
    assert cuffs_in(Path("c.distal")) == [(RIGHT, "left")]


def test_record_says_when_none_of_ones_own_is_there(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.know("ffffffffffff")
    done = room.type(monkeypatch, "record", "--seconds", "2")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("error: none of this computer's cuffs was heard.")


@pytest.mark.parametrize(
    ("key", "words"),
    [(None, "distal pair 02d157a10000"), (bytes(32), "--button")],
    ids=["none", "wrong"],
)
def test_record_without_the_key_says_what_to_do(
    key: bytes | None, words: str, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key:
        room.know(LEFT, key=key)
    done = room.type(monkeypatch, "record", "--seconds", "2", "--cuffs", "1")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].endswith(words)
    assert list(Path.cwd().glob("*.distal")) == []
