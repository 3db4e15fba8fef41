"""The addresses of a list's columns, views and file."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from tables import views

app_name = "tables"
urlpatterns = [
    path("<slug:key>/columns/", views.columns, name="columns"),
    path("<slug:key>/export/", views.export, name="export"),
    path("<slug:key>/views/", views.views, name="views"),
    path("<slug:key>/views/save/", views.save, name="save"),
    path("<slug:key>/views/<row:view>/", views.change, name="view"),
]
