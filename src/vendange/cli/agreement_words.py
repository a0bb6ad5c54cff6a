"""An agreement as its page says it, for a terminal."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement
from vendange.web.agreement.maturity import Section
from vendange.web.agreement.reading import Reading, Rule, reading_of

Told = tuple[str, list[str]]


def in_words(agreement: Agreement, language: str) -> str:
    """Title and lines of each section, in English or in French."""
    with override(language):
        told = [one for one in sections(reading_of(agreement), language) if one[1]]
    return "\n\n".join("\n".join((title, *(f"  {line}" for line in lines))) for title, lines in told)


def sections(reading: Reading, language: str) -> Iterator[Told]:
    def named(label: Label, *texts: str) -> str:
        return line(label.in_language(language), *texts)

    yield _("Whom it concerns"), [named(*one) for one in reading.personas]
    yield _("Everybody of our target but:"), [named(*one) for one in reading.set_aside]
    yield _("Who they are: fit"), [rule_in_words(one, language) for one in reading.fit]
    yield _("What they do: engagement"), [rule_in_words(one, language) for one in reading.engagement]
    yield from (section_in_words(one, language) for one in reading.does)
    types = [(label, type_.in_language(language)) for label, type_ in reading.acts]
    yield _("A revealing act is enough:"), [named(*one) for one in types]
    yield _("Several acts close together are enough too:"), [named(*one) for one in reading.patterns]
    cells = ", ".join(sorted(reading.agreement.alert))
    yield _("Cells of fit and engagement; those that call a human are marked"), [cells] if cells else []
    yield from (section_in_words(one, language) for one in reading.stands)
    checked = [named(*one) for one in reading.criteria]
    yield _("What the lead desk checks before passing"), [*checked, reading.desk_time]
    yield _("Who owes what, within which delay"), [line(one.who, one.what, one.within) for one in reading.duties]
    yield from (section_in_words(one, language) for one in reading.owes)


def line(name: str, *texts: str) -> str:
    told = " · ".join(filter(None, texts))
    return _("%(what)s: %(value)s") % {"what": name, "value": told} if told else name


def rule_in_words(rule: Rule, language: str) -> str:
    held = _("at most %(n)s points") % {"n": rule.cap} if rule.cap not in {"", "–"} else ""
    halved = f"{_('Halves in')} {rule.half_life}" if rule.half_life else ""
    return line(rule.label.in_language(language), rule.where, rule.points, held, rule.limits, halved)


def section_in_words(section: Section, language: str) -> Told:
    lines = [
        line(one.label.in_language(language) if isinstance(one.label, Label) else one.label, one.text)
        for one in section.lines
    ]
    return section.title, [*([section.intro] if section.intro else []), *lines]
