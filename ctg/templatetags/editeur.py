"""The assets of the rich-text editor, with the nonce that our CSP asks of its import map."""

from django import template
from django.utils.safestring import mark_safe
from django_prose_editor.widgets import prose_editor_media
from js_asset import Media, Script

register = template.Library()


@register.simple_tag(takes_context=True)
def media_editeur(context):
    """Load the editor once for a page, before any section is opened."""
    ours = prose_editor_media(preset="configurable") + Media(js=[Script("js/editeur.js", type="module")])
    media = Media.from_media(ours, nonce=str(context["request"].csp_nonce))
    return mark_safe(str(media))  # noqa: S308 - tags made by the library from static paths
