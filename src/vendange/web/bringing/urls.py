"""Addresses under /capture/imports/."""

from django.urls import path

from vendange.web.bringing import acts, pages

urlpatterns = [
    path("", pages.imports, name="capture_imports"),
    path("add", pages.add, name="import_add"),
    path("maps/<int:number>/forget", acts.forget, name="import_map_forget"),
    path("<uuid:public_id>/", pages.one_import, name="import"),
    path("<uuid:public_id>/map", acts.change, name="import_map"),
    path("<uuid:public_id>/map.yaml", pages.map_file, name="import_map_file"),
    path("<uuid:public_id>/far", pages.far, name="import_far"),
    path("<uuid:public_id>/stop", acts.stop, name="import_stop"),
    path("<uuid:public_id>/go-on", acts.go_on, name="import_go_on"),
    path("<uuid:public_id>/revert", acts.revert, name="import_revert"),
    path("<uuid:public_id>/refused.csv", pages.refused_rows, name="capture_refused_rows"),
]
