"""The words that a page or a sheet has beside the records' own, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cordiale.labels.phrase import Phrase

STATUS: Final[Mapping[str, Phrase]] = MappingProxyType(
    {
        "proposed": Phrase("proposed", "proposé"),
        "part-keyed": Phrase("waits for a key", "attend une clé"),
        "objected": Phrase("objected to", "contesté"),
        "withdrawn": Phrase("withdrawn", "retiré"),
        "binding": Phrase("binding", "en vigueur"),
        "fulfilled": Phrase("fulfilled", "exécuté"),
        "superseded": Phrase("superseded", "remplacé"),
    }
)
MARKING: Final = Phrase("Marking", "Marquage")
NAME: Final = Phrase("Name", "Nom")
REGISTER: Final = Phrase("Register", "Registre")
OWNER: Final = Phrase("Owner", "Propriétaire")
STANDS: Final = Phrase("Status", "État")
KEYS: Final = Phrase("Keys", "Clés")
ID: Final = Phrase("Id", "Identifiant")
HASH: Final = Phrase("Hash", "Empreinte")
WITHHELD: Final = Phrase("withheld by its owner", "réservé par son propriétaire")
QUESTION: Final = Phrase("Question:", "Question :")
AS_OF: Final = Phrase("As of", "À la date du")
RECORDS: Final = Phrase("Joint records", "Registre commun")
NONE: Final = Phrase("No record answers the question.", "Aucune fiche ne répond à la question.")
PAGE: Final = Phrase("Page", "Page")
OF: Final = Phrase("of", "sur")
TURNED: Final = Phrase("key turned", "clé tournée")
AWAITED: Final = Phrase("key awaited", "clé attendue")
CUT: Final = Phrase("[cut here; JSON has all of it]", "[coupé ici ; le JSON contient tout]")
COUNT: Final = Phrase("{count} records", "{count} fiches")
ONE: Final = Phrase("1 record", "1 fiche")
YES: Final = Phrase("yes", "oui")
NO: Final = Phrase("no", "non")
