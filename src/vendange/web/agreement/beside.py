"""A version beside another one, in words; and a version on paper."""

from collections.abc import Sequence
from datetime import date, datetime

from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vendange.agree import queries
from vendange.agree.queries import terms_of
from vendange.agree.rules import day_of, is_coming
from vendange.agreement.language import load_kept
from vendange.models import AgreementVersion, Wording
from vendange.web.access import Request, signed_in
from vendange.web.agreement.comparing import comparison
from vendange.web.agreement.pages import among, in_force_among, sides_of
from vendange.web.agreement.reading import reading_of
from vendange.web.show import show

LANGUAGES = {"en": "English", "fr": "Français"}


@signed_in
@require_GET
def compare(request: Request, number: int) -> HttpResponse:
    """What a version says otherwise than another; without `with`, than the one in force or the one before it.

    `since`: the sha of a text that this version had before.
    """
    versions, now = queries.versions(), timezone.now()
    shown = among(versions, number)
    former = former_text(shown, request.GET.get("since", ""))
    other = asked_for(request.GET.get("with", ""), versions) or usual(versions, shown, now)
    before = load_kept(former.text) if former else terms_of(other).agreement if other else None
    changes = comparison(before, terms_of(shown).agreement) if before else []
    context = {
        "version": shown,
        "other": other,
        "others": [one for one in versions if one != shown],
        "changes": changes,
        "count": sum(len(one.changes) for one in changes),
        "former": former,
        "is_same_text": bool(other and (former or other).text == shown.text),
        "current": in_force_among(versions, now),
    }
    return show(request, page="agreement/compare.html", context=context)


def former_text(shown: AgreementVersion, sha: str) -> Wording | None:
    """The last text of that sha that a version had; 404 when it never had one."""
    if not sha:
        return None
    found = shown.wordings.filter(sha=sha[:64]).order_by("at").last()
    if found is None:
        raise Http404(_("This version never had such a text."))
    return found


def asked_for(written: str, versions: Sequence[AgreementVersion]) -> AgreementVersion | None:
    if not written:
        return None
    number = written.lower().removeprefix("v")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise Http404(_("There is no version %(number)s of the agreement.") % {"number": written[:20]})
    return among(versions, int(number))


def usual(versions: Sequence[AgreementVersion], shown: AgreementVersion, now: datetime) -> AgreementVersion | None:
    """A draft is held against what is in force, anything else against what was signed before it."""
    current = in_force_among(versions, now)
    if current and current != shown and (shown.status != "signed" or is_coming("signed", shown.in_force_from, now)):
        return current
    before = [one for one in versions if one.number < shown.number]
    return next((one for one in before if one.status == "signed"), next(iter(before), None))


@signed_in
@require_GET
def printed(request: Request, number: int) -> HttpResponse:
    """Pages of A4, in the language asked for: that of the reader stays as it is. paper.js counts the pages."""
    versions, now = queries.versions(), timezone.now()
    shown = among(versions, number)
    language = request.GET.get("language", "")
    if language not in LANGUAGES:
        language = "fr" if translation.get_language().startswith("fr") else "en"
    with translation.override(language):
        reading = reading_of(terms_of(shown).agreement)
        context = {
            "version": shown,
            "reading": reading,
            "sides": sides_of(shown, request.user),
            "is_in_force": shown == in_force_among(versions, now),
            "begins": begins_on(shown),
            "is_coming": is_coming(shown.status, shown.in_force_from, now),
            "printed_at": now,
            "languages": LANGUAGES,
            "language": language,
        }
        return show(request, page="agreement/print.html", context=context)


def begins_on(shown: AgreementVersion) -> date | None:
    zone = terms_of(shown).agreement.calendar.time_zone
    return day_of(shown.in_force_from, zone) if shown.in_force_from else None
