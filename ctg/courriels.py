"""E-mail goes to a queue in the database, within the transaction that wants it, and is sent from there.

Our own, where libraries exist: django-post-office locks its queue by a file of one machine and sends again what a crash
left half done; django-mailer holds a database lock while it sends, which stops SQLite. Here a sender takes a row by
one `UPDATE` that only one of them can win, sends without any lock, and writes what became of it. A send that nobody
knows the end of (the line broke after the text had left) is shown as such, never repeated by itself.
"""

import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import make_msgid
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from ctg.models import Courriel

# About four days of tries, the delay doubling up to four hours (RFC 5321, 4.5.4.1): a server is down for a night, for a weekend.
ESSAIS = 30
DELAI, DELAI_MAXIMUM = timedelta(minutes=5), timedelta(hours=4)
# A sender that has not written the end of a send after this long is dead.
SANS_NOUVELLES = timedelta(minutes=15)


class File(BaseEmailBackend):
    """Django's door (`EMAIL_BACKEND`): what anybody sends, allauth included, waits in the queue."""

    def send_messages(self, messages):
        for message in messages:
            deposer(message)
        return len(messages)


def ecrire(gabarit, contexte, *, a, sujet):
    """Queue an e-mail made from `templates/courriels/<gabarit>.txt`; return its row."""
    texte = render_to_string(f"courriels/{gabarit}.txt", contexte)
    return deposer(EmailMultiAlternatives(sujet, texte, to=[a]))


def deposer(message):
    """Queue a message of Django; it leaves at the commit, or with the next `envoyer_les_courriels`."""
    if message.attachments:
        raise NotImplementedError("The queue carries no attachment: send the address of the file.")
    html = "".join(str(contenu) for contenu, nature in getattr(message, "alternatives", ()) if nature == "text/html")
    courriel = Courriel.objects.create(
        expediteur=message.from_email or settings.DEFAULT_FROM_EMAIL,
        destinataires=message.recipients(),
        sujet=" ".join(message.subject.split())[:250],
        texte=message.body,
        html=html,
        # The same for each try: a server that has it already can tell.
        entetes={
            "Message-ID": make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]),
            **message.extra_headers,
        },
    )
    if settings.COURRIELS_AUSSITOT:
        transaction.on_commit(lambda: envoyer(courriel.pk))
    return courriel


def envoyer_la_file():
    """Send all that is due; return how many left. Several machines may do so at once."""
    perdre_de_vue()
    dus = Courriel.objects.filter(statut=Courriel.Statut.EN_FILE, pas_avant__lte=timezone.now())
    return sum(envoyer(pk) for pk in dus.order_by("depose_le").values_list("pk", flat=True))


def perdre_de_vue():
    """Say of what was taken long ago, and never finished, that its end is unknown."""
    morts = Courriel.objects.filter(statut=Courriel.Statut.EN_COURS, pris_le__lt=timezone.now() - SANS_NOUVELLES)
    return morts.update(statut=Courriel.Statut.INCONNU, reponse="L’envoi a été interrompu.")


def envoyer(pk):
    """Take one message of the queue and send it, if nobody else has; return whether it left."""
    a_prendre = Courriel.objects.filter(pk=pk, statut=Courriel.Statut.EN_FILE)
    if not a_prendre.update(statut=Courriel.Statut.EN_COURS, pris_le=timezone.now()):
        return False
    courriel = Courriel.objects.get(pk=pk)
    courriel.essais += 1
    connexion = get_connection(settings.COURRIELS_BACKEND, fail_silently=False)
    try:
        connexion.open()
    except OSError as erreur:  # smtplib's errors are among them: nothing has left
        return _remettre(courriel, erreur)
    try:
        connexion.send_messages([_message(courriel)])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as erreur:
        return _remettre(courriel, erreur)
    except (OSError, smtplib.SMTPException) as erreur:
        return _finir(courriel, Courriel.Statut.INCONNU, erreur)
    finally:
        _fermer(connexion)
    courriel.texte = courriel.html = ""  # a link that opens something is kept nowhere longer than it must
    return _finir(courriel, Courriel.Statut.ENVOYE)


def renvoyer(courriel):
    """Put a message that was refused, or lost sight of, back in the queue: a person has decided so."""
    repris = Courriel.objects.filter(pk=courriel.pk, statut__in=[Courriel.Statut.REFUSE, Courriel.Statut.INCONNU])
    return bool(repris.update(statut=Courriel.Statut.EN_FILE, essais=0, pas_avant=timezone.now(), reponse=""))


def _message(courriel):
    message = EmailMultiAlternatives(
        courriel.sujet, courriel.texte, courriel.expediteur, courriel.destinataires, headers=courriel.entetes
    )
    if courriel.html:
        message.attach_alternative(courriel.html, "text/html")
    return message


def _fermer(connexion):
    try:
        connexion.close()
    except OSError:
        return  # the server went away first; what it answered before counts


def _codes(erreur):
    """Return the SMTP codes of a refusal (RFC 5321): 4xx is for now, 5xx for good."""
    if isinstance(erreur, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in erreur.recipients.values()]
    return [erreur.smtp_code] if isinstance(erreur, smtplib.SMTPResponseException) else []


def _remettre(courriel, erreur):
    """Try again later what has surely not left, unless the server refuses it for good, or too often."""
    pour_de_bon = any(code >= 500 for code in _codes(erreur)) and not isinstance(
        erreur, smtplib.SMTPAuthenticationError
    )
    if pour_de_bon or courriel.essais >= ESSAIS:
        return _finir(courriel, Courriel.Statut.REFUSE, erreur)
    courriel.pas_avant = timezone.now() + min(DELAI * 2 ** (courriel.essais - 1), DELAI_MAXIMUM)
    return _finir(courriel, Courriel.Statut.EN_FILE, erreur)


def _finir(courriel, statut, erreur=None):
    courriel.statut, courriel.reponse, courriel.fini_le = statut, str(erreur or "")[:500], timezone.now()
    courriel.save(update_fields=["statut", "reponse", "fini_le", "essais", "pas_avant", "texte", "html"])
    return statut == Courriel.Statut.ENVOYE
