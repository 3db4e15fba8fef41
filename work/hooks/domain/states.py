"""The life of a delivery: one event on its way to one endpoint. Pure."""

from __future__ import annotations

from accounts.roles import Can
from accounts.steps import Step, Table

WAITING, DELIVERED, FAILED, WITHDRAWN = "waiting", "delivered", "failed", "withdrawn"
FIRST = WAITING
LABELS: dict[str, str] = {
    WAITING: "Waiting",
    DELIVERED: "Delivered",
    FAILED: "Given up",
    WITHDRAWN: "Withdrawn",
}

DELIVERY: Table = (
    Step("deliver", (WAITING,), DELIVERED, None, "Answered with success"),
    Step("try_again", (WAITING,), None, None, "Failed, is tried again"),
    Step("give_up", (WAITING,), FAILED, None, "Failed for the last time"),
    Step("withdraw", (WAITING,), WITHDRAWN, Can.SETTINGS, "The endpoint was removed"),
    Step("hasten", (WAITING,), None, Can.SETTINGS, "Send now"),
    Step("replay", (DELIVERED, FAILED), WAITING, Can.SETTINGS, "Send again"),
)
