"""What a draft changes against the version that is shown, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.ask.rules import ConsentAsked, Definition, Question
from vendange.web.capture.form_words import KINDS, channel_word, language_word, purpose_word, signal_word, title_of

ICONS: Final = {"added": "plus", "removed": "minus", "changed": "pencil"}
TEXTS: Final = {
    "title": gettext_lazy("Title"),
    "intro": gettext_lazy("Introduction"),
    "submit": gettext_lazy("Button"),
    "thanks": gettext_lazy("Thanks"),
    "thanks_url": gettext_lazy("Page of thanks"),
    "asset": gettext_lazy("Content"),
    "topic": gettext_lazy("Topic"),
    "campaign": gettext_lazy("Campaign"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `before` and `after` stand where a text or a value became another one."""

    how: str  # added | removed | changed
    what: str
    before: str = ""
    after: str = ""

    @property
    def icon(self) -> str:
        return ICONS[self.how]


def changes(before: Definition, after: Definition) -> list[Change]:
    return [*questions(before, after), *boxes(before.consents, after.consents), *settings(before, after)]


def questions(before: Definition, after: Definition) -> Iterator[Change]:
    old, new = {one.id: one for one in before.questions}, {one.id: one for one in after.questions}
    for one in after.questions:
        if one.id not in old:
            yield Change("added", _("Question: %(question)s") % {"question": title_of(one)})
    for one in before.questions:
        if one.id not in new:
            yield Change("removed", _("Question: %(question)s") % {"question": title_of(one)})
    for one in after.questions:
        if one.id in old:
            yield from question(old[one.id], one)
    stayed = [one.id for one in before.questions if one.id in new]
    ordered = [one.id for one in after.questions if one.id in old]
    if stayed != ordered:
        names = [title_of(new[own]) for own in ordered]
        yield Change("changed", _("Order of the questions"), "", " · ".join(names))


def question(old: Question, new: Question) -> Iterator[Change]:
    name = {"question": title_of(new)}
    if old.label != new.label:
        yield Change("changed", _("What is asked"), old.label, new.label)
    if old.help != new.help:
        yield Change("changed", _("Help under %(question)s") % name, old.help, new.help)
    if old.kind != new.kind:
        yield Change("changed", _("Kind of %(question)s") % name, str(KINDS[old.kind]), str(KINDS[new.kind]))
    if old.options != new.options:
        yield Change("changed", _("Answers of %(question)s") % name, " · ".join(old.options), " · ".join(new.options))
    if old.required != new.required:
        told = _("%(question)s must be answered") if new.required else _("%(question)s may be left empty")
        yield Change("changed", told % name)
    if old.always != new.always:
        told = _("%(question)s is asked every time") if new.always else _("%(question)s is asked until it is known")
        yield Change("changed", told % name)
    if old.about != new.about:
        yield Change("changed", _("Field of %(question)s") % name, old.field, new.field)


def boxes(before: Sequence[ConsentAsked], after: Sequence[ConsentAsked]) -> Iterator[Change]:
    old = {(one.channel, one.purpose): one.wording for one in before}
    new = {(one.channel, one.purpose): one.wording for one in after}
    for key in [*new, *(key for key in old if key not in new)]:
        told = _("Consent: %(channel)s, %(purpose)s") % {
            "channel": channel_word(key[0]),
            "purpose": purpose_word(key[1]),
        }
        if key not in old:
            yield Change("added", told)
        elif key not in new:
            yield Change("removed", told)
        elif old[key] != new[key]:
            yield Change("changed", told, version_of(old[key]), version_of(new[key]))


def version_of(wording: str) -> str:
    return _("version %(number)s") % {"number": wording.rpartition("/")[2]}


def settings(before: Definition, after: Definition) -> Iterator[Change]:
    for name, word in TEXTS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change("changed", str(word), old, new)
    if before.signal != after.signal:
        yield Change("changed", _("Signal"), str(signal_word(before.signal)), str(signal_word(after.signal)))
    if before.language != after.language:
        was, now = language_word(before.language), language_word(after.language)
        yield Change("changed", _("Language"), str(was), str(now))
    if before.ask_at_most != after.ask_at_most:
        yield Change("changed", _("Questions at once"), at_once(before.ask_at_most), at_once(after.ask_at_most))
    if before.confirm != after.confirm:
        told = _("Consents are confirmed by a letter")
        yield Change("added" if after.confirm else "removed", told)


def at_once(most: int) -> str:
    return str(most) if most else _("all")
