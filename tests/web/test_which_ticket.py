"""“Which ticket?” (R-X-9): a few questions lead to the type, or to what to do instead of a ticket."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from escalations import actions, policies
from escalations.models import Deflection, PolicyVersion

pytestmark = pytest.mark.django_db

URL = "/escalations/which/"
NO_BILL = {"at": "insurer", "by": "2", "way": "0"}
"""An insurance representative who wants an itemized bill: no ticket (R-ITEM-3)."""
HOSTILE = [
    "\x00",
    "x" * 10_000,
    "-1",
    "99",
    "²",
    "1.2.3.4.5.6.7.8.9",
    "..",
    "<script>alert(1)</script>",
    "%00",
]


def plain(answer):
    """The walk's words, without its tags."""
    found = answer.content.decode().partition('id="which"')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found.partition(">")[2])).split())


def ways(answer):
    """The answers one may give: their words and where each leads."""
    page = answer.content.decode().partition('class="which-ways"')[2].partition("</ol>")[0]
    rows = re.findall(r'<a href="([^"]+)".*?<span>(.*?)</span>', page, re.S)
    return {unescape(words): unescape(url) for url, words in rows}


def follow(client, *said):
    """Answer one question after the other, each by the first words of an answer."""
    answer = client.get(URL)
    for words in said:
        found = ways(answer)
        (url,) = (url for label, url in found.items() if label.startswith(words))
        answer = client.get(url)
        assert answer.status_code == 200
    return answer


def filed_under(answer):
    """The address behind *File it*."""
    return unescape(re.search(r'href="([^"]+)" data-key="f"', answer.content.decode())[1])


# --- the walk -----------------------------------------------------------------------------------------


def test_three_answers_lead_to_the_type_with_its_turnaround_why_and_what_it_is_not(page_as, ana):
    answer = follow(page_as(ana), "The patient", "A paper", "An itemized bill", "Yes, paid")
    said = plain(answer)
    assert "File a ticket “Itemized Bill”." in said
    assert "5–7 business days" in said and "3–5 business days" in said
    assert "It proves that nothing more is owed." in said
    assert "Why not a neighbour" in said
    assert "Itemized Bill (PTP Payment) The bill is to confirm a payment made through prepay (PTP)." in said
    assert filed_under(answer) == "/escalations/new/?type=itemized-bill"


def test_file_it_opens_the_filing_page_with_what_was_said_already(page_as, ana):
    client = page_as(ana)
    answer = follow(client, "The patient", "A balance", "The code WODUNN")
    url = filed_under(answer)
    assert parse_qs(urlsplit(url).query) == {"type": ["synergen"], "answer_scenario": ["wodunn"]}
    page = client.get(url).content.decode()
    assert client.get(url).status_code == 200
    assert re.search(r'value="wodunn"[^>]*checked', page)


def test_every_way_leads_somewhere_in_at_most_five_questions(page_as, ana, acme):
    """Each answer of each question, walked from the first one: no dead end, no error, nothing endless."""
    client, ends, types = page_as(ana), 0, set()
    todo = [(URL, 0)]
    while todo:
        url, depth = todo.pop()
        answer = client.get(url)
        assert answer.status_code == 200 and depth <= 5, url
        found = ways(answer)
        if not found:
            ends += 1
            page = answer.content.decode()
            assert 'data-key="f"' in page or "Log it and close" in page, url
            types |= set(re.findall(r'data-which-type="([^"]+)"', page))
        todo += [(way, depth + 1) for way in found.values()]
    policy = policies.policy_of(policies.policy_in_force(acme, at=datetime.now(UTC)))
    assert ends > 60
    assert types == {kind.key for kind in policy.types}


def test_what_was_answered_stands_above_and_leads_back(page_as, ana):
    client = page_as(ana)
    answer = follow(client, "The patient", "A paper", "An itemized bill")
    page = answer.content.decode()
    trail = page.partition('class="which-trail"')[2].partition("</ol>")[0]
    assert "Who is calling?" in trail and "The patient" in trail and "An itemized bill" in trail
    back = [unescape(url) for url in re.findall(r'<a href="([^"]+)"', trail)]
    assert len(back) == 3
    assert "Which paper?" in plain(client.get(back[2])) and "A paper" in plain(client.get(back[2]))
    assert "Your answers so far" not in client.get(back[0]).content.decode()
    assert unescape(re.search(r'href="([^"]+)" data-key="b"', page)[1]) == back[2]


def test_digits_are_the_keys_of_the_answers(page_as, ana):
    page = page_as(ana).get(URL).content.decode()
    assert re.findall(r'data-key="(\d)"', page.partition('class="which-ways"')[2]) == ["1", "2", "3"]


def test_no_address_of_the_walk_carries_anything_but_keys_and_numbers(page_as, ana):
    answer = follow(page_as(ana), "The patient", "They are upset")
    for url in ways(answer).values():
        assert re.fullmatch(r"/escalations/which/\?at=[a-z]+&by=[\d.]+(&way=\d+)?", url)


def test_the_frame_leads_to_it(page_as, ana):
    assert f'href="{URL}"' in page_as(ana).get("/").content.decode()
    assert f'href="{URL}"' in page_as(ana).get("/guide/").content.decode()


@pytest.mark.parametrize("name", ["ben", "adam", "bo"])
def test_only_who_files_tickets_is_asked(page_as, cast, name):
    assert page_as(cast[name]).get(URL).status_code == 403
    assert page_as(cast[name]).post(URL, NO_BILL).status_code == 403
    assert not Deflection.objects.exists()


# --- no ticket ----------------------------------------------------------------------------------------


def test_it_may_end_in_no_ticket_which_is_logged_with_what_was_told(page_as, ana):
    client = page_as(ana)
    answer = follow(client, "An insurance representative", "An itemized bill")
    said = plain(answer)
    assert "No ticket. Do this instead: File nothing." in said and "R-ITEM-3" in said
    form = answer.content.decode().partition('class="which-foot"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'name="(at|by|way)" value="([^"]*)"', form))
    assert sent == NO_BILL
    done = client.post(URL, sent, follow=True)
    assert "Thank you, it is logged." in done.content.decode()
    assert "Who is calling?" in plain(done)
    row = Deflection.objects.get()
    assert (row.rule, row.type, row.by, row.patient) == ("R-ITEM-3", "", ana, None)
    assert row.told.startswith("File nothing. Give them the address")


def test_pressed_twice_it_is_logged_once(page_as, ana, sue):
    for person in (ana, ana, sue):
        assert page_as(person).post(URL, NO_BILL).status_code == 302
    assert Deflection.objects.count() == 2


def test_a_minute_later_it_is_another_call(acme, ana):
    at = datetime.now(UTC)
    version = policies.policy_in_force(acme, at=at)
    for moment in (at, at + timedelta(seconds=59), at + timedelta(seconds=60)):
        actions.log_no_ticket(version, "R-X-9", "Settle it yourself.", by=ana, at=moment)
    assert Deflection.objects.count() == 2


def test_the_company_is_named_and_a_rule_is_said_where_the_policy_gives_none(page_as, ana, adam, acme):
    data = copy.deepcopy(policies.policy_in_force(acme, at=datetime.now(UTC)).data)
    data["which_ticket"] = [
        {"key": "one", "label": "What?", "ways": [{"label": "Nothing", "none": "Greet them from {company}."}]}
    ]
    policies.put_in_force(PolicyVersion, acme, data, by=adam, at=datetime.now(UTC))
    page_as(ana).post(URL, {"at": "one", "way": "0"})
    row = Deflection.objects.get()
    assert (row.rule, row.told) == ("R-X-9", "Greet them from Acme Ambulance.")


def test_a_policy_without_questions_says_so(page_as, ana, adam, acme):
    data = {**policies.policy_in_force(acme, at=datetime.now(UTC)).data, "which_ticket": []}
    policies.put_in_force(PolicyVersion, acme, data, by=adam, at=datetime.now(UTC))
    answer = page_as(ana).get(URL)
    assert answer.status_code == 200 and "No questions have been written yet." in plain(answer)


# --- in a dialog --------------------------------------------------------------------------------------


def test_in_a_dialog_only_the_walk_comes_and_its_links_bring_the_next_question_there(page_as, ana):
    client = page_as(ana)
    answer = client.get(URL, {"at": "patient", "by": "0"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.strip().startswith('<div class="which" id="which" hx-target="this"')
    assert "<main" not in page and "<h1" not in page
    links = re.findall(r"<a [^>]+>", page)
    assert links and all(re.search(r'href="([^"]+)"', one)[1] in one.partition("hx-get=")[2] for one in links)


def test_in_a_dialog_thanks_are_said_in_place(page_as, ana):
    answer = page_as(ana).post(URL, NO_BILL, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "<main" not in page
    assert "Thank you, it is logged." in page and "Start a new search" in page
    assert Deflection.objects.count() == 1


# --- hostile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["at", "by", "way"])
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:12]))
def test_an_address_nobody_wrote_starts_again_and_breaks_nothing(page_as, ana, name, value):
    answer = page_as(ana).get(URL, {**NO_BILL, name: value})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in page and len(page) < 80_000
    if name == "at":
        assert "That question is not there any more." in page and "Who is calling?" in page


@pytest.mark.parametrize(
    "sent", [{}, {"at": "insurer"}, {**NO_BILL, "way": "1"}, {**NO_BILL, "at": "nowhere"}, {"way": "\x00"}]
)
def test_only_the_end_of_a_walk_without_ticket_can_be_logged(page_as, ana, sent):
    answer = page_as(ana).post(URL, sent)
    assert answer.status_code == 400
    assert not Deflection.objects.exists()


def test_a_trail_that_leads_elsewhere_is_left_out(page_as, ana):
    page = page_as(ana).get(URL, {"at": "bill", "by": "2"}).content.decode()
    assert "which-trail" not in page and "Is the account settled?" in page
