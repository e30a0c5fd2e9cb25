"""A file between its preview and its confirmation: in the page itself, signed with what it was compared under.

On several machines no folder is common, and what is confirmed must be what was shown.
"""

import base64
import binascii
import zlib

from django.core import signing

SEL = "actions.feuilles"


def recu(request):
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
