"""The addresses of the payers' pages."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from patients import payer_views

app_name = "payers"
urlpatterns = [
    path("", payer_views.payer_list, name="list"),
    path("new/", payer_views.payer_new, name="new"),
    path("<row:key>/", payer_views.payer_page, name="payer"),
    path("<row:key>/edit/", payer_views.payer_edit, name="edit"),
    path("<row:key>/revert/", payer_views.payer_revert, name="revert"),
]
