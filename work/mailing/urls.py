"""The address under which an admin tests the mail server."""

from django.urls import path

from work.mailing import views

app_name = "mailing"
urlpatterns = [path("", views.page, name="page")]
