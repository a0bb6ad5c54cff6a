"""Addresses under /desk/."""

from django.urls import path

from vendange.web.desk import acts, pages

urlpatterns = [
    path("", pages.desk, name="desk"),
    path("<uuid:public_id>/", pages.lead, name="desk_lead"),
    path("<uuid:public_id>/judge", acts.judge, name="desk_judge"),
    path("<uuid:public_id>/machine", acts.machine, name="desk_machine"),
    path("<uuid:public_id>/call", acts.log_call, name="desk_call"),
    path("<uuid:public_id>/release", acts.release, name="desk_release"),
]
