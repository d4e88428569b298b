"""When a session begins and ends by itself: what the cuffs' moments say. Pure, time comes in as data."""

from typing import Any, Literal

from distal_wire import spec

Wish = Literal["button", "motion"]


class Rules:
    """Feed it every moment message; ask whether all legs have rested long enough.

    A press counts when it is heard on a link that stood: what the first moment of a link says is old.
    Movement counts when it begins: after a session was ended by hand, the legs must first rest.
    """

    def __init__(self, rest_s: float) -> None:
        self._rest_s = rest_s
        self._presses: dict[str, int] = {}  # cuff -> as last heard over its present link
        self._moving: set[str] = set()
        self._moved_s = 0.0  # when a leg last moved, or the session began

    def link_changed(self, cuff: str) -> None:
        """A cuff has a new link, or none: its counter begins anew, its leg is taken to rest."""
        self._presses.pop(cuff, None)
        self._moving.discard(cuff)

    def take(self, cuff: str, moment: dict[str, Any], now_s: float) -> Wish | None:
        """What a moment message asks for."""
        did_move = self._look(now_s)
        if moment["flags"] & spec.MOMENT_MOVING:
            self._moving.add(cuff)
        else:
            self._moving.discard(cuff)
        before, self._presses[cuff] = self._presses.get(cuff), moment["presses"]
        if before is not None and before != moment["presses"]:
            return "button"
        return "motion" if self._look(now_s) and not did_move else None

    def _look(self, now_s: float) -> bool:
        """Whether a leg moves. One that goes on moving says so only when asked or while it streams."""
        if self._moving:
            self._moved_s = now_s
        return bool(self._moving)

    def begun(self, now_s: float) -> None:
        """A session has begun, by whatever: rest counts from here."""
        self._moved_s = now_s

    def has_rested(self, now_s: float) -> bool:
        """Whether no leg has moved for so long."""
        return not self._look(now_s) and now_s - self._moved_s >= self._rest_s
