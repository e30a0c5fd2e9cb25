"""The life of a convention from its signature on: put to signature, signed by each party, in force; what was signed."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST

from actions.classeur import ecrire
from actions.models import Etat
from ctg import scelles
from ctg.acces import dire, exiger
from ctg.adresses import adresse
from ctg.compteurs import valeurs
from ctg.impression import preparation, relire, servir_scelle, tirer_une_adresse
from ctg.models import Scelle
from ctg.pdf import MiseEnPageImpossible
from ctg.saisie import page_de_saisie
from pilotage.documents import Illisible, document_convention, lire_la_convention, resumer, texte_canonique
from pilotage.forms import PapierForm, SignatureForm, VerificationForm
from pilotage.models import Version


def signatures(request, **formulaires):
    """Who has signed and who has not, the act and the text of each; and every version that was put to signature."""
    convention = request.convention
    exiger(request, "plan.lire", convention)
    version = convention.versions.select_related("pdf", "json").qui_vaut()
    tient = request.user.has_perm("plan.modifier", convention)
    etat = convention.etat()
    signees = {}
    if version:
        version.convention = convention
        notees = version.signatures.select_related("acte__conseil__territoire", "signataire__partenaire")
        signees = {s.signataire_id: s for s in notees}
    contexte = {
        "version": version,
        "versions": convention.versions.select_related("pdf", "json", "figee_par"),
        "etat": etat,
        "en_signature": etat == Etat.EN_SIGNATURE and not convention.effet_le,
        "en_preparation": etat == Etat.EN_PREPARATION,
        "tient": tient,
        "renvois": Version.renvois(convention) if tient and etat == Etat.EN_PREPARATION else [],
        "obstacles": Version.obstacles(convention) if tient and etat == Etat.EN_PREPARATION else [],
        "parties": [(s, signees.get(s.pk)) for s in convention.signataires.select_related("partenaire")],
        "actes": version.actes() if version else [],
        "personne_n_a_signe": not signees,
        **formulaires,
    }
    return render(request, "pilotage/signatures.html", contexte, status=422 if formulaires else 200)


def _retour(request):
    return redirect(adresse("signatures", de=request.convention))


@require_POST
def mettre_en_signature(request):
    """Print, then freeze what was printed: nothing is rendered under a lock."""
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    lu = valeurs(convention.territoire, convention)
    fraiche = relire(convention)
    try:
        if obstacles := Version.obstacles(fraiche):
            raise ValidationError(obstacles)
        octets_json, (identifiant, lien) = texte_canonique(fraiche), tirer_une_adresse(request)
        paroles = {"etat": Etat.EN_SIGNATURE, "texte": octets_json, "verification": lien}
        paroles["classeur"] = ecrire(fraiche, contrat=True)
        pdf = preparation(document_convention, fraiche, lus=convention.lus, **paroles).fichier().read_bytes()
        Version.mettre_en_signature(fraiche, lu, octets_json, pdf, par=request.user, identifiant=identifiant)
    except MiseEnPageImpossible as erreur:
        return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
    except OSError:
        messages.error(
            request, "Le serveur n’a pas pu garder le texte scellé : rien n’est figé. Prévenez l’administrateur."
        )
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        messages.success(request, "La convention est en signature : son texte et son plan sont figés et scellés.")
    return _retour(request)


def _version(request):
    version = request.convention.versions.qui_vaut()
    if version is None:
        raise Http404("Cette convention n’a pas été mise en signature.")
    return version


@require_POST
def abandonner(request):
    """Back to preparation, as long as nobody has signed."""
    exiger(request, "plan.modifier", request.convention)
    try:
        _version(request).abandonner()
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        messages.success(request, "La convention est de nouveau en préparation. La version abandonnée est conservée.")
    return _retour(request)


@require_http_methods(["GET", "POST"])
def signer(request, pk):
    """Note that a party has signed: the day, the place, the act, the scan; the last one asks for the date of effect."""
    exiger(request, "plan.modifier", request.convention)
    version = _version(request)
    signataire = get_object_or_404(request.convention.signataires.select_related("partenaire"), pk=pk)
    aujourdhui = timezone.localdate()
    form = SignatureForm(
        request.POST or None,
        request.FILES or None,
        version=version,
        signataire=signataire,
        initial={"le": aujourdhui, "effet_le": version.effet_propose(aujourdhui)},
    )
    if request.method == "POST" and form.is_valid():
        donnees = form.cleaned_data
        try:
            scan = donnees.pop("scan", None)
            if scan:
                nom = f"{slugify(signataire.partenaire.nom)}-signature.pdf"
                donnees["scan"] = scelles.sceller(scan.read(), nom, "application/pdf")
            version.signer(signataire, **donnees, par=request.user)
        except ValidationError as erreur:
            form.add_error(None, erreur)
        except OSError:
            form.add_error("scan", "Le serveur n’a pas pu garder ce fichier : prévenez l’administrateur.")
        else:
            messages.success(request, f"{signataire.partenaire} : la signature est notée.")
            if request.convention.versions.filter(pk=version.pk, convention__effet_le__isnull=False).exists():
                messages.success(request, "Toutes les parties ont signé.")
            return _retour(request)
    retour = adresse("signatures", de=request.convention)
    return page_de_saisie(
        request,
        f"Signature : {signataire.partenaire}",
        form,
        retour=retour,
        fil=[(retour, "Signatures")],
        bouton="Noter la signature",
    )


@require_POST
def retirer(request, pk):
    """Take back a signature that was noted by mistake: until the last one, nothing is in force."""
    exiger(request, "plan.modifier", request.convention)
    version = _version(request)
    signature = get_object_or_404(version.signatures.select_related("signataire__partenaire"), signataire=pk)
    try:
        version.retirer(signature)
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        messages.success(request, f"{signature.signataire.partenaire} : la signature n’est plus notée.")
    return _retour(request)


@require_http_methods(["GET", "POST"])
def papier(request):
    """Take in a convention that was signed on paper: its scan is sealed as the PDF, the JSON says what was typed in."""
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    form = PapierForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        donnees = form.cleaned_data
        saisie = {"par": str(request.user), "le": timezone.localdate().isoformat()}
        lu = valeurs(convention.territoire, convention)
        fraiche = relire(convention)
        try:
            octets = texte_canonique(fraiche, saisie)
            Version.reprendre(
                fraiche, lu, octets, donnees["scan"].read(), donnees["le"], donnees["lieu"], donnees["effet_le"],
                par=request.user,
            )  # fmt: skip
        except ValidationError as erreur:
            form.add_error(None, erreur)
        except OSError:
            form.add_error("scan", "Le serveur n’a pas pu garder ce fichier : prévenez l’administrateur.")
        else:
            messages.success(request, "La convention signée est versée : elle fait foi.")
            return _retour(request)
    retour = adresse("signatures", de=convention)
    return page_de_saisie(
        request,
        "Verser une convention signée sur papier",
        form,
        retour=retour,
        fil=[(retour, "Signatures")],
        bouton="Verser et sceller",
    )


def version_fichier(request, rang, suffixe):
    """Serve the very bytes that were sealed: what was signed, however the plan has moved since."""
    exiger(request, "plan.lire", request.convention)
    version = get_object_or_404(request.convention.versions.select_related("pdf", "json"), rang=rang)
    return servir_scelle(
        version.pdf if suffixe == "pdf" else version.json, f"{request.convention.cle}-version-{rang}.{suffixe}"
    )


def scan(request, pk):
    """Serve the scan of a signed page."""
    exiger(request, "plan.lire", request.convention)
    versions = request.convention.versions.filter(signatures=pk, signatures__scan__isnull=False)
    version = versions.first()
    if version is None:
        raise Http404("Cette signature n’a pas de page scannée.")
    scelle = version.signatures.get(pk=pk).scan
    return servir_scelle(scelle)


@require_http_methods(["GET", "POST"])
def verifier(request, identifiant=None):
    """Drop a file, learn whether it is one that was sealed here; nothing of the file is kept.

    `identifiant` is what a paper bears: the page then says which file it was, and compares the dropped one to it.
    """
    attendu = get_object_or_404(Scelle, identifiant=identifiant) if identifiant else None
    poste = request.method == "POST"
    form = VerificationForm(request.POST if poste else None, request.FILES if poste else None)
    contexte = {"form": form, "attendu": attendu}
    if poste and form.is_valid():
        octets = form.cleaned_data["fichier"].read()
        empreinte = scelles.empreinte(octets)
        contexte |= {"empreinte": empreinte, "scelle": Scelle.objects.filter(sha256=empreinte, fait_foi=True).first()}
        with suppress(Illisible):
            contexte["porte"] = resumer(lire_la_convention(octets))
    return render(request, "pilotage/verifier.html", contexte, status=422 if form.errors else 200)
