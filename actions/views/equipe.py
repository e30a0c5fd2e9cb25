"""Who works for a partner: invited, seen, let go; and the invitation that a person accepts."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from actions.forms import CompteInviteForm, InvitationForm
from actions.models import Invitation, LienDeSaisie, Partenaire
from ctg.acces import dire, ouvrir
from ctg.adresses import adresse
from ctg.courriels import ecrire
from ctg.historique import signer_du_lien
from ctg.models import User
from ctg.saisie import page_de_saisie

PORTE = "django.contrib.auth.backends.ModelBackend"


def _partenaire(request, pk):
    territoire = request.territoire
    if not territoire.est_public and not request.user.has_perm("territoire.lire", territoire):
        raise Http404("Ce territoire n’existe pas, ou n’est pas publié.")
    return ouvrir(request, Partenaire.objects.utilisables(request.territoire), "equipe.gerer", pk=pk)


def _retour(request, partenaire):
    return adresse("equipe", partenaire.pk, de=request.territoire)


def _fil(request, partenaire):
    return [(_retour(request, partenaire), f"L’équipe : {partenaire.nom_court}")]


def equipe(request, pk):
    partenaire = _partenaire(request, pk)
    contexte = {
        "partenaire": partenaire,
        "fonctions": partenaire.fonctions.en_cours().select_related("compte"),
        "invitations": partenaire.invitations.ouverts().select_related("par"),
    }
    return render(request, "actions/equipe.html", contexte)


@require_http_methods(["GET", "POST"])
def inviter(request, pk):
    partenaire = _partenaire(request, pk)
    invitation = Invitation(partenaire=partenaire, territoire=request.territoire, par=request.user)
    form = InvitationForm(request.POST if request.method == "POST" else None, instance=invitation)
    if form.is_valid():
        with transaction.atomic():
            invitation = form.save()
            contexte = {"invitation": invitation, "url": request.build_absolute_uri(invitation.get_absolute_url())}
            # Who invites is named by the text alone, which is forgotten once it has left.
            sujet = f"CTG {request.territoire} : invitation à y travailler"
            ecrire("invitation", contexte, a=invitation.destinataire, sujet=sujet)
        messages.success(
            request,
            f"L’invitation part à {invitation.destinataire} ; elle vaut jusqu’au {invitation.expire_le:%d/%m/%Y}.",
        )
        return redirect(_retour(request, partenaire))
    titre = f"Inviter une personne : {partenaire.nom_court}"
    fil, retour = _fil(request, partenaire), _retour(request, partenaire)
    return page_de_saisie(request, titre, form, retour=retour, fil=fil, bouton="Envoyer l’invitation")


@require_POST
def retirer(request, pk, invitation):
    partenaire = _partenaire(request, pk)
    trouvee = get_object_or_404(partenaire.invitations, pk=invitation)
    trouvee.retirer()
    messages.success(request, f"L’invitation envoyée à {trouvee.destinataire} n’ouvre plus rien.")
    return redirect(_retour(request, partenaire))


@require_http_methods(["GET", "POST"])
def finir(request, pk, fonction):
    """Let somebody go, once it was shown what they leave: who takes it over is said before it is lost from sight."""
    partenaire = _partenaire(request, pk)
    trouvee = get_object_or_404(partenaire.fonctions.en_cours().select_related("compte"), pk=fonction)
    if request.method == "POST":
        try:
            trouvee.finir()
        except ValidationError as erreur:
            dire(request, erreur)
        else:
            messages.success(request, f"{trouvee.compte} n’exerce plus cette fonction ; ce qui a été écrit reste.")
        # Who has just left for good may not come back to the team's page.
        return redirect("travail" if trouvee.compte == request.user else _retour(request, partenaire))
    lues = _conventions_lues(request)
    contexte = {
        "partenaire": partenaire,
        "fonction": trouvee,
        "restent": partenaire.fonctions.en_cours().exclude(pk=trouvee.pk).select_related("compte"),
        "fiches": _fiches_de(lues, trouvee),
        "liens": LienDeSaisie.objects.ouverts().filter(convention__in=lues, destinataire__iexact=trouvee.compte.email),
        "fil": _fil(request, partenaire),
    }
    return render(request, "actions/equipe_finir.html", contexte)


def _conventions_lues(request):
    """Return the conventions of the territory that go on and that who asks reads: a draft is told to nobody else."""
    conventions = request.territoire.les_conventions
    return [c for c in conventions if not c.est_finie and request.user.has_perm("plan.lire", c)]


def _fiches_de(conventions, fonction):
    """Return the fiches of running conventions that name the person, or that the partner leads if nobody else is there for it."""
    nom, trouvees = str(fonction.compte), []
    seul = not fonction.partenaire.fonctions.en_cours().exclude(compte=fonction.compte).exists()
    for convention in conventions:
        for fiche in convention.fiches.actives().pour_liste():
            nommee = nom in f"{fiche.technicien_referent} {fiche.elu_referent}"
            if nommee or (seul and fonction.partenaire_id in fiche.pilotes_ids):
                fiche.convention = convention
                trouvees.append(fiche)
    return trouvees


@never_cache
@require_http_methods(["GET", "POST"])
def accepter(request, jeton):
    """Accept an invitation: a new account chooses its password, one that exists receives the function."""
    invitations = Invitation.objects.select_related("partenaire", "territoire", "par")
    invitation = invitations.filter(territoire=request.territoire).du_jeton(jeton)
    if invitation is None:
        return render(request, "actions/invitation_fermee.html", status=410)
    compte = User.objects.filter(email__iexact=invitation.destinataire).first()
    poste = request.method == "POST"
    neuf = User(email=invitation.destinataire.lower())
    form = None if compte else CompteInviteForm(request.POST if poste else None, instance=neuf)
    if poste and (compte or form.is_valid()):
        signer_du_lien(request, invitation)
        try:
            with transaction.atomic():
                invitation.accepter(compte or form.save())
        except ValidationError as erreur:
            dire(request, erreur)
            return redirect(request.path)
        except IntegrityError:  # a double click: the first one has opened the account
            return redirect("account_login")
        if compte is None:
            login(request, neuf, backend=PORTE)
            messages.success(request, "Votre compte est ouvert : bienvenue.")
            return redirect("travail")
        if request.user == compte:
            messages.success(request, f"C’est noté : vous travaillez aussi pour {invitation.partenaire.nom_court}.")
            return redirect("travail")
        messages.success(request, "C’est noté : connectez-vous comme d’habitude.")
        return redirect("account_login")
    contexte = {"invitation": invitation, "compte": compte, "form": form}
    return render(request, "actions/invitation.html", contexte, status=422 if poste else 200)
