"""The conditions of a segment as people say them, and why somebody fits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendange.agreement.conditions import dimensions_of
from vendange.agreement.segments import Did, Selection
from vendange.models import User
from vendange.score.queries import micros, moment
from vendange.segment.rules import Known, acts_of, has_said
from vendange.web import moments
from vendange.web.agreement.sentences import CODED, DIMENSIONS, condition_in_words, time_in_words
from vendange.web.figures import number
from vendange.words import Word, word

SAID: Final[Mapping[str, Word]] = {
    "given": gettext_lazy("%(channel)s allowed"),
    "not_refused": gettext_lazy("%(channel)s not refused"),
    "refused": gettext_lazy("%(channel)s refused"),
    "nothing": gettext_lazy("%(channel)s: nothing said"),
}


def selection_in_words(selection: Selection, names: Mapping[str, str]) -> list[str]:
    """Each condition as one line. `names`: of colleagues, by login."""
    found = [condition_in_words(selection.who)] if selection.who is not None else []
    found += [act_in_words(did) for did in selection.did]
    found += [_("not: %(act)s") % {"act": act_in_words(did)} for did in selection.did_not]
    found += _standing(selection, names)
    found += [SAID[state] % {"channel": word("channel", channel)} for channel, state in selection.consents]
    return found


def _standing(selection: Selection, names: Mapping[str, str]) -> list[str]:
    found = []
    for family, codes in (
        ("relationship", selection.relationship),
        ("temperature", selection.temperature),
        ("tier", selection.tier),
    ):
        if codes:
            found.append(either(str(word(family, code)) for code in codes))
    if selection.cell:
        found.append(_("cell %(cell)s or better") % {"cell": selection.cell})
    if selection.stage:
        found.append(
            _("open lead: %(stages)s") % {"stages": either(str(word("stage", code)) for code in selection.stage)}
        )
    if selection.held == ("nobody",):
        found.append(_("no colleague holds a lead of theirs"))
    elif selection.held == ("somebody",):
        found.append(_("a colleague holds a lead of theirs"))
    elif selection.held:
        found.append(_("a lead held by %(names)s") % {"names": either(names.get(one, one) for one in selection.held)})
    return found


def either(words: "Sequence[str] | object") -> str:
    return _(" or ").join(words)  # type: ignore[arg-type]


def act_in_words(did: Did) -> str:
    """ "Quote requested or Demo requested (topic: laser), 2 times at least, within 30 days"."""
    told = either(str(word("kind", kind)) for kind in did.on)
    if did.where is not None:
        told = f"{told} ({condition_in_words(did.where)})"
    if did.times > 1:
        told = _("%(act)s, %(n)s times at least") % {"act": told, "n": number(did.times)}
    if did.within_days is not None:
        told = _("%(act)s, within %(time)s") % {"act": told, "time": time_in_words(did.within_days)}
    return told


def why(selection: Selection, known: Known, now: datetime, names: Mapping[str, str]) -> list[str]:
    """What is known of somebody that answers the conditions."""
    found = [
        _known(name, known) for name in sorted(dimensions_of(selection.who)) if known.profile.get(name) is not None
    ]
    at = micros(now)
    for did in selection.did:
        acts = acts_of(did, known.acts, at)
        last = max((act.at for act in acts), default=None)
        if last is not None:
            kind = word("kind", max(acts, key=lambda act: act.at).kind)
            times = ngettext("%(kind)s, once, %(day)s", "%(kind)s, %(n)s times, the last %(day)s", len(acts))
            found.append(times % {"kind": kind, "n": len(acts), "day": moments.day(localtime(moment(last)), now)})
    found += [_("not: %(act)s") % {"act": act_in_words(did)} for did in selection.did_not]
    found += _stands(selection, known, names)
    for channel, _state in selection.consents:
        found.append(SAID[has_said(known.said, channel)] % {"channel": word("channel", channel)})
    return found


def _known(dimension: str, known: Known) -> str:
    value = known.profile[dimension]
    if dimension in CODED:
        shown = str(word(CODED[dimension], str(value)))
    elif dimension == "person.known_since":
        shown = moments.full_day(localtime(moment(int(str(value)))).date())
    else:
        shown = number(value) if isinstance(value, int | float) else str(value)
    return _("%(what)s: %(value)s") % {"what": DIMENSIONS[dimension], "value": shown}


def _stands(selection: Selection, known: Known, names: Mapping[str, str]) -> list[str]:
    found = []
    if selection.relationship:
        found.append(str(word("relationship", known.relationship)))
    if selection.temperature:
        found.append(str(word("temperature", known.temperature)))
    if selection.tier:
        found.append(str(word("tier", known.tier)))
    if selection.cell:
        found.append(_("cell %(cell)s") % {"cell": known.grade})
    if selection.stage:
        found += [str(word("stage", code)) for code in selection.stage if code in known.stages]
    if selection.held == ("nobody",):
        found.append(_("held by nobody"))
    elif selection.held:
        found += [_("held by %(name)s") % {"name": names.get(one, one)} for one in sorted(known.owners)]
    return found


def names_of_colleagues() -> Mapping[str, str]:
    return {one.username: one.name for one in User.objects.all()}
