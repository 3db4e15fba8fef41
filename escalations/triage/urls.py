"""What presses now, and what to do about it in one key: the supervisors' board."""

from django.urls import path

from escalations.triage import bulk_views, views

app_name = "triage"
urlpatterns = [
    path("", views.board, name="board"),
    path("live/", views.live, name="live"),
    path("bulk/", bulk_views.bulk, name="bulk"),
    path("tickets/<str:number>/", views.preview, name="preview"),
    path("tickets/<str:number>/<str:act>/", views.act, name="act"),
]
