"""Addresses under /settings/."""

from django.urls import path

from vendange.web.settings import house, mine

urlpatterns = [
    path("", mine.profile, name="settings"),
    path("colleagues", house.colleagues, name="colleagues"),
    path("colleagues/invite", house.invite, name="invite"),
    path("colleagues/<uuid:public_id>", house.colleague, name="colleague"),
    path("colleagues/<uuid:public_id>/link", house.password_link, name="password_link"),
    path("teams", house.teams, name="teams"),
    path("keys", house.keys, name="keys"),
    path("keys/<int:pk>/revoke", house.revoke_key, name="revoke_key"),
]
