"""The firmware, unchanged, whose counters start just before they go round; its heap as in cuff_watched.py."""

from distal_cuff import crystal, sampler

_SAMPLES_LEFT = 1500
_LEFT_US = 12000000

_init_crystal = crystal.Crystal.__init__
_init_sampler = sampler.Sampler.__init__


def _start_crystal(self):
    _init_crystal(self)
    self.us = 0x100000000 - _LEFT_US


def _start_sampler(self, ring):
    _init_sampler(self, ring)
    self.index[:] = (0x100000000 - _SAMPLES_LEFT).to_bytes(4, "little")


crystal.Crystal.__init__ = _start_crystal
sampler.Sampler.__init__ = _start_sampler
__import__("cuff_watched")
