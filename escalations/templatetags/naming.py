"""Marking in a note whom it names."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from escalations.inbox.around import Around

register = template.Library()


@register.filter
def named(text: str, around: Around) -> SafeString:
    """The note with its line breaks, and a mark on each ``@`` that names a colleague; all of it escaped."""
    pieces = around.pieces(str(text))
    return format_html_join(
        "", "{}", ((_marked(piece) if name else linebreaksbr(piece),) for piece, name in pieces)
    )


def _marked(name: str) -> SafeString:
    return format_html('<b class="mention">{}</b>', name)
