"""The file of the cuffs' keys."""

import json
import stat
import sys
from pathlib import Path

import pytest

from distal.device.keys import CuffStore, KnownCuff, config_folder, new_key, with_key
from distal.errors import KeyStoreError

KEY = "5a" * 32


@pytest.fixture
def store(tmp_path: Path) -> CuffStore:
    return CuffStore(tmp_path / "deep" / "cuffs.json")


def test_what_is_put_is_found_again(store: CuffStore) -> None:
    left = KnownCuff("240ac4001234", KEY, "Distal left", "left", 1500, "xiao_esp32c3")
    store.put(KnownCuff("ffffffffffff", None, "a friend's"))
    store.put(left)
    assert CuffStore(store.path).all() == [left, KnownCuff("ffffffffffff", None, "a friend's")]
    assert store.get("240ac4001234") == left
    assert store.get("000000000000") is None


def test_a_cuff_is_replaced_and_forgotten(store: CuffStore) -> None:
    store.put(KnownCuff("a1", KEY, side="left"))
    store.put(KnownCuff("a1", KEY, side="right"))
    assert [known.side for known in store.all()] == ["right"]
    assert store.forget("a1")
    assert not store.forget("a1")
    assert store.all() == []


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_only_the_owner_may_read_it_also_after_somebody_loosened_it(store: CuffStore) -> None:
    store.put(KnownCuff("a1", KEY))
    store.path.chmod(0o644)
    store.put(KnownCuff("a2", KEY))
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in store.path.parent.iterdir()] == ["cuffs.json"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"format": 2, "cuffs": {}}',
        '{"format": 1, "cuffs": {"a1": {"key": "12"}}}',
        '{"format": 1, "cuffs": {"a1": {"colour": "red"}}}',
        "\N{LATIN SMALL LETTER E WITH ACUTE}",
    ],
)
def test_a_damaged_file_is_named_and_never_overwritten(store: CuffStore, text: str) -> None:
    store.path.parent.mkdir()
    store.path.write_text(text, encoding="latin-1")
    with pytest.raises(KeyStoreError, match=r"cuffs\.json"):
        store.put(KnownCuff("a1", KEY))
    assert store.path.read_text(encoding="latin-1") == text


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyStoreError, match=r"cannot be (read|written)"):
        CuffStore(tmp_path / "file" / "cuffs.json").put(KnownCuff("a1", KEY))


def test_keys_are_32_bytes_and_never_the_same() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(bytes.fromhex(key)) for key in keys} == {32}


def test_a_key_is_kept_unless_a_new_one_is_wanted() -> None:
    known = KnownCuff("a1", KEY, side="left")
    assert with_key(known, "a1") == known
    assert with_key(known, "a1", fresh=True).key != KEY
    assert with_key(None, "a1").key


def test_a_key_does_not_stand_in_what_is_printed() -> None:
    assert KEY not in repr(KnownCuff("a1", KEY))


def test_the_file_is_json_that_other_programs_read(store: CuffStore) -> None:
    store.put(KnownCuff("a1", KEY, mass_g=1500))
    assert json.loads(store.path.read_text()) == {"format": 1, "cuffs": {"a1": {"key": KEY, "mass_g": 1500}}}


def test_the_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DISTAL_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    expected = {"linux": tmp_path / "distal", "win32": tmp_path / "distal"}
    own = tmp_path / "home" / "Library" / "Application Support" / "distal"
    for platform in ("linux", "win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        assert config_folder() == expected.get(platform, own)


def test_a_cuff_is_found_by_id_end_or_name(store: CuffStore) -> None:
    left, right = KnownCuff("240ac40012a1", KEY, "Anna"), KnownCuff("240ac40012b1", None, "A1")
    store.put(left)
    store.put(right)
    assert store.find("12a1") == store.find("ANNA") == [left]
    assert store.find("a1") == [left, right]
    assert store.find("nobody") == []
    assert store.key_of(left.cuff) == bytes.fromhex(KEY)
    assert store.key_of(right.cuff) is store.key_of("ffff") is None


def test_where_a_known_cuff_was_heard_is_remembered(store: CuffStore) -> None:
    store.put(KnownCuff("a1", KEY))
    store.meet({"a1": "AA:BB", "b2": "CC:DD"})
    assert store.addresses() == {"a1": "AA:BB"}
