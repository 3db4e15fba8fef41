"""The addresses of background work; those of the nights themselves are the deductibles'."""

from django.urls import path

from config.runs import views

app_name = "runs"
urlpatterns = [
    path("settings/runs/all/", views.work_list, name="list"),
    path("settings/runs/by-itself/", views.routines, name="routines"),
]
