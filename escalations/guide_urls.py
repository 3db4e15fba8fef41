"""The addresses of the guide."""

from django.urls import path

from escalations import guide_views

app_name = "guide"
urlpatterns = [
    path("guide/", guide_views.guide, name="page"),
    path("guide/unclear/", guide_views.unclear, name="unclear"),
    path("settings/unclear/", guide_views.reports, name="reports"),
]
