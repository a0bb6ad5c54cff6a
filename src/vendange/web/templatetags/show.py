"""Tags that turn values into what people read: durations, money, bars, avatars, words. Built in: no `load` needed.

Bars are SVG with their values as attributes, because our content security policy forbids inline styles.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from vendange import words
from vendange.web import avatars, figures, moments, sureness
from vendange.web.desk import lawful

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """A Lucide icon: hidden from screen readers, or an image with a `label` when it says something alone."""
    said: dict[str, object] = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    if css:
        said["class"] = css
    return mark_safe(lucide(name, size=None, **said))  # noqa: S308 (the wheel's own SVG, our own attributes)


@register.simple_tag
def due(moment: datetime | None, now: datetime, near: int = 15) -> SafeString:
    """Time left in words: plain, amber from `near` minutes before, red once past; the hour on hover."""
    if moment is None:
        return SafeString("")
    left = moments.time_left(moment, now, near_minutes=near)
    sign = icon("clock") if left.state == "bad" else ""
    return format_html(
        '<time class="due num {}" datetime="{}" title="{}">{}{}</time>',
        left.state,
        moment.isoformat(timespec="minutes"),
        moments.exact(moment),
        sign,
        left.text,
    )


@register.simple_tag
def ago(moment: datetime | None, now: datetime) -> SafeString:
    """How long since: "3 min ago", "yesterday 14:06", "3 Nov"; the exact hour on hover."""
    if moment is None:
        return SafeString("–")
    return format_html(
        '<time class="num" datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="minutes"),
        moments.exact(moment),
        moments.since(moment, now),
    )


@register.simple_tag
def day(moment: Any, now: datetime) -> str:
    """A date as people write it: "24 Nov", with the year when it is another one."""
    return moments.day(moment, now) if moment else "–"


@register.simple_tag
def full_day(moment: Any) -> str:
    """A date in full: "1 December 2026"."""
    return moments.full_day(moment) if moment else "–"


@register.simple_tag
def clock(moment: datetime) -> str:
    """An hour: "14:06", "14 h 06"."""
    return moments.clock(moment)


@register.simple_tag
def money(cents: int | None, currency: str = "EUR", short: bool = False) -> str:
    """€ 300,000 · 300 000 €; with `short`, € 300 k · 300 k€. A dash when not known."""
    if cents is None:
        return "–"
    return figures.money_short(cents, currency) if short else figures.money(cents, currency)


@register.simple_tag
def number(value: float | None, places: int = 0) -> str:
    return "–" if value is None else figures.number(value, places)


@register.simple_tag
def rate(part: float | None, whole: float | None) -> str:
    """Share in percent; a dash when there is nothing to divide by."""
    return figures.rate(part, whole)


@register.simple_tag
def points(value: float) -> str:
    """Signed points of a score line: +25, −10, +4.5."""
    return figures.points(value)


@register.simple_tag
def guessed(person: Any) -> SafeString:
    """Beside the company of a visitor: how sure that is, when only the network of a visit says so."""
    return sureness.tag(person)


@register.simple_tag
def word(family: str, code: Any) -> str:
    return str(words.word(family, str(code or "")))


@register.simple_tag
def avatar(one: Any, size: str = "") -> SafeString:
    """Initials in a circle, hidden from screen readers: the name always stands beside it. `size`: sm, xl or nothing."""
    if one is None:
        return format_html('<span class="avatar none {}" aria-hidden="true">?</span>', size)
    name = str(getattr(one, "name", "") or one)
    letters = getattr(one, "initials", "") or avatars.initials(name)
    shade = avatars.colour(getattr(one, "public_id", "") or name)
    return format_html('<span class="avatar {} {}" aria-hidden="true" title="{}">{}</span>', shade, size, name, letters)


@register.simple_tag
def grade(cell: str, alert: bool = False, size: str = "") -> SafeString:
    """A cell of the agreement's grid; `alert` when this cell calls a human."""
    said = _("calls a human") if alert else ""
    return format_html(
        '<span class="grade{} {}" title="{}">{}</span>', " alert" if alert else "", size, said, cell or "–"
    )


@register.simple_tag
def meter(value: float | None, mark: float | None = None, kind: str = "") -> SafeString:
    """A bar from 0 to 100 %, with a mark for what was promised. The figure itself must stand beside it in words."""
    width = figures.within(value or 0)
    stick = (
        SafeString("")
        if mark is None
        else format_html('<line class="mark" x1="{0}" x2="{0}" y1="0" y2="12"/>', figures.within(mark))
    )
    return format_html(
        '<svg class="meterbar {}" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bed" x="0" y="3" width="100" height="6"/>'
        '<rect class="fill" x="0" y="3" width="{}" height="6"/>{}</svg>',
        kind,
        width,
        stick,
    )


@register.simple_tag
def segs(lines: Iterable[Any], out_of: float = 100) -> SafeString:
    """The bar of a score: one segment per line, as wide as its points; what is taken away is hatched at the end."""
    parts = figures.segments([figures.points_of(line) for line in lines], out_of)
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" y="0" width="{}" height="8"/>',
        ((part.css, part.start, part.width) for part in parts),
    )
    return format_html(
        '<svg class="segbar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bed" x="0" y="0" width="100" height="8"/>{}</svg>',
        rects,
    )


@register.simple_tag
def pips(done: int, most: int) -> SafeString:
    """Attempts made out of a maximum; the figure must stand beside it in words."""
    marks = format_html_join("", "<i{}></i>", ((SafeString(' class="on"') if i < done else "",) for i in range(most)))
    return format_html('<span class="pips" aria-hidden="true">{}</span>', marks)


@register.filter
def in_language_of(label: Any, language: str) -> str:
    """A label of the agreement in the language of the page: `{{ rule.label|in_language_of:LANGUAGE_CODE }}`."""
    return str(label.in_language(language)) if label else ""


@register.filter
def spaced(number: str) -> str:
    """A telephone number as people read it aloud: `{{ person.phone|spaced }}`."""
    return lawful.spaced(number)
