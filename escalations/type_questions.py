"""The questions of a type as a page asks them: shared by filing a ticket and by changing its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import User
from escalations.domain.policy import Question as PolicyQuestion
from escalations.files_shown import FileField, file_field
from escalations.filing import Filing
from escalations.filing_rails import Guard, guards_of
from escalations.forms import ANSWER, OFFERED, FilingForm
from escalations.models import Ticket
from escalations.starting import void_after_change
from patients.domain.intake import Wrong


@dataclass(frozen=True)
class Question:
    """One question as it is asked: its field, the guard rails beside it, what its date comes to."""

    field: Any
    kind: str
    guards: list[Guard]
    suffix: str = ""
    age: str = ""
    files: FileField | None = None


class TypeQuestions:
    """What a page shows of the questions of a filing's type, and carries along between two answers.

    A page sets ``filing``, ``typed``, ``form`` and ``judged`` (after a press of its chief button what is
    missing is told too); ``files_of_ticket`` is the ticket whose files may stand in a question, ``unkept``
    says why files were not taken, by question.
    """

    user: User
    filing: Filing
    typed: QueryDict
    form: FilingForm
    judged: bool
    files_of_ticket: Ticket | None
    unkept: Mapping[str, Wrong]

    def with_offers(self, data: QueryDict) -> QueryDict:
        """What was typed, and what is offered where nothing was; after a change of type without what is
        void."""
        intake, typed = self.filing.intake, data.copy()
        for name in void_after_change(data, self.filing.type, intake.wrong):
            typed.pop(ANSWER + name, None)
            intake.wrong.pop(name)
        for name, value in intake.prefilled.items():
            typed[ANSWER + name] = value
        return typed

    def told_wrong(self) -> dict[str, Wrong]:
        """While nothing was sent off, only what was typed wrongly is told, not what is missing."""
        wrong = self.filing.all_wrong
        return wrong if self.judged else {name: one for name, one in wrong.items() if one.code != "required"}

    @property
    def mark_said(self) -> tuple[str, str]:
        """Why the patient is to be marked (R-STOP-2), and what is wrong with that; not asked everywhere."""
        return "", ""

    @cached_property
    def guards(self) -> list[tuple[str, Guard]]:
        """All that the rules say, each with the field it stands beside."""
        reasons = {one.rule: one.reason for one in self.filing.overrides}
        return guards_of(self.filing, self.user, judged=self.judged, reasons=reasons, mark=self.mark_said)

    def guards_at(self, name: str) -> list[Guard]:
        """What the rules say beside one field."""
        return [guard for field, guard in self.guards if field == name]

    def question_of(self, asked: PolicyQuestion, age: str = "") -> Question:
        """A question with its field and the guard rails that stand beside it."""
        return Question(
            field=self.form[ANSWER + asked.key],
            kind=asked.kind,
            guards=self.guards_at(asked.key),
            suffix=asked.suffix,
            age=age,
            files=self.files_of(asked) if asked.kind == "file" else None,
        )

    def files_of(self, question: PolicyQuestion) -> FileField:
        """The files that were attached to a question so far."""
        names, wrong = self.typed.getlist(ANSWER + question.key), self.unkept.get(question.key)
        said = wrong.sentence if wrong else ""
        return file_field(self.user, question, names, ticket=self.files_of_ticket, wrong=said)

    @property
    def acknowledged(self) -> list[str]:
        """The rules ticked off already; their guard rails are gone, so the page carries them on."""
        given = set(self.typed.getlist("acknowledged"))
        rules = self.filing.type.rules if self.filing.type else ()
        return [rule.id for rule in rules if rule.strength == "ACK" and rule.id in given]

    @property
    def offers(self) -> list[str]:
        """The questions that were filled in, now or before: emptied by hand they stay empty."""
        return list(dict.fromkeys([*self.typed.getlist(OFFERED)[:50], *self.filing.intake.prefilled]))

    @property
    def put_by(self) -> list[tuple[str, str]]:
        """Answers typed for questions that are not asked now: carried along, so that going back loses
        nothing."""
        asked = set(self.form.fields)
        return [
            (name, value)
            for name, values in self.typed.lists()
            if name.startswith(ANSWER) and name not in asked
            for value in values
            if value
        ]

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that refuses, for the list above the form, each with the place that mends it."""
        if not self.judged:
            return []
        return [
            {**finding.as_problem(), "href": self.place_of(finding.field)}
            for finding in self.filing.intake.refusals
        ]

    def place_of(self, name: str) -> str:
        """Where on the page a question, or a fact of the request, is answered; empty when it is not here."""
        question = self.filing.type.question(name) if self.filing.type else None
        if question is not None and question.kind == "file":
            return f"#id_upload_{name}"
        for found in (name, ANSWER + name):
            if found in self.form.fields:
                return f"#{self.form[found].id_for_label or f'id_{found}_0'}"
        return ""
