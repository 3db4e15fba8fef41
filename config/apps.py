from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Holdline"

    def ready(self) -> None:
        """Register the system checks; tell what works in the background; have every thread ring our
        doorbell, not that of no app at all."""
        from config import checks  # noqa: F401
        from config.celery import app
        from config.moving import letters  # noqa: F401  its mails wait in the outbox
        from config.runs import company_files  # noqa: F401  background work like any other

        app.set_default()
