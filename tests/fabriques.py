"""Small worlds for tests that need few rows, or rows of their own (factory_boy)."""

import io
from datetime import date

import factory
import pikepdf

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
