"""Who may open a page. Every view says it with `allow(...)`, `signed_in` or `public`; a test refuses others."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from vendange.models import User
from vendange.models.user import ROLES

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
PUBLIC = frozenset({"public"})


class Request(HttpRequest):
    """A request of a signed-in colleague, as views behind `allow` receive it."""

    user: User
    htmx: HtmxDetails


class View(Protocol[P]):
    allowed: frozenset[str]

    def __call__(self, request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse: ...


Signed = Callable[Concatenate[Request, P], HttpResponse]
Anybody = Callable[Concatenate[HttpRequest, P], HttpResponse]


def allow(*roles: str) -> Callable[[Signed[P]], View[P]]:
    """Only colleagues of these roles. Others are told that the page does not exist; strangers are asked to sign in."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"allow() needs roles among {ROLES}, not {sorted(unknown)}")

    def decorate(view: Signed[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            if request.user.role not in roles:
                raise Http404(_("This page is not open to your role."))
            return view(cast(Request, request), *args, **kwargs)

        return marked(cast(Anybody[P], guarded), frozenset(roles))

    return decorate


def signed_in(view: Signed[P]) -> View[P]:
    """Every colleague, whatever the role."""
    return allow(*ROLES)(view)


def public(view: Anybody[P]) -> View[P]:
    """Everybody, also strangers."""
    return marked(view, PUBLIC)


def marked(view: Anybody[P], allowed: frozenset[str]) -> View[P]:
    said = cast(View[P], view)
    said.allowed = allowed
    return said


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A whole page even when htmx asked for a fragment; there it comes back to the page that htmx stood on."""
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    here = htmx.current_url_abs_path or resolve_url("/")
    return HttpResponseClientRedirect(redirect_to_login(here)["Location"])


def load_or_404(rows: QuerySet[M], **wanted: object) -> M:
    """The one row, or a 404 page that says in words that it is not there (or not for this person)."""
    found = rows.filter(**wanted).first()
    if found is None:
        raise Http404(_("It may have been merged, removed, or given to somebody else."))
    return found
