"""The next convention: what it takes over, row by row, what stays behind, and the two side by side."""

import html
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from actions.comparaison import comparer
from actions.copies import reprendre
from actions.models import Action, Convention, Etat, Partenaire
from ctg.adresses import adresse

PERIODE = {"debut": "2041", "fin": "2045", "titre": "Convention Territoriale Globale", "numerotation": "axe_rang"}


@pytest.fixture
def suivante(convention):
    """A draft that follows the Val d'Argent's convention, with nothing in it."""
    return Convention.objects.create(
        territoire=convention.territoire, debut=2041, fin=2045, porteur=convention.porteur, precedente=convention
    )


def dater(convention, signature_ouverte_le, **plus):
    """Write a state past its doors: a test says in which one it begins."""
    models.QuerySet(Convention).filter(pk=convention.pk).update(signature_ouverte_le=signature_ouverte_le, **plus)


def ouvrir(agent, convention, **choix):
    adresse_ = f"{adresse('convention_creer', de=convention.territoire)}?suite_de={convention.cle}"
    return agent.post(adresse_, {**PERIODE, "porteur": convention.porteur_id, **choix})


def test_one_page_opens_the_next_convention_with_what_was_ticked(agent, convention, fiche):
    reponse = ouvrir(agent, convention, lots=["parties", "articles", "services", "textes"], fiches=[fiche.pk])
    nouvelle = Convention.objects.get(territoire=convention.territoire, cle="2041-2045")
    assert reponse.status_code == 302 and nouvelle.precedente == convention
    assert [s.partenaire_id for s in nouvelle.signataires.all()] == [
        s.partenaire_id for s in convention.signataires.all()
    ]
    assert not nouvelle.signataires.filter(brouillon_ouvert=True).exists()
    assert list(nouvelle.articles.values_list("titre", "texte")) == list(
        convention.articles.values_list("titre", "texte")
    )
    assert nouvelle.services.count() == convention.services.count()
    assert (nouvelle.preambule, nouvelle.diagnostic) == (convention.preambule, "")
    [suite] = nouvelle.fiches.all()
    assert suite.origine == fiche and suite.axe.titre == fiche.axe.titre and suite.numero_affiche == "1.1"
    assert nouvelle.axes.count() == 1  # the axe came with its fiche; no other was ticked


def test_a_fiche_goes_on_without_what_was_of_its_years(convention, suivante, fiche):
    indicateur = fiche.indicateurs.first()
    indicateur.mesures.all().delete()
    for annee, valeur in ((2026, 12), (2027, 31)):
        indicateur.mesures.create(annee=annee, valeur=valeur)
    reprendre(suivante, fiches=[fiche])
    [suite] = suivante.fiches.all()
    for champ in ("titre", "constats", "objectifs", "description", "public_vise", "moyens_humains", "elu_referent"):
        assert getattr(suite, champ) == getattr(fiche, champ), champ
    assert (suite.statut, suite.avancement, suite.publiee) == (Action.Statut.A_VENIR, 0, False)
    assert (suite.debut, suite.fin) == (None, None)
    assert not suite.jalons.exists() and not suite.financements.exists()
    assert {p.partenaire_id for p in suite.participations.all()} == {
        p.partenaire_id for p in fiche.participations.all()
    }
    assert set(suite.thematiques.all()) == set(fiche.thematiques.all())
    depart = suite.indicateurs.get(libelle=indicateur.libelle)
    assert (depart.reference, depart.annee_reference) == (Decimal(31), 2027)
    assert not depart.cibles.exists() and not depart.mesures.exists()


def test_an_indicator_never_measured_keeps_where_it_started(convention, suivante, fiche):
    indicateur = fiche.indicateurs.first()
    indicateur.mesures.all().delete()
    indicateur.reference, indicateur.annee_reference = 7, 2025
    indicateur.save()
    reprendre(suivante, fiches=[fiche])
    suite = suivante.fiches.get().indicateurs.get(libelle=indicateur.libelle)
    assert (suite.reference, suite.annee_reference) == (7, 2025)


def test_the_same_choice_twice_changes_nothing(convention, suivante):
    choix = {"lots": ["parties", "articles", "services"], "textes": True, "axes": convention.axes.all()}
    choix["fiches"] = convention.fiches.actives()

    def etat():
        return [
            list(getattr(suivante, lot).values_list("pk", flat=True))
            for lot in ("signataires", "articles", "services", "axes", "fiches")
        ]

    reprendre(suivante, **choix)
    premier = etat()
    assert len(premier[4]) == convention.fiches.actives().count()
    reprendre(suivante, **choix)
    assert etat() == premier


def test_a_fiche_taken_later_joins_its_axe_even_renamed(convention, suivante):
    une, autre = convention.fiches.actives().filter(axe__ordre=2).order_by("ordre")[:2]
    reprendre(suivante, fiches=[une])
    axe = suivante.axes.get()
    axe.titre = "Un autre nom"
    axe.save()
    reprendre(suivante, fiches=[autre])
    assert suivante.axes.get() == axe
    assert [f.origine for f in axe.actions.order_by("ordre")] == [une, autre]


def test_a_text_already_written_is_left_as_it_is(convention, suivante):
    suivante.preambule = "<p>Un préambule neuf</p>"
    suivante.save()
    reprendre(suivante, textes=True)
    suivante.refresh_from_db()
    assert suivante.preambule == "<p>Un préambule neuf</p>" and suivante.visas == convention.visas


def test_nothing_is_taken_over_once_the_plan_is_signed_or_without_a_former_one(convention, suivante, fiche):
    dater(suivante, "2026-01-01")
    with pytest.raises(ValidationError, match="en préparation"):
        reprendre(suivante, fiches=[fiche])
    dater(suivante, None, precedente=None)
    with pytest.raises(ValidationError, match="en préparation"):
        reprendre(suivante, fiches=[fiche])
    assert not suivante.fiches.exists()


def test_what_is_not_of_the_former_convention_is_refused_and_the_ticks_stay(agent, convention, voisine, fiche):
    ailleurs = voisine.fiches.first()
    reponse = ouvrir(agent, convention, fiches=[fiche.pk, ailleurs.pk])
    assert reponse.status_code == 422 and not Convention.objects.filter(cle="2041-2045").exists()
    page = reponse.content.decode()
    assert f'name="fiches" value="{fiche.pk}" checked' in page and f'value="{ailleurs.pk}"' not in page
    assert "corrigez ce qui est signalé" in page and 'class="erreur"' in page


def test_a_wrong_period_keeps_the_ticks(agent, convention, fiche):
    reponse = ouvrir(agent, convention, debut="2026", fin="2030", fiches=[fiche.pk])
    page = reponse.content.decode()
    assert reponse.status_code == 422 and "déjà une convention pour cette période" in page
    assert page.count("checked") == 1


def test_the_rest_is_taken_from_the_plan_of_the_draft(agent, convention, suivante, fiche):
    reprendre(suivante, fiches=[fiche])
    Action.objects.create(axe=suivante.axes.get(), titre="Sans origine")
    plan = agent.get(adresse("plan", de=suivante)).content.decode()
    ou = adresse("plan_reprendre", de=suivante)
    assert ou in plan
    page = agent.get(ou).content.decode()
    assert f'name="fiches" value="{fiche.pk}"' not in page  # it is there already
    autre = convention.fiches.actives().exclude(pk=fiche.pk).first()
    reponse = agent.post(ou, {"fiches": [autre.pk]}, follow=True)
    assert f"Repris de la {convention} : 1 axe et 1 fiche." in html.unescape(reponse.content.decode())
    # What is there already is not said to be taken again.
    reponse = agent.post(ou, {"axes": [autre.axe_id], "lots": ["articles"]}, follow=True)
    assert f"Repris de la {convention} : les articles." in html.unescape(reponse.content.decode())
    reponse = agent.post(ou, {"axes": [autre.axe_id], "lots": ["articles"]}, follow=True)
    assert "Rien de plus n’a été repris" in html.unescape(reponse.content.decode())
    rien, deja = agent.post(ou, {}), agent.post(ou, {"fiches": [autre.pk]})
    assert (rien.status_code, deja.status_code) == (422, 422)
    assert "Cochez ce que vous voulez reprendre" in rien.content.decode()
    assert "est déjà repris, ou n’est plus là" in deja.content.decode()
    assert {f.origine for f in suivante.fiches.all()} == {fiche, autre, None}


def test_the_page_says_what_the_last_account_said(agent, convention, suivante, fiche):
    from pilotage.models import Bilan

    bilan = Bilan.objects.create(convention=convention, annee=2026)
    page, _ = bilan.pages.get_or_create(action=fiche)
    page.suite = "arretee"
    page.save()
    assert "bilan 2026 : arrêtée" in agent.get(adresse("plan_reprendre", de=suivante)).content.decode()


def test_the_page_that_opens_one_names_the_draft_that_is_there(agent, convention, suivante):
    page = agent.get(f"{adresse('convention_creer', de=convention)}?suite_de={convention.cle}").content.decode()
    assert adresse("plan_reprendre", de=suivante) in page


def test_only_who_keeps_the_plan_takes_over_and_in_preparation(navigateur, agent, convention, suivante):
    assert navigateur("caf").get(adresse("plan_reprendre", de=suivante)).status_code == 403
    dater(suivante, "2026-01-01")
    assert agent.get(adresse("plan_reprendre", de=suivante)).status_code == 403
    premiere = Convention.objects.get(territoire=convention.territoire, cle="2021-2025")
    assert agent.get(adresse("plan_comparaison", de=premiere)).status_code == 404


def test_two_conventions_side_by_side(agent, convention, suivante, fiche):
    reprendre(suivante, ["parties", "services", "articles"], fiches=[fiche])
    suite = suivante.fiches.get()
    suite.description = "<p>Autrement</p>"
    suite.save()
    neuve = Action.objects.create(axe=suite.axe, titre="Une idée neuve")
    parties = {p.titre: p for p in comparer(Convention.objects.get(pk=suivante.pk))}
    groupes = dict(parties["Les fiches actions"].groupes)
    poursuivie, nouvelle = groupes[str(suite.axe)]
    assert (poursuivie.avant, poursuivie.apres, poursuivie.ecarts) == (fiche, suite, ("description",))
    assert (nouvelle.avant, nouvelle.apres) == (None, neuve)
    restent = convention.fiches.actives().count() - 1
    assert len(groupes["Ce qui s’arrête"]) == restent
    assert parties["Les fiches actions"].comptes == [(1, "poursuivie"), (1, "nouvelle"), (restent, "non reprises")]
    assert {v.etat for _, paires in parties["Les articles"].groupes for v in paires} == {"suite"}
    page = agent.get(adresse("plan_comparaison", de=suivante)).content.decode()
    assert "Une idée neuve" in page and "change : description" in page and "Ce qui s’arrête" in page


def test_the_comparison_asks_as_many_questions_for_one_fiche_as_for_twelve(
    agent, convention, suivante, fiche, django_assert_max_num_queries
):
    reprendre(suivante, fiches=[fiche])
    with django_assert_max_num_queries(40) as une:
        agent.get(adresse("plan_comparaison", de=suivante))
    reprendre(suivante, fiches=convention.fiches.actives())
    with django_assert_max_num_queries(40) as toutes:
        agent.get(adresse("plan_comparaison", de=suivante))
    assert len(toutes) == len(une)


def test_who_reads_one_of_the_two_only_compares_nothing(navigateur, convention, suivante):
    """The CAF is a party of the former convention; the draft is not open to it."""
    assert suivante.etat() == Etat.EN_PREPARATION
    assert navigateur("caf").get(adresse("plan_comparaison", de=suivante)).status_code == 403


def test_a_draft_of_another_porteur_is_neither_shown_nor_copied(agent, convention):
    autre = Partenaire.objects.create(territoire=convention.territoire, nom="Autre porteur", nature="epci")
    secrete = Convention.objects.create(territoire=convention.territoire, debut=2051, fin=2055, porteur=autre)
    secrete.axes.create(ordre=1, titre="Axe secret")
    ou = f"{adresse('convention_creer', de=convention)}?suite_de=2051-2055"
    assert "Axe secret" not in agent.get(ou).content.decode()
    agent.post(ou, {**PERIODE, "porteur": convention.porteur_id, "axes": [secrete.axes.get().pk]})
    assert not Convention.objects.filter(cle="2041-2045", precedente=secrete).exists()


def test_nothing_comes_back_to_a_draft_unless_it_is_asked_for(agent, convention, suivante, fiche):
    reprendre(suivante, ["articles", "parties"], fiches=[fiche])
    suivante.articles.first().delete()
    page = agent.get(adresse("plan_reprendre", de=suivante)).content.decode()
    assert "checked" not in page
    agent.post(adresse("plan_reprendre", de=suivante), {})
    assert suivante.articles.count() == convention.articles.count() - 1


def test_a_fiche_given_up_may_be_taken_over_again(agent, convention, suivante, fiche):
    reprendre(suivante, fiches=[fiche])
    suivante.fiches.get().archiver()
    assert f'value="{fiche.pk}"' in agent.get(adresse("plan_reprendre", de=suivante)).content.decode()
    reprendre(suivante, fiches=[fiche])
    assert suivante.fiches.actives().get().origine == fiche


def test_a_fiche_moved_elsewhere_does_not_take_its_axe_with_it(convention, suivante):
    une, autre = convention.fiches.actives().filter(axe__ordre=2).order_by("ordre")[:2]
    reprendre(suivante, fiches=[une])
    neuf = suivante.axes.create(ordre=9, titre="Neuf")
    suivante.fiches.get().changer_axe(neuf)
    reprendre(suivante, fiches=[autre])
    assert suivante.fiches.get(origine=autre).axe.titre == autre.axe.titre


def test_two_articles_of_one_title_face_each_other(convention, suivante):
    for texte in ("un", "deux"):
        convention.articles.create(ordre=convention.articles.count() + 1, titre="Divers", texte=f"<p>{texte}</p>")
    reprendre(suivante, ["articles"])
    [articles] = [p for p in comparer(Convention.objects.get(pk=suivante.pk)) if p.titre == "Les articles"]
    assert articles.comptes == [(convention.articles.count(), "poursuivis")]
    assert not any(v.ecarts for _, paires in articles.groupes for v in paires)


def test_an_article_taken_over_is_the_same_under_another_title(convention, suivante):
    reprendre(suivante, ["articles", "services"])
    suivi, renomme = convention.articles.count(), suivante.articles.first()
    renomme.titre = "OBJET RÉÉCRIT"
    renomme.save()
    reprendre(suivante, ["articles", "services"])
    assert suivante.articles.count() == suivi and renomme.origine == convention.articles.first()
    [articles] = [p for p in comparer(suivante) if p.titre == "Les articles"]
    [(_, paires)] = articles.groupes
    [sienne] = [v for v in paires if v.apres == renomme]
    assert sienne.avant == renomme.origine and "titre" in sienne.ecarts
