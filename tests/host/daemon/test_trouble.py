"""What goes wrong around a daemon: no radio, strange cuffs, a fault of its own, keys."""

import asyncio

import pytest
from tests.host.daemon.stage import Play, Stage

from distal.device.keys import KnownCuff
from distal.link.base import Found, Inbox
from distal.link.ble import BleRadio, CuffLink
from distal.pipeline import Live
from distal.take import Take


def test_radio_that_is_not_there_is_told_once_and_waited_for(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.has_radio = False
        await asyncio.sleep(20)
        assert [text for text in stage.texts() if "Bluetooth" in text] == [
            "Bluetooth fails: no adapter. Plug it in."
        ]
        assert "Bluetooth fails" in stage.daemon.health().reasons[0]
        stage.has_radio = True
        await stage.linked()
        assert "Bluetooth works again." in stage.texts()
        assert stage.daemon.health().reasons == ()

    play(act, ("left",))


def test_radio_that_fails_is_opened_anew(play: Play) -> None:
    async def act(stage: Stage) -> None:
        for cuff in stage.rig.cuffs:
            cuff.move_out_of_range()
        await asyncio.sleep(5)
        stage.has_radio = False
        await stage.until(lambda _: len(stage.daemon.health().reasons) == 1)
        opened = stage.opened
        for cuff in stage.rig.cuffs:
            cuff.move_into_range()
        stage.has_radio = True
        await stage.linked()
        assert stage.opened > opened

    play(act, ("left",))


@pytest.mark.slow
def test_radio_that_scans_no_more_leaves_a_session_alone(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.rig.cuffs[1].move_out_of_range()
        await stage.until(lambda now: now.phase == "ready")
        stage.daemon.start("command")
        await asyncio.sleep(1)
        stage.has_radio = False
        await asyncio.sleep(6)
        assert stage.daemon.state().phase == "recording"
        assert stage.daemon.state().cuffs[0].coverage == 1.0

    play(act)


KEY = bytes(range(32))


def test_cuff_with_a_key_is_linked_and_one_with_another_key_is_told(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.until(lambda now: now.cuffs[0].link == "linked")
        await stage.until(lambda now: any("distal pair" in one.text for one in now.messages))
        assert stage.daemon.state().cuffs[1].link == "searching"
        known = KnownCuff(stage.rig.cuffs[1].cuff, KEY.hex(), side="right")
        stage.store.put(known)  # paired now; it is asked again in a while

    def spoil(stage: Stage) -> None:
        stage.store.put(KnownCuff(stage.rig.cuffs[1].cuff, bytes(32).hex(), side="right"))

    play(act, key=KEY, before=spoil)


def test_forgotten_cuff_is_let_go(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.store.forget(stage.rig.cuffs[0].cuff)
        state = await stage.until(lambda now: len(now.cuffs) == 1)
        assert state.cuffs[0].side == "right"

    play(act)


def test_without_pairing_the_way_to_it_is_told(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await asyncio.sleep(5)
        assert stage.daemon.state().phase == "waiting"
        assert stage.texts() == ["No cuff is paired with this computer. Pair them: distal pair"]

    def forget(stage: Stage) -> None:
        for cuff in stage.rig.cuffs:
            stage.store.forget(cuff.cuff)

    play(act, before=forget)


def test_any_cuff_is_taken_where_the_settings_say_so(play: Play) -> None:
    async def act(stage: Stage) -> None:
        state = await stage.until(lambda now: len(now.cuffs) == 2)
        assert [one.side for one in state.cuffs] == ["left", "right"]

    def forget(stage: Stage) -> None:
        for cuff in stage.rig.cuffs:
            stage.store.forget(cuff.cuff)

    play(act, before=forget, cuffs={"only_paired": False})


def test_settings_overrule_the_sides(play: Play) -> None:
    async def act(stage: Stage) -> None:
        state = await stage.linked()
        assert [one.side for one in state.cuffs] == ["right", "left"]

    play(act, cuffs={"left": "10001", "right": "10000"})


def test_damaged_key_file_is_told_and_the_last_one_holds(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.store.path.write_text("{")
        await asyncio.sleep(3)
        assert len([text for text in stage.texts() if "damaged" in text]) == 1
        assert [one.link for one in stage.daemon.state().cuffs] == ["linked"]

    play(act, ("left",))


def test_fault_of_the_view_leaves_the_recording_alone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(stage: Stage) -> None:
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(2)

        def fail(_: object) -> Live:
            raise ZeroDivisionError("a fault of analysis")

        monkeypatch.setattr("distal.pipeline.Pipeline.live", fail)
        await asyncio.sleep(2)
        assert stage.daemon.state().live is None
        assert stage.daemon.state().phase == "recording"
        stage.daemon.stop("command")
        state = await stage.phase("ready")
        assert len(state.reports) == 1

    play(act, ("left",))


def test_fault_of_a_part_is_told_and_the_daemon_goes_on(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, __: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    async def act(stage: Stage) -> None:
        await stage.linked()
        with monkeypatch.context() as patched:
            patched.setattr(Take, "received", fail)
            stage.daemon.start("command")
            await stage.until(lambda now: any("a fault of ours" in one.text for one in now.messages))
        assert "a fault of ours" in stage.daemon.health().reasons[0]
        assert b"distal_faults_total 1.0" in stage.daemon.metrics()
        await stage.linked()
        stage.daemon.start("command")
        await asyncio.sleep(2)
        stage.daemon.stop("command")
        await stage.phase("ready")

    stage = play(act, ("left",))
    assert len([path for path in stage.recordings() if path.with_suffix(".json").exists()]) >= 1


def test_cuffs_of_others_are_not_asked_where_ours_are_known_by_address(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    connect = BleRadio.connect

    async def spy(self: BleRadio, found: Found, inbox: Inbox) -> CuffLink:
        asked.append(found.address)
        return await connect(self, found, inbox)

    monkeypatch.setattr(BleRadio, "connect", spy)

    async def act(stage: Stage) -> None:
        ours, other = stage.rig.cuffs
        await stage.until(lambda now: now.phase == "ready")
        known = stage.store.get(ours.cuff)
        assert known
        assert known.address == ours.address
        asked.clear()
        ours.move_out_of_range()
        await asyncio.sleep(20)
        assert other.address not in asked

    def keep_one(stage: Stage) -> None:
        stage.store.put(KnownCuff(stage.rig.cuffs[0].cuff, side="left", address=stage.rig.cuffs[0].address))
        stage.store.forget(stage.rig.cuffs[1].cuff)

    play(act, before=keep_one)


def test_cuff_at_a_new_address_is_found_after_a_while(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await asyncio.sleep(20)
        assert stage.daemon.state().phase == "waiting"
        await stage.linked()

    def move(stage: Stage) -> None:
        (cuff,) = stage.rig.cuffs
        stage.store.put(KnownCuff(cuff.cuff, side="left", address="C0:00:00:00:00:01"))

    play(act, ("left",), before=move)
