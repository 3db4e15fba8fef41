"""Settings, Mail: a test mail arrives, or the step on the way that fails is named with what to do."""

from __future__ import annotations

import socket

import pytest

from tests.mail_server import MailServer
from tests.provided import words

pytestmark = pytest.mark.django_db
PAGE = "/settings/mail/"


@pytest.fixture
def admin(page_as, adam, settings):
    adam.email = "adam@acme.example"
    adam.save()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 1
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Holdline <no-reply@holdline.example>"
    return page_as(adam)


def test_a_mail_that_is_taken_went_every_step(admin, settings):
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        page = words(admin.post(PAGE))
    assert "Every step went well." in page and "Taken for adam@acme.example" in page
    assert "To: adam@acme.example" in server.taken[0] and "This one did" in server.taken[0]


def test_each_step_that_fails_is_named(admin, settings):
    def ends(step: str, said: str) -> None:
        page = words(admin.post(PAGE))
        assert f"It ends here: {step}." in page and said in page and "What to do:" in page, page

    with MailServer("550 5.1.1 no such person") as server:
        settings.EMAIL_PORT = server.port
        ends("Your address", "answered 550: 5.1.1 no such person")
        settings.EMAIL_USE_TLS = True
        ends("Encryption", "offers no encryption")
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, True
        ends("Encryption", "does not speak TLS")
        settings.EMAIL_USE_SSL, settings.EMAIL_HOST_USER = False, "somebody"
        ends("Name and password", "asks for no password")
        settings.EMAIL_HOST_USER = ""
    with MailServer(hangs=True) as server:
        settings.EMAIL_PORT = server.port
        ends("Answer", "did not answer in time")
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings.EMAIL_PORT = door.getsockname()[1]
    ends("Connection", "nothing listens there")
    settings.EMAIL_HOST = "no-such-mail-server.example"
    ends("Name", "no-such-mail-server.example")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    ends("Setting", "go to no mail server")


def test_who_has_no_address_is_told(admin, adam):
    adam.email = ""
    adam.save()
    answer = admin.post(PAGE)
    assert answer.status_code == 409 and "no mail address" in words(answer)
