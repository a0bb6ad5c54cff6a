"""My leads: to accept, to call, to report, to follow, and what may be signed."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from vendange.web.access import Request, allow
from vendange.web.my_leads.lists import work
from vendange.web.show import show


@allow("sales", "manager")
@require_safe
def my_leads(request: Request) -> HttpResponse:
    return show(request, page="my_leads/page.html", context=work(request.user))
