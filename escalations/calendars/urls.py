"""The business calendar: its year, its changes with what they move, and the undoing."""

from django.urls import path

from escalations.calendars import views

app_name = "calendars"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("changes/<int:key>/undo/", views.undo, name="undo"),
]
