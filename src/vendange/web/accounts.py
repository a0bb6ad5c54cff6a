"""Who may come in: colleagues whom an administrator invited, by password, passkey or the company's own account."""

from collections.abc import Mapping
from typing import Any

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
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False


class KnownColleaguesOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The company's identity provider says who somebody is; it does not say that they are one of us."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        address = "" if denied_by_provider(sociallogin.account.extra_data) else sociallogin.user.email
        known = User.objects.filter(email__iexact=address, is_active=True).first() if address else None
        if known is None:
            told = _("%(address)s is not known here. Ask an administrator for an invitation.")
            messages.error(request, told % {"address": address or _("This account")})
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, known)


def denied_by_provider(told: Mapping[str, Any]) -> bool:
    """Whether the provider itself says that the address is not verified. Many company providers say nothing."""
    parts = [told, told.get("userinfo") or {}, told.get("id_token") or {}]
    return any(part.get("email_verified") is False for part in parts)
