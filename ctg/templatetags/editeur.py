"""What a page needs to open the rich-text editor, with the nonce that our CSP asks of its import map."""

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_prose_editor.widgets import prose_editor_base_media, prose_editor_js
from js_asset import Media, Script

register = template.Library()
NOTRE_SCRIPT = Media(js=[Script("js/editeur.js", type="module")])  # for the administration, which loads it at once


@register.simple_tag(takes_context=True)
def media_editeur(context):
    """Put the import map and the styles on a page, and what loads the editor itself once one edits."""
    # The library's own script tags would load the editor with every page.
    media = Media.from_media(prose_editor_base_media, nonce=str(context["request"].csp_nonce))
    script = format_html(
        '<script src="{}" data-moteur="{}" data-editeur="{}" data-mots="{}" defer></script>',
        static("js/ouvrir_editeur.js"),
        prose_editor_js.path,
        static("js/editeur.js"),
        reverse("jsi18n"),
    )
    balises = [*media.render_importmap(), *media.render_css(), script]
    return mark_safe("".join(balises))  # noqa: S308 - tags made by the library from static paths
