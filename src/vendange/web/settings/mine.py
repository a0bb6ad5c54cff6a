"""Settings of everybody: my name, my language, my theme."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendange.admit import actions
from vendange.models import User
from vendange.web.access import Request, signed_in
from vendange.web.settings.forms import Profile
from vendange.web.show import redirect_or_swap, show


@signed_in
@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    user = request.user
    form = Profile(request.POST) if request.method == "POST" else Profile(initial=known(user))
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, page="settings/profile.html", context={"form": form, "part": "profile"}, status=status)
    actions.change_profile(user=user, now=timezone.now(), **form.cleaned_data)
    with translation.override(user.language or translation.get_language()):
        messages.success(request, _("Your profile is saved."))
    return redirect_or_swap(request, to="settings")


def known(user: User) -> dict[str, str]:
    return {name: getattr(user, name) for name in ("first_name", "last_name", "language", "theme")}
