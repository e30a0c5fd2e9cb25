"""The subjects of acts: levels 1 and 2 of the national nomenclature ACTES, as the SCDL file names them.

Source: nomenclature ACTES of the contrôle de légalité; SCDL « délibérations » 2.1.2 (`DELIB_MATIERE_CODE` and
`DELIB_MATIERE_NOM`: lower case, accents, no comma nor bracket, levels joined by a slash).
"""

_NIVEAUX = {
    "commande publique": [
        "marchés publics",
        "délégations de service public",
        "conventions de mandat",
        "autres types de contrats",
        "transactions protocole d'accord transactionnel",
        "actes relatifs à la maîtrise d'œuvre",
        "actes spéciaux et divers",
    ],
    "urbanisme": [
        "documents d'urbanisme",
        "actes relatifs au droit d'occupation ou d'utilisation des sols",
        "droit de préemption urbain",
    ],
    "domaine et patrimoine": [
        "acquisitions",
        "aliénations",
        "locations",
        "limites territoriales",
        "autres actes de gestion du domaine public",
        "autres actes de gestion du domaine privé",
    ],
    "fonction publique": [
        "personnel titulaires et stagiaires de la f.p.t.",
        "personnel contractuel",
        "fonction publique hospitalière",
        "autres catégories de personnels",
        "régime indemnitaire",
    ],
    "institutions et vie politique": [
        "élection exécutif",
        "fonctionnement des assemblées",
        "désignation de représentants",
        "délégation de fonctions",
        "délégation de signature",
        "exercice des mandats locaux",
        "intercommunalité",
        "décision d'ester en justice",
    ],
    "libertés publiques et pouvoirs de police": [
        "police municipale",
        "pouvoirs du président du conseil général",
        "pouvoirs du président du conseil régional",
        "autres actes réglementaires",
        "actes pris au nom de l'etat et soumis au contrôle hiérarchique",
    ],
    "finances locales": [
        "décisions budgétaires",
        "fiscalité",
        "emprunts",
        "interventions économiques",
        "subventions",
        "contributions budgétaires",
        "avances",
        "fonds de concours",
        "prise de participation sem etc.",
        "divers",
    ],
    "domaines de compétences par thèmes": [
        "enseignement",
        "aide sociale",
        "voirie",
        "aménagement du territoire",
        "politique de la ville-habitat-logement",
        "emploi-formation professionnelle",
        "transports",
        "environnement",
        "culture",
    ],
    "autres domaines de compétences": [
        "autres domaines de compétences des communes",
        "autres domaines de compétences des départements",
        "autres domaines de compétences des régions",
        "vœux et motions",
    ],
}

NOMS = {
    f"{rang1}.{rang2}": f"{niveau1}/{niveau2}"
    for rang1, (niveau1, seconds) in enumerate(_NIVEAUX.items(), start=1)
    for rang2, niveau2 in enumerate(seconds, start=1)
}
MATIERES = [(code, f"{code} {nom}") for code, nom in NOMS.items()]
