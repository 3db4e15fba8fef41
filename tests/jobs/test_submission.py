"""The nightly submission: written once, handed over once, Submitted only then (D-SUB-0…2, I2)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.steps import Refused
from deductibles.actions import claims, holds
from deductibles.models import BillingProvider, Claim, ControlNumbers, Submission, SubmissionItem
from deductibles.x12.claim import parse_claim_numbers
from tests.claim_line import Line, days, noon, status_of
from tests.x12_validation import pyx12_errors

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


def queued(line: Line, count: int = 1) -> list[Claim]:
    """Claims whose deductible is met, so that completing queues them."""
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    return [line.complete(line.member(amounts=met)).claim for _ in range(count)]


def files(line: Line) -> list[str]:
    return sorted(path.name for path in line.outbox.glob("*")) if line.outbox.exists() else []


def test_queued_claims_go_out_in_one_file_that_pyx12_accepts_D_SUB_1(line: Line) -> None:
    waiting = queued(line, 2)
    run = line.submit(days(1))
    assert (run.state, run.submitted) == ("done", 2)
    (name,) = files(line)
    text = (line.outbox / name).read_text("ascii")
    assert sorted(parse_claim_numbers(text)) == sorted(claim.number for claim in waiting)
    assert pyx12_errors(text) == []
    assert {status_of(claim) for claim in waiting} == {"submitted"}


def test_a_night_submitted_twice_and_the_night_after_send_nothing_again_D_SUB_1(line: Line) -> None:
    queued(line)
    line.submit(days(1))
    line.submit(days(1))
    later = line.submit(days(2))
    assert len(files(line)) == 1 and later.submitted == 0
    assert SubmissionItem.objects.count() == 1


def test_without_a_billing_provider_nothing_is_written_in_plain_words_D_SUB_0(line: Line) -> None:
    (claim,) = queued(line)
    BillingProvider.objects.filter(company=line.company).delete()
    run = line.submit(days(1))
    assert run.state == "failed"
    assert "enter the billing provider" in run.failures[0]["why"]
    assert files(line) == [] and status_of(claim) == "queued" and not Submission.objects.exists()


def test_the_failed_night_goes_out_once_the_provider_is_there_D_SUB_0(line: Line) -> None:
    from deductibles.actions.settings import save_provider
    from tests.claim_line import PROVIDER

    queued(line)
    BillingProvider.objects.filter(company=line.company).delete()
    line.submit(days(1))
    save_provider(line.company, PROVIDER, by=line.admin, at=noon(days(1)))
    assert line.submit(days(1)).submitted == 1


def test_a_file_written_before_a_crash_is_handed_over_with_the_same_bytes_D_SUB_2(
    line: Line, settings, tmp_path
) -> None:
    from deductibles import nights, submitting

    (claim,) = queued(line)
    run = nights.open_run(line.company, "submission", days(1), by=None, at=noon(days(1)))
    with nights.holding_night(line.company, run, at=noon(days(1))) as night:
        submitting.write_queued(night)
        # The process dies here: the file is committed, nothing has left, the claim is still queued.
    written = Submission.objects.get()
    assert (written.state, status_of(claim), files(line)) == ("written", "queued", [])
    again = line.submit(days(1))
    assert (again.state, again.submitted, files(line)) == ("done", 1, [written.filename])
    assert (line.outbox / written.filename).read_text("ascii") == written.file.content
    assert status_of(claim) == "submitted"


def test_a_crash_after_the_hand_over_sends_no_second_copy_D_SUB_2(line: Line) -> None:
    from django.conf import settings as config

    from deductibles import nights, submitting
    from deductibles.gateways import clearinghouse

    (claim,) = queued(line)
    run = nights.open_run(line.company, "submission", days(1), by=None, at=noon(days(1)))
    with nights.holding_night(line.company, run, at=noon(days(1))) as night:
        submitting.write_queued(night)
    row = Submission.objects.select_related("file").get()
    content = row.file.content.encode("ascii")
    clearinghouse.hand_over(
        config.CLEARINGHOUSE_URL, company_key="acme", filename=row.filename, content=content
    )
    line.submit(days(1))
    assert files(line) == [row.filename] and status_of(claim) == "submitted"


def test_a_claim_in_a_file_stands_still_until_it_left_I2(line: Line) -> None:
    from deductibles import nights, submitting

    (claim,) = queued(line)
    run = nights.open_run(line.company, "submission", days(1), by=None, at=noon(days(1)))
    with nights.holding_night(line.company, run, at=noon(days(1))) as night:
        submitting.write_queued(night)
    for act in (claims.void, holds.unqueue, holds.hold_by_hand):
        with pytest.raises(Refused, match="being handed over"):
            act(claim, by=line.biller, at=noon(days(1)))


def test_a_refused_hand_over_leaves_the_claim_queued_and_goes_out_next_time_D_SUB_2(
    line: Line, settings
) -> None:
    (claim,) = queued(line)
    good = settings.CLEARINGHOUSE_URL
    settings.CLEARINGHOUSE_URL = "gopher://nowhere"
    run = line.submit(days(1))
    assert (run.state, status_of(claim)) == ("failed", "queued")
    assert "clearinghouse did not take the file" in run.failures[0]["why"]
    settings.CLEARINGHOUSE_URL = good
    assert line.submit(days(1)).submitted == 1
    assert len(files(line)) == 1


def test_a_file_that_arrived_is_never_sent_as_another_though_a_later_attempt_is_refused_I2(
    line: Line, settings
) -> None:
    (claim,) = queued(line)
    good = settings.CLEARINGHOUSE_URL
    die_after_the_hand_over(line)
    settings.CLEARINGHOUSE_URL = "http://127.0.0.1:1"
    run = line.submit(days(1))
    assert run.state == "done" and "not known whether the file arrived" in run.failures[0]["why"]
    assert (Submission.objects.get().state, status_of(claim)) == ("ambiguous", "ambiguous")
    with pytest.raises(Refused):
        claims.void(claim, by=line.biller, at=noon(days(1)))
    settings.CLEARINGHOUSE_URL = good
    assert line.submit(days(2)).submitted == 0
    assert len(files(line)) == 1 and Submission.objects.count() == 1


def test_a_folder_that_knows_what_it_took_gets_the_file_again_by_itself_D_SUB_2(line: Line) -> None:
    (claim,) = queued(line)
    die_after_the_hand_over(line)
    assert line.submit(days(1)).submitted == 1
    assert len(files(line)) == 1 and status_of(claim) == "submitted"


def test_a_service_may_heed_no_key_so_what_may_have_left_is_not_posted_again_I2(line: Line, settings) -> None:
    from tests import sandboxes

    (claim,) = queued(line)
    with sandboxes.clearinghouse(keyless=True) as house:
        settings.CLEARINGHOUSE_URL = house.url
        die_after_the_hand_over(line)
        run = line.submit(days(1))
        line.submit(days(2))
        posted = [item for item in house.requests() if item["method"] == "POST"]
        assert house.call("GET", "/_accepted")["duplicates"] == {}
    assert len(posted) == 1
    assert (run.state, status_of(claim)) == ("done", "ambiguous")
    assert [failure["claim"] for failure in run.failures] == [Submission.objects.get().filename]


def die_after_the_hand_over(line: Line) -> None:
    """The clearinghouse has the file; the process dies before it writes that down."""
    from deductibles import nights, submitting

    run = nights.open_run(line.company, "submission", days(1), by=None, at=noon(days(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submitting, "record_handed", _die)
        with (
            pytest.raises(KeyboardInterrupt),
            nights.holding_night(line.company, run, at=noon(days(1))) as night,
        ):
            submitting.submit(night)


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_hand_over_without_an_answer_waits_and_is_never_sent_again_D_SUB_2(line: Line, settings) -> None:
    from tests import sandboxes

    (claim,) = queued(line)
    with sandboxes.clearinghouse() as house:
        house.script(claim.number, lost=True)
        house.script("*", lost=True)
        settings.CLEARINGHOUSE_URL = house.url
        run = line.submit(days(1))
        assert (status_of(claim), run.submitted) == ("ambiguous", 0)
        assert Submission.objects.get().state == "ambiguous"
        line.submit(days(2))
        posted = [item for item in house.requests() if item["method"] in ("POST", "PUT")]
        assert len(posted) == 1


def test_control_numbers_rise_by_one_and_belong_to_the_company(line: Line) -> None:
    for day in (1, 2):
        queued(line)
        line.submit(days(day))
    assert list(Submission.objects.order_by("pk").values_list("control_number", flat=True)) == [1, 2]
    assert ControlNumbers.objects.get(company=line.company).interchange == 2


def test_a_claim_that_cannot_be_written_is_listed_and_the_others_go_out(line: Line) -> None:
    bad, good = queued(line, 2)
    bad.charges.update(code="")
    run = line.submit(days(1))
    assert (status_of(bad), status_of(good)) == ("queued", "submitted")
    assert run.failures[0]["claim"] == bad.number


def test_a_claim_whose_data_cannot_be_read_is_listed_and_the_others_go_out(line: Line) -> None:
    bad, good = queued(line, 2)
    Claim.objects.filter(pk=bad.pk).update(ambulance={"miles": "abc"})
    run = line.submit(days(1))
    assert (status_of(bad), status_of(good)) == ("queued", "submitted")
    assert [failure["claim"] for failure in run.failures] == [bad.number]
    assert "InvalidOperation" in run.failures[0]["why"]


def test_a_night_with_nothing_but_unreadable_claims_spends_no_control_number(line: Line) -> None:
    (bad,) = queued(line)
    Claim.objects.filter(pk=bad.pk).update(ambulance={"miles": "abc"})
    line.submit(days(1))
    assert not Submission.objects.exists()
    queued(line)
    line.submit(days(2))
    assert Submission.objects.get().control_number == 1


def test_what_pyx12_refuses_is_set_aside_in_words_without_values_and_the_rest_goes_D_SUB_1(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own writer: nothing that the check refuses is handed over."""
    from deductibles import submitting

    bad, good = queued(line, 2)
    write = submitting.x12.write

    def damaged(*given, **named) -> str:
        segments = write(*given, **named).split("~")
        at = next((n for n, each in enumerate(segments) if each.startswith(f"CLM*{bad.number}*")), None)
        if at is not None:
            segments[at] = segments[at].replace(f"CLM*{bad.number}*850", f"CLM*{bad.number}*8x0")
        return "~".join(segments)

    monkeypatch.setattr(submitting.x12, "write", damaged)
    run = line.submit(days(1))
    assert (status_of(bad), status_of(good)) == ("queued", "submitted")
    said = "It was not written: The check refuses Total Claim Charge Amount (CLM02): it is not what the guide allows."
    assert run.failures == [{"claim": bad.number, "why": said}]
    assert bad.number not in (line.outbox / files(line)[0]).read_text("ascii")


def test_writing_many_claims_takes_as_many_queries_as_writing_few(line: Line) -> None:
    counts = []
    for day, count in ((1, 1), (2, 2), (3, 7)):  # the first finds the database armed
        queued(line, count)
        with CaptureQueriesContext(connection) as made:
            assert line.submit(days(day)).submitted == count
        counts.append(len(made))
    assert counts[1] == counts[2]
