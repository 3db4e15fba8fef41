from django.db import migrations

from accounts.company_keys import company_key


class Migration(migrations.Migration):
    dependencies = [("escalations", "0006_watch"), ("accounts", "0005_team_company_keys")]

    operations = [
        company_key("escalations_ticket", "merged_into_id", "escalations_ticket"),
        company_key("escalations_breach", "ticket_id", "escalations_ticket"),
        company_key("escalations_breach", "assignee_id", "accounts_user"),
        company_key("escalations_breach", "told_by_id", "accounts_user"),
        company_key("escalations_alert", "ticket_id", "escalations_ticket"),
        company_key("escalations_alert", "acknowledged_by_id", "accounts_user"),
        company_key("escalations_proposal", "ticket_id", "escalations_ticket"),
        company_key("escalations_proposal", "decided_by_id", "accounts_user"),
        company_key("escalations_watcher", "ticket_id", "escalations_ticket"),
        company_key("escalations_watcher", "user_id", "accounts_user"),
        company_key("escalations_callattempt", "ticket_id", "escalations_ticket"),
        company_key("escalations_callattempt", "by_id", "accounts_user"),
        company_key("escalations_reclocking", "calendar_id", "escalations_calendarversion"),
        company_key("escalations_reclocking", "policy_id", "escalations_policyversion"),
        company_key("escalations_reclocking", "by_id", "accounts_user"),
        company_key("escalations_reclocking", "undoes_id", "escalations_reclocking"),
        company_key("escalations_notification", "recipient_id", "accounts_user"),
        company_key("escalations_notification", "ticket_id", "escalations_ticket"),
        company_key("escalations_noticechoice", "user_id", "accounts_user"),
        company_key("escalations_digest", "user_id", "accounts_user"),
    ]
