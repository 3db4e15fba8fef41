from django.apps import AppConfig


class DeductiblesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "deductibles"
