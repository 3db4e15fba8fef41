"""The door of a server that has no company; it closes with the first."""

from django.urls import path

from config.setup import door_views as views

app_name = "opening"
urlpatterns = [
    path("", views.code, name="code"),
    path("company/", views.company, name="company"),
]
