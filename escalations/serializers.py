"""The bodies and answers of the escalation endpoints, for checking names and for the schema.

What the values mean is read by :mod:`escalations.filing`, :mod:`escalations.filters` and
:mod:`escalations.domain.step_facts`, which form and API share.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.serializers import StrictSerializer
from escalations.domain.bulk import ACTS as BULK_ACTS
from escalations.domain.callbacks import OUTCOMES as CALL_OUTCOMES
from escalations.domain.policy import CALLERS, CHANNELS, STRENGTHS
from escalations.domain.states import STATUSES, TICKET
from escalations.domain.turnaround import STANDINGS, UNITS
from escalations.queries import ORDERINGS


@extend_schema_field(OpenApiTypes.ANY)
class Raw(serializers.Field):
    """A value handed on as it was sent: its own reader says what is wrong with it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class PreviewBody(StrictSerializer):
    """Either a turnaround of its own, or a type and channel of the policy."""

    received_at = Raw(required=True)
    min = Raw()
    max = Raw()
    unit = Raw(help_text=", ".join(UNITS))
    calendar = Raw()
    pauses = Raw(help_text="[[from, to], …]")
    type = Raw()
    channel = Raw(help_text=", ".join(CHANNELS))


class DraftFilingBody(StrictSerializer):
    """What a ticket is filed with; of a draft, what is to change before it is filed."""

    type = Raw(help_text="The key of an escalation type.")
    channel = Raw(help_text=", ".join(CHANNELS))
    caller = Raw(help_text=", ".join(CALLERS))
    patient = Raw(help_text="The patient's id.")
    answers = Raw(help_text="An object: a question's key and its answer.")
    note = Raw()
    acknowledged = Raw(help_text="A list of rule ids.")
    received_at = Raw(help_text="When the request came in, if earlier (K18).")
    override = Raw(help_text="{rule, reason}, or a list of them: what a supervisor sets aside.")
    overrides = Raw(help_text="The same.")
    dismissals = Raw(help_text="[{word, reason}, …]: keywords that were heard and do not apply (R-EXEC-1).")
    follows = Raw(help_text="The number of the ticket this one comes out of.")


class FilingBody(DraftFilingBody):
    """What a ticket is filed with."""

    draft = Raw(help_text="true: keep it incomplete; nothing is promised until it is filed.")


class AdviceBody(DraftFilingBody):
    """What is known of a filing so far, all of it optional."""

    text = Raw(help_text="More that was said, listened to like the note.")


@extend_schema_serializer(component_name="TicketStep")
class StepBody(serializers.Serializer):
    """A step and what it must be told; which names, depends on the act."""

    act = serializers.ChoiceField(choices=sorted({step.act for step in TICKET}))
    version = serializers.IntegerField(required=False, help_text="The version that was seen; stale is 409.")
    reason = serializers.CharField(
        required=False, help_text="wait, reopen, cancel, dismiss, explain, decline, call"
    )
    outcome = serializers.CharField(
        required=False, help_text=f"resolve; call: {', '.join(key for key, _ in CALL_OUTCOMES)}"
    )
    note = serializers.CharField(required=False, help_text="any act; the words of a comment or contact")
    user = serializers.CharField(required=False, help_text="assign: a username or id")
    word = serializers.CharField(required=False, help_text="dismiss: a keyword that was heard")
    into = serializers.CharField(required=False, help_text="merge: the ticket that goes on, by number or id")
    rule = serializers.CharField(required=False, help_text="decline: the rule that proposed a ticket")
    type = Raw(help_text="retype, file: the key of an escalation type")
    channel = Raw(help_text="retype, file")
    answers = Raw(help_text="retype: all answers of the new type; file: those that change")
    acknowledged = Raw(help_text="retype, file: a list of rule ids")
    override = Raw(help_text="retype, file: {rule, reason}, or a list of them; a supervisor's")
    overrides = Raw(help_text="the same")
    caller = Raw(help_text="file")
    patient = Raw(help_text="file")
    received_at = Raw(help_text="file")
    dismissals = Raw(help_text="file")
    follows = Raw(help_text="file")


class TicketBulkBody(serializers.Serializer):
    """One step of many tickets: either ``ids``, or the ``filter`` that matches them; at most 5,000."""

    act = serializers.ChoiceField(choices=list(BULK_ACTS))
    ids = serializers.ListField(child=serializers.CharField(), required=False)
    filter = serializers.DictField(required=False, help_text="the filters of the list")
    expected_count = serializers.IntegerField(required=False, help_text="409 when the count differs")
    versions = serializers.DictField(
        required=False,
        child=serializers.IntegerField(),
        help_text="the version seen of each id; one that changed since is left as it is",
    )
    reason = serializers.CharField(required=False, help_text="wait, cancel")
    outcome = serializers.CharField(required=False, help_text="resolve")
    user = serializers.CharField(required=False, help_text="assign: a username or id")
    note = serializers.CharField(required=False, help_text="any act; the words of a comment")


class BulkSkipped(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.CharField()
    why = serializers.CharField()


class BulkAnswer(serializers.Serializer):
    done = serializers.IntegerField()
    skipped = BulkSkipped(many=True)


_SINCE = "from this moment, or from the first of this date, on"
_UNTIL = "before this moment, or before the first of this date"


def _filter(about: str) -> serializers.CharField:
    """A filter as text; :mod:`escalations.filters` reads it and says what is wrong."""
    return serializers.CharField(required=False, help_text=about)


class TicketQuery(StrictSerializer):
    """The filters of the list; each may be combined with every other."""

    type = _filter("keys of types, with commas between them")
    status = _filter(f"{', '.join(STATUSES)}; several with commas")
    standing = _filter(f"{', '.join(STANDINGS)}; several with commas")
    band = _filter("a band of the supervisors' board")
    channel = _filter(", ".join(CHANNELS))
    caller = _filter(", ".join(CALLERS))
    urgency = _filter("normal or urgent")
    assignee = _filter("username, id, me or none")
    team = _filter("the id or name of the assignee's team")
    filed_by = _filter("username, id or me")
    patient = _filter("the id of a patient")
    q = serializers.CharField(
        required=False,
        max_length=100,
        help_text="a ticket's number; a patient's name, account, phone or birth; words of note, answers and "
        'timeline, "side by side" in quotes, -left out with a minus',
    )
    received_after = _filter(_SINCE)
    received_before = _filter(_UNTIL)
    due_after = _filter(_SINCE)
    due_before = _filter(_UNTIL)
    resolved_after = _filter(_SINCE)
    resolved_before = _filter(_UNTIL)
    breached = _filter("yes or no: whether some cycle ever ran past its date")
    late_reason = _filter("why it was late; none while nobody has said it")
    overridden = _filter("the id of a rule that was overridden, or any")
    waiting_for = _filter("what it waits for now, or any")
    proposal = _filter("yes: a further ticket is proposed and not decided")
    watched = _filter("me")
    ordering = _filter(", ".join(ORDERINGS))


class LedgerLineAnswer(serializers.Serializer):
    date = serializers.DateField()
    counted = serializers.CharField()
    why = serializers.CharField()


class PreviewAnswer(serializers.Serializer):
    expected_from = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    promise = serializers.CharField()
    ledger = LedgerLineAnswer(many=True)


class LedgerAnswer(serializers.Serializer):
    ledger = LedgerLineAnswer(many=True)


class ProblemAnswer(serializers.Serializer):
    """What a rule says of a filing."""

    rule = serializers.CharField()
    strength = serializers.ChoiceField(choices=STRENGTHS)
    message = serializers.CharField()
    instead = serializers.CharField()
    field = serializers.CharField()
    missing = serializers.BooleanField(help_text="An answer is not given yet.")
    override = serializers.BooleanField(help_text="A supervisor may file all the same, with a reason.")


class WordAnswer(serializers.Serializer):
    """A keyword that was heard (R-EXEC-1)."""

    word = serializers.CharField()
    found = serializers.CharField(help_text="As it was said.")
    negated = serializers.BooleanField(help_text="A “no” or “not” stands before it.")
    field = serializers.CharField(help_text="note, text, or the key of a question")
    dismissed = serializers.BooleanField()


class SuggestionAnswer(serializers.Serializer):
    """Another ticket that fits better, one to file beside this one, or an open one to add to."""

    type = serializers.CharField()
    rule = serializers.CharField()
    why = serializers.CharField()
    instead = serializers.CharField()
    prefill = serializers.DictField()
    ticket = serializers.CharField(allow_null=True, help_text="The open ticket to add to (R-X-7).")
    beside = serializers.BooleanField()


class OpenTicketAnswer(serializers.Serializer):
    """A ticket that runs for the patient, or for somebody with the same telephone number."""

    id = serializers.CharField()
    number = serializers.CharField()
    type = serializers.CharField()
    type_name = serializers.CharField()
    status = serializers.CharField()
    standing = serializers.ChoiceField(choices=STANDINGS)
    due_at = serializers.DateTimeField(allow_null=True)
    patient = serializers.CharField()
    contacts = serializers.IntegerField()
    by = serializers.ChoiceField(choices=["patient", "phone"])


class CalculatorAnswer(serializers.Serializer):
    """How long ago a date was, against a limit of the rules."""

    question = serializers.CharField()
    date = serializers.DateField()
    unit = serializers.ChoiceField(choices=["calendar_day", "business_day"])
    limit = serializers.IntegerField()
    passed = serializers.IntegerField()
    over = serializers.BooleanField()
    ends_on = serializers.DateField(allow_null=True)
    words = serializers.CharField()


class AdviceAnswer(serializers.Serializer):
    promise = serializers.CharField(allow_null=True)
    expected_from = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    keywords = WordAnswer(many=True)
    problems = ProblemAnswer(many=True)
    guides = serializers.ListField(child=serializers.DictField())
    suggestions = SuggestionAnswer(many=True)
    open_tickets = OpenTicketAnswer(many=True)
    calculators = CalculatorAnswer(many=True)


class TicketAnswer(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.CharField()
    type = serializers.CharField()
    type_name = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    standing = serializers.ChoiceField(choices=STANDINGS)
    urgency = serializers.ChoiceField(choices=["normal", "urgent"])
    channel = serializers.ChoiceField(choices=CHANNELS)
    caller = serializers.ChoiceField(choices=CALLERS)
    received_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    expected_from = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    promise = serializers.CharField()
    assignee = serializers.CharField(allow_null=True)
    filed_by = serializers.CharField()
    patient = serializers.CharField(allow_null=True)
    answers = serializers.DictField()
    note = serializers.CharField()
    acknowledged = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(
        child=serializers.DictField(), help_text="[{word, found, negated, decision, reason}]"
    )
    overrides = serializers.ListField(child=serializers.DictField(), help_text="[{rule, reason}]")
    links = serializers.ListField(child=serializers.DictField(), help_text="[{kind, number}]")
    linked_from = serializers.ListField(child=serializers.DictField(), help_text="[{kind, number}]")
    files = serializers.ListField(child=serializers.CharField(), help_text="Names of files.")
    problems = ProblemAnswer(
        many=True, required=False, help_text="Of a draft: what stands against filing it."
    )
    policy_version = serializers.IntegerField()
    cycle = serializers.IntegerField()
    breaches = serializers.ListField(
        child=serializers.DictField(), help_text="[{cycle, due_at, reason}]; reason is empty until it is said"
    )
    merged_into = serializers.CharField(allow_null=True, help_text="The number of the ticket that goes on.")
    watchers = serializers.IntegerField(help_text="How many people watch it.")
    version = serializers.IntegerField()
    steps = serializers.ListField(child=serializers.CharField())


class TicketPageAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = TicketAnswer(many=True)


class TypeAnswer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    urgency = serializers.ChoiceField(choices=["normal", "urgent"])
    turnarounds = serializers.ListField(child=serializers.DictField())
    questions = serializers.ListField(child=serializers.DictField())
    rules = serializers.ListField(child=serializers.DictField())
    wait_reasons = serializers.ListField(child=serializers.DictField())
    outcomes = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
