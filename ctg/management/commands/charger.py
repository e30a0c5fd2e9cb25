"""Load a data set of `fixtures/`, again and again, without duplicates and without undoing anybody's work."""

from pathlib import Path

import yaml
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers import python
from django.db import transaction

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
MOT_DE_PASSE = "val-d-argent-2026"
# What the history says of a row that nobody has touched since.
MOTIF = "Chargement initial"


class Command(BaseCommand):
    help = "Charge un jeu de données (val_d_argent, exemple, invente ou comptes) sans doublon."

    def add_arguments(self, parser):
        parser.add_argument(
            "jeux",
            nargs="+",
            help="val_d_argent : les faits ; exemple : des fiches d’exemple ; invente : un second territoire, "
            "inventé ; comptes : les comptes de démonstration",
        )
        parser.add_argument("--si-vide", action="store_true", help="ne rien faire si une convention existe déjà")

    def handle(self, *args, **options):
        if options["si_vide"] and apps.get_model("actions", "Convention").objects.exists():
            self.stdout.write("Une convention existe déjà : rien n’est chargé.")
            return
        for jeu in options["jeux"]:
            if jeu == "comptes" and not settings.DEBUG:
                raise CommandError(
                    "Les comptes de démonstration ont un mot de passe connu : ils ne se chargent qu’avec DEBUG=true."
                )
            fichier = FIXTURES / f"{jeu}.yaml"
            if not fichier.exists():
                connus = ", ".join(sorted(f.stem for f in FIXTURES.glob("*.yaml")))
                raise CommandError(f"Jeu de données inconnu : {jeu}. Jeux disponibles : {connus}.")
            compte = {"créées": 0, "complétées": 0, "inchangées": 0}
            with transaction.atomic():
                for rang, ligne in enumerate(yaml.safe_load(fichier.read_text(encoding="utf-8")), start=1):
                    try:
                        compte[charger_ligne(ligne)] += 1
                    except ValidationError as erreur:
                        raise CommandError(f"{jeu}, ligne {rang} ({ligne['model']}) : {erreur.messages}") from erreur
            self.stdout.write(f"{jeu}, lignes " + ", ".join(f"{quoi} : {n}" for quoi, n in compte.items()))


def charger_ligne(ligne):
    """Create one row, or complete it as long as no person has touched it; return what was done."""
    modele = apps.get_model(ligne["model"])
    champs = dict(ligne["fields"])
    cle = {nom: valeur for nom, valeur in champs.items() if nom in ligne.get("cle", ())}
    lu = next(iter(python.Deserializer([{"model": ligne["model"], "fields": champs}])))
    objet = lu.object
    objet._change_reason = MOTIF
    objet._etat_ecrit = getattr(modele, "etats", frozenset())  # a data set states what is, as a method would have
    if not objet.pk and cle:
        filtre = {nom: getattr(objet, modele._meta.get_field(nom).attname) for nom in cle}
        objet.pk = modele.objects.filter(**filtre).values_list("pk", flat=True).first()
    if objet.pk is None:
        return _creer(objet, lu.m2m_data)
    return _completer(modele.objects.get(pk=objet.pk), objet, champs, lu.m2m_data)


def _creer(objet, m2m):
    if isinstance(objet, get_user_model()):
        objet.set_password(MOT_DE_PASSE)
    objet.full_clean()
    objet.save()
    for nom, valeurs in (m2m or {}).items():
        getattr(objet, nom).set(valeurs)
    return "créées"


def _completer(present, lu, champs, m2m):
    if isinstance(present, get_user_model()) or present.history.exclude(history_change_reason=MOTIF).exists():
        return "inchangées"
    present._change_reason, present._etat_ecrit = MOTIF, present.etats
    simples = [nom for nom in champs if nom not in (m2m or {})]
    avant = {nom: getattr(present, _attname(present, nom)) for nom in simples}
    for nom in simples:
        setattr(present, _attname(present, nom), getattr(lu, _attname(lu, nom)))
    # Cleaned as it will be stored: a text that the sanitiser rewrites is not a difference.
    present.full_clean()
    changes = [nom for nom in simples if getattr(present, _attname(present, nom)) != avant[nom]]
    if changes:
        present.save()
    for nom, valeurs in (m2m or {}).items():
        voulues = {v.pk if hasattr(v, "pk") else v for v in valeurs}
        if voulues != set(getattr(present, nom).values_list("pk", flat=True)):
            getattr(present, nom).set(valeurs)
            changes.append(nom)
    return "complétées" if changes else "inchangées"


def _attname(objet, nom):
    return objet._meta.get_field(nom).attname
