"""The addresses of signing in by a company's provider."""

from django.urls import path

from work.oidc import door

app_name = "provider"
urlpatterns = [
    path("", door.ask, name="ask"),
    path("link/", door.link, name="link"),
    path("again/", door.again, name="again"),
    path("answer/<str:key>/", door.answer, name="answer"),
]
