"""Settings."""

from django.http import HttpResponse

from vendange.web.access import Request, signed_in
from vendange.web.show import show


@signed_in
def profile(request: Request) -> HttpResponse:
    return show(request, page="settings/page.html", context={})
