"""What every page needs to know: which convention it is about."""

from django.utils.functional import SimpleLazyObject

from actions.models import Convention


def convention_de(request):
    """Return the current convention, or None on an empty database; asked once a request."""
    if not hasattr(request, "_convention"):
        request._convention = Convention.objects.courante()
    return request._convention


def convention_courante(request):
    """Give templates `convention`, read from the database only where a template uses it."""
    return {"convention": SimpleLazyObject(lambda: convention_de(request))}
