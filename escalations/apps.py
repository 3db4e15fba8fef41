from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "escalations"

    def ready(self) -> None:
        """Let a ticket's number find its patient, and its marks be seen wherever the patient is."""
        from escalations import patient_banners, patient_panel  # noqa: F401
