"""A file between its preview and its confirmation: in the page itself, signed with what it was compared under.

On several machines no folder is common, and what is confirmed must be what was shown.
"""

import base64
import binascii
import zlib

from django.core import signing
from django.core.exceptions import ValidationError

SEL = "actions.feuilles"


def reprendre(request, maintenant):
    """Return the bytes of the file that was sent or confirmed. Raises `ValidationError` with what to do instead.

    `maintenant` are the counters of today: what is confirmed was compared under the same.
    """
    octets, vu = _recu(request)
    if octets is None:
        raise ValidationError("Choisissez le classeur Excel (.xlsx) à faire entrer.")
    if vu is not None and vu != maintenant:
        raise ValidationError(
            "Le plan a changé depuis cet aperçu : envoyez à nouveau le classeur pour voir ce qu’il changerait aujourd’hui."
        )
    return octets


def _recu(request):
    """Return (the bytes of the file, the counters at its preview): chosen now, or shown before and confirmed."""
    if fichier := request.FILES.get("fichier"):
        return fichier.read(), None
    try:
        depose = signing.loads(request.POST["feuille"], salt=SEL, max_age=3600)
        return zlib.decompress(base64.b64decode(depose["octets"])), depose["vu"]
    except (KeyError, signing.BadSignature, binascii.Error, zlib.error):
        return None, None


def sceau(octets, vu):
    """Return the file, signed with the counters that it was compared under."""
    return signing.dumps({"octets": base64.b64encode(zlib.compress(octets)).decode(), "vu": vu}, salt=SEL)
