"""A topic for the terminal: the answer first, then why, then how sure."""

import textwrap

from distal.explain.topics import GRADES, Topic
from distal.model import Facts

WIDTH = 78


def render(topic: Topic, facts: Facts) -> str:
    """All of one topic."""
    parts = [topic.title, "", _block("Claimed", f"{topic.claim} [{topic.grade}: {GRADES[topic.grade]}]")]
    numbers = topic.numbers(facts)
    if numbers:
        parts += [_list("Physics", numbers)]
    found = [f"{one.text} [{one.grade}] {one.source}" for one in topic.evidence]
    parts += [_list("Studied", found or ["No study that bears on it was found by us. Tell us of one."])]
    parts += [_block("So", topic.meaning), _block("Distal measures", topic.measured)]
    parts += [_block("It cannot see", topic.cannot), "", "Not a medical device."]
    return "\n".join(parts) + "\n"


def render_list(topics: list[Topic]) -> str:
    """One line a topic."""
    wide = max(len(one.name) for one in topics)
    lines = [f"  {one.name:<{wide}}  {one.title}" for one in topics]
    return "\n".join(["Topics:", *lines, "", "Next: distal explain lever"]) + "\n"


def _block(head: str, text: str) -> str:
    return "\n".join([head, *textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")])


def _list(head: str, items: list[str]) -> str:
    wrapped = [textwrap.fill(one, WIDTH, initial_indent="  · ", subsequent_indent="    ") for one in items]
    return "\n".join([head, *wrapped])
