from django.db import migrations

from accounts.company_keys import company_key


class Migration(migrations.Migration):
    dependencies = [("escalations", "0001_initial")]

    operations = [
        company_key("escalations_policyversion", "created_by_id", "accounts_user"),
        company_key("escalations_calendarversion", "created_by_id", "accounts_user"),
        company_key("escalations_ticket", "patient_id", "patients_patient"),
        company_key("escalations_ticket", "filed_by_id", "accounts_user"),
        company_key("escalations_ticket", "assignee_id", "accounts_user"),
        company_key("escalations_ticket", "policy_version_id", "escalations_policyversion"),
        company_key("escalations_ticket", "calendar_version_id", "escalations_calendarversion"),
        company_key("escalations_ticketcycle", "ticket_id", "escalations_ticket"),
        company_key("escalations_pause", "ticket_id", "escalations_ticket"),
        company_key("escalations_ticketevent", "ticket_id", "escalations_ticket"),
        company_key("escalations_ticketevent", "by_id", "accounts_user"),
        company_key("escalations_deflection", "patient_id", "patients_patient"),
        company_key("escalations_deflection", "by_id", "accounts_user"),
        company_key("escalations_deflection", "policy_version_id", "escalations_policyversion"),
    ]
