"""Addresses under /capture/."""

from django.urls import path

from vendange.web.capture import (
    companies,
    consent_texts,
    form_answers,
    form_builder,
    form_pages,
    pages,
    refusals,
    shows,
)

urlpatterns = [
    path("shows/", shows.shows, name="shows"),
    path("shows/add", shows.add, name="show_add"),
    path("shows/<uuid:public_id>/", shows.one_show, name="show"),
    path("shows/<uuid:public_id>/change", shows.change, name="show_change"),
    path("shows/<uuid:public_id>/file", shows.guest_file, name="show_file"),
    path("", pages.sources, name="capture"),
    path("sources/<uuid:public_id>/", pages.source, name="capture_source"),
    path("sources/<uuid:public_id>/trust", pages.trust, name="capture_trust"),
    path("sources/<uuid:public_id>/close", pages.close, name="capture_close"),
    path("imports/", pages.imports, name="capture_imports"),
    path("imports/<uuid:public_id>/refused.csv", pages.refused_rows, name="capture_refused_rows"),
    path("forms/", form_pages.forms, name="capture_forms"),
    path("forms/consents/", consent_texts.texts, name="capture_consents"),
    path("forms/consents/<int:number>/retire", consent_texts.retire, name="capture_consent_retire"),
    path("forms/<uuid:public_id>/", form_pages.form, name="capture_form"),
    path("forms/<uuid:public_id>/build", form_builder.build, name="capture_form_build"),
    path("forms/<uuid:public_id>/publish", form_pages.publish, name="capture_form_publish"),
    path("forms/<uuid:public_id>/close", form_pages.close, name="capture_form_close"),
    path("forms/<uuid:public_id>/sites", form_pages.allow_sites, name="capture_form_sites"),
    path("forms/<uuid:public_id>/answers", form_answers.answers, name="capture_form_answers"),
    path("forms/<uuid:public_id>/answers.csv", form_answers.as_file, name="capture_form_file"),
    path("companies/", companies.companies, name="capture_companies"),
    path("companies/add", companies.add, name="capture_companies_add"),
    path("companies/never", companies.bar, name="capture_companies_bar"),
    path("companies/never/<int:number>/end", companies.end, name="capture_companies_end"),
    path("companies/settings/", companies.settings, name="capture_companies_settings"),
    path("companies/settings/on", companies.turn_on, name="capture_companies_on"),
    path("companies/settings/off", companies.turn_off, name="capture_companies_off"),
    path("companies/settings/file", companies.add_file, name="capture_companies_file"),
    path("companies/settings/file/remove", companies.remove_file, name="capture_companies_remove"),
    path("refused/", refusals.refused, name="capture_refused"),
    path("refused/<int:number>/take-in", refusals.take, name="capture_take_in"),
]
