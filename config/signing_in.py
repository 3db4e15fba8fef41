"""What signing in is made of, for the settings: the rules of a password, the forms of keys."""

from __future__ import annotations

PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.NotTooLong"},
    {"NAME": "accounts.passwords.NotTheSame"},
    {"NAME": "accounts.passwords.NotTheDemoPassword"},
]
RATE_LIMITS = {"login": False, "login_failed": "5/5m/key", "provider": "120/m/ip", "set_up_code": "10/15m/ip"}
"""allauth's limits as the settings explain them; and the tries at the set-up code, by address."""
FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddKeyForm",
    "edit_webauthn": "accounts.passkey_forms.NameForm",
    "login_webauthn": "accounts.passkey_forms.SignInForm",
    "authenticate_webauthn": "accounts.passkey_forms.SecondFactorForm",
    "reauthenticate_webauthn": "accounts.passkey_forms.AgainForm",
}
