"""What is checked before anything else: a base made by a trial version, and the key of the published example."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connections

# A column of the first release: a base that knows conventions without it was made before.
TABLE, COLONNE = "actions_convention", "cle"


# What begins the key of `.env.example`: everybody has read it.
CLE_PUBLIEE = "à-remplacer"


@register(Tags.security, deploy=True)
def cle_publiee(app_configs, **kwargs):
    """Refuse to deploy with the key of the published example: whoever knows it signs sessions and links."""
    if not settings.SECRET_KEY.startswith(CLE_PUBLIEE):
        return []
    conseil = "Tirez-en une : python3 -c 'import secrets; print(secrets.token_urlsafe(50))', et écrivez-la dans .env."
    return [Error("SECRET_KEY est celle de l’exemple publié.", hint=conseil, id="ctg.E002")]


@register(Tags.security, deploy=True)
def serveur_en_clair(app_configs, **kwargs):
    """Refuse to deploy when who comes in would be said in clear: the identity is believed because TLS brings it."""
    if not settings.OIDC_SERVEUR or settings.OIDC_SERVEUR.startswith("https://"):
        return []
    return [Error("OIDC_SERVEUR doit commencer par https://.", id="ctg.E003")]


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
