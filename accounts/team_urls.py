from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from accounts import team_views

app_name = "teams"
urlpatterns = [
    path("", team_views.teams, name="list"),
    path("new/", team_views.team_new, name="new"),
    path("<row:key>/", team_views.team_edit, name="team"),
    path("<row:key>/remove/", team_views.team_remove, name="remove"),
    path("people/<row:key>/", team_views.shifts, name="shifts"),
]
