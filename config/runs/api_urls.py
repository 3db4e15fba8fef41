"""The address of background work by the API."""

from django.urls import path

from config.runs.api import WorkList

urlpatterns = [path("runs/", WorkList.as_view(), name="api-runs")]
