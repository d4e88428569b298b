"""A cuff without hardware: the real firmware on simulated registers, radio and motion."""
