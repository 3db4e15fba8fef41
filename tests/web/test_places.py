"""Where a person can go from a page: all of a short section, of a long one the headings and what stands with it."""

from __future__ import annotations

import re

from config.front.context import SECTIONS, _navigation

NAV = re.compile(r'<nav class="(pages[^"]*)" aria-label="([^"]+)">(.*?)</nav>', re.DOTALL)


def _navs(page_as, user, url: str) -> dict[str, str]:
    answer = page_as(user).get(url, follow=True)
    assert answer.status_code == 200, url
    return {label: inside for _, label, inside in NAV.findall(answer.content.decode())}


def test_the_settings_stand_under_headings_of_which_one_is_open(page_as, adam) -> None:
    navs = _navs(page_as, adam, "/settings/calendar/")
    assert list(navs) == ["Settings", "Company and people"]
    headings = re.findall(r">([^<]+)</a>", navs["Settings"])
    assert headings == [
        "Company and people", "Holds and billing", "Desk rules", "Connected services", "Work and records",
    ]  # fmt: skip
    assert re.findall(r'aria-current="true">([^<]+)<', navs["Settings"]) == ["Company and people"]
    assert re.findall(r'aria-current="page">([^<]+)<', navs["Company and people"]) == ["Business calendar"]
    assert "Audit" not in navs["Company and people"]


def test_every_page_of_the_settings_is_found_under_its_heading(page_as, adam) -> None:
    part = next(one for one in _navigation(adam, "") if one["key"] == "settings")
    assert [item["key"] for group in part["groups"] for item in group["items"]] == [
        place.key for key, _, places in SECTIONS if key == "settings" for place in places
    ]
    for group in part["groups"]:
        for item in group["items"]:
            navs = _navs(page_as, adam, item["url"])
            assert f'href="{group["url"]}" aria-current="true"' in navs["Settings"], item["url"]
            assert f'href="{item["url"]}" aria-current="page"' in navs[group["label"]], item["url"]


def test_who_has_few_of_them_sees_them_all_at_once(page_as, sue) -> None:
    navs = _navs(page_as, sue, "/settings/teams/")
    assert list(navs) == ["Settings"]
    assert {"Teams and shifts", "Runs"} <= set(re.findall(r">([^<]+?)(?: <|</a>)", navs["Settings"]))
