"""What is kept of a page, and shown again as long as nothing that it is made of has changed."""

from django import template
from django.templatetags.cache import CacheNode

register = template.Library()

# Seconds. The mark of a page holds the day, and with it what is kept dies at midnight anyway.
UN_JOUR = 86400


@register.tag
@register.tag("garder_ligne")
def garder(parser, token):
    """`{% garder nom marque … %}`: keep what stands before `{% fingarder %}` under a name, its mark, and what else it depends on.

    `garder_ligne` keeps one line of a long list, apart from what is large. The mark says all that it is made of: that of a
    page (`ctg.pages.marque`), or the line itself. No token of a form is kept, and what some alone may see is told apart: what
    is kept is shown to whoever comes next.
    """
    etiquette, *mots = token.split_contents()
    if len(mots) < 2:
        raise template.TemplateSyntaxError("{% garder nom marque … %}")
    reserve = "lignes" if etiquette == "garder_ligne" else "pages"
    contenu = parser.parse(("fingarder",))
    parser.delete_first_token()
    # A page that has read no mark is a fault of its view, and falls: without one it would be kept whatever changes.
    selon = [template.Variable(mots[1]), *map(parser.compile_filter, mots[2:])]
    return CacheNode(
        contenu, parser.compile_filter(str(UN_JOUR)), mots[0], selon, parser.compile_filter(f'"{reserve}"')
    )
