"""English of the daemon: messages, refusals, reasons. Says what happened, what it means, what to do."""

TABLE: dict[str, str] = {
    # who may ask
    "daemon.foreign_host": "This address is not the daemon's. Open http://127.0.0.1 with its port.",
    "daemon.foreign_page": "Another web page may not command the daemon. Use the daemon's own page.",
    "daemon.no_session": "There is no session {name}. GET /sessions lists them.",
    "daemon.no_report": "Its report is not written yet. It comes when the session has ended.",
    # commands that cannot be followed now
    "daemon.runs": "A session runs already. End it first.",
    "daemon.runs_not": "No session runs.",
    "daemon.saving": "The last session is still being saved. Try again in a moment.",
    "daemon.no_cuff": "No cuff is linked. Wake the cuffs (move them) and bring them closer.",
}
