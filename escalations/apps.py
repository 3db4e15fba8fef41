from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escalations"

    def ready(self) -> None:
        """Let a ticket's number find its patient, its marks be seen with the patient, mails be sent, and
        who is disabled leave no ticket behind unseen; make tickets importable; tell what works in the
        background."""
        from escalations import background, digests, leaving, mails, patient_banners, patient_panel  # noqa: F401
        from escalations.importing import desk  # noqa: F401
