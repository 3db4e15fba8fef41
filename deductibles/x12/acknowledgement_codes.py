"""The codes of acknowledgements in plain words (999 IK5 and AK9, TA1 notes, 277CA categories and statuses).

Categories and entities are complete for the 277CA; of the claim status codes there are those that a
professional claim of ours can meet. A code that is not here is named by its number.
"""

SYNTAX: dict[str, str] = {
    "A": "accepted",
    "E": "accepted",
    "P": "noted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
"""IK501 and AK901. E is accepted with errors noted, P in part; M, W and X fail a check of the sender."""

INTERCHANGE_NOTES: dict[str, str] = {
    "001": "The control numbers at its beginning and end differ.",
    "005": "They do not know the kind of sender id.",
    "006": "They do not know the sender id: check the submitter id in Settings.",
    "007": "They do not know the kind of receiver id.",
    "008": "They do not know the receiver id: check the receiver id in Settings.",
    "018": "The control number is not valid.",
    "022": "The control structure is not valid.",
    "024": "The contents are not valid.",
    "025": "They have had an interchange of this control number before.",
}

REJECTING: dict[str, str] = {
    "A3": "Rejected as it cannot be processed.",
    "A4": "Rejected: they cannot find it.",
    "A6": "Rejected: something is missing.",
    "A7": "Rejected: something is not valid.",
    "A8": "Rejected: entries contradict each other.",
}
SETTLING: dict[str, str] = {
    "A2": "Accepted into adjudication.",
    "A5": "Accepted and split into several claims.",
}
TAKING: dict[str, str] = {
    "A0": "Forwarded to another.",
    "A1": "Received, not yet accepted.",
}
"""On the way: neither accepted nor rejected."""

DUPLICATES = frozenset({"54", "78", "746"})
"""Statuses that refuse a claim because they have it already."""

ENTITIES: dict[str, str] = {
    "36": "employer",
    "40": "receiver",
    "41": "submitter",
    "45": "drop-off location",
    "77": "service location",
    "82": "rendering provider",
    "85": "billing provider",
    "87": "pay-to provider",
    "DK": "ordering physician",
    "DN": "referring provider",
    "DQ": "supervising physician",
    "IL": "subscriber",
    "PR": "payer",
    "PW": "pick-up address",
    "QC": "patient",
    "TTP": "tertiary payer",
}

STATUSES: dict[str, str] = {
    "0": "no further information can be given",
    "16": "the claim was forwarded to another",
    "19": "receipt is acknowledged",
    "20": "it was accepted for processing",
    "21": "information is missing or not valid",
    "24": "this entity is not approved as an electronic submitter",
    "26": "this entity was not found",
    "33": "subscriber and subscriber id were not found",
    "35": "the claim or encounter was not found",
    "54": "it is a duplicate of a claim that was processed before",
    "78": "it is a duplicate of an existing claim",
    "84": "the service is not authorized",
    "85": "this entity is not primary",
    "88": "this entity was not eligible on the dates of service",
    "90": "this entity was not eligible for medical benefits on the dates of service",
    "91": "this entity is not eligible or approved for the dates of service",
    "95": "what they asked for did not come",
    "97": "the patient’s eligibility was not found",
    "104": "it was processed according to the plan’s provisions",
    "116": "the claim was sent to the wrong payer",
    "117": "a signature on file is required",
    "121": "the service line number is larger than the most allowed",
    "122": "data is missing or not valid",
    "123": "they ask for more information",
    "124": "name, address, phone or id number is not valid",
    "125": "the name is not valid",
    "126": "the address is not valid",
    "127": "the phone number or mail address is not valid",
    "128": "the tax id is not valid",
    "132": "the Medicaid provider id is not valid",
    "145": "the specialty or taxonomy code is not valid",
    "153": "the id number is not valid",
    "156": "the patient’s relationship to the subscriber is not valid",
    "157": "the sex is not valid",
    "158": "the birth date is not valid",
    "159": "the date of death is not valid",
    "164": "the contract or member number is not valid",
    "171": "other insurance coverage information is needed",
    "178": "the submitted charges are not valid",
    "187": "the dates of service are not valid",
    "188": "the statement dates are not valid",
    "189": "the admission date is not valid",
    "218": "the national drug code is not valid",
    "228": "the type of bill is not valid",
    "247": "the information of a line is not valid",
    "249": "the place of service is not valid",
    "254": "the principal diagnosis code is not valid",
    "255": "the diagnosis code is not valid",
    "306": "a detailed description of the service is needed",
    "400": "the claim is out of balance",
    "402": "the amount must be more than zero",
    "453": "the procedure code modifier is not valid",
    "454": "the procedure code is not valid for the service",
    "455": "the revenue code is not valid",
    "464": "the payer’s number of the claim is missing or not valid",
    "465": "the principal procedure code is not valid",
    "475": "the procedure code is not valid for the patient’s age",
    "476": "the units of service are not valid",
    "477": "a diagnosis pointer is not valid",
    "478": "the claim submitter’s identifier is not valid",
    "481": "the format of the claim or submission is not valid",
    "488": "the diagnosis does not go with the service",
    "496": "the submitter is not approved for this receiver",
    "500": "the postal code is not valid",
    "501": "the state is not valid",
    "502": "the city is not valid",
    "503": "the street address is not valid",
    "504": "the last name is not valid",
    "505": "the first name is not valid",
    "507": "the procedure code is not valid for HCPCS",
    "535": "the claim frequency code is not valid",
    "562": "the NPI is not valid",
    "718": "it was not submitted within the time allowed (timely filing)",
    "732": "the information does not agree with the billing guidelines",
    "746": "it was submitted twice",
    "772": "a more specific diagnosis code is required",
}
