from django.db import migrations

from accounts.company_keys import company_key


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_teams")]

    operations = [
        company_key("accounts_team", "lead_id", "accounts_user"),
        company_key("accounts_user", "team_id", "accounts_team"),
        company_key("accounts_shift", "user_id", "accounts_user"),
    ]
