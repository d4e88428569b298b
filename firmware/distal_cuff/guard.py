"""Who may command this cuff: the proof of its key, the price of wrong ones, the button's window.

The sums and what they keep off are told in protocol/README.md. Everything is tied to the number of the
link (`Radio.links`): what one host has proven is of no use to the next.
"""

import gc
import os
import time

from micropython import const

from distal_cuff import messages
from distal_wire import proof, spec

_WINDOW_MS = const(30000)
_FIRST_WAIT_MS = const(500)  # after a wrong proof; doubles up to the longest. 128 bits are not guessed:
_LONGEST_WAIT_MS = const(8000)  # it only keeps a stranger from keeping the cuff busy
_NOTHING = bytes(32)


class Guard:
    """`identity` has boot and cuff_id. Without a key the cuff is open to everybody."""

    def __init__(self, settings, identity):
        self.has_window = False  # a new key may be agreed on
        self._settings = settings
        self._identity = (identity.cuff_id, identity.boot)
        self._proven = 0  # number of the link that proved the key; links count from 1
        self._asked = None  # (link, seq, nonce, our secret and public value within the window)
        self._pair = None  # secret and public value of this window
        self._window_at = 0
        self._wait_ms = 0
        self._is_waiting = False
        self._wrong_at = 0

    def is_open(self, link):
        """Whether the host of that link may command."""
        return self._settings.key is None or self._proven == link

    def step(self, now):
        """What is over at ticks `now`."""
        if self.has_window and time.ticks_diff(now, self._window_at) >= _WINDOW_MS:
            self._close_window()
        if self._is_waiting and time.ticks_diff(now, self._wrong_at) >= self._wait_ms:
            self._is_waiting = False

    def wait_ms(self, now):
        """How long no proof is taken; 0: try."""
        if not self._is_waiting:
            return 0
        return max(1, self._wait_ms - time.ticks_diff(now, self._wrong_at))

    def open_window(self, now):
        """The button was held: whoever did it has the cuff in the hand."""
        self.has_window = True
        self._window_at = now
        self._pair = None

    def has_question(self):
        """Whether there is anything to prove or to agree on."""
        return self.has_window or self._settings.key is not None

    def challenge(self, link, seq):
        """The message that a host must answer; the one before it is void."""
        pair = self._window_pair()
        nonce = os.urandom(proof.NONCE_BYTES)
        self._asked = (link, seq, nonce, pair)
        flags = 0 if self._settings.key is None else spec.CHALLENGE_LOCKED
        if pair:
            flags |= spec.CHALLENGE_WINDOW
        return messages.challenge(seq, flags, self._identity[1], (nonce, pair[1] if pair else _NOTHING))

    def answer(self, link, fields, now):
        """The proof back, or None: `fields` (seq, direction, nonce, mac, public) of the host's are wrong."""
        seq, direction, nonce, _, public = fields
        asked, self._asked = self._asked, None  # whatever comes: one challenge, one try
        key = None
        if asked and asked[:2] == (link, seq) and not self.wait_ms(now):
            key = self._key_for(direction, asked, nonce, public)
        if key is None or not self._is_right(key, direction, (asked[2], nonce), fields[3]):
            self._note_wrong(now)
            return None
        if direction == spec.PROOF_NEW_HOST:
            self._settings.keep_key(key)
            self._close_window()
        self._proven = link
        self._wait_ms = 0
        back = direction + 1  # PROOF_CUFF, PROOF_NEW_CUFF
        mac = proof.mac(key, back, (asked[2], nonce), self._identity)
        return messages.proof(seq, back, nonce, mac)

    def _key_for(self, direction, asked, nonce, public):
        """The key that a proof of that direction must be under; None: there is none."""
        if direction == spec.PROOF_HOST:
            return self._settings.key
        pair = asked[3]
        if direction != spec.PROOF_NEW_HOST or not (pair and self.has_window):
            return None
        try:
            shared = _curve().multiply(pair[0], public)
        except (ValueError, MemoryError):
            return None
        return proof.agreed_key(shared, (pair[1], public), (asked[2], nonce), self._identity[0])

    def _is_right(self, key, direction, nonces, mac):
        return proof.is_same(mac, proof.mac(key, direction, nonces, self._identity))

    def _note_wrong(self, now):
        self._wait_ms = min(_LONGEST_WAIT_MS, 2 * self._wait_ms or _FIRST_WAIT_MS)
        self._wrong_at = now
        self._is_waiting = True

    def _window_pair(self):
        """Secret and public value of this window; None: no window, or no memory for the sum."""
        if self.has_window and self._pair is None:
            secret = os.urandom(proof.KEY_BYTES)
            try:
                self._pair = (secret, _curve().public_of(secret))
            except MemoryError:
                return None
        return self._pair if self.has_window else None

    def _close_window(self):
        self.has_window = False
        self._pair = None


def _curve():
    """Loaded when it is needed: most cuffs pair once in their life."""
    gc.collect()
    from distal_wire import curve

    return curve
