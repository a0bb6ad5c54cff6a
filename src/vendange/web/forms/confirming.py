"""The link of a letter of confirmation. Opening it changes nothing: programs open links too. The button acts (C68)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vendange.ask import queries
from vendange.ask.actions import TooLate
from vendange.ask.rules import key_of
from vendange.journey import answers
from vendange.models import Submission
from vendange.web.access import public
from vendange.web.show import show


@csrf_exempt  # the secret of the link is all that is asked, and a reader of mail may bring no cookie
@require_http_methods(["GET", "HEAD", "POST"])
@public
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    found = queries.to_confirm(key_of(secret))
    if found is None:
        raise Http404(_("This link is not known. Look whether it is whole."))
    state = _act(secret, found) if request.method == "POST" else _state(found)
    definition = queries.asked_in(found)
    with override(definition.language):
        texts = queries.boxes_of(definition)
        names = [f"consent.{box['channel']}.{box['purpose']}" for box in found.consents if box.get("pending")]
        context = {
            "title": definition.title,
            "form": definition,
            "state": state,
            "texts": [texts[name] for name in names if name in texts],
            "until": found.confirm_until,
        }
        response = show(request, page="forms/confirm.html", context=context, status=410 if state == "late" else 200)
    response.headers["Content-Language"] = definition.language
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return response


def _state(found: Submission) -> str:
    if found.confirmed_at is not None:
        return "done"
    is_late = found.confirm_until is None or timezone.now() > found.confirm_until
    return "late" if is_late else "open"


def _act(secret: str, found: Submission) -> str:
    try:
        answers.confirm(secret=secret, now=timezone.now())
    except TooLate:
        return "late"
    return "done"
