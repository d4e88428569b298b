"""Distal: the open smart ankle weight, host side."""

__version__ = "0.1.0"
