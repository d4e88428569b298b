"""One file with everything in it: style, patterns, content. No script, no request to anywhere."""

from distal.errors import DataError
from distal.model import SessionReport
from distal.report.course import Course
from distal.report.html.course_page import course_body
from distal.report.html.parts import About
from distal.report.html.session_page import session_body
from distal.report.html.set_page import set_body
from distal.report.html.style import style
from distal.report.html.voice import Voice, esc
from distal.report.words import words

PATTERNS = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="p-lift" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" style="fill:var(--lift)"/>'
    '<rect width="2" height="6" style="fill:var(--paper)"/>'
    '</pattern><pattern id="p-lower" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" style="fill:var(--lower)"/><circle cx="1.5" cy="1.5" r="1.1" '
    'style="fill:var(--paper)"/><circle cx="4.5" cy="4.5" r="1.1" style="fill:var(--paper)"/></pattern>'
    '<pattern id="p-null" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="1" height="7" style="fill:var(--line)"/></pattern></defs></svg>'
)


def session_html(report: SessionReport, about: About, imperial: bool = False, lang: str = "en") -> str:
    """The session report."""
    voice = Voice(words(lang), imperial)
    return _page(voice.say("page.session"), session_body(report, about, voice), lang)


def set_html(
    report: SessionReport, number: int, about: About, imperial: bool = False, lang: str = "en"
) -> str:
    """The report of one set, counted from 1. raises DataError when there is no such set"""
    if not 1 <= number <= len(report.sets):
        there = f"has {len(report.sets)}" if report.sets else "has none"
        raise DataError(f"there is no set {number}: the session {there}. Leave out --set for the session.")
    voice, one = Voice(words(lang), imperial), report.sets[number - 1]
    side = voice.say(f"side.{one.side}")
    title = voice.say("page.set", exercise=voice.exercise(one.exercise), side=side)
    return _page(title, set_body(report, number, about, voice), lang)


def course_html(course: Course, imperial: bool = False, lang: str = "en") -> str:
    """Some weeks of a person."""
    voice = Voice(words(lang), imperial)
    return _page(f"{voice.say('course.page')}: {course.name}", course_body(course, voice), lang)


def _page(title: str, body: str, lang: str) -> str:
    tag = "en" if lang == "en" else f"x-{lang}"
    return (
        f'<!doctype html>\n<html lang="{tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{esc(title)}</title><style>{style()}</style></head><body>{PATTERNS}<main>{body}</main></body></html>\n"
    )
