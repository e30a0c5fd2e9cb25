"""What the words of an address may be."""


class Annee:
    """A year that a convention can know: any other is no address."""

    regex = "20[0-9]{2}|2100"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return str(value)
