"""Addresses under /team/."""

from django.urls import path

from vendange.web.team import acts, pages

urlpatterns = [
    path("", pages.team, name="team"),
    path("<uuid:public_id>/", acts.salesperson, name="salesperson"),
    path("<uuid:public_id>/taking", acts.taking, name="salesperson_taking"),
    path("<uuid:public_id>/absences", acts.absence, name="salesperson_absence"),
    path("<uuid:public_id>/absences/<int:pk>/remove", acts.remove_absence, name="salesperson_absence_remove"),
    path("leads/<uuid:public_id>/owner", acts.find_owner, name="team_find_owner"),
]
