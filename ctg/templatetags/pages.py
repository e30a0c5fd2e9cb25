"""What is kept of a page, and shown again as long as nothing that it is made of has changed."""

from django import template
from django.templatetags.cache import CacheNode
from django.utils.crypto import get_random_string

register = template.Library()

# Seconds. The mark of a page holds the day, and with it what is kept dies at midnight anyway.
UN_JOUR = 86400


# Stands for the token of forms in what is kept; nobody can type it.
JETON = get_random_string(40)


class Garder(CacheNode):
    """Keeps all but the token of forms, which is that of each reader."""

    def render(self, context):
        """Return what is kept, or is made now, with the reader's own token."""
        jeton = context.get("csrf_token")
        with context.push(csrf_token=JETON):
            rendu = super().render(context)
        return rendu.replace(JETON, str(jeton)) if JETON in rendu else rendu


@register.tag
@register.tag("garder_ligne")
def garder(parser, token):
    """`{% garder nom marque … %}`: keep what stands before `{% fingarder %}` under a name, its mark, and what else it depends on.

    `garder_ligne` keeps one line of a long list, apart from what is large. The mark says all that it is made of: that of a
    page (`ctg.pages.marque`), or the line itself. What some alone may see is told apart: what is kept is shown to
    whoever comes next. Nothing typed is: a form that comes back with its mistakes is no part of it.
    """
    etiquette, *mots = token.split_contents()
    if len(mots) < 2:
        raise template.TemplateSyntaxError("{% garder nom marque … %}")
    reserve = "lignes" if etiquette == "garder_ligne" else "pages"
    contenu = parser.parse(("fingarder",))
    parser.delete_first_token()
    # A page that has read no mark is a fault of its view, and falls: without one it would be kept whatever changes.
    selon = [template.Variable(mots[1]), *map(parser.compile_filter, mots[2:])]
    return Garder(contenu, parser.compile_filter(str(UN_JOUR)), mots[0], selon, parser.compile_filter(f'"{reserve}"'))
