"""Addresses under /people/."""

from django.urls import path

from vendange.web import taking_away
from vendange.web.people import acts, facts, pages, twins

urlpatterns = [
    path("", pages.people, name="people"),
    path("export.csv", taking_away.people, name="people_export"),
    path("twins/", twins.twins, name="person_twins"),
    path("twins/compare", twins.compare, name="person_twins_compare"),
    path("twins/<int:number>/judge", twins.judge, name="person_twins_judge"),
    path("merges/<uuid:merge_id>/undo", twins.undo, name="person_unmerge"),
    path("<uuid:public_id>/merge", twins.take_in, name="person_merge"),
    path("<uuid:public_id>/", pages.person, name="person"),
    path("<uuid:public_id>/objection", acts.objection, name="person_objection"),
    path("<uuid:public_id>/facts/<int:number>/use", facts.use, name="person_fact"),
]
