"""Which language and theme a page speaks: the colleague's own, else the cookie, else what the browser asks."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from vendange.admit import actions
from vendange.models import User
from vendange.web.access import public

KNOWN = tuple(code for code, _name in settings.LANGUAGES)
THEMES = ("", "light", "dark")
THEME_COOKIE = "vendange_theme"
YEAR = 365 * 86400


class LanguageOfTheUser:
    """Stands before the authentication middleware, so it asks for the user itself (Django keeps the answer)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response


def colleague(request: HttpRequest) -> User | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = get_user(request)
    return user if isinstance(user, User) else None


def language_of(request: HttpRequest) -> str:
    user = colleague(request)
    if user and user.language in KNOWN:
        return str(user.language)
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return kept if kept in KNOWN else str(translation.get_language_from_request(request))


def theme_of(request: HttpRequest) -> str:
    """`light`, `dark`, or "" for the system's own."""
    user = colleague(request)
    theme = user.theme if user else request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def back_to(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here else "/"


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(back_to(request), status=303)
    if chosen not in KNOWN:
        return response
    user = colleague(request)
    if user:
        actions.choose_language(user=user, language=chosen)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response


@public
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    response = HttpResponseRedirect(back_to(request), status=303)
    if chosen not in THEMES:
        return response
    user = colleague(request)
    if user:
        actions.choose_theme(user=user, theme=chosen)
    response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response
