from django.urls import path

from accounts import kept_views, session_views, token_views, views

app_name = "accounts"
urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("session/", session_views.session, name="session"),
    path("stay/", session_views.stay, name="stay"),
    path("signed-in-again/", session_views.signed_in_again, name="signed_in_again"),
    # before allauth's own page of the same address: this one costs the same however many sessions there are
    path("sessions/", session_views.sessions, name="sessions"),
    path("kept/", kept_views.kept, name="kept"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/revoke/", token_views.token_revoke, name="token_revoke"),
]
