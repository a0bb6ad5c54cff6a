"""Addresses under /people/segments/."""

from django.urls import path

from vendange.web.segments import pages

urlpatterns = [
    path("", pages.segments, name="segments"),
    path("new", pages.new, name="segment_new"),
    path("by-hand", pages.by_hand, name="segment_by_hand"),
    path("<uuid:public_id>/", pages.segment, name="segment"),
    path("<uuid:public_id>/close", pages.close, name="segment_close"),
]
