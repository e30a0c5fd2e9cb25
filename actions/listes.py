"""The national lists, which come with the migrations: missions and themes of the Famille branch, funding programmes.

Missions and themes are those of deliberation 583 (tests/donnees). The programmes are those of the CNAF in public pages
read in November 2026 (caf.fr, circulaire of 16 January 2020; names change: an old one stays readable in its years).
"""

MISSIONS = [
    "Aider les familles à concilier vie familiale, vie professionnelle et vie sociale",
    "Faciliter la relation parentale, favoriser le développement de l’enfant et soutenir les jeunes",
    "Créer les conditions favorables à l’autonomie, à l’insertion sociale et professionnelle",
    "Accompagner les familles pour améliorer leur cadre de vie et leurs conditions de logement",
]
THEMATIQUES = [
    "Parentalité",
    "Jeunesse",
    "Accès aux droits / numérique",
    "Logement",
    "Petite enfance",
    "Animation de la vie sociale",
    "Équité territoriale",
    "Familles fragilisées",
    "Handicap",
]
# Name, and the programme that it replaces.
DISPOSITIFS = [
    ("Bonus territoire CTG", None),
    ("Chargé de coopération CTG", None),
    ("CLAS", None),
    ("Fonds publics et territoires", None),
    ("PSO", None),
    ("PSU", None),
    ("REAAP", None),
    ("Fonds national parentalité, axe 1", "REAAP"),
]


def installer(apps):
    """Put in what is missing of the lists; `apps` is the registry of models (a migration's, or today's)."""
    for nom_du_modele, noms in (("Mission", MISSIONS), ("Thematique", THEMATIQUES)):
        modele = apps.get_model("actions", nom_du_modele)
        for ordre, nom in enumerate(noms, start=1):
            modele.objects.get_or_create(ordre=ordre, defaults={"nom": nom})
    dispositif = apps.get_model("actions", "Dispositif")
    for nom, remplace in DISPOSITIFS:
        ancien = remplace and dispositif.objects.get(nom=remplace)
        dispositif.objects.get_or_create(nom=nom, defaults={"financeur": "caf", "remplace": ancien})
