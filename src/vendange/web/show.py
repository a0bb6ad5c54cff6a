"""How a view answers: a whole page for a browser, a fragment for htmx, and one way out after a form."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect


def wants_fragment(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def show(
    request: HttpRequest, *, page: str, context: Mapping[str, Any], fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render `page`, or `fragment` (if given) when htmx asks; what there is to say comes along with either."""
    partial = bool(fragment) and wants_fragment(request)
    html = render_to_string(fragment if partial else page, dict(context), request)
    if partial and (status >= 400 or len(messages.get_messages(request))):  # a refusal clears what was said before
        html += render_to_string("_said.html", {"swap": True}, request)
    response = HttpResponse(html, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_or_swap(
    request: HttpRequest, *, to: str, fragment: str = "", context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """After an act: browsers go to `to` (URL or name); htmx gets `fragment`, or goes to `to` when there is none."""
    if wants_fragment(request) and fragment:
        return show(request, page=fragment, fragment=fragment, context=context or {})
    onward = redirect(to)
    if wants_fragment(request):
        return HttpResponseClientRedirect(onward["Location"])
    onward.status_code = 303
    return onward


def conflict(request: HttpRequest, *, what: str, back: str) -> HttpResponse:
    """409: somebody else was faster, or the act is no longer possible. `what` says which, `back` where to go on."""
    if wants_fragment(request):
        messages.warning(request, what)
        return HttpResponseClientRedirect(back)
    context = {"title": _("This has changed meanwhile"), "what": what, "back": back}
    return HttpResponse(render_to_string("409.html", context, request), status=409)
