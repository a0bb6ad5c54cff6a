"""Settings of the house, for administrators: colleagues, teams, keys of programs."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendange.admit import actions, queries
from vendange.admit.rules import NotAdmitted
from vendange.models import ApiKey, User
from vendange.web.access import Request, allow, load_or_404
from vendange.web.settings.forms import Colleague, Invitation, NewKey, NewTeam
from vendange.web.settings.links import link_for
from vendange.web.show import redirect_or_swap, show
from vendange.words import said

admin_only = allow("admin")


def explain(form: Form, refused: NotAdmitted) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, said(refused))


def status_of(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200


@admin_only
def colleagues(request: Request) -> HttpResponse:
    context = {"colleagues": queries.users(), "part": "colleagues"}
    return show(request, page="settings/colleagues.html", context=context)


@admin_only
@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    form = Invitation(request.POST or None)
    if form.is_valid():
        try:
            user = actions.add_user(by=request.user, now=timezone.now(), **form.cleaned_data)
        except NotAdmitted as refused:
            explain(form, refused)
        else:
            messages.success(request, _("%(name)s may come in. Send them the link below.") % {"name": user.name})
            return colleague_page(request, user, link=link_for(request, user))
    context = {"form": form, "part": "colleagues"}
    return show(request, page="settings/invite.html", context=context, status=status_of(form))


@admin_only
@require_http_methods(["GET", "POST"])
def colleague(request: Request, public_id: UUID) -> HttpResponse:
    user = load_or_404(queries.users(), public_id=public_id)
    if request.method != "POST":
        return colleague_page(request, user)
    form = Colleague(request.POST)
    if form.is_valid():
        try:
            actions.change_user(user=user, by=request.user, now=timezone.now(), **form.cleaned_data)
        except NotAdmitted as refused:
            explain(form, refused)
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": user.name})
            return redirect_or_swap(request, to="colleagues")
    return colleague_page(request, user, form=form)


def colleague_page(request: Request, user: User, *, form: Form | None = None, link: str = "") -> HttpResponse:
    known = {name: getattr(user, name) for name in ("role", "team", "signs_for", "is_active")}
    form = form or Colleague(initial=known)
    context = {"colleague": user, "form": form, "link": link, "part": "colleagues"}
    response = show(request, page="settings/colleague.html", context=context, status=status_of(form))
    response["Cache-Control"] = "no-store"
    return response


@admin_only
@require_POST
def password_link(request: Request, public_id: UUID) -> HttpResponse:
    user = load_or_404(queries.users(), public_id=public_id, is_active=True)
    return colleague_page(request, user, link=link_for(request, user))


@admin_only
@require_http_methods(["GET", "POST"])
def teams(request: Request) -> HttpResponse:
    form = NewTeam(request.POST or None)
    if form.is_valid():
        try:
            team = actions.add_team(by=request.user, now=timezone.now(), **form.cleaned_data)
        except NotAdmitted as refused:
            explain(form, refused)
        else:
            messages.success(request, _("The team %(name)s is added.") % {"name": team.name})
            return redirect_or_swap(request, to="teams")
    context = {"form": form, "teams": queries.teams(), "part": "teams"}
    return show(request, page="settings/teams.html", context=context, status=status_of(form))


@admin_only
@require_http_methods(["GET", "POST"])
def keys(request: Request) -> HttpResponse:
    """A new key is shown in the answer to its own form, once: it is kept nowhere, not even in the session."""
    form, added, secret = NewKey(request.POST or None), None, ""
    if form.is_valid():
        try:
            added, secret = actions.add_key(by=request.user, now=timezone.now(), **form.cleaned_data)
        except NotAdmitted as refused:
            explain(form, refused)
        else:
            form = NewKey()
    context = {"form": form, "keys": queries.keys(), "added": added, "secret": secret, "part": "keys"}
    response = show(request, page="settings/keys.html", context=context, status=status_of(form))
    response["Cache-Control"] = "no-store"
    return response


@admin_only
@require_POST
def revoke_key(request: Request, pk: int) -> HttpResponse:
    key = load_or_404(ApiKey.objects.all(), pk=pk)
    actions.revoke_key(key=key, by=request.user, now=timezone.now())
    messages.success(request, _("The key %(name)s opens nothing any more.") % {"name": key.name})
    return redirect_or_swap(request, to=reverse("keys"))
