"""All that a territory holds, in one archive: to leave, to keep, to read elsewhere without this application.

Rows as JSON (Django's own format), files as they are, the plan of each convention as a workbook.
"""

import json
import zipfile

from django.apps import apps
from django.core import serializers
from django.db import connection, transaction
from django.db.models import Q

from actions.classeur.sortie import ecrire
from actions.models import Convention, Invitation, PieceJointe, Territoire
from ctg import scelles
from ctg.historique import Historise
from ctg.models import Scelle, User

LISEZ_MOI = """{territoire} : tout ce que l’application tient de ce territoire.

donnees.json     chaque ligne de chaque table, au format des données de Django (modèle, clé, champs)
communs.json     ce qui est commun à tous et que ces lignes nomment : partenaires, thématiques, dispositifs
historique.json  chaque état passé de chacune de ces lignes : qui, quand, quoi ; de celles qui sont supprimées aussi
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
    """Write the archive (ZIP) of a territory, as it is at one moment, into a file open for writing.

    Raises `OSError` if a file of it is lost.
    """
    a_nous = not connection.in_atomic_block
    with transaction.atomic():
        if a_nous and connection.vendor == "postgresql":  # SQLite reads one moment by itself
            with connection.cursor() as curseur:
                curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        _emporter(Bagage(territoire), sortie)


class Bagage:
    """The rows of a territory, those that it had, and what is common to all and named by them."""

    def __init__(self, territoire):
        self.territoire = territoire
        self._cles = {Territoire: {territoire.pk}}
        self.lignes, self.passe = [], []
        for modele in modeles_d_un_territoire():
            self.lignes += modele._base_manager.filter(**{chemin_du_territoire(modele): territoire.pk}).order_by("pk")
            self.passe += self._etats(modele).order_by("history_id")
        # Who is invited for a common body belongs to that body; who was invited from here is told here too.
        communes = Q(territoire=territoire, partenaire__territoire=None)
        self.lignes += Invitation._base_manager.filter(communes).order_by("pk")
        self.passe += Invitation.history.filter(communes).order_by("history_id")
        self.passe += list(_rangees_passees(self.passe))

    def _etats(self, modele):
        """Return every state of the rows of a model, of those that were deleted too: their owner's key tells whose."""
        if modele is Territoire:
            return modele.history.filter(id=self.territoire.pk)
        proprietaire = modele._meta.get_field(modele.proprietaire.split("__")[0])
        return modele.history.filter(**{f"{proprietaire.attname}__in": self._connues(proprietaire.related_model)})

    def _connues(self, modele):
        if modele not in self._cles:
            presentes = modele._base_manager.filter(**{chemin_du_territoire(modele): self.territoire.pk})
            passees = self._etats(modele).values_list("id", flat=True)
            self._cles[modele] = {*presentes.values_list("pk", flat=True), *passees}
        return self._cles[modele]

    def communs(self):
        """Return the rows that belong to nobody, or to all, and that these name: a CAF, a theme, a programme."""
        emportees = {(type(ligne), ligne.pk) for ligne in self.lignes}
        trouvees, a_lire = {}, self.lignes
        while a_lire:
            nommees = {cible for ligne in a_lire for cible in _nommees(ligne)}
            neuves = [c for c in nommees if (type(c), c.pk) not in emportees | trouvees.keys()]
            trouvees |= {(type(c), c.pk): c for c in neuves}
            a_lire = neuves
        return sorted(trouvees.values(), key=lambda ligne: (ligne._meta.label, ligne.pk))


def _rangees_passees(etats):
    """Yield what past states name by many: the themes of a fiche, the axes of a body, as they were then."""
    par_modele = {}
    for etat in etats:
        par_modele.setdefault(type(etat), []).append(etat.pk)
    for modele, cles in par_modele.items():
        for lien in modele._meta.related_objects:
            yield from lien.related_model._base_manager.filter(**{f"{lien.field.name}__in": cles}).order_by("pk")


def _nommees(ligne):
    """Yield the rows of the application that a row names."""
    for champ in ligne._meta.get_fields():
        if not champ.is_relation or champ.auto_created or not issubclass(champ.related_model, Historise):
            continue
        if champ.many_to_many:
            yield from getattr(ligne, champ.name).all()
        elif cible := getattr(ligne, champ.name):
            yield cible


def _emporter(bagage, sortie):
    lignes, passe, communs = bagage.lignes, bagage.passe, bagage.communs()
    sceaux = Scelle.objects.filter(pk__in=set(_cles([*lignes, *passe, *communs], Scelle))).order_by("pk")
    comptes = User.objects.filter(pk__in=set(_cles([*lignes, *passe], User))).order_by("pk")
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LISEZ-MOI.txt", LISEZ_MOI.format(territoire=bagage.territoire))
        archive.writestr("donnees.json", _json([*sceaux, *lignes]))
        archive.writestr("communs.json", _json(communs))
        archive.writestr("historique.json", _json(passe))
        qui = [{"id": c.pk, "nom": c.get_full_name(), "adresse": c.email} for c in comptes]
        archive.writestr("comptes.json", json.dumps(qui, ensure_ascii=False, indent=1))
        for sceau in sceaux:
            archive.writestr(f"scelles/{sceau.pk}", scelles.lire(sceau.pk))
        for piece in PieceJointe.objects.filter(action__convention__territoire=bagage.territoire):
            with piece.fichier.open() as fichier:
                archive.writestr(f"pieces/{piece.fichier.name.removeprefix('pieces/')}", fichier.read())
        for convention in Convention.objects.filter(territoire=bagage.territoire):
            archive.writestr(f"{convention.cle}/classeur.xlsx", ecrire(convention))


def _json(lignes):
    return serializers.serialize("json", lignes, indent=1, ensure_ascii=False)


def _cles(lignes, modele):
    """Return the keys of the rows of a model that some rows name."""
    for ligne in lignes:
        for champ in ligne._meta.concrete_fields:
            if champ.is_relation and champ.related_model is modele and (cle := getattr(ligne, champ.attname)):
                yield cle
