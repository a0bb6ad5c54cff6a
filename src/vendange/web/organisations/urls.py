"""Addresses under /organisations/."""

from django.urls import path

from vendange.web.organisations import pages

urlpatterns = [
    path("", pages.organisations, name="organisations"),
    path("<uuid:public_id>/", pages.organisation, name="organisation"),
]
