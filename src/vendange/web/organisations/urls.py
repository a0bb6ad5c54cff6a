"""Addresses under /organisations/."""

from django.urls import path

from vendange.web import taking_away
from vendange.web.organisations import editing, pages, twins

urlpatterns = [
    path("", pages.organisations, name="organisations"),
    path("export.csv", taking_away.organisations, name="organisations_export"),
    path("twins/", twins.twins, name="organisation_twins"),
    path("twins/compare", twins.compare, name="organisation_twins_compare"),
    path("twins/<int:number>/judge", twins.judge, name="organisation_twins_judge"),
    path("merges/<uuid:merge_id>/undo", twins.undo, name="organisation_unmerge"),
    path("<uuid:public_id>/", pages.organisation, name="organisation"),
    path("<uuid:public_id>/edit", editing.edit, name="organisation_edit"),
    path("<uuid:public_id>/merge", twins.take_in, name="organisation_merge"),
    path("<uuid:public_id>/people/<uuid:person_id>/role", editing.role, name="organisation_role"),
]
