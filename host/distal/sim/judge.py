"""Holds what was recorded against what was taken: every sample once, in order, or its loss stated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from distal import review
from distal.errors import DistalError, TooShort
from distal.model import Received, Side, SyncReceipt, Timebase
from distal.recording import Recording
from distal.report.words import words
from distal.shelf import PLACED
from distal.sim.allow import Story, excused, too_silent
from distal.sim.plan import FaultPlan
from distal.sim.truth import Counts, Ints, Taken
from distal.streams import Streams
from distal_wire import batch

RATE_HZ = 40000 / 192
REBOOT_SLACK = 1.5  # of one run against the interval that is told, which holds 95 of 100
REBOOT_ROWS = 12  # a reboot parts two clocks: what it cost is known to about a connection interval
EVEN_S = 0.15  # session time may bend by so much: delays of the radio, and a reboot's parting
SYNC_LEAST_MS = 0.3  # below this the receipt of a short session is not held against us
SYNC_SLACK = 3.0  # p95 of one run against the p95 that is promised of many

Floats = NDArray[np.float64]


@dataclass
class CuffAccount:
    """What became of the samples of one cuff."""

    cuff: str
    taken: int = 0  # from the first that a recording speaks of to the last
    recorded: int = 0
    stated: int = 0  # not recorded, and the recordings say which
    unstated: int = 0
    boots: int = 0
    reboots: list[tuple[float, int]] = field(default_factory=list)  # samples that one cost, and as told
    sync_ms: float | None = None  # p95 of left against right
    promised_ms: float | None = None


@dataclass
class _Leg:
    """One cuff in one recording: places of its samples in the truth, and the rows that the product made."""

    places: Ints  # of each recorded sample, ascending
    rows: Ints  # the same samples' rows
    length: int  # rows in all
    boots: list[int] = field(default_factory=list)  # of each sample

    @property
    def first(self) -> int:
        """Place of row 0, missing samples before the first packet counted."""
        return int(self.places[0] - self.rows[0])

    @property
    def end(self) -> int:
        """One past the place of the last row."""
        return int(self.places[-1] + self.length - self.rows[-1])


class Judge:
    """`problems`: one line for each invariant that does not hold."""

    def __init__(
        self,
        plan: FaultPlan,
        taken: Mapping[str, Taken],
        story: Story,
    ) -> None:
        self.problems: list[str] = []
        self._plan, self._taken, self._story = plan, taken, story
        self._ids = ids = list(taken)
        self._accounts = {cuff: CuffAccount(cuff) for cuff in ids}
        self._sure: dict[str, int] = {}  # samples: how sure the present recording is of its reboots
        self._legs: dict[str, list[_Leg]] = {cuff: [] for cuff in ids}

    def judge(self, recordings: Sequence[Path]) -> list[CuffAccount]:
        """Look at each recording, then at all of them together."""
        for path in recordings:
            try:
                self._look_into(path)
            except DistalError as error:
                self._say(f"{path.name}: {error}")
        for place, cuff in enumerate(self._ids):
            self._count(place, cuff)
        return list(self._accounts.values())

    def _say(self, text: str) -> None:
        self.problems.append(text)

    # ---- one recording

    def _look_into(self, path: Path) -> None:
        with Recording(path) as recording:
            messages = recording.in_index_order()
            sides, damage = recording.sides(), recording.damage
            streams = Streams(sides, recording.calibrations())
            streams.name_placed(recording.meta.get(PLACED, {}))
        if damage:
            self._say(f"{path.name}: {damage[0]}")
        for cuff in sorted({message.cuff for message in messages} - set(self._ids)):
            self._say(f"{path.name}: holds messages of {cuff}, which is no cuff of ours")
        self._check_sides(path, sides)
        blocks: dict[Side, list[Floats]] = {side: [] for side in sides.values()}
        for side, rows in [*streams.feed(messages), *streams.flush()]:
            blocks.setdefault(side, []).append(np.hstack([rows.gyr, rows.acc]))
        legs: dict[Side, _Leg] = {}
        told = [one.values for one in streams.notices() if one.code == "stream_boot"]
        by_side = {str(one["side"]): int(str(one["sure"])) for one in told}
        self._sure = {cuff: by_side[side] for cuff, side in sides.items() if side in by_side}
        for cuff, side in sides.items():
            leg = self._place(path, cuff, [one for one in messages if one.cuff == cuff], blocks[side])
            if leg:
                legs[side] = leg
                self._legs[cuff].append(leg)
        self._check_times(path, legs, streams)
        self._check_faults(path, streams)
        self._check_live(path, legs)
        self._analyse(path, bool(legs))

    def _check_sides(self, path: Path, sides: Mapping[str, Side]) -> None:
        """Two cuffs never share a side, and what both say is believed."""
        if len(set(sides.values())) != len(sides):
            self._say(f"{path.name}: two cuffs on one side")
        wanted: tuple[Side, ...] = ("left", "right") if self._plan.sides == "said" else ("right", "left")
        if self._plan.sides in ("said", "swapped"):
            for place, cuff in enumerate(self._ids):
                if sides.get(cuff, wanted[place]) != wanted[place]:
                    self._say(f"{path.name}: {cuff} says {wanted[place]} and was taken as {sides[cuff]}")

    def _check_faults(self, path: Path, streams: Streams) -> None:
        """Nothing comes damaged over an air that damages nothing."""
        if streams.faults and "garble" not in self._plan.kinds():
            self._say(f"{path.name}: damaged messages: {dict(streams.faults)}")

    def _check_live(self, path: Path, legs: Mapping[Side, _Leg]) -> None:
        """In order of arrival some may come too late for the live view, and none comes twice."""
        with Recording(path) as recording:
            streams = Streams(recording.sides(), recording.calibrations())
            for message in recording.received():
                streams.feed([message])
        streams.flush()
        for notice in streams.notices():
            if notice.code == "stream_unbelievable":
                self._say(f"{path.name}: live view: {words().notice(notice)}")
        for side, state in streams.legs().items():
            if side in legs and state.present > len(legs[side].places):
                self._say(
                    f"{path.name}: the live view had {state.present - len(legs[side].places)} samples twice"
                )

    def _analyse(self, path: Path, has_samples: bool) -> None:
        try:
            review.load_report(path)
        except TooShort:
            pass
        except DistalError as error:
            if has_samples:
                self._say(f"{path.name} cannot be analysed: {error}")
        except Exception as error:  # a fault of the product under test: it is what the run is to find
            self._say(f"{path.name}: analysis ended with {type(error).__name__}: {error}")

    # ---- samples

    def _place(
        self, path: Path, cuff: str, messages: Sequence[Received], blocks: Sequence[Floats]
    ) -> _Leg | None:
        """Find each recorded sample among those taken; None when there are none."""
        found = self._find(path, cuff, batch.decode([message.data for message in messages]))
        if not found:
            return None
        found.sort(key=lambda one: one[1])
        places, boots = _unique(found)
        rows = np.concatenate(blocks) if blocks else np.empty((0, 6))
        present = np.flatnonzero(~np.isnan(rows[:, 0]))
        name = f"{path.name} {cuff}"
        if len(present) != len(places):
            self._say(f"{name}: {len(places)} samples were recorded, {len(present)} come out as rows")
            return None
        self._check_values(name, rows[present], self._taken[cuff].counts[places])
        leg = _Leg(places, present, len(rows), boots)
        self._check_gaps(name, cuff, leg)
        return leg

    def _find(self, path: Path, cuff: str, decoded: batch.Decoded) -> list[tuple[int, int, int]]:
        """(boot, first place, count) of each packet."""
        taken, found = self._taken[cuff], []
        for boot in dict.fromkeys(decoded.header["boot"].tolist()):
            chosen = np.flatnonzero(decoded.header["boot"] == boot)
            offset = _offset(taken, decoded, chosen)
            if offset is None:
                self._say(f"{path.name} {cuff}: samples of boot {boot} that its sensor never took")
                continue
            wrong = 0
            for i in chosen.tolist():
                place = int(decoded.header["index"][i]) + offset
                rows = decoded.counts[decoded.starts[i] : decoded.starts[i + 1]]
                wrong += not taken.holds(place, rows)
                found.append((int(boot), place, len(rows)))
            if wrong:
                self._say(
                    f"{path.name} {cuff}: {wrong} packets of boot {boot} hold not what their index says"
                )
                return []
        return found

    def _check_values(self, name: str, rows: Floats, counts: Counts) -> None:
        """The pipeline's rows are those samples, in that order, in SI units."""
        acc_g, gyr_dps = batch.lsb(1, 32, 16)
        scale = np.array([np.radians(gyr_dps)] * 3 + [acc_g * 9.80665] * 3)
        wrong = int((np.abs(rows / scale - counts) > 1e-6).any(axis=1).sum())
        if wrong:
            self._say(f"{name}: {wrong} rows are not the samples in their order")

    def _check_gaps(self, name: str, cuff: str, leg: _Leg) -> None:
        """A gap within a boot is told to the sample; one over a reboot as well as two clocks can."""
        missing, told = np.diff(leg.places) - 1, np.diff(leg.rows) - 1
        over, taken = np.diff(leg.boots) != 0, self._taken[cuff]
        if (missing[~over] != told[~over]).any():
            self._say(f"{name}: gaps of {missing[~over].sum()} samples are told as {told[~over].sum()}")
        for k in np.flatnonzero(over).tolist():
            real = (taken.instants[leg.places[k + 1]] - taken.instants[leg.places[k]]) * RATE_HZ - 1
            self._accounts[cuff].reboots.append((float(real), int(told[k])))
            if abs(real - told[k]) > self._reboot_rows(cuff):
                self._say(f"{name}: a reboot cost {real:.1f} samples and is told as {told[k]}")

    def _reboot_rows(self, cuff: str) -> float:
        """By how much what a reboot cost may be told wrong."""
        kinds = [fault.kind for fault in self._plan.faults if self._ids[fault.cuff] == cuff]
        if "brown_out" not in kinds and kinds.count("reboot") == 1:  # one clock over both boots
            return 1.0
        most = max(REBOOT_ROWS, REBOOT_SLACK * self._sure.get(cuff, 0))
        return most + self._unparted_s() * RATE_HZ

    def _unparted_s(self) -> float:
        """A jump of the host's clock next to a reboot: a cuff alone cannot tell it from time that passed."""
        kinds = self._plan.kinds()
        if not kinds & {"reboot", "brown_out"}:
            return 0.0
        return sum(abs(fault.amount) for fault in self._plan.faults if fault.kind == "clock_step")

    # ---- clocks

    def _check_times(self, path: Path, legs: Mapping[Side, _Leg], streams: Streams) -> None:
        """Left against right, where both have samples, within what the receipt promises."""
        receipt, times = streams.sync(), streams.times()
        ids = {side: cuff for cuff, side in self._sides_of(path).items()}
        errors = {side: _clock_errors(leg, self._taken[ids[side]], times[side]) for side, leg in legs.items()}
        for side, (_, error) in errors.items():
            parted_s = REBOOT_SLACK * self._sure.get(ids[side], 0) / RATE_HZ  # as told of its reboots
            if np.ptp(error) > EVEN_S + parted_s + self._unparted_s():
                self._say(f"{path.name}: session time of the {side} leg bends by {np.ptp(error):.3f} s")
        if len(legs) < 2 or receipt is None:
            return
        (t_left, e_left), (t_right, e_right) = errors["left"], errors["right"]
        both = (t_left >= t_right[0]) & (t_left <= t_right[-1])
        if not both.any():
            return
        apart = np.abs(e_left[both] - np.interp(t_left[both], t_right, e_right)) * 1e3
        self._hold_to_receipt(path, float(np.quantile(apart, 0.95)), receipt)

    def _hold_to_receipt(self, path: Path, p95_ms: float, receipt: SyncReceipt) -> None:
        for account in self._accounts.values():
            account.sync_ms, account.promised_ms = p95_ms, receipt.p95_ms
        if p95_ms > max(SYNC_SLACK * receipt.p95_ms, SYNC_LEAST_MS):
            text = f"left and right are {p95_ms:.2f} ms apart, the receipt says {receipt.p95_ms:.2f}"
            self._say(f"{path.name}: {text}")

    @staticmethod
    def _sides_of(path: Path) -> dict[str, Side]:
        with Recording(path) as recording:
            return recording.sides()

    # ---- all recordings together

    def _count(self, place: int, cuff: str) -> None:
        legs, account = self._legs[cuff], self._accounts[cuff]
        if not legs:
            self._say(f"{cuff}: nothing was recorded")
            return
        recorded = np.unique(np.concatenate([leg.places for leg in legs]))
        begin, end = min(leg.first for leg in legs), max(leg.end for leg in legs)
        if cuff in self._story.open:  # the user was told so: what it took last is not known
            end = max(end, len(self._taken[cuff].counts))
        account.taken, account.recorded = end - begin, len(recorded)
        account.boots = len({boot for leg in legs for boot in leg.boots})
        total = len(self._taken[cuff].counts)
        # one may be taken between the last look and the switch; the first of all is index 0
        account.unstated = max(begin, 0) + max(total - end - 1, 0)
        account.stated = account.taken - account.recorded
        if end > total:
            self._say(f"{cuff}: {end - total} samples are told that were never taken")
        if account.unstated:
            text = f"{max(begin, 0)} before the first, {max(total - end, 0)} after the last"
            self._say(f"{cuff}: {account.unstated} samples were taken and nobody speaks of them ({text})")
        self._hold_losses(place, cuff, np.setdiff1d(np.arange(begin, min(end, total)), recorded))
        for text in too_silent(self._plan, cuff, self._story):
            self._say(f"{cuff}: {text}")

    def _hold_losses(self, place: int, cuff: str, lost: Ints) -> None:
        """Samples were lost only when a fault explains it."""
        instants = self._taken[cuff].instants[lost]
        open_ones = np.ones(len(instants), np.bool_)
        for low, high in excused(self._plan, place, cuff, self._story):
            open_ones &= (instants < low) | (instants > high)
        count = int(open_ones.sum())
        if count:
            first, last = instants[open_ones][[0, -1]] - self._story.begin_s
            text = f"{count} of {len(instants)} lost samples are of no fault ({first:.2f} to {last:.2f} s)"
            self._say(f"{cuff}: {text}")


def _offset(taken: Taken, decoded: batch.Decoded, chosen: Ints) -> int | None:
    """Place of a boot's sample 0, by the content of its fullest packets."""
    fullest = sorted(chosen.tolist(), key=lambda i: -int(decoded.header["count"][i]))[:3]
    votes: Counter[int] = Counter()
    for i in fullest:
        place = taken.find(decoded.counts[decoded.starts[i] : decoded.starts[i + 1]])
        if place is not None:
            votes[place - int(decoded.header["index"][i])] += 1
    return votes.most_common(1)[0][0] if votes else None


def _unique(found: Sequence[tuple[int, int, int]]) -> tuple[Ints, list[int]]:
    """Places of all samples, each once, and their boots."""
    places = np.concatenate([np.arange(place, place + count) for _, place, count in found])
    boots = np.concatenate([np.full(count, boot) for boot, _, count in found])
    places, first = np.unique(places, return_index=True)
    return places, boots[first].tolist()


def _clock_errors(leg: _Leg, taken: Taken, base: Timebase) -> tuple[Floats, Floats]:
    """True instants of samples, and by how much their session time differs from them."""
    some = np.linspace(0, len(leg.rows) - 1, 201).astype(int)
    told = np.array([base.seconds(row) for row in leg.rows[some]])
    real = taken.instants[leg.places[some]]
    return real, told - real
