"""`distal info`: what a cuff, or a recording, says of itself."""

import asyncio
from pathlib import Path
from typing import Any

import click

from distal.cli.options import JSON_OPTION
from distal.cli.output import print_json


@click.command(short_help="Ask a cuff, or a recording, about itself.")
@click.argument("what", metavar="[CUFF|RECORDING]", required=False)
@JSON_OPTION
def info(what: str | None, as_json: bool) -> None:
    """Show what a cuff says of itself, or what a recording holds.

    CUFF is an address, a name, or the end of an id; without it the nearest
    cuff is asked.

    \b
    Examples:
      distal info
      distal info session.distal
    """
    if what and (what.endswith(".distal") or Path(what).exists()):
        facts = _describe_recording(Path(what))
    else:
        facts = asyncio.run(_ask(what))
    if as_json:
        print_json(facts)
    else:
        _print_table(facts)


def _print_table(facts: dict[str, Any], indent: str = "") -> None:
    """Keys as words, units behind them: `clock skew, ppm  -18.7`."""
    names = {key: _name(key) for key in facts}
    width = max(map(len, names.values()), default=0)
    for key, value in facts.items():
        if isinstance(value, dict):
            click.echo(f"{indent}{names[key]}")
            _print_table(value, indent + "  ")
        else:
            click.echo(f"{indent}{names[key]:<{width}}  {_shown(key, value)}")


_UNITS = ("pct", "ppm", "ms", "s", "hz", "kg", "g", "dps")
_WRITTEN = {"pct": "%", "hz": "Hz", "dps": "°/s"}


def _name(key: str) -> str:
    words, _, unit = key.rpartition("_")
    return (
        f"{words}, {_WRITTEN.get(unit, unit)}".replace("_", " ") if unit in _UNITS else key.replace("_", " ")
    )


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "–"
    if key == "coverage":  # rounded down: 100 % means that nothing is missing
        return f"{int(1e4 * value) / 100:g} %"
    if key == "started":
        return str(value)[:19].replace("T", " ") + str(value)[23:]
    return f"{value + 0.0:.6g}" if isinstance(value, float) else str(value)


async def _ask(named: str | None) -> dict[str, Any]:
    from distal.cli.options import known_id
    from distal.device.keys import CuffStore
    from distal.errors import CuffNotFound
    from distal.link.base import INBOX_SIZE, is_called
    from distal.link.ble import open_radio

    store = CuffStore()
    wanted = known_id(store, named)  # the name that this computer gave it will do
    async with open_radio(store.key_of) as radio:
        for found in await radio.scan(10.0, None if wanted else 1):
            link = await radio.connect(found, asyncio.Queue(INBOX_SIZE))
            try:
                if wanted is None or is_called(wanted, link.info.cuff, found):
                    return _describe_cuff(link)
            finally:
                await link.close()
    raise CuffNotFound(
        f"no cuff {named or ''} was heard. Wake it (move it), bring it closer; see: distal scan"
    )


def _describe_cuff(link: Any) -> dict[str, Any]:
    about = link.info
    return {
        "cuff": about.cuff,
        "name": link.name,
        "side": about.side,
        "mass_kg": about.mass_g / 1000 if about.mass_g else None,
        "firmware": about.firmware,
        "board": about.board,
        "imu": about.imu,
        "rate_hz": about.rate_hz,
        "acc_range_g": about.acc_range_g,
        "gyr_range_dps": about.gyr_range_dps,
        "ring_packets": about.ring_slots,
        "mtu": link.mtu,
    }


def _describe_recording(path: Path) -> dict[str, Any]:
    from distal.recording import Recording
    from distal.shelf import PLACED, TAP
    from distal.streams import Streams

    with Recording(path) as recording:
        streams = Streams(recording.sides())
        streams.name_placed(recording.meta.get(PLACED, {}), recording.meta.get(TAP))
        streams.feed(recording.in_index_order())
        streams.flush()
        names = {cuff.cuff: cuff.name for cuff in recording.cuffs()}
        legs: dict[str, Any] = {side: _describe_leg(leg, names) for side, leg in streams.legs().items()}
        streams.name_round_trips(recording.meta.get("round_trips") or [])
        about = {key: recording.meta.get(key) for key in ("started", "distal", "wire", "format")}
        return {
            "recording": str(path),
            **about,
            **legs,
            "sync": _describe_sync(streams.sync()),
            "damage": "; ".join(recording.damage) or None,
        }


def _describe_sync(sync: Any) -> dict[str, Any] | None:
    """How well the legs' clocks agree, as in the report."""
    from distal.report.plain import plain

    found: dict[str, Any] | None = plain(sync) if sync else None
    return found


def _describe_leg(leg: Any, names: dict[str, str]) -> dict[str, Any]:
    sync = leg.sync[0] if leg.sync else None
    return {
        "cuff": leg.cuff,
        "name": names.get(leg.cuff),
        "samples": leg.present,
        "missing": leg.lost,
        "coverage": None if leg.coverage is None else round(leg.coverage, 5),
        "battery_pct": leg.battery_pct,
        "packets": sync.packets if sync else 0,
        "clock_skew_ppm": round(sync.skew_ppm, 1) if sync else None,
        "delay_p50_ms": round(sync.delay_p50_ms, 1) if sync else None,
        "delay_p95_ms": round(sync.delay_p95_ms, 1) if sync else None,
    }
