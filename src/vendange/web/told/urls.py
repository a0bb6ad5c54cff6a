"""Addresses under /tell/. All of them stand under one path: the worker that opens pages offline may see no other."""

from django.urls import path

from vendange.web.told import keeping, pages

urlpatterns = [
    path("", pages.tell, name="tell"),
    path("shell", pages.shell, name="tell_shell"),
    path("shows/<uuid:public_id>/", pages.booth, name="tell_booth"),
    path("shows/<uuid:public_id>/shell", pages.booth_shell, name="tell_booth_shell"),
    path("keep", keeping.keep, name="tell_keep"),
    path("undo", keeping.undo, name="tell_undo"),
    path("who", pages.who, name="tell_who"),
    path("people", pages.people, name="tell_people"),
    path("worker.js", pages.worker, name="tell_worker"),
]
