from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from accounts import people_views as views

app_name = "people"
urlpatterns = [
    path("", views.people, name="list"),
    path("new/", views.person_new, name="new"),
    path("<row:key>/", views.person, name="person"),
    path("<row:key>/unlock/<slug:act>/", views.person_unlock, name="unlock"),
    path("<row:key>/<slug:act>/", views.person_act, name="act"),
]
