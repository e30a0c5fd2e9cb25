"""Small worlds for tests that need few rows, or rows of their own (factory_boy)."""

import io
from contextlib import suppress
from datetime import date

import factory
import pikepdf
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from actions.listes import installer
from actions.models import Action, Article, Axe, Convention, Partenaire, Signataire, Territoire
from ctg.models import User
from pilotage.models import Instance, Reunion


class TerritoireFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Territoire

    nom = factory.Sequence(lambda n: f"Territoire {n}")
    slug = factory.Sequence(lambda n: f"territoire-{n}")


class PartenaireFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Partenaire

    territoire = factory.SubFactory(TerritoireFactory)
    nom = factory.Sequence(lambda n: f"Partenaire {n}")
    nature = "epci"


class ConventionFactory(factory.django.DjangoModelFactory):
    """A convention in preparation, published, with a porteur, two parties, an article and one axe."""

    class Meta:
        model = Convention
        skip_postgeneration_save = True

    territoire = factory.SubFactory(TerritoireFactory)
    porteur = factory.SubFactory(PartenaireFactory, territoire=factory.SelfAttribute("..territoire"))
    debut, fin, publiee = 2026, 2030, True

    @factory.post_generation
    def contenu(self, create, extracted, **kwargs):
        autre = PartenaireFactory(territoire=self.territoire, nature="commune")
        for rang, partenaire in enumerate([self.porteur, autre], start=1):
            Signataire.objects.create(convention=self, partenaire=partenaire, ordre=rang, representant=f"M. {rang}")
        Article.objects.create(convention=self, ordre=1, titre="Objet", texte="<p>Objet.</p>")
        Axe.objects.create(convention=self, ordre=1, titre="Grandir")


class ActionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Action

    titre = factory.Sequence(lambda n: f"Fiche {n}")


class SeanceFactory(factory.django.DjangoModelFactory):
    """A council's meeting where all is ready for a vote: five members in office, all present."""

    class Meta:
        model = Reunion

    territoire = factory.SelfAttribute("organisatrice.territoire")
    date, objet, president, secretaire = date(2026, 3, 12), "Séance", "M. Un", "Mme Deux"
    en_exercice, presents, procurations, excuses, absents = 5, 5, 0, 0, 0


def conseil(convention, **champs):
    """Return a council of the porteur of a convention."""
    territoire = convention.territoire
    return Instance.objects.create(
        territoire=territoire, nom="Conseil", nature="conseil", collectivite=convention.porteur, **champs
    )


def compte(partenaire, nature="agent", email=None):
    """Return an account that holds a function."""
    user = User.objects.create_user(email or f"{nature}-{partenaire.pk}@essai.example")
    user.fonctions.create(partenaire=partenaire, nature=nature)
    return user


def pdf(mention="Tamponné par la mairie"):
    """Return the bytes of a PDF of one page that opens."""
    fichier, sortie = pikepdf.new(), io.BytesIO()
    fichier.add_blank_page()
    fichier.docinfo["/Title"] = mention
    fichier.save(sortie, deterministic_id=True)
    return sortie.getvalue()


def vider_la_base():
    """Empty every table of ours, in the order that their keys allow, by the door that no rule guards; the lists stay."""
    modeles = [m for a in ("account", "mfa", "pilotage", "actions", "ctg") for m in apps.get_app_config(a).get_models()]
    with connection.constraint_checks_disabled():
        for modele in modeles:
            for lien in modele._meta.many_to_many:
                lien.remote_field.through.objects.all().delete()
        for _ in range(8):
            for modele in modeles:
                _vider(modele)
    installer(apps)


def _vider(modele):
    # What others still name goes at the next pass.
    with suppress(IntegrityError), transaction.atomic():
        modele._base_manager.all()._raw_delete(modele._base_manager.db)
