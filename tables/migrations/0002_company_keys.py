"""Every reference between company-owned tables names the company too."""

from django.db import migrations

from accounts.company_keys import company_key

KEYS = [
    ("tables_savedview", "owner_id", "accounts_user"),
    ("tables_columnchoice", "user_id", "accounts_user"),
    ("tables_columnchoice", "opens_with_id", "tables_savedview"),
    ("tables_export", "by_id", "accounts_user"),
]


class Migration(migrations.Migration):
    dependencies = [("tables", "0001_initial")]

    operations = [company_key(*key) for key in KEYS]
