"""All that a territory holds, in one archive: to leave, to keep, to read elsewhere without this application.

Rows as JSON (Django's own format), files as they are, the plan of each convention as a workbook.
"""

import json
import zipfile

from django.apps import apps
from django.core import serializers

from actions.classeur.sortie import ecrire
from actions.models import Convention, PieceJointe, Territoire
from ctg import scelles
from ctg.historique import Historise
from ctg.models import Scelle, User

LISEZ_MOI = """{territoire} : tout ce que l’application tient de ce territoire.

donnees.json     chaque ligne de chaque table, au format des données de Django (modèle, clé, champs)
historique.json  chaque état passé de chacune de ces lignes : qui, quand, quoi
comptes.json     les comptes nommés par ces lignes : nom et adresse, sans mot de passe
pieces/          les pièces jointes, sous le nom que donnees.json leur donne
scelles/         les fichiers scellés, sous leur empreinte SHA-256 ; leur nom est dans donnees.json
<période>/       le plan de la convention en un classeur
"""


def chemin_du_territoire(modele):
    """Return the lookup that leads from a row to its territory: `proprietaire`, followed from owner to owner."""
    if modele is Territoire:
        return "pk"
    proprietaire = modele
    for champ in modele.proprietaire.split("__"):
        proprietaire = proprietaire._meta.get_field(champ).related_model
    suite = chemin_du_territoire(proprietaire)
    return modele.proprietaire if suite == "pk" else f"{modele.proprietaire}__{suite}"


def modeles_d_un_territoire():
    """Return the models whose rows a territory owns, owners first."""
    siens = [
        m for a in ("actions", "pilotage") for m in apps.get_app_config(a).get_models() if issubclass(m, Historise)
    ]
    return [m for m in siens if m is Territoire or m.proprietaire]


def emporter(territoire, sortie):
    """Write the archive (ZIP) of a territory into a file open for writing. Raises `OSError` if a file of it is lost."""
    lignes, passe = [], []
    for modele in modeles_d_un_territoire():
        siennes = modele._base_manager.filter(**{chemin_du_territoire(modele): territoire.pk}).order_by("pk")
        lignes += siennes
        passe += modele.history.filter(id__in=[ligne.pk for ligne in siennes]).order_by("history_id")
    sceaux = Scelle.objects.filter(pk__in=_sceaux(lignes)).order_by("pk")
    comptes = User.objects.filter(pk__in=_comptes([*lignes, *passe])).order_by("pk")
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LISEZ-MOI.txt", LISEZ_MOI.format(territoire=territoire))
        archive.writestr("donnees.json", _json([*sceaux, *lignes]))
        archive.writestr("historique.json", _json(passe))
        qui = [{"id": c.pk, "nom": c.get_full_name(), "adresse": c.email} for c in comptes]
        archive.writestr("comptes.json", json.dumps(qui, ensure_ascii=False, indent=1))
        for sceau in sceaux:
            archive.writestr(f"scelles/{sceau.pk}", scelles.lire(sceau.pk))
        for piece in PieceJointe.objects.filter(action__convention__territoire=territoire):
            with piece.fichier.open() as fichier:
                archive.writestr(f"pieces/{piece.fichier.name.removeprefix('pieces/')}", fichier.read())
        for convention in Convention.objects.filter(territoire=territoire):
            archive.writestr(f"{convention.cle}/classeur.xlsx", ecrire(convention))


def _json(lignes):
    return serializers.serialize("json", lignes, indent=1, ensure_ascii=False)


def _cles(lignes, modele):
    """Return the keys of the rows of a model that some rows name."""
    for ligne in lignes:
        for champ in ligne._meta.concrete_fields:
            if champ.is_relation and champ.related_model is modele and (cle := getattr(ligne, champ.attname)):
                yield cle


def _sceaux(lignes):
    return set(_cles(lignes, Scelle))


def _comptes(lignes):
    return set(_cles(lignes, User))
