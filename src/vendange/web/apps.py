"""The Django app of the pages; when it starts, the French words are made ready."""

from django.apps import AppConfig

from vendange.web import french


class WebConfig(AppConfig):
    name = "vendange.web"
    label = "web"
    verbose_name = "Vendange, pages"

    def ready(self) -> None:
        french.compile_if_stale()
