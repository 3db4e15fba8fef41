from django.apps import AppConfig


class DeductiblesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "deductibles"

    def ready(self) -> None:
        """Make this app's outbox messages deliverable; let a claim find its patient; answer for payers."""
        from deductibles import monitoring, patient_panel, payer_effects  # noqa: F401
