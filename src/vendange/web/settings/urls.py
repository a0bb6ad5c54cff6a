"""Addresses under /settings/."""

from django.urls import path

from vendange.web.settings import views

urlpatterns = [path("", views.profile, name="settings")]
