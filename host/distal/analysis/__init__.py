"""Samples in, events and reports out. Pure numpy and scipy: no clock, no files, no logging."""
