from django.apps import AppConfig


class DeductiblesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "deductibles"

    def ready(self) -> None:
        """Make this app's outbox messages deliverable; let a claim find its patient; answer for payers; make
        claims importable; tell what works in the background."""
        from deductibles import monitoring, patient_panel, payer_effects  # noqa: F401
        from deductibles.actions.sending import state_of
        from deductibles.background import back_tests, jobs, nights  # noqa: F401
        from deductibles.importing import desk  # noqa: F401
        from work.hooks.sending import only_while

        # A copy of the database tells nobody what happened in it, as it hands over no file.
        only_while(lambda company, at: state_of(company, at=at).armed)
