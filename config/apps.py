from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Holdline"

    def ready(self) -> None:
        """Register the system checks; have every thread ring our doorbell, not that of no app at all."""
        from config import checks  # noqa: F401
        from config.celery import app
        from config.moving import letters  # noqa: F401  its mails wait in the outbox

        app.set_default()
