"""What a report may not tell where left and right agree too badly in time. Pure.

Each leg's own numbers need no other clock: steps, strides, stance, reps, load. What compares instants of both
legs does, and no interval of it holds an error that all instants share.
"""

from dataclasses import replace

from distal.model import SessionReport, SyncReceipt, warn

TURNS_MS = 10.0  # 3 degrees of a stride; 180 degrees are even, and walkers stay within some 5
SUPPORT_MS = 50.0  # half of what both feet share in a brisk step: beyond, a shared time may seem to be none


def without_unsure(report: SessionReport, sync: SyncReceipt | None) -> SessionReport:
    """Take out what needs both legs on one clock where nobody heard the cuffs; a notice says so."""
    if sync is None or sync.heard or sync.p95_ms <= TURNS_MS:
        return report
    has_support = sync.p95_ms <= SUPPORT_MS
    bouts = tuple(
        replace(
            bout,
            coordination=None,
            double_support_pct=bout.double_support_pct if has_support else None,
        )
        for bout in report.bouts
    )
    ms = sync.p95_ms
    notice = warn("legs_unsure", ms=ms) if has_support else warn("legs_far", ms=ms)
    return replace(report, bouts=bouts, notices=(*report.notices, notice))
