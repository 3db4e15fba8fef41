"""Who may use which address by which verb, as the contract says it; the tests of it are in ``tests/web``."""

from __future__ import annotations

from deductibles.domain.worklists import LISTS

REPORTS = ("attainment", "ageing", "times", "hands", "overrides", "misfilings", "late", "turned-away")
SAFE = ("GET", "HEAD", "OPTIONS")
UNSAFE = ("PUT", "PATCH", "DELETE", "POST")
INSIDE = (200, 201, 202, 302, 400, 409)
"""What somebody who is let in may hear; 400 and 409 because the bodies sent are empty."""
NOT_OFFERED = (403, 405)

WHO = {"agent": "ana", "biller": "ben", "supervisor": "sue", "admin": "adam"}
NOBODY: tuple[str, ...] = ()
ALL = tuple(WHO)
PATIENTS = TICKETS_READ = ("agent", "biller", "supervisor")
TICKETS = ("agent", "supervisor")
DIRECTORS = ("supervisor",)
CLAIMS_READ = ("biller", "supervisor")
CLAIMS = ("biller",)
PAYERS_READ = NIGHTS_READ = ("biller", "supervisor", "admin")
PAYERS = ("biller", "admin")
IMPORTERS = ("biller", "supervisor")
NIGHTS = ("supervisor", "admin")
SETTINGS = ("admin",)
PLANNERS = ("supervisor", "admin")


def row(get: tuple[str, ...] = NOBODY, **unsafe: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """One address: for GET and for each unsafe verb, every role with ``in``, ``refused`` or ``none``.

    ``none``: the address does not offer this verb to anybody.
    """
    named = {"GET": get, **unsafe}
    return {
        verb: {role: _expected(named.get(verb, NOBODY), role) for role in ALL} for verb in ("GET", *UNSAFE)
    }


def _expected(let_in: tuple[str, ...], role: str) -> str:
    if not let_in:
        return "none"
    return "in" if role in let_in else "refused"


MATRIX: dict[str, dict[str, dict[str, str]]] = {
    "home": row(ALL),
    "search": row(ALL, POST=ALL),
    "gallery": row(ALL),
    "schema": row(ALL),
    "docs": row(ALL),
    # one's own account
    "accounts:stay": row(POST=ALL),
    "accounts:signed_in_again": row(ALL),
    "accounts:sessions": row(ALL, POST=ALL),
    "usersessions_list": row(ALL, POST=ALL),
    "accounts:kept": row(ALL, POST=ALL),
    "accounts:tokens": row(ALL, POST=ALL),
    "accounts:token_revoke": row(POST=ALL),
    # escalations and patients
    "escalations:list": row(TICKETS_READ, POST=TICKETS_READ),
    "escalations:new": row(TICKETS, POST=TICKETS),
    "escalations:advice": row(POST=TICKETS),
    "escalations:discard": row(POST=TICKETS),
    "escalations:which": row(TICKETS, POST=TICKETS),
    "escalations:ticket": row(TICKETS_READ),
    "escalations:steps": row(POST=TICKETS),
    "callbacks:board": row(TICKETS),
    "callbacks:call": row(TICKETS, POST=TICKETS),
    "callbacks:step": row(POST=TICKETS),
    "escalations:retype": row(DIRECTORS, POST=DIRECTORS),
    "escalations:links": row(POST=TICKETS),
    "escalations:unlink": row(POST=TICKETS),
    "escalations:files": row(POST=TICKETS),
    "escalations:file": row(TICKETS_READ),
    "escalations:file_thumbnail": row(TICKETS_READ),
    "escalations:file_remove": row(POST=TICKETS),
    "escalations:ticket_files": row(POST=TICKETS),
    "emergency:page": row(PLANNERS),
    "emergency:open": row(POST=SETTINGS),
    "emergency:end": row(POST=SETTINGS),
    "patients:list": row(PATIENTS, POST=PATIENTS),
    "patients:new": row(PATIENTS, POST=PATIENTS),
    "patients:patient": row(PATIENTS),
    "patients:edit": row(PATIENTS, POST=PATIENTS),
    "patients:contact": row(PATIENTS, POST=PATIENTS),
    "patients:marks": row(PATIENTS, POST=PATIENTS),
    "escalations:transfers": row(TICKETS, POST=TICKETS),
    "escalations:transfer_panel": row(TICKETS),
    "escalations:transfer_end": row(POST=TICKETS),
    "escalations:of_patient": row(TICKETS_READ),
    "deductibles:of_patient": row(CLAIMS_READ),
    "payers:list": row(PAYERS_READ),
    "payers:new": row(PAYERS, POST=PAYERS),
    "payers:payer": row(PAYERS_READ),
    "payers:revert": row(POST=PAYERS),
    "payers:edit": row(PAYERS, POST=PAYERS),
    # a list's columns, views and file: whoever reads the list, here the tickets
    "tables:columns": row(TICKETS_READ, POST=TICKETS_READ),
    "tables:export": row(POST=TICKETS_READ),
    "tables:views": row(TICKETS_READ),
    "tables:save": row(POST=TICKETS_READ),
    "tables:view": row(POST=TICKETS_READ),
    # reports, and each of their tables as a file
    "reports:overview": row(DIRECTORS),
    **{f"reports:{key}": row(DIRECTORS) for key in REPORTS},
    **{f"reports:{key}-export": row(POST=DIRECTORS) for key in REPORTS},
    # claims, holds, submissions
    "deductibles:claims": row(CLAIMS_READ, POST=CLAIMS_READ),
    "deductibles:claim_new": row(CLAIMS, POST=CLAIMS),
    "deductibles:claim": row(CLAIMS_READ),
    "deductibles:claim_edit": row(CLAIMS, POST=CLAIMS),
    "deductibles:claim_review": row(CLAIMS, POST=CLAIMS),
    "deductibles:claim_steps": row(POST=CLAIMS),
    "deductibles:holds": row(CLAIMS_READ, POST=CLAIMS_READ),
    "deductibles:holds_queue": row(POST=CLAIMS),
    "deductibles:holds_unqueue": row(POST=CLAIMS),
    "deductibles:holds_clear": row(POST=CLAIMS),
    "deductibles:holds_history": row(CLAIMS_READ),
    "deductibles:hold_act": row(CLAIMS_READ),
    "deductibles:hold_undo": row(POST=CLAIMS),
    "deductibles:help": row(NIGHTS_READ),
    "deductibles:worth_tests": row(NIGHTS_READ, POST=NIGHTS_READ),
    "deductibles:worth_test": row(NIGHTS_READ, POST=NIGHTS_READ),
    "deductibles:worth_test_file": row(POST=NIGHTS_READ),
    "deductibles:work": row(CLAIMS_READ),
    **{f"deductibles:{one.url_name}": row(CLAIMS_READ) for one in LISTS},
    "deductibles:work_aside": row(CLAIMS, POST=CLAIMS),
    "deductibles:submissions": row(CLAIMS_READ),
    "deductibles:submission": row(CLAIMS_READ),
    "deductibles:submission_steps": row(POST=CLAIMS),
    "deductibles:submission_file": row(CLAIMS_READ),
    "deductibles:arrivals": row(CLAIMS_READ),
    "deductibles:arrival_bring": row(POST=CLAIMS),
    "deductibles:arrival": row(CLAIMS_READ),
    "deductibles:arrival_file": row(CLAIMS_READ),
    "deductibles:worth": row(CLAIMS_READ),
    "deductibles:worth_file": row(POST=CLAIMS_READ),
    "deductibles:worth_claims": row(CLAIMS_READ),
    # what one was told
    # the supervisors' board; many tickets at once also from the list
    "triage:board": row(DIRECTORS),
    "triage:live": row(POST=DIRECTORS),
    "triage:preview": row(DIRECTORS),
    "triage:act": row(DIRECTORS, POST=DIRECTORS),
    "triage:bulk": row(POST=TICKETS),
    "inbox:list": row(TICKETS_READ),
    "inbox:count": row(TICKETS_READ),
    "inbox:read": row(POST=TICKETS_READ),
    "inbox:choices": row(TICKETS_READ, POST=TICKETS_READ),
    "inbox:people": row(TICKETS),
    "escalations:watch": row(POST=TICKETS_READ),
    # the guide
    "guide:page": row(ALL),
    "guide:unclear": row(POST=ALL),
    "guide:reports": row(SETTINGS, POST=SETTINGS),
    # settings and runs
    "policy:lists": row(SETTINGS, POST=SETTINGS),
    "policy:words": row(SETTINGS, POST=SETTINGS),
    "policy:overview": row(SETTINGS, POST=SETTINGS),
    "policy:type": row(SETTINGS, POST=SETTINGS),
    "policy:type_new": row(SETTINGS, POST=SETTINGS),
    "policy:question": row(SETTINGS, POST=SETTINGS),
    "policy:question_new": row(SETTINGS, POST=SETTINGS),
    "policy:rule": row(SETTINGS, POST=SETTINGS),
    "policy:rule_new": row(SETTINGS, POST=SETTINGS),
    "policy:general": row(SETTINGS, POST=SETTINGS),
    "policy:which": row(SETTINGS),
    "policy:fork": row(SETTINGS, POST=SETTINGS),
    "policy:fork_new": row(SETTINGS, POST=SETTINGS),
    "policy:publish": row(SETTINGS, POST=SETTINGS),
    "policy:import": row(SETTINGS, POST=SETTINGS),
    "policy:versions": row(SETTINGS),
    "policy:version": row(SETTINGS),
    "policy:file": row(SETTINGS),
    "policy:undo": row(SETTINGS, POST=SETTINGS),
    "calendars:calendar": row(SETTINGS, POST=SETTINGS),
    "calendars:undo": row(SETTINGS, POST=SETTINGS),
    "audit:list": row(SETTINGS, POST=SETTINGS),
    "audit:export": row(POST=SETTINGS),
    "audit:act": row(SETTINGS),
    "policy:bench": row(SETTINGS),
    "deductibles:bench": row(SETTINGS),
    "company": row(SETTINGS, POST=SETTINGS),
    "imports:list": row(PAYERS_READ),
    "imports:patients": row(IMPORTERS, POST=IMPORTERS),
    "imports:patients_template": row(IMPORTERS),
    "imports:patients_one": row(IMPORTERS, POST=IMPORTERS),
    "imports:patients_wrong": row(POST=IMPORTERS),
    "imports:payers": row(PAYERS, POST=PAYERS),
    "imports:payers_template": row(PAYERS),
    "imports:payers_one": row(PAYERS, POST=PAYERS),
    "imports:payers_wrong": row(POST=PAYERS),
    "people:list": row(SETTINGS),
    "people:new": row(SETTINGS, POST=SETTINGS),
    "people:person": row(SETTINGS, POST=SETTINGS),
    "people:act": row(POST=SETTINGS),
    "people:unlock": row(POST=SETTINGS),
    "teams:list": row(PLANNERS),
    "teams:new": row(PLANNERS, POST=PLANNERS),
    "teams:team": row(PLANNERS, POST=PLANNERS),
    "teams:remove": row(POST=PLANNERS),
    "teams:shifts": row(PLANNERS, POST=PLANNERS),
    "hooks:list": row(SETTINGS),
    "hooks:new": row(SETTINGS, POST=SETTINGS),
    "hooks:endpoint": row(SETTINGS),
    "hooks:edit": row(SETTINGS, POST=SETTINGS),
    "hooks:act": row(POST=SETTINGS),
    "hooks:delivery": row(SETTINGS),
    "hooks:replay": row(POST=SETTINGS),
    "deductibles:settings": row(SETTINGS, POST=SETTINGS),
    "deductibles:worth_rates": row(SETTINGS, POST=SETTINGS),
    "deductibles:provider": row(SETTINGS, POST=SETTINGS),
    "deductibles:sending": row(SETTINGS, POST=SETTINGS),
    "deductibles:connections": row(SETTINGS),
    "deductibles:connection_arboost": row(SETTINGS, POST=SETTINGS),
    "deductibles:connection_clearinghouse": row(SETTINGS, POST=SETTINGS),
    "deductibles:runs": row(NIGHTS_READ, POST=NIGHTS),
    "deductibles:run": row(NIGHTS_READ),
    # the API
    "api-patients": row(PATIENTS, POST=PATIENTS),
    "api-patient": row(PATIENTS, PATCH=PATIENTS),
    "api-payers": row(PAYERS_READ, POST=PAYERS),
    "api-payer": row(PAYERS_READ, PATCH=PAYERS),
    "api-turnaround-preview": row(POST=ALL),
    "api-escalation-types": row(ALL),
    "api-escalations": row(TICKETS_READ, POST=TICKETS),
    "api-escalation-advice": row(POST=TICKETS),
    "api-escalation": row(TICKETS_READ),
    "api-escalation-ledger": row(TICKETS_READ),
    "api-escalation-events": row(TICKETS_READ),
    "api-escalation-links": row(TICKETS_READ, POST=TICKETS),
    "api-escalation-link": row(DELETE=TICKETS),
    "api-escalation-steps": row(POST=TICKETS),
    "api-escalations-bulk": row(POST=TICKETS),
    "api-escalation-attachments": row(POST=TICKETS),
    "api-attachments": row(POST=TICKETS),
    "api-attachment": row(TICKETS_READ),
    "api-notifications": row(TICKETS_READ),
    "api-notifications-read": row(POST=TICKETS_READ),
    "api-benefit-readings": row(POST=CLAIMS_READ),
    "api-claims": row(CLAIMS_READ, POST=CLAIMS),
    "api-claim": row(CLAIMS_READ, PATCH=CLAIMS),
    "api-claim-steps": row(POST=CLAIMS),
    "api-claim-eligibility": row(POST=CLAIMS),
    "api-claim-find-insurance": row(POST=CLAIMS),
    "api-claim-audit": row(CLAIMS_READ),
    "api-holds": row(CLAIMS_READ),
    "api-holds-queue": row(POST=CLAIMS),
    "api-holds-unqueue": row(POST=CLAIMS),
    "api-holds-clear": row(POST=CLAIMS),
    "api-holding-ledger": row(CLAIMS_READ),
    "api-holding-ledger-summary": row(CLAIMS_READ),
    "api-deductible-settings": row(SETTINGS, PUT=SETTINGS),
    "api-deductible-settings-preview": row(POST=SETTINGS),
    "api-billing-provider": row(SETTINGS, PUT=SETTINGS),
    "api-back-tests": row(NIGHTS_READ, POST=NIGHTS_READ),
    "api-back-test": row(NIGHTS_READ),
    "api-back-test-steps": row(POST=NIGHTS_READ),
    "api-nightly-runs": row(NIGHTS_READ, POST=NIGHTS),
    "api-nightly-run": row(NIGHTS_READ),
    "api-submissions": row(CLAIMS_READ),
    "api-acknowledgements": row(CLAIMS_READ, POST=CLAIMS),
    "api-submission-steps": row(POST=CLAIMS),
    "api-submission-file": row(CLAIMS_READ),
    "api_not_here": row(ALL, POST=ALL, PUT=ALL, PATCH=ALL, DELETE=ALL),
}

PUBLIC = {
    "livez",
    "readyz",
    "metrics",
    "accounts:preferences",
    "accounts:session",
    "account_login",
    "accounts:key_sign_in",
    "mfa_login_webauthn",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
"""Answered without signing in: health, the theme, signing in, a forgotten password; sign-up says closed."""

OWN_ACCOUNT = {
    "account_logout",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_confirm_login_code",
    "accounts:keys",
    "accounts:key_add",
    "accounts:key_again",
    "accounts:key_name",
    "accounts:key_remove",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
"""One's own sign-in, the same for every role: behind the login wall, by django-allauth."""
