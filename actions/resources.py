"""XLSX sheets of the plan, out and in (django-import-export): all the rows are right, or none comes in.

On the site a sheet is that of one convention, which is given (`Feuille(convention=...)`); in the administration it is
that of the installation, and each row names its convention in a column (« val-d-argent/2026-2030 »).
"""

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from import_export import fields, resources, widgets
from import_export.formats.base_formats import XLSX
from openpyxl import load_workbook

from actions.models import (
    Action,
    Axe,
    Cible,
    Convention,
    Dispositif,
    Financement,
    Indicateur,
    Jalon,
    Mesure,
    Partenaire,
    Participation,
    Service,
    Territoire,
    Thematique,
)
from ctg.historique import Fige

FEUILLE_MAX = 20 * 1024 * 1024
# Rows of a sheet: thirty times a plan of 300 fiches.
LIGNES_MAX = 10_000


def verifier_le_classeur(octets):
    """Look at an XLSX before it is opened: refuse a zip bomb, or another file. Raises `ValidationError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            taille = sum(membre.file_size for membre in archive.infolist())
            noms = set(archive.namelist())
    except Exception as erreur:  # a broken archive makes zipfile raise more than BadZipFile
        raise ValidationError(
            "Ce fichier n’est pas un classeur Excel (.xlsx). Enregistrez-le dans ce format."
        ) from erreur
    if taille > FEUILLE_MAX:
        raise ValidationError(
            f"Ce classeur occupe {taille // 1024**2} Mo une fois ouvert ; la limite est de {FEUILLE_MAX // 1024**2} Mo. Ne gardez que la feuille à importer."
        )
    if "xl/workbook.xml" not in noms:
        raise ValidationError("Ce fichier n’est pas un classeur Excel (.xlsx). Enregistrez-le dans ce format.")


def _borner_les_lignes(octets):
    """Refuse a sheet that goes on far below what a plan holds, before it is loaded whole. Raises `ValidationError`."""
    try:
        feuille = load_workbook(io.BytesIO(octets), read_only=True).active
        trop = any(rang > LIGNES_MAX for rang, _ in enumerate(feuille.iter_rows(values_only=True), 1))
    except Exception:
        return  # what cannot be read is told by who reads it
    if trop:
        raise ValidationError(f"La feuille va au-delà de la ligne {LIGNES_MAX} : supprimez les lignes vides du bas.")


class Classeur(XLSX):
    """An XLSX that is looked at before it is opened: a zip bomb or another file is refused in French."""

    def create_dataset(self, in_stream):
        octets = in_stream if isinstance(in_stream, bytes) else in_stream.read()
        verifier_le_classeur(octets)
        _borner_les_lignes(octets)
        try:
            feuille = super().create_dataset(octets)
        except Exception as erreur:  # whatever a library says of a file that is a workbook by its name alone
            raise ValidationError(
                "Ce classeur ne se lit pas : ouvrez-le dans votre tableur, enregistrez-le en .xlsx, puis recommencez."
            ) from erreur
        while len(feuille) and not any(v not in (None, "") for v in feuille[-1]):
            feuille.pop()  # what was formatted below the last row is no row
        if not len(feuille):
            raise ValidationError(
                "La feuille ne contient aucune ligne : vérifiez que c’est bien la première du classeur."
            )
        return feuille


class Texte(widgets.Widget):
    """Words; an empty cell is an empty text."""

    def clean(self, value, row=None, **kwargs):
        return "" if value is None else str(value)


class Nombre(widgets.Widget):
    """A number cell, or a text such as « 1 250,50 »."""

    def __init__(self, entier=False):
        super().__init__(coerce_to_string=False)
        self.entier = entier

    def clean(self, value, row=None, **kwargs):
        if value in (None, ""):
            return None
        texte = re.sub(r"\s", "", str(value)).replace(",", ".")
        if not re.fullmatch(r"-?\d+(\.\d+)?", texte) or (self.entier and Decimal(texte) % 1):
            quoi = "un nombre entier, par exemple 2026" if self.entier else "un nombre, par exemple 1250,50"
            raise ValueError(f"« {value} » n’est pas {quoi}.")
        return int(Decimal(texte)) if self.entier else Decimal(texte)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else value


class Jour(widgets.Widget):
    """A date cell, or a text such as 15/09/2026 or 2026-09-15; never the American order."""

    def clean(self, value, row=None, **kwargs):
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        for forme in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(str(value).strip(), forme).date()
            except ValueError:
                continue
        raise ValueError(f"« {value} » n’est pas une date : écrivez jour/mois/année, par exemple 15/09/2026.")

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else value


class OuiNon(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        reponse = {"oui": True, "1": True, "true": True, "vrai": True, "non": False, "0": False, "false": False}
        reponse |= {"faux": False, "": False}
        try:
            return reponse[str(value if value is not None else "").strip().lower()]
        except KeyError as erreur:
            raise ValueError(f"« {value} » : écrivez oui ou non.") from erreur

    def render(self, value, obj=None, **kwargs):
        return "oui" if value else "non"


class Choix(widgets.Widget):
    """A state by the words that the screen shows; the code that the database keeps is taken too.

    `vide` tells that an empty cell says no state.
    """

    def __init__(self, choix, vide=False):
        super().__init__()
        self.vide = vide
        self.libelles = dict(choix)
        self.codes = {str(mot).lower(): code for code, nom in choix for mot in (code, nom)}

    def clean(self, value, row=None, **kwargs):
        if self.vide and value in (None, ""):
            return ""
        try:
            return self.codes[str(value).strip().lower()]
        except KeyError as erreur:
            raise ValueError(
                f"« {value} » : choisissez parmi {', '.join(map(str, self.libelles.values()))}."
            ) from erreur

    def render(self, value, obj=None, **kwargs):
        return str(self.libelles.get(value, value))


class Thematiques(widgets.ManyToManyWidget):
    """Themes by their names, separated by semicolons; an unknown one is said, not left out."""

    def __init__(self):
        super().__init__(Thematique, separator=" ; ", field="nom")

    def clean(self, value, row=None, **kwargs):
        noms = {nom.strip().lower(): nom.strip() for nom in str(value or "").split(";") if nom.strip()}
        trouvees = [t for t in Thematique.objects.all() if t.nom.lower() in noms]
        if inconnues := noms.keys() - {t.nom.lower() for t in trouvees}:
            raise ValueError(f"Thématique inconnue : {', '.join(noms[n] for n in sorted(inconnues))}.")
        return Thematique.objects.filter(pk__in=[t.pk for t in trouvees])


def convention_de(row, convention=None, **_kwargs):
    """Return the convention of a row: the one that was given, or the one that the row names."""
    if convention is not None:
        return convention
    nommee = str((row or {}).get("convention") or "").strip()
    territoire, _, cle = nommee.partition("/")
    trouvee = Convention.objects.filter(territoire__slug=territoire, cle=cle).select_related("territoire").first()
    if trouvee is None:
        raise ValueError(
            f"La convention « {nommee} » n’existe pas : écrivez territoire/période, par exemple val-d-argent/2026-2030."
        )
    return trouvee


class Feuille(resources.ModelResource):
    """A sheet whose columns are known: an unknown or missing one stops the import before any row."""

    OBLIGATOIRES: set[str] = set()
    chemin = "convention"  # the way from a row to its convention

    convention = fields.Field(column_name="convention", readonly=True)

    def __init__(self, convention=None, **kwargs):
        super().__init__(**kwargs)
        self.convention_donnee = convention

    def get_queryset(self):
        lignes = super().get_queryset()
        if self.convention_donnee is not None:
            return lignes.filter(**{self.chemin: self.convention_donnee})
        return lignes.select_related(f"{self.chemin}__territoire")

    def dehydrate_convention(self, ligne):
        for nom in self.chemin.split("__"):
            ligne = getattr(ligne, nom)
        return "/".join(ligne.natural_key())

    def _sans_la_convention(self, champs):
        return [c for c in champs if self.convention_donnee is None or c.column_name != "convention"]

    def get_import_fields(self):
        return self._sans_la_convention(super().get_import_fields())

    def get_export_fields(self, selected_fields=None):
        return self._sans_la_convention(super().get_export_fields(selected_fields))

    def import_data(self, dataset, **kwargs):
        return super().import_data(dataset, **{"convention": self.convention_donnee, **kwargs})

    class Meta:
        import_id_fields = ("id",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True
        use_bulk = False

    @classmethod
    def widget_from_django_field(cls, f, default=widgets.Widget):
        """Read each kind of column as French people write it."""
        if f.choices:
            return lambda **_kwargs: Choix(f.flatchoices, f.blank)
        if isinstance(f, models.BooleanField):
            return lambda **_kwargs: OuiNon()
        if isinstance(f, models.DateField):
            return lambda **_kwargs: Jour()
        if isinstance(f, models.DecimalField):
            return lambda **_kwargs: Nombre()
        if isinstance(f, models.IntegerField) and not f.primary_key:
            return lambda **_kwargs: Nombre(entier=True)
        if isinstance(f, models.CharField | models.TextField):
            return lambda **_kwargs: Texte()
        return super().widget_from_django_field(f, default)

    def before_import(self, dataset, **kwargs):
        connues = {champ.column_name for champ in self.get_import_fields()}
        presentes = {str(c) for c in dataset.headers or [] if c}
        if inconnues := presentes - connues:
            raise ValidationError(
                f"Colonnes inconnues : {', '.join(sorted(inconnues))}. Colonnes attendues : {', '.join(sorted(connues))}."
            )
        exigees = self.OBLIGATOIRES | (set() if self.convention_donnee else {"convention"})
        if manquantes := exigees - presentes:
            raise ValidationError(f"Colonnes manquantes : {', '.join(sorted(manquantes))}.")
        if "id" not in presentes:
            # A sheet of new rows has no identifiers: the column is ours, not its author's.
            dataset.append_col([""] * len(dataset), header="id")

    def get_or_init_instance(self, instance_loader, row):
        """Refuse the identifier of a row that is not of this sheet: it belongs to another convention, or to none."""
        instance, neuve = super().get_or_init_instance(instance_loader, row)
        if neuve and row.get("id"):
            raise ValidationError({"id": f"Aucune ligne de cette feuille ne porte l’identifiant {row['id']}."})
        return instance, neuve

    def before_import_row(self, row, **kwargs):
        for colonne, valeur in row.items():
            if isinstance(valeur, str) and valeur.lstrip().startswith("="):
                raise ValidationError({colonne: "Cette cellule contient une formule : remplacez-la par sa valeur."})


class ParNom(widgets.ForeignKeyWidget):
    """A body by its full name or its acronym, among those that the territory may name."""

    def __init__(self):
        super().__init__(Partenaire, "nom")

    def clean(self, value, row=None, **kwargs):
        nom = str(value or "").strip()
        if not nom:
            return None
        convention = convention_de(row, **kwargs)
        siens = Partenaire.objects.utilisables(convention.territoire)
        trouves = list(siens.filter(models.Q(nom__iexact=nom) | models.Q(sigle__iexact=nom)))
        if len(trouves) > 1:  # several CAF are common to all: the one that is meant signs this convention
            parties = {s.partenaire_id for s in convention.signataires.all()}
            trouves = [p for p in trouves if p.territoire_id or p.pk in parties]
        if len(trouves) != 1:
            raise ValueError(f"Le partenaire « {nom} » n’existe pas. Créez-le d’abord, ou vérifiez son nom.")
        return trouves[0]


class ParNumeroAxe(widgets.ForeignKeyWidget):
    """An axis by its number, in the convention of the row."""

    def __init__(self):
        super().__init__(Axe, "ordre")

    def clean(self, value, row=None, **kwargs):
        try:
            return convention_de(row, **kwargs).axes.get(ordre=Nombre(entier=True).clean(value))
        except (Axe.DoesNotExist, ValueError) as erreur:
            raise ValueError(f"L’axe « {value} » n’existe pas dans la convention.") from erreur


class ParNumeroFiche(widgets.ForeignKeyWidget):
    """A fiche by its number, in the convention of the row."""

    def __init__(self):
        super().__init__(Action, "numero_affiche")

    def clean(self, value, row=None, **kwargs):
        convention = convention_de(row, **kwargs)
        fiches = convention.fiches.actives().select_related("axe")
        numero = str(value or "").strip()
        # A whole workbook names fiches by the numbers that they had before it came in.
        fiche = (kwargs.get("fiches") or {}).get(numero)
        fiche = fiche or next((f for f in fiches if self._numero(f, convention) == numero), None)
        if not fiche:
            raise ValueError(f"La fiche « {value} » n’existe pas dans la convention.")
        if isinstance(value, float) and fiches.filter(axe=fiche.axe, ordre__gte=10).exists():
            # A spreadsheet reads 2.10 as 2.1: with ten fiches in the axe nobody can tell which was meant.
            raise ValueError(f"« {value} » est lu comme un nombre : mettez la colonne « fiche » au format Texte.")
        return fiche

    @staticmethod
    def _numero(fiche, convention):
        fiche.convention = fiche.axe.convention = convention
        return fiche.numero_affiche


class ParLibelleIndicateur(widgets.ForeignKeyWidget):
    """An indicator by its name, on the fiche that the row names."""

    def __init__(self):
        super().__init__(Indicateur, "libelle")

    def clean(self, value, row=None, **kwargs):
        fiche = ParNumeroFiche().clean(row.get("fiche"), row, **kwargs)
        trouves = list(fiche.indicateurs.filter(libelle=str(value or "").strip())[:2])
        if len(trouves) != 1:
            raise ValueError(f"L’indicateur « {value} » n’existe pas sur la fiche {fiche.numero_affiche}.")
        return trouves[0]


class ParNomDeDispositif(widgets.ForeignKeyWidget):
    """A funding programme by its name."""

    def __init__(self):
        super().__init__(Dispositif, "nom")

    def clean(self, value, row=None, **kwargs):
        nom = str(value or "").strip()
        if not nom:
            return None
        trouve = Dispositif.objects.filter(nom__iexact=nom).first()
        if trouve is None:
            raise ValueError(f"Le dispositif « {nom} » n’existe pas : vérifiez son nom dans la liste de l’application.")
        return trouve


class ParNomDeService(widgets.ForeignKeyWidget):
    """A service by its name, among those of the convention of the row."""

    def __init__(self):
        super().__init__(Service, "nom")

    def clean(self, value, row=None, **kwargs):
        nom = str(value or "").strip()
        trouve = convention_de(row, **kwargs).services.filter(nom__iexact=nom).first() if nom else None
        if nom and trouve is None:
            raise ValueError(f"Le service « {nom} » n’est pas parmi ceux de la convention.")
        return trouve


class ParNomDeThematique(widgets.ForeignKeyWidget):
    """A theme of the CNAF by its name."""

    def __init__(self):
        super().__init__(Thematique, "nom")

    def clean(self, value, row=None, **kwargs):
        nom = str(value or "").strip()
        trouve = Thematique.objects.filter(nom__iexact=nom).first() if nom else None
        if nom and trouve is None:
            raise ValueError(f"Thématique inconnue : {nom}.")
        return trouve


class PartenaireResource(Feuille):
    """The partners of a territory; in the administration, those of all, each with its territory (none: common)."""

    OBLIGATOIRES = {"nom", "nature"}
    territoire = fields.Field("territoire", "territoire", widgets.ForeignKeyWidget(Territoire, "slug"))

    class Meta(Feuille.Meta):
        model = Partenaire
        fields = (
            "id",
            "territoire",
            "nom",
            "sigle",
            "nature",
            "siret",
            "site",
            "presentation",
            "adresse",
            "telephone",
            "courriel",
        )

    def get_queryset(self):
        lignes = resources.ModelResource.get_queryset(self).select_related("territoire")
        return lignes.filter(territoire=self.convention_donnee.territoire) if self.convention_donnee else lignes

    def _sans_la_convention(self, champs):
        hors = {"convention", "territoire"} if self.convention_donnee else {"convention"}
        return [c for c in champs if c.column_name not in hors]

    def before_import(self, dataset, **kwargs):
        if not self.convention_donnee and "convention" not in (dataset.headers or []):
            dataset.append_col([""] * len(dataset), header="convention")
        super().before_import(dataset, **kwargs)

    def init_instance(self, row=None):
        return Partenaire(territoire=self.convention_donnee and self.convention_donnee.territoire)


class AxeResource(Feuille):
    OBLIGATOIRES = {"ordre", "titre"}

    class Meta(Feuille.Meta):
        model = Axe
        fields = ("id", "convention", "ordre", "titre", "presentation")

    def init_instance(self, row=None):
        return Axe(convention=convention_de(row, self.convention_donnee))


class ServiceResource(Feuille):
    """The services that the convention supports."""

    OBLIGATOIRES = {"nom", "gestionnaire"}
    gestionnaire = fields.Field("gestionnaire", "gestionnaire", ParNom())
    cofinance_par = fields.Field("cofinance_par", "cofinance_par", ParNom())
    thematique = fields.Field("thematique", "thematique", ParNomDeThematique())

    class Meta(Feuille.Meta):
        model = Service
        fields = (
            *("id", "convention", "nom", "genre", "gestionnaire", "commune", "thematique"),
            *("places", "places_psu", "offre", "cofinance_par", "adresse", "telephone", "horaires", "ages"),
        )

    def get_queryset(self):
        return super().get_queryset().select_related("gestionnaire", "cofinance_par", "thematique")

    def init_instance(self, row=None):
        return Service(convention=convention_de(row, self.convention_donnee))


class ActionResource(Feuille):
    """Every column of a fiche: a sheet that goes out comes back in unchanged."""

    OBLIGATOIRES = {"axe", "titre"}
    numero = fields.Field("numero_affiche", "numero", readonly=True)
    axe = fields.Field("axe", "axe", ParNumeroAxe())
    pilotes = fields.Field("pilotes_en_bref", "pilotes", readonly=True)
    thematiques = fields.Field("thematiques", "thematiques", Thematiques())

    class Meta(Feuille.Meta):
        model = Action
        fields = (
            "id",
            "convention",
            "numero",
            "axe",
            "titre",
            "en_clair",
            "pilotes",
            "elu_referent",
            "technicien_referent",
            "statut",
            "priorite",
            "avancement",
            "publiee",
            "debut",
            "fin",
            "thematiques",
            "public_vise",
            "constats",
            "objectifs",
            "description",
            "moyens_humains",
            "moyens_materiels",
            "vigilance",
        )

    def get_queryset(self):
        return super().get_queryset().filter(archivee=False).pour_liste().dans_l_ordre()

    def import_instance(self, instance, row, **kwargs):
        """A sheet changes the axe as a person does: the fiche takes the last place there (see `after_save_instance`)."""
        super().import_instance(instance, row, **kwargs)
        if instance.pk and (ancienne := Action.objects.filter(pk=instance.pk).select_related("axe").first()):
            instance.axe_voulu, instance.axe = instance.axe, ancienne.axe

    def before_save_instance(self, instance, row, **kwargs):
        """Themes are no column of the row: what freezes them is asked here."""
        gel = instance.ouvrir_l_ecriture()
        if instance.pk and "thematiques" in instance.champs_figes(gel) and "thematiques" in row:
            avant = {t.nom.lower() for t in instance.thematiques.all()}
            if avant != {nom.strip().lower() for nom in str(row["thematiques"] or "").split(";") if nom.strip()}:
                raise Fige(instance.convention.raison_du_gel())

    def after_save_instance(self, instance, row, **kwargs):
        voulu = getattr(instance, "axe_voulu", None)
        if voulu is not None and voulu.pk != instance.axe_id:
            instance.changer_axe(voulu)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        voulu = getattr(instance, "axe_voulu", None)
        if voulu is not None and voulu.pk != instance.axe_id:
            return False
        return super().skip_row(instance, original, row, import_validation_errors)


class LigneDeFiche(Feuille):
    """A row that belongs to a fiche, which the sheet names by its number (2.1)."""

    chemin = "action__convention"
    fiche = fields.Field("action", "fiche", ParNumeroFiche())

    def get_queryset(self):
        lignes = super().get_queryset().filter(action__archivee=False)
        return lignes.select_related("action__axe", "action__convention__territoire")


class ParticipationResource(LigneDeFiche):
    OBLIGATOIRES = {"fiche", "partenaire"}
    partenaire = fields.Field("partenaire", "partenaire", ParNom())

    class Meta(Feuille.Meta):
        model = Participation
        fields = ("id", "convention", "fiche", "partenaire", "nature", "ordre", "role")


class JalonResource(LigneDeFiche):
    OBLIGATOIRES = {"fiche", "libelle", "echeance"}

    class Meta(Feuille.Meta):
        model = Jalon
        fields = ("id", "convention", "fiche", "libelle", "echeance", "atteint")


MONTANTS = (
    *("prevu", "etat_prevu", "prevu_le", "source_prevu"),
    *("realise", "etat_realise", "realise_le", "source_realise"),
)


class FinancementResource(LigneDeFiche):
    OBLIGATOIRES = {"fiche", "partenaire", "annee"}
    partenaire = fields.Field("partenaire", "partenaire", ParNom())
    dispositif = fields.Field("dispositif", "dispositif", ParNomDeDispositif())
    service = fields.Field("service", "service", ParNomDeService())

    class Meta(Feuille.Meta):
        model = Financement
        fields = ("id", "convention", "fiche", "partenaire", "dispositif", "service", "annee", "nature", *MONTANTS)


class IndicateurResource(LigneDeFiche):
    OBLIGATOIRES = {"fiche", "libelle"}
    saisi_par = fields.Field("saisi_par", "saisi_par", ParNom())

    class Meta(Feuille.Meta):
        model = Indicateur
        fields = (
            *("id", "convention", "fiche", "libelle", "unite", "source", "reference", "annee_reference"),
            *("nature", "genre", "echelle", "sens", "cumulable", "periode", "saisi_par"),
        )


class ValeurAnnuelleResource(Feuille):
    """Targets, or measures: one value of an indicator for one year."""

    OBLIGATOIRES = {"fiche", "indicateur", "annee", "valeur"}
    chemin = "indicateur__action__convention"
    fiche = fields.Field("indicateur__action__numero_affiche", "fiche", readonly=True)
    indicateur = fields.Field("indicateur", "indicateur", ParLibelleIndicateur())

    def get_queryset(self):
        lignes = super().get_queryset().filter(indicateur__action__archivee=False)
        return lignes.select_related("indicateur__action__axe", "indicateur__action__convention__territoire")


class CibleResource(ValeurAnnuelleResource):
    class Meta(Feuille.Meta):
        model = Cible
        fields = ("id", "convention", "fiche", "indicateur", "annee", "valeur")


class MesureResource(ValeurAnnuelleResource):
    class Meta(Feuille.Meta):
        model = Mesure
        fields = (
            *("id", "convention", "fiche", "indicateur", "annee", "rang", "valeur"),
            *("numerateur", "denominateur", "commentaire"),
        )


# The sheets of a convention, in the order in which a person fills them: {key: (title, resource)}. The partners are
# the territory's, and asked of who holds it; the other sheets are the plan's.
FEUILLES = {
    "partenaires": ("Partenaires", PartenaireResource),
    "services": ("Services soutenus", ServiceResource),
    "axes": ("Axes", AxeResource),
    "fiches": ("Fiches actions", ActionResource),
    "participations": ("Partenaires des fiches", ParticipationResource),
    "jalons": ("Jalons", JalonResource),
    "financements": ("Financements", FinancementResource),
    "indicateurs": ("Indicateurs", IndicateurResource),
    "cibles": ("Cibles", CibleResource),
    "mesures": ("Mesures", MesureResource),
}
