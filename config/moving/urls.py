from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from config.moving import views

app_name = "everything"
urlpatterns = [
    path("", views.page, name="page"),
    path("ask/", views.ask, name="ask"),
    path("<row:key>/fetch/", views.fetch, name="fetch"),
    path("<row:key>/away/", views.away, name="away"),
]
