"""Addresses under /f/: pages for people who are no colleagues."""

from django.urls import path

from vendange.web.forms import confirming, pages

urlpatterns = [
    path("confirm/<str:secret>", confirming.confirm, name="form_confirm"),
    path("<uuid:public_id>/", pages.hosted, name="form_hosted"),
    path("<uuid:public_id>/thanks", pages.thanks, name="form_thanks"),
]
