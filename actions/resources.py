"""XLSX sheets of the plan, out and in (django-import-export): all the rows are right, or none comes in."""

import io
import zipfile

from django.core.exceptions import ValidationError
from import_export import fields, resources, widgets
from import_export.formats.base_formats import XLSX

from actions.models import Action, Axe, Convention, Indicateur, Partenaire

FEUILLE_MAX = 20 * 1024 * 1024


class Classeur(XLSX):
    """An XLSX that is looked at before it is opened: a zip bomb or another file is refused in French."""

    def create_dataset(self, in_stream):
        octets = in_stream if isinstance(in_stream, bytes) else in_stream.read()
        try:
            with zipfile.ZipFile(io.BytesIO(octets)) as archive:
                taille = sum(membre.file_size for membre in archive.infolist())
                noms = set(archive.namelist())
        except zipfile.BadZipFile as erreur:
            raise ValidationError(
                "Ce fichier n’est pas un classeur Excel (.xlsx). Enregistrez-le dans ce format."
            ) from erreur
        if taille > FEUILLE_MAX:
            raise ValidationError(
                f"Ce classeur occupe {taille // 1024**2} Mo une fois ouvert ; la limite est de {FEUILLE_MAX // 1024**2} Mo. Ne gardez que la feuille à importer."
            )
        if "xl/workbook.xml" not in noms:
            raise ValidationError("Ce fichier n’est pas un classeur Excel (.xlsx). Enregistrez-le dans ce format.")
        feuille = super().create_dataset(octets)
        if not len(feuille):
            raise ValidationError(
                "La feuille ne contient aucune ligne : vérifiez que c’est bien la première du classeur."
            )
        return feuille


class Feuille(resources.ModelResource):
    """A sheet whose columns are known: an unknown or missing one stops the import before any row."""

    OBLIGATOIRES: set[str] = set()

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_bulk = False

    def before_import(self, dataset, **kwargs):
        connues = {champ.column_name for champ in self.get_import_fields()}
        presentes = {str(c) for c in dataset.headers or [] if c}
        if inconnues := presentes - connues:
            raise ValidationError(
                f"Colonnes inconnues : {', '.join(sorted(inconnues))}. Colonnes attendues : {', '.join(sorted(connues))}."
            )
        if manquantes := self.OBLIGATOIRES - presentes:
            raise ValidationError(f"Colonnes manquantes : {', '.join(sorted(manquantes))}.")
        if "id" not in presentes:
            # A sheet of new rows has no identifiers: the column is ours, not its author's.
            dataset.append_col([""] * len(dataset), header="id")

    def before_import_row(self, row, **kwargs):
        for colonne, valeur in row.items():
            if isinstance(valeur, str) and valeur.lstrip().startswith("="):
                raise ValidationError({colonne: "Cette cellule contient une formule : remplacez-la par sa valeur."})


class AxeWidget(widgets.ForeignKeyWidget):
    """An axis by its number, in the current convention."""

    def __init__(self):
        super().__init__(Axe, "ordre")

    def get_queryset(self, value, row, *args, **kwargs):
        return Axe.objects.filter(convention=Convention.objects.courante())

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except (Axe.DoesNotExist, ValueError) as erreur:
            raise ValidationError(f"L’axe « {value} » n’existe pas dans la convention en cours.") from erreur


class PartenaireWidget(widgets.ForeignKeyWidget):
    def __init__(self):
        super().__init__(Partenaire, "nom")

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except Partenaire.DoesNotExist as erreur:
            raise ValidationError(
                f"Le partenaire « {value} » n’existe pas. Créez-le d’abord, ou vérifiez son nom."
            ) from erreur


class ActionResource(Feuille):
    OBLIGATOIRES = {"axe", "titre"}
    axe = fields.Field("axe", "axe", AxeWidget())
    pilote = fields.Field("pilote", "pilote", PartenaireWidget())

    class Meta(Feuille.Meta):
        model = Action
        fields = (
            "id",
            "axe",
            "titre",
            "pilote",
            "statut",
            "priorite",
            "avancement",
            "debut",
            "fin",
            "public_vise",
            "objectifs",
            "description",
        )
        import_id_fields = ("id",)


class IndicateurResource(Feuille):
    OBLIGATOIRES = {"action", "libelle"}

    class Meta(Feuille.Meta):
        model = Indicateur
        fields = ("id", "action", "libelle", "unite", "source", "reference", "annee_reference")
        import_id_fields = ("id",)
