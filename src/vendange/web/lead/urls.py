"""Addresses under /leads/: one lead, and what can be done with it."""

from django.urls import path

from vendange.web.lead import acts, views

urlpatterns = [
    path("<uuid:public_id>/", views.lead, name="lead"),
    path("<uuid:public_id>/accept", acts.accept, name="lead_accept"),
    path("<uuid:public_id>/decline", acts.decline, name="lead_decline"),
    path("<uuid:public_id>/call", acts.call, name="lead_call"),
    path("<uuid:public_id>/report", acts.report, name="lead_report"),
    path("<uuid:public_id>/return", acts.give_back, name="lead_return"),
    path("<uuid:public_id>/deal", acts.deal, name="lead_deal"),
    path("<uuid:public_id>/won", acts.won, name="lead_won"),
    path("<uuid:public_id>/lost", acts.lost, name="lead_lost"),
    path("<uuid:public_id>/reassign", acts.reassign, name="lead_reassign"),
]
