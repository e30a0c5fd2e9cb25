"""The fixture says what deliberation 583 says; the loader never doubles nor undoes."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from actions.models import Action, Axe, Convention, Mission, Partenaire, Thematique
from ctg.texte import texte_brut
from pilotage.models import Assistance, Deliberation, Instance, Reunion
from tests.conftest import CTG, JEUX
from tests.pages import champs

pytestmark = pytest.mark.django_db
SEED = Path(__file__).parents[1] / "donnees" / "deliberation-583-sainte-marie-aux-mines.txt"


def charger(*jeux, **options):
    sortie = io.StringIO()
    call_command("charger", *jeux, stdout=sortie, **options)
    return sortie.getvalue()


def test_every_list_of_the_seed_has_its_length(convention):
    assert Mission.objects.count() == 4
    assert Thematique.objects.count() == 9
    assert convention.axes.count() == 4
    assert [a.numero_affiche for a in Action.objects.de(convention)] == [
        "1.1",
        "1.2",
        "2.1",
        "2.2",
        "2.3",
        "3.1",
        "3.2",
        "3.3",
        "4.1",
        "4.2",
        "4.3",
        "4.4",
    ]
    assert convention.signataires.count() == 6
    assert convention.precedente.periode == "2021-2025"
    assert convention.precedente.deliberations.splitlines() == [
        "N° 113/2021 du 14 septembre 2021",
        "N° 400/2024 du 14 mars 2024",
    ]
    [bilan] = convention.precedente.bilans.all()
    assert (bilan.etat, str(bilan), bilan.pages.count()) == ("repris", "Bilan 2021-2025", 0)
    assert "n° 583" in bilan.source
    assert [texte_brut(page.texte).count("\n") + 1 for page in bilan.pages_d_axe.all()] == [5, 3, 3, 2]
    preparatoires = [str(r.date) for r in Reunion.objects.preparatoires(convention)]
    assert preparatoires == ["2025-04-01", "2025-06-10", "2025-09-05", "2025-09-23"]
    instances = Instance.objects.filter(territoire=convention.territoire)
    assert instances.conseils().count() == 5
    assert instances.count() == 11


def test_deliberation_583_holds_attendance_and_vote():
    acte = Deliberation.objects.get(numero="583")
    assistance = acte.seance.assistance()
    assert assistance == Assistance(en_exercice=29, presents=17, procurations=10, excuses=1, absents=1)
    assert assistance.erreurs() == []
    assert acte.seance.president == "Mme Noëlie HESTIN"  # as in the signature block
    assert (acte.statut, acte.resultat) == ("adoptee", "adoptée à l’unanimité")


def test_every_paragraph_of_the_expose_is_kept_to_the_letter():
    acte = Deliberation.objects.get(numero="583")
    mots = " ".join((texte_brut(acte.expose) + texte_brut(acte.considerants)).split())
    corps = SEED.read_text().split("expose :**")[1].split("LE CONSEIL MUNICIPAL")[0]
    lignes = [re.sub(r"^(- |\d\. )", "", ligne.strip()) for ligne in corps.splitlines()]
    absentes = [ligne for ligne in lignes if ligne and " ".join(ligne.split()) not in mots]
    assert absentes == []


def test_loading_again_changes_nothing(settings):
    settings.DEBUG = True
    avant = {m: m.history.count() for m in (Convention, Axe, Action, Partenaire)}
    sortie = charger(*JEUX)
    assert sortie.count("créées : 0, complétées : 0") == len(JEUX)
    assert {m: m.history.count() for m in avant} == avant


def test_loading_again_leaves_what_a_person_wrote(agent, fiche):
    fiche.refresh_from_db()
    page = f"{CTG}/plan/fiches/{fiche.pk}/modifier/vigilance/"
    agent.post(page, champs(agent.get(page)) | {"vigilance": "<p>À moi</p>"})
    charger("val_d_argent", "exemple")
    fiche.refresh_from_db()
    assert fiche.vigilance == "<p>À moi</p>"


def test_an_unknown_data_set_is_named_with_the_known_ones():
    with pytest.raises(CommandError, match="exemple"):
        charger("inconnu")


def test_demonstration_accounts_are_refused_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        charger("comptes")


def test_a_second_run_of_make_run_loads_nothing():
    assert "rien n’est chargé" in charger("val_d_argent", si_vide=True)
