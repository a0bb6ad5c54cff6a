"""Addresses under /people/."""

from django.urls import path

from vendange.web.people import acts, facts, pages

urlpatterns = [
    path("", pages.people, name="people"),
    path("<uuid:public_id>/", pages.person, name="person"),
    path("<uuid:public_id>/objection", acts.objection, name="person_objection"),
    path("<uuid:public_id>/facts/<int:number>/use", facts.use, name="person_fact"),
]
