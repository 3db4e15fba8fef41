"""What of each table goes into a company's file, and what of it comes into another Holdline. Pure.

The tables that come in stand in the order in which they do: a reference leads to a table above, or is named
in ``later``. The history of a table goes where its table goes. A table that is new and stands nowhere here
fails ``tests/jobs/test_moving_plan.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from config.moving import rewriting
from config.moving.rewriting import Keys


class Fate(StrEnum):
    """What becomes of a table."""

    MOVES = "moves"  # into the file, and from it into the new company
    READ = "read"  # into the file, to be read there; not brought in
    MADE = "made"  # not in the file: the database makes it anew from what comes in
    STAYS = "stays"  # not in the file


@dataclass(frozen=True)
class Content:
    """A column that becomes a file of its own: ``files/<folder>/<value of named>.<ending>``."""

    folder: str
    named: str
    ending: str = ""


@dataclass(frozen=True)
class Table:
    """One table: ``why`` for whatever does not come in; ``without`` are columns that stay behind.

    ``later`` are references that are set once all rows are in; ``inside`` says how ids that stand in a column
    of another kind are written anew; ``changed`` what else is different in the new company.
    """

    model: str
    fate: Fate = Fate.MOVES
    why: str = ""
    without: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    contents: Mapping[str, Content] = field(default_factory=dict)
    inside: Mapping[str, Callable[[Any, Keys], Any]] = field(default_factory=dict)
    changed: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def _read(model: str, why: str, **more: Any) -> Table:
    return Table(model, Fate.READ, why, **more)


def _made(model: str, why: str) -> Table:
    return Table(model, Fate.MADE, why)


def _stays(model: str, why: str) -> Table:
    return Table(model, Fate.STAYS, why)


_SEALED = "A secret, or sealed with this server's key: nobody else could read it, and nobody should."
_OF_SERVER = "Of the server, not of a company."
_SIGN_IN = "How people signed in here. Everybody chooses a new password and a new second factor."

TABLES: tuple[Table, ...] = (
    Table("accounts.Company"),
    Table("accounts.Team", later=("lead_id",)),
    Table("accounts.User", without=("password",), changed=rewriting.without_rights),
    Table("accounts.Shift"),
    Table("accounts.AccountAct"),
    Table("accounts.EmergencyReading"),
    _read("accounts.SetUpMark", "What was said while it was set up there; the new one is set up anew."),
    _stays("accounts.SetUpCode", _OF_SERVER),
    _read(
        "accounts.ApiToken", "Programs get new tokens; these are names and dates alone.", without=("digest",)
    ),
    Table("patients.Patient"),
    Table("patients.ContactRefusal"),
    Table("patients.PatientMark"),
    Table("patients.Payer"),
    Table("patients.PatientReading"),
    Table("patients.PatientSearch"),
    Table("patients.Import", without=("sealed", "heads"), changed=rewriting.finished_import),
    _stays("patients.ImportPart", _SEALED),
    Table("tables.SavedView", inside={"query": rewriting.query}),
    Table("tables.ColumnChoice"),
    Table("tables.Export", inside={"query": rewriting.query}),
    Table("work.Run"),
    Table("work.Job", changed=rewriting.ended_job),
    Table("work.Connection", without=("secret",), changed=rewriting.not_connected),
    _read("work.ConnectionHealth", "How the connections of the other place did."),
    _read(
        "accounts.SignInProvider",
        "A provider lets people into one place; the new one is made known to it anew.",
        without=("secret",),
    ),
    _read("accounts.SignInDomain", "Addresses that the provider vouched for in the other place."),
    _stays("accounts.SignInIdentity", _SIGN_IN),
    Table("work.HookEndpoint", without=("secret", "earlier_secret"), changed=rewriting.switched_off),
    _read("work.HookHealth", "How the receivers did, asked from the other place."),
    _read("work.HookDelivery", "What receivers were told, by the ids of then; nothing is told twice."),
    _read("work.HookAttempt", "The attempts at what receivers were told."),
    _read("work.OutboxMessage", "What was told, or was to be told, from there: nothing is told twice."),
    _read("work.CompanyFile", "Which files of the whole company were taken there."),
    _stays("work.CompanyFilePart", "The files themselves: a file does not hold itself."),
    Table("escalations.PolicyVersion"),
    Table("escalations.CalendarVersion"),
    Table("escalations.Publication"),
    Table("escalations.PolicyDraft"),
    Table("escalations.TicketCounter"),
    Table("escalations.Ticket", later=("merged_into_id",), inside={"answers": rewriting.file_names}),
    Table("escalations.TicketCycle"),
    Table("escalations.TicketReference"),
    Table("escalations.Pause"),
    Table("escalations.TicketEvent"),
    Table("escalations.TicketLink"),
    Table("escalations.Waiver"),
    Table("escalations.Attachment", inside={"name": rewriting.file_name}),
    Table(
        "escalations.AttachmentContent",
        contents={
            "data": Content("attachments", "attachment_id"),
            "thumbnail": Content("thumbnails", "attachment_id"),
        },
    ),
    Table("escalations.FilingDraft", inside={"said": rewriting.typed}),
    Table("escalations.Deflection"),
    Table("escalations.LiveTransfer"),
    Table("escalations.GuideCount"),
    Table("escalations.UnclearReport"),
    Table("escalations.Breach"),
    Table("escalations.Alert"),
    Table("escalations.Proposal"),
    Table("escalations.Watcher"),
    Table("escalations.CallAttempt"),
    Table("escalations.Reclocking", later=("undoes_id",)),
    Table("escalations.PolicyMove", inside={"tickets": rewriting.ids("escalations.Ticket")}),
    Table("escalations.PolicyRun", changed=rewriting.stopped_run),
    Table("escalations.NoticeChoice"),
    Table("escalations.Notification", inside={"key": rewriting.fact}),
    Table("escalations.Digest"),
    Table("escalations.MailRefusal"),
    _made("escalations.TicketWords", "What tickets are found by; triggers write it when they come in."),
    Table("deductibles.DeductibleSettings"),
    Table("deductibles.BillingProvider"),
    Table("deductibles.Claim"),
    Table("deductibles.ClaimReference"),
    Table("deductibles.Coverage"),
    Table("deductibles.Charge"),
    Table("deductibles.ControlNumbers"),
    Table("deductibles.Submission"),
    Table(
        "deductibles.SubmissionFile", contents={"content": Content("submissions", "submission_id", "837.txt")}
    ),
    Table("deductibles.SubmissionItem"),
    Table("deductibles.Arrival"),
    Table("deductibles.ArrivalFile", contents={"content": Content("arrivals", "arrival_id", "x12.txt")}),
    Table("deductibles.Acknowledgement"),
    Table("deductibles.Payment"),
    Table("deductibles.Snapshot"),
    Table("deductibles.Hold"),
    Table("deductibles.Question"),
    Table(
        "deductibles.HoldAct",
        inside={"holds": rewriting.ids("deductibles.Hold"), "skipped": rewriting.skipped},
    ),
    Table("deductibles.Finding"),
    Table("deductibles.PayerTrouble"),
    Table("deductibles.Concern"),
    Table("deductibles.SetAside"),
    Table("deductibles.HoldingRates"),
    Table("deductibles.HoldOutcome"),
    Table("deductibles.Forecast"),
    Table("deductibles.SurvivalCurve"),
    _read("deductibles.BackTest", "What was tried on past claims there; the same can be tried anew."),
    _stays("deductibles.BackTestPart", "How far each back-test came, packed for the program alone."),
    _read("deductibles.EntryDraft", "Forms of claims that were being typed; a claim in draft comes along."),
    _made("deductibles.HoldTotal", "Sums of holds; triggers count them when holds come in."),
    _read("deductibles.Sending", "Whether files left from there. They do not leave from the new place."),
    Table("pghistory.Context", inside={"metadata": rewriting.context}),
    _stays("pghistory.Events", "No table: all histories, asked at once."),
    _stays("pghistory.MiddlewareEvents", "No table: all histories, asked at once."),
    _stays("api.IdempotencyKey", "Answers that programs were given, kept for a day."),
    _stays("work.Lease", _OF_SERVER),
    _stays("work.Heartbeat", _OF_SERVER),
    _stays("work.Routine", _OF_SERVER),
    _stays("accounts.User_groups", "Not used: roles say who may do what."),
    _stays("accounts.User_user_permissions", "Not used: roles say who may do what."),
    _stays("auth.Permission", _OF_SERVER),
    _stays("auth.Group", _OF_SERVER),
    _stays("auth.Group_permissions", _OF_SERVER),
    _stays("contenttypes.ContentType", _OF_SERVER),
    _stays("sessions.Session", _SIGN_IN),
    _stays("account.EmailAddress", _SIGN_IN),
    _stays("account.EmailConfirmation", _SIGN_IN),
    _stays("mfa.Authenticator", _SEALED),
    _stays("socialaccount.SocialApp", "Not used: a company's own provider stands in a table of ours."),
    _stays("socialaccount.SocialAccount", "Not used: who signs in so stands in a table of ours."),
    _stays("socialaccount.SocialToken", "Not used: no token of a provider is kept."),
    _stays("usersessions.UserSession", _SIGN_IN),
    _stays("axes.AccessFailureLog", _OF_SERVER),
    _stays("axes.AccessAttempt", _OF_SERVER),
    _stays("axes.AccessAttemptExpiration", _OF_SERVER),
    _stays("axes.AccessLog", _OF_SERVER),
)

BY_MODEL = {table.model: table for table in TABLES}
SEEDED = (
    "work.Connection",
    "escalations.PolicyVersion",
    "escalations.CalendarVersion",
)
"""What a company is given when it is opened: in an empty one it makes room for what comes in."""
OF_AN_EMPTY_ONE = frozenset(
    {"accounts.Company", "accounts.User", "accounts.AccountAct", "accounts.SetUpMark", "work.OutboxMessage",
     "work.ConnectionHealth", "work.CompanyFile", "deductibles.Sending", *SEEDED}
)  # fmt: skip
"""What may stand in a company that is empty: its first people, and what it was given."""
