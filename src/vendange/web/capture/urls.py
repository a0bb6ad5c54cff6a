"""Addresses under /capture/."""

from django.urls import path

from vendange.web.capture import pages, refusals

urlpatterns = [
    path("", pages.sources, name="capture"),
    path("sources/<uuid:public_id>/", pages.source, name="capture_source"),
    path("sources/<uuid:public_id>/trust", pages.trust, name="capture_trust"),
    path("sources/<uuid:public_id>/close", pages.close, name="capture_close"),
    path("imports/", pages.imports, name="capture_imports"),
    path("imports/<uuid:public_id>/refused.csv", pages.refused_rows, name="capture_refused_rows"),
    path("refused/", refusals.refused, name="capture_refused"),
    path("refused/<int:number>/take-in", refusals.take, name="capture_take_in"),
]
