"""PDF files of anybody's: what is read of them, and the sentence for each that is not."""

from io import BytesIO

import pikepdf
import pytest

from ctg.pdf import PDFIllisible, compter_les_pages, extraire
from ctg.pdf.etranger import a_l_etroit

# Each test begins with an empty cache, which is in the database.
pytestmark = pytest.mark.django_db


def pdf(pages=1, **options):
    sortie = BytesIO()
    with pikepdf.new() as neuf:
        for _ in range(pages):
            neuf.add_blank_page()
        for nom, octets in options.pop("joints", {}).items():
            neuf.attachments[nom] = pikepdf.AttachedFileSpec(neuf, octets)
        neuf.save(sortie, **options)
    return sortie.getvalue()


VERROU = pikepdf.Encryption(owner="cle", user="cle")


def test_pages_are_counted():
    assert compter_les_pages(pdf(3)) == 3


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (pdf(encryption=VERROU), "protégé par un mot de passe"),
        (pdf()[:200], "Ce PDF est abîmé"),
        (b"un texte", "Ce PDF est abîmé"),
        (pdf(0), "n’a aucune page"),
    ],
)
def test_a_file_that_cannot_be_joined_says_why(octets, phrase):
    with pytest.raises(PDFIllisible, match=phrase):
        compter_les_pages(octets)


def test_what_a_pdf_carries_is_taken_out_within_its_bound():
    octets = pdf(joints={"plan.json": b"{}" * 500})
    assert extraire(octets, "plan.json", 1000) == b"{}" * 500
    assert extraire(octets, "autre.json", 1000) is None
    with pytest.raises(PDFIllisible, match="trop lourd"):
        extraire(octets, "plan.json", 999)
    with pytest.raises(PDFIllisible, match="mot de passe"):
        extraire(pdf(encryption=VERROU, joints={"plan.json": b"{}"}), "plan.json", 1000)


def test_what_is_not_written_as_we_write_is_not_read():
    sortie = BytesIO()
    with pikepdf.open(BytesIO(pdf(joints={"plan.json": b"{}" * 500}))) as lu:
        lu.attachments["plan.json"].get_file().obj.write(b"{}", filter=pikepdf.Name.RunLengthDecode)
        lu.save(sortie)
    with pytest.raises(PDFIllisible, match="pas écrit comme nos documents"):
        extraire(sortie.getvalue(), "plan.json", 1000)


def test_a_read_is_bounded_and_whatever_it_meets_is_said():
    assert a_l_etroit(compter_les_pages, pdf(2)) == 2
    with pytest.raises(PDFIllisible, match="trop de place"):
        a_l_etroit(bytearray, 4 * 1024**3)
    with pytest.raises(PDFIllisible, match="pas un PDF lisible"):
        a_l_etroit({}.__getitem__, "absente")
    with pytest.raises(PDFIllisible, match="aucune page"):
        a_l_etroit(compter_les_pages, pdf(0))
    assert len(bytearray(2 * 1024**3)) == 2 * 1024**3  # the bound ends with the read
