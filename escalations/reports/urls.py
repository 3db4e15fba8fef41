"""How the desk did: kept and missed promises, by type, week, person and reason."""

from django.urls import path

from escalations.reports import views
from escalations.reports.pages import PAGES

app_name = "reports"
urlpatterns = [
    path("", views.first_page, name="overview"),
    *(path(f"{key}/", views.report_page, {"key": key}, name=key) for key in PAGES),
    *(path(f"{key}/export/", views.export, {"key": key}, name=f"{key}-export") for key in PAGES),
]
