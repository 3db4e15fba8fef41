"""Finding patients: what was typed is read in every way it can be meant, the best match first.

Each way is one capped statement on an index of its own (``migrations/_search.py``): a match of at most
:data:`MOST` ids is taken first, and only that is ordered and fetched, so that a common name costs no more
than a rare one. Names that are only nearly right are looked for when little else was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Collate, Reverse, Upper
from django.utils import timezone

from patients.domain.sought import Sought, read_sought
from patients.models import Patient
from patients.numbers import patients_of_number

MOST = 200
"""How many patients a search finds at most."""
FEW = 10
"""With fewer than so many found, names that are nearly right are looked for as well."""
_MOST_NEARLY, _CANDIDATES = 20, 3000
_NEARLY = "0.33"
"""How alike in letter triples a part of the name must be to each word: Novak is 0.33 of Nowak."""


def find_patients(user: Any, sought: str) -> QuerySet[Patient]:
    """Patients of the user's company, best first: by name, account, phone, birth or case number.

    Names may come in any order, begun or nearly right; phone numbers in any writing from their last seven
    digits; dates of birth as 1971-03-14 or 3/14/1971; case numbers are tickets' and claims'. With nothing
    sought, all of the company's by name. Found rows carry ``place``, their rank from 0, and ``near``,
    whether the name is only nearly right.
    """
    rows = Patient.objects.visible_to(user)
    if not sought.strip():
        return rows.order_by("last_name", "first_name", "id")
    meant = read_sought(sought, timezone.localdate())
    sure, near = _taken(_matches(user, rows, meant)) if meant.whole else ([], [])
    if not sure and not near:
        return rows.none()
    places = [When(pk=key, then=Value(place)) for place, key in enumerate([*sure, *near])]
    found = rows.filter(pk__in=[*sure, *near]).annotate(
        place=Case(*places, output_field=IntegerField()),
        near=ExpressionWrapper(Q(pk__in=near), output_field=BooleanField()) if near else Value(False),
    )
    return found.order_by("place")


@dataclass(frozen=True)
class Ways:
    """Every way in which a text can mean patients, for a statement that asks them all at once.

    ``sure`` are rows without an order, each on its own index; ``nearly`` the words for the database's
    function ``patients_nearly``, the longest first.
    """

    sure: list[QuerySet[Patient]]
    nearly: list[str]


def ways_of(user: Any, sought: str) -> Ways:
    """The ways of :func:`find_patients` that a patient's own columns answer, unasked and uncapped."""
    rows = Patient.objects.visible_to(user)
    meant = read_sought(sought, timezone.localdate())
    sure = [_of_account(rows, meant.whole)] if meant.whole and " " not in meant.whole else []
    if meant.digits:
        sure.append(_of_phone(rows, meant.digits))
    if meant.born_on:
        rows = rows.filter(date_of_birth=meant.born_on)
    if meant.words:
        sure += [_of_last_name(rows, meant.words)] if len(meant.words) <= 2 else []
        sure.append(_with_words(rows, meant.words))
    elif meant.born_on:
        sure.append(rows)
    return Ways(sure, sorted((word for word in meant.words if len(word) > 2), key=len, reverse=True))


def same_person(user: Any, first_name: str, last_name: str, born_on: Any) -> list[Patient]:
    """Patients with this name, however written, and date of birth: who may be the same person."""
    rows = Patient.objects.visible_to(user).filter(date_of_birth=born_on)
    named = rows.annotate(last=_plain(F("last_name")), first=_plain(F("first_name")))
    return list(named.filter(last=_plain(Value(last_name)), first=_plain(Value(first_name)))[:5])


def sharing_phone(user: Any, patient: Patient) -> list[int]:
    """Ids of other patients with this patient's telephone number: a household, or the same person twice."""
    if not patient.phone:
        return []
    same = _by_phone(Patient.objects.visible_to(user).filter(phone=patient.phone), patient.phone)
    return [key for key in same if key != patient.pk][:FEW]


def _matches(user: Any, rows: QuerySet[Patient], meant: Sought) -> Iterator[tuple[Iterable[int], bool]]:
    """Ids by each way of meaning, the surest first, and whether they are only near.

    A later way is asked only while there is room.
    """
    if meant.could_be_number:
        yield patients_of_number(user, meant.whole), False
        yield _by_account(rows, meant.whole), False
    if meant.digits:
        yield _by_phone(rows, meant.digits), False
    if meant.born_on:
        rows = rows.filter(date_of_birth=meant.born_on)
    if meant.words:
        yield from _by_name(rows, meant.words)
    elif meant.born_on:
        yield rows.order_by("last_name", "first_name", "id").values_list("pk", flat=True)[:MOST], False
    if not meant.could_be_number and " " not in meant.whole:
        yield _by_account(rows, meant.whole), False


def _taken(ways: Iterator[tuple[Iterable[int], bool]]) -> tuple[list[int], list[int]]:
    """The first :data:`MOST` ids, each once: those found, and those only near."""
    keys: dict[int, bool] = {}
    for found, near in ways:
        for key in found:
            keys.setdefault(key, near)
        if len(keys) >= MOST:
            break
    kept = list(keys.items())[:MOST]
    return [key for key, near in kept if not near], [key for key, near in kept if near]


def _by_account(rows: Any, number: str) -> Iterable[int]:
    """The account itself, then those that begin with it: the shortest sorts first."""
    found: Any = _of_account(rows, number)
    return found.order_by("account", "id").values_list("pk", flat=True)[:MOST]


def _of_account(rows: QuerySet[Patient], number: str) -> QuerySet[Patient]:
    accounts = rows.exclude(account_number="").annotate(account=Collate(Upper("account_number"), "C"))
    found: QuerySet[Patient] = accounts.filter(account__startswith=number.upper())
    return found


def _by_phone(rows: QuerySet[Patient], digits: str) -> Iterable[int]:
    found: Any = _of_phone(rows, digits)
    return found.order_by("end", "id").values_list("pk", flat=True)[:MOST]


def _of_phone(rows: QuerySet[Patient], digits: str) -> QuerySet[Patient]:
    phones = rows.exclude(phone="").annotate(end=Collate(Reverse("phone"), "C"))
    found: QuerySet[Patient] = phones.filter(end__startswith=digits[::-1])
    return found


def _by_name(rows: QuerySet[Patient], words: tuple[str, ...]) -> Iterator[tuple[list[int], bool]]:
    """By last name in the order of names, then by any word of the name, then nearly."""
    begun = _by_last_name(rows, words)
    yield begun, False
    if len(begun) >= MOST:
        return
    anywhere = sorted(_with_words(rows, words).values_list("last_name", "first_name", "pk")[:MOST])
    keys = [key for _, _, key in anywhere]
    yield keys, False
    if len({*begun, *keys}) < FEW:
        yield _nearly(rows, words), True


def _by_last_name(rows: QuerySet[Patient], words: tuple[str, ...]) -> list[int]:
    """Last names that begin with the one word; of two words, either may be the last name."""
    if len(words) > 2:
        return []
    found = _of_last_name(rows, words)
    return list(found.order_by(_LAST, _FIRST, "id").values_list("pk", flat=True)[:MOST])


def _of_last_name(rows: QuerySet[Patient], words: tuple[str, ...]) -> QuerySet[Patient]:
    found = _begins(_LAST, words[0])
    if len(words) == 2:
        found = (found & _begins(_FIRST, words[1])) | (_begins(_LAST, words[1]) & _begins(_FIRST, words[0]))
    return rows.filter(found)


def _with_words(rows: QuerySet[Patient], words: tuple[str, ...]) -> QuerySet[Patient]:
    """Names in which each of the words begins some word."""
    for word in words:
        rows = rows.filter(_holds(_NAME, " LIKE ", _joined(Value("% "), _plain(Value(word)), Value("%"))))
    return rows


def _nearly(rows: QuerySet[Patient], words: tuple[str, ...]) -> list[int]:
    """Names in which every word of three letters or more nearly stands, the nearest first."""
    alike: Any = Value(0.0)
    for word in (word for word in words if len(word) > 2):
        typed = _plain(Value(word))
        rows = rows.filter(_holds(_NAME, " %%> ", typed))
        alike = alike + Func(typed, _NAME, function="strict_word_similarity", output_field=FloatField())
    if isinstance(alike, Value):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [_NEARLY])
        found = list(rows.order_by().values_list(alike, "last_name", "first_name", "pk")[:_CANDIDATES])
    return [row[3] for row in sorted(found, key=lambda row: (-row[0], *row[1:]))[:_MOST_NEARLY]]


def _plain(name: Any) -> Func:
    """A name as it is compared: without accents, case and apostrophes."""
    return Func(name, function="patients_plain", output_field=TextField())


def _joined(*parts: Any) -> Func:
    return Func(*parts, template="(%(expressions)s)", arg_joiner=" || ", output_field=TextField())


def _holds(left: Any, operator: str, right: Any) -> Func:
    """A condition on two expressions, written so that their index is used."""
    return Func(left, right, template="(%(expressions)s)", arg_joiner=operator, output_field=BooleanField())


def _begins(name: Any, word: str) -> Any:
    return Q(_holds(name, " LIKE ", _joined(_plain(Value(word)), Value("%"))))


_LAST = Collate(_plain(F("last_name")), "C")
_FIRST = Collate(_plain(F("first_name")), "C")
_NAME = Func("first_name", "last_name", function="patients_name", output_field=TextField())
