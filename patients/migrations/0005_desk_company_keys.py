from django.db import migrations

from accounts.company_keys import company_key


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_desk")]

    operations = [
        company_key("patients_patientmark", "patient_id", "patients_patient"),
        company_key("patients_patientmark", "set_by_id", "accounts_user"),
        company_key("patients_patientmark", "lifted_by_id", "accounts_user"),
    ]
