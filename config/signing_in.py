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
FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddKeyForm",
    "edit_webauthn": "accounts.passkey_forms.NameForm",
    "login_webauthn": "accounts.passkey_forms.SignInForm",
    "authenticate_webauthn": "accounts.passkey_forms.SecondFactorForm",
    "reauthenticate_webauthn": "accounts.passkey_forms.AgainForm",
}
