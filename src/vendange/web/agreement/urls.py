"""Addresses under /agreement/."""

from django.urls import path

from vendange.web.agreement import acts, pages

urlpatterns = [
    path("", pages.agreement, name="agreement"),
    path("draft", acts.draft, name="agreement_draft"),
    path("<int:number>/", pages.version, name="agreement_version"),
    path("<int:number>/sign", acts.sign, name="agreement_sign"),
    path("<int:number>/withdraw", acts.withdraw, name="agreement_withdraw"),
]
