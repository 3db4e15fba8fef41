from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Holdline"

    def ready(self) -> None:
        """Register the system checks."""
        from config import checks  # noqa: F401
