"""The gallery shows every component there is, in every state, fast and without asking the database much."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

PARTS = sorted(path.stem for path in Path("templates/components").glob("*.html"))
SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for path in (Path("templates/components_gallery.html"), *sorted(Path("templates/gallery").glob("*.html")))
)
README = Path("templates/components/README.md").read_text(encoding="utf-8")


@pytest.fixture
def opened(page_as, adam):
    found = page_as(adam).get(reverse("gallery"))
    assert found.status_code == 200
    return found


@pytest.mark.parametrize("part", PARTS)
def test_a_component_is_shown_in_the_gallery(part):
    """Whoever adds a component shows it."""
    assert re.search(rf"<c-{part.replace('_', '-')}[\s/>]", SOURCE)


@pytest.mark.parametrize("part", PARTS)
def test_a_component_is_explained_in_the_readme(part):
    """Whoever adds a component says how it is called."""
    assert f"`{part.replace('_', '-')}`" in README


def test_the_gallery_opens_and_every_section_of_its_contents_is_there(opened):
    """Anchors lead somewhere."""
    html = opened.content.decode()
    asked = re.findall(r'<a href="#([\w-]+)">', html.split('class="gallery-contents"')[1].split("</nav>")[0])
    assert asked
    assert [name for name in asked if f'id="{name}"' not in html] == []


def test_no_id_of_the_gallery_stands_twice(opened):
    """Labels and anchors point at one thing."""
    found = re.findall(r'\sid="([^"]+)"', opened.content.decode())
    assert sorted(name for name in set(found) if found.count(name) > 1) == []


def test_the_gallery_says_the_contrast_of_its_colours(opened):
    """Swatches carry their figures in both themes."""
    assert re.search(r"<strong>accent</strong><span>[\d.]+ · [\d.]+</span>", opened.content.decode())


def test_the_gallery_asks_the_database_little(page_as, adam, django_assert_max_num_queries):
    """At most twelve queries a page."""
    browser = page_as(adam)
    with django_assert_max_num_queries(12):
        assert browser.get(reverse("gallery")).status_code == 200
