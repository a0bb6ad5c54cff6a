"""Organisations that may be one, side by side; merging two, and undoing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from vendange.belong.queries import named
from vendange.combine import actions, queries
from vendange.combine.actions import CannotMerge
from vendange.identify.queries import organisations_visible_to
from vendange.journey import belonging
from vendange.models import Job, Organisation, OrganisationMerge, OrganisationTwins
from vendange.web.access import Request, allow, load_or_404
from vendange.web.organisations.group import number_of
from vendange.web.people.pages import MAY_RECORD
from vendange.web.people.twins import Line
from vendange.web.show import redirect_or_swap, show
from vendange.words import Word, said, word

for_judges = allow(*MAY_RECORD)
SHOWN: Final = 20
SPEAKS: Final[Mapping[str, Word]] = {
    "name": gettext_lazy("same name but for the legal form"),
    "nearly": gettext_lazy("nearly the same name"),
    "initials": gettext_lazy("the initials of the other"),
    "domain": gettext_lazy("domains of one name"),
    "place": gettext_lazy("same town"),
}
DOUBTS: Final[Mapping[str, Word]] = {
    "other_number": gettext_lazy("another company number"),
    "other_country": gettext_lazy("another country"),
    "other_id": gettext_lazy("another number in the other system"),
    "other_place": gettext_lazy("another postcode"),
    "other_domain": gettext_lazy("another mail domain"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    twins: OrganisationTwins
    lines: Sequence[Line]
    people: tuple[int, int]
    leads: tuple[int, int]
    speaks: Sequence[Word]
    doubts: Sequence[Word]

    @property
    def percent(self) -> float:
        return 100 * self.twins.score


@for_judges
@require_GET
def twins(request: Request) -> HttpResponse:
    waiting = queries.to_judge()
    context = {
        "pairs": pairs_of(list(waiting[:SHOWN])),
        "total": waiting.count(),
        "job": Job.objects.filter(kind=actions.KIND).order_by("-id").first(),
    }
    return show(request, page="organisations/twins.html", fragment="organisations/_twins.html", context=context)


def pairs_of(found: Sequence[OrganisationTwins]) -> list[Pair]:
    people, leads = queries.counted({number for one in found for number in (one.first_id, one.second_id)})
    return [
        Pair(
            one,
            lines_of(one.first, one.second),
            (people.get(one.first_id, 0), people.get(one.second_id, 0)),
            (leads.get(one.first_id, 0), leads.get(one.second_id, 0)),
            [SPEAKS[code] for code in one.because if code in SPEAKS],
            [DOUBTS[code] for code in one.because if code in DOUBTS],
        )
        for one in found
    ]


def lines_of(first: Organisation, second: Organisation) -> list[Line]:
    def line(name: Word, shown: Any) -> Line:
        return Line(name, str(shown(first) or ""), str(shown(second) or ""))

    return [
        line(gettext_lazy("Domain"), lambda one: one.domain),
        line(gettext_lazy("Company number"), number_of),
        line(gettext_lazy("Town"), lambda one: f"{one.postal_code} {one.city}".strip()),
        line(gettext_lazy("Country"), lambda one: one.country),
        line(gettext_lazy("Industry"), lambda one: one.industry),
        line(gettext_lazy("Employees"), lambda one: one.employees),
        line(gettext_lazy("Target"), lambda one: word("tier", one.tier) if one.tier else ""),
    ]


@for_judges
@require_POST
def compare(request: Request) -> HttpResponse:
    actions.ask(by=request.user, now=timezone.now())
    messages.success(request, _("All organisations are being compared. What is found stands here as it comes."))
    return redirect_or_swap(request, to=reverse("organisation_twins"))


@for_judges
@require_POST
def judge(request: Request, number: int) -> HttpResponse:
    """`keep` is the public id of the one that stays, or "both": they are two."""
    pair = load_or_404(OrganisationTwins.objects.select_related("first", "second"), pk=number)
    back = redirect_or_swap(request, to=reverse("organisation_twins"))
    if pair.state != "open":
        messages.error(request, _("Somebody has judged this pair meanwhile."))
        return back
    keep = request.POST.get("keep", "")
    both = {str(one.public_id): one for one in (pair.first, pair.second)}
    if keep == "both":
        actions.differ(twins=pair, by=request.user, now=timezone.now())
        told = _("%(one)s and %(other)s are two organisations.")
        messages.success(request, told % {"one": pair.first.name, "other": pair.second.name})
    elif keep in both:
        kept = both.pop(keep)
        unite(request, kept, next(iter(both.values())))
    else:
        messages.error(request, _("Say which of the two stays."))
    return back


@for_judges
@require_POST
def take_in(request: Request, public_id: UUID) -> HttpResponse:
    """Merge another organisation into this one: named by name, domain, number or the address of its page."""
    kept = load_or_404(organisations_visible_to(request.user), public_id=public_id)
    other = named(request.POST.get("other", ""))
    if other is None:
        messages.error(request, _("Nothing, or more than one, is found by that: give the address of its page."))
    else:
        unite(request, kept, other)
    return redirect_or_swap(request, to=reverse("organisation", args=[kept.public_id]))


def unite(request: Request, kept: Organisation, absorbed: Organisation) -> None:
    try:
        belonging.merge(kept=kept, absorbed=absorbed, by=request.user, now=timezone.now())
    except CannotMerge as refused:
        messages.error(request, said(refused))
    else:
        told = _("%(other)s has become one organisation with %(one)s. It can be undone on that page.")
        messages.success(request, told % {"one": kept.name, "other": absorbed.name})


@for_judges
@require_POST
def undo(request: Request, merge_id: UUID) -> HttpResponse:
    done = load_or_404(OrganisationMerge.objects.select_related("kept"), public_id=merge_id)
    try:
        parted = belonging.unmerge(merge=done, by=request.user, now=timezone.now())
    except CannotMerge as refused:
        messages.error(request, said(refused))
    else:
        messages.success(request, _("They are two organisations again, each with what was theirs."))
        for one in parted.alone:
            told = _("%(name)s stands under nobody now: what it belonged to has come to belong to it meanwhile.")
            messages.warning(request, told % {"name": one.name})
    return redirect_or_swap(request, to=reverse("organisation", args=[done.kept.public_id]))
