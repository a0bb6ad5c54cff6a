"""Who may come in: colleagues whom an administrator invited, by password, passkey or the company's own account."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from vendange.models import User


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class KnownColleaguesOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The company's identity provider says who somebody is; it does not say that they are one of us."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        address = sociallogin.user.email
        known = User.objects.filter(email__iexact=address, is_active=True).first() if address else None
        if known is None:
            told = _("%(address)s is not known here. Ask an administrator for an invitation.")
            messages.error(request, told % {"address": address or _("This account")})
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, known)
