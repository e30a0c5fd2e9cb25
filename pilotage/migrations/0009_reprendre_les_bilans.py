"""What was told of a whole convention, axe by axe, becomes an account; then the rows and the field that held it go away."""

from django.db import migrations
from django.utils import timezone

SOURCE, MOTIF = "bilan saisi avec la convention", "Repris du bilan par axe"


def reprendre(apps, _schema):
    Convention = apps.get_model("actions", "Convention")
    BilanAxe = apps.get_model("actions", "BilanAxe")
    Bilan, PageDAxe = apps.get_model("pilotage", "Bilan"), apps.get_model("pilotage", "PageDAxe")
    for convention in Convention.objects.all():
        textes = dict(BilanAxe.objects.filter(axe__convention=convention).values_list("axe", "texte"))
        if not (textes or convention.bilan):
            continue
        bilan = Bilan.objects.filter(convention=convention, annee=None).first()
        if bilan is None:
            bilan = Bilan(convention=convention, annee=None, etat="repris", source=SOURCE)
        elif bilan.etat in ("arrete", "transmis"):
            raise RuntimeError(
                f"Convention {convention.cle} : son bilan est arrêté, et un bilan par axe est écrit à part. Recopiez-le, "
                "videz-le, puis relancez migrate."
            )
        # What is written in the account already stays, and what was told beside it is kept below.
        bilan.synthese += convention.bilan
        nouveau = bilan.pk is None
        bilan.save()
        _dater(apps, "HistoricalBilan", bilan, "+" if nouveau else "~")
        for axe in convention.axes.all():
            page, cree = PageDAxe.objects.get_or_create(bilan=bilan, axe=axe)
            page.texte += textes.get(axe.pk, "")
            page.save()
            _dater(apps, "HistoricalPageDAxe", page, "+" if cree else "~")


def _dater(apps, histoire, objet, geste):
    """Write a row of its history: later ones, and the loader of data sets, start from there."""
    champs = {champ.attname: getattr(objet, champ.attname) for champ in objet._meta.concrete_fields}
    apps.get_model("pilotage", histoire).objects.create(
        **champs, history_date=timezone.now(), history_type=geste, history_change_reason=MOTIF
    )


class Migration(migrations.Migration):
    dependencies = [("pilotage", "0008_bilans_repris")]
    run_before = [("actions", "0010_bilans_par_axe_retires")]

    operations = [migrations.RunPython(reprendre, migrations.RunPython.noop)]
