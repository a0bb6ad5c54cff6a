"""Addresses under /organisations/."""

from django.urls import path

from vendange.web import taking_away
from vendange.web.organisations import pages

urlpatterns = [
    path("", pages.organisations, name="organisations"),
    path("export.csv", taking_away.organisations, name="organisations_export"),
    path("<uuid:public_id>/", pages.organisation, name="organisation"),
]
