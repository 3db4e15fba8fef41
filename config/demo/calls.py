"""The calls and letters of the demo's desks, and the callers for whom no ticket was filed."""

from __future__ import annotations

from config.demo.call import DONE, STARTED, TAKEN, waits
from config.demo.calls_callbacks import CALLS_OF_CALLERS, callback
from config.demo.calls_insurance import CALLS_OF_INSURANCE
from config.demo.calls_itemized import CALLS_ITEMIZED, bill
from config.demo.calls_money import CALLS_OF_MONEY, missing

CALLS = [*CALLS_ITEMIZED, *CALLS_OF_CALLERS, *CALLS_OF_MONEY, *CALLS_OF_INSURANCE]
"""What Acme's desk was asked."""
FEW = [
    bill("First request of a new patient.", standing="on_track", steps=TAKEN),
    bill("Asked for large print and a return envelope.", standing="due_soon", steps=STARTED),
    bill("Copy goes to the care home.", standing="in_window", channel="email", steps=STARTED),
    callback("Line broke off twice in the tunnel.", "Today after 3 pm", days=1, steps=TAKEN),
    missing(
        "Will send the proof again, the first picture is blurred.",
        "TX-4410982",
        standing="paused",
        steps=(*STARTED, waits("patient", "Asked for a sharper picture.", 1)),
    ),
    bill("For a spending account.", channel="email", days=13, steps=DONE),
]
"""What the other company's was asked."""
DEFLECTED = (9, 6, 2)
"""Days ago on which an insurer asked for an itemized bill and was told where to write."""
NO_TICKET = (
    (14, "waited", "Less than two minutes"),
    (7, "waiting", "45 business days ago or less"),
    (4, "account", "Nothing: the account answers the question"),
    (1, "payment", "They want to know whether a payment arrived"),
)
"""Days ago on which “Which ticket?” led to none: the question, and the answer that ended it (R-X-9)."""
