"""Records that may be one person, side by side; merging two, and undoing it."""

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

from vendange.identify import queries as identified
from vendange.journey import uniting
from vendange.models import Job, Merge, Person, Twins
from vendange.unite import actions, queries
from vendange.unite.actions import CannotMerge
from vendange.unite.rules import looks_like_ours
from vendange.web.access import Request, allow, load_or_404
from vendange.web.people.pages import MAY_RECORD
from vendange.web.show import redirect_or_swap, show
from vendange.words import Word, said

for_judges = allow(*MAY_RECORD)
SHOWN: Final = 20
SPEAKS: Final[Mapping[str, Word]] = {
    "address": gettext_lazy("same mailbox"),
    "claim": gettext_lazy("one was said to have the other's address"),
    "phone": gettext_lazy("same telephone"),
    "name": gettext_lazy("same name"),
    "nearly": gettext_lazy("nearly the same name"),
    "employer": gettext_lazy("same company"),
}
DOUBTS: Final[Mapping[str, Word]] = {
    "other_id": gettext_lazy("another number in the other system"),
    "other_employer": gettext_lazy("another company"),
    "other_first_name": gettext_lazy("another first name"),
}
LOOKS_ALIKE: Final = gettext_lazy("addresses that look alike")
ALPHABET: Final = gettext_lazy("letters of another alphabet that look like ours")
COMPARED: Final = (
    ("email", gettext_lazy("E-mail")),
    ("phone", gettext_lazy("Phone")),
    ("job_title", gettext_lazy("Job title")),
    ("organisation", gettext_lazy("Company")),
    ("country", gettext_lazy("Country")),
    ("source", gettext_lazy("First source")),
)


@dataclass(frozen=True, slots=True)
class Line:
    name: Word
    first: str
    second: str

    @property
    def differ(self) -> bool:
        return bool(self.first and self.second) and self.first.casefold() != self.second.casefold()


@dataclass(frozen=True, slots=True)
class Pair:
    twins: Twins
    lines: Sequence[Line]
    signals: tuple[int, int]
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
    latest = Job.objects.filter(kind=actions.KIND).order_by("-id").first()
    context = {
        "pairs": pairs_of(list(waiting[:SHOWN])),
        "total": waiting.count(),
        "job": latest,
        "here": "people",
    }
    return show(request, page="people/twins.html", fragment="people/_twins.html", context=context)


def pairs_of(found: Sequence[Twins]) -> list[Pair]:
    ids = {number for one in found for number in (one.first_id, one.second_id)}
    signals, leads = queries.counted(ids)
    return [
        Pair(
            one,
            [Line(name, shown(one.first, field), shown(one.second, field)) for field, name in COMPARED],
            (signals.get(one.first_id, 0), signals.get(one.second_id, 0)),
            (leads.get(one.first_id, 0), leads.get(one.second_id, 0)),
            *told(one),
        )
        for one in found
    ]


def told(pair: Twins) -> tuple[list[Word], list[Word]]:
    """What speaks for one person, and against it; an address in disguise is not the same mailbox, it only looks so."""
    speaks = {code: SPEAKS[code] for code in pair.because if code in SPEAKS}
    doubts = [DOUBTS[code] for code in pair.because if code in DOUBTS]
    if not disguised(pair):
        return list(speaks.values()), doubts
    looks = [LOOKS_ALIKE] if speaks.pop("address", None) else []
    return list(speaks.values()), [*looks, ALPHABET, *doubts]


def disguised(pair: Twins) -> bool:
    """Whether a name or an address of one of the two is written with letters that only look like ours."""
    return any(looks_like_ours(f"{one.name} {one.email}") for one in (pair.first, pair.second))


def shown(person: Person, field: str) -> str:
    return str(getattr(person, field) or "")


@for_judges
@require_POST
def compare(request: Request) -> HttpResponse:
    actions.ask(by=request.user, now=timezone.now())
    messages.success(request, _("Everybody is being compared. What is found stands here as it comes."))
    return redirect_or_swap(request, to=reverse("person_twins"))


@for_judges
@require_POST
def judge(request: Request, number: int) -> HttpResponse:
    """`keep` is the public id of the record that stays, or "both": they are two people."""
    pair = load_or_404(Twins.objects.select_related("first", "second"), pk=number)
    back = redirect_or_swap(request, to=reverse("person_twins"))
    if pair.state != "open":
        messages.error(request, _("Somebody has judged this pair meanwhile."))
        return back
    keep = request.POST.get("keep", "")
    if keep == "both":
        actions.differ(twins=pair, by=request.user, now=timezone.now())
        messages.success(request, _("%(one)s and %(other)s are two people.") % names_of(pair.first, pair.second))
        return back
    both = {str(one.public_id): one for one in (pair.first, pair.second)}
    if keep not in both:
        messages.error(request, _("Say which of the two records stays."))
        return back
    kept = both.pop(keep)
    unite(request, kept, next(iter(both.values())))
    return back


@for_judges
@require_POST
def take_in(request: Request, public_id: UUID) -> HttpResponse:
    """Merge another record, named by its address or its e-mail, into this one."""
    people = identified.visible_to(request.user)
    kept = load_or_404(people, public_id=public_id)
    other = named(request.POST.get("other", ""))
    if other is None:
        messages.error(request, _("Nobody is found by that: give their e-mail, or the address of their page."))
    else:
        unite(request, kept, other)
    return redirect_or_swap(request, to=reverse("person", args=[kept.public_id]))


def named(text: str) -> Person | None:
    """Whom an e-mail or the address of a page means."""
    text = text.strip().rstrip("/")
    try:
        return Person.objects.filter(public_id=UUID(text[-36:]), merged_into=None).first()
    except ValueError:
        return Person.objects.filter(email__iexact=text, merged_into=None).order_by("pk").first() if text else None


def unite(request: Request, kept: Person, absorbed: Person) -> None:
    try:
        uniting.merge(kept=kept, absorbed=absorbed, by=request.user, now=timezone.now())
    except CannotMerge as refused:
        messages.error(request, said(refused))
    else:
        told = _("%(other)s has become one record with %(one)s. It can be undone on that page.")
        messages.success(request, told % names_of(kept, absorbed))


def names_of(one: Person, other: Person) -> dict[str, Any]:
    """What the two are called; two of one name by their addresses."""
    first, second = (someone.name or _("somebody without a name") for someone in (one, other))
    if first == second and one.email != other.email:
        first, second = (f"{first} ({someone.email or _('no address')})" for someone in (one, other))
    return {"one": first, "other": second}


@for_judges
@require_POST
def undo(request: Request, merge_id: UUID) -> HttpResponse:
    done = load_or_404(Merge.objects.select_related("kept"), public_id=merge_id)
    try:
        uniting.unmerge(merge=done, by=request.user, now=timezone.now())
    except CannotMerge as refused:
        messages.error(request, said(refused))
    else:
        messages.success(request, _("They are two records again, each with what was theirs."))
    return redirect_or_swap(request, to=reverse("person", args=[done.kept.public_id]))
