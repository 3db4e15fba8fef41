"""The addresses under which an admin looks after the company's sign-in provider."""

from django.urls import path

from work.oidc import views

app_name = "sign_in"
urlpatterns = [
    path("", views.page, name="page"),
    path("steps/<slug:act>/", views.act, name="act"),
]
