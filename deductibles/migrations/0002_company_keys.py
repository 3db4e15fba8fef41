"""Every reference between company-owned tables names the company too (trust.md, second wall)."""

from django.db import migrations

from accounts.company_keys import company_key

KEYS = [
    ("deductibles_claim", "patient_id", "patients_patient"),
    ("deductibles_claim", "provider_id", "deductibles_billingprovider"),
    ("deductibles_coverage", "claim_id", "deductibles_claim"),
    ("deductibles_coverage", "payer_id", "patients_payer"),
    ("deductibles_charge", "claim_id", "deductibles_claim"),
    ("deductibles_snapshot", "claim_id", "deductibles_claim"),
    ("deductibles_snapshot", "coverage_id", "deductibles_coverage"),
    ("deductibles_hold", "claim_id", "deductibles_claim"),
    ("deductibles_hold", "coverage_id", "deductibles_coverage"),
    ("deductibles_hold", "payer_id", "patients_payer"),
    ("deductibles_hold", "snapshot_id", "deductibles_snapshot"),
    ("deductibles_hold", "settings_id", "deductibles_deductiblesettings"),
    ("deductibles_question", "hold_id", "deductibles_hold"),
    ("deductibles_question", "run_id", "work_run"),
    ("deductibles_submission", "run_id", "work_run"),
    ("deductibles_submissionfile", "submission_id", "deductibles_submission"),
    ("deductibles_submissionitem", "submission_id", "deductibles_submission"),
    ("deductibles_submissionitem", "claim_id", "deductibles_claim"),
]


class Migration(migrations.Migration):
    dependencies = [("deductibles", "0001_initial")]

    operations = [company_key(*key) for key in KEYS]
