from django.urls import path

import accounts.converters  # noqa: F401  makes <row:…> known
from accounts import kept_views, passkey_views, session_views, token_views, views

app_name = "accounts"
urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("session/", session_views.session, name="session"),
    path("stay/", session_views.stay, name="stay"),
    path("signed-in-again/", session_views.signed_in_again, name="signed_in_again"),
    # before allauth's own page of the same address: this one costs the same however many sessions there are
    path("sessions/", session_views.sessions, name="sessions"),
    # before allauth's own of the same addresses, too (accounts.passkey_views)
    path("2fa/webauthn/", passkey_views.Keys.as_view(), name="keys"),
    path("2fa/webauthn/add/", passkey_views.Add.as_view(), name="key_add"),
    path("2fa/webauthn/login/", passkey_views.SignIn.as_view(), name="key_sign_in"),
    path("2fa/webauthn/reauthenticate/", passkey_views.Again.as_view(), name="key_again"),
    path("2fa/webauthn/keys/<row:pk>/edit/", passkey_views.Rename.as_view(), name="key_name"),
    path("2fa/webauthn/keys/<row:pk>/remove/", passkey_views.Remove.as_view(), name="key_remove"),
    path("kept/", kept_views.kept, name="kept"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/revoke/", token_views.token_revoke, name="token_revoke"),
]
