from django.apps import AppConfig


class DeductiblesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "deductibles"

    def ready(self) -> None:
        """Make the outbox's messages of this app deliverable; let a claim's number find its patient."""
        from deductibles import monitoring, patient_panel  # noqa: F401
