"""What people may type in Settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from vendange.models import Team
from vendange.models.user import ROLES
from vendange.words import FAMILIES, word

THEMES = (("", _("As the system")), ("light", _("Light")), ("dark", _("Dark")))
NO_SIDE = ("", _("Nobody"))


def named(family: str, *codes: str) -> list[tuple[str, Any]]:
    return [(code, word(family, code)) for code in codes or FAMILIES[family]]


class Profile(forms.Form):
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser asks")), *settings.LANGUAGES], required=False
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES, required=False)


class Place(forms.Form):
    """Where a colleague stands: role, team, signature."""

    role = forms.ChoiceField(label=_("Role"), choices=lazy(lambda: named("user_role", *ROLES), list))
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.order_by("name"), required=False, empty_label=_("None")
    )
    signs_for = forms.ChoiceField(
        label=_("Signs the agreement for"),
        choices=lazy(lambda: [NO_SIDE, *named("side")], list),
        required=False,
        help_text=_("An agreement needs one signature of marketing and one of sales."),
    )


class Invitation(Place):
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser asks")), *settings.LANGUAGES], required=False
    )
    field_order = ("first_name", "last_name", "email", "role", "team", "signs_for", "language")


class Colleague(Place):
    is_active = forms.BooleanField(label=_("May sign in"), required=False)


class NewTeam(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    side = forms.ChoiceField(label=_("Belongs to"), choices=lazy(lambda: named("side"), list))


class NewKey(forms.Form):
    name = forms.CharField(label=_("Which program will use it?"), max_length=80)
    role = forms.ChoiceField(
        label=_("It may do what this role may do"), choices=lazy(lambda: named("user_role", *ROLES), list)
    )
