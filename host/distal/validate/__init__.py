"""Proof of every claim of accuracy: `distal validate`.

What is scored is the contract of `distal analyze --json`, as a stranger would read it; truth comes from other
people's instruments and hands (recordings) and from rigid-body mechanics (the virtual athlete).
"""
