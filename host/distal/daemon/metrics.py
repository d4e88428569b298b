"""Counters of the daemon, as Prometheus reads them."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from distal.daemon.state import CuffState
from distal.model import Side

_LEG = ["side"]


@dataclass(frozen=True, slots=True)
class LegCount:
    """How the stream of a leg stands in the session that runs."""

    coverage: float | None
    lost: int


class Metrics:
    """One registry of its own: two daemons in one process do not share their counts."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.packets = Counter("distal_packets", "Messages from a cuff.", _LEG, registry=registry)
        self.reconnects = Counter("distal_reconnects", "Links made again.", _LEG, registry=registry)
        self.sessions = Counter("distal_sessions", "Sessions begun, by what.", ["by"], registry=registry)
        fetched, imported = "Samples that cuffs kept and handed over.", "Sessions without a host."
        self.fetched = Counter("distal_fetched_samples", fetched, _LEG, registry=registry)
        self.imported = Counter("distal_imported_sessions", imported, _LEG, registry=registry)
        self.faults = Counter("distal_faults", "Parts of the daemon that failed.", registry=registry)
        self._lost = Gauge("distal_gap_samples", "Samples in gaps of the session.", _LEG, registry=registry)
        self._coverage = Gauge("distal_coverage_ratio", "Samples present in it.", _LEG, registry=registry)
        self._kept = Gauge("distal_kept_seconds", "On a cuff, not here yet.", _LEG, registry=registry)
        self._battery = Gauge("distal_battery_ratio", "Charge of a cuff.", _LEG, registry=registry)
        self._linked = Gauge("distal_linked", "1 while a cuff is linked.", _LEG, registry=registry)
        self._recording = Gauge("distal_recording", "1 while a session runs.", registry=registry)
        self._free = Gauge("distal_disk_free_bytes", "Room for recordings.", registry=registry)

    def render(self, cuffs: tuple[CuffState, ...], legs: dict[Side, LegCount], free_mb: float) -> bytes:
        """The text of this moment; a leg whose value is not known has no line."""
        self._free.set(free_mb * 1e6)
        self._recording.set(1 if legs else 0)
        for gauge in (self._lost, self._coverage, self._kept, self._battery, self._linked):
            gauge.clear()
        for cuff in cuffs:
            if cuff.side is not None:
                self._show_cuff(cuff.side, cuff)
        for side, leg in legs.items():
            self._lost.labels(side).set(leg.lost)
            if leg.coverage is not None:
                self._coverage.labels(side).set(leg.coverage)
        return generate_latest(self._registry)

    def _show_cuff(self, side: Side, cuff: CuffState) -> None:
        self._linked.labels(side).set(1 if cuff.link == "linked" else 0)
        if cuff.kept_s is not None:
            self._kept.labels(side).set(cuff.kept_s)
        if cuff.battery_pct is not None:
            self._battery.labels(side).set(cuff.battery_pct / 100)
