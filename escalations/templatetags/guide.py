"""Marking in the guide what was looked for."""

from django import template

from escalations.guide_search import Search

register = template.Library()


@register.filter
def marked(text: str, search: Search) -> str:
    """The text with the words of the search marked."""
    return search.marked(str(text))


@register.filter
def named_place(named: dict[str, str], place: str) -> str:
    """What a place of the guide is called; empty for one that is there no more."""
    return named.get(place, "")
