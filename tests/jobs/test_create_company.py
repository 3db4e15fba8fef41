"""``create_company``: the answers of the set-up by options or a file, all that is wrong said at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import Company, SetUpMark, User
from config.setup.standing import SetUp
from deductibles.models import BillingProvider, provider_in_force
from escalations.models import CalendarVersion, PolicyVersion
from escalations.policies import calendar_in_force, named_calendar_of
from tests.setting_up import now
from work import outbox

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "company.example.toml"


def create(*words: str) -> None:
    call_command("create_company", *words)


def refused(*words: str) -> dict[str, str]:
    """What the command says is wrong, by its place; nothing is made."""
    with pytest.raises(CommandError) as told:
        create(*words)
    first, *rows = str(told.value).splitlines()
    assert first == "Nothing was made."
    assert not Company.objects.exclude(key__in=("acme", "other")).exists()
    return dict(row.strip().split(": ", 1) for row in rows)


@pytest.fixture
def answers(tmp_path: Path) -> Any:
    """The example with some words in it replaced by others, as a file."""

    def changed(*pairs: tuple[str, str], more: str = "") -> str:
        text = EXAMPLE.read_text()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "company.toml"
        path.write_text(more + text)
        return f"--answers={path}"

    return changed


def test_the_example_says_everything_the_set_up_asks(db: None, capsys: Any) -> None:
    create(f"--answers={EXAMPLE}")
    said = capsys.readouterr()
    assert said.out.strip().startswith("http") and said.out.count("\n") == 1, "the admin's link, alone"
    company = Company.objects.get(key="north-valley")
    assert (company.time_zone, company.is_ambulance) == ("America/Chicago", False)
    assert company.itemized_bill_address == "bills@northvalley.example"
    rules = named_calendar_of(calendar_in_force(company, at=now()))
    assert [len(day) for day in rules.rules.hours] == [1, 1, 1, 1, 1, 2, 0]
    assert rules.names[date(2027, 11, 26)] == "Day after Thanksgiving"
    assert date(2027, 3, 1) in rules.rules.holidays, "Casimir Pulaski Day, of Illinois"
    assert date(2027, 10, 11) not in rules.rules.holidays, "Columbus Day"
    found = provider_in_force(company.pk)
    assert found is not None and found.npi == "1234567893"
    assert PolicyVersion.objects.filter(company=company).count() == 1
    assert CalendarVersion.objects.filter(company=company).count() == 1
    people = {one.username: one.role for one in company.people.all()}
    assert people == {"nora": "admin", "amir": "agent", "sol": "supervisor"}
    assert "amir (agent): a link is on its way by mail" in said.err
    assert "sol (supervisor): http" in said.err
    outbox.deliver(at=now())
    assert [one.to for one in mail.outbox] == [["amir@northvalley.example"]]
    nora = company.people.get(username="nora")
    done = {one.step.key for one in SetUp(nora, now()).steps if one.state == "done"}
    assert done == {"company", "hours", "holidays", "provider", "people"}
    assert SetUpMark.objects.get(company=company, step="holidays").said == {"list": "IL"}


def test_without_more_than_a_name_it_begins_as_the_browsers_door_does(db: None) -> None:
    create("north", "North Billing", "--admin=Nora", "--zone=America/Denver")
    company = Company.objects.get()
    assert User.objects.get().username == "nora" and not User.objects.get().has_usable_password()
    assert CalendarVersion.objects.get().data["zone"] == "America/Denver"
    assert SetUpMark.objects.get(company=company).state == "begun"
    assert not BillingProvider.objects.exists()


def test_answers_of_the_command_line_win_over_the_file(db: None, answers: Any) -> None:
    create(
        "south", "--zone=America/Phoenix", "--admin=rosa", "--set", "hours.sun=10:00-12:00", "--set", "holidays.list=AZ",
        "--set", "ambulance=yes", "--set", "provider.npi=1993999998", answers(),
    )  # fmt: skip
    company = Company.objects.get()
    assert (company.key, company.name, company.is_ambulance) == ("south", "North Valley Billing", True)
    assert company.people.filter(username="rosa", role="admin").exists()
    calendar = named_calendar_of(calendar_in_force(company, at=now())).rules
    assert calendar.zone == "America/Phoenix" and calendar.hours[6]
    found = provider_in_force(company.pk)
    assert found is not None and found.npi == "1993999998"


def test_check_makes_nothing(db: None, answers: Any, capsys: Any) -> None:
    create("--check", answers())
    said = capsys.readouterr()
    assert said.out == "" and "Every answer is good." in said.err
    assert not Company.objects.exists()


def test_everything_that_is_wrong_is_said_at_once_with_its_place(ana: User, answers: Any) -> None:
    file = answers(
        ('key = "north-valley"', 'key = "acme"'),
        ('zone = "America/Chicago"', 'zone = "Mars/Base"'),
        ("bills@northvalley.example", "nobody"),
        ('username = "nora"', 'username = "ANA"'),
        ('mon = "09:00-18:00"', 'mon = "25-26"'),
        ('list = "IL"', 'list = "Illinoise"'),
        ("on = 2027-11-26", 'on = "2027-02-30"'),
        ('npi = "1234567893"', 'npi = "1234567890"'),
        ('state = "IL"', 'state = "ZZ"'),
        ('role = "agent"', 'role = "boss"'),
        ('username = "sol"', 'username = "amir"'),
        ("ambulance = false", 'ambulance = "perhaps"\nbillling = 1'),
    )
    wrong = refused(file)
    assert wrong.keys() >= {
        "zone", "itemized_bill_address", "admin.username", "hours.mon", "holidays.list", "holidays.own.1.on",
        "provider.npi", "provider.state", "people.1.role", "people.2.username", "ambulance", "billling",
    }  # fmt: skip
    assert "signs in with this name" in wrong["admin.username"]
    assert "There is no 2027-02-30" in wrong["holidays.own.1.on"]
    assert wrong["billling"] == "There is no such answer. Look for a typing error."
    assert "America/Chicago" in wrong["zone"]


def test_a_key_that_is_taken_is_said(ana: User) -> None:
    assert refused("acme", "Acme", "--admin=nora") == {"key": "There is a company acme already."}


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ('name = "North Valley Billing" ', "name = [1]", "name", "Give text, in quotation marks."),
        ("[hours]", "[[hours]]", "hours", "This is a table of answers, not one answer."),
        ("[[people]]", "[people]", "file", "It cannot be read as TOML"),
        (
            'without = ["Columbus Day"]',
            'without = "Columbus Day"',
            "holidays.without",
            "Give a list of names",
        ),
        (
            'without = ["Columbus Day"]',
            'without = ["Pancake Day"]',
            "holidays.without",
            "The list has no Pancake Day.",
        ),
        ("[[holidays.own]]", "[[holidays.ours]]", "holidays.ours", "There is no such answer."),
        ('role = "agent"', "", "people.1.role", "Choose a role"),
        ('line1 = "100 Example Street"', "", "provider.line1", ""),
        ("on = 2027-11-26", "", "holidays.own.1.on", "Give the date."),
        ('mon = "09:00-18:00"', "mon = 2027-11-26T10:00:00", "hours.mon", "Give text"),
    ],
)
def test_a_file_of_another_shape_is_refused_in_words(
    db: None, answers: Any, old: str, new: str, place: str, said: str
) -> None:
    wrong = refused(answers((old, new)))
    assert place in wrong and said in wrong[place], wrong


def test_what_is_no_file_of_answers_is_refused_in_words(db: None, tmp_path: Path) -> None:
    assert "It cannot be opened" in refused(f"--answers={tmp_path / 'none.toml'}")["file"]
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    assert "not text in UTF-8" in refused(f"--answers={tmp_path / 'bytes'}")["file"]
    (tmp_path / "large").write_text("#" * 200_001)
    assert "larger than 200 KB" in refused(f"--answers={tmp_path / 'large'}")["file"]


@pytest.mark.parametrize("more", ["provider.npi", "provider.npi.x=1", "key.x=1", "=", "x=1"])
def test_an_answer_that_has_no_place_is_refused_in_words(db: None, answers: Any, more: str) -> None:
    assert refused(answers(), "--set", more)


def test_without_a_name_or_an_admin_it_says_what_is_missing(db: None) -> None:
    wrong = refused()
    assert wrong.keys() == {"name", "key", "admin.username"}
