"""What two doors share, that of an account and that of a signed link: the model that goes out, the act that comes back."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.text import slugify

from actions.models import Etat
from ctg.impression import servir
from pilotage.documents import document_modele, empreinte_du_texte, modele_docx
from pilotage.forms import ActeRecuForm
from pilotage.models import Deliberation, Instance, TexteModele

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def conseils_attendus(convention):
    """The councils of the parties of a convention, each with `.attendu`: what its act is, or what is missing."""
    parties = list(convention.signataires.values_list("partenaire_id", flat=True))
    conseils = Instance.objects.conseils().filter(collectivite__in=parties, territoire=convention.territoire_id)
    conseils = list(conseils.select_related("collectivite", "territoire").order_by("ordre", "nom"))
    actes = (
        convention.actes.exclude(statut=Deliberation.Statut.ECARTEE)
        .select_related("conseil__territoire")
        .dans_l_ordre()
    )
    liens = convention.liens.ouverts().select_related("conseil__territoire")
    for conseil in conseils:
        conseil.actes_recus = [a for a in actes if a.conseil_id == conseil.pk]
        conseil.liens_ouverts = [lien for lien in liens if lien.conseil_id == conseil.pk]
        conseil.a_vote = any(a.statut in {"adoptee", "rejetee"} for a in conseil.actes_recus)
        conseil.a_confirmer = any(a.statut == Deliberation.Statut.RECUE for a in conseil.actes_recus)
    return conseils


def repondre_le_modele(request, convention, conseil, suffixe):
    """Answer with the model of the act, in the shape that was asked: « pdf » or « docx »."""
    if suffixe == "pdf":
        return servir(request, document_modele, convention, conseil, lus=[request.territoire, convention])
    reponse = HttpResponse(modele_docx(TexteModele.de(convention, conseil), conseil), content_type=DOCX)
    reponse["Content-Disposition"] = f'attachment; filename="modele-de-deliberation-{slugify(conseil.nom)}.docx"'
    return reponse


def texte_vote(convention):
    """Return the SHA-256 of the text that a council votes: known once it is frozen, "" while it may still move."""
    return empreinte_du_texte(convention) if convention.etat() == Etat.EN_SIGNATURE else ""


def formulaire_de_l_acte(request, convention):
    """Return the form of the act that comes back, bound to what was sent if anything was."""
    initiales = {"objet": f"Approbation de la {convention}"}
    return ActeRecuForm(request.POST or None, request.FILES or None, initial=initiales)


def enregistrer_l_acte(form, conseil, convention, **plus):
    """Return the act that a form gives back, or None: the form then says what is wrong and keeps what was typed."""
    if not form.is_bound or not form.is_valid():
        return None
    champs = dict(form.cleaned_data)
    octets = champs.pop("fichier").read()
    try:
        return Deliberation.recevoir(conseil, convention, octets, texte_vote=texte_vote(convention), **champs, **plus)
    except ValidationError as erreur:
        form.add_error(None, erreur)
    except OSError:
        form.add_error(
            "fichier", "Le serveur n’a pas pu garder ce fichier : rien n’est enregistré. Réessayez plus tard."
        )
    return None
