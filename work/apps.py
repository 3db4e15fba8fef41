from datetime import datetime
from typing import Any

from django.apps import AppConfig


class WorkConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "work"

    def ready(self) -> None:
        """Carry the mails of accounts, a room below: they wait in the outbox like all others."""
        from accounts import emergency, letters
        from work import outbox
        from work.hooks import switching  # noqa: F401  its mails wait there too

        def post(company_id: int, kind: str, payload: dict[str, Any], at: datetime) -> None:
            outbox.post(company_id, kind, payload, at=at)

        letters.posted_by(post)
        outbox.handles(letters.KIND)(lambda message: letters.send(int(message.payload["user"])))
        outbox.handles(emergency.KIND)(
            lambda message: emergency.send(int(message.payload["emergency"]), int(message.payload["user"]))
        )
