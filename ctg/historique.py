"""One base for everything that the application must be able to account for.

django-simple-history keeps each state of a row: who, when, before, after. The newest of these states also
tells, in one query, whether anything changed since a document was printed.
"""

from django.apps import apps
from django.db import connection, models
from simple_history.models import HistoricalRecords


class Historise(models.Model):
    """A row whose every change is kept. Change rows one by one: bulk operations leave no trace."""

    history = HistoricalRecords(inherit=True, m2m_fields_model_field_name="_history_m2m_fields")

    class Meta:
        abstract = True


def etat_des_donnees():
    """Return a text that changes whenever any kept row of the database does (one query)."""
    tables = [m.history.model._meta.db_table for m in apps.get_models() if issubclass(m, Historise)]
    q = connection.ops.quote_name
    union = " UNION ALL ".join(f"SELECT MAX(history_id), MAX(history_date) FROM {q(t)}" for t in sorted(tables))  # noqa: S608
    with connection.cursor() as curseur:
        curseur.execute(union)
        return "|".join(f"{n}:{date}" for n, date in curseur.fetchall())
