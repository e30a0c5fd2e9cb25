"""`{% deux_colonnes %}…{% fin_colonnes %}`: what stands between, side by side."""

from django import template
from django.utils.safestring import mark_safe

from ctg.colonnes import partager

register = template.Library()


class _DeuxColonnes(template.Node):
    def __init__(self, dedans):
        self.dedans = dedans

    def render(self, context):
        html = self.dedans.render(context)
        if parts := partager(html):
            html = '<div class="colonnes"><div>{}</div><div>{}</div></div>'.format(*parts)
        elif html.strip():
            html = f'<div class="colonnes-longues">{html}</div>'
        return mark_safe(html)  # noqa: S308 - what a template rendered, cut between its blocks


@register.tag
def deux_colonnes(parser, token):
    """Lay what stands between side by side: filled columns if they hold on a page, else the engine's own."""
    dedans = parser.parse(("fin_colonnes",))
    parser.delete_first_token()
    return _DeuxColonnes(dedans)
