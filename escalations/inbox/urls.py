"""What one was told, and how one wants to be told."""

from django.urls import path

from escalations.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.inbox, name="list"),
    path("count/", views.count, name="count"),
    path("read/", views.read, name="read"),
    path("choices/", views.choices, name="choices"),
    path("people/", views.people, name="people"),
]
