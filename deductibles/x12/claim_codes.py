"""The code lists an 837P (005010X222A1) may carry, as far as Holdline writes it.

They change rarely and never per company, so they are constants here and not rows.
"""

VERSION = "005010X222A1"


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATES = _listed(
    "AA AE AK AL AP AR AS AZ CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO MP MS "
    "MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY"
)
"""United States states, territories and military addresses (element 156)."""

PLACES_OF_SERVICE = _listed(
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 "
    "50 51 52 53 54 55 56 57 58 60 61 62 65 66 71 72 81 99"
)
AMBULANCE_PLACES = frozenset({"41", "42"})
"""41 land ambulance, 42 air or water ambulance."""

FILING_INDICATORS = _listed("11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ")
"""SBR09: what kind of payer it is, "CI" commercial, "MB" Medicare Part B, "MC" Medicaid, "BL" Blue Cross."""

INSURANCE_TYPES = _listed("12 13 14 15 16 41 42 43 47")
"""SBR05: why Medicare pays after another payer."""

RANKS = {"primary": "P", "secondary": "S", "tertiary": "T"}
RELATIONSHIPS = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
SEXES = frozenset({"F", "M", "U"})
FREQUENCIES = frozenset({"1", "7", "8"})
"""CLM05-3: 1 original, 7 replacement, 8 void."""

AMBULANCE_REASONS = {
    "A": "Nearest facility for care of symptoms or complaints",
    "B": "Preferred physician",
    "C": "Nearness of family members",
    "D": "Specialist or specialized equipment",
    "E": "Transfer to a rehabilitation facility",
}
"""CR104, the ambulance transport reason, with the words a form offers for each code."""

AMBULANCE_CONDITIONS = {
    "01": "Patient was admitted to a hospital",
    "04": "Patient was moved by stretcher",
    "05": "Patient was unconscious or in shock",
    "06": "Patient was transported in an emergency situation",
    "07": "Patient had to be physically restrained",
    "08": "Patient had visible hemorrhaging",
    "09": "Ambulance service was medically necessary",
    "12": "Patient is confined to a bed or chair",
}
"""CRC03 to CRC07, the ambulance certification."""

MOST_DIAGNOSES = 12
MOST_CHARGES = 50
MOST_POINTERS = 4
MOST_MODIFIERS = 4
MOST_CONDITIONS = 5
MOST_CLAIMS_OF_A_PATIENT = 100
MOST_CLAIMS_OF_A_TRANSACTION = 5000
