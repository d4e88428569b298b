"""An output pin that remembers."""


class Pin:
    def __init__(self):
        self.writes = []

    def value(self, level):
        self.writes.append(level)
