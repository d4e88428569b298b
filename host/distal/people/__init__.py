"""People, their plans and limits, and what they did: one SQLite file on the user's own machine."""
