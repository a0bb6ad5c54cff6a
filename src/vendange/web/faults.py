"""Pages for what went wrong: a sentence, a number to quote, a way back. The same number stands in the log."""

import logging
import secrets
import sys
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from vendange.web.access import public
from vendange.web.forms.sent import nowhere

log = logging.getLogger("vendange.web")

BUSY: Final = ("is locked", "couldn't get a connection", "lock timeout", "deadlock detected")  # in words of a database
AGAIN_AFTER: Final = 5  # seconds


def answer(request: HttpRequest, status: int, title: str, what: str, page: int = 0) -> HttpResponse:
    number = secrets.token_hex(3).upper()
    level = logging.ERROR if status >= 500 else logging.INFO
    log.log(level, "answer %s, number %s: %s %s", status, number, request.method, request.path, exc_info=status >= 500)
    context = {"title": title, "what": what, "number": number, "back": "/"}
    # A page about a breakdown asks nothing of the request, the session or the database: they may be what broke.
    about = request if status < 500 else None
    return HttpResponse(render_to_string(f"{page or status}.html", context, about), status=status)


@public
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024
        what = _("A form may hold %(most)s KB. Go back: what you typed is still there. Shorten it and send it again.")
        return answer(request, 413, _("This is too long to be taken in"), what % {"most": most}, page=400)
    return answer(request, 400, _("We could not read this request"), _("Go back, reload the page and try again."))


@public
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, _("This is not open to you"), _("Ask an administrator if you need it for your work."))


@public
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    what = _("You were away for long, or signed in elsewhere. Go back, reload the page and send it again.")
    return answer(request, 403, _("This form is no longer valid"), what)


@public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    told = exception.args[0] if exception.args else ""
    if request.path.startswith("/f/"):  # who comes here is a visitor: no shell, no way to a home that they do not have
        return nowhere(request, told if isinstance(told, str) else "")
    what = told if isinstance(told, str) else _("The address may be mistyped, or the page may have moved.")
    return answer(request, 404, _("There is no such page here"), what or _("The address may be mistyped."))


def is_busy(fault: BaseException | None) -> bool:
    """Whether the database had no turn for us in time; what was asked was then not done at all."""
    return isinstance(fault, OperationalError) and any(told in str(fault) for told in BUSY)


def busy(request: HttpRequest) -> HttpResponse:
    what = _("Other work keeps the database busy. Nothing is lost: wait a few seconds, go back and send it again.")
    response = answer(request, 503, _("Vendange is busy"), what, page=500)
    response["Retry-After"] = str(AGAIN_AFTER)
    return response


@public
def broken(request: HttpRequest) -> HttpResponse:
    if is_busy(sys.exc_info()[1]):
        return busy(request)
    what = _("It is our fault, and nothing you typed caused it. What was already saved is safe.")
    return answer(request, 500, _("Something broke"), what)
