from django.apps import AppConfig


class PatientsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "patients"

    def ready(self) -> None:
        """Make patients and payers importable, and imports known as background work."""
        from patients.imports import background, comparing  # noqa: F401
