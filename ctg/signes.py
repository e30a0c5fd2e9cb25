"""Signs that a text may not hold. Without Django: workers that join documents use it too."""

import re

# What no XML may hold (XML 1.0, 2.2), nor a page show: Word leaves some between the lines of a paste.
CONTROLES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


def sans_controles(texte):
    """Return a text without the signs that nobody sees; a space stands for those that parted two words."""
    return CONTROLES.sub(lambda m: " " if m[0] in "\x0b\x0c" else "", texte)
