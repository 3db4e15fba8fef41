"""The set-up of a company: its steps, the two of the calendar, the summary."""

from django.urls import path

from config.setup import calendar_views, views

app_name = "setup"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("steps/", views.step, name="step"),
    path("hours/", calendar_views.hours, name="hours"),
    path("holidays/", calendar_views.holidays, name="holidays"),
    path("summary/", views.summary, name="summary"),
]
