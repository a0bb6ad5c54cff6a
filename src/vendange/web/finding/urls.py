"""Addresses under /find/."""

from django.urls import path

from vendange.web.finding import pages

urlpatterns = [
    path("", pages.find, name="find"),
    path("<slug:kind>/<uuid:public_id>", pages.go, name="find_go"),
]
