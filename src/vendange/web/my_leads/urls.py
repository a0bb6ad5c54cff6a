"""Address of a salesperson's list."""

from django.urls import path

from vendange.web.my_leads import views

urlpatterns = [path("", views.my_leads, name="my_leads")]
