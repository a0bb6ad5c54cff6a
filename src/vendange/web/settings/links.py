"""The link with which a colleague chooses a password: works once, for a few days."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.urls import reverse

from vendange.models import User


def link_for(request: HttpRequest, user: User) -> str:
    key = default_token_generator.make_token(user)
    there = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return request.build_absolute_uri(there)
