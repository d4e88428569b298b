"""The golden vectors mean the same to construct, numpy and the cuff's own interpreter."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from distal_wire import batch, spec, tables
from distal_wire.parse import WireError, build, parse

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "protocol" / "vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.hex"))
GOOD = [name for name in NAMES if not name.startswith("bad_")]
BAD = [name for name in NAMES if name.startswith("bad_")]


def vector(name: str) -> tuple[bytes, dict[str, Any]]:
    data = bytes.fromhex((VECTORS / f"{name}.hex").read_text())
    return data, json.loads((VECTORS / f"{name}.json").read_text())


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}


def unhex(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: bytes.fromhex(value) if isinstance(value, str) else value for name, value in fields.items()}


@pytest.mark.parametrize("name", GOOD)
def test_construct_reads_the_vector(name: str) -> None:
    data, meaning = vector(name)
    found = parse(data)
    samples = meaning.pop("samples", [])
    assert plain({key: found[key] for key in meaning}) == meaning
    assert [{key: row[key] for key in samples[0]} for row in found.get("samples", [])] == samples


@pytest.mark.parametrize("name", GOOD)
def test_construct_writes_the_vector(name: str) -> None:
    data, meaning = vector(name)
    assert build(**unhex(meaning)) == data


@pytest.mark.parametrize("name", GOOD)
def test_numpy_reads_the_vector(name: str) -> None:
    data, meaning = vector(name)
    decoded = batch.decode([data])
    assert decoded.faults == ()
    if meaning["kind"] == spec.KIND_SAMPLES:
        rows = meaning.pop("samples")
        assert decoded.counts.tolist() == [list(row.values()) for row in rows]
        assert {key: decoded.header[0][key].item() for key in meaning} == meaning
    else:
        assert decoded.others == ((0, meaning["kind"]),)
        assert plain(batch.read(data)).items() <= meaning.items()


@pytest.mark.parametrize("name", BAD)
def test_every_reader_refuses_the_bad_vector(name: str) -> None:
    data, meaning = vector(name)
    assert batch.decode([data]).faults == ((0, batch.Fault[meaning["fault"]]),)
    with pytest.raises(WireError):
        parse(data)


def test_micropython_reads_and_writes_every_vector(micropython: str) -> None:
    environment = {**os.environ, "MICROPYPATH": f"{ROOT / 'protocol'}:.frozen"}
    script = str(ROOT / "tests" / "protocol" / "mp_vectors.py")
    command = [micropython, script, str(VECTORS)]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    results = dict(json.loads(line) for line in output.splitlines())
    assert sorted(results) == NAMES
    for name in GOOD:
        _, meaning = vector(name)
        if "samples" in meaning:
            meaning["samples"] = [list(row.values()) for row in meaning["samples"]]
        assert results[name] == {**meaning, "same": True}, name
    for name in ("bad_empty", "bad_kind", "bad_version", "bad_truncated", "bad_flipped_bit"):
        assert "refused" in results[name], name


def test_numbers_of_the_wire_format_are_never_reused() -> None:
    for table in (spec.IMUS, spec.BOARDS):
        numbers = [row[0] for row in table]
        assert len(set(numbers)) == len(numbers)
    for prefix in ("KIND_", "COMMAND_", "SET_", "ERROR_", "ENCODING_"):
        values = [v for n, v in vars(spec).items() if n.startswith(prefix) and isinstance(v, int)]
        assert len(set(values)) == len(values), prefix
    assert len({spec.SERVICE, spec.STREAM, spec.CONTROL, spec.INFO_VALUE}) == 4


def test_full_packet_fills_the_usual_payload_and_an_answer_fits_the_smallest() -> None:
    sizes = {name: len(vector(name)[0]) for name in ("samples_full", "response_small_mtu", "command_set")}
    assert sizes["samples_full"] == spec.MAX_BYTES
    assert max(sizes["response_small_mtu"], sizes["command_set"]) <= 20


def test_readme_tables_are_those_of_the_spec() -> None:
    assert tables.tables() in (ROOT / "protocol" / "README.md").read_text(encoding="utf-8")
