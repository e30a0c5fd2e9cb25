#!/usr/bin/env python
"""Django's command-line door; a base that cannot be reached or written is said in words, not in a traceback."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as erreur:
        sys.exit(f"Réglage à corriger, dans .env ou dans l’environnement. {erreur}")
    except OperationalError as erreur:
        if "--traceback" in sys.argv:
            raise
        raison = str(erreur).splitlines()[0]
        sys.exit(
            f"La base de données a refusé : {raison}.\nVérifiez DATABASE_URL, que le serveur de la base répond, et que le"
            " compte qui lance la commande peut écrire dans son dossier. Le détail : la même commande avec --traceback."
        )
