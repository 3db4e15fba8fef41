"""A policy goes out as a file and comes in as a draft; hostile files are told what is wrong and where (K13)."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from escalations.domain.policy_difference import differences
from escalations.policies import shipped_policy
from escalations.policy_edit.files import MOST_BYTES, Unreadable, read_file
from tests.web.policy_form import URL, drafted, in_force, type_in

pytestmark = pytest.mark.django_db
IMPORT = f"{URL}import/"


def sent(client: Any, text: str | bytes, **more: str) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    return client.post(IMPORT, {"file": SimpleUploadedFile("rules.yaml", raw), **more})


def exported(client: Any, number: int = 1) -> str:
    return client.get(f"{URL}versions/{number}/file/").content.decode()


def changed(path: str, value: Any) -> str:
    """The shipped policy with another value at the dotted path, as a file."""
    data: Any = shipped_policy()
    *inner, last = path.split(".")
    place = data
    for name in inner:
        place = place[int(name)] if name.isdigit() else place[name]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(data)  # which is YAML too


def test_what_goes_out_comes_in_as_the_same(page_as, adam, acme):
    client = page_as(adam)
    answer = client.get(f"{URL}versions/1/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="escalation-rules-acme-1.yaml"'
    assert yaml.safe_load(answer.content) == shipped_policy()
    assert sent(client, answer.content).status_code == 302
    assert differences(in_force(acme), drafted(acme)) == [] and drafted(acme) == in_force(acme)


def test_a_file_becomes_the_draft_and_is_never_published_by_itself(page_as, adam, acme):
    client = page_as(adam)
    answer = sent(client, changed("types.0.name", "Disputes"))
    assert answer.url == f"{URL}publish/"
    assert type_in(drafted(acme), "appeal")["name"] == "Disputes"
    assert type_in(in_force(acme), "appeal")["name"] == "Appeals"
    again = changed("types.0.name", "Quarrels")
    assert sent(client, again).status_code == 409 and type_in(drafted(acme), "appeal")["name"] == "Disputes"
    assert sent(client, again, instead="yes").status_code == 302
    assert type_in(drafted(acme), "appeal")["name"] == "Quarrels"


def test_a_file_that_contradicts_itself_becomes_a_draft_that_cannot_be_published(page_as, adam):
    client = page_as(adam)
    assert sent(client, changed("types.0.turnarounds.0.max", 0)).status_code == 302
    assert "It cannot be published yet" in client.get(f"{URL}publish/").content.decode()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("colour", "red", "The file: “colour” is nothing that is known here."),
        ("types.0.colour", "red", "types → appeal: “colour” is nothing that is known here."),
        ("types.0.questions.1.kind", 7, "types → appeal → questions → "),
        ("types.0.rules.0.needs", "raised_by", "needs: here a list belongs"),
        ("types.0.turnarounds.0.max", "45", "turnarounds → any → max: here a whole number"),
        ("types.0.turnarounds.0.max", True, "here a whole number"),
        ("types.0.waits.insurer", "no thanks", "waits → insurer: here true or false belongs"),
        ("types.0.key", "Appeal / <b>", "this is no key"),
        ("types.0.name", "x" * 81, "longer than 80"),
        ("types.0.name", "a\x07b", "character in it that cannot be kept"),
        ("types.0.rules.0.when", {"of": "raised_by", "in": "patient"}, "has an operand it cannot use"),
        ("types.0.rules.0.when", {"all": []}, "takes a list of conditions"),
        ("types", [], None),
        ("types", {"a": 1}, "types: here a list belongs"),
        ("limits.backdating_days", -1, "limits → backdating_days"),
        ("lists.executive_keywords.items", [["a"]], "here names with values belong"),
        ("reopen", None, "reopen: here names with values belong"),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(page_as, adam, acme, path, value, said):
    client = page_as(adam)
    answer = sent(client, changed(path, value))
    if said is None:
        assert answer.status_code == 302, "its shape is right; what it lacks the preview says"
        assert "at least one type" in client.get(f"{URL}publish/").content.decode()
        return
    assert answer.status_code == 400 and said in unescape(answer.content.decode())
    assert drafted(acme) is None


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "here names with values belong"),
        (b"42", "here names with values belong"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"x" * (MOST_BYTES + 1), "larger than 1 MB"),
        (BOMB.encode(), "an alias"),
        (b"types: [" * 60, "nested too deeply"),
        (b"a: 1\na: 2\n", "stands twice"),
        (b"? [a, b]\n: 1\n", "is no name"),
        (b"types: !!python/object/apply:os.system ['true']", "no YAML that can be read"),
        (b"types: !!set {a, b}", "here a list belongs"),
        (b"types: !!binary aGFsbG8=", "here a list belongs"),
        (b"types: 2026-01-01", "here a list belongs"),
        (b"limits: {backdating_days: 1e400}", "here a whole number"),
        (b"n: 0b" + b"1" * 9000, "is nothing that is known here"),
        (b"n: " + b"9" * 9000, "cannot be read"),
        (b"types:\n\t- a", "no YAML that can be read"),
        (b"--- a\n--- b\n", "no YAML that can be read"),
    ],
)
def test_a_hostile_file_is_refused_in_words(raw, said):
    with pytest.raises(Unreadable) as refused:
        read_file(raw)
    assert any(said in sentence for sentence in refused.value.sentences), refused.value.sentences


def test_a_date_that_is_meant_as_words_stays_words():
    text = json.dumps(shipped_policy()).replace('"Appeals"', "2026-01-01", 1)
    assert read_file(text.encode())["types"][0]["name"] == "2026-01-01"


def test_no_file_is_asked_for_and_nobody_elses_version_is_exported(page_as, adam, olga, acme):
    client = page_as(adam)
    assert client.post(IMPORT, {}).status_code == 400
    sent(client, changed("types.0.name", "Disputes"))
    assert page_as(olga).get(f"{URL}versions/1/file/").status_code in (200, 404), "her own first version"
    assert "acme" not in page_as(olga).get(IMPORT).content.decode().casefold()
