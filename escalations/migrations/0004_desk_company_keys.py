from django.db import migrations

from accounts.company_keys import company_key


class Migration(migrations.Migration):
    dependencies = [("escalations", "0003_desk")]

    operations = [
        company_key("escalations_ticketlink", "ticket_id", "escalations_ticket"),
        company_key("escalations_ticketlink", "other_id", "escalations_ticket"),
        company_key("escalations_ticketlink", "by_id", "accounts_user"),
        company_key("escalations_waiver", "ticket_id", "escalations_ticket"),
        company_key("escalations_waiver", "by_id", "accounts_user"),
        company_key("escalations_filingdraft", "user_id", "accounts_user"),
        company_key("escalations_filingdraft", "ticket_id", "escalations_ticket"),
        company_key("escalations_livetransfer", "patient_id", "patients_patient"),
        company_key("escalations_livetransfer", "by_id", "accounts_user"),
        company_key("escalations_unclearreport", "by_id", "accounts_user"),
        company_key("escalations_unclearreport", "settled_by_id", "accounts_user"),
        company_key("escalations_unclearreport", "policy_version_id", "escalations_policyversion"),
        company_key("escalations_attachment", "ticket_id", "escalations_ticket"),
        company_key("escalations_attachment", "uploaded_by_id", "accounts_user"),
        company_key("escalations_attachmentcontent", "attachment_id", "escalations_attachment"),
    ]
