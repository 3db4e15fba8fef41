from django.urls import path

from patients import api

urlpatterns = [
    path("patients/", api.PatientList.as_view(), name="api-patients"),
    path("patients/<str:key>/", api.PatientDetail.as_view(), name="api-patient"),
    path("payers/", api.PayerList.as_view(), name="api-payers"),
    path("payers/<str:key>/", api.PayerDetail.as_view(), name="api-payer"),
]
