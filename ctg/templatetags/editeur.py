"""The assets of the rich-text editor, with the nonce that our CSP asks of its import map."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_prose_editor.widgets import prose_editor_media
from js_asset import Media, Script

register = template.Library()
NOTRE_SCRIPT = Media(js=[Script("js/editeur.js", type="module")])


@register.simple_tag(takes_context=True)
def media_editeur(context):
    """Load the editor once for a page, before any section is opened."""
    nonce = str(context["request"].csp_nonce)
    media = Media.from_media(prose_editor_media(preset="configurable") + NOTRE_SCRIPT, nonce=nonce)
    mots = format_html('<script src="{}"></script>', reverse("jsi18n"))
    return mark_safe(f"{mots}{media}")  # noqa: S308 - tags made by the library from static paths
