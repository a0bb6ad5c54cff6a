"""The one Django app that holds every table."""

from django.apps import AppConfig


class VendangeConfig(AppConfig):
    name = "vendange"
    label = "vendange"
    verbose_name = "Vendange"
