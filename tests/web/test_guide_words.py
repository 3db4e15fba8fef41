"""The glossary and the articles (R-DOC-1, R-DOC-2): written by admins, read by everybody in the guide."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from escalations import policies
from escalations.models import PolicyVersion

pytestmark = pytest.mark.django_db

URL, ARTICLE = "/settings/glossary/", "turnaround-times-2024"


def now() -> datetime:
    return datetime.now(UTC)


def policy_of(company):
    return policies.policy_of(policies.policy_in_force(company, at=now()))


def meanings(company) -> dict[str, str]:
    return {one.term: one.means for one in policy_of(company).glossary}


def values(page: str, name: str) -> list[str]:
    tags = re.findall(rf'<input [^>]*name="{name}"[^>]*>', page)
    return [unescape(re.search(r'value="([^"]*)"', tag)[1]) for tag in tags]


def form_of(client) -> dict[str, object]:
    """What a browser would send of the glossary as it stands."""
    page = client.get(URL).content.decode().partition('id="form-glossary"')[2].partition("</form>")[0]
    (seen,) = values(page, "seen")
    return {"what": "glossary", "seen": seen, "term": values(page, "term"), "means": values(page, "means")}


def article_form(client, key: str = ARTICLE) -> dict[str, str]:
    page = client.get(URL).content.decode().partition(f'id="form-{key}"')[2].partition("</form>")[0]
    (seen,) = values(page, "seen")
    return {"what": key, "seen": seen}


def explained(form, term: str, means: str):
    """The form with a meaning typed beside a term."""
    number = form["term"].index(term)
    return {**form, "means": [means if row == number else said for row, said in enumerate(form["means"])]}


def test_a_term_that_an_admin_explains_is_explained_in_the_guide(page_as, adam, ana, acme):
    client = page_as(adam)
    answer = client.post(URL, explained(form_of(client), "AMD", "The billing system."), follow=True)
    assert "Saved. The guide explains it from now on." in answer.content.decode()
    assert meanings(acme)["AMD"] == "The billing system."
    assert "<dt>AMD</dt><dd>The billing system.</dd>" in page_as(ana).get("/guide/").content.decode()


def test_only_admins_are_led_to_where_terms_and_articles_are_written(page_as, adam, ana):
    assert f'href="{URL}#glossary"' in page_as(adam).get("/guide/").content.decode()
    assert URL not in page_as(ana).get("/guide/").content.decode()


def test_a_new_term_stands_where_the_alphabet_puts_it_and_one_may_go(page_as, adam, acme):
    client = page_as(adam)
    form = form_of(client)
    gone = form["term"].index("WODUNN")
    terms = [*form["term"][:gone], *form["term"][gone + 1 : -1], "Ambulance"]
    means = [*form["means"][:gone], *form["means"][gone + 1 : -1], "A car that hurries."]
    client.post(URL, {**form, "term": terms, "means": means})
    listed = list(meanings(acme))
    assert "WODUNN" not in listed and listed.index("Ambulance") < listed.index("AMD")


def test_rows_are_added_and_taken_out_without_script_and_nothing_is_saved(page_as, adam, acme):
    client = page_as(adam)
    form = form_of(client)
    number = form["term"].index("WODUNN")
    answer = client.post(URL, {**form, "do": f"remove:{number}"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "WODUNN" not in values(page, "term") and "Not saved yet." in page
    answer = client.post(URL, {**form, "do": "add"})
    assert answer.status_code == 200 and "Not saved yet." not in answer.content.decode()
    assert "WODUNN" in meanings(acme)


def test_an_article_is_written_and_read_in_paragraphs(page_as, adam, ana, acme):
    client = page_as(adam)
    text = "Counted from the day of filing.\n\nNever from the call."
    answer = client.post(URL, {**article_form(client), "text": text}, follow=True)
    assert "“Turnaround Times 2024” stands in the guide." in answer.content.decode()
    page = page_as(ana).get("/guide/").content.decode()
    assert "<p>Counted from the day of filing.</p><p>Never from the call.</p>" in page
    assert "Written by Adam Example" in client.get(URL).content.decode()


def test_a_newer_shipped_policy_leaves_what_was_written(page_as, adam, acme):
    client = page_as(adam)
    client.post(URL, {**article_form(client), "text": "Mine."})
    client.post(URL, explained(form_of(client), "AMD", "The billing system."))
    shipped = policies.load_policy(acme, by=None, at=now())
    assert policies.policy_of(shipped).article(ARTICLE).text == "Mine."
    assert policies.policy_of(shipped).article("appeals").text == ""
    assert meanings(acme)["AMD"] == "The billing system."


def test_saving_what_stands_already_makes_no_version(page_as, adam, acme):
    client = page_as(adam)
    form = form_of(client)
    assert client.post(URL, form).status_code == 302
    assert PolicyVersion.objects.filter(company=acme).count() == 1


def test_of_two_admins_at_the_glossary_the_second_sees_both_and_decides(page_as, adam, acme):
    client = page_as(adam)
    form = form_of(client)
    client.post(URL, explained(form, "AMD", "The billing system."))
    answer = client.post(URL, explained(form, "AMD", "A medical ledger."))
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Adam Example changed this while you were typing." in page
    assert "The billing system." in page and "A medical ledger." in values(page, "means")
    (fresh,) = values(page.partition('id="form-glossary"')[2].partition("</form>")[0], "seen")
    again = explained({**form, "seen": fresh}, "AMD", "A medical ledger.")
    assert client.post(URL, again).status_code == 302
    assert meanings(acme)["AMD"] == "A medical ledger."


def test_of_two_admins_at_one_article_the_second_sees_both(page_as, adam, acme):
    client = page_as(adam)
    form = article_form(client)
    client.post(URL, {**form, "text": "Theirs."})
    answer = client.post(URL, {**form, "text": "Mine."})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Theirs." in page and "Mine.</textarea>" in page
    assert policy_of(acme).article(ARTICLE).text == "Theirs."


@pytest.mark.parametrize(
    ("term", "means", "says"),
    [
        ("", "Without a term", "The term is missing."),
        ("x" * 61, "", "The term is longer than 60 characters."),
        ("amd", "Twice", "“amd” stands twice."),
        ("New", "y" * 401, "The meaning is longer than 400 characters."),
        ("Ne\x00w", "", "a character in it that cannot be printed"),
        ("New", "Bell \x07", "a character in it that cannot be printed"),
    ],
)
def test_what_cannot_be_a_term_is_said_and_everything_typed_stays(page_as, adam, acme, term, means, says):
    client, before = page_as(adam), meanings(acme)
    form = form_of(client)
    sent = {**form, "term": [*form["term"][:-1], term], "means": [*form["means"][:-1], means]}
    answer = client.post(URL, sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert says in unescape(page) and 'aria-invalid="true"' in page
    assert values(page, "term")[-2] == term and values(page, "means")[-2] == means
    assert meanings(acme) == before


@pytest.mark.parametrize("text", ["x" * 20_001, "un\x07printable"])
def test_an_article_that_cannot_be_kept_stays_in_its_box(page_as, adam, acme, text):
    client = page_as(adam)
    answer = client.post(URL, {**article_form(client), "text": text})
    assert answer.status_code == 400
    assert text in answer.content.decode() and 'aria-invalid="true"' in answer.content.decode()
    assert policy_of(acme).article(ARTICLE).text == ""


@pytest.mark.parametrize(
    "sent",
    [{}, {"what": "glossary"}, {"what": "glossary", "term": ["a", "b"], "means": ["c"]}],
    ids=["nothing", "no rows", "torn"],
)
def test_a_form_that_did_not_arrive_whole_changes_nothing(page_as, adam, acme, sent):
    before = policies.policy_in_force(acme, at=now()).number
    answer = page_as(adam).post(URL, sent)
    assert answer.status_code == 400 and "did not arrive whole" in answer.content.decode()
    assert policies.policy_in_force(acme, at=now()).number == before


@pytest.mark.parametrize("key", ["nowhere", "\x00", "x" * 10_000])
def test_an_article_there_is_not_is_not_found(page_as, adam, key):
    assert page_as(adam).post(URL, {"what": key, "text": "Mine."}).status_code == 404


@pytest.mark.parametrize("name", ["ana", "ben", "sue"])
def test_only_admins_write(page_as, cast, name):
    client = page_as(cast[name])
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"what": ARTICLE, "text": "Mine."}).status_code == 403


def test_another_companys_admin_writes_only_her_own(page_as, olga, acme, other):
    client = page_as(olga)
    client.post(URL, explained(form_of(client), "AMD", "Ours."))
    assert (meanings(other)["AMD"], meanings(acme)["AMD"]) == ("Ours.", "")
