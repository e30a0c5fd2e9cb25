"""The WSGI entry point (gunicorn ctg.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ctg.settings")
application = get_wsgi_application()

from ctg.compteurs import se_mettre_a_l_ecoute  # noqa: E402 - the application is set up first
from ctg.pdf import chauffer  # noqa: E402

se_mettre_a_l_ecoute()
chauffer()
