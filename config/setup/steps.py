"""The steps of a set-up in the order in which a new company is asked: what for, and where each is done.

Every step is done on the page that will always be its place; the set-up leads there and remembers nothing
but what an admin said of it. Only the two of the calendar have pages here, over the same actions.
"""

from __future__ import annotations

from dataclasses import dataclass

GUIDED = "set_up_guided"
"""Where a session keeps that its admin is led through the set-up: the strip stands above every page."""


@dataclass(frozen=True)
class Step:
    """One step. ``keep`` is the button by which an admin says that it is well as it stands; empty where
    facts alone say so. ``without`` is what follows from leaving it. ``pages`` are further addresses that
    belong to it, by name or by namespace.
    """

    key: str
    title: str
    asks: str
    url_name: str
    without: str
    keep: str = ""
    pages: tuple[str, ...] = ()

    def has(self, view_name: str) -> bool:
        """Whether the page of this name belongs to the step."""
        space = view_name.partition(":")[0] + ":"
        return view_name in (self.url_name, *self.pages) or space in self.pages


GROUPS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (
        "The company and its days",
        (
            Step(
                "company",
                "Company",
                "The name patients and insurers know, the zone of its dates, and where insurers write to.",
                "company",
                "Insurers who ask for an itemized bill cannot be told where to write, and eligibility "
                "answers are read as those of an ambulance company.",
                "It is right as saved",
            ),
            Step(
                "hours",
                "Desk hours",
                "On which weekdays the desk is open, from when to when. Every promise counts on it.",
                "setup:hours",
                "Monday to Friday, 09:00 to 18:00, is counted, and patients are promised dates by it.",
                "These are our hours",
                ("calendars:",),
            ),
            Step(
                "holidays",
                "Holidays",
                "On which days the desk is closed though its weekday is open.",
                "setup:holidays",
                "The federal holidays of the United States are counted as closed, and no day of your own.",
                "These are our holidays",
            ),
            Step(
                "rules",
                "Escalation rules",
                "The twenty types of tickets, how long each may take, what is asked and what is refused.",
                "policy:overview",
                "Tickets are promised and guarded by the shipped rules, which are those of the source guide.",
                "These are our rules",
                ("policy:type", "policy:general", "policy:lists", "policy:words", "policy:publish"),
            ),
        ),
    ),
    (
        "Claims",
        (
            Step(
                "provider",
                "Billing provider",
                "As whom you bill: name, NPI, tax id, taxonomy, address, and the ids of the clearinghouse.",
                "deductibles:provider",
                "No claim can be completed, so none is held, and nothing is submitted.",
            ),
            Step(
                "clearinghouse",
                "Clearinghouse",
                "Where claim files go and where their acknowledgements come from. Its page has a test.",
                "deductibles:connection_clearinghouse",
                "Released claims wait in the queue; no file leaves.",
            ),
            Step(
                "arboost",
                "AR Boost",
                "Who is asked for deductibles. Its page has a test, which asks for your agency’s switch.",
                "deductibles:connection_arboost",
                "No deductible is known, so no claim is held by itself.",
            ),
            Step(
                "monitoring",
                "Deductible Monitoring",
                "Whether claims are held by themselves, for how many days at most, and down to which amount.",
                "deductibles:settings",
                "No claim is held: each complete one goes out with the next night.",
                "Leave it off",
            ),
            Step(
                "payers",
                "Payers",
                "Whom you bill, with the filing limit of each: brought as a file, or entered one by one.",
                "imports:payers",
                "Billers enter each payer with its first claim; without filing limits no claim leaves "
                "early for its deadline.",
                "",
                ("imports:payers_one", "payers:"),
            ),
        ),
    ),
    (
        "People",
        (
            Step(
                "mail",
                "Mail",
                "Whether mails from here arrive: invitations, and what people want to be told.",
                "mailing:page",
                "Invitations may not arrive; a link can be shown and handed over instead.",
                "The test arrived",
            ),
            Step(
                "people",
                "People",
                "Who works here, and as what. A second admin helps when you cannot sign in.",
                "people:new",
                "Nobody but you can sign in.",
                "",
                ("people:",),
            ),
        ),
    ),
)
STEPS: tuple[Step, ...] = tuple(step for _, steps in GROUPS for step in steps)
BY_KEY = {step.key: step for step in STEPS}
