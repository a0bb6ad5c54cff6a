"""Addresses under /people/."""

from django.urls import include, path

from vendange.web import taking_away
from vendange.web.people import acts, facts, pages, reporting, twins
from vendange.web.segments import bulk

urlpatterns = [
    path("", pages.people, name="people"),
    path("export.csv", taking_away.people, name="people_export"),
    path("selected/", bulk.choose, name="people_bulk"),
    path("selected/confirm", bulk.confirm, name="people_bulk_confirm"),
    path("selected/<uuid:public_id>/", bulk.job, name="people_bulk_job"),
    path("selected/<uuid:public_id>/undo", bulk.undo, name="people_bulk_undo"),
    path("segments/", include("vendange.web.segments.urls")),
    path("twins/", twins.twins, name="person_twins"),
    path("twins/compare", twins.compare, name="person_twins_compare"),
    path("twins/<int:number>/judge", twins.judge, name="person_twins_judge"),
    path("merges/<uuid:merge_id>/undo", twins.undo, name="person_unmerge"),
    path("<uuid:public_id>/merge", twins.take_in, name="person_merge"),
    path("<uuid:public_id>/", pages.person, name="person"),
    path("<uuid:public_id>/contact", reporting.edit, name="person_contact"),
    path("<uuid:public_id>/objection", acts.objection, name="person_objection"),
    path("<uuid:public_id>/facts/<int:number>/use", facts.use, name="person_fact"),
]
