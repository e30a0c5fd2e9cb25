"""What is checked before anything else: a base made by a trial version, whose migrations were rewritten since."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connections

# A column of the first release: a base that knows conventions without it was made before.
TABLE, COLONNE = "actions_convention", "cle"


@register(Tags.database)
def base_d_essai(app_configs, databases=None, **kwargs):
    """Say what to do with a base from before the first release, rather than answer 500 on each page."""
    return [faute for alias in databases or () for faute in _examiner(connections[alias])]


def _examiner(connexion):
    try:
        with connexion.cursor() as curseur:
            if TABLE not in connexion.introspection.table_names(curseur):
                return []
            colonnes = {c.name for c in connexion.introspection.get_table_description(curseur, TABLE)}
    except DatabaseError:
        return []  # the command that needs the base says it better
    if COLONNE in colonnes:
        return []
    nom = connexion.settings_dict["NAME"]
    if connexion.vendor == "sqlite":
        conseil = (
            f"Mettez-la de côté (mv {settings.BASE_DIR / nom} {nom}.avant), puis relancez : une base neuve est créée."
        )
    else:
        conseil = f"Renommez la base « {nom} », créez-en une neuve du même nom, puis relancez."
    return [Error("Cette base a été créée par une version d’essai, antérieure à 0.2.0.", hint=conseil, id="ctg.E001")]
