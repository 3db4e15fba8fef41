"""The addresses under which an admin looks after webhooks."""

from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from work.hooks import views

app_name = "hooks"
urlpatterns = [
    path("", views.endpoint_list, name="list"),
    path("new/", views.endpoint_new, name="new"),
    path("deliveries/<row:key>/", views.delivery, name="delivery"),
    path("deliveries/<row:key>/replay/", views.delivery_replay, name="replay"),
    path("<row:key>/", views.endpoint, name="endpoint"),
    path("<row:key>/edit/", views.endpoint_edit, name="edit"),
    path("<row:key>/steps/<slug:act>/", views.endpoint_act, name="act"),
]
